"""Which lines stand within one step of a boundary, as SQL made of the policy's own nodes.

A step is one 分 of money, one of a count, one year, one day, the smallest stored step of a ratio; for a growth rate, one 分 of the amount at which
the rate is exactly met.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any

from ..plan.lower import Lowering, bounds_of
from ..plan.place import Place
from ..plan.query import Query
from ..plan.sql import Sql, add, aligned, as_date, multiply, number, quoted
from ..policy.model import Rule
from ..policy.readings import walk, words
from ..policy.syntax import Aggregate, Between, Call, Compare, Node, Number, Path
from ..values.frames import KEY

q = quoted


def near_sql(lowering: Lowering, rule: Rule, year: int) -> str:
    """SELECT of the objects (标识, 种类) of a rule within one step of any boundary of it; '' where it has none.

    Looked at: every comparison of numbers or days in conditions, vetoes, tier cells and 值 of the rule, of the 通则 that hold for it, and of the
    认定 it asks about on the same object. What is not known is near nothing.
    """
    row = lowering.base(rule.object, "o")
    query = Query(lowering.source(rule.object), row)
    place = Place(query, row, rule, values={value.name: value for value in rule.values})
    found: list[str] = []
    for inside, node in _tests(lowering, rule, place):
        for test in _near(lowering, node, inside, year):
            if test not in found:
                found.append(query.let(test, f"近{len(found) + 1}"))
    if not found:
        return ""
    select = {KEY: lowering.key(place), "种类": query.expose(row.kind_sql, "种类")}
    return query.text(select, where=" OR ".join(dict.fromkeys(found)))


def _tests(lowering: Lowering, rule: Rule, place: Place) -> Iterator[tuple[Place, Compare | Between]]:
    tiers = lowering.standards.tiers_of(rule)
    cells: list[Any] = [row.cells for row in tiers.rows] if tiers else []
    generals = [general for general in lowering.bound.generals if rule.kind == "奖补" and (rule.name in words(general.items)) is not general.all_awards]
    own = (rule.conditions, rule.any_of, rule.vetoes, cells, [value.body for value in rule.values],
           [general.conditions for general in generals], [[item for item, _ in general.vetoes] for general in generals])  # fmt: skip
    for node in _comparisons(own):
        yield place, node
    asked = {node.names[0] for node in walk((*own, rule.standard)) if isinstance(node, Path) and len(node.names) == 1}
    for other in lowering.bound.rules.values():
        if other.kind == "认定" and other.name in asked and lowering.vocabulary.is_kind(rule.object, other.object):
            there = Place(place.query, place.row, other, values={value.name: value for value in other.values})
            for node in _comparisons((other.conditions, other.any_of)):
                yield there, node


def _comparisons(value: Any) -> Iterator[Compare | Between]:
    """Every comparison that is asked of the object itself: what stands inside a list is asked of its members."""
    if isinstance(value, Aggregate):
        return
    if isinstance(value, (tuple, list)):
        for item in value:
            yield from _comparisons(item)
    elif isinstance(value, Node):
        if isinstance(value, (Compare, Between)):
            yield value
        for field in dataclasses.fields(value):
            yield from _comparisons(getattr(value, field.name))


def _near(lowering: Lowering, node: Compare | Between, place: Place, year: int) -> Iterator[str]:
    call = node.left if isinstance(node.left, Call) else None
    for _, right in bounds_of(node):
        if call is not None and call.function == "两年平均增长率":
            now, base = lowering.lower(call.arguments[0], place, year), lowering.lower(call.arguments[0], place, year - 2)
            one = add(number(1), lowering.lower(right, place, year))
            yield _within(now, multiply(base, multiply(one, one)), ratio=False)
        elif call is not None and call.function == "时长":
            start, end = (as_date(lowering.lower(argument, place, year)) for argument in call.arguments)
            if isinstance(right, Number):
                amount, unit = int(right.value), "日" if right.unit == "天" else right.unit.removeprefix("个")
                full = f"day_plus({start.sql}, {amount})" if unit == "日" else f"day_after({start.sql}, {amount * (12 if unit == '年' else 1)})"
                yield f"(ABS(days_between({full}, {end.sql})) <= 1)"
        else:
            left, bound = lowering.lower(node.left, place, year), lowering.lower(right, place, year)
            if left.kind == bound.kind == "number":
                yield _within(left, bound, ratio=isinstance(right, Number) and right.unit in ("%", "‰"))
            elif left.kind == bound.kind == "date":
                yield f"(ABS(days_between({bound.sql}, {left.sql})) <= 1)"


def _within(left: Sql, right: Sql, *, ratio: bool) -> str:
    """|left − right| is at most one step. Over a moving denominator both sides are multiplied by it: one unit of what it counts."""
    a, b = aligned(left, right)
    step = a.den if a.over or not ratio else max(1, a.den // left.den)
    return f"(ABS(wide({a.sql}) - wide({b.sql})) <= {step})"
