"""Every fixed number a founding policy compares a fact with: one step below it, exactly at it, one step above it.

The cases are read off the policies: an award's first paid 例, with the one fact set to the three values. A new boundary is tested the day it is written.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import pytest

from duixian.engine.context import Context
from duixian.engine.example_run import Run
from duixian.engine.examples import Examples
from duixian.engine.logic import COMPARE
from duixian.policy.model import Rule
from duixian.policy.readings import walk
from duixian.policy.render import phrase
from duixian.policy.resolve import resolve_path
from duixian.policy.syntax import Aggregate, Between, Compare, Node, Number, Path
from duixian.values.facts import Thing
from duixian.values.money import exact
from duixian.values.terms import Outcome
from duixian.values.units import COUNTS

from . import worlds

EXAMPLES = {name: Examples(worlds.policy_of(name)) for name in worlds.FOUNDING}


@dataclass(frozen=True)
class Boundary:
    """One comparison of one rule with one fixed number; row: the tier row it stands in, None for a condition."""

    policy: str
    rule: Rule
    node: Any
    operator: str
    bound: Number
    row: int | None

    @property
    def title(self) -> str:
        return f"{self.rule.name} {phrase(self.node.left)} {self.operator} {self.bound.text}"


def sides(node: Node) -> list[tuple[str, Number]]:
    if isinstance(node, Compare) and isinstance(node.right, Number):
        return [(node.operator, node.right)]
    if isinstance(node, Between) and isinstance(node.low, Number) and isinstance(node.high, Number):
        return [("≥", node.low), (node.upper, node.high)]
    return []


def boundaries(name: str) -> list[Boundary]:
    bound, _ = EXAMPLES[name].bound({})
    found = []
    for rule in bound.rules.values():
        bodies: list[tuple[int | None, Node]] = [(None, item) for item in (*rule.conditions, *rule.any_of)]
        if rule.tiers and not rule.tiers.open_whole:
            bodies += [(place, cell) for place, row in enumerate(rule.tiers.rows) for cell in row.cells]
        for place, body in bodies:
            inside = {id(inner) for outer in walk(body) if isinstance(outer, Aggregate) for inner in walk(outer)}
            for node in walk(body):
                if isinstance(getattr(node, "left", None), Path) and id(node) not in inside:
                    found += [Boundary(name, rule, node, operator, number, place) for operator, number in sides(node)]
    return found


def first_paid(name: str, rule: Rule) -> Run:
    """The first example of a rule that comes to something, ready to be run again; a 认定 has those of the award that pays for it."""
    examples = EXAMPLES[name]
    for table in examples.tables:
        owner = table.owner
        if owner.name == rule.name or (rule.kind == "认定" and isinstance(owner, Rule) and owner.object == rule.object):
            for example in table.examples:
                if not example.choices and examples.run(table, example)[0].line.outcome in (Outcome.PAYABLE, Outcome.REGISTRABLE):
                    bound, fixed = examples.bound({})
                    return Run(examples.policy, bound, fixed, table, example)
    raise AssertionError(f"{rule.name} has no example that pays")


def step(number: Number) -> Fraction:
    """The smallest step of a unit: 1分, 1家; 0.01 of anything that can be cut finer."""
    whole = number.unit in ("元", "美元") or number.unit in COUNTS
    return Fraction(1) if whole else Fraction(1, 10_000)


def at_value(case: Boundary, value: Fraction) -> tuple[Any, Thing, Any]:
    """The example with the one fact set, and its claim (None for a 认定)."""
    run = first_paid(case.policy, case.rule)
    assessor, pairs = run.prepare()
    thing = pairs[0][1]
    *way, last = resolve_path(run.policy, case.rule, case.rule.object, case.node.left)
    interpreter = assessor.interpreter
    owner = interpreter.follow(way, Context(case.rule.object, case.rule))(thing, run.year) if way else thing
    assert last.fact is not None
    owner.values[(last.fact.name, run.year if last.fact.yearly else None)] = exact(value)
    return assessor, thing, None if case.rule.kind == "认定" else assessor.assess(case.rule.name, thing, run.year)


CASES = [case for name in worlds.FOUNDING for case in boundaries(name)]


def test_both_policies_have_boundaries_to_test() -> None:
    assert len([case for case in CASES if case.policy == "zibo-2022"]) > 15
    assert len([case for case in CASES if case.policy == "jinyun-2025"]) > 15


@pytest.mark.parametrize("where", (-1, 0, 1), ids=("below", "at", "above"))
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.title)
def test_a_figure_at_a_boundary_falls_on_the_side_its_word_says(case: Boundary, where: int) -> None:
    value = case.bound.value + where * step(case.bound)
    if value < 0:
        value = Fraction(0)
    holds = COMPARE[case.operator](value, case.bound.value)
    assessor, thing, claim = at_value(case, value)
    year = claim.year if claim else first_paid(case.policy, case.rule).year
    own = phrase(case.node)
    if claim is None:
        met = assessor.interpreter.judge(case.rule)(thing, year)
        asked = assessor.interpreter.lower(case.node, Context(case.rule.object, case.rule))(thing, year)
        assert asked is holds
        if case.node in case.rule.conditions:
            assert met is holds
        elif case.node in case.rule.any_of and holds:
            assert met is True, "one of 任一 is enough"
    elif case.row is None:
        assert any(own in failed for failed in claim.failed) is not (holds and _other_side_holds(case, value)), claim.failed
    else:
        labels = [row.label for row in case.rule.tiers.rows]  # type: ignore[union-attr]
        context = Context(case.rule.object, case.rule, values=assessor.interpreter.named_values(case.rule))
        row = case.rule.tiers.rows[case.row]  # type: ignore[union-attr]
        whole = all(assessor.interpreter.lower(cell, context)(thing, year) is True for cell in row.cells)
        assert whole is holds or not holds or len(row.cells) > 1
        if claim.met is not False or claim.tier:
            assert (claim.tier in labels[: case.row + 1]) if whole else claim.tier != row.label


def _other_side_holds(case: Boundary, value: Fraction) -> bool:
    """For a range, whether its other bound is kept as well."""
    return all(COMPARE[operator](value, number.value) for operator, number in sides(case.node))
