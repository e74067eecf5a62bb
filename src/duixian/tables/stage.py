"""Sources of one table → one staged table of DuckDB, in the schema of values/frames.py, without a Python object a row."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from ..policy.vocabulary import Fact
from ..values.diagnostic import Diagnostic, Place
from ..values.facts import Period
from ..values.frames import KEY, NONE_MARK, Column, Frame, column_name
from .frames import MOST_SHOWN, in_column_order, latest, stored_bounds
from .layout import HISTORY, JOIN
from .plain import ident, literal, sql_type
from .probe import Held, Probe, Seen, more_of
from .sources import FILE, ROW, places_of_rows

_WIDEST = 2**63


@dataclass(slots=True)
class Output:
    """One column of a staged table: its name, its SQL type, which column of the files it comes from ('' for a key made of several)."""

    name: str
    sql_type: str
    key: tuple[str, Period]
    none_of: bool = False
    otherwise: str = "NULL"  # what stands there where nothing is stated


@dataclass(slots=True)
class Stage:
    """One table while it is checked. name: quoted, as queries call it; rows with a required cell that could not be read are left out."""

    sheet: str
    name: str
    seen: list[Seen]
    probe: Probe
    identity: tuple[str, ...] = ()
    outputs: list[Output] = field(default_factory=list)
    scales: dict[tuple[str, Period], int] = field(default_factory=dict)

    def held(self, seen: Seen, key: tuple[str, Period]) -> tuple[int, Held] | None:
        """The position and content of a column in one source."""
        return next(((at, held) for at, held in seen.columns.items() if (held.column.name, held.column.period) == key), None)

    def stated(self) -> dict[tuple[str, Period], list[Held]]:
        """Every column any source states, with what each source holds of it."""
        found: dict[tuple[str, Period], list[Held]] = {}
        for seen in self.seen:
            for held in seen.columns.values():
                if not held.is_empty:
                    found.setdefault((held.column.name, held.column.period), []).append(held)
        return found

    def settle_scales(self) -> None:
        """One scale a number column, the least that makes every value of every source whole; too many digits are reported."""
        for key, helds in self.stated().items():
            if helds[0].column.kind != "number":
                continue
            scale = self.scales[key] = max(held.scale for held in helds)
            for seen in self.seen:
                at, held = self.held(seen, key) or (0, None)
                if held is not None:
                    most = max(abs(held.low or 0), abs(held.high or 0)) * scale / held.plain.scale if held.low is not None else 0
                    if max(most, held.most * scale) >= _WIDEST:
                        subject = {"subject": f"“{held.column.header}”", "subject_en": f"“{held.column.header}”"}
                        where = seen.source.grid().place(1, at)
                        self.probe.defects.append(Diagnostic("DT172", (where,), {**subject, "scale": scale, "found": f"乘以 {scale} 以后太大"}))

    # --- SQL -----------------------------------------------------------------------------------------------------------------------------

    def create(self) -> None:
        """Make the staged table."""
        before = 0
        connection = self.probe.connection
        for number, seen in enumerate(self.seen):
            query = self.query(seen, before=before)
            connection.execute(f"CREATE TABLE {self.name} AS {query}" if not number else f"INSERT INTO {self.name} {query}")
            before += seen.rows
        if not self.seen:
            columns = ", ".join(f"{ident(output.name)} {output.sql_type}" for output in self.outputs)
            connection.execute(f"CREATE TABLE {self.name} ({columns})")

    def query(self, seen: Seen, *, numbered: bool = False, before: int = 0) -> str:
        """The rows of one source as the staged table has them. numbered: with their file and row; before: rows of earlier sources."""
        parts = [f"c.{ident(FILE)}", f"c.{ident(ROW)}"] if numbered else []
        parts += [f"{self._output(seen, output)} AS {ident(output.name)}" for output in self.outputs]
        if self.sheet == HISTORY:
            parts.insert(len(parts) - len(self.outputs), f"c.place - 1 + {before} AS 序")
        more = "row_number() OVER () AS place" if self.sheet == HISTORY else ""
        return f"SELECT {', '.join(parts)} {self._rows(seen, numbered=numbered, more=more)} WHERE {self._sound(seen)}"

    def left_out(self) -> list[str]:
        """Queries of the keys, as they are written, of objects whose row could not be read; none where every row could."""
        return [
            f"SELECT {f' || {literal(JOIN)} || '.join(self._written(seen, name) for name in self.identity)} AS {ident(KEY)} {self._rows(seen)} WHERE NOT ({self._sound(seen)})"
            for seen in self._doubtful()
        ]

    def unnamed(self) -> list[str]:
        """Those of them, each row, whose key itself is not there or could not be read."""
        return [f"{query} AND ({f' || {literal(JOIN)} || '.join(self._word(seen, name) for name in self.identity)}) IS NULL" for query, seen in zip(self.left_out(), self._doubtful(), strict=True)]

    def _doubtful(self) -> list[Seen]:
        return [seen for seen in self.seen if any(held.column.required and held.faulty for held in seen.columns.values())]

    def _rows(self, seen: Seen, *, numbered: bool = False, more: str = "") -> str:
        plains = {at: held.plain if held.odd else replace(held.plain, value=held.plain.bare) for at, held in seen.columns.items()}
        joins = [
            f"LEFT JOIN {ident(held.odd_table)} o{at} ON o{at}.t = CASE WHEN {held.plain.odd} THEN {held.plain.key} END"
            for at, held in seen.columns.items() if held.odd_table
        ]  # fmt: skip
        return f"FROM ({self.probe.cells(seen.source, plains, numbered=numbered, more=more)}) c {' '.join(joins)}"

    def _sound(self, seen: Seen) -> str:
        return " AND ".join(f"{value_sql(at, held, 1)} IS NOT NULL" for at, held in seen.columns.items() if held.column.required and held.odd) or "TRUE"

    def _written(self, seen: Seen, name: str) -> str:
        found = self.held(seen, (name, None))
        return f"coalesce({self._word(seen, name)}, trim(CAST(r{found[0]} AS VARCHAR)))" if found else "NULL"

    def _output(self, seen: Seen, output: Output) -> str:
        if output.name == KEY and self.identity:
            return f" || {literal(JOIN)} || ".join(self._word(seen, name) for name in self.identity)
        found = self.held(seen, output.key)
        if found is None:
            return f"{'FALSE' if output.none_of else output.otherwise}::{output.sql_type}"
        if output.none_of:
            return none_sql(*found)
        value = value_sql(*found, self.scales.get(output.key, 1))
        return value if output.otherwise == "NULL" else f"coalesce({value}, {output.otherwise})"

    def _word(self, seen: Seen, name: str) -> str:
        """A part of a key as text, as assemble.py writes it."""
        found = self.held(seen, (name, None))
        if found is None:
            return "NULL"
        scale = self.scales.get((name, None), 1)
        value, kind = value_sql(*found, scale), found[1].column.kind
        if kind == "truth":
            return f"CASE {value} WHEN TRUE THEN 'True' WHEN FALSE THEN 'False' END"
        if kind == "number" and scale != 1:
            part = f"gcd({value}, {scale})"
            return (
                f"CASE WHEN {value} % {scale} = 0 THEN CAST({value} // {scale} AS VARCHAR) ELSE ({value} // {part}) || '/' || ({scale} // {part}) END"
            )
        return f"CAST({value} AS VARCHAR)"

    # --- asking ----------------------------------------------------------------------------------------------------------------------------

    def count(self, test: str = "TRUE") -> int:
        """How many rows a test holds for."""
        return self.probe.connection.execute(f"SELECT count(*) FROM {self.name} s WHERE {test}").fetchone()[0]

    def find(self, test: str, wanted: list[str], at: tuple[str, Period], most: int = MOST_SHOWN) -> Iterator[tuple[Place, tuple[Any, ...]]]:
        """The first rows a test holds for: the cell of the column `at` of the files, and some columns of the staged table."""
        for seen in self.seen:
            columns = ", ".join(f"s.{ident(name)}" for name in wanted)
            query = f"SELECT s.{ident(FILE)}, s.{ident(ROW)}, {columns} FROM ({self.query(seen, numbered=True)}) s WHERE {test} ORDER BY 1, 2 LIMIT {most}"
            rows = self.probe.connection.execute(query).fetchall()
            position, _ = self.held(seen, at) or (0, None)
            yield from zip(places_of_rows(seen.source, [(row[0], row[1]) for row in rows], position), (row[2:] for row in rows), strict=True)
            most -= len(rows)
            if most <= 0:
                return

    def more(self, at: str, count: int, *, warning: bool = False) -> None:
        """Say how many further rows are wrong."""
        if count > MOST_SHOWN:
            where = self.seen[0].source.grid().place()
            self.probe.defects.append(more_of(where, at, count - MOST_SHOWN, warning=warning))


def value_sql(at: int, held: Held, scale: int) -> str:
    """The stored value of a column, odd cells included."""
    value = f"v{at}"
    if held.column.kind == "number" and scale != held.plain.scale:
        value = f"{value} * {scale // held.plain.scale}" if scale > held.plain.scale else f"{value} // {held.plain.scale // scale}"
    if not held.odd_table:
        return value
    odd = f"o{at}.v * ({scale} // o{at}.d)" if held.column.kind == "number" else f"o{at}.v"
    return f"coalesce({value}, {odd})"


def none_sql(at: int, held: Held) -> str:
    """Whether a cell is 无."""
    none = f"({held.plain.none} AND v{at} IS NULL)"
    return f"({none} OR coalesce(o{at}.none, FALSE))" if held.odd_table else none


def fact_outputs(stage: Stage, columns: list[tuple[str, Period]]) -> list[Output]:
    """The outputs of facts: a value, and a mark where any row is 无."""
    outputs = []
    stated = stage.stated()
    for key in columns:
        helds = stated[key]
        outputs.append(Output(column_name(*key), sql_type(helds[0].column.kind), key))
        if any(held.none or held.odd_none for held in helds):
            outputs.append(Output(column_name(*key) + NONE_MARK, "BOOLEAN", key, none_of=True))
    return outputs


def fact_order(stage: Stage, declared: dict[str, Fact], left_out: set[str]) -> list[tuple[str, Period]]:
    """The facts a stage states, in the order of the vocabulary."""
    return in_column_order((key for key in stage.stated() if key[0] not in left_out), declared)


def frame_of(stage: Stage, name: str, facts: list[tuple[str, Period]], declared: dict[str, Fact]) -> Frame:
    """What a finished table is: one pass of counts over it."""
    marks = {output.key for output in stage.outputs if output.none_of}
    wanted = ["count(*)"]
    for key in facts:
        column, kind = ident(column_name(*key)), declared[key[0]].kind
        wanted += [f"count({column})", f"count_if({ident(column_name(*key) + NONE_MARK)})" if key in marks else "0"]
        wanted.append(f"min({column})" if kind in ("year", "number") else f"year(min({column}))" if kind == "date" else "NULL")
        wanted.append(f"max({column})" if kind == "number" else "NULL")
    rows, *counts = stage.probe.connection.execute(f"SELECT {', '.join(wanted)} FROM {stage.name}").fetchone()
    frame = Frame(name, rows)
    for place, key in enumerate(facts):
        count, none, least, most = counts[4 * place : 4 * place + 4]
        fact, scale = declared[key[0]], stage.scales.get(key, 1)
        low, high = (0, 0) if fact.low is None or fact.high is None else stored_bounds(fact.low, fact.high, scale)
        found = (least or 0, most or 0) if fact.kind == "number" else None
        least = None if fact.kind == "number" else latest(fact.kind, high) if least is None else least
        frame.columns[key] = Column(*key, fact.kind, scale, low, high, count + none < rows, none > 0, least, found)
    return frame
