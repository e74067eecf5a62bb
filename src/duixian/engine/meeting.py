"""Which lines of a sweep meet: those that stand in one 就高 group, directly or through others, depend on the axes of all of them (扫描)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from ..plan.claim import UNKNOWN_KEY, UNKNOWN_NUMBER
from ..plan.sql import quoted, text
from .lift import Axes, axis_column

q = quoted


@dataclass(frozen=True, slots=True)
class Keys:
    """The key columns of the lines. id: tells the lines of an award and 种类 apart; long: those that are text; open: a line may not know its matter."""

    id: str
    payee: str
    groups: tuple[str, ...]
    long: list[str]
    open: bool

    def unknown(self, group: str) -> str:
        """The key of a matter that is not known, as the column has it."""
        return text(UNKNOWN_KEY) if group in self.long else str(UNKNOWN_NUMBER)


def met(tables: Sequence[tuple[str, Axes]], columns: list[str], keys: Keys, stage: Callable[[str], str], rows: Callable[[str], list[Any]]) -> Iterator[tuple[Axes, bool, list[tuple[str, Axes]]]]:
    """The lines of all awards, a table and its axes each, by the axes that meet in them: those axes, whether each line is alone in its matter, and SELECTs with their own axes.

    A line that is alone in its matter stays as it is, and is repeated along its own axes only. Text keys become numbers that order and part the lines as they do.
    """
    every = stage(_lines(tables, keys))
    current = _spread(stage(f"SELECT * FROM {q(every)} WHERE NOT {q('独')}"), keys, stage, rows)
    current = stage(f"SELECT * FROM {q(every)} WHERE {q('独')} UNION ALL BY NAME SELECT * FROM {q(current)}")
    found = sorted(rows(f"SELECT DISTINCT {q('面')}, {q('独')}, {q('表')} FROM {q(current)}"))
    for mask, lone in sorted({row[:2] for row in found}):
        parts = []
        for number in [row[2] for row in found if row[:2] == (mask, lone)]:
            table, axes = tables[number]
            cells = [f"t.{q('号' + name)} AS {q(name)}" if name in keys.long else f"c.{q(name)}" for name in columns] + [f"c.{q(axis_column(axis))}" for axis in sorted(axes)]
            where = f"{q('面')} = {mask} AND {q('独')} = {lone} AND {q('表')} = {number}"
            same = " AND ".join(f"t.{q(name)} = c.{q(name)}" for name in (keys.id, "种类"))
            parts.append((f"SELECT {', '.join(cells)} FROM {q(table)} AS c JOIN (SELECT * FROM {q(current)} WHERE {where}) AS t ON {same}", axes))
        yield frozenset(axis for axis in range(mask.bit_length()) if mask >> axis & 1), lone, parts


def _payee(keys: Keys) -> str:
    return f"COALESCE({q(keys.payee)}, {text('') if keys.payee in keys.long else '0'})"


def _lines(tables: Sequence[tuple[str, Axes]], keys: Keys) -> str:
    """SELECT of every line once: its keys, its table (表), its axes as bits (面), whether it is alone in its matter (独), a number for each text key."""
    columns = ", ".join(map(q, (keys.id, "种类", keys.payee, *keys.groups)))
    lines = " UNION ALL ".join(
        f"SELECT *, {number} AS {q('表')}, CAST({sum(1 << axis for axis in axes)} AS BIGINT) AS {q('面')} FROM (SELECT DISTINCT {columns} FROM {q(name)})"
        for number, (name, axes) in enumerate(tables)
    )
    alone = [f"({q(name)} IS NULL OR COUNT(*) OVER (PARTITION BY {q(name)}) = 1)" for name in keys.groups]
    if keys.open:  # who does not know its matter may meet any of its payee
        alone += [f"NOT bool_or(COALESCE({q(name)} = {keys.unknown(name)}, FALSE)) OVER (PARTITION BY {_payee(keys)})" for name in keys.groups]
    cells = ["*", f"{' AND '.join(alone) or 'TRUE'} AS {q('独')}"]
    for name in keys.long:
        number = f"dense_rank() OVER (ORDER BY {_payee(keys) if name == keys.payee else q(name)})"
        if name in keys.groups:
            number = f"CASE WHEN {q(name)} IN ('', {keys.unknown(name)}) THEN {q(name)} WHEN {q(name)} IS NOT NULL THEN CAST({number} AS VARCHAR) END"
        cells.append(f"{number} AS {q('号' + name)}")
    return f"SELECT {', '.join(cells)} FROM ({lines})"


def _spread(current: str, keys: Keys, stage: Callable[[str], str], rows: Callable[[str], list[Any]]) -> str:
    """The lines with the axes of all they meet: passed on within a payee and within a matter until nothing changes."""
    known = -1
    by = [(_payee(keys), f"COALESCE({', '.join(q(name) for name in keys.groups)}) IS NOT NULL"), *((q(name), f"{q(name)} IS NOT NULL") for name in keys.groups)] if keys.groups else []
    while (now := int(rows(f"SELECT COALESCE(SUM(CAST(bit_count({q('面')}) AS BIGINT)), 0) FROM {q(current)}")[0][0])) != known:
        known = now
        for key, inside in by:
            wide = f"CASE WHEN {inside} THEN bit_or({q('面')}) OVER (PARTITION BY {inside}, {key}) ELSE {q('面')} END"
            current = stage(f"SELECT * EXCLUDE ({q('面')}), {wide} AS {q('面')} FROM {q(current)}")
    return current
