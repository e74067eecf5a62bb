"""What stands on file, as SQL: the tables of the objects, their keys and the numbers of those, and how what is missing is said."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from ..policy.readings import Bound
from ..policy.standards import Standards
from ..values.facts import Period, window_text
from ..values.frames import KEY, Frames, number_name, table_name
from ..values.period import Validity
from ..values.terms import Waits
from .place import Place
from .query import Row
from .sql import FIELD, RECORD, Sql, quoted, sure, text, unknown
from .varying import Varying

WAITS = {waits: str(place) for place, waits in enumerate(Waits)}
KINDS = {"number": "number", "truth": "truth", "date": "date", "year": "number", "text": "text", "option": "text", "object": "object"}
_TYPES = {"number": "BIGINT", "year": "BIGINT", "truth": "BOOLEAN", "date": "DATE"}


@dataclass(slots=True)
class Ground:
    """What a bound policy fixes for the plan."""

    validity: Validity
    unset_standard: str


class Stored:
    """The tables of one bound policy over facts of a known shape."""

    def __init__(self, bound: Bound, frames: Frames, standards: Standards, ground: Ground, documents: tuple[str, ...]) -> None:
        self.bound, self.policy, self.vocabulary = bound, bound.policy, bound.policy.vocabulary
        self.frames, self.standards, self.validity, self.unset_standard = frames, standards, ground.validity, ground.unset_standard
        self.documents = documents  # of the ledger, whose payments count as history
        self.varying: Varying = {}  # numbers that vary between the variants of a sweep
        self.years: tuple[int, ...] = ()  # the award years of the plan
        self._inside: list[Any] = []  # computed facts being lowered, against circles
        self._number_keys: dict[tuple[str, str], bool] = {}

    # --- missing ---------------------------------------------------------------------------------------------------------------------------

    def record(self, place: Place, fact: str, period: Period, note: str = "", waits: Waits = Waits.APPLICANT) -> str:
        """The text of one missing fact of the object in scope."""
        return self.said(waits, place.query.expose(place.row.kind_sql, place.row.prefix + "种类"), self.key(place), fact, period, note)

    def said(self, waits: Waits, kind: str, key: str, fact: str, period: Period, note: str = "") -> str:
        """The text of one thing that is missing; kind and key are SQL."""
        when_text = "" if period is None else str(period) if isinstance(period, int) else window_text(period)
        start, end = text(WAITS[waits] + FIELD), text(FIELD + fact + FIELD + when_text + FIELD + note + RECORD)
        if kind == "''" and key == "''":
            return text(WAITS[waits] + FIELD + FIELD + FIELD + fact + FIELD + when_text + FIELD + note + RECORD)
        return f"({start} || {kind} || {text(FIELD)} || {key} || {end})"

    # --- keys ------------------------------------------------------------------------------------------------------------------------------

    def key(self, place: Place) -> str:
        """The key of the object in scope, as a column."""
        return place.query.expose(place.row.key, place.row.prefix + KEY)

    def number(self, place: Place) -> str:
        """The number of that key, as a column; '' where there are no numbers."""
        return place.query.expose(place.row.number, place.row.prefix + number_name(KEY)) if place.row.number else ""

    def own(self, place: Place) -> Sql:
        """The object in scope itself."""
        key = self.key(place)
        return Sql("object", key, row=place.row, numbered=(key, self.number(place)))

    def base(self, kind: str, alias: str, *, exact: bool = False) -> Row:
        """A row of the table of a type."""
        return Row(kind, alias, f"{alias}.{quoted(KEY)}", f"{alias}.{quoted('种类')}" if not exact else text(kind), exact=exact,
                   number=f"{alias}.{quoted(number_name(KEY))}" if self.has_numbers(kind, exact=exact) else "")  # fmt: skip

    def has_numbers(self, kind: str, *, exact: bool = False) -> bool:
        """Whether the objects of a type, and of all it comprises, have numbers."""
        return self.frames.numbers is not None and self.frames.numbers.issuperset([kind] if exact else self.kinds_of(kind))

    # --- tables ----------------------------------------------------------------------------------------------------------------------------

    def kinds_of(self, kind: str) -> list[str]:
        """The object types with a table that are of a kind."""
        return [name for name in self.vocabulary.objects if name in self.frames.objects and self.vocabulary.is_kind(name, kind)]

    def columns_of(self, kind: str) -> dict[Any, Any]:
        """The stored columns of an object type and of all it comprises."""
        found: dict[Any, Any] = {}
        for name in self.kinds_of(kind):
            for key, column in self.frames.objects[name].columns.items():
                other = found.get(key)
                if other is None or other == column:
                    found[key] = column
                else:
                    scale = max(other.scale, column.scale) if max(other.scale, column.scale) % min(other.scale, column.scale) == 0 else other.scale * column.scale
                    found[key] = replace(other, scale=scale, low=min(other.low * (scale // other.scale), column.low * (scale // column.scale)),
                                         high=max(other.high * (scale // other.scale), column.high * (scale // column.scale)), found=_widest(other, column, scale),
                                         least=None if other.least is None or column.least is None else min(other.least, column.least),
                                         has_none=other.has_none or column.has_none, has_unknown=True)  # fmt: skip
        return found

    def source(self, kind: str) -> str:
        """The table of an object type, its own columns and those of all it comprises, with the actual type of each object."""
        kinds = self.kinds_of(kind)
        columns = self.columns_of(kind)
        if not kinds:
            number = f"CAST(NULL AS INTEGER) AS {quoted(number_name(KEY))}, " if self.has_numbers(kind) else ""
            return f"(SELECT CAST(NULL AS STRING) AS {quoted(KEY)}, {number}{text(kind)} AS {quoted('种类')} WHERE 1 = 0)"
        if kinds == [kind]:
            return f"(SELECT *, {text(kind)} AS {quoted('种类')} FROM {quoted(table_name(kind))})"
        parts = []
        for name in kinds:
            own = self.frames.objects[name].columns
            cells = [quoted(KEY), f"{text(name)} AS {quoted('种类')}", *([quoted(number_name(KEY))] if self.has_numbers(kind) else [])]
            for key, column in columns.items():
                here = own.get(key)
                if here is None:
                    cells.append(f"CAST(NULL AS {_TYPES.get(column.kind, 'VARCHAR')}) AS {quoted(column.name)}")
                else:
                    factor = column.scale // here.scale
                    cells.append((quoted(column.name) if factor == 1 else f"{quoted(column.name)} * {factor}") + f" AS {quoted(column.name)}")
                if column.kind == "object" and self.frames.numbers is not None:
                    cells.append((quoted(number_name(column.name)) if here is not None else "CAST(NULL AS INTEGER)") + f" AS {quoted(number_name(column.name))}")
                if column.has_none:
                    stated = here is not None and here.has_none
                    cells.append((quoted(column.none_name) if stated else "FALSE") + f" AS {quoted(column.none_name)}")
            parts.append(f"SELECT {', '.join(cells)} FROM {quoted(table_name(name))}")
        return "(" + " UNION ALL ".join(parts) + ")"

    def stored(self, fact: str, kind: str, period: Period, place: Place) -> Sql:
        """A fact as it stands on file, in the table of the object in scope."""
        columns = self.frames.objects[place.row.kind].columns if place.row.exact else self.columns_of(place.row.kind)
        column = columns.get((fact, period))
        if column is None:
            return unknown(KINDS.get(kind, "text"), "")
        sql = place.query.take(place.row.alias, column.name, place.row.prefix)
        none = ""
        if column.has_none:
            none = f"COALESCE({place.query.take(place.row.alias, column.none_name, place.row.prefix)}, FALSE)"
        low, high = column.found or (column.low if column.least is None else column.least, 2199 if column.kind == "date" else column.high)
        found = Sql(KINDS.get(column.kind, "text"), sql, den=column.scale, low=low, high=high, none=none)
        if column.kind == "object" and self.frames.numbers is not None:
            found = replace(found, numbered=(sql, place.query.take(place.row.alias, number_name(column.name), place.row.prefix)))
        # known of all: the row is there (nothing was joined to find it), and every object of every type states it
        everywhere = place.row is place.query.row and (place.row.exact or all((fact, period) in self.frames.objects[name].columns for name in self.kinds_of(place.row.kind)))
        return sure(found) if everywhere and not column.has_unknown and not column.has_none else found

    def key_part(self, value: Sql, *, number: bool) -> str:
        """A value as part of a key, as a number or as text: NULL where it is not known, 0 or '' for 无."""
        if not number:
            return self.key_text(value)
        return f"CASE WHEN {value.none} THEN 0 ELSE {value.number} END" if value.none else value.number

    def key_text(self, value: Sql) -> str:
        """A value as part of a key; NULL where it is not known; '' for 无."""
        if value.kind in ("text", "object"):
            sql = value.sql
        elif value.kind == "truth":
            sql = f"CASE WHEN {value.sql} THEN '是' WHEN NOT {value.sql} THEN '否' END"
        elif value.kind == "date" or value.den == 1 and not value.over:
            sql = f"CAST({value.sql} AS STRING)"
        elif not value.over and str(value.den).strip("0") == "1":
            sql = _decimal(value.sql, value.den)
        else:
            sql = f"(CAST({value.sql} AS STRING) || {text('/' + str(value.den))}" + (f" || '/' || CAST({value.over} AS STRING))" if value.over else ")")
        return f"CASE WHEN {value.none} THEN '' ELSE {sql} END" if value.none else sql


def _widest(one: Any, other: Any, scale: int) -> tuple[int, int] | None:
    """The least and the greatest of two columns, as stored over a common scale; None where nobody looked at one of them."""
    if one.found is None or other.found is None:
        return None
    ends = [end * (scale // column.scale) for column in (one, other) for end in column.found]
    return min(ends), max(ends)


def _decimal(sql: str, den: int) -> str:
    """A number over a power of ten as its shortest decimal, as `values.money.decimal_text` writes it."""
    digits = len(str(den)) - 1

    def written(top: str) -> str:
        cases = []
        for places in range(digits + 1):
            whole = f"idiv({top}, {den // 10**places})"
            if places == 0:
                cases.append(f"WHEN imod({top}, {den}) = 0 THEN CAST({whole} AS STRING)")
            else:
                tail = f"lpad(CAST(imod({whole}, {10**places}) AS STRING), {places}, '0')"
                cases.append(f"WHEN imod({top}, {den // 10**places}) = 0 THEN CAST(idiv({top}, {den}) AS STRING) || '.' || {tail}")
        return f"CASE {' '.join(cases)} END"

    return f"CASE WHEN {sql} < 0 THEN '-' || {written(f'(0 - {sql})')} ELSE {written(sql)} END"
