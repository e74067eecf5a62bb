"""Made-up years of the two founding policies: objects, facts, a ledger, standards and readings, drawn so that figures often stand on a boundary.

Everything comes from one `Random`: the same seed makes the same world.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

from duixian import pipeline
from duixian.policy.model import Policy
from duixian.policy.readings import records, walk
from duixian.policy.standards import Setting, Standards, open_items
from duixian.policy.syntax import Number
from duixian.policy.vocabulary import CLAIM, Fact
from duixian.values.facts import NONE, Facts, Paid, Thing
from duixian.values.money import exact
from duixian.values.terms import OTHER_POLICY, REPEALED, THIS_POLICY, Outcome
from duixian.values.units import unit_dimension

ROOT = Path(__file__).resolve().parent.parent / "policies"
FOUNDING = ("zibo-2022", "jinyun-2025")
YEAR = 2025
_OPEN = {  # what an open item without a ceiling may come to; 评估日 is a day, 汇率 in 元 a dollar
    "评估日": date(YEAR, 12, 31), "美元汇率": Fraction(718, 100), "生产企业佣金补助": Fraction(1, 10), "年度奖励资金总额": Fraction(3_000_000_000),
    "专项活动经费": Fraction(100_000_000),
}  # fmt: skip


@cache
def policy_of(name: str) -> Policy:
    policy, defects = pipeline.load(ROOT / name)
    assert not [item for item in defects if item.is_error]
    return policy


@cache
def bounds_of(name: str) -> dict[tuple[tuple[str, int], ...], tuple[Fraction, ...]]:
    """dimension -> every number the policy names in it, in base units."""
    found: dict[tuple[tuple[str, int], ...], set[Fraction]] = {}
    for _, record in records(policy_of(name)):
        for node in walk(record):
            if isinstance(node, Number):
                found.setdefault(unit_dimension(node.unit) if node.unit else (), set()).add(node.value)
    return {dimension: tuple(sorted(values)) for dimension, values in found.items()}


@dataclass(slots=True)
class World:
    name: str
    facts: Facts
    ledger: list[Paid]
    standards: Standards
    choices: dict[str, str] = field(default_factory=dict)

    @property
    def policy(self) -> Policy:
        return policy_of(self.name)

    def settle(self, policy: Policy | None = None) -> pipeline.Settlement:
        return pipeline.settle(policy or self.policy, YEAR, self.facts, self.ledger, self.standards, self.choices)

    def given(self) -> list[tuple[Thing, tuple[str, Any]]]:
        """Every fact that is on file, in a fixed order."""
        return [(thing, key) for kind in sorted(self.facts.things) for thing in self.facts.all(kind) for key in sorted(thing.values, key=str)]


def draw(random: Random, name: str) -> World:
    """A world of one policy: one or two objects of every kind."""
    policy, facts = policy_of(name), Facts()
    vocabulary = policy.vocabulary
    kinds = [kind for kind in vocabulary.objects if kind != CLAIM]
    facts.listed = {*kinds, "其他政策已付"}
    for kind in kinds:
        for place in range(random.randint(1, 2)):
            facts.add(kind, f"{kind}{place + 1}")
    for kind in kinds:
        for thing in list(facts.all(kind)):
            for fact in vocabulary.facts(kind):
                _fact(random, name, facts, thing, fact)
    for rule in policy.awards:
        for kind in kinds:
            if vocabulary.is_kind(kind, rule.object):
                for thing in facts.all(kind):
                    stated = {("申报日期", None): date(YEAR, random.randint(1, 12), random.randint(1, 28))}
                    if random.random() < 0.3:
                        stated[("其他政策已付", None)] = random.choice([0, 100, 2_000_000, 5_000_000])
                    stated[("本笔弄虚作假", None)] = random.random() < 0.1
                    facts.claims[(rule.name, thing.key)] = stated
    ledger = [_paid(random, policy, facts) for _ in range(random.randint(0, 4))]
    choices = {}
    for reading in policy.readings.values():
        if random.random() < 0.2:
            choices[reading.name] = random.choice(reading.options)
    return World(name, facts, ledger, _standards(random, policy), choices)


def _fact(random: Random, name: str, facts: Facts, thing: Thing, fact: Fact) -> None:
    if fact.formula is not None:
        return  # computed: a figure given beside it could contradict it
    stays = random.random()
    value = _value(random, name, facts, fact)
    for period in (None,) if not fact.yearly else range(YEAR - 3, YEAR + 1):
        kept = stays if fact.kind == "object" else random.random()
        if kept < 0.03:
            continue
        if kept < 0.05 and fact.source != "评定":
            thing.values[(fact.name, period)] = NONE
            continue
        if fact.kind not in ("object", "truth") or random.random() < 0.1:
            value = _value(random, name, facts, fact)
        thing.values[(fact.name, period)] = value


def _value(random: Random, name: str, facts: Facts, fact: Fact) -> Any:
    if fact.kind == "truth":
        rare = any(word in fact.name for word in ("虚", "负面"))
        return (random.random() < 0.1) if rare else random.random() < 0.9
    if fact.kind == "date":
        return date(YEAR - random.randint(0, 4), random.randint(1, 12), random.randint(1, 28))
    if fact.kind == "year":
        return YEAR - random.choice([0, 0, 1, 2, 4])
    if fact.kind == "option":
        return random.choice(fact.options)
    if fact.kind == "object":
        kinds = [kind for kind in facts.things if policy_of(name).vocabulary.is_kind(kind, fact.target)]
        return random.choice([thing.key for kind in kinds for thing in facts.all(kind)])
    if fact.kind == "text":
        return random.choice(["甲", "乙"])
    near = [bound for bound in bounds_of(name).get(fact.dimension, ()) if fact.unit != "%" or bound <= 1] or [Fraction(1)]
    step = Fraction(1, 100) if fact.unit in ("%", "平方米") else 1
    return exact(max(Fraction(0), random.choice(near) * random.choice([1, 1, 1, 2, 5]) + random.choice([-step, 0, 0, step])))


def _paid(random: Random, policy: Policy, facts: Facts) -> Paid:
    rule = random.choice(policy.awards)
    kinds = [kind for kind in facts.things if policy.vocabulary.is_kind(kind, rule.object)]
    thing = random.choice([thing for kind in kinds for thing in facts.all(kind)])
    payees = [other.key for kind in facts.things if policy.vocabulary.is_kind(kind, "主体") for other in facts.all(kind)]
    document = random.choice([THIS_POLICY, THIS_POLICY, THIS_POLICY, REPEALED, OTHER_POLICY])
    amount = random.choice([0, 500_000, 1_000_000, 5_000_000, 10_000_000])
    return Paid(rule.name, YEAR - random.randint(0, 3), thing.key, amount, document, random.choice(payees), standard_fen=random.choice([None, amount]))


def _standards(random: Random, policy: Policy) -> Standards:
    standards = Standards(YEAR)
    for key, item in open_items(policy).items():
        if random.random() < 0.15 or item.kind == "table":
            continue
        if item.ceiling is not None:
            standards.settings[key] = Setting(item.ceiling * random.choice([1, 1, Fraction(1, 2)]), text=item.words)
        elif item.kind == "items":
            standards.settings[key] = Setting((), text="无")
        else:
            standards.settings[key] = Setting(_OPEN[key[0]], text=item.words)
    return standards


def results(settlement: pipeline.Settlement) -> dict[tuple[str, str, str], tuple[Outcome, int, str]]:
    """(award, kind, object) -> outcome, payment, and every amount and reason on the way."""
    return {
        (line.claim.award, line.claim.kind, line.claim.key): (line.outcome, line.payable_fen, f"{line.amounts} {line.reasons} {sorted(item.text for item in line.missing)} {line.notes}")
        for line in settlement.lines
    }
