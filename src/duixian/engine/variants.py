"""Which variants of a sweep have one plan, and what moves between them.

A shape (同形) is variants that differ in nothing but numbers: standards, parameters and totals of the year. Numbers that move together are one axis.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from ..plan.varying import Varied
from ..policy.model import Policy
from ..policy.standards import Standards


@dataclass(frozen=True, slots=True)
class Variant:
    """One policy under one set of readings and one year's standards."""

    policy: Policy
    standards: Standards
    choices: dict[str, str]


@dataclass(slots=True)
class Shape:
    """Variants with one plan. members: their places in the sweep; varying: the numbers that move; places: for each member its place on each axis."""

    members: list[int] = field(default_factory=list)
    varying: dict[tuple[str, Any], Varied] = field(default_factory=dict)
    places: list[tuple[int, ...]] = field(default_factory=list)


def shapes(variants: Sequence[Variant]) -> list[Shape]:
    """The variants by shape, in the order of the sweep."""
    found: dict[Any, Shape] = {}
    for place, variant in enumerate(variants):
        found.setdefault(_form(variant), Shape()).members.append(place)
    for shape in found.values():
        _axes(shape, [_numbers(variants[place].standards) for place in shape.members])
    return list(found.values())


def _numbers(standards: Standards) -> dict[tuple[str, Any], Fraction]:
    every = {**standards.settings, **standards.parameters}
    return {key: Fraction(setting.value) for key, setting in every.items() if isinstance(setting.value, (int, Fraction)) and not isinstance(setting.value, bool)}


def _form(variant: Variant) -> Any:
    """Everything but the numbers; what cannot be compared is the same only where it is one object."""
    policy, standards = variant.policy, variant.standards
    numbers = _numbers(standards)
    settings = {**standards.settings, **standards.parameters}
    kept = tuple(id(value) for name, value in _fields(policy) if name not in ("totals", "open_items"))
    totals = tuple(id(total.block) for total in policy.totals)
    others = tuple(id(value) for name, value in _fields(standards) if name not in ("settings", "parameters", "choices", "year"))
    fixed = tuple(sorted((key, repr(setting.value)) for key, setting in settings.items() if key not in numbers))
    return kept, totals, others, fixed, tuple(sorted(numbers)), tuple(sorted({**standards.choices, **variant.choices}.items()))


def _fields(thing: Any) -> list[tuple[str, Any]]:
    return [(name, getattr(thing, name)) for name in thing.__dataclass_fields__]


def _axes(shape: Shape, numbers: list[dict[tuple[str, Any], Fraction]]) -> None:
    axes: dict[tuple[int, ...], int] = {}  # where the members stand → the axis
    on: list[int] = []
    for key in numbers[0]:
        values = [own[key] for own in numbers]
        distinct = list(dict.fromkeys(values))
        if len(distinct) == 1:
            continue
        ranks = {value: rank for rank, value in enumerate(distinct)}
        axis = axes.setdefault(tuple(ranks[value] for value in values), len(axes))
        on.append(axis)
        shape.varying[key] = Varied(axis, on.count(axis) - 1, tuple(distinct))
    shape.places = list(zip(*axes, strict=True)) if axes else [() for _ in shape.members]


