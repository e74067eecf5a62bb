"""A settlement → a workbook for people, JSON and Parquet for machines. The same settlement always gives the same bytes."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..award.record import STAGES, Line
from ..values.facts import Facts
from ..values.money import decimal_text
from ..values.terms import Outcome
from .book import Book, fit, put, width_of, yuan
from .notice import notice_rows
from .read import Input
from .result import (
    adopted_standards,
    amount_of,
    clause_sums,
    note_lines,
    readings_used,
    reason_text,
    sorted_missing,
    to_dict,
    waiting_list,
)
from .store import write_atomically

if TYPE_CHECKING:
    from ..pipeline import Settlement

Explanations = Mapping[tuple[str, str], Sequence[str]]
LINE_COLUMNS = (
    "条款",
    "奖补",
    "对象类型",
    "对象",
    "受益人",
    "受益人名称",
    "结果",
    "档",
    *(f"{stage}（元）" for stage in STAGES),
    "各步原因",
    "追回（元）",
    "提示",
    "待补充",
)
_MOST_NAMED = 5  # objects named beside one missing thing


def write_result(
    settlement: Settlement, path: str | Path, *, inputs: Sequence[Input], facts: Facts, explanations: Explanations | None = None, label: str = ""
) -> None:
    """Write the result workbook. `facts` says who of the payees is a person (公示); `label` is shown first (演示数据)."""
    write_atomically(path, result_bytes(settlement, inputs=inputs, facts=facts, explanations=explanations, label=label))


def result_bytes(
    settlement: Settlement, *, inputs: Sequence[Input], facts: Facts, explanations: Explanations | None = None, label: str = ""
) -> bytes:
    """The result workbook as bytes: 汇总 奖补明细 解释 待补充 公示 口径与依据."""
    book = Book(f"{settlement.policy.title} {settlement.year}年度结算")
    notices = [text for text in (label, *settlement.notices) if text]
    _summary(book, settlement, notices)
    _lines(book, settlement)
    _explanations(book, settlement, explanations or {})
    _waiting(book, settlement)
    _notice(book, settlement, facts, notices)
    _grounds(book, settlement, inputs)
    return book.finish()


def _table(book: Book, name: str, head: Sequence[str], rows: Sequence[Sequence[Any]], *, above: Sequence[str] = (), most: int = 46) -> Any:
    """A sheet with an optional text above, a header and rows. Decimals are shown as money."""
    page = book.sheet(name)
    strong, warn = book.style(bold=True, bottom=1, bg_color="#DDEBF7", text_wrap=True), book.style(bold=True, font_color="#C00000")
    money, text = book.style(num_format="#,##0.00##"), book.style(text_wrap=True)
    for number, line in enumerate(above):
        put(page, number, 0, line, warn)
    top = len(above)
    widths = [width_of(title) for title in head]
    for position, title in enumerate(head):
        put(page, top, position, title, strong)
    for number, row in enumerate(rows, top + 1):
        for position, value in enumerate(row):
            if value is not None and value != "":
                put(page, number, position, value, money if isinstance(value, Decimal) else text)
                if widths[position] < most and (not isinstance(value, str) or 2 * len(value) > widths[position]):  # no text is wider than two columns a character
                    widths[position] = max(widths[position], width_of(value))
    fit(page, widths, most=most)
    page.freeze_panes(top + 1, 0)
    return page


def _summary(book: Book, settlement: Settlement, notices: list[str]) -> None:
    outcomes = list(Outcome)
    page = book.sheet("汇总")
    strong, warn = book.style(bold=True, bottom=1, bg_color="#DDEBF7"), book.style(bold=True, font_color="#C00000")
    money, bold, bold_money = book.style(num_format="#,##0.00"), book.style(bold=True), book.style(bold=True, num_format="#,##0.00")
    row = 0

    def line(values: Sequence[Any], style: Any = None) -> None:
        nonlocal row
        for position, value in enumerate(values):
            if value is not None:
                put(page, row, position, value, style or (money if isinstance(value, Decimal) else None))
        row += 1

    line((settlement.policy.title,), bold)
    line(("政策", settlement.policy.id, "发文", settlement.policy.issuer, "年度", str(settlement.year)))
    for text in notices:
        line((text,), warn)
    row += 1
    line(("条款", "奖补", *(outcome.value for outcome in outcomes), "合计笔数", "应付（元）", "含暂估（元）"), strong)
    sums = clause_sums(settlement)
    for item in sums:
        counts = [item.outcomes.get(outcome, 0) for outcome in outcomes]
        line((item.clause, item.award, *(count or None for count in counts), sum(counts), yuan(item.payable_fen), yuan(item.estimate_fen)))
    counts = [sum(item.outcomes.get(outcome, 0) for item in sums) for outcome in outcomes]
    put(page, row, 0, "合计", bold)
    for position, value in enumerate((*counts, sum(counts)), 2):
        put(page, row, position, value, bold)
    put(page, row, len(outcomes) + 3, yuan(sum(item.payable_fen for item in sums)), bold_money)
    put(page, row, len(outcomes) + 4, yuan(sum(item.estimate_fen for item in sums)), bold_money)
    row += 2
    if settlement.totals:
        line(("总额", "条款", "范围", "额度（元）", "已用（元）", "申报合计（元）", "核给（元）", "办法", "待补充笔数"), strong)
        for total in settlement.totals:
            amount = "未定" if total.amount_fen is None else yuan(total.amount_fen)
            line(
                (
                    total.name,
                    total.clause,
                    "、".join(total.key) or "全部",
                    amount,
                    yuan(total.spent_fen),
                    yuan(total.claimed_fen),
                    yuan(total.granted_fen),
                    total.method,
                    total.waiting,
                )
            )
        row += 1
    line(("口径", "选择", "出处"), strong)
    for reading in readings_used(settlement):
        line((reading["口径"], reading["选择"], reading["出处"]))
    row += 1
    line(("年度标准", "档", "本年标准"), strong)
    for standard in adopted_standards(settlement):
        line((standard["项目"], standard["档"], standard["本年标准"]))
    page.set_column(0, 0, 22)
    page.set_column(1, 1, 26)
    page.set_column(2, len(outcomes) + 4, 14)


def line_row(line: Line) -> list[Any]:
    """One line as a row of 奖补明细. Amounts in 元, exact; a fraction of 分 shown to six places of 元."""
    claim = line.claim
    return [
        claim.clause, claim.award, claim.kind, claim.key, claim.recipient, claim.recipient_name, line.outcome.value, claim.tier,
        *(_yuan_or_none(line.amounts.get(stage)) for stage in STAGES), reason_text(line),
        yuan(line.claw_back_fen) if line.claw_back_fen else None, "；".join(note_lines(line)), missing_text(line),
    ]  # fmt: skip


def missing_text(line: Line) -> str:
    """What a line that waits is waiting for, and for whom."""
    return "；".join(f"{item.waits.value}：{item.text}" for item in sorted_missing(line.missing)) if line.outcome is Outcome.NEEDS_DATA else ""


def _yuan_or_none(value: Any) -> Decimal | None:
    return None if value is None else Decimal(decimal_text(Fraction(value) / 100, 2 if Fraction(value).denominator == 1 else 6))


def _lines(book: Book, settlement: Settlement) -> None:
    page = _table(book, "奖补明细", LINE_COLUMNS, [line_row(line) for line in settlement.lines])
    if settlement.lines:
        page.autofilter(0, 0, len(settlement.lines), len(LINE_COLUMNS) - 1)


def _explanations(book: Book, settlement: Settlement, explanations: Explanations) -> None:
    rows = []
    for line in settlement.lines:
        for text in explanations.get((line.claim.award, line.claim.key), ()):
            rows.append((line.claim.award, line.claim.key, line.claim.recipient_name, text))
    _table(book, "解释", ("奖补", "对象", "受益人名称", "说明"), rows, most=110)


def _waiting(book: Book, settlement: Settlement) -> None:
    rows = []
    for item in waiting_list(settlement):
        named = "；".join(f"{award} {name or key}" for award, key, name in item.claims[:_MOST_NAMED])
        rows.append((item.waits.value, item.what, item.where, len(item.claims), named + (f" 等 {len(item.claims)} 笔" if len(item.claims) > _MOST_NAMED else "")))
    _table(book, "待补充", ("等谁", "缺什么", "填在哪里", "涉及笔数", "涉及"), rows, most=80)


def _notice(book: Book, settlement: Settlement, facts: Facts, notices: list[str]) -> None:
    rows: list[Sequence[Any]] = [
        (number, row.recipient, row.clause, row.award, yuan(row.amount_fen)) for number, row in enumerate(notice_rows(settlement, facts), 1)
    ]
    rows.append(("合计", "", "", "", yuan(settlement.payable_fen)))
    _table(book, "公示", ("序号", "受益人", "条款", "奖补", "金额（元）"), rows, above=notices)


def write_notice(settlement: Settlement, path: str | Path, *, facts: Facts, label: str = "") -> None:
    """The public notice alone: the file that may leave the office. The result workbook holds codes and stays in."""
    book = Book(f"{settlement.policy.title} {settlement.year}年度公示")
    _notice(book, settlement, facts, [text for text in (label, *settlement.notices) if text])
    write_atomically(path, book.finish())


def _grounds(book: Book, settlement: Settlement, inputs: Sequence[Input]) -> None:
    standards = settlement.standards
    rows: list[Sequence[Any]] = [
        ("政策", settlement.policy.id, settlement.policy.title),
        ("政策校验值", f"sha256:{settlement.policy.digest}", "政策、原文、词汇合在一起"),
        ("原文校验值", settlement.policy.source.sha256, settlement.policy.source.file),
        ("年度", str(settlement.year), settlement.ground.year_rule),
        (
            "年度标准",
            f"sha256:{standards.digest}" if standards.digest else "没有",
            "；".join(text for text in (standards.status, standards.basis) if text),
        ),
        ("舍入", settlement.ground.rounding, ""),
        ("计入历史", "、".join(settlement.ground.history), ""),
    ]
    rows += [("数据", f"sha256:{item.sha256}", f"{item.file}：{'、'.join(item.sheets)}，共 {item.rows} 行") for item in inputs]
    rows += [("口径", f"{item['口径']}＝{item['选择']}", f"{item['问题']}{item['出处']}。{item['理由']}") for item in readings_used(settlement)]
    rows += [("本年标准", item["项目"] + (f"（{item['档']}）" if item["档"] else ""), item["本年标准"]) for item in adopted_standards(settlement)]
    _table(book, "口径与依据", ("项目", "内容", "说明"), rows, most=90)


# --- for machines ------------------------------------------------------------------------------------------------------------------------


def write_json(settlement: Settlement, path: str | Path, *, inputs: Sequence[Input]) -> None:
    """The whole settlement as JSON, amounts in 分 (a fraction of 分 as text)."""
    text = json.dumps(to_dict(settlement, inputs), ensure_ascii=False, indent=1)
    write_atomically(path, (text + "\n").encode())


def write_parquet(settlement: Settlement, path: str | Path) -> None:
    """The lines as Parquet: one row an award and object; whole 分 as int64, the exact 计算额 beside it as text."""
    import pyarrow as arrow
    import pyarrow.parquet as parquet

    lines = settlement.lines
    texts = {
        "award": [line.claim.award for line in lines], "clause": [line.claim.clause for line in lines], "kind": [line.claim.kind for line in lines],
        "object": [line.claim.key for line in lines], "recipient": [line.claim.recipient for line in lines],
        "recipient_name": [line.claim.recipient_name for line in lines], "outcome": [line.outcome.value for line in lines],
        "tier": [line.claim.tier for line in lines], "reasons": [reason_text(line) for line in lines],
        "missing": [missing_text(line) for line in lines],
        "计算额_exact": [None if line.amounts.get("计算额") is None else str(amount_of(line.amounts["计算额"])) for line in lines],
    }  # fmt: skip
    amounts = {f"{stage}_fen": [_whole(line.amounts.get(stage)) for line in lines] for stage in STAGES}
    table = arrow.table(
        {name: arrow.array(values, arrow.string()) for name, values in texts.items()}
        | {"year": arrow.array([line.claim.year for line in lines], arrow.int32())}
        | {name: arrow.array(values, arrow.int64()) for name, values in amounts.items()}
        | {"claw_back_fen": arrow.array([line.claw_back_fen for line in lines], arrow.int64())}
    )
    sink = io.BytesIO()
    parquet.write_table(table, sink)
    write_atomically(path, sink.getvalue())


def _whole(value: Any) -> int | None:
    """Whole 分; null where the exact amount is a fraction of 分."""
    found = amount_of(value)
    return found if isinstance(found, int) else None


def write_csv(settlement: Settlement, path: str | Path) -> None:
    """奖补明细 as CSV (UTF-8 with mark). A text a spreadsheet would take for a formula gets an apostrophe in front."""
    stream = io.StringIO(newline="")
    writer = csv.writer(stream)
    writer.writerow(LINE_COLUMNS)
    for line in settlement.lines:
        writer.writerow([f"{value:f}" if isinstance(value, Decimal) else harmless("" if value is None else str(value)) for value in line_row(line)])
    write_atomically(path, stream.getvalue().encode("utf-8-sig"))


def harmless(text: str) -> str:
    """The text, unable to act as a formula when a spreadsheet opens it."""
    return "'" + text if text.startswith(("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")) else text
