"""Cells that are plainly right, recognised in SQL: the same law as cells.py, for the forms nearly every cell has.

What is not plainly right is odd, and an odd cell is read by cells.py itself. So nothing here decides that a cell is wrong, and a form missing
here costs time, never a value.
"""

from __future__ import annotations

import re
import sys
import unicodedata
from dataclasses import dataclass
from fractions import Fraction
from functools import cache

from ..values.units import WHOLE, unit_factor
from .cells import BLANKS, CREDIT_CODE, SUMS
from .layout import Column

NONE_WORD = "无"
TEXT = "VARCHAR"
INTEGERS = frozenset({"TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT", "UHUGEINT"})
FLOATS = frozenset({"FLOAT", "DOUBLE"})
MOMENTS = frozenset({"TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS"})
_DECIMAL = re.compile(r"DECIMAL\((\d+),(\d+)\)$")
_UNSAID = "'', '?', '？'"
_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"  # GB 32100-2015
_SCIENTIFIC = r"[+-]?[0-9](\.[0-9]+)?[eE][+-]?[0-9]+"
_MOST_BYTES = 4000


@dataclass(frozen=True, slots=True)
class Plain:
    """How the cells of one raw column are read. value: what is stored, NULL where odd, unknown or 无; a number times `scale` in base units.

    bare: the same value, cheaper, for a column that has been seen to hold no odd cell. Both speak of the raw column; what follows is asked of few
    cells and speaks of r〈position〉, the raw cell, and k〈position〉, its 为无. unsaid: nothing stands there (blank, ？); none: 无 stands there;
    blank: the cell is empty; odd: neither plainly right nor plainly empty; clash: 为无 beside a value; key: the cell as text. None is ever NULL.
    """

    value: str
    bare: str
    unsaid: str
    none: str
    blank: str
    odd: str
    clash: str
    key: str
    scale: int = 1


def ident(name: str) -> str:
    """A name quoted for SQL."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """A text quoted for SQL."""
    return "'" + text.replace("'", "''") + "'"


def is_stored_type(stored: str) -> bool:
    """Whether cells of this SQL type can be read at all."""
    return stored in {TEXT, "BOOLEAN", "DATE"} | INTEGERS | FLOATS | MOMENTS or bool(_DECIMAL.match(stored))


def sql_type(kind: str) -> str:
    """The SQL type a kind of value is stored in."""
    return {"number": "BIGINT", "year": "BIGINT", "truth": "BOOLEAN", "date": "DATE"}.get(kind, TEXT)


def plain_cell(raw: str, stored: str, column: Column, position: int, *, has_mark: bool = False) -> Plain:
    """How cells of a raw column of one SQL type are read. has_mark: a boolean column beside it says 为无."""
    test, value = _READERS[column.kind](raw, stored, column)
    kept = f"CASE WHEN {test} THEN {value} END" if test else f"NULL::{sql_type(column.kind)}"
    bare = f"CASE WHEN {raw} NOT IN ({_UNSAID}, '{NONE_WORD}') THEN {value} END" if stored == TEXT else value or kept
    cell, text = f"r{position}", f"CAST(r{position} AS VARCHAR)"
    blank = f"({cell} IS NULL OR trim({cell}, ' \t\r\n\u3000\u00a0') = '')" if stored == TEXT else f"({cell} IS NULL)"
    unsaid = f"({cell} IS NULL OR {cell} IN ({_UNSAID}))" if stored == TEXT else f"({cell} IS NULL)"
    none = f"coalesce({cell} = '{NONE_WORD}', FALSE)" if stored == TEXT else "FALSE"
    clash, key = "FALSE", f"coalesce({text}, '')"
    if has_mark:
        marked = f"coalesce(k{position}, FALSE)"
        clash = f"({marked} AND NOT {blank} AND {text} <> '{NONE_WORD}')"
        key = f"CASE WHEN {marked} AND {blank} THEN '{NONE_WORD}' ELSE {key} END"
        none = f"({none} OR ({marked} AND {blank}))"
        unsaid = f"({unsaid} AND NOT {marked})"
    empty = f"v{position} IS NULL"
    odd = empty if column.required else f"({empty} AND NOT {unsaid} AND NOT {none} AND NOT {clash})"
    return Plain(kept, bare, unsaid, none, blank, odd, clash, key, number_scale(column)[1] if column.kind == "number" else 1)


# --- numbers -----------------------------------------------------------------------------------------------------------------------------


def places_of(column: Column) -> int:
    """Decimals a plain number may have in the unit of its column: the law of cells.py for money and counts, six for the rest."""
    return 2 if column.measure == "金额" else 0 if column.unit in WHOLE else 6


def number_scale(column: Column) -> tuple[int, int]:
    """(m, s): a figure in the unit of its column times 10^places is, times m, the value in base units times s."""
    factor = Fraction(unit_factor(column.unit)) / 10 ** places_of(column)
    return factor.numerator, factor.denominator


def may_be_negative(column: Column) -> bool:
    """Whether a number below zero is a figure at all: ratios, and money or counts whose 范围 says so."""
    return column.measure not in ("金额", "数量") or (column.low is not None and column.low < 0)


def _number(raw: str, stored: str, column: Column) -> tuple[str, str]:
    places, (times, _) = places_of(column), number_scale(column)
    room = 17 - places - (len(str(times)) - 1)  # whole digits of a plain number: it fits in 64 bits once scaled
    power, sign = 10**places, "[+-]?" if may_be_negative(column) else ""
    more = f" * {times}" if times != 1 else ""

    def within(digits: int) -> str:
        return f"{raw} BETWEEN {-(10**digits) if sign else 0} AND {10**digits}"

    def scaled(figure: str, digits: int) -> str:
        """A decimal times 10^places; DuckDB multiplies within 18 digits what has 18 digits, so a long one is widened first."""
        width = 18 if digits + 2 * places <= 18 else 38
        return f"CAST(CAST({figure} AS DECIMAL({width},{places})) * {power} AS BIGINT){more}"

    if stored in INTEGERS:
        return within(room), f"CAST({raw} AS BIGINT) * {power * times}"
    if stored in FLOATS:  # the nearest double of a decimal of at most 15 digits stands for that decimal and no other
        wide = f"CAST({raw} AS DOUBLE)"
        # NaN equals itself here and the statistics of a file leave it out, so that only isfinite tells it
        exactly = f"isfinite({wide}) AND {within(min(14 - places, room))} AND round({wide} * 1e{places}) / 1e{places} = {wide}"
        return exactly, f"CAST(round({wide} * 1e{places}) AS BIGINT){more}"
    digits = min(room, 14) if places == 2 else room
    if found := _DECIMAL.match(stored):
        whole = f" AND {raw} = round({raw}, {places})" if int(found.group(2)) > places else ""
        return within(digits - 1) + whole, scaled(raw, digits)
    if stored == TEXT:
        part = rf"(\.[0-9]{{1,{places}}})?" if places else ""
        return f"regexp_full_match({raw}, '{sign}[0-9]{{1,{digits}}}{part}')", scaled(raw, digits)
    return "", ""


# --- other kinds -------------------------------------------------------------------------------------------------------------------------


def _year(raw: str, stored: str, column: Column) -> tuple[str, str]:
    decimal = _DECIMAL.match(stored)
    if stored in INTEGERS or (decimal and decimal.group(2) == "0"):
        return f"{raw} BETWEEN 1900 AND 2199", f"CAST({raw} AS BIGINT)"
    if stored in FLOATS:
        return f"isfinite(CAST({raw} AS DOUBLE)) AND {raw} BETWEEN 1900 AND 2199 AND {raw} = floor({raw})", f"CAST({raw} AS BIGINT)"
    return (f"regexp_full_match({raw}, '(19|20|21)[0-9]{{2}}')", f"CAST({raw} AS BIGINT)") if stored == TEXT else ("", "")


def _truth(raw: str, stored: str, column: Column) -> tuple[str, str]:
    if stored == "BOOLEAN":
        return f"{raw} IS NOT NULL", raw
    return (f"{raw} IN ('是', '否')", f"({raw} = '是')") if stored == TEXT else ("", "")


def _date(raw: str, stored: str, column: Column) -> tuple[str, str]:
    span = "BETWEEN DATE '1900-01-01' AND DATE '2100-12-31'"
    if stored == "DATE":
        return f"{raw} {span}", raw
    if stored in MOMENTS:  # a moment within a day is no date
        return (
            f"CAST({raw} AS TIMESTAMP) BETWEEN TIMESTAMP '1900-01-01' AND TIMESTAMP '2100-12-31' AND CAST(CAST({raw} AS DATE) AS {stored}) = {raw}",
            f"CAST({raw} AS DATE)",
        )
    if stored == TEXT:
        day = f"TRY_CAST({raw} AS DATE)"  # plain where it is written just as DuckDB writes it back
        return f"CAST({day} AS VARCHAR) = {raw} AND {day} {span}", day
    return "", ""


def _option(raw: str, stored: str, column: Column) -> tuple[str, str]:
    if column.extendable:
        return _text(raw, stored, column)
    return (f"{raw} IN ({', '.join(map(literal, column.options))})", raw) if stored == TEXT else ("", "")


def _text(raw: str, stored: str, column: Column) -> tuple[str, str]:
    if stored != TEXT:
        return "", ""
    if column.name == CREDIT_CODE:
        form = f"[0-9]{{8}}[{_ALPHABET}]{{10}}"
        return f"CASE WHEN regexp_full_match({raw}, '{form}') THEN {_check_digit(raw)} ELSE FALSE END", raw
    is_code = column.role == "identity" or column.kind == "object" or column.name == "对象"
    steps = (
        *([f"WHEN {raw} IN ({', '.join(map(literal, SUMS))}) THEN FALSE"] if column.role == "identity" else []),
        f"WHEN NOT regexp_full_match({raw}, '{_printable(is_code)}') OR strlen({raw}) > {_MOST_BYTES} THEN FALSE",
        f"WHEN strlen({raw}) <= 3 AND {raw} IN ({_UNSAID}, '{NONE_WORD}') THEN FALSE",
        f"WHEN {raw} < ':' THEN NOT regexp_full_match({raw}, '{_SCIENTIFIC}')",  # only what begins with a sign or a digit can be such a number
    )
    return f"CASE {' '.join(steps)} ELSE {raw} IS NOT NULL END", raw


def _check_digit(raw: str) -> str:
    """Whether the 18th character checks the 17 before it. Source: GB 32100-2015."""
    places = " + ".join(f"strpos('{_weighted(place)}', {raw}[{place + 1}])" for place in range(18))
    return f"({places} - 18) % 31 = 0"


def _weighted(place: int) -> str:
    """The alphabet in the order of weight × value modulo 31: where a character stands in it is what it adds to the sum."""
    weight = pow(3, place, 31) if place < 17 else 1
    return "".join(_ALPHABET[value * pow(weight, -1, 31) % 31] for value in range(31))


@cache
def _printable(is_code: bool) -> str:
    """Visible characters without spaces at the ends or digits of other scripts; in a code no full-width forms, which cells.py makes narrow."""
    hidden = _ranges("Cc", "Cf", "Zl", "Zp") + "".join(f"\\x{{{ord(char):x}}}" for char in BLANKS) + _ranges("Nd") + (r"\x{ff01}-\x{ff5e}" if is_code else "")
    ends = hidden + r" \x{3000}\x{a0}"
    return f"[^{ends}]([^{hidden}]*[^{ends}])?"


@cache
def _ranges(*categories: str) -> str:
    """All characters of some categories but 0 to 9, as ranges of a regular expression."""
    ranges: list[list[int]] = []
    for number in range(sys.maxunicode + 1):
        if unicodedata.category(chr(number)) in categories and not 0x30 <= number <= 0x39:
            if ranges and ranges[-1][1] == number - 1:
                ranges[-1][1] = number
            else:
                ranges.append([number, number])
    return "".join(f"\\x{{{first:x}}}-\\x{{{last:x}}}" if first != last else f"\\x{{{first:x}}}" for first, last in ranges)


_READERS = {"number": _number, "year": _year, "truth": _truth, "date": _date, "option": _option, "text": _text, "object": _text, "award": _text}
