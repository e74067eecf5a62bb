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

from ..values.units import COUNTS, unit_factor
from .cells import CREDIT_CODE
from .layout import Column

NONE_WORD = "无"
TEXT = "VARCHAR"
INTEGERS = frozenset({"TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT", "UHUGEINT"})
FLOATS = frozenset({"FLOAT", "DOUBLE"})
MOMENTS = frozenset({"TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS"})
_DECIMAL = re.compile(r"DECIMAL\((\d+),(\d+)\)$")
_UNSAID = "'', '?', '？'"
_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"  # GB 32100-2015
_SCIENTIFIC = r"[+-]?\p{Nd}(\.\p{Nd}+)?[eE][+-]?\p{Nd}+"
_MOST_BYTES = 4000


@dataclass(frozen=True, slots=True)
class Plain:
    """SQL over one raw column. value: as stored (NULL where odd, unknown or 无); a number is the true one in base units times `scale`.

    unsaid: nothing stands there (blank, ？); none: 无 stands there; blank: the cell is empty. All never NULL.
    """

    value: str
    unsaid: str
    none: str
    blank: str
    sql_type: str
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


def plain_cell(raw: str, stored: str, column: Column, companion: str = "") -> Plain:
    """How cells of a raw column of one SQL type are read. companion: the boolean column beside it that says 为无."""
    scale = number_scale(column)[1] if column.kind == "number" else 1
    test, value = _READERS[column.kind](raw, stored, column)
    kept = f"CASE WHEN {test} THEN {value} END" if test else f"NULL::{sql_type(column.kind)}"
    blank = f"({raw} IS NULL OR trim({raw}, ' \t\r\n\u3000\u00a0') = '')" if stored == TEXT else f"({raw} IS NULL)"
    unsaid = f"({raw} IS NULL OR {raw} IN ({_UNSAID}))" if stored == TEXT else f"({raw} IS NULL)"
    none = f"coalesce({raw} = '{NONE_WORD}', FALSE)" if stored == TEXT else "FALSE"
    if companion:
        marked = f"coalesce({companion}, FALSE)"
        none = f"({none} OR ({marked} AND {blank}))"
        unsaid = f"({unsaid} AND NOT {marked})"
    return Plain(kept, unsaid, none, blank, sql_type(column.kind), scale)


# --- numbers -----------------------------------------------------------------------------------------------------------------------------


def places_of(column: Column) -> int:
    """Decimals a plain number may have in the unit of its column: the law of cells.py for money and counts, six for the rest."""
    return 2 if column.measure == "金额" else 0 if column.unit in COUNTS else 6


def number_scale(column: Column) -> tuple[int, int]:
    """(m, s): a figure in the unit of its column times 10^places is, times m, the value in base units times s."""
    factor = Fraction(unit_factor(column.unit)) / 10 ** places_of(column)
    return factor.numerator, factor.denominator


def may_be_negative(column: Column) -> bool:
    """Whether a number below zero is a figure at all: ratios, and money or counts whose 范围 says so."""
    return column.measure not in ("金额", "数量") or (column.low is not None and column.low < 0)


def _number(raw: str, stored: str, column: Column) -> tuple[str, str]:
    places, (times, _) = places_of(column), number_scale(column)
    room = 18 - places - len(str(times)) + 1  # whole digits that still fit in 64 bits once scaled
    power, sign = 10**places, "" if not may_be_negative(column) else "[+-]?"
    more = f" * {times}" if times != 1 else ""

    def within(digits: int) -> str:
        return f"{raw} BETWEEN {0 if not sign else -(10**digits)} AND {10**digits}"

    if stored in INTEGERS:
        return within(room - 1), f"CAST({raw} AS BIGINT) * {power * times}"
    if stored in FLOATS:  # the nearest double of a decimal of at most 15 digits stands for that decimal and no other
        digits, wide = min(14 - places, room - 1), f"CAST({raw} AS DOUBLE)"
        return f"{within(digits)} AND round({wide} * 1e{places}) / 1e{places} = {wide}", f"CAST(round({wide} * 1e{places}) AS BIGINT){more}"
    if found := _DECIMAL.match(stored):
        width, scale = int(found.group(1)), int(found.group(2))
        whole = f" AND {raw} = round({raw}, {places})" if scale > places else ""
        narrow = raw if width <= 18 and scale <= places else f"CAST({raw} AS DECIMAL(18,{places}))"
        return within(room - 1) + whole, f"CAST({narrow} * {power} AS BIGINT){more}"
    if stored == TEXT:
        part = rf"(\.[0-9]{{1,{places}}})?" if places else ""
        return (
            f"regexp_full_match({raw}, '{sign}[0-9]{{1,{room - 1}}}{part}')",
            f"CAST(CAST({raw} AS DECIMAL(18,{places})) * {power} AS BIGINT){more}",
        )
    return "", ""


# --- other kinds -------------------------------------------------------------------------------------------------------------------------


def _year(raw: str, stored: str, column: Column) -> tuple[str, str]:
    decimal = _DECIMAL.match(stored)
    if stored in INTEGERS or (decimal and decimal.group(2) == "0"):
        return f"{raw} BETWEEN 1900 AND 2199", f"CAST({raw} AS BIGINT)"
    if stored in FLOATS:
        return f"{raw} BETWEEN 1900 AND 2199 AND {raw} = floor({raw})", f"CAST({raw} AS BIGINT)"
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
        return f"regexp_full_match({raw}, '[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}') AND TRY_CAST({raw} AS DATE) {span}", f"TRY_CAST({raw} AS DATE)"
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
    said = f"{raw} NOT IN ({_UNSAID}, '{NONE_WORD}') AND strlen({raw}) <= {_MOST_BYTES} AND regexp_full_match({raw}, '{_printable(is_code)}')"
    return f"CASE WHEN {said} THEN NOT regexp_full_match({raw}, '{_SCIENTIFIC}') ELSE FALSE END", raw


def _check_digit(raw: str) -> str:
    """Whether the 18th character checks the 17 before it. Source: GB 32100-2015."""
    terms = " + ".join(f"{pow(3, place, 31)} * strpos('{_ALPHABET}', {raw}[{place + 1}])" for place in range(17))
    excess = sum(pow(3, place, 31) for place in range(17))  # strpos counts from 1
    return f"(31 - ({terms} - {excess}) % 31) % 31 = strpos('{_ALPHABET}', {raw}[18]) - 1"


@cache
def _printable(is_code: bool) -> str:
    """A text of visible characters without spaces at its ends; for a code, without full-width forms, which cells.py makes narrow."""
    hidden = _ranges("Cc", "Cf", "Zl", "Zp") + (r"\x{ff01}-\x{ff5e}" if is_code else "")
    ends = hidden + r" \x{3000}\x{a0}"
    return f"[^{ends}]([^{hidden}]*[^{ends}])?"


@cache
def _ranges(*categories: str) -> str:
    """All characters of some categories, as ranges of a regular expression."""
    ranges: list[list[int]] = []
    for number in range(sys.maxunicode + 1):
        if unicodedata.category(chr(number)) in categories:
            if ranges and ranges[-1][1] == number - 1:
                ranges[-1][1] = number
            else:
                ranges.append([number, number])
    return "".join(f"\\x{{{first:x}}}-\\x{{{last:x}}}" if first != last else f"\\x{{{first:x}}}" for first, last in ranges)


_READERS = {"number": _number, "year": _year, "truth": _truth, "date": _date, "option": _option, "text": _text, "object": _text, "award": _text}
