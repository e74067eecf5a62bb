"""The demonstration: `python -m demonstration [folder]`. Invented applicants of a county and a city, read from workbooks, settled, written out.

Everything it shows goes the ordinary way: tables → facts → settlement → result workbook. Deterministic: no clock, a fixed seed.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

from duixian.award.record import Line
from duixian.policy.model import Policy
from duixian.programme import Programme, Result
from duixian.report import notice_lines, settlement_lines
from duixian.tables.read import read_tables
from duixian.tables.write import write_json, write_notice, write_parquet, write_result
from duixian.tables.write_facts import write_facts
from duixian.values.diagnostic import Defects, Diagnostic, pad
from duixian.values.money import yuan_text

from . import policies_folder
from .jinyun import make_jinyun
from .maker import LABEL, Maker
from .mistakes import write_mistakes
from .zibo import make_zibo

Make = Callable[[Policy, int], Maker]
PLACES: tuple[tuple[str, str, int, Make], ...] = (("缙云", "jinyun-2025", 2025, make_jinyun), ("淄博", "zibo-2022", 2024, make_zibo))
_LARGEST, _DEFECTS = 5, 10


def main(arguments: list[str] | None = None) -> int:
    """Write the demonstration into out/ of the current folder (or the folder given) and print what came of it."""
    given = sys.argv[1:] if arguments is None else arguments
    out = Path(given[0] if given else "out")
    try:
        out.mkdir(parents=True, exist_ok=True)
        for name, folder, year, make in PLACES:
            print("\n".join(show(name, folder, year, make, out)), end="\n\n")
        print("\n".join(show_mistakes(out)))
    except Defects as stop:
        print(stop, file=sys.stderr)
        return 1
    except OSError as error:
        print(f"写不进 {out}：{error}", file=sys.stderr)
        return 1
    return 0


def show(name: str, folder: str, year: int, make: Make, out: Path) -> list[str]:
    """One place: make up facts, write them, read them back, settle, write the result; the summary as lines."""
    programme = Programme.load(policies_folder() / folder)
    stem = f"演示-{name}-{year}"
    data, template, result_path = (out / f"{stem}-{what}.xlsx" for what in ("数据", "模板", "结算"))
    made = make(programme.policy, year)
    programme.template(year, template)
    write_facts(made.facts, made.ledger, programme.policy, year, data, label=LABEL)
    result = programme.settle(year, data)
    write_result(result, result_path, inputs=result.inputs, facts=result.facts, explanations=result.explanations(), label=LABEL)
    write_notice(result, out / f"{stem}-公示.xlsx", facts=result.facts, label=LABEL)
    write_json(result, out / f"{stem}-结算.json", inputs=result.inputs)
    write_parquet(result, out / f"{stem}-结算.parquet")
    files = f"文件：{data}、{template}、{result_path}（另有 公示.xlsx、结算.json、结算.parquet）"
    return [*summary(name, result), *largest(result), "", files]


def summary(name: str, result: Result) -> list[str]:
    """What went in and what came out, by clause."""
    rows = sum(item.rows for item in result.inputs)
    standards = result.standards.status or "没有"
    return [
        f"== {name}　{LABEL}",
        f"读入 {rows} 行，历史 {len(result.ledger)} 笔，年度标准：{standards}，结算 {len(result.lines)} 笔",
        "",
        *settlement_lines(result),
        "",
        *notice_lines(result.notices),
    ]


def largest(result: Result) -> list[str]:
    """The largest awards, each with one line of why."""
    lines = ["", f"最大的 {_LARGEST} 笔："]
    for line in sorted(result.lines, key=lambda line: (-line.payable_fen, line.claim.id))[:_LARGEST]:
        lines.append(f"  {pad(yuan_text(line.payable_fen), 10)}{line.claim.recipient_name}　{line.claim.award}")
        lines.append(f"  {'':10}{why(result, line)}")
    return lines


def why(result: Result, line: Line) -> str:
    """One line of why: the clause, the tier, the formula with the figures in it, what the waterfall changed."""
    formula = [text.strip() for text in result.explainer().explain(line) if text.strip().startswith("＝")]
    return "；".join(text for text in (line.claim.clause, result.explainer().short(line), *formula[:1]) if text)


def show_mistakes(out: Path) -> list[str]:
    """The workbook of mistakes, and what is said about it."""
    policy = Programme.load(policies_folder() / "jinyun-2025").policy
    path = out / "演示-缙云-2025-常见错误.xlsx"
    write_mistakes(policy, 2025, path)
    found = refused(path, policy)
    head = f"== 常见错误　{path}：共 {len(found)} 处，一次全部指出，一行也没有导入。前 {_DEFECTS} 处："
    return [head, *("  " + item.render().replace("\n", "\n  ") for item in found[:_DEFECTS])]


def refused(path: Path, policy: Policy) -> list[Diagnostic]:
    """What the reader says about a workbook that it must refuse."""
    try:
        read_tables([path], policy, 2025)
    except Defects as stop:
        return stop.diagnostics
    raise AssertionError("the workbook of mistakes must be refused")


if __name__ == "__main__":
    sys.exit(main())
