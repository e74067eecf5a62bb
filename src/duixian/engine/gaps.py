"""How far a figure is from making a condition true: read off the condition, exactly.

A distance is the least change of the figure that would make the comparison true, everything else as it is: to the 分 or the piece where the
unit has a smallest step, and named as a bound to exceed where it has none. Growth rates are turned back into the figure that has to grow.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from math import ceil, floor
from typing import Any

from ..policy.syntax import And, Between, Call, Compare, In, Is, Node, Not, Number, Or, OrdinalTest, Path
from ..values.facts import Thing
from ..values.labels import joined, listed, say, unit_word
from ..values.messages import Language
from ..values.money import Exact
from ..values.period import after
from .context import Context, Evaluate, Trace
from .explain import Explainer
from .figures import quantity, smallest_step
from .logic import NUMBERS, truth
from .prepare import Prepared


@dataclass(frozen=True, slots=True)
class Gap:
    """One thing that keeps a condition from holding.

    amount: what the figure lacks (or has too much), in base units; None where no figure can mend it.
    """

    text: str
    amount: Exact | None = None
    unit: str = ""
    now: str = ""
    condition: str = ""

    def said(self, language: Language, *, bare: bool = False) -> str:
        """The gap with what the figure is now and which condition asks for it. bare: the condition is said above."""
        if not self.now:
            return self.text
        if bare:
            return self.text + say("（现在 {value}）", language, value=self.now)
        return self.text + say("（现在 {value}；{condition}）", language, value=self.now, condition=self.condition)


class Gaps:
    """What keeps the conditions of the traced rules of one settlement from holding."""

    def __init__(self, explainer: Explainer) -> None:
        self.explainer = explainer
        self.interpreter, self.year = explainer.interpreter, explainer.year
        self._lowered: dict[tuple[int, str], tuple[Evaluate, Any]] = {}

    def gaps(self, trace: Trace, prepared: Prepared, language: Language) -> list[Gap]:
        """What keeps a condition that is false from holding."""
        node, thing = trace.node, trace.thing
        if isinstance(node, And):
            asked = [self._ask(item, prepared, thing, trace.year) for item in node.items]
            return [gap for item in asked if truth(item.value) is False for gap in self.gaps(item, prepared, language)]
        if isinstance(node, Or):
            return [self.one_of(trace.children, prepared, language)]
        if isinstance(node, (Compare, Between)):
            return self._figure_gap(trace, language)
        if isinstance(node, Call) and node.function == "首次":
            return self._first_time(trace, prepared, language)
        if isinstance(node, Path) and trace.children and (found := self._recognition(trace, prepared, language)):
            return found
        if isinstance(node, (Is, In, OrdinalTest)) and trace.children:
            return [
                Gap(
                    say(
                        "须：{what}；现在 {value}",
                        language,
                        what=self.explainer.phrase(node, language),
                        value=self.explainer.said(trace.children[0], language),
                    )
                )
            ]
        if isinstance(node, Not):
            return [Gap(say("须：{what}", language, what=self.explainer.phrase(node, language)))]
        what = self.explainer.phrase(node, language) if node is not None else ""
        return [
            Gap(
                say("须：{what}", language, what=what)
                + (say("；现在 {value}", language, value=self.explainer.said(trace, language)) if isinstance(node, Path) else "")
            )
        ]

    def _ask(self, node: Node, prepared: Prepared, thing: Thing, year: int) -> Trace:
        """A part of a condition asked on its own: 且 stops at the first part that fails, advice wants them all."""
        key = (id(node), prepared.rule.name)
        if key not in self._lowered:
            context = Context(prepared.rule.object, prepared.rule, values=self.interpreter.named_values(prepared.rule))
            self._lowered[key] = (self.interpreter.lower(node, context), node)
        return self.explainer.ask(self._lowered[key][0], thing, year, node)

    def _recognition(self, trace: Trace, prepared: Prepared, language: Language) -> list[Gap]:
        """A recognition (认定) that does not hold: what its own conditions lack."""
        inner = trace
        while inner.children and isinstance(inner.children[-1].node, Path):
            inner = inner.children[-1]
        rule = next(
            (
                rule
                for rule in self.explainer.bound.rules.values()
                if rule.kind == "认定" and isinstance(inner.node, Path) and rule.name == inner.node.names[-1]
            ),
            None,
        )
        if rule is None:
            return []
        judged = self.explainer.assessor.prepared(rule.name)
        gaps = []
        for condition in judged.conditions:
            asked = self.explainer.ask(condition.holds, inner.thing, inner.year)
            if truth(asked.value) is False:
                gaps += self.gaps(asked, judged, language)
        if judged.any_of:
            asked_any = [self.explainer.ask(item, inner.thing, inner.year) for item in judged.any_of]
            if all(truth(item.value) is False for item in asked_any):
                gaps.append(self.one_of(asked_any, judged, language))
        return [Gap(say("认定“{name}”：{what}", language, name=rule.name, what=gap.said(language)), gap.amount, gap.unit) for gap in gaps]

    def _first_time(self, trace: Trace, prepared: Prepared, language: Language) -> list[Gap]:
        """首次: not reached yet, or reached in an earlier year and so lost."""
        held = [child for child in trace.children if child.year < trace.year and truth(child.value) is True and child.node == trace.node.arguments[0]]
        now = next((child for child in trace.children if child.year == trace.year and child.node == trace.node.arguments[0]), None)
        if now is not None and truth(now.value) is False:
            return self.gaps(now, prepared, language)
        years = listed((str(child.year) for child in held), language)
        return [Gap(say("{years} 年已经达到过，“首次”已用掉；那年没有申报的，不能再补", language, years=years))]

    def _figure_gap(self, trace: Trace, language: Language) -> list[Gap]:
        node, children = trace.node, trace.children
        function = getattr(node.left, "function", "")
        if function == "时长":
            return self._time_gap(trace, language)
        bounds = [(node.operator, node.right)] if isinstance(node, Compare) else [("≥", node.low), (node.upper, node.high)]
        if function == "两年平均增长率":
            now, base, rates = children[0], children[1], children[2:]
            return self._growth_gap(
                trace,
                now,
                base,
                [(operator, rate.value, (1 + Fraction(rate.value)) ** 2) for (operator, _), rate in zip(bounds, rates, strict=False)],
                language,
            )
        left = children[0]
        if function == "增长率" and len(left.children) == 2:
            factors = [(operator, child.value, 1 + Fraction(child.value)) for (operator, _), child in zip(bounds, children[1:], strict=False)]
            return self._growth_gap(trace, left.children[0], left.children[1], factors, language)
        if isinstance(left.value, date):
            return [Gap(say("须：{what}；现在 {value}", language, what=self.explainer.phrase(node, language), value=left.value.isoformat()))]
        gaps = []
        for (operator, _), right in zip(bounds, children[1:], strict=False):
            if left.value.__class__ in NUMBERS and right.value.__class__ in NUMBERS:
                gaps += self._gap(self.explainer.phrase(left.node, language), self._whose(left, trace.thing), left.value, operator, right.value,
                                  self.explainer.unit(left), self.explainer.phrase(node, language), language)  # fmt: skip
        return gaps or [Gap(say("须：{what}", language, what=self.explainer.phrase(node, language)))]

    def _growth_gap(self, trace: Trace, now: Trace, base: Trace, factors: list[tuple[str, Any, Fraction]], language: Language) -> list[Gap]:
        """A growth rate as the figure that has to grow: now against base × factor."""
        if now.value.__class__ not in NUMBERS or base.value.__class__ not in NUMBERS:
            return [Gap(say("须：{what}", language, what=self.explainer.phrase(trace.node, language)))]
        gaps = []
        for operator, _, factor in factors:
            gaps += self._gap(self.explainer.phrase(now.node, language), "", now.value, operator, base.value * factor,
                              self.explainer.unit(now), self.explainer.phrase(trace.node, language), language)  # fmt: skip
        return gaps

    def _gap(self, figure: str, whose: str, value: Exact, operator: str, bound: Exact, unit: str, condition: str, language: Language) -> list[Gap]:
        """The least change that makes one comparison hold; nothing where it holds."""
        short = distance(value, operator, bound, smallest_step(unit))
        if short is None:
            return []
        amount, exceeds = short
        said = quantity(amount, unit, language)
        if operator in "≥>":
            text = (
                say("{figure} 还差 {amount} 以上", language, figure=whose + figure, amount=said)
                if exceeds
                else say("{figure} 还差 {amount}", language, figure=whose + figure, amount=said)
            )
        else:
            text = (
                say("{figure} 要减少 {amount} 以上", language, figure=whose + figure, amount=said)
                if exceeds
                else say("{figure} 要减少 {amount}", language, figure=whose + figure, amount=said)
            )
        return [Gap(text, amount, unit, quantity(value, unit, language), condition)]

    def _whose(self, left: Trace, thing: Thing) -> str:
        inner = left
        while inner.children and isinstance(inner.node, Path) and isinstance(inner.children[-1].node, Path):
            inner = inner.children[-1]
        return "" if (inner.thing.kind, inner.thing.key) == (thing.kind, thing.key) else f"{inner.thing.kind} {inner.thing.key} "

    def _time_gap(self, trace: Trace, language: Language) -> list[Gap]:
        node, children = trace.node, trace.children
        start, end = children[0].value, children[1].value
        if (
            isinstance(node, Compare)
            and isinstance(start, date)
            and isinstance(end, date)
            and isinstance(node.right, Number)
            and node.operator in "≥>"
        ):
            full = after(start, int(node.right.value), "日" if node.right.unit == "天" else node.right.unit.removeprefix("个"))
            days = (full - end).days + (1 if node.operator == ">" else 0)
            time = self.explainer.phrase(node.right, language)
            short = f"{days} 天" if language == "zh" else f"{days}{unit_word('天', 'en', days)}"
            text = say("{full} 才满 {time}，算到 {end} 还差 {days}", language, full=full, time=time, end=end, days=short)
            return [Gap(text, days, "日")]
        return [Gap(say("须：{what}", language, what=self.explainer.phrase(node, language)))]

    def one_of(self, traces: list[Trace], prepared: Prepared, language: Language) -> Gap:
        """任一 of which none holds: each way as one gap."""
        ways = [
            joined((gap.said(language) for gap in self.gaps(trace, prepared, language)), language) for trace in traces if truth(trace.value) is False
        ]
        return Gap(say("满足一项即可：{ways}", language, ways=(" ／ ").join(ways)))


def distance(value: Exact, operator: str, bound: Exact, step: Exact | None) -> tuple[Exact, bool] | None:
    """The least change of `value` that makes `value operator bound` true: (amount, whether it must be exceeded); None where it is true.

    step: the smallest step of the unit. With one, the amount is exact; without, a strict bound can only be named: more than this.
    """
    if {"≥": value >= bound, ">": value > bound, "≤": value <= bound, "<": value < bound}[operator]:
        return None
    if step is None:
        return abs(bound - value), operator in "><"
    ratio = Fraction(bound) / step
    target = {"≥": ceil(ratio), ">": floor(ratio) + 1, "≤": floor(ratio), "<": ceil(ratio) - 1}[operator] * step
    return abs(target - value), False
