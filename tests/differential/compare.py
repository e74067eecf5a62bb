"""What two engines must agree on, as plain records, and every place where they do not."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields, replace
from fractions import Fraction
from typing import Any

from duixian.award.record import STAGES
from duixian.policy.resolve import Unresolved
from duixian.values.diagnostic import Defects

Settle = Callable[[Any], Any]  # World → something with `lines` and `totals`; may raise Defects


@dataclass(frozen=True, slots=True)
class Row:
    """One line. Grain: one row an award, object type and object. Amounts in 分, exact; None where there is none."""

    award: str
    kind: str
    key: str
    recipient: str
    outcome: str
    tier: str
    计算额: Fraction | None
    舍入后: Fraction | None
    补差后: Fraction | None
    封顶后: Fraction | None
    名额后: Fraction | None
    就高后: Fraction | None
    核减后: Fraction | None
    应付: Fraction | None
    claw_back_fen: int
    nominal_fen: int | None
    cuts: tuple[tuple[str, int], ...]
    missing: frozenset[tuple[Any, ...]]
    provisional: tuple[str, ...]

    @property
    def id(self) -> tuple[str, str, str]:
        return (self.award, self.kind, self.key)


@dataclass(frozen=True, slots=True)
class TotalRow:
    """One pot of one total. Grain: one row a total and key."""

    name: str
    key: tuple[str, ...]
    amount_fen: int | None
    spent_fen: int
    claimed_fen: int
    granted_fen: int
    method: str
    waiting: int
    provisional: int

    @property
    def id(self) -> tuple[Any, ...]:
        return (self.name, self.key)


@dataclass(frozen=True, slots=True)
class Settled:
    """What one engine made of a world. refused: the defects it raised instead, (code, what was found)."""

    lines: tuple[Row, ...] = ()
    totals: tuple[TotalRow, ...] = ()
    refused: tuple[tuple[str, str], ...] = ()


def lines_of_interpreter(settlement: Any) -> list[Row]:
    """The lines of a settlement as rows, in the order they stand."""
    return [
        Row(
            line.claim.award, line.claim.kind, line.claim.key, line.claim.recipient, line.outcome.value, line.claim.tier,
            *(_exact(line.amounts.get(stage)) for stage in STAGES),
            line.claw_back_fen, line.nominal_fen, tuple((name, int(left)) for name, left in line.cuts),
            frozenset((item.waits.value, *item[1:]) for item in line.missing), tuple(line.claim.provisional),
        )
        for line in settlement.lines
    ]  # fmt: skip


def totals_of(settlement: Any) -> list[TotalRow]:
    """The pots of a settlement as rows, in the order they stand."""
    return [TotalRow(**{item.name: getattr(total, item.name) for item in fields(TotalRow)}) for total in settlement.totals]


def settled(settle: Settle, world: Any) -> Settled:
    """A world through one engine; what it refuses is part of the answer, anything else it raises is a fault of it and goes up."""
    try:
        settlement = settle(world)
    except Defects as stop:
        return Settled(refused=tuple(sorted((item.code, str(item.details.get("found", ""))) for item in stop.diagnostics)))
    except Unresolved as stop:  # a 总额 with a key one of its awards does not have: no settlement either way
        return Settled(refused=(("Unresolved", stop.name),))
    return Settled(tuple(lines_of_interpreter(settlement)), tuple(totals_of(settlement)))


def as_said(result: Settled) -> Settled:
    """Only what a line means to those who read it: what is missing where it waits, the estimates where it is paid or estimated; no nominal standard.

    For looking past a difference that is known already; the tests compare everything.
    """
    return replace(result, lines=tuple(
        replace(row, nominal_fen=None, missing=row.missing if row.outcome == "待补充" else frozenset(), provisional=row.provisional if row.outcome in ("可付", "暂估") else ())
        for row in result.lines
    ))  # fmt: skip


def differences(one: Settled | Iterable[Row], other: Settled | Iterable[Row]) -> list[str]:
    """A sentence for every place where two results differ: the line, the field, both values."""
    one, other = (item if isinstance(item, Settled) else Settled(tuple(item)) for item in (one, other))
    found = []
    if one.refused != other.refused:
        return [f"拒绝：{one.refused or '没有'} ≠ {other.refused or '没有'}"]
    for what, left, right in (("", one.lines, other.lines), ("总额 ", one.totals, other.totals)):
        if [row.id for row in left] == [row.id for row in right]:
            pairs: Iterable[tuple[Any, Any]] = zip(left, right, strict=True)
        else:
            rows, others = ({row.id: row for row in side} for side in (left, right))
            found += [f"{what}{_name(key)}：只有第一个有" for key in rows if key not in others]
            found += [f"{what}{_name(key)}：只有第二个有" for key in others if key not in rows]
            if len(rows) != len(left) or len(others) != len(right):
                found.append(f"{what}有重复的行：{len(left)} 行 {len(rows)} 个，{len(right)} 行 {len(others)} 个")
            elif not found:
                found.append(f"{what}次序不同")
            pairs = [(rows[key], others[key]) for key in rows if key in others]
        for first, second in pairs:
            if first != second:
                found += [
                    f"{what}{_name(first.id)} {item.name}：{_show(getattr(first, item.name), getattr(second, item.name))}"
                    for item in fields(first) if getattr(first, item.name) != getattr(second, item.name)
                ]  # fmt: skip
    return found


def _exact(value: Any) -> Fraction | None:
    return None if value is None else Fraction(value)


def _name(key: tuple[Any, ...]) -> str:
    return " ".join("、".join(part) if isinstance(part, tuple) else part for part in key)


def _show(first: Any, second: Any) -> str:
    if isinstance(first, frozenset) and isinstance(second, frozenset):
        return f"只有第一个：{sorted(map(str, first - second))}；只有第二个：{sorted(map(str, second - first))}"
    return f"{first} ≠ {second}"
