"""The demonstration: `python -m duixian.demo`. Invented applicants of a county and a city, read from workbooks, settled, written out, summed up.

Everything it shows goes the ordinary way: tables → facts → settlement → result workbook. Deterministic: no clock, a fixed seed.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

from . import pipeline
from .award.record import STAGES, Line
from .demonstration.jinyun import make_jinyun
from .demonstration.maker import LABEL, Maker
from .demonstration.mistakes import write_mistakes
from .demonstration.zibo import make_zibo
from .policy.load import load_policy
from .policy.model import Policy
from .policy.standards import Standards, load_standards
from .tables.read import Tables, read_tables
from .tables.result import clause_sums, total_text
from .tables.template import write_template
from .tables.write import write_json, write_notice, write_parquet, write_result
from .tables.write_facts import write_facts
from .values.diagnostic import Defects, Diagnostic, display_width, pad
from .values.money import decimal_text, yuan_text
from .values.terms import Outcome

Make = Callable[[Policy, int], Maker]
PLACES: tuple[tuple[str, str, int, Make], ...] = (("缙云", "jinyun-2025", 2025, make_jinyun), ("淄博", "zibo-2022", 2024, make_zibo))
_LARGEST, _DEFECTS = 5, 10


def main(arguments: list[str] | None = None) -> int:
    """Write the demonstration into out/ of the current folder and print what came of it."""
    given = sys.argv[1:] if arguments is None else arguments
    out = Path(given[0] if given else "out")
    try:
        out.mkdir(parents=True, exist_ok=True)
        for name, folder, year, make in PLACES:
            show(name, folder, year, make, out)
        show_mistakes(out)
    except Defects as stop:
        print(stop, file=sys.stderr)
        return 1
    except OSError as error:
        print(f"写不进 {out}：{error}", file=sys.stderr)
        return 1
    return 0


def policies_folder() -> Path:
    """policies/ of this checkout, or of the current folder."""
    beside = Path(__file__).resolve().parents[2] / "policies"
    return beside if beside.is_dir() else Path("policies")


def show(name: str, folder: str, year: int, make: Make, out: Path) -> pipeline.Settlement:
    """One place: make up facts, write them, read them back, settle, write the result, print the summary."""
    policy, defects = load_policy(policies_folder() / folder)
    stop_at_errors(defects)
    standards = load_standards(policies_folder() / folder / f"standards-{year}.md", policy, year, defects)
    stop_at_errors(defects)
    stem = f"演示-{name}-{year}"
    data, template = out / f"{stem}-数据.xlsx", out / f"{stem}-模板.xlsx"
    made = make(policy, year)
    write_template(policy, year, template)
    write_facts(made.facts, made.ledger, policy, year, data, label=LABEL)
    tables = read_tables([data], policy, year)
    settlement = pipeline.settle(policy, year, tables.facts, tables.ledger, standards)
    result = out / f"{stem}-结算.xlsx"
    explanations = {(line.claim.award, line.claim.key): [why(line)] for line in settlement.lines}
    write_result(settlement, result, inputs=tables.inputs, facts=tables.facts, explanations=explanations, label=LABEL)
    write_notice(settlement, out / f"{stem}-公示.xlsx", facts=tables.facts, label=LABEL)
    write_json(settlement, out / f"{stem}-结算.json", inputs=tables.inputs)
    write_parquet(settlement, out / f"{stem}-结算.parquet")
    print_summary(name, policy, tables, settlement, standards)
    print("\n文件：" + "、".join(str(path) for path in (data, template, result)) + "（另有 公示.xlsx、.json、.parquet）\n")
    return settlement


def stop_at_errors(defects: list[Diagnostic]) -> None:
    if any(item.is_error for item in defects):
        raise Defects(defects)


def why(line: Line) -> str:
    """One line of why an amount is what it is."""
    claim = line.claim
    parts = [f"第{claim.clause}条" if claim.clause else claim.award]
    if tier := re.sub(r"(^|，)【[^】]*】", "", claim.tier):
        parts.append(f"达到“{tier}”一档")
    if claim.amount is not None:
        parts.append(f"算得 {decimal_text(Fraction(claim.amount) / 100)}元")
    parts += [f"{stage} {yuan_text(line.amounts.get(stage) or 0)}（{line.reasons[stage]}）" for stage in STAGES[1:] if line.reasons.get(stage)]
    if claim.failed:
        parts.append("；".join(claim.failed))
    if line.outcome is Outcome.NEEDS_DATA:
        parts.append("缺 " + "、".join(sorted({item.text for item in line.missing})))
    return "，".join(parts) + f" → {line.outcome.value}" + (f" {yuan_text(line.payable_fen)}" if line.payable_fen else "")


def print_summary(name: str, policy: Policy, tables: Tables, settlement: pipeline.Settlement, standards: Standards) -> None:
    """Aligned sums by clause, how claims ended, the totals, the five largest awards."""
    rows = sum(item.rows for item in tables.inputs)
    print(f"== {name} {settlement.year} 年度  {policy.title}")
    print(f"   {LABEL}")
    print(f"   读入 {rows} 行，历史 {len(tables.ledger)} 笔，年度标准：{standards.status or '没有'}；结算 {len(settlement.lines)} 笔")
    for text in settlement.notices:
        print(f"   ！{text}")
    shown = [outcome for outcome in Outcome if any(line.outcome is outcome for line in settlement.lines)]
    head = ["条款", "奖补", *(outcome.value for outcome in shown), "应付（元）", "含暂估（元）"]
    body = [[item.clause, item.award, *(str(item.outcomes.get(outcome, "")) for outcome in shown), money(item.payable_fen), money(item.estimate_fen)] for item in clause_sums(settlement)]
    counts = Counter(line.outcome for line in settlement.lines)
    sums = clause_sums(settlement)
    body.append(["", "合计", *(str(counts[outcome]) for outcome in shown), money(settlement.payable_fen), money(sum(item.estimate_fen for item in sums))])
    print_table([head, *body], right=2)
    for total in settlement.totals:
        print(f"   {total.name}：额度 {total_text(total.amount_fen)}，申报 {total_text(total.claimed_fen)}，核给 {total_text(total.granted_fen)}，{total.method}")
    print(f"   最大的 {_LARGEST} 笔：")
    for line in sorted(settlement.lines, key=lambda line: (-line.payable_fen, line.claim.id))[:_LARGEST]:
        print(f"     {pad(money(line.payable_fen), 14)}{line.claim.award}  {line.claim.recipient_name}")
        print(f"     {'':14}{why(line)}")


def print_table(rows: list[list[str]], *, right: int) -> None:
    """Rows in aligned columns; from column `right` on to the right."""
    widths = [max(display_width(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        cells = [pad(cell, width) if column < right else " " * (width - display_width(cell)) + cell for column, (cell, width) in enumerate(zip(row, widths, strict=True))]
        print("   " + "  ".join(cells).rstrip())


def money(fen: int) -> str:
    """分 as 元 with separators; nothing for nothing."""
    return f"{fen // 100:,}.{fen % 100:02d}" if fen else "—"


def show_mistakes(out: Path) -> list[Diagnostic]:
    """The workbook of mistakes, and what is said about it."""
    policy, _ = load_policy(policies_folder() / "jinyun-2025")
    path = out / "演示-缙云-2025-常见错误.xlsx"
    write_mistakes(policy, 2025, path)
    try:
        read_tables([path], policy, 2025)
    except Defects as stop:
        print(f"== 常见错误：{path}\n   共 {len(stop.diagnostics)} 处，一次全部指出，一行也没有导入。前 {_DEFECTS} 处：")
        for item in stop.diagnostics[:_DEFECTS]:
            print("   " + item.render().replace("\n", "\n   "))
        return stop.diagnostics
    raise AssertionError("the workbook of mistakes must be refused")


if __name__ == "__main__":
    sys.exit(main())
