"""A traced value said with its unit: 72000元, 12000平方米·月, 10.25%. The dimension is read off the tree; nothing is computed here."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from ..policy.model import Policy, Rule
from ..policy.render import show
from ..policy.resolve import Unresolved, resolve_path
from ..policy.syntax import Aggregate, Binary, Call, Limited, Number, Open, OrdinalTest, Path, Step, Tiers, Value, YearIndex
from ..values.labels import number_text, unit_word
from ..values.messages import Language
from ..values.units import COUNTS, PLAIN, Dimension, dimension_text, multiply, unit_dimension

_CURRENCIES = ("元", "美元", "欧元", "港元")
RATIOS = ("增长率", "两年平均增长率", "占比")


class Figures:
    """Says values of one policy's expressions with their units."""

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        self._units: dict[tuple[int, str, str], tuple[str, Any]] = {}  # the node is kept, so its id stays its own

    def unit(self, node: Any, kind: str, rule: Rule | None = None) -> str:
        """The unit a node's value is said in, inside an object of type `kind`; '' for a plain number."""
        key = (id(node), kind, rule.name if rule else "")
        if key not in self._units:
            self._units[key] = (self._unit(node, kind, rule), node)
        return self._units[key][0]

    def _unit(self, node: Any, kind: str, rule: Rule | None) -> str:
        if isinstance(node, Number):
            return node.unit
        if isinstance(node, Open):
            return node.ceiling.unit if isinstance(node.ceiling, Number) else ""
        if isinstance(node, Path):
            return self._path_unit(node, kind, rule)
        if isinstance(node, Limited):
            return self.unit(node.inner, kind, rule)
        if isinstance(node, Step):
            return self.unit(node.amount, kind, rule)
        if isinstance(node, Call):
            if node.function in RATIOS:
                return "%"
            if node.function == "已付":
                return "元"
            return self.unit(node.arguments[0], kind, rule) if node.arguments else ""
        if isinstance(node, Aggregate):
            if node.function in ("个数", "占比"):
                return "个" if node.function == "个数" else "%"
            return self.unit(node.of, self._children_kind(node, kind, rule), rule) if node.of is not None else ""
        if isinstance(node, Binary):
            left, right = self.unit(node.left, kind, rule), self.unit(node.right, kind, rule)
            if node.operator in "+−":
                return left or right
            return _unit_text(multiply(_dimension(left), _dimension(right), 1 if node.operator == "×" else -1))
        if isinstance(node, Value):
            body = node.body.rows[0].value if isinstance(node.body, Tiers) and node.body.rows else node.body
            return self.unit(body, kind, rule)
        return "年" if isinstance(node, (YearIndex, OrdinalTest)) else ""

    def _path_unit(self, node: Path, kind: str, rule: Rule | None) -> str:
        if node.names[-1] == "计算额":
            return "元"
        value = next((value for value in rule.values if value.name == node.names[0]), None) if rule else None
        if value is not None:
            return self.unit(value, kind, rule)
        try:
            hop = resolve_path(self.policy, rule, kind, node)[-1]
        except Unresolved:
            return ""
        if hop.role == "parameter":
            return self.policy.parameters[hop.name].unit
        return hop.fact.unit if hop.fact else ""

    def _children_kind(self, node: Aggregate, kind: str, rule: Rule | None) -> str:
        try:
            return resolve_path(self.policy, rule, kind, node.path)[-1].kind
        except Unresolved:
            return kind

    def said(self, value: Any, node: Any, kind: str, rule: Rule | None, language: Language = "zh") -> str:
        """A value of a node for people."""
        if value.__class__ in (int, Fraction):
            return quantity(value, self.unit(node, kind, rule), language)
        return show(value, "", language)


def quantity(value: Any, unit: str, language: Language = "zh") -> str:
    """A number in base units with its unit, compound units such as 平方米·月 included."""
    if language == "zh" and unit in COUNTS and value.__class__ is int and value and value % 10_000 == 0:
        return number_text(value // 10_000) + "万" + unit  # as people say it; anything that is not whole 万 is said to the last one
    if "·" not in unit:
        return show(value, unit, language)
    scale = 100 ** sum(unit.split("/")[0].split("·").count(name) for name in _CURRENCIES)
    words = "·".join(unit_word(part, language).strip() for part in unit.split("·"))
    return number_text(Fraction(value) / scale, language) + (words if language == "zh" else f" {words}")


def smallest_step(unit: str) -> int | Fraction | None:
    """The least amount by which two different figures of a unit differ, in base units: 1分, 1家; None where it may be as small as one likes."""
    if unit in _CURRENCIES or unit in COUNTS:
        return 1
    return None


def _dimension(unit: str) -> Dimension:
    if "·" in unit:
        above, *below = unit.split("/")
        result: Dimension = PLAIN
        for part in above.split("·"):
            result = multiply(result, unit_dimension(part))
        for part in below:
            result = multiply(result, unit_dimension(part), -1)
        return result
    return unit_dimension(unit) if unit else PLAIN


def _unit_text(dimension: Dimension) -> str:
    return dimension_text(dimension) if dimension else ""
