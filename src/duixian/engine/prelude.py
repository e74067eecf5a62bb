"""The prelude (序): the few functions that DuckDB and Spark spell differently, under one name, so that one SQL text means the same on both.

One line each: name, parameters, what it is on DuckDB, what it is on Spark. DuckDB gets a macro. Spark gets the text already expanded: its own
SQL functions compute their arguments even where a CASE would not ask for them, and are refused in ORDER BY and in VALUES. Both repeat an
argument as often as the body names it, so an argument is a column or a short expression; `expand` refuses what would grow without bound.

Whole numbers are BIGINT; wide ones have 128 bits (HUGEINT on DuckDB, DECIMAL(38,0) on Spark). Floor division and its remainder are defined
for b > 0 only. b ≤ 0 is an error, a result that does not fit is an error, NULL in is NULL out.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

WIDE_DUCK, WIDE_SPARK = "HUGEINT", "DECIMAL(38,0)"
MAX_EXPANDED = 16_000_000  # characters of one expanded statement: far above any policy, below what would choke a planner


@dataclass(frozen=True, slots=True)
class Function:
    """One function: its name, its parameters (words of the bodies), its body on each engine, and what it means in a line."""

    name: str
    parameters: tuple[str, ...]
    duck: str
    spark: str
    meaning: str

    @property
    def macro(self) -> str:
        """The DuckDB statement that defines it in one database, for every connection to it."""
        return f"CREATE OR REPLACE MACRO {self.name}({', '.join(self.parameters)}) AS {self.duck}"


def _each(name: str, parameters: str, duck: str, spark: str, meaning: str) -> Function:
    return Function(name, tuple(parameters.split()), duck, spark, meaning)


def _same(name: str, parameters: str, body: str, meaning: str) -> Function:
    return _each(name, parameters, body, body, meaning)


# A divisor below zero becomes 0, so that both engines raise their own division by zero; NULL stays NULL. A literal folds away.
_B = "CASE WHEN b < 0 THEN 0 ELSE b END"
_LOWER = "CASE WHEN a % b < 0 THEN 1 ELSE 0 END"  # from truncation to floor
_BIG = "9223372036854775807"  # fits no INT: a count beyond its limit fails in the cast, before a date could wrap

FUNCTIONS: tuple[Function, ...] = (
    _each("wide", "x", f"CAST(x AS {WIDE_DUCK})", f"CAST(x AS {WIDE_SPARK})", "x in 128 bits"),
    _same("narrow", "x", "CAST(x AS BIGINT)", "x as BIGINT; an error where it does not fit"),
    _each("floored", "a b", f"(a // {_B} - {_LOWER})", f"(a div {_B} - {_LOWER})", "⌊a/b⌋ of two operands of one type; use idiv or wdiv"),
    _same("left_over", "a b", f"(a % {_B} + CASE WHEN a % b < 0 THEN b ELSE 0 END)", "a − b⌊a/b⌋ of two operands of one type; use imod or wmod"),
    _same("idiv", "a b", "floored(narrow(a), narrow(b))", "⌊a/b⌋, BIGINT"),
    _same("imod", "a b", "left_over(narrow(a), narrow(b))", "a − b⌊a/b⌋, BIGINT"),
    _each("cut", "a b", "(a // b)", "(a div b)", "⌊a/b⌋ of BIGINTs, a at least zero and b above it, both proved"),
    # On Spark what is left of a after its remainder is a multiple of b; DECIMAL(38,6) holds that quotient exactly below 10^32, and raises beyond.
    _each("divided", "a b", "floored(a, b)", f"CAST((a - pmod(a, b)) / ({_B}) AS {WIDE_SPARK})", "⌊a/b⌋ of two wide operands; use wdiv"),
    _each("wcut", "a b", "(wide(a) // wide(b))", f"CAST((wide(a) - pmod(wide(a), wide(b))) / wide(b) AS {WIDE_SPARK})", "⌊a/b⌋, wide, a at least zero and b above it, both proved"),
    _same("wdiv", "a b", "divided(wide(a), wide(b))", "⌊a/b⌋, wide"),
    _same("wmod", "a b", "left_over(wide(a), wide(b))", "a − b⌊a/b⌋, wide"),
    _same("is_whole", "a b", "(wmod(a, b) = 0)", "whether a/b is a whole number"),
    _same(
        "round_half_up",
        "num den step",
        "narrow(CASE WHEN num < 0 THEN -step ELSE step END * divided(2 * abs(wide(num)) + wide(den) * step, 2 * wide(den) * step))",
        "the exact amount num/den to a multiple of step, half away from zero, BIGINT (四舍五入)",
    ),
    _same(
        "round_down",
        "num den step",
        "narrow(CASE WHEN num < 0 THEN -step ELSE step END * divided(abs(wide(num)), wide(den) * step))",
        "the exact amount num/den to a multiple of step, towards zero, BIGINT (舍去)",
    ),
    _same("least_known", "a b", "CASE WHEN a <= b THEN a WHEN b < a THEN b END", "the lesser; NULL where either is NULL (LEAST skips NULL)"),
    _same("greatest_known", "a b", "CASE WHEN a >= b THEN a WHEN b > a THEN b END", "the greater; NULL where either is NULL"),
    _each("day_moved", "d n", "CAST(d + to_months(n) AS DATE)", "add_months(d, n)", "d and n months, n INTEGER; use day_after"),
    _each("days_added", "d n", "(d + n)", "date_add(d, n)", "d and n days, n INTEGER; use day_plus"),
    _same("limited", "n high", f"CAST(CASE WHEN n > high OR n < -high THEN {_BIG} ELSE n END AS INTEGER)", "n as INTEGER; an error beyond ±high"),
    _same("day_after", "d n", "day_moved(d, limited(n, 120000))", "the corresponding day n months later, else the last of that month (民法典 202 条)"),
    _same("day_plus", "d n", "days_added(d, limited(n, 3660000))", "n days later"),
    _each("days_between", "d e", "CAST(e - d AS BIGINT)", "CAST(datediff(e, d) AS BIGINT)", "days from d to e, BIGINT"),
    _same("year_of", "d", "CAST(year(d) AS BIGINT)", "year of a date, BIGINT"),
    _same("date_of", "y m d", "make_date(CAST(y AS INTEGER), CAST(m AS INTEGER), CAST(d AS INTEGER))", "the date; an error where there is no such day"),
    _each(
        "joined",
        "texts mark",
        "array_to_string(list_sort(texts), mark)",
        "CASE WHEN size(texts) > 0 THEN array_join(array_sort(texts), mark) END",
        "the texts of array_agg(x) FILTER (WHERE x IS NOT NULL) by code point, with mark between; NULL where there is none",
    ),
)


def macros() -> list[str]:
    """The DuckDB statements that define the prelude in one connection, in order."""
    return [function.macro for function in FUNCTIONS]


_TOKEN = re.compile(
    r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|--[^\n]*|/\*.*?\*/"  # text, quoted name, comments: kept as they are
    r"|\w+|\s+|.",
    re.DOTALL,
)
_SIMPLE = re.compile(r"\w+|\"(?:[^\"]|\"\")*\"(?:\.\"(?:[^\"]|\"\")*\")?")


def _call_end(tokens: Sequence[str], opening: int) -> tuple[int, list[tuple[int, int]]]:
    """Where the bracket at `opening` closes, and the (start, end) of each argument between."""
    depth, start, arguments = 0, opening + 1, []
    for place in range(opening, len(tokens)):
        token = tokens[place]
        if token in "([":
            depth += 1
        elif token in ")]":
            depth -= 1
            if depth == 0:
                return place, [*arguments, (start, place)]
        elif token == "," and depth == 1:
            arguments.append((start, place))
            start = place + 1
    raise ValueError("a bracket of the SQL text is never closed: " + "".join(tokens[max(0, opening - 2) : opening + 20]))


def _expanded(tokens: Sequence[str], bodies: dict[str, tuple[tuple[str, ...], list[str]]]) -> list[str]:
    """The tokens with every call of a prelude function replaced by its body."""
    out: list[str] = []
    place, size = 0, 0
    while place < len(tokens):
        token = tokens[place]
        opening = place + 1
        while opening < len(tokens) and tokens[opening].isspace():
            opening += 1
        known = bodies.get(token) if opening < len(tokens) and tokens[opening] == "(" and (place == 0 or tokens[place - 1] != ".") else None
        if known is None:
            out.append(token)
            size += len(token)
            place += 1
            continue
        closing, spans = _call_end(tokens, opening)
        parameters, body = known
        if len(spans) != len(parameters):
            raise ValueError(f"{token} takes {len(parameters)} arguments, not {len(spans)}: " + "".join(tokens[place : closing + 1])[:300])
        given = {}
        for parameter, (start, end) in zip(parameters, spans):
            text = "".join(_expanded(tokens[start:end], bodies)).strip()
            given[parameter] = text if _SIMPLE.fullmatch(text) else f"({text})"
        text = "".join(given.get(word, word) for word in body)
        size += len(text)
        if size > MAX_EXPANDED:
            raise ValueError(f"the SQL text grows beyond {MAX_EXPANDED} characters: give the arguments of {token} names in a lower SELECT")
        out.append(f"({text})")
        place = closing + 1
    return out


def _bodies() -> dict[str, tuple[tuple[str, ...], list[str]]]:
    ready: dict[str, tuple[tuple[str, ...], list[str]]] = {}
    for function in FUNCTIONS:  # a body may call the functions above it
        ready[function.name] = (function.parameters, _TOKEN.findall("".join(_expanded(_TOKEN.findall(function.spark), ready))))
    return ready


_SPARK = _bodies()


def _spelled(token: str) -> str:
    """A token as Spark spells it: a backslash in a text stands for itself, and a text type needs no length."""
    if token[0] == "'":
        return token.replace("\\", "\\\\")
    return "STRING" if token == "VARCHAR" else token


def expand(sql: str) -> str:
    """The text for Spark: every call of a prelude function replaced by its body; quoted names and comments stay as they are.

    Raises ValueError for a wrong number of arguments, an open bracket, or a text that would grow beyond MAX_EXPANDED.
    """
    return "".join(_expanded([_spelled(token) for token in _TOKEN.findall(sql)], _SPARK))
