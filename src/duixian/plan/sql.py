"""A value as SQL: an exact rational of whole numbers, a truth, a day, a text; what is 无, and what is missing where it is not known.

Everything is a whole number: a rational is `sql / (den × over)`, compared and added by cross-multiplication, never divided. Bounds are carried
along (range analysis): where 64 bits are enough the text stays BIGINT, where they are not both operands are made `wide` (128 bits) first. Beyond
that the engine raises; nothing wraps. Unknown is NULL and every operation of SQL on NULL is NULL, except LEAST and GREATEST, which are guarded.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from fractions import Fraction
from math import gcd, lcm
from typing import Any

BIGGEST = 2**63 - 1
WIDEST = 10**38 - 1  # what both engines hold: HUGEINT and DECIMAL(38,0)
UNKNOWN_NUMBER = "CAST(NULL AS BIGINT)"


@dataclass(frozen=True, slots=True)
class Sql:
    """One value. kind: number truth date text object.

    sql: NULL where the value is not known, does not exist or is 无. none: a boolean (never NULL) that says 无; '' where it cannot be.
    why: text of what is missing, '' where nothing is. low, high: bounds of the numerator. floor, ceiling: what is known of an unknown number.
    opened, adjust: ceilings that stand in for a standard of the year, open numbers of the rule itself: (item, tier, SQL under which it is asked).
    never_null: the text of `sql` where that can never be NULL; numbered: that text and SQL of the number of the key. Any other text has to show it anew.
    """

    kind: str
    sql: str
    den: int = 1
    over: str = ""
    low: int = 0
    high: int = 0
    over_high: int = 1
    wide: bool = False
    constant: int | None = None
    none: str = ""
    why: str = ""
    floor: Sql | None = None
    ceiling: Sql | None = None
    opened: frozenset[Any] = frozenset()
    adjust: frozenset[Any] = frozenset()
    row: Any = field(default=None, compare=False)
    never_null: str = field(default="", compare=False)
    numbered: tuple[str, str] = field(default=("", ""), compare=False)

    @property
    def number(self) -> str:
        """SQL of the number of a key; '' where there is none."""
        return self.numbered[1] if self.numbered[0] == self.sql else ""

    @property
    def is_sure(self) -> bool:
        """Whether it is known of every object, so that nobody has to ask."""
        return bool(self.sql) and self.never_null == self.sql and not self.none and not self.over

    @property
    def is_unknown(self) -> str:
        """SQL that it is neither known nor 无."""
        if self.is_sure:
            return "FALSE"
        return f"({self.sql}) IS NULL AND NOT ({self.none})" if self.none else f"({self.sql}) IS NULL"


def sure(value: Sql, *parts: Sql) -> Sql:
    """A value that is known wherever all the values it is made of are."""
    return replace(value, never_null=value.sql if all(part.is_sure for part in parts) else "")


def renamed(value: Sql, name: str) -> Sql:
    """The same value under the name of a column."""
    return replace(value, sql=name, never_null=name if value.is_sure else "")


def quoted(name: str) -> str:
    """An identifier."""
    return '"' + name.replace('"', '""') + '"'


def text(value: str) -> str:
    """A text literal."""
    return "'" + value.replace("'", "''") + "'"


def number(value: int | Fraction) -> Sql:
    """A constant."""
    exact = Fraction(value)
    return sure(Sql("number", f"CAST({exact.numerator} AS BIGINT)" if abs(exact.numerator) <= BIGGEST else f"wide({exact.numerator})",
                    exact.denominator, low=exact.numerator, high=exact.numerator, wide=abs(exact.numerator) > BIGGEST, constant=exact.numerator))  # fmt: skip


def truth(sql: str, **more: Any) -> Sql:
    """A boolean."""
    return Sql("truth", sql, **more)


TRUE, FALSE = sure(truth("TRUE")), sure(truth("FALSE"))


def unknown(kind: str, why: str) -> Sql:
    """A value nobody knows."""
    types = {"number": "BIGINT", "truth": "BOOLEAN", "date": "DATE"}
    return Sql(kind, f"CAST(NULL AS {types.get(kind, 'VARCHAR')})", why=why)


# --- what is missing ------------------------------------------------------------------------------------------------------------------

FIELD, RECORD = "\x1f", "\x1e"


def joined(parts: Iterable[str]) -> str:
    """Texts one after the other, duplicates left out."""
    kept = list(dict.fromkeys(part for part in parts if part and part != "''"))
    return "(" + " || ".join(kept) + ")" if len(kept) > 1 else kept[0] if kept else ""


def when(condition: str, then: str) -> str:
    """Text under a condition, else nothing."""
    if not then or not condition or condition == "FALSE":
        return ""
    return then if condition == "TRUE" else f"CASE WHEN {condition} THEN {then} ELSE '' END"


def opens(*parts: Sql) -> dict[str, frozenset[Any]]:
    """The open numbers several parts use."""
    found: dict[str, frozenset[Any]] = {}
    for name in ("opened", "adjust"):
        together = frozenset().union(*(getattr(part, name) for part in parts))
        if together:
            found[name] = together
    return found


def under(condition: str, value: Sql) -> Sql:
    """A part that is only asked where a condition holds: so are its open numbers."""
    if not (value.opened or value.adjust) or condition in ("", "TRUE"):
        return value

    def asked(keys: frozenset[Any]) -> frozenset[Any]:
        return frozenset((item, tier, f"({condition} AND {before})" if before else condition) for item, tier, before in keys)

    return replace(value, opened=asked(value.opened), adjust=asked(value.adjust))


# --- arithmetic -----------------------------------------------------------------------------------------------------------------------


def fits(low: int, high: int) -> bool:
    """Whether all numbers between these bounds are BIGINTs."""
    return low >= -BIGGEST and high <= BIGGEST


def _operand(value: Sql, wide: bool) -> str:
    if value.constant is not None:
        plain = str(value.constant) if value.constant >= 0 else f"({value.constant})"
        return f"wide({plain})" if wide and abs(value.constant) > BIGGEST else plain
    return f"wide({value.sql})" if wide and not value.wide else value.sql


def _calc(left: Sql, operator: str, right: Sql, low: int, high: int) -> Sql:
    """left ∘ right on numerators, in 64 bits where the bounds allow it."""
    if left.constant is not None and right.constant is not None:
        return number({"+": left.constant + right.constant, "-": left.constant - right.constant, "*": left.constant * right.constant}[operator])
    if operator == "*" and right.constant == 1:
        return replace(left, den=1, over="", over_high=1)
    if operator == "*" and left.constant == 1:
        return replace(right, den=1, over="", over_high=1)
    if operator in "+-" and right.constant == 0:
        return left
    if operator == "*" and (left.constant == 0 or right.constant == 0):
        other = right if left.constant == 0 else left
        return Sql("number", f"(0 * {other.sql})", low=0, high=0, wide=other.wide)
    wide = not fits(low, high)
    sql = f"({_operand(left, wide)} {operator} {_operand(right, wide)})"
    return sure(Sql("number", sql, low=low, high=high, wide=wide or left.wide or right.wide), left, right)


def times(left: Sql, right: Sql) -> Sql:
    """Numerators multiplied."""
    corners = [a * b for a in (left.low, left.high) for b in (right.low, right.high)]
    return _calc(left, "*", right, min(corners), max(corners))


def by(value: Sql, factor: int) -> Sql:
    """A numerator times a whole number."""
    return value if factor == 1 else times(value, number(factor))


def over_of(value: Sql) -> Sql:
    """The moving denominator as a number of its own."""
    return Sql("number", value.over, low=1, high=value.over_high, wide=value.over_high > BIGGEST) if value.over else number(1)


def aligned(*values: Sql) -> list[Sql]:
    """The same numbers over one common denominator."""
    den = lcm(*(value.den for value in values))
    overs = list(dict.fromkeys(value.over for value in values if value.over))
    result = []
    for value in values:
        top = by(value, den // value.den)
        for over in overs:
            if over != value.over:
                top = times(top, over_of(next(other for other in values if other.over == over)))
        common = number(1)
        for over in overs:
            common = times(common, over_of(next(other for other in values if other.over == over)))
        result.append(replace(top, den=den, over=common.sql if overs else "", over_high=common.high if overs else 1, constant=top.constant if not overs else None))
    return result


BLANK = Sql("number", "NULL")


def choice(cases: list[tuple[str, Sql]]) -> Sql:
    """The number of the first case whose SQL condition holds ('' always): each keeps its own moving denominator, so an unknown one spoils no other,
    and what is known of it.
    """
    values = [value for _, value in cases]
    den = lcm(*(value.den for value in values))
    tops = [by(replace(value, over="", over_high=1, den=1), den // value.den) for value in values]
    wide = any(top.wide for top in tops)
    parts = [f"wide({top.sql})" if wide and not top.wide else top.sql for top in tops]
    over = ""
    if any(value.over for value in values):
        over = _cases([(condition, value.over or "1") for condition, value in cases])
    known = {side: choice([(condition, getattr(value, side) or BLANK) for condition, value in cases])
             for side in ("floor", "ceiling") if any(getattr(value, side) for value in values)}  # fmt: skip
    return Sql("number", _cases([(condition, part) for (condition, _), part in zip(cases, parts)]), den=den, over=over, low=min(top.low for top in tops),
               high=max(top.high for top in tops), over_high=max(value.over_high for value in values), wide=wide, **known)  # fmt: skip


def _cases(cases: list[tuple[str, str]]) -> str:
    if not cases[0][0]:
        return cases[0][1]
    last = f" ELSE {cases[-1][1]}" if not cases[-1][0] else ""
    return "CASE " + " ".join(f"WHEN {condition} THEN {sql}" for condition, sql in cases if condition) + last + " END"


def add(left: Sql, right: Sql, sign: int = 1) -> Sql:
    """left ± right."""
    a, b = aligned(left, right)
    low, high = (a.low + b.low, a.high + b.high) if sign > 0 else (a.low - b.high, a.high - b.low)
    return replace(_calc(a, "+" if sign > 0 else "-", b, low, high), den=a.den, over=a.over, over_high=a.over_high)


def multiply(left: Sql, right: Sql) -> Sql:
    """left × right. A constant is cancelled against the other side's denominator."""
    if left.constant is not None and left.constant and right.constant is None:
        left, right = right, left
    den = left.den * right.den
    top: Sql
    if right.constant is not None:
        shared = gcd(right.constant, left.den) if right.constant else 1
        ratio = Fraction(right.constant // shared, right.den)
        den = (left.den // shared) * ratio.denominator
        top = times(left, number(ratio.numerator))
    else:
        top = times(left, right)
    overs = [value for value in (left, right) if value.over]
    common = times(over_of(overs[0]), over_of(overs[1])) if len(overs) == 2 else over_of(overs[0]) if overs else None
    return replace(top, den=den, over=common.sql if common else "", over_high=common.high if common else 1)


def divide(left: Sql, right: Sql) -> Sql:
    """left ÷ right for a right above zero; NULL where it is not (the caller says why)."""
    if right.constant is not None and not right.over:
        return multiply(left, number(Fraction(right.den, right.constant))) if right.constant > 0 else replace(number(0), sql=UNKNOWN_NUMBER, constant=None)
    top = by(left, right.den)
    if right.over:
        top = times(top, over_of(right))
    below = replace(right, den=1, over="", over_high=1)
    common = times(below, over_of(left)) if left.over else below
    sql = f"CASE WHEN {right.sql} > 0 THEN {top.sql} END"
    return replace(top, sql=sql, constant=None, den=left.den, over=common.sql, over_high=max(common.high, 1))


def compare(left: Sql, operator: str, right: Sql) -> str:
    """left ∘ right as SQL. operator: >= > <= < =. A value nobody knows takes the type of the other side."""
    if left.kind != right.kind:
        left, right = _typed(left, right.kind), _typed(right, left.kind)
    if left.kind != "number":
        return f"({left.sql} {operator} {right.sql})"
    a, b = aligned(left, right)
    return f"({_operand(a, False)} {operator} {_operand(b, False)})"


def _typed(value: Sql, kind: str) -> Sql:
    return replace(value, kind=kind, sql=unknown(kind, "").sql) if value.sql.startswith("CAST(NULL") else value


def as_date(value: Sql) -> Sql:
    """A value where a day is wanted; one nobody knows is a day nobody knows."""
    return _typed(value, "date") if value.kind != "date" else value


def extreme(name: str, values: list[Sql]) -> Sql:
    """The least or greatest of several, NULL where any is not known."""
    parts = aligned(*values)
    wide = any(part.wide for part in parts)
    known = " OR ".join(f"{part.sql} IS NULL" for part in parts if part.constant is None and not part.is_sure)
    sql = f"{name}({', '.join(f'wide({part.sql})' if wide and not part.wide else part.sql for part in parts)})"
    pick = min if name == "LEAST" else max
    low, high = pick(part.low for part in parts), pick(part.high for part in parts)
    return replace(parts[0], sql=f"CASE WHEN {known} THEN NULL ELSE {sql} END" if known else sql, never_null="" if known else sql, low=low, high=high, wide=wide, constant=None,
                   none="", why="", floor=None, ceiling=None)  # fmt: skip


def steps(value: Sql, size: Sql) -> Sql:
    """How many whole steps of `size` are in a value: floor(value ÷ size), 0 for nothing or less; size above zero."""
    a, b = aligned(value, size)
    if a.constant is not None and b.constant is not None and b.constant > 0:  # two literals would be divided in 32 bits
        return number(max(0, a.constant // b.constant))
    wide = a.wide or b.wide
    high = max(0, a.high // max(1, b.low if b.low > 0 else 1))
    if a.low >= 0 and b.constant is not None and b.constant > 0:
        return sure(Sql("number", _quotient(a, b), low=0, high=high, wide=wide), a, b)
    sql = f"CASE WHEN {a.sql} > 0 THEN {'wdiv' if wide else 'idiv'}({_operand(a, wide)}, {_operand(b, wide)}) ELSE 0 END"
    known = a.is_sure and b.is_sure
    if not known:  # of nothing there are no steps, but of which size must be known all the same
        sql = f"CASE WHEN {a.sql} IS NULL OR {b.sql} IS NULL THEN NULL WHEN {a.sql} > 0 THEN {'wdiv' if wide else 'idiv'}({_operand(a, wide)}, {_operand(b, wide)}) ELSE 0 END"
    return sure(Sql("number", sql, low=0, high=high, wide=wide), a, b)


def _quotient(top: Sql, below: Sql) -> str:
    """⌊top ÷ below⌋ of numerators, below above zero: cut off where nothing can be below zero, since that is the same and one division instead of two."""
    wide = top.wide or below.wide
    plain = not wide and top.low >= 0 and below.constant is not None and below.constant > 0
    return f"{'cut' if plain else 'wdiv' if wide else 'idiv'}({_operand(top, wide)}, {_operand(below, wide)})"


def floored(value: Sql) -> Sql:
    """floor of a number of at least zero, as BIGINT."""
    if value.den == 1 and not value.over:
        return renamed(replace(value, wide=False, constant=None), f"narrow({value.sql})") if value.wide else value
    if value.constant is not None and not value.over:
        return number(value.constant // value.den)
    below = by(over_of(value), value.den) if value.over else number(value.den)
    wide = value.wide or below.wide
    sql = _quotient(value, below)
    return sure(Sql("number", f"narrow({sql})" if wide else sql, low=0, high=min(BIGGEST, max(value.high, 0))), value)


def rounded(value: Sql, step: int, half_up: bool) -> Sql:
    """A number of at least zero as whole steps of `step` 分. Source: values/money.py."""
    if value.den == 1 and not value.over and step == 1:
        return floored(value)
    below = by(over_of(value) if value.over else number(1), value.den * step)
    top = replace(value, den=1, over="")
    if half_up and below.constant is not None and below.constant % 2 == 0:
        top = add(top, number(below.constant // 2))
    elif half_up:
        top, below = add(by(top, 2), below), by(below, 2)
    sql = _quotient(top, below)
    sql = f"narrow({sql})" if top.wide or below.wide else sql
    return sure(Sql("number", f"({sql} * {step})" if step != 1 else sql, low=0, high=min(BIGGEST, max(value.high, 0) + step)), value)


def order_columns(value: Sql) -> list[str]:
    """Whole numbers that sort as the value does, exactly: the value itself, or, where the denominator moves, its first 36 decimals.

    Two different fractions with denominators up to 10^17 differ by at least 10^-34, so 36 decimals tell them apart.
    """
    if value.kind != "number" or not value.over:
        return [value.sql]
    below = by(over_of(value), value.den)
    top, under = _operand(value, True), _operand(below, True)
    places = "1000000000000000000"
    whole = f"wdiv({top}, {under})"
    rest = f"({top} - {whole} * {under})"
    second = f"wdiv({rest} * wide({places}), {under})"
    again = f"({rest} * wide({places}) - {second} * {under})"
    return [whole, second, f"wdiv({again} * wide({places}), {under})"]


_NAMES = re.compile(r'"((?:[^"]|"")+)"')


def names_in(sql: str) -> set[str]:
    """The identifiers a text uses."""
    return {found.replace('""', '"') for found in _NAMES.findall(sql)}
