"""The functions of the language (上年, 增长率, 首次 …), each as it is lowered: arguments are values of (object, year), and so is the result.

A function of another year asks its argument for that year. What it cannot know it says: nothing is taken to be zero.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from fractions import Fraction
from typing import Any

from ..policy.render import phrase
from ..policy.syntax import Call, Number, Path
from ..values.facts import NONE, Missing, Thing, Unknown
from ..values.money import exact
from ..values.terms import Waits
from .context import Asked, Context, Evaluate
from .logic import NUMBERS, combine, conjunction, truth, undefined

Function = Callable[[Asked, Call, list[Evaluate], Context], Evaluate]


def last_year(interpreter: Asked, node: Call, arguments: list[Evaluate], context: Context) -> Evaluate:
    """上年(f), 前年(f): the figure one or two years earlier."""
    (figure,), back = arguments, 1 if node.function == "上年" else 2
    return lambda thing, year: figure(thing, year - back)


def growth(interpreter: Asked, node: Call, arguments: list[Evaluate], context: Context) -> Evaluate:
    """增长额(f) is this year less last; 增长率(f) is that over last year, which has to be above zero."""
    (figure,), rate = arguments, node.function == "增长率"
    label = phrase(node)

    def value(thing: Thing, year: int) -> Any:
        now, base = figure(thing, year), figure(thing, year - 1)
        if now.__class__ not in NUMBERS or base.__class__ not in NUMBERS:
            return combine(thing, year, label, now, base)
        if not rate:
            return now - base
        return exact(Fraction(now - base) / base) if base > 0 else undefined(thing, year, label, "上年为 0 或负数")

    return value


def average_growth_alone(interpreter: Asked, node: Call, arguments: list[Evaluate], context: Context) -> Evaluate:
    """两年平均增长率 anywhere but on the left of a comparison has no value: it may be irrational."""
    label = phrase(node)
    return lambda thing, year: undefined(thing, year, label, "只能与百分数比较")


def highest_ever(interpreter: Asked, node: Call, arguments: list[Evaluate], context: Context) -> Evaluate:
    """历年最大(f): the largest of all years from 起年 to last year."""
    (figure,) = arguments
    start = interpreter.vocabulary.start_fact(context.kind)
    label = phrase(node)

    def value(thing: Thing, year: int) -> Any:
        since = thing.values.get((start, None)) if start else None
        if since.__class__ is not int:
            return Unknown({Missing(Waits.APPLICANT, thing.kind, thing.key, start or "起年", None)})
        figures = [figure(thing, past) for past in range(since, year)]
        known = [item for item in figures if item.__class__ in NUMBERS]
        unknown = [item for item in figures if item.__class__ is Unknown]
        if unknown:
            return combine(thing, year, label, *unknown)
        return max(known) if known else NONE

    return value


def first_award_year(interpreter: Asked, node: Call, arguments: list[Evaluate], context: Context) -> Evaluate:
    """首奖年(f): the figure of the year in which this object was first awarded."""
    (figure,) = arguments
    label = phrase(node)

    def value(thing: Thing, year: int) -> Any:
        years = [entry.year for entry in interpreter.earlier(context.rule, thing, year)]
        return figure(thing, min(years)) if years else undefined(thing, year, label, "还没有得过奖")

    return value


def already_paid(interpreter: Asked, node: Call, arguments: list[Evaluate], context: Context) -> Evaluate:
    """已付(本奖): everything this object has had under the award before this year."""
    (path,) = node.arguments
    assert isinstance(path, Path)
    name = path.names[0]
    rule = context.rule if name == "本奖" else interpreter.bound.rules[name]
    return lambda thing, year: sum(entry.amount_fen for entry in interpreter.earlier(rule, thing, year))


def first_time(interpreter: Asked, node: Call, arguments: list[Evaluate], context: Context) -> Evaluate:
    """首次(c, 自 y): c holds now and held in no year from y to last year; y is 起年 where none is given. A year before y is not looked at."""
    holds = arguments[0]
    since = arguments[1] if len(arguments) > 1 else None
    start = interpreter.vocabulary.start_fact(context.kind)

    def value(thing: Thing, year: int) -> Any:
        now = truth(holds(thing, year))
        if now is False:
            return False
        first = since(thing, year) if since else thing.values.get((start, None))
        if isinstance(first, date):
            first = first.year
        if first is NONE:
            return now
        if first.__class__ is not int:
            missing = first.missing if first.__class__ is Unknown else {Missing(Waits.APPLICANT, thing.kind, thing.key, start or "起年", None)}
            return Unknown(missing)
        if year < first:
            return False
        results = [now]
        for past in range(first, year):
            earlier = truth(holds(thing, past))
            results.append(earlier if earlier.__class__ is Unknown else not earlier)
        return conjunction(results)

    return value


def rising(interpreter: Asked, node: Call, arguments: list[Evaluate], context: Context) -> Evaluate:
    """连续增长(f, N年): N strict rises, f(Y−i) > f(Y−i−1)."""
    figure = arguments[0]
    count = int(node.arguments[1].value) if isinstance(node.arguments[1], Number) else 0
    label = phrase(node)

    def value(thing: Thing, year: int) -> Any:
        results = []
        for back in range(count):
            now, base = figure(thing, year - back), figure(thing, year - back - 1)
            ordered = now.__class__ in NUMBERS and base.__class__ in NUMBERS
            results.append(now > base if ordered else combine(thing, year, label, now, base))
        return conjunction(results)

    return value


def several(interpreter: Asked, node: Call, arguments: list[Evaluate], context: Context) -> Evaluate:
    """平均, 较大, 较小 of several numbers; 超出部分(x, y) is what x is above y."""
    compute = {
        "平均": lambda parts: exact(Fraction(sum(map(Fraction, parts)), len(parts))),
        "较大": max,
        "较小": min,
        "超出部分": lambda parts: max(parts[0] - parts[1], 0),
    }[node.function]
    label = phrase(node)

    def value(thing: Thing, year: int) -> Any:
        parts = [argument(thing, year) for argument in arguments]
        return compute(parts) if all(part.__class__ in NUMBERS for part in parts) else combine(thing, year, label, *parts)

    return value


def year_of(interpreter: Asked, node: Call, arguments: list[Evaluate], context: Context) -> Evaluate:
    """年份(d): the year of a date."""
    (day,) = arguments

    def value(thing: Thing, year: int) -> Any:
        found = day(thing, year)
        return found.year if isinstance(found, date) else found

    return value


def has(interpreter: Asked, node: Call, arguments: list[Evaluate], context: Context) -> Evaluate:
    """有(x), 无(x): look at 无 only, never at an unknown."""
    (figure,), wanted = arguments, node.function == "有"

    def value(thing: Thing, year: int) -> Any:
        found = figure(thing, year)
        return found if found.__class__ is Unknown else (found is not NONE) is wanted

    return value


def or_else(interpreter: Asked, node: Call, arguments: list[Evaluate], context: Context) -> Evaluate:
    """无则(x, y): y where x is 无; an unknown stays unknown."""
    figure, other = arguments

    def value(thing: Thing, year: int) -> Any:
        found = figure(thing, year)
        return other(thing, year) if found is NONE else found

    return value


def duration_alone(interpreter: Asked, node: Call, arguments: list[Evaluate], context: Context) -> Evaluate:
    """时长 anywhere but on the left of a comparison has no value."""
    label = phrase(node)
    return lambda thing, year: undefined(thing, year, label, "只能与年、月、日比较")


FUNCTIONS: dict[str, Function] = {
    "上年": last_year, "前年": last_year, "增长额": growth, "增长率": growth,
    "两年平均增长率": average_growth_alone, "历年最大": highest_ever, "首奖年": first_award_year,
    "平均": several, "较大": several, "较小": several, "超出部分": several,
    "时长": duration_alone, "年份": year_of, "有": has, "无": has, "无则": or_else,
    "已付": already_paid, "首次": first_time, "连续增长": rising,
}  # fmt: skip
