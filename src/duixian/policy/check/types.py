"""Kinds, units, periods and names: every expression of a policy, under every option of every reading, comes to what its place asks for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ...values.diagnostic import Diagnostic
from ...values.units import dimension_text, same_dimension
from ..model import Policy, Rule
from ..readings import Bound, walk
from ..resolve import Unresolved, beneficiary_kind, can_be_paid, resolve_key
from ..suggest import remedies
from ..syntax import Always, Open, Scope, Tiers, Word
from .kinds import Kinds
from .typed import ANY, KIND_NAMES, Place, Type, fits


class TypeChecker(Kinds):
    """Collects defects of kind, unit, period and name in every clause of every rule."""

    def rule(self, rule: Rule) -> None:
        """Everything of one bound rule."""
        if rule.object not in self.vocabulary.objects:
            at = next((bullet.at for bullet in rule.block.bullets if bullet.key == "对象"), rule.block.at)
            if rule.object:
                self.defects.append(self.document.defect("DX301", at, found=rule.object, expected="词汇里的对象",
                                                         **remedies(rule.object, self.vocabulary.objects, "在词汇里加上这个对象。", "declare the object.")))  # fmt: skip
            return
        place = Place(rule.object, rule)
        if rule.beneficiary is not None:
            self.want(rule.beneficiary, place, "object", "受益人须是一个对象（关系）")
        self._payee(rule)
        if rule.timing is not None:
            self.want(rule.timing, place, "date", "时点须是日期")
        for value in rule.values:
            place.values[value.name] = self.tiers(value.body, place) if isinstance(value.body, Tiers) else self.type_of(value.body, place)
        for condition in (*rule.conditions, *rule.any_of, *rule.vetoes):
            self.condition(condition, place)
        if rule.standard is not None:
            self.money(rule.standard, place)
        if rule.tiers is not None:
            self.tiers(rule.tiers, place, money=True)
        for cap in rule.caps:
            if cap.amount is not None and not isinstance(cap.amount, Always):
                self.money(cap.amount, place)
                self.scope(cap.scope, place)
                if isinstance(cap.scope, Scope) and cap.scope.time is None:
                    self.report("DX211", cap, key="封顶", found="没有期间")
        if rule.frequency is not None and rule.frequency.scope is not None:
            self.scope(rule.frequency.scope, place)
        if rule.order is not None:
            self.ordered(rule.order, place)
        if rule.places is not None and rule.places.order is not None:
            self.ordered(rule.places.order, place)
        if rule.places is not None:
            self.keys(rule.places.keys, place)
        if isinstance(rule.tie_rule, tuple):
            self.ordered(rule.tie_rule[0], place)
        self._declared(rule)

    def _payee(self, rule: Rule) -> None:
        """Where the vocabulary has a 主体, an award is paid to one."""
        written = next((bullet.at for bullet in rule.block.bullets if bullet.key == "受益人"), None)
        payee = beneficiary_kind(self.policy, rule) if rule.beneficiary is not None or written is None else ""
        if rule.kind == "奖补" and payee and not can_be_paid(self.policy, payee):
            at = written or rule.at
            self.defects.append(self.document.defect("DX402", at, expected="受益人是主体，或“是：主体”的对象", found=payee,
                                                     remedy="写 受益人：…，从对象走到该得钱的主体。", remedy_en="write 受益人：…, the way from the object to who is paid."))  # fmt: skip

    def _declared(self, rule: Rule) -> None:
        """认定 decides a fact of its object; 来源 names one."""
        if rule.kind == "认定":
            fact = self.vocabulary.fact(rule.object, rule.name)
            if fact is None or fact.kind != "truth":
                self.defects.append(self.document.defect("DX301", rule.at, found=rule.name, expected=f"“{rule.object}”的一个是否事实，来源写“认定”",
                                                         remedy=f"在词汇的“{rule.object}”里加一行：{rule.name} | 是否 | | 年 | 认定。", remedy_en="declare it in the vocabulary."))  # fmt: skip
        for source in rule.sources:
            if self.vocabulary.fact(rule.object, source.fact) is None and not any(
                source.fact in declared.facts for declared in self.vocabulary.objects.values()
            ):
                self.report(
                    "DX301",
                    source,
                    found=source.fact,
                    expected="词汇里的事实",
                    **remedies(source.fact, self.vocabulary.names(rule.object), "改名。", "mend the name."),
                )

    def tiers(self, tiers: Tiers, place: Place, *, money: bool = False) -> Type:
        found = ANY
        for row in tiers.rows:
            self.row = row.label
            if tiers.open_whole:
                for cell in row.cells:
                    self.type_of(cell, place)
                continue
            for cell in row.cells:
                self.condition(cell, place)
            if money:
                self.money(row.value, place)
            else:
                own = self.type_of(row.value, place)
                if found.kind == "number" and own.kind == "number" and not fits(found, own):
                    self.unlike(row.value, found.text, own.text)
                found = own if found is ANY else found
        self.row = ""
        return found

    def scope(self, scope: Any, place: Place) -> None:
        if isinstance(scope, Scope):
            self.keys(scope.keys, place)
            for item in scope.together:
                if isinstance(item, Word) and item.text not in self.policy.rules:
                    self.report(
                        "DX301",
                        item,
                        found=item.text,
                        expected="本政策的奖补",
                        **remedies(item.text, self.policy.rules, "写奖补块的名称。", "use the name of a block."),
                    )

    def keys(self, keys: tuple[Any, ...], place: Place) -> None:
        assert place.rule is not None
        for key in keys:
            if isinstance(key, Word):
                try:
                    resolve_key(self.policy, place.rule, key.text)
                except Unresolved as stop:
                    self.report(
                        "DX301",
                        key,
                        found=key.text,
                        expected=f"“{place.kind}”本身、它的关系或事实，或受益人",
                        **remedies(key.text, stop.known, "改成对象、关系或事实的名称。", "use an object, relation or fact."),
                    )


def check_types(policy: Policy, variants: list[Bound]) -> Iterator[Diagnostic]:
    """Every rule and 通则 under the chosen readings, then each other option of each reading where it is used."""
    defects: list[Diagnostic] = []
    checker = TypeChecker(policy, defects)
    for bound in variants:
        for rule in bound.rules.values():
            checker.rule(rule)
        for general in bound.generals:
            _general(checker, bound, general)
    _formulas(checker)
    yield from defects


def _general(checker: TypeChecker, bound: Bound, general: Any) -> None:
    """A 通则 condition is asked of every award it covers, and has to fit each of them."""
    covered = [
        rule
        for rule in checker.policy.awards
        if (rule.name in {word.text for word in general.items if isinstance(word, Word)}) is not general.all_awards
    ]
    for rule in covered:
        if rule.object not in checker.vocabulary.objects:
            continue  # said where the award is
        place = Place(rule.object, rule)
        for condition in (*general.conditions, *(veto for veto, _ in general.vetoes)):
            checker.condition(condition, place)


def _formulas(checker: TypeChecker) -> None:
    """算法 of the vocabulary: the figure it computes is what the fact says it is."""
    document, checker.document = checker.document, checker.vocabulary.document
    for kind, declared in checker.vocabulary.objects.items():
        for fact in declared.facts.values():
            if fact.formula is not None:
                found = checker.type_of(fact.formula, Place(kind, None))
                if (
                    fact.kind == "number"
                    and found.kind == "number"
                    and found.dimension is not None
                    and not fact.doubtful
                    and not same_dimension(found.dimension, fact.dimension)
                ):
                    checker.unlike(fact.formula, dimension_text(fact.dimension), found.text)
                elif found.kind and found.kind != fact.kind:
                    checker.report(
                        "DX402",
                        fact.formula,
                        expected=KIND_NAMES[fact.kind],
                        found=found.text,
                        remedy="算法的结果要与类型一致。",
                        remedy_en="the formula must come to the declared kind.",
                    )
    checker.document = document


def check_units(policy: Policy, bound: Bound, settings: Mapping[tuple[str, str], str]) -> Iterator[tuple[tuple[str, str], str]]:
    """The open items whose adopted unit does not fit where the policy uses them, with what is wrong. settings: item -> unit."""
    for key, unit in settings.items():
        before: list[Diagnostic] = []
        after: list[Diagnostic] = []
        for units, found in (({}, before), ({key: unit}, after)):
            checker = TypeChecker(policy, found)
            checker.units = units
            for rule in bound.rules.values():
                if key[0] == rule.name or any(isinstance(node, Open) and node.name == key[0] for node in walk(rule)):
                    checker.rule(rule)
        new = [item for item in after if item not in before]
        if new:
            yield key, "；".join(dict.fromkeys(item.sentence()["found"] for item in new))
