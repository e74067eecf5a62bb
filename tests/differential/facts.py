"""`draw_facts`: objects, claims, a ledger and a year's file for a policy, drawn so that figures stand on boundaries and groups collide."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date
from fractions import Fraction
from random import Random
from typing import Any

from duixian import pipeline
from duixian.policy.model import Policy, Rule
from duixian.policy.readings import bind, records, walk
from duixian.policy.standards import Setting, Standards, open_items
from duixian.policy.syntax import Number, Scope, Word
from duixian.policy.vocabulary import CLAIM, Fact
from duixian.values.facts import NONE, Facts, Paid, Period, Thing, Unknown
from duixian.values.money import exact
from duixian.values.period import window_of
from duixian.values.terms import OTHER_POLICY, REPEALED, THIS_POLICY
from duixian.values.units import unit_dimension

from .policies import DrawnPolicy
from .standards import draw_standards, read_standards
from .words import BEYOND, TEXTS, YEAR

COUNTED = ("人", "单", "场", "个", "名", "家")
DAYS = tuple(date(year, month, day) for year in range(2021, 2026) for month, day in ((1, 1), (6, 30), (6, 30), (7, 1), (12, 31), (12, 31), (12, 31))) + (
    date(2024, 2, 29), date(2024, 2, 29), date(2025, 2, 28), date(2023, 2, 28))  # fmt: skip


@dataclass(slots=True)
class World:
    """One settlement to be made: a policy, a year and everything on file."""

    policy: Policy
    year: int
    facts: Facts
    ledger: list[Paid]
    standards: Standards
    choices: dict[str, str] = field(default_factory=dict)
    standards_text: str = ""
    drawn: DrawnPolicy | None = None
    lists: dict[tuple[str, str], Setting] = field(default_factory=dict)  # settings the year's file has no form for

    def settle(self) -> pipeline.Settlement:
        """By the interpreter. Raises Defects as it does."""
        return pipeline.settle(self.policy, self.year, self.facts, self.ledger, self.standards, self.choices)


@dataclass(slots=True)
class Odds:
    """How this world is filled in; every world has its own."""

    unknown: float
    none: float
    loose: float  # an object whose relation is not known
    dangling: float  # a relation to an object that is not on file
    true: float
    extreme: float
    bounds: dict[tuple[tuple[str, int], ...], tuple[Fraction, ...]]
    years: tuple[int, ...]
    pools: dict[str, list[int | Fraction]] = field(default_factory=dict)  # fact → what is drawn for it


def draw_facts(rng: Random, policy: Policy, drawn: DrawnPolicy, lines: int = 300) -> World:
    """Facts for about this many lines. Grain: one value an object, fact and period; what is not there is unknown."""
    year = rng.choice([YEAR, YEAR, YEAR, YEAR, YEAR - 1, YEAR + 1])
    deep = any(word in drawn.policy + drawn.vocabulary for word in ("历年最大", "首次", "首奖年"))
    whole = rng.random() < 0.4  # a year in which everything is known and set: what only happens between decided claims happens here
    odds = Odds(0, 0, 0, 0, rng.choice([0.6, 0.8]), 0, bounds_of(policy), tuple(range(year - (5 if deep else 3), year + 1))) if whole else Odds(rng.choice([0, 0.002, 0.01, 0.04]), rng.choice([0, 0.005, 0.03]), rng.choice([0, 0, 0, 0.02]), rng.choice([0, 0, 0.03]), rng.choice([0.5, 0.75, 0.9]),
                rng.choice([0, 0, 0.01]), bounds_of(policy), tuple(range(year - (5 if deep else 3), year + 1)))  # fmt: skip
    facts = Facts()
    _objects(rng, policy, facts, lines)
    formulas = "".join(line.split("|")[6] for line in drawn.vocabulary.split("\n") if line.startswith("| "))
    used = f"{drawn.policy}\n{formulas}\n{drawn.score}"
    for kind in list(facts.things):
        own = [fact for fact in policy.vocabulary.facts(kind) if fact.kind == "object" or fact.name in used or rng.random() < 0.05]
        windows = {rule.window for rule in policy.rules.values() if rule.window is not None and policy.vocabulary.is_kind(kind, rule.object)}
        decisions = [rule.name for rule in policy.rules.values() if rule.decision == "可认定" and policy.vocabulary.is_kind(kind, rule.object)]
        start = policy.vocabulary.start_fact(kind)
        for thing in facts.all(kind):
            _fill(rng, policy, facts, thing, own, windows, start, odds, whole)
            for name in decisions:
                for past in odds.years:
                    if whole or rng.random() < 0.8:
                        thing.values[(f"{name}决定", past)] = rng.random() < 0.7
    _lists(rng, policy, facts, whole)
    _claims(rng, policy, facts, year, whole)
    text = draw_standards(rng, drawn, policy, facts, year, whole=whole) if whole or rng.random() < 0.93 else ""
    standards, wrong = read_standards(text, policy, year) if text else (Standards(year), [])
    assert not wrong, wrong[0].render()
    lists = _named_lists(rng, drawn, policy) if text else {}
    standards.settings.update(lists)
    choices = {name: rng.choice(reading.options) for name, reading in policy.readings.items() if rng.random() < 0.25}
    ledger = _ledger(rng, policy, facts, year, lines, {**standards.choices, **choices})
    world = World(policy, year, facts, ledger, standards, choices, text, drawn, lists)
    _computed(rng, world)
    return world


def _named_lists(rng: Random, drawn: DrawnPolicy, policy: Policy) -> dict[tuple[str, str], Setting]:
    """属于 …、另定 名: the year's file takes a list only where a 口径 names it, so elsewhere it is set here."""
    found = {}
    for key, item in open_items(policy).items():
        unit = drawn.opens.get(key[0], "")
        if unit.startswith("items") and item.kind == "value" and rng.random() < 0.8:
            names = tuple(rng.sample(parts := unit.removeprefix("items ").split("、"), rng.randint(0, len(parts))))
            found[key] = Setting(names, text="、".join(names) or "无")
    return found


def bounds_of(policy: Policy) -> dict[tuple[tuple[str, int], ...], tuple[Fraction, ...]]:
    """dimension → every number the policy names in it, in base units."""
    found: dict[tuple[tuple[str, int], ...], set[Fraction]] = {}
    for _, record in records(policy):
        for node in walk(record):
            if isinstance(node, Number):
                found.setdefault(unit_dimension(node.unit) if node.unit else (), set()).add(node.value)
    return {dimension: tuple(sorted(values)) for dimension, values in found.items()}


# --- objects ------------------------------------------------------------------------------------------------------------------------------


def _objects(rng: Random, policy: Policy, facts: Facts, lines: int) -> None:
    """So many objects of each kind that the rules come to about `lines` lines; parents are few, so that groups collide."""
    vocabulary = policy.vocabulary
    rules = [rule for rule in policy.rules.values() if rule.kind != "认定"]
    kinds = [kind for kind in vocabulary.objects if kind != CLAIM]
    asked = {kind: sum(vocabulary.is_kind(kind, rule.object) for rule in rules) for kind in kinds}
    share = max(1, lines // max(1, sum(1 for count in asked.values() if count)))
    for kind in kinds:
        if kind == "主体" and "主体" not in {rule.object for rule in rules}:
            continue
        count = share // asked[kind] if asked[kind] else rng.choice([1, 3, max(2, lines // 40)])
        if kind == "镇":
            count = min(count, max(rng.choice([2, 5, 20]), lines // 50))
        for place in rng.sample(range(max(count * 2, 12)), max(1, count)):
            facts.add(kind, f"{kind}{place}")


def _fill(rng: Random, policy: Policy, facts: Facts, thing: Thing, own: list[Fact], windows: set[Any], start: str, odds: Odds, whole: bool) -> None:
    since = None
    if start and rng.random() > odds.unknown:
        since = odds.years[-1] - (8 if whole else rng.choice([-1, 0, 1, 2, 3, 4, 5, 6, 8, 8, 8, 8, 8]))
        thing.values[(start, None)] = since if rng.random() > odds.none else NONE
    for fact in own:
        if fact.formula is not None or fact.name == start:
            continue
        if not whole and fact.unit == "分" and rng.random() < 0.4 or fact.source == "认定" and rng.random() < 0.8:
            continue
        periods: list[Period] = [None] if not fact.yearly else list(odds.years)
        if fact.yearly and windows and fact.kind != "object":
            periods += [window_of(window, past) for window in windows for past in odds.years]
        before: Any = None
        for period in periods:
            if since is not None and isinstance(period, int) and period < since and fact.kind != "object" and rng.random() < 0.9:
                continue
            value = before if before is not None and fact.kind in ("object", "option") and rng.random() < 0.8 else _value(rng, policy, facts, fact, odds, before)
            if value is not None:
                thing.values[(fact.name, period)] = before = value


def _value(rng: Random, policy: Policy, facts: Facts, fact: Fact, odds: Odds, before: Any) -> Any:
    """One value; None is unknown."""
    roll = rng.random()
    if roll < (odds.loose if fact.kind == "object" else odds.unknown):
        return None
    if 1 - roll < odds.none:
        return NONE
    if fact.kind == "truth":
        return rng.random() < (0.95 if fact.name == "守信" else odds.true)
    if fact.kind == "date":
        return rng.choice(DAYS) if rng.random() < 0.7 else date(YEAR - rng.randint(0, 5), rng.randint(1, 12), rng.randint(1, 28))
    if fact.kind == "year":
        return YEAR - rng.choice([-1, 0, 0, 1, 2, 4])
    if fact.kind == "option":
        return rng.choice([*fact.options, *(BEYOND.get(fact.name, ()) if fact.extendable else ())])
    if fact.kind == "text":
        return rng.choice(TEXTS)
    if fact.kind == "object":
        if rng.random() < odds.dangling:
            return f"外{fact.target}{rng.randint(1, 2)}"
        keys = [key for kind in facts.things if policy.vocabulary.is_kind(kind, fact.target) for key in facts.things[kind]]
        few = keys[: rng.choice([2, 6, len(keys)] if len(keys) < 40 else [6, len(keys), len(keys)])]
        return rng.choice(few) if few else None
    if roll < odds.extreme:
        return fact.high
    if before is not None and roll > 0.8 and before.__class__ in (int, Fraction):
        return before
    pool = odds.pools.get(fact.name)
    if pool is None:
        pool = odds.pools[fact.name] = numbers(fact, odds.bounds)
    return rng.choice(pool)


def numbers(fact: Fact, bounds: dict[tuple[tuple[str, int], ...], tuple[Fraction, ...]]) -> list[int | Fraction]:
    """What is drawn for a number: each bound the policy names, one step below and above it, small multiples of it, and nothing."""
    step = Fraction(1) if fact.type_text == "金额" or fact.unit in COUNTED else Fraction(1, 10000) if fact.unit == "%" else Fraction(1, 100)
    near = bounds.get(fact.dimension, ()) or (Fraction(1),)
    found = [value for bound in near for value in (bound, bound, bound, bound - step, bound + step, bound * 2, bound * 3, bound * 10)]
    found += [Fraction(value) for value in (0, 0, 1, 7, 12, 100)][: 2 + len(found) // 12]
    low, high = Fraction(max(fact.low or 0, 0)), Fraction(fact.high or 0)
    return [exact(min(max(low, value // step * step), high)) for value in found]


def _lists(rng: Random, policy: Policy, facts: Facts, whole: bool) -> None:
    """Which lists are complete: mostly all; a kind nobody listed; single lists known to be open."""
    most = whole or rng.random() < 0.7
    facts.listed = {kind for kind in facts.things if most or rng.random() < 0.7} | ({"其他政策已付"} if whole or rng.random() < 0.8 else set())
    if not whole and rng.random() < 0.3:
        for kind in facts.things:
            for child in facts.things:
                for key in facts.things[kind]:
                    if rng.random() < 0.02 and policy.vocabulary.relation_to(child, kind):
                        facts.unlisted.add((kind, key, child))


def _claims(rng: Random, policy: Policy, facts: Facts, year: int, whole: bool) -> None:
    """What each claim states, and which objects applied."""
    restricted, dated = rng.random() < 0.3, 1.0 if whole else rng.choice([0.98, 1.0, 1.0, 1.0])
    if restricted:
        facts.applied = set()
    for rule in policy.rules.values():
        if rule.kind == "认定":
            continue
        for kind in facts.things:
            if not policy.vocabulary.is_kind(kind, rule.object):
                continue
            for key in facts.things[kind]:
                stated: dict[tuple[str, Period], Any] = {}
                if rng.random() < dated:
                    stated[("申报日期", None)] = rng.choice(DAYS[-16:]) if rng.random() < 0.5 else date(year, rng.randint(1, 12), rng.randint(1, 28))
                if whole or rng.random() < 0.97:
                    stated[("本笔弄虚作假", None)] = rng.random() < 0.04
                if whole or rng.random() < 0.6:
                    stated[("申报单位选择", None)] = rng.random() < 0.6
                if rng.random() < 0.15:
                    stated[("其他政策已付", rng.choice([None, None, year]))] = rng.choice([0, 1, 100_000, 1_000_000, 5_000_000, NONE])
                if whole or rng.random() < 0.95:
                    stated[("自报金额", None)] = rng.choice([0, 999_999, 1_000_000, 5_000_000])
                if stated and (whole or rng.random() < 0.98):
                    facts.claims[(rule.name, key)] = stated
                if facts.applied is not None and rng.random() < 0.85:
                    facts.applied.add((rule.name, key))


# --- the ledger ---------------------------------------------------------------------------------------------------------------------------


def _ledger(rng: Random, policy: Policy, facts: Facts, year: int, lines: int, choices: dict[str, str]) -> list[Paid]:
    """Payments of this year and earlier ones, to objects on file and to objects that are not, under this document and others."""
    awards = [rule for rule in policy.rules.values() if rule.kind == "奖补"]
    keys = {rule.name: [key for kind in facts.things if policy.vocabulary.is_kind(kind, rule.object) for key in facts.things[kind]] for rule in awards}
    payees = [key for kind in facts.things for key in facts.things[kind] if policy.vocabulary.is_kind(kind, "主体") or "主体" not in policy.vocabulary.objects]
    stated = _scope_names(policy, choices)
    entries = []
    strangers = rng.choice([0, 0, 0, 0.05])
    for _ in range(int(lines * rng.choice([0, 0.05, 0.15, 0.25]))):
        rule = rng.choice(awards)
        amount = rng.choice([0, 1, 100_000, 500_000, 1_000_000, 1_000_000, 1_234_567, 2_000_000, 5_000_000])
        entry = Paid(
            rule.name, year - rng.choice([-1, 0, 0, 1, 1, 1, 2, 2, 3, 4]), rng.choice(keys[rule.name]), amount,
            rng.choice([THIS_POLICY] * 5 + [REPEALED, REPEALED, OTHER_POLICY]), rng.choice([*payees, ""]) if rng.random() < 0.8 and payees else "",
            rng.choice(["", *_labels(rule)]), rng.choice([None, amount, amount, 500_000, 2_000_000]),
        )  # fmt: skip
        if rng.random() < strangers:
            names = [name for name in stated if rng.random() < 0.8]
            entry = replace(entry, object_key=f"旧{rng.randint(1, 5)}", keys=tuple((name, _key(rng, policy, facts, rule, name)) for name in names))
        elif rng.random() < 0.1 and stated:
            name = rng.choice(stated)
            entry = replace(entry, keys=((name, _key(rng, policy, facts, rule, name)),))
        entries.append(entry)
    return entries


def _labels(rule: Rule) -> list[str]:
    return [row.label for row in rule.tiers.rows] if rule.tiers else []


def _scope_names(policy: Policy, choices: dict[str, str]) -> list[str]:
    """The key names that scopes, totals and places of the policy count by."""
    names: list[str] = []
    bound = bind(policy, choices)
    for record in (*bound.rules.values(), *bound.totals):
        for node in walk(record):
            if isinstance(node, Scope):
                names += [key.text for key in node.keys if isinstance(key, Word)]
    return [name for name in dict.fromkeys(names) if name not in ("对象", "受益人")]


def _key(rng: Random, policy: Policy, facts: Facts, rule: Rule, name: str) -> str:
    fact = policy.vocabulary.fact(rule.object, name)
    if fact is not None and fact.kind == "option":
        return rng.choice(fact.options)
    if fact is not None and fact.kind == "text":
        return rng.choice(TEXTS)
    target = fact.target if fact is not None and fact.kind == "object" else name
    keys = [key for kind in facts.things if policy.vocabulary.is_kind(kind, target) for key in facts.things[kind]]
    return rng.choice(keys) if keys else "红"


# --- computed figures ---------------------------------------------------------------------------------------------------------------------


def _computed(rng: Random, world: World) -> None:
    """算法: some computed figures are given as well, as what they come to or where they cannot be computed; no two say different things."""
    policy, facts = world.policy, world.facts
    formulas = [(kind, fact) for kind, declared in policy.vocabulary.objects.items() for fact in declared.facts.values() if fact.formula is not None]
    if not formulas or rng.random() < 0.5:
        return
    contradict = rng.random() < 0.03
    odds = Odds(0, 0, 0, 0, 0.5, 0, bounds_of(policy), (world.year - 1, world.year))
    interpreter = pipeline.prepare(policy, world.standards, facts, world.ledger, world.choices)[2].interpreter
    for kind, fact in formulas:
        for thing in facts.all(kind):
            for period in odds.years if fact.yearly else (None,):
                if rng.random() < 0.15:
                    found = interpreter.computed(fact, thing, period or 0)
                    if isinstance(found, Unknown) or contradict:
                        found = _value(rng, policy, facts, fact, odds, None)
                    if _storable(found, fact):
                        thing.values[(fact.name, period)] = found
    while not contradict:
        interpreter = pipeline.prepare(policy, world.standards, facts, world.ledger, world.choices)[2].interpreter
        wrong = [(kind, fact, thing, key) for kind, fact in formulas for thing in facts.all(kind) for key in list(thing.values)
                 if key[0] == fact.name and _differs(interpreter.computed(fact, thing, key[1] or 0), thing.values[key])]  # fmt: skip
        if not wrong:
            return
        for _, _, thing, key in wrong:
            del thing.values[key]


def _differs(computed: Any, given: Any) -> bool:
    return not isinstance(computed, Unknown) and computed != given


def _storable(value: Any, fact: Fact) -> bool:
    """Whether a column of this fact can hold the value: whole 分, two decimals, nothing beyond the bounds."""
    if value.__class__ in (int, Fraction):
        step = Fraction(1) if fact.type_text == "金额" else Fraction(1, 10000) if fact.unit == "%" else Fraction(1, 100)
        return fact.kind == "number" and (fact.low or 0) <= value <= (fact.high or 0) and Fraction(value) / step % 1 == 0
    return value is NONE or isinstance(value, bool)


__all__ = ["World", "bounds_of", "draw_facts"]
