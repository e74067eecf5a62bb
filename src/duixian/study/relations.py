"""A settlement as Arrow tables: 行 one row an award and object, 总额 one row a total and pot."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from typing import Any

from ..award.record import Line
from ..award.totals import TotalResult

_STAGES = ("舍入后", "补差后", "封顶后", "名额后", "就高后", "核减后", "应付")


def line_table(lines: list[Line]) -> Any:
    """行, from lines of a settlement."""
    import pyarrow as arrow

    claims = [line.claim for line in lines]
    exact = [None if line.amounts.get("计算额") is None else Fraction(line.amounts["计算额"]) for line in lines]
    huge, text = arrow.decimal128(38, 0), arrow.string()
    columns: dict[str, Any] = {
        "奖补": arrow.array([claim.award for claim in claims], text), "条款": arrow.array([claim.clause for claim in claims], text),
        "对象类型": arrow.array([claim.kind for claim in claims], text), "标识": arrow.array([claim.key for claim in claims], text),
        "受益人": arrow.array([claim.recipient for claim in claims], text),
        "受益人名称": arrow.array([claim.recipient_name for claim in claims], text),
        "结果": arrow.array([line.outcome.value for line in lines], text), "档": arrow.array([claim.tier for claim in claims], text),
        "计算额分子": arrow.array([None if value is None else value.numerator for value in exact], huge),
        "计算额分母": arrow.array([None if value is None else value.denominator for value in exact], huge),
    }  # fmt: skip
    for stage in _STAGES:
        columns[stage] = arrow.array([_fen(line, stage) for line in lines], arrow.int64())
    return arrow.table(columns)


def _fen(line: Line, stage: str) -> int | None:
    found = line.amounts.get(stage)
    if stage == "应付":
        return line.payable_fen
    return None if found is None or Fraction(found).denominator != 1 else int(found)


def total_table(totals: Iterable[TotalResult]) -> Any:
    """总额, from the pots of a settlement."""
    import pyarrow as arrow

    rows = list(totals)
    texts = {"名称": [row.name for row in rows], "条款": [row.clause for row in rows], "键": ["、".join(row.key) for row in rows]}
    whole = {
        "额度": [row.amount_fen for row in rows], "已用": [row.spent_fen for row in rows], "申报合计": [row.claimed_fen for row in rows],
        "核定合计": [row.granted_fen for row in rows], "待补充": [row.waiting for row in rows], "暂估": [row.provisional for row in rows],
    }  # fmt: skip
    return arrow.table(
        {name: arrow.array(values, arrow.string()) for name, values in texts.items()}
        | {name: arrow.array(values, arrow.int64()) for name, values in whole.items()}
        | {"办法": arrow.array([row.method for row in rows], arrow.string())}
    )
