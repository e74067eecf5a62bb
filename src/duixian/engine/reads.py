"""What the interpreter's functions read: relations, facts and what is computed from them, recognitions, the claim, 值, parameters, payments, lists.

Its counterpart in SQL is `plan.reads`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from datetime import date
from fractions import Fraction
from typing import Any

from ..policy.model import Parameter, Rule
from ..policy.readings import Bound, as_now_read
from ..policy.render import show
from ..policy.resolve import Hop
from ..policy.standards import EVERY, OpenKey, Standards
from ..policy.syntax import Always, Limited, Node, Path, Tiers, Value
from ..policy.vocabulary import CLAIM, OFFICE_SOURCES, Fact
from ..values.facts import NONE, Facts, Missing, Paid, Period, Thing, Unknown
from ..values.money import exact
from ..values.period import Validity, window_of
from ..values.terms import Waits
from .context import Context, Evaluate, Trace
from .logic import NUMBERS, combine, conjunction, disjunction, truth, undefined


class Reads(ABC):
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
        self._memo: dict[tuple[Any, ...], Any] = {}
        self._children: dict[tuple[str, str, int | None], tuple[dict[str, list[Thing]], list[Missing]]] = {}
        self._derived: dict[tuple[str, str], Evaluate] = {}
        self._recognitions: dict[str, Evaluate] = {}
        self._judges: dict[str, Evaluate] = {}

    @abstractmethod
    def lower(self, node: Node, context: Context) -> Evaluate:
        """The function a node means: `interpret`."""

    def forget(self, *, lists: bool = False) -> None:
        """Work out anew what is asked from now on: computed facts and what lists come to; lists: who belongs to whom as well, where facts have changed."""
        self._memo.clear()
        if lists:
            self._children.clear()

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

    # --- names --------------------------------------------------------------------------------------------------------------------

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

    # --- facts --------------------------------------------------------------------------------------------------------------------

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
                return self.computed(fact, thing, year)
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

    def computed(self, fact: Fact, thing: Thing, year: int) -> Any:
        """A fact as its 算法 has it, whatever is on file."""
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

    # --- 值, tables ----------------------------------------------------------------------------------------------------------------

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

    # --- payments, lists ----------------------------------------------------------------------------------------------------------

    def earlier(self, rule: Rule | None, thing: Thing, year: int) -> list[Paid]:
        """Payments of earlier years to this object under a rule."""
        assert rule is not None
        return [entry for entry in self.paid.get((rule.name, thing.key), ()) if entry.year < year and entry.amount_fen > 0]

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
