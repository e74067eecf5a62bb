"""The meaning of the language: each node of a bound policy becomes one small function (object, year) → value.

Values are exact (`int`, `Fraction`), truths, dates, words, objects, `NONE` (无) or `Unknown` with what is missing. The logic is three-valued:
an unknown is never swallowed and never becomes zero or false. Nothing is rounded here. Traced or not, the functions are the same ones; tracing
only writes down what each returned.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from fractions import Fraction
from typing import Any

from ..policy.model import Parameter, Rule
from ..policy.readings import Bound, as_now_read
from ..policy.render import phrase, show
from ..policy.resolve import Hop, resolve_path
from ..policy.standards import EVERY, OpenKey, Standards
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
    Tiers,
    Value,
    Word,
    YearIndex,
)
from ..policy.vocabulary import CLAIM, OFFICE_SOURCES, Fact
from ..values.facts import NONE, Facts, Missing, Paid, Period, Thing, Unknown
from ..values.money import exact
from ..values.period import Validity, after
from ..values.terms import Waits
from .context import Context, Evaluate, Trace
from .folds import FOLDS
from .functions import FUNCTIONS
from .logic import COMPARE, NUMBERS, by_bounds, combine, conjunction, disjunction, ordered, truth, undefined


class Interpreter:
    """One bound policy over one set of facts, one ledger and one year's standards."""

    def __init__(
        self,
        bound: Bound,
        facts: Facts,
        ledger: Iterable[Paid],
        standards: Standards,
        validity: Validity,
        unset_standard: str,
        *,
        traced: bool = False,
    ) -> None:
        self.bound, self.policy, self.vocabulary = bound, bound.policy, bound.policy.vocabulary
        self.facts, self.standards, self.validity, self.unset_standard = facts, standards, validity, unset_standard
        self.traced = traced
        self.trace: list[Trace] = []
        self.opened: set[OpenKey] = set()  # ceilings that stood in for a standard of the year
        self.adjustable: set[OpenKey] = set()  # open numbers of the rule itself that were used
        self.paid: dict[tuple[str, str], list[Paid]] = {}
        for entry in ledger:
            self.paid.setdefault((entry.award, entry.object_key), []).append(entry)
        self._memo: dict[tuple[str, str, str, Any], Any] = {}
        self._children: dict[tuple[str, str, int | None], tuple[dict[str, list[Thing]], list[Missing]]] = {}
        self._derived: dict[tuple[str, str], Evaluate] = {}
        self._recognitions: dict[str, Evaluate] = {}
        self._judges: dict[str, Evaluate] = {}

    # --- lowering: one branch a node ----------------------------------------------------------------------------------------------

    def lower(self, node: Node, context: Context) -> Evaluate:
        """The function a node means."""
        function = _LOWER[type(node)](self, node, context)
        return self._traced(node, function) if self.traced else function

    def _traced(self, node: Any, function: Evaluate) -> Evaluate:
        def record(thing: Thing, year: int) -> Any:
            trace = Trace(node, thing, year)
            parent = self.trace
            parent.append(trace)
            self.trace = trace.children
            try:
                trace.value = function(thing, year)
            finally:
                self.trace = parent
            return trace.value

        return record

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
        whole = node.word == "每满"

        def value(thing: Thing, year: int) -> Any:
            a, b, c = left(thing, year), size(thing, year), amount(thing, year)
            if a.__class__ in NUMBERS and b.__class__ in NUMBERS and c.__class__ in NUMBERS:
                if b <= 0:
                    return undefined(thing, year, node.word, "每一份为 0 或负数")
                if a <= 0:
                    return 0
                return (a // b) * c if whole else exact(Fraction(a) * c / b)
            return combine(thing, year, "每满" if whole else "每", a, b, c)

        return value

    def _limited(self, node: Limited, context: Context) -> Evaluate:
        inner = self.lower(node.inner, context)
        most = self.lower(node.most, context) if node.most else None
        least = self.lower(node.least, context) if node.least else None

        def value(thing: Thing, year: int) -> Any:
            parts = [inner(thing, year), *(bound(thing, year) for bound in (most, least) if bound)]
            if not all(part.__class__ in NUMBERS for part in parts):
                return combine(thing, year, "最高、最低", *parts)
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

        def value(thing: Thing, year: int) -> Any:
            now, base = figure(thing, year), figure(thing, year - 2)
            results = []
            for holds, right in tests:
                rate = right(thing, year)
                if not all(part.__class__ in NUMBERS for part in (now, base, rate)):
                    results.append(combine(thing, year, "两年平均增长率", now, base, rate))
                elif base <= 0:
                    results.append(undefined(thing, year, "两年平均增长率", "前年为 0 或负数"))
                else:
                    results.append(holds(now, base * (1 + Fraction(rate)) ** 2))
            return conjunction(results)

        return value

    def _duration(self, node: Any, context: Context) -> Evaluate:
        """时长(起, 止) 满 N年: the corresponding day counts (民法典 第二百零二条)."""
        start, end = (self.lower(argument, context) for argument in node.left.arguments)
        bounds = [(node.operator, node.right)] if isinstance(node, Compare) else [("≥", node.low), (node.upper, node.high)]
        tests = [(COMPARE[operator], int(right.value), "日" if right.unit == "天" else right.unit.removeprefix("个")) for operator, right in bounds]

        def value(thing: Thing, year: int) -> Any:
            a, b = start(thing, year), end(thing, year)
            if not (isinstance(a, date) and isinstance(b, date)):
                return combine(thing, year, "时长", a, b)
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
        left, low, high = self.lower(node.left, context), node.low, node.high

        def value(thing: Thing, year: int) -> Any:
            a = left(thing, year)
            if a.__class__ not in NUMBERS:
                return combine(thing, year, "第N", a)
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

    # --- names ----------------------------------------------------------------------------------------------------------------------

    def _path(self, node: Path, context: Context) -> Evaluate:
        hops = resolve_path(self.policy, context.rule, context.kind, node, local=tuple(context.values))
        return self.follow(hops, context)

    def follow(self, hops: list[Hop], context: Context) -> Evaluate:
        """Walk relations to a value; an unknown or missing link ends the walk."""
        first, rest = hops[0], hops[1:]
        here = self._hop(first, context)
        if not rest:
            return here
        after_first = self.follow(rest, Context(first.kind, context.rule, context.label, own=False))
        if first.role == "claim":
            name = rest[0].name
            return lambda thing, year: self._claim_fact(context, thing, name, year)

        def value(thing: Thing, year: int) -> Any:
            target = here(thing, year)
            if target.__class__ is Thing:
                return after_first(target, year)
            return target if target.__class__ is Unknown else undefined(thing, year, first.name, "没有" + first.name)

        return value

    def _hop(self, hop: Hop, context: Context) -> Evaluate:
        if hop.role == "value":
            return context.values[hop.name]
        if hop.role == "built_in":
            return self._built_in(hop.name, context)
        if hop.role in ("self", "claim"):
            return lambda thing, year: thing
        if hop.role == "beneficiary":
            return self.beneficiary(context.rule)
        if hop.role == "parameter":
            return self._parameter(self.policy.parameters[hop.name], context)
        if hop.role == "children":
            return lambda thing, year: undefined(thing, year, hop.name, "列表只能用在合计、个数里")
        assert hop.fact is not None
        window = context.rule.window if context.rule and context.own else None
        return self.relation(hop.fact, context.kind) if hop.role == "relation" else self.fact(hop.fact, context.kind, window)

    def beneficiary(self, rule: Rule | None) -> Evaluate:
        """The payee of a rule for an object: the object itself unless 受益人 says otherwise."""
        if rule is None or rule.beneficiary is None:
            return lambda thing, year: thing
        return self.lower(rule.beneficiary, Context(rule.object, rule))

    def _built_in(self, name: str, context: Context) -> Evaluate:
        validity = self.validity
        if name == "本年":
            return lambda thing, year: year
        if name == "本年末":
            return lambda thing, year: date(year, 12, 31)
        value = {"政策起日": validity.start, "政策止日": validity.end, "政策起年": validity.start.year if validity.start else None}.get(name)
        missing = Unknown({Missing(Waits.OFFICE, "", "", name, None, "政策没有写")})
        return lambda thing, year: missing if value is None else value

    def _parameter(self, parameter: Parameter, context: Context) -> Evaluate:
        keys = [self.lower(Path((key,)), context) for key in parameter.keys]
        rows = self.standards.parameter_rows(parameter.name)

        def value(thing: Thing, year: int) -> Any:
            found = [key(thing, year) for key in keys]
            missing = [item for part in found if part.__class__ is Unknown for item in part.missing]
            if missing:  # 无 is a key like any other
                return Unknown(missing)
            names = tuple(show(part) for part in found)  # 是, 否, 无 as the year's file writes them
            setting = next((setting for row, setting in rows if all(part in (name, EVERY) for part, name in zip(row, names))), None)
            if setting is None or setting.value is None:
                label = parameter.name + (f"（{'、'.join(names)}）" if names else "")
                return Unknown({Missing(Waits.OFFICE, "", "", label, None, f"参数未定，由{parameter.by_whom or '主管部门'}给出")})
            return exact(setting.value) if isinstance(setting.value, Fraction) else setting.value

        return value

    def fact(self, fact: Fact, kind: str, window: Any = None) -> Evaluate:
        """A fact of an object: given, else computed by its 算法, else by the policy's 认定; before 起年 it is 无; otherwise unknown."""
        name, yearly = fact.name, fact.yearly
        recognition = next(
            (rule for rule in self.bound.rules.values() if rule.kind == "认定" and rule.name == name and self.vocabulary.is_kind(kind, rule.object)),
            None,
        )
        formula = fact.formula is not None
        scores = name in self.standards.scores
        start = self.vocabulary.start_fact(kind) if yearly else ""
        waits = Waits.OFFICE if fact.source in OFFICE_SOURCES else Waits.APPLICANT

        def value(thing: Thing, year: int) -> Any:
            period: Period = year if yearly else None
            if window is not None and yearly:
                period = window_of(window, year)
            found = thing.values.get((name, period))
            if recognition is not None and found is not True:
                return self._recognise(recognition, thing, year)
            if found is not None:
                return found
            if period is not year and window is not None and yearly:  # a year's figure never stands in for a window's
                return Unknown({Missing(waits, thing.kind, thing.key, name, period)})
            if formula:
                return self._computed(fact, thing, year)
            if scores:
                return self._score(fact, thing, year)
            if start:
                since = thing.values.get((start, None))
                if since.__class__ is int and year < since:
                    return NONE
            return Unknown({Missing(waits, thing.kind, thing.key, name, period)})

        return self._traced(Path((name,), at=fact.at), value) if self.traced else value

    def relation(self, fact: Fact, kind: str) -> Evaluate:
        """A relation: the object it leads to, as it stands on file."""
        value = self.fact(fact, kind)
        kinds = [name for name in self.vocabulary.objects if self.vocabulary.is_kind(name, fact.target)]

        def target(thing: Thing, year: int) -> Any:
            key = value(thing, year)
            if key.__class__ is not str:
                return key
            for name in kinds:
                if found := self.facts.find(name, key):
                    return found
            return Thing(fact.target, key)

        return target

    def _computed(self, fact: Fact, thing: Thing, year: int) -> Any:
        def worked_out() -> Any:
            found = self._derived.get((thing.kind, fact.name))
            if found is None:
                assert fact.formula is not None
                found = self._derived[(thing.kind, fact.name)] = self.lower(fact.formula, Context(thing.kind, None, fact.name))
            value = found(thing, year)
            if value.__class__ is Unknown:  # either the figure itself or what it is computed from would do; ask for the figure
                waits = (
                    Waits.OFFICE if fact.source in OFFICE_SOURCES or all(item.waits is Waits.OFFICE for item in value.missing) else Waits.APPLICANT
                )
                value = Unknown(
                    {*value.missing, Missing(waits, thing.kind, thing.key, fact.name, year if fact.yearly else None, "可由明细算出")},
                    value.low,
                    value.high,
                )
            return value

        # a fact without 期间 may be computed from yearly ones: each year has its own value
        return self._once((thing.kind, thing.key, fact.name, year), worked_out)

    def _once(self, memo: tuple[Any, ...], worked_out: Callable[[], Any]) -> Any:
        """A value worked out the first time it is asked for; the open numbers it rests on are those of every claim that asks."""
        if memo not in self._memo:
            before = self.opened, self.adjustable
            self.opened, self.adjustable = set(), set()
            value = worked_out()
            self._memo[memo] = value, self.opened, self.adjustable
            self.opened, self.adjustable = before
        value, opened, adjustable = self._memo[memo]
        self.opened |= opened
        self.adjustable |= adjustable
        return value

    def _score(self, fact: Fact, thing: Thing, year: int) -> Any:
        """计分: the rows of the year's score sheet added up, each held to its 满分."""

        def worked_out() -> Any:
            context = Context(thing.kind, None, fact.name)
            parts = []
            for score, most in self.standards.scores[fact.name]:
                parts.append(self.lower(Limited(score, most, None) if most is not None else score, context)(thing, year))
            known = all(part.__class__ in NUMBERS for part in parts)
            return sum(parts) if known else combine(thing, year, fact.name, *parts)

        return self._once((thing.kind, thing.key, fact.name, year), worked_out)

    def _recognise(self, rule: Rule, thing: Thing, year: int) -> Any:
        """认定: the test (应认定), or the test and then the office's decision (可认定)."""

        def worked_out() -> Any:
            found = self._recognitions.get(rule.name)
            if found is None:
                found = self._recognitions[rule.name] = self.judge(rule)
            value = found(thing, year)
            if rule.decision == "可认定" and value is not False:
                decision = thing.values.get((rule.name + "决定", year))
                decided = decision if decision is not None else Unknown({Missing(Waits.OFFICE, thing.kind, thing.key, rule.name + "决定", year)})
                value = conjunction([value, decided])
            return value

        return self._once((thing.kind, thing.key, rule.name, year), worked_out)

    def judge(self, rule: Rule) -> Evaluate:
        """条件 and 任一 of a rule as one truth."""
        context = Context(rule.object, rule, values=self.named_values(rule))
        conditions = [self.lower(item, context) for item in rule.conditions]
        any_of = [self.lower(item, context) for item in rule.any_of]

        def value(thing: Thing, year: int) -> Any:
            results = [truth(item(thing, year)) for item in conditions]
            if any_of:
                results.append(disjunction(truth(item(thing, year)) for item in any_of))
            return conjunction(results)

        return value

    def _claim_fact(self, context: Context, thing: Thing, name: str, year: int) -> Any:
        """A fact of the claim itself (申报). What the claim does not state is unknown, except that nobody claims money he has not had."""
        assert context.rule is not None
        values = self.facts.claims.get((context.rule.name, thing.key), {})
        found = values.get((name, year), values.get((name, None)))
        if found is not None:
            return found
        fact = self.vocabulary.fact(CLAIM, name)
        waits = Waits.OFFICE if fact and fact.source in OFFICE_SOURCES else Waits.APPLICANT
        return Unknown({Missing(waits, CLAIM, f"{context.rule.name} {thing.key}", name, None)})

    # --- 值, tables -----------------------------------------------------------------------------------------------------------------

    def named_values(self, rule: Rule) -> dict[str, Evaluate]:
        """The 值 of a rule, in order; each may use the ones before it."""
        values: dict[str, Evaluate] = {}
        for value in rule.values:
            context = Context(rule.object, rule, values=dict(values))
            values[value.name] = self._named(value, context)
        return values

    def _named(self, value: Value, context: Context) -> Evaluate:
        if not isinstance(value.body, Tiers):
            function = self.lower(value.body, context)
        else:
            rows = self.rows(value.body, context)

            def function(thing: Thing, year: int) -> Any:
                found = self.first_row(rows, thing, year)
                return (
                    found[1]
                    if found.__class__ is tuple
                    else found
                    if found.__class__ is Unknown
                    else undefined(thing, year, value.name, "没有一行相符")
                )

        return self._traced(value, function) if self.traced else function

    def rows(self, tiers: Tiers, context: Context) -> list[tuple[str, list[Evaluate], Evaluate]]:
        """A tier table as (label as now read, tests, value) rows."""
        found = []
        for row in tiers.rows:
            inside = Context(context.kind, context.rule, row.label, context.values)  # a number without a name is known by its row
            tests = [self.lower(cell, inside) for cell in row.cells if not isinstance(cell, Always)]
            found.append((as_now_read(row.label, self.bound), tests, self.lower(row.value, inside)))
        return found

    def first_row(self, rows: list[tuple[str, list[Evaluate], Evaluate]], thing: Thing, year: int) -> Any:
        """(label, value) of the first row that holds; None where none does; Unknown where an undecided row stands in the way."""
        for label, tests, value in rows:
            holds = conjunction(truth(test(thing, year)) for test in tests)
            if holds is True:
                return label, value(thing, year)
            if holds is not False:
                return holds
        return None

    # --- calls ----------------------------------------------------------------------------------------------------------------------

    def _call(self, node: Call, context: Context) -> Evaluate:
        arguments = [self.lower(argument, context) for argument in node.arguments if node.function != "已付"]
        return FUNCTIONS[node.function](self, node, arguments, context)

    def earlier(self, rule: Rule | None, thing: Thing, year: int) -> list[Paid]:
        """Payments of earlier years to this object under a rule."""
        assert rule is not None
        return [entry for entry in self.paid.get((rule.name, thing.key), ()) if entry.year < year and entry.amount_fen > 0]

    def _year_index(self, node: YearIndex, context: Context) -> Evaluate:
        """Which year this is: of the object's awards (首次享受), of the calendar since the first one (自首年起), or since a date."""
        if node.path is not None:
            day = self.lower(node.path, context)

            def since(thing: Thing, year: int) -> Any:
                found = day(thing, year)
                return (
                    year - found.year + 1
                    if isinstance(found, date)
                    else year - found + 1
                    if found.__class__ is int
                    else combine(thing, year, "年序", found)
                )

            return since

        def value(thing: Thing, year: int) -> Any:
            years = {entry.year for entry in self.earlier(context.rule, thing, year)}
            if node.basis == "自首年起":
                return year - min(years) + 1 if years else 1
            return 1 + len(years)

        return value

    # --- aggregates -----------------------------------------------------------------------------------------------------------------

    def _aggregate(self, node: Aggregate, context: Context) -> Evaluate:
        hops = resolve_path(self.policy, context.rule, context.kind, node.path)
        *way, last = hops
        assert last.role == "children", "checked: an aggregate ranges over a list"
        start = self.follow(way, context) if way else None
        inside = context.inside(last.kind)
        where = self.lower(node.where, inside) if node.where else None
        of = self.lower(node.of, inside) if node.of else None
        fold = FOLDS[node.function]

        def value(thing: Thing, year: int) -> Any:
            parent = start(thing, year) if start else thing
            if parent.__class__ is not Thing:
                return parent
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

        return value

    def children(self, hop: Hop, parent: Thing, year: int) -> tuple[list[Thing], list[Missing]]:
        """The objects of one type that belong to `parent`, by ascending key, and what keeps the list from being complete."""
        assert hop.fact is not None
        key = (hop.kind, hop.name, year if hop.fact.yearly else None)
        if key not in self._children:
            index: dict[str, list[Thing]] = {}
            loose: list[Missing] = []
            for child in self.facts.all(hop.kind):
                belongs = child.values.get((hop.name, key[2]))
                if belongs.__class__ is str:
                    index.setdefault(belongs, []).append(child)
                elif belongs is None:
                    loose.append(Missing(Waits.APPLICANT, child.kind, child.key, hop.name, key[2]))
            self._children[key] = (index, loose)
        index, loose = self._children[key]
        found = index.get(parent.key, [])
        unlisted = (parent.kind, parent.key, hop.kind) in self.facts.unlisted or (not found and hop.kind not in self.facts.listed)
        if unlisted:
            return found, [*loose, Missing(Waits.APPLICANT, parent.kind, parent.key, hop.kind + "清单", year)]
        return found, loose


def window_of(window: Any, year: int) -> tuple[date, date]:
    """The days of a 期间 in an award year."""
    (first_year, *first), (last_year, *last) = window.start, window.end
    return date(year + first_year, *first), date(year + last_year, *last)


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
