"""The numeric boundaries of a policy (界限): every fixed number a condition or a tier compares a figure with, and which figure that is.

Grain: one boundary an award, figure and number, in the order of the text. What cannot be varied as one figure is listed with the reason.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from ..policy.model import Rule
from ..policy.readings import Bound, walk
from ..policy.render import phrase
from ..policy.resolve import Hop, Unresolved, resolve_path
from ..policy.standards import Standards
from ..policy.syntax import Aggregate, And, Between, Call, Compare, Node, Number, Path
from ..values.units import same_dimension, unit_dimension

GROWTH = ("增长率", "两年平均增长率")


@dataclass(frozen=True, slots=True)
class Boundary:
    """One boundary of one award. figure: what is compared, as said; number: what with, as written; value: the same in base units.

    hops: the way to the fact from the award's object. growth: the boundary is on the growth rate of the fact: '' | 增长率 | 两年平均增长率.
    operator: how the figure must stand to the number. body: the condition or tier cell it stands in.
    """

    award: str
    clause: str
    figure: str
    number: str
    value: Fraction
    unit: str
    hops: tuple[Hop, ...]
    growth: str
    operator: str  # ≥ > ≤ <
    where: str  # 条件 | 否决 | 档
    body: Node

    @property
    def met_above(self) -> bool:
        """Whether being above the number is what meets it."""
        return self.operator in "≥>"

    @property
    def fact(self) -> str:
        """The name of the fact that is varied."""
        return self.hops[-1].name


@dataclass(frozen=True, slots=True)
class Unvaried:
    """A boundary no single figure stands behind, with the reason why it is not studied."""

    award: str
    text: str
    reason: str


def boundaries(bound: Bound, standards: Standards) -> tuple[list[Boundary], list[Unvaried]]:
    """Every numeric boundary of every award as now read, and those that cannot be studied one figure at a time.

    standards: the year's, for tier tables the policy leaves to the office.
    """
    found: dict[tuple[Any, ...], Boundary] = {}
    others: dict[tuple[str, str], Unvaried] = {}
    for rule in bound.rules.values():
        if rule.kind != "奖补":
            continue
        for where, body in _bodies(rule, bound, standards):
            for node in walk(body):
                if not isinstance(node, (Compare, Between)):
                    continue
                for number, operator in _numbers(node):
                    made = _boundary(bound, rule, where, body, node.left, number, operator)
                    if isinstance(made, Unvaried):
                        others.setdefault((made.award, made.text), made)
                    else:
                        found.setdefault((rule.name, made.figure, made.value, made.growth), made)
    return list(found.values()), list(others.values())


def _bodies(rule: Rule, bound: Bound, standards: Standards) -> Iterator[tuple[str, Node]]:
    for node in (*rule.conditions, *rule.any_of):
        yield "条件", node
        for inner in walk(node):  # a recognition the award asks for has boundaries of its own
            if isinstance(inner, Path) and (other := bound.rules.get(inner.names[-1])) and other.kind == "认定" and other.object == rule.object:
                for asked in (*other.conditions, *other.any_of):
                    yield "条件", asked
    for node in rule.vetoes:
        yield "否决", node
    tiers = standards.tables.get(rule.name) if rule.tiers and rule.tiers.open_whole else rule.tiers
    for row in tiers.rows if tiers else ():
        for cell in row.cells:
            yield "档", cell


def _numbers(node: Compare | Between) -> Iterator[tuple[Number, str]]:
    if isinstance(node, Compare):
        if isinstance(node.right, Number):
            yield node.right, node.operator
        return
    for right, operator in ((node.low, "≥"), (node.high, node.upper)):
        if isinstance(right, Number):
            yield right, operator


def _boundary(bound: Bound, rule: Rule, where: str, body: Node, left: Node, number: Number, operator: str) -> Boundary | Unvaried:
    said = f"{phrase(left)} {number.text or number.value}"
    growth = ""
    if isinstance(left, Call) and left.function in GROWTH:
        growth, left = left.function, left.arguments[0]
    if isinstance(left, Call) and left.function == "时长":
        return Unvaried(rule.name, said, "时间长短，不是金额或数量")
    if isinstance(left, Aggregate):
        return Unvaried(rule.name, said, "是几个对象合起来的数")
    if not isinstance(left, Path):
        return Unvaried(rule.name, said, "是算出来的数，牵涉几个事实")
    try:
        hops = tuple(resolve_path(bound.policy, rule, rule.object, left, local=tuple(value.name for value in rule.values)))
    except Unresolved:
        return Unvaried(rule.name, said, "不是这个对象自己的事实")
    fact = hops[-1].fact
    if hops[-1].role != "fact" or fact is None or fact.kind != "number" or any(hop.role not in ("relation", "beneficiary") for hop in hops[:-1]):
        return Unvaried(rule.name, said, "不是一个可以单独变动的数")
    if not growth and not same_dimension(unit_dimension(number.unit) if number.unit else (), fact.dimension):
        return Unvaried(rule.name, said, "单位不同")
    figure = f"{growth}({phrase(left)})" if growth else phrase(left)
    return Boundary(rule.name, rule.clause, figure, number.text or str(number.value), number.value, fact.unit, hops, growth, operator, where, body)


def holds(body: Node, part: Any) -> bool:
    """Whether a condition is, or is made of, a body: the condition a boundary stands in is the one that may change."""
    return body == part or (isinstance(part, And) and any(holds(body, item) for item in part.items)) or any(node == body for node in walk(part))
