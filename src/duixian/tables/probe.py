"""One pass over a large file: what each of its columns holds, and every cell that cannot be read, placed.

Cells that are plainly right are only counted (plain.py). The others, as distinct values, are read by cells.py, so both readers follow one law.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from ..values.diagnostic import Diagnostic, Place
from ..values.facts import NONE
from .cells import Fault, named, read_cell, shown
from .frames import MOST_SHOWN, scale_of, stored_bounds
from .layout import Column
from .plain import NONE_WORD, TEXT, Plain, ident, is_stored_type, plain_cell, sql_type
from .sources import FILE, ROW, Source, places_of_rows

_BATCH = 20_000
_MOST_FAULTS = 1000  # distinct values of one column that are found wrong before the rest is no longer looked at


@dataclass(slots=True)
class Held:
    """What one column of one source holds. scale: the least power of ten that makes its plain numbers whole.

    odd_table: temporary table of its odd values (t as written, v over d, none); '' where every cell is plain.
    """

    column: Column
    plain: Plain
    count: int
    none: int
    odd: int
    low: int | None = None  # of the plain values, as `plain` has them
    high: int | None = None
    scale: int = 1
    odd_table: str = ""
    odd_values: bool = False  # whether any odd cell turned out to be a value
    odd_none: bool = False
    faulty: bool = False  # whether any cell cannot be read
    most: Fraction = Fraction(0)  # the greatest odd number, without its sign

    @property
    def is_empty(self) -> bool:
        return not (self.count or self.none or self.odd_values or self.odd_none)


@dataclass(slots=True)
class Seen:
    """What one source holds: how many rows, and its columns by position."""

    source: Source
    rows: int
    columns: dict[int, Held]


class Probe:
    """Looks at sources; defects are collected. connection: where temporary tables of odd values are made (dropped by `close`)."""

    def __init__(self, connection: Any, defects: list[Diagnostic]) -> None:
        self.connection, self.defects = connection, defects
        self._tables = 0

    def close(self) -> None:
        """Drop the temporary tables."""
        for number in range(self._tables):
            self.connection.execute(f"DROP TABLE IF EXISTS temp.{ident(f'·odd{number}')}")

    def look(self, source: Source) -> Seen:
        """One pass over everything a source says. Raises duckdb.Error where the file itself cannot be read."""
        columns = {position: column for position, column in source.columns.items() if self._is_stored(source, position)}
        loose = [position for position in range(len(source.heads)) if self._is_loose(source, position)]
        plains = {position: self._plain(source, position) for position in columns}
        wanted = ["count(*)"]
        for position, plain in plains.items():
            wanted += self._aggregates(source, position, plain)
        wanted += [f"count_if(NOT {_blank(source, position)})" for position in loose]
        row = list(self.connection.execute(f"SELECT {', '.join(wanted)} FROM ({self.cells(source, plains, loose)})").fetchone())
        rows = row.pop(0)
        held: dict[int, Held] = {}
        for position, plain in plains.items():
            column = columns[position]
            count, low, high, places, odd, none, clashes = (row.pop(0) for _ in range(7))
            held[position] = Held(column, plain, count, none, odd, low, high, 10 ** (places or 0))
            if clashes:
                self._show(source, position, plain.clash, plains, clashes, _clash)
            if odd:
                self._read_odd(source, position, held[position])
            self._bounds(source, position, held[position], plains)
        for position in loose:
            if more := row.pop(0):
                self._show(source, position, f"NOT {_blank(source, position)}", {}, more, _no_header)
        return Seen(source, rows, held)

    # --- SQL -----------------------------------------------------------------------------------------------------------------------------

    def _is_stored(self, source: Source, position: int) -> bool:
        stored = source.types[position]
        if is_stored_type(stored):
            return True
        if self.connection.execute(f"SELECT count({source.refs[position]}) FROM {source.scan}").fetchone()[0]:
            where = source.grid().place(1, position)
            self.defects.append(Diagnostic("DT175", (where,), {"subject": source.heads[position], "found": stored}))
        return False

    def _is_loose(self, source: Source, position: int) -> bool:
        return position not in source.columns and position not in source.header.unread and position not in source.marks.values()

    def _plain(self, source: Source, position: int) -> Plain:
        column, has_mark = source.columns[position], position in source.marks
        return plain_cell(source.refs[position], source.types[position], column, position, has_mark=has_mark)

    def cells(self, source: Source, plains: dict[int, Plain], loose: list[int] | None = None, *, numbered: bool = False, more: str = "") -> str:
        """A query: v, r, k of each position: the stored value, the raw cell, its 为无. Whatever else is asked, is asked of few cells, above it."""
        parts = [ident(FILE), ident(ROW)] if numbered else []
        for position, plain in plains.items():
            parts += [f"{plain.value} AS v{position}", f"{source.refs[position]} AS r{position}"]
            if position in source.marks:
                parts.append(f"{source.refs[source.marks[position]]} AS k{position}")
        parts += [f"{source.refs[position]}" for position in loose or ()]
        parts += [more] if more else []
        return f"SELECT {', '.join(parts) or '1'} FROM {source.rows(numbered=numbered)}"

    def _aggregates(self, source: Source, position: int, plain: Plain) -> list[str]:
        column, value = source.columns[position], f"v{position}"
        ends = [f"min({value})", f"max({value})"] if column.kind in ("number", "year") else ["NULL", "NULL"]
        none = f"count_if(CASE WHEN {value} IS NULL THEN {plain.none} ELSE FALSE END)" if plain.none != "FALSE" else "0"
        odd = f"count_if(CASE WHEN {value} IS NULL THEN {plain.odd} ELSE FALSE END)"
        clash = f"count_if({plain.clash})" if plain.clash != "FALSE" else "0"
        return [f"count({value})", *ends, _places_needed(value, plain.scale), odd, none, clash]

    # --- odd cells -------------------------------------------------------------------------------------------------------------------------

    def _read_odd(self, source: Source, position: int, held: Held) -> None:
        """Read every distinct odd value by cells.py, in batches, into a temporary table; show what is wrong."""
        import pyarrow as arrow

        name = f"·odd{self._tables}"
        self._tables += 1
        kind = held.column.kind
        self.connection.execute(f"CREATE TEMP TABLE {ident(name)} (t VARCHAR, v {sql_type(kind)}, d BIGINT, none BOOLEAN, bad BOOLEAN)")
        reader = self.connection.cursor()  # so that a batch can be stored while the next one is waiting
        cells = self.cells(source, {position: held.plain})
        found = reader.execute(f"SELECT {held.plain.key} AS t, any_value(r{position}) FROM ({cells}) WHERE {held.plain.odd} GROUP BY t")
        faults, scales = 0, {1}
        while faults < _MOST_FAULTS and (batch := found.fetchmany(_BATCH)):
            stored: list[tuple[Any, ...]] = []
            for text, raw in batch:
                value = self._read(text, raw, held.column)
                if isinstance(value, Fault):
                    faults += 1
                    stored.append((text, None, 1, False, True))
                elif value is NONE:
                    held.odd_none = True
                    stored.append((text, None, 1, True, False))
                elif value is None:
                    stored.append((text, None, 1, False, False))
                else:
                    held.odd_values = True
                    if kind == "number":
                        scales.add(value.denominator)
                        held.most = max(held.most, abs(Fraction(value)))
                    stored.append((text, value.numerator if kind == "number" else value, value.denominator if kind == "number" else 1, False, False))
            columns = list(zip(*stored, strict=True))
            types = (arrow.string(), _arrow_type(kind, arrow), arrow.int64(), arrow.bool_(), arrow.bool_())
            table = arrow.table({field: arrow.array(column, kind_) for field, column, kind_ in zip("tvdnb", columns, types, strict=True)})
            self.connection.register("·batch", table)
            self.connection.execute(f"INSERT INTO {ident(name)} SELECT * FROM {ident('·batch')}")
            self.connection.unregister("·batch")
        reader.close()
        held.odd_table = name
        held.scale = max(held.scale, scale_of(Fraction(1, denominator) for denominator in scales))
        held.faulty = faults > 0
        if faults:
            bad = f"{held.plain.odd} AND {held.plain.key} IN (SELECT t FROM {ident(name)} WHERE bad)"
            self._show(source, position, bad, {position: held.plain}, 0, self._fault_of(held.column), partly=faults >= _MOST_FAULTS)

    def _read(self, text: str, raw: Any, column: Column) -> Any:
        """The value of a cell as cells.py has it, or the fault; a number too long for a column of whole numbers is a fault too."""
        if raw is None and text == NONE_WORD:
            raw = NONE_WORD
        value = read_cell("是" if raw is True else "否" if raw is False else raw, column)
        if column.kind in ("number", "year") and value is not None and value is not NONE and not isinstance(value, Fault) and column.low is not None:
            if abs(value.numerator) >= 2**63 or value.denominator >= 2**63:
                return Fault("DT172", {**named(column), "scale": value.denominator, "found": shown(raw)})
        if column.low is None and column.kind == "number" and isinstance(value, (int, Fraction)) and abs(value) >= 2**63:
            return Fault("DT172", {**named(column), "scale": 1, "found": shown(raw)})
        return value

    def _fault_of(self, column: Column) -> Callable[[str, Any], Fault]:
        def fault(text: str, raw: Any) -> Fault:
            found = self._read(text, raw, column)
            assert isinstance(found, Fault)
            return found

        return fault

    def _bounds(self, source: Source, position: int, held: Held, plains: dict[int, Plain]) -> None:
        """Plain values beyond the bounds of the vocabulary."""
        column = held.column
        if held.low is None or held.high is None or column.low is None or column.high is None:
            return
        low, high = stored_bounds(column.low, column.high, held.plain.scale)
        if low <= held.low and held.high <= high:
            return
        self._show(source, position, f"v{position} NOT BETWEEN {low} AND {high}", plains, 0,
                   lambda text, raw: read_cell(raw, column))  # fmt: skip

    # --- showing -----------------------------------------------------------------------------------------------------------------------------

    def _show(self, source: Source, position: int, test: str, plains: dict[int, Plain], count: int, fault: Callable[[str, Any], Fault], *,
              partly: bool = False) -> None:  # fmt: skip
        """The first few cells a test finds, as a workbook's would be; the rest is counted."""
        kept = {position: plains[position]} if position in plains else {}
        cells = self.cells(source, kept, [] if kept else [position], numbered=True)
        text, raw = (plains[position].key, f"r{position}") if kept else (f"CAST({source.refs[position]} AS VARCHAR)", source.refs[position])
        if not count:
            inner = self.cells(source, kept, [] if kept else [position])
            count = self.connection.execute(f"SELECT count(*) FROM ({inner}) WHERE {test}").fetchone()[0]
        first = f"SELECT {ident(FILE)}, {ident(ROW)}, {text}, {raw} FROM ({cells}) WHERE {test} ORDER BY 1, 2 LIMIT {MOST_SHOWN}"
        found = self.connection.execute(first).fetchall()
        for where, (_, _, text, raw) in zip(places_of_rows(source, [(file, row) for file, row, _, _ in found], position), found, strict=True):
            item = fault(text, raw)
            self.defects.append(Diagnostic(item.code, (where,), item.details))
        if count > len(found):
            self.defects.append(more_of(source.grid().place(1, position), source.heads[position], count - len(found), partly=partly))


def more_of(where: Place, column: str, more: int, *, partly: bool = False, warning: bool = False) -> Diagnostic:
    """The line that says how many further cells of a column are wrong. partly: not all were looked at."""
    at_least, at_least_en = ("至少 ", "at least ") if partly else ("", "")
    code = "DT178" if warning else "DT173"
    return Diagnostic(code, (where,), {"found": column, "more": f"{at_least}{more}", "more_en": f"{at_least_en}{more}", "shown": MOST_SHOWN})


def _places_needed(value: str, scale: int) -> str:
    """Decimals the values of a column need at most, given that they are held times a power of ten."""
    places = len(str(scale)) - 1
    if not places:
        return "0"
    steps = " ".join(f"WHEN {value} % {10 ** (places - need)} = 0 THEN {need}" for need in range(places))
    return f"max(CASE WHEN {value} IS NULL THEN 0 {steps} ELSE {places} END)"


def _blank(source: Source, position: int) -> str:
    ref = source.refs[position]
    return f"(trim(coalesce({ref}, ''), ' \t\r\n\u3000\u00a0') = '')" if source.types[position] == TEXT else f"({ref} IS NULL)"


def _arrow_type(kind: str, arrow: Any) -> Any:
    return {"number": arrow.int64(), "year": arrow.int64(), "truth": arrow.bool_(), "date": arrow.date32()}.get(kind, arrow.string())


def _clash(text: str, raw: Any) -> Fault:
    return Fault("DT174", {"found": shown(raw)})


def _no_header(text: str, raw: Any) -> Fault:
    return Fault("DT116", {"found": shown(raw)})
