"""The functions of the language (上年, 增长率, 首次 …) as SQL. A function of another year lowers its argument for that year."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction

from ..policy.render import phrase
from ..policy.syntax import Call, Number, Path
from .place import Place
from .reads import Reads
from .sql import Sql, add, aligned, choice, compare, divide, extreme, joined, multiply, number, opens, under, when

Function = Callable[[Reads, Call, Place, int], Sql]
EARLIEST = 1900


def last_year(plan: Reads, node: Call, place: Place, year: int) -> Sql:
    """上年(f), 前年(f)."""
    return plan.lower(node.arguments[0], place, year - (1 if node.function == "上年" else 2))


def growth(plan: Reads, node: Call, place: Place, year: int) -> Sql:
    """增长额(f), 增长率(f)."""
    now, base = plan.lower(node.arguments[0], place, year), plan.lower(node.arguments[0], place, year - 1)
    why = plan.combined(place, year, phrase(node), now, base)
    rise = add(now, base, -1)
    if node.function == "增长额":
        return plan.plain(rise, why, now, base)
    low = f"{now.sql} IS NOT NULL AND {base.sql} <= 0"
    return plan.plain(divide(rise, base), joined([why, when(low, plan.undefined(place, year, phrase(node), "上年为 0 或负数"))]), now, base)


def alone(plan: Reads, node: Call, place: Place, year: int) -> Sql:
    """两年平均增长率 and 时长 anywhere but on the left of a comparison have no value."""
    why = "只能与百分数比较" if node.function == "两年平均增长率" else "只能与年、月、日比较"
    return Sql("number", "CAST(NULL AS BIGINT)", why=plan.undefined(place, year, phrase(node), why))


def _since(plan: Reads, place: Place) -> tuple[Sql, str]:
    start = plan.vocabulary.start_fact(place.kind)
    found = plan.stored(start, "year", None, place) if start else Sql("number", "CAST(NULL AS BIGINT)")
    return found, start


def highest_ever(plan: Reads, node: Call, place: Place, year: int) -> Sql:
    """历年最大(f), as SQL: the largest of all years from 起年 to last year."""
    since, start = _since(plan, place)
    absent = plan.record(place, start or "起年", None)
    if since.sql.startswith("CAST(NULL"):
        return Sql("number", since.sql, why=absent)
    figures = [(past, plan.lower(node.arguments[0], place, past)) for past in range(max(since.low, EARLIEST), year)]
    no_since = f"{since.sql} IS NULL"
    if not figures:
        return Sql("number", "CAST(NULL AS BIGINT)", none=f"NOT ({no_since})", why=when(no_since, absent))
    shared = aligned(*(figure for _, figure in figures))
    inside = [f"{since.sql} <= {past}" for past, _ in figures]
    doubtful = " OR ".join(f"({when_in} AND {figure.is_unknown})" for when_in, (_, figure) in zip(inside, figures))
    terms = ", ".join(f"CASE WHEN {when_in} THEN {part.sql} END" for when_in, part in zip(inside, shared))
    largest = f"GREATEST({terms})" if len(shared) > 1 else terms
    sql = f"CASE WHEN {no_since} OR {doubtful} THEN NULL ELSE {largest} END"
    none = f"(NOT ({no_since}) AND NOT ({doubtful}) AND ({largest}) IS NULL)"
    why = joined([when(no_since, absent), *(when(when_in, figure.why) for when_in, (_, figure) in zip(inside, figures))])
    return replace(shared[0], sql=sql, none=none, why=why, low=min(part.low for part in shared), high=max(part.high for part in shared), constant=None,
                   floor=None, ceiling=None, wide=any(part.wide for part in shared), **opens(*(figure for _, figure in figures)))  # fmt: skip


def first_award_year(plan: Reads, node: Call, place: Place, year: int) -> Sql:
    """首奖年(f), as SQL: the figure of the year in which this object was first awarded."""
    _, first, _, years = plan.earlier(place.rule, place, year)
    none_yet = plan.undefined(place, year, phrase(node), "还没有得过奖")
    if not years:
        return Sql("number", "CAST(NULL AS BIGINT)", why=none_yet)
    figures = [(past, plan.lower(node.arguments[0], place, past)) for past in years]
    chosen = choice([(f"{first} = {past}", figure) for past, figure in figures])
    nones = " ".join(f"WHEN {first} = {past} THEN {figure.none}" for past, figure in figures if figure.none)
    why = joined([when(f"{first} IS NULL", none_yet), *(when(f"{first} = {past}", figure.why) for past, figure in figures)])
    return replace(chosen, none=f"CASE {nones} ELSE FALSE END" if nones else "", why=why, **opens(*(figure for _, figure in figures)))


def already_paid(plan: Reads, node: Call, place: Place, year: int) -> Sql:
    """已付(本奖), as SQL: everything this object has had under the award before this year."""
    (path,) = node.arguments
    assert isinstance(path, Path)
    name = path.names[0]
    _, _, total, years = plan.earlier(place.rule if name == "本奖" else plan.bound.rules[name], place, year)
    return Sql("number", total, low=0, high=10**18) if years else number(0)


def first_time(plan: Reads, node: Call, place: Place, year: int) -> Sql:
    """首次(c, 自 y): c holds now and held in no year from y to last year."""
    now = plan.condition(node.arguments[0], place, year)
    if len(node.arguments) > 1:
        since = plan.lower(node.arguments[1], place, year)
        if since.kind == "date":
            since = replace(since, kind="number", sql=f"year_of({since.sql})", low=max(since.low, EARLIEST), high=2199, den=1)
        absent = since.why
    else:
        since, start = _since(plan, place)
        absent = when(since.is_unknown, plan.record(place, start or "起年", None))
    if since.sql.startswith("CAST(NULL") and not since.none:
        return plan.truth(f"CASE WHEN {now.sql} IS FALSE THEN FALSE END", absent, now, since)
    past = [(item, plan.condition(node.arguments[0], place, item)) for item in range(max(since.low, EARLIEST), year)]
    before = "".join(f" WHEN {since.sql} <= {item} AND ({holds.sql}) THEN FALSE" for item, holds in past)
    doubtful = " OR ".join([f"({now.sql}) IS NULL", *(f"({since.sql} <= {item} AND ({holds.sql}) IS NULL)" for item, holds in past)])
    none = f" WHEN {since.none} THEN {now.sql}" if since.none else ""
    sql = f"CASE WHEN {now.sql} IS FALSE THEN FALSE{none} WHEN {since.sql} IS NULL THEN NULL WHEN {since.sql} > {year} THEN FALSE{before} WHEN {doubtful} THEN NULL ELSE TRUE END"
    why = joined([when(f"({since.sql}) IS NULL", joined([absent, when(since.none, now.why) if since.none else ""])),
                  when(f"({since.sql}) IS NOT NULL", joined([now.why, *(when(f"{since.sql} <= {item}", holds.why) for item, holds in past)]))])  # fmt: skip
    return plan.truth(sql, why, now, since, *(holds for _, holds in past))


def rising(plan: Reads, node: Call, place: Place, year: int) -> Sql:
    """连续增长(f, N年): N strict rises."""
    count = int(node.arguments[1].value) if isinstance(node.arguments[1], Number) else 0
    results = []
    for back in range(count):
        now, base = plan.lower(node.arguments[0], place, year - back), plan.lower(node.arguments[0], place, year - back - 1)
        results.append(plan.truth(compare(now, ">", base), plan.combined(place, year, phrase(node), now, base), now, base))
    return plan.all_of(results)


def several(plan: Reads, node: Call, place: Place, year: int) -> Sql:
    """平均, 较大, 较小 of several numbers, as SQL; 超出部分(x, y) is what x is above y."""
    parts = [plan.lower(argument, place, year) for argument in node.arguments]
    why = plan.combined(place, year, phrase(node), *parts)
    if node.function == "平均":
        total = parts[0]
        for part in parts[1:]:
            total = add(total, part)
        return plan.plain(multiply(total, number(Fraction(1, len(parts)))), why, *parts)
    if node.function == "超出部分":
        return plan.plain(extreme("GREATEST", [add(parts[0], parts[1], -1), number(0)]), why, *parts)
    return plan.plain(extreme("GREATEST" if node.function == "较大" else "LEAST", parts), why, *parts)


def year_of(plan: Reads, node: Call, place: Place, year: int) -> Sql:
    """年份(d), as SQL: the year of a date."""
    found = plan.lower(node.arguments[0], place, year)
    if found.kind != "date":
        return found
    return replace(found, kind="number", sql=f"year_of({found.sql})", low=max(found.low, EARLIEST), high=2199, den=1)


def has(plan: Reads, node: Call, place: Place, year: int) -> Sql:
    """有(x), 无(x), as SQL: look at 无 only, never at an unknown."""
    found, wanted = plan.lower(node.arguments[0], place, year), node.function == "有"
    yes, no = ("TRUE", "FALSE") if wanted else ("FALSE", "TRUE")
    none = f"WHEN {found.none} THEN {no} " if found.none else ""
    known = found.constant is not None
    return plan.truth(yes if known else f"CASE {none}WHEN ({found.sql}) IS NULL THEN NULL ELSE {yes} END", found.why, found)


def or_else(plan: Reads, node: Call, place: Place, year: int) -> Sql:
    """无则(x, y), as SQL: y where x is 无; an unknown stays unknown."""
    found = plan.lower(node.arguments[0], place, year)
    if not found.none:
        return replace(found, row=None)
    other = plan.lower(node.arguments[1], place, year)
    chosen = choice([(found.none, other), ("", found)]) if found.kind == "number" else replace(found, sql=f"CASE WHEN {found.none} THEN {other.sql} ELSE {found.sql} END")
    none = f"({found.none} AND {other.none})" if other.none else ""
    return replace(chosen, none=none, why=joined([found.why, when(found.none, other.why)]), row=None, constant=None, **opens(found, under(found.none, other)))


FUNCTIONS: dict[str, Function] = {
    "上年": last_year, "前年": last_year, "增长额": growth, "增长率": growth, "两年平均增长率": alone, "时长": alone, "历年最大": highest_ever,
    "首奖年": first_award_year, "平均": several, "较大": several, "较小": several, "超出部分": several, "年份": year_of, "有": has, "无": has,
    "无则": or_else, "已付": already_paid, "首次": first_time, "连续增长": rising,
}  # fmt: skip
