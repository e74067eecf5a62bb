"""Tier tables and caps: rows meet, every row can be reached, steps go up, a cap is not below a tier.

A row is a product of cells. A numeric cell is an interval on its head; an option cell a set; anything else is only equal to itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from ...values.diagnostic import Diagnostic
from ...values.money import yuan_text
from ...values.units import unit_dimension
from ..model import Policy, Rule
from ..readings import Bound, walk
from ..render import phrase, show
from ..syntax import Always, Between, Cap, Compare, In, Is, Limited, Node, Number, Open, OrdinalTest, Step, TierRow, Tiers, Word

MONEY = unit_dimension("元")


@dataclass(frozen=True, slots=True)
class Interval:
    """Numbers from low to high; None is open. Each end may be included."""

    low: Fraction | None
    high: Fraction | None
    low_in: bool = True
    high_in: bool = True

    def covers(self, other: Interval) -> bool:
        low = self.low is None or (other.low is not None and (self.low < other.low or (self.low == other.low and (self.low_in or not other.low_in))))
        high = self.high is None or (
            other.high is not None and (self.high > other.high or (self.high == other.high and (self.high_in or not other.high_in)))
        )
        return low and high


    def within(self, other: Interval) -> Interval:
        """What both hold."""
        low, low_in = max(((self.low, not self.low_in), (other.low, not other.low_in)), key=lambda end: (end[0] is not None, end[0] or 0, end[1]))
        high, high_in = min(((self.high, self.high_in), (other.high, other.high_in)), key=lambda end: (end[0] is None, end[0] or 0, end[1]))
        return Interval(low, high, not low_in, high_in)


EVERYTHING = Interval(None, None)


@dataclass(frozen=True, slots=True)
class Both(Node):
    """The cells of a row under one head that is written twice: one column from, one column to."""

    left: Node
    cells: tuple[Node, ...]


def _folded(tiers: Tiers) -> Tiers:
    """The same table with columns of one head made one column, so that a row from … to … is one interval."""
    columns = [[place for place, other in enumerate(tiers.heads) if other == head] for head in dict.fromkeys(tiers.heads)]
    if len(columns) == len(tiers.heads) or any(len(row.cells) != len(tiers.heads) for row in tiers.rows):
        return tiers

    def cell(row: TierRow, places: list[int]) -> Node | None:
        said = [row.cells[place] for place in places if not isinstance(row.cells[place], Always)]
        if len(said) < 2:
            return said[0] if said else row.cells[places[0]]
        return Both(getattr(said[0], "left", said[0]), tuple(said), at=said[0].at) if all(interval_of(item) for item in said) else None

    rows = [(row, tuple(cell(row, places) for places in columns)) for row in tiers.rows]
    if any(None in cells for _, cells in rows):
        return tiers
    return replace(tiers, heads=tuple(dict.fromkeys(tiers.heads)), rows=tuple(replace(row, cells=cells) for row, cells in rows))


def _said(cell: Node) -> str:
    return " ".join(phrase(item) for item in cell.cells) if isinstance(cell, Both) else phrase(cell)


def interval_of(cell: Node) -> Interval | None:
    """The interval of a numeric test; None for any other cell."""
    if isinstance(cell, Always):
        return EVERYTHING
    if isinstance(cell, Both):
        found = EVERYTHING
        for item in cell.cells:
            found = found.within(interval_of(item) or EVERYTHING)
        return found
    if isinstance(cell, Compare) and isinstance(cell.right, Number):
        value = cell.right.value
        return Interval(value, None, cell.operator == "≥") if cell.operator in "≥>" else Interval(None, value, True, cell.operator == "≤")
    if isinstance(cell, Between) and isinstance(cell.low, Number) and isinstance(cell.high, Number):
        return Interval(cell.low.value, cell.high.value, True, cell.upper == "≤")
    if isinstance(cell, OrdinalTest):
        return Interval(None if cell.low is None else Fraction(cell.low), None if cell.high is None else Fraction(cell.high))
    return None


def _covers(first: Node, second: Node) -> bool:
    if isinstance(first, Always) or first == second:
        return True
    left, right = interval_of(first), interval_of(second)
    if left is not None and right is not None and getattr(first, "left", None) == getattr(second, "left", None) and not isinstance(second, Always):
        return left.covers(right)
    mine, other = _options(first), _options(second)
    return mine is not None and other is not None and other <= mine


def _options(cell: Node) -> set[str] | None:
    if isinstance(cell, Is) and isinstance(cell.value, str) and not cell.negated:
        return {cell.value}
    if isinstance(cell, In) and not cell.negated and all(isinstance(item, Word) for item in cell.items):
        return {item.text for item in cell.items}
    return None


def check_rows(policy: Policy, bound: Bound) -> Iterator[Diagnostic]:
    """Unreachable rows (DX602), gaps (DX601) and steps that go down (DX603) of every tier table."""
    for rule in bound.rules.values():
        for tiers in [rule.tiers, *(value.body for value in rule.values)]:
            if isinstance(tiers, Tiers) and not tiers.open_whole:
                yield from check_tiers(policy, rule if tiers is rule.tiers else None, tiers)


def check_tiers(policy: Policy, rule: Rule | None, tiers: Tiers) -> Iterator[Diagnostic]:
    """The laws of one tier table; rule: the award whose standards it has (None: a table of a 值, whose figures may go down)."""
    folded = _folded(tiers)
    yield from _unreachable(policy, folded)
    yield from _gaps(policy, folded)
    if rule is not None:
        yield from _steps_down(policy, rule, folded)


_ORDER = {"remedy": "从严到宽排列：门槛高的写在前面。", "remedy_en": "order rows from the highest threshold down."}
_PLACES = {
    "remedy": "名额以外的不落到下一行：每一行写成一项奖补，各写“名额”，再写一个“就高”。",
    "remedy_en": "whoever gets no place does not fall to the next row: write an award for each row, with its 名额, and one 就高.",
}


def _unreachable(policy: Policy, tiers: Tiers) -> Iterator[Diagnostic]:
    for place, row in enumerate(tiers.rows):
        taken = _taken(row, tiers.rows[:place])
        if taken:
            yield policy.document.defect("DX602", row.at, policy.document.place(tiers.rows[taken[-1]].at), row="、".join(str(before + 1) for before in taken), **(_PLACES if row.places else _ORDER))


def _taken(row: TierRow, earlier: tuple[TierRow, ...]) -> list[int]:
    """Which earlier rows leave nothing for a row: one that covers all of it, or several that cover one of its figures between them; [] where some is left."""
    same = [(before, other) for before, other in enumerate(earlier) if len(other.cells) == len(row.cells)]
    for before, other in same:
        if all(_covers(first, second) for first, second in zip(other.cells, row.cells, strict=True)):
            return [before]
    for column, cell in enumerate(row.cells):
        wanted = None if isinstance(cell, (Always, OrdinalTest)) else interval_of(cell)
        if wanted is None:
            continue
        beside = [
            (held, before) for before, other in same
            if not isinstance(other.cells[column], (Always, OrdinalTest)) and (held := interval_of(other.cells[column])) is not None
            and getattr(other.cells[column], "left", None) == getattr(cell, "left", None)
            and all(_covers(first, second) for at, (first, second) in enumerate(zip(other.cells, row.cells, strict=True)) if at != column)
        ]  # fmt: skip
        if _cover_between_them([held for held, _ in beside], wanted):
            return [before for _, before in beside]
    return []


def _cover_between_them(intervals: list[Interval], wanted: Interval) -> bool:
    """Whether intervals leave nothing of another, from its low end up."""
    low, low_in = wanted.low, wanted.low_in
    for held in sorted(intervals, key=lambda item: (item.low is not None, item.low or 0)):
        rest = Interval(low, wanted.high, low_in, wanted.high_in)
        if held.covers(rest):
            return True
        starts = held.low is None or (low is not None and (held.low < low or (held.low == low and (held.low_in or not low_in))))
        if starts and held.high is not None and (low is None or held.high > low or (held.high == low and low_in and held.high_in)):
            low, low_in = held.high, not held.high_in
    return False


def _numeric(tiers: Tiers) -> list[tuple[tuple[str, ...], Any, str, list[tuple[Interval, TierRow]]]]:
    """Rows that differ in one numeric column only, by that column and what stands in the others."""
    groups: dict[Any, list[tuple[Interval, TierRow]]] = {}
    for row in tiers.rows:
        for column, cell in enumerate(row.cells):
            found = interval_of(cell)
            if found is None or isinstance(cell, (Always, OrdinalTest)):
                continue
            others = tuple(_said(other) for place, other in enumerate(row.cells) if place != column)
            bound = cell.right if isinstance(cell, Compare) else cell.low if isinstance(cell, Between) else None
            groups.setdefault((column, others, phrase(getattr(cell, "left", cell))), []).append((found, row))
            groups.setdefault(("unit", column), []) if bound is None else None
    return [(key[1], key[0], key[2], rows) for key, rows in groups.items() if key[0] != "unit" and len(rows) > 1]


def _unit(row: TierRow, column: int) -> str:
    cell = row.cells[column]
    cell = cell.cells[0] if isinstance(cell, Both) else cell
    bound = cell.right if isinstance(cell, Compare) else cell.low if isinstance(cell, Between) else None
    return bound.unit if isinstance(bound, Number) else ""


def _gaps(policy: Policy, tiers: Tiers) -> Iterator[Diagnostic]:
    for _, column, head, rows in _numeric(tiers):
        ordered = sorted(rows, key=lambda item: (item[0].low is not None, item[0].low or 0))
        reach: Fraction | None = ordered[0][0].high
        reach_in = ordered[0][0].high_in
        for interval, row in ordered[1:]:
            if reach is None:
                break
            low = interval.low
            if low is not None and (low > reach or (low == reach and not (interval.low_in or reach_in))) and not _split(tiers, row, column, Interval(reach, low, not reach_in, not interval.low_in)):
                unit = _unit(row, column)
                gap = f"{head} {'大于' if reach_in else '不小于'}{show(reach, unit)}、{'小于' if interval.low_in else '不大于'}{show(low, unit)}"
                gap_en = f"{head} {'>' if reach_in else '≥'} {show(reach, unit, 'en')}, {'<' if interval.low_in else '≤'} {show(low, unit, 'en')}"
                yield policy.document.defect("DX601", row.at, gap=gap, gap_en=gap_en)
            if interval.high is None or interval.high > reach or (interval.high == reach and interval.high_in):
                reach, reach_in = interval.high, interval.high_in


def _split(tiers: Tiers, row: TierRow, column: int, gap: Interval) -> bool:
    """Whether the gap is taken up by rows that say more in the other columns (首年 and 后续年度 apart): then it is theirs to meet."""
    for other in tiers.rows:
        held = interval_of(other.cells[column])
        if held is None or other.cells[column] == row.cells[column]:
            continue
        inside = held.covers(gap)
        if inside and all(_covers(mine, cell) for place, (mine, cell) in enumerate(zip(row.cells, other.cells, strict=True)) if place != column):
            return True
    return False


def _steps_down(policy: Policy, rule: Rule, tiers: Tiers) -> Iterator[Diagnostic]:
    if any("由高到低" in note or "递减" in note or "标准反而" in note for note in rule.notes):
        return
    for _, _, _, rows in _numeric(tiers):
        ordered = sorted((item for item in rows if item[0].low is not None), key=lambda item: item[0].low or 0)
        for (_, lower), (_, higher) in zip(ordered, ordered[1:], strict=False):
            less, more = _literal(lower.value), _literal(higher.value)
            if less is not None and more is not None and more < less:
                yield policy.document.defect(
                    "DX603", higher.value.at or higher.at, policy.document.place(lower.at), found=f"{phrase(higher.value)} < {phrase(lower.value)}"
                )


def _literal(node: Any) -> Fraction | None:
    """The amount of a row that is one number: a fixed standard, a ceiling, or a rate."""
    if isinstance(node, Number):
        return node.value
    if isinstance(node, Open) and isinstance(node.ceiling, Number):
        return node.ceiling.value
    if isinstance(node, Limited):
        return _literal(node.inner)
    return None


def check_caps(policy: Policy, bound: Bound) -> Iterator[Diagnostic]:
    """A cap below a tier or below one step (DX604); a cap that can never bind (DX609)."""
    for rule in bound.rules.values():
        standards = _standards(rule)
        for cap in rule.caps:
            if not isinstance(cap, Cap) or not isinstance(cap.amount, Number):
                continue
            for amount, node in standards:
                if amount > cap.amount.value:
                    yield policy.document.defect(
                        "DX604", cap.at, policy.document.place(node.at), cap=yuan_text(cap.amount.value), tier=yuan_text(amount)
                    )
            fixed = [amount for amount, node in standards if not isinstance(node, Step)]
            alone = (
                len(cap.scope.keys) == 1
                and cap.scope.keys[0].text in (rule.object, "对象")
                and cap.scope.time.kind in ("每年", "每笔")
                and not cap.scope.together
            )
            all_fixed = (
                rule.tiers is not None and all(_literal(row.value) is not None for row in rule.tiers.rows) or _literal(rule.standard) is not None
            )
            if alone and all_fixed and fixed and max(fixed) <= cap.amount.value and rule.frequency is not None and rule.frequency.times == 1:
                yield policy.document.defect("DX609", cap.at, found=yuan_text(max(fixed)), cap=yuan_text(cap.amount.value))


def _standards(rule: Rule) -> list[tuple[Fraction, Node]]:
    """The fixed amounts a rule can pay: rows, a fixed standard, the amount of one step."""
    bodies: list[Any] = [row.value for row in rule.tiers.rows] if rule.tiers and not rule.tiers.open_whole else []
    if rule.standard is not None:
        bodies.append(rule.standard)
    found: list[tuple[Fraction, Node]] = []
    for body in bodies:
        amount = _literal(body)
        if amount is not None:
            found.append((amount, body))
        for node in walk(body):
            if isinstance(node, Step) and isinstance(node.amount, Number) and node.amount.unit == "元":
                found.append((node.amount.value, node))
    return found
