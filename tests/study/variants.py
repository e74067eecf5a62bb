"""Variants of a world for sweeps: its numbers moved, its readings changed; every one settled by the interpreter and by the sweep, and compared."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from random import Random
from typing import Any

from duixian.engine.duck_engine import DuckEngine
from duixian.policy.standards import Setting, Standards
from duixian.study.compiled import Compiled
from duixian.study.source import Data, Interpreted, Scenario, award_totals
from duixian.values.diagnostic import Defects

from .support import quiet

FACTORS = (Fraction(0), Fraction(1, 3), Fraction(1, 2), Fraction(99, 100), Fraction(1), Fraction(2))


def moved(standards: Standards, key: Any, factor: Fraction) -> Standards:
    """The standards with one number times a factor, money in whole 分."""
    where = "settings" if key in standards.settings else "parameters"
    own: dict[Any, Setting] = getattr(standards, where)
    value = Fraction(own[key].value) * factor
    value = Fraction(int(value)) if own[key].unit == "元" else value
    return replace(standards, **{where: {**own, key: replace(own[key], value=value)}})


def numbers(standards: Standards) -> list[Any]:
    """The standards and parameters that are numbers."""
    every = {**standards.settings, **standards.parameters}
    return sorted(key for key, setting in every.items() if isinstance(setting.value, (int, Fraction)))


def grid(rng: Random, policy: Any, standards: Standards, choices: dict[str, str], *, keys: int = 2) -> list[Scenario]:
    """Up to nine values of a number times up to three of others, under one or two readings."""
    chosen = rng.sample(numbers(standards), min(keys, len(numbers(standards))))
    found = [Scenario("", policy, standards, dict(choices))]
    for key in chosen:
        found = [replace(one, standards=moved(one.standards, key, factor)) for one in found for factor in rng.sample(FACTORS, 3)]
    readings = [name for name, reading in policy.readings.items() if len(reading.options) > 1]
    if readings and rng.random() < 0.5:
        name = rng.choice(sorted(readings))
        found = [replace(one, choices={**one.choices, name: option}) for one in found for option in policy.readings[name].options]
    return [replace(one, label=f"第{place}种") for place, one in enumerate(found)]


def differences(year: int, facts: Any, ledger: Any, scenarios: list[Scenario], *, singly: bool = False) -> tuple[list[str], int]:
    """Where the sweep differs from one settlement by the interpreter each; how many variants it settled by themselves."""
    data = Data(facts, list(ledger))
    judge = Interpreted(year, data)
    try:
        expected = [sorted(award_totals(one.label, judge.price(one))) for one in scenarios]
    except Defects:
        return [], 0
    with DuckEngine(threads=1) as engine:
        compiled = Compiled.of_data(data, scenarios[0].policy, year, engine)
        rows = compiled.price_many(scenarios, quiet)
    found = []
    for scenario, wanted in zip(scenarios, expected, strict=True):
        own = sorted(row for row in rows if row.scenario == scenario.label)
        if own != wanted and not (singly and scenario.label in compiled.apart):
            found.append(f"{scenario.label}: {own} ≠ {wanted}")
    return found, len(compiled.apart)
