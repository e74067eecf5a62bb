"""The meaning of the language: each node of a bound policy becomes one small function (object, year) → value.

Values are exact (`int`, `Fraction`), truths, dates, words, objects, `NONE` (无) or `Unknown` with what is missing. The logic is three-valued:
an unknown is never swallowed and never becomes zero or false. Nothing is rounded here. Traced or not, the functions are the same ones; tracing
only writes down what each returned.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from fractions import Fraction
from typing import Any

from ..policy.render import phrase
from ..policy.resolve import resolve_path
from ..policy.syntax import (
    Aggregate,
    Always,
    And,
    Between,
    Binary,
    Call,
    Compare,
    DateLiteral,
    In,
    Is,
    Limited,
    Node,
    Not,
    Number,
    Open,
    Or,
    OrdinalTest,
    Path,
    Step,
    Subject,
    Word,
    YearIndex,
    between_facts,
)
from ..values.facts import NONE, Missing, Thing, Unknown
from ..values.money import exact
from ..values.period import after
from ..values.terms import Waits
from .context import Context, Evaluate
from .folds import FOLDS
from .functions import FUNCTIONS
from .logic import COMPARE, NUMBERS, by_bounds, combine, conjunction, disjunction, ordered, truth, undefined
from .reads import Reads


class Interpreter(Reads):
    """What each node means, over what `Reads` finds."""

    def lower(self, node: Node, context: Context) -> Evaluate:
        """The function a node means."""
        function = _LOWER[type(node)](self, node, context)
        return self._traced(node, function) if self.traced else function

    def _number(self, node: Number, context: Context) -> Evaluate:
        value = exact(node.value)
        return lambda thing, year: value

    def _date(self, node: DateLiteral, context: Context) -> Evaluate:
        return lambda thing, year: node.day

    def _always(self, node: Always, context: Context) -> Evaluate:
        return lambda thing, year: True

    def _open(self, node: Open, context: Context) -> Evaluate:
        owner = context.rule.name if context.rule else context.label
        key = (node.name, "") if node.name else (owner, context.label if context.rule else "")
        ceiling = exact(node.ceiling.value) if isinstance(node.ceiling, Number) else None
        setting = self.standards.settings.get(key)
        adopted = setting.value if setting else None
        if isinstance(adopted, Fraction):
            adopted = exact(min(adopted, ceiling) if ceiling is not None else adopted)
        item = key[0] + (f"（{key[1]}）" if key[1] else "")
        missing = Unknown({Missing(Waits.OFFICE, "", "", item, None, "年度标准未定")})

        def value(thing: Thing, year: int) -> Any:
            if context.rule is not None:
                self.adjustable.add(key)
            if adopted is not None:
                return adopted
            if ceiling is None or self.unset_standard == "不计算":
                return missing
            self.opened.add(key)
            return ceiling

        return value

    def _binary(self, node: Binary, context: Context) -> Evaluate:
        left, right, operator = self.lower(node.left, context), self.lower(node.right, context), node.operator
        compute = _ARITHMETIC[operator]
        label = _text(node)

        def value(thing: Thing, year: int) -> Any:
            a, b = left(thing, year), right(thing, year)
            if a.__class__ in NUMBERS and b.__class__ in NUMBERS:
                if operator == "÷" and b <= 0:
                    return undefined(thing, year, label, "除数为 0 或负数")
                return compute(a, b)
            return combine(thing, year, label, a, b)

        return value

    def _step(self, node: Step, context: Context) -> Evaluate:
        left, size, amount = self.lower(node.left, context), self.lower(node.size, context), self.lower(node.amount, context)
        whole, label = node.word == "每满", _text(node)

        def value(thing: Thing, year: int) -> Any:
            a, b, c = left(thing, year), size(thing, year), amount(thing, year)
            if a.__class__ in NUMBERS and b.__class__ in NUMBERS and c.__class__ in NUMBERS:
                if b <= 0:
                    return undefined(thing, year, label, "每一份为 0 或负数")
                if a <= 0:
                    return 0
                return (a // b) * c if whole else exact(Fraction(a) * c / b)
            return combine(thing, year, label, a, b, c)

        return value

    def _limited(self, node: Limited, context: Context) -> Evaluate:
        inner = self.lower(node.inner, context)
        most = self.lower(node.most, context) if node.most else None
        least = self.lower(node.least, context) if node.least else None
        label = _text(node)

        def value(thing: Thing, year: int) -> Any:
            parts = [inner(thing, year), *(bound(thing, year) for bound in (most, least) if bound)]
            if not all(part.__class__ in NUMBERS for part in parts):
                return combine(thing, year, label, *parts)
            result = parts[0]
            if most:
                result = min(result, parts[1])
            return max(result, parts[-1]) if least else result

        return value

    def _compare(self, node: Compare | Between, context: Context) -> Evaluate:
        if isinstance(node.left, Call) and node.left.function in ("两年平均增长率", "时长"):
            return (self._average_growth if node.left.function == "两年平均增长率" else self._duration)(node, context)
        left = self.lower(node.left, context)
        bounds = [(node.operator, node.right)] if isinstance(node, Compare) else [("≥", node.low), (node.upper, node.high)]
        tests = [(COMPARE[operator], operator, self.lower(right, context)) for operator, right in bounds]
        label = _text(node)

        def value(thing: Thing, year: int) -> Any:
            a = left(thing, year)
            results = []
            for holds, operator, right in tests:
                b = right(thing, year)
                if ordered(a) and ordered(b):
                    results.append(holds(a, b))
                elif a.__class__ is Unknown and (decided := by_bounds(a, operator, b)) is not None:
                    results.append(decided)
                else:
                    results.append(combine(thing, year, label, a, b))
            return conjunction(results)

        return value

    def _average_growth(self, node: Any, context: Context) -> Evaluate:
        """两年平均增长率(f) ≥ r without roots: f(Y) against f(Y−2) × (1 + r)², for positive figures."""
        figure = self.lower(node.left.arguments[0], context)
        bounds = [(node.operator, node.right)] if isinstance(node, Compare) else [("≥", node.low), (node.upper, node.high)]
        tests = [(COMPARE[operator], self.lower(right, context)) for operator, right in bounds]
        label = _text(node)

        def value(thing: Thing, year: int) -> Any:
            now, base = figure(thing, year), figure(thing, year - 2)
            results = []
            for holds, right in tests:
                rate = right(thing, year)
                if not all(part.__class__ in NUMBERS for part in (now, base, rate)):
                    results.append(combine(thing, year, label, now, base, rate))
                elif base <= 0:
                    results.append(undefined(thing, year, label, "前年为 0 或负数"))
                else:
                    results.append(holds(now, base * (1 + Fraction(rate)) ** 2))
            return conjunction(results)

        return value

    def _duration(self, node: Any, context: Context) -> Evaluate:
        """时长(起, 止) 满 N年: the corresponding day counts (民法典 第二百零二条)."""
        start, end = (self.lower(argument, context) for argument in node.left.arguments)
        bounds = [(node.operator, node.right)] if isinstance(node, Compare) else [("≥", node.low), (node.upper, node.high)]
        tests = [(COMPARE[operator], int(right.value), "日" if right.unit == "天" else right.unit.removeprefix("个")) for operator, right in bounds]
        label, facts = _text(node), between_facts(node.left)

        def value(thing: Thing, year: int) -> Any:
            a, b = start(thing, year), end(thing, year)
            if not (isinstance(a, date) and isinstance(b, date)):
                return combine(thing, year, label, a, b)
            if b < a:  # no length at all, so within no bound
                return undefined(thing, year, label, "止日早于起日") if facts else False
            return all(holds(b, after(a, amount, unit)) for holds, amount, unit in tests)

        return value

    def _is(self, node: Is, context: Context) -> Evaluate:
        left, negated = self.lower(node.left, context), node.negated
        if isinstance(node.value, str):
            wanted: Any = {"是": True, "否": False, "无": NONE}.get(node.value, node.value)
            if node.value in ("是", "否") and isinstance(node.left, YearIndex):
                wanted = node.value
            if node.value in ("首年", "后续年度"):
                first = node.value == "首年"
                return lambda thing, year: (left(thing, year) == 1) is (first is not negated)

            def plain(thing: Thing, year: int) -> Any:
                a = left(thing, year)
                return a if a.__class__ is Unknown else (a == wanted) is not negated

            return plain
        right = self.lower(node.value, context)

        def value(thing: Thing, year: int) -> Any:
            a, b = left(thing, year), right(thing, year)
            if a.__class__ is Unknown or b.__class__ is Unknown:
                return combine(thing, year, "是", a, b)
            same = a.key == b.key if a.__class__ is Thing and b.__class__ is Thing else a == b
            return same is not negated

        return value

    def _in(self, node: In, context: Context) -> Evaluate:
        left, negated = self.lower(node.left, context), node.negated
        words, missing = self.items(node.items)

        def value(thing: Thing, year: int) -> Any:
            a = left(thing, year)
            if a.__class__ is Unknown:
                return a
            if a in words:
                return not negated
            return Unknown(missing) if missing else negated

        return value

    def items(self, items: tuple[Any, ...]) -> tuple[frozenset[str], frozenset[Missing]]:
        """The names of a list, with those the year's file adds; what is missing where it adds nothing yet."""
        names, missing = set(), set()
        for item in items:
            if isinstance(item, Word):
                names.add(item.text)
            elif isinstance(item, Open):
                setting = self.standards.settings.get((item.name, ""))
                if setting and setting.value is not None:
                    names.update(setting.value if isinstance(setting.value, tuple) else (setting.text,))
                else:
                    missing.add(Missing(Waits.OFFICE, "", "", item.name, None, "名单未定"))
        return frozenset(names), frozenset(missing)

    def _ordinal(self, node: OrdinalTest, context: Context) -> Evaluate:
        left, low, high, label = self.lower(node.left, context), node.low, node.high, _text(node)

        def value(thing: Thing, year: int) -> Any:
            a = left(thing, year)
            if a.__class__ not in NUMBERS:
                return combine(thing, year, label, a)
            return (low is None or a >= low) and (high is None or a <= high)

        return value

    def _and(self, node: And, context: Context) -> Evaluate:
        items = [self.lower(item, context) for item in node.items]
        return lambda thing, year: conjunction(truth(item(thing, year)) for item in items)

    def _or(self, node: Or, context: Context) -> Evaluate:
        items = [self.lower(item, context) for item in node.items]
        return lambda thing, year: disjunction(truth(item(thing, year)) for item in items)

    def _not(self, node: Not, context: Context) -> Evaluate:
        item = self.lower(node.item, context)

        def value(thing: Thing, year: int) -> Any:
            a = truth(item(thing, year))
            return a if a.__class__ is Unknown else not a

        return value

    def _path(self, node: Path, context: Context) -> Evaluate:
        hops = resolve_path(self.policy, context.rule, context.kind, node, local=tuple(context.values))
        return self.follow(hops, context)

    def _call(self, node: Call, context: Context) -> Evaluate:
        arguments = [self.lower(argument, context) for argument in node.arguments if node.function != "已付"]
        return FUNCTIONS[node.function](self, node, arguments, context)

    def _year_index(self, node: YearIndex, context: Context) -> Evaluate:
        """Which year this is: of the object's awards (首次享受), of the calendar since the first one (自首年起), or since a date."""
        if node.path is not None:
            day, label = self.lower(node.path, context), _text(node)

            def since(thing: Thing, year: int) -> Any:
                found = day(thing, year)
                return (
                    year - found.year + 1
                    if isinstance(found, date)
                    else year - found + 1
                    if found.__class__ is int
                    else combine(thing, year, label, found)
                )

            return since

        def value(thing: Thing, year: int) -> Any:
            years = {entry.year for entry in self.earlier(context.rule, thing, year)}
            if node.basis == "自首年起":
                return year - min(years) + 1 if years else 1
            return 1 + len(years)

        return value

    def _aggregate(self, node: Aggregate, context: Context) -> Evaluate:
        hops = resolve_path(self.policy, context.rule, context.kind, node.path)
        *way, last = hops
        assert last.role == "children", "checked: an aggregate ranges over a list"
        start = self.follow(way, context) if way else None
        inside = context.inside(last.kind)
        where = self.lower(node.where, inside) if node.where else None
        of = self.lower(node.of, inside) if node.of else None
        fold = FOLDS[node.function]

        def folded(parent: Thing, year: int) -> Any:
            children, unknown = self.children(last, parent, year)
            taken: list[Thing] = []
            doubtful = 0
            missing = set(unknown)
            for child in children:
                holds = truth(where(child, year)) if where else True
                if holds is True:
                    taken.append(child)
                elif holds is not False:
                    doubtful += 1
                    missing |= holds.missing
            return fold(taken, doubtful, missing, len(children), of, year, bool(unknown))

        if start is None:
            return folded

        def value(thing: Thing, year: int) -> Any:
            parent = start(thing, year)
            if parent.__class__ is not Thing:
                return parent
            if self.traced:
                return folded(parent, year)
            return self._once((folded, parent.kind, parent.key, year), lambda: folded(parent, year))  # a whole town may ask for the list of the town

        return value


def _text(node: Any) -> str:
    return phrase(node)


_ARITHMETIC: dict[str, Callable[[Any, Any], Any]] = {
    "+": lambda a, b: a + b, "−": lambda a, b: a - b, "×": lambda a, b: a * b, "÷": lambda a, b: exact(Fraction(a) / b),
}  # fmt: skip
_LOWER: dict[type, Any] = {
    Number: Interpreter._number, DateLiteral: Interpreter._date, Always: Interpreter._always, Open: Interpreter._open, Path: Interpreter._path,
    Binary: Interpreter._binary, Step: Interpreter._step, Limited: Interpreter._limited, Compare: Interpreter._compare, Between: Interpreter._compare,
    Is: Interpreter._is, In: Interpreter._in, OrdinalTest: Interpreter._ordinal, And: Interpreter._and, Or: Interpreter._or, Not: Interpreter._not,
    Call: Interpreter._call, Aggregate: Interpreter._aggregate, YearIndex: Interpreter._year_index, Subject: Interpreter._always,
}  # fmt: skip
