"""The records of a profile: what one row of each of its tables says. Plain records; profile.py reads them."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction

from ..policy.document import Document
from ..policy.syntax import Span
from ..tables.layout import Column
from .draws import Condition, Draw


@dataclass(frozen=True, slots=True)
class ObjectRow:
    """How many objects of one type. share: of the objects of `parent` that have at least one; again: of those with k, that have k + 1."""

    kind: str
    parent: str
    share: Fraction
    again: Fraction
    most: int
    least: int
    at: Span


@dataclass(frozen=True, slots=True)
class FactRow:
    """How one fact of one object type is drawn. unknown: the share nobody has filled in; none: the share verified to be 无."""

    kind: str
    column: Column
    draw: Draw
    unknown: Fraction
    none: Fraction
    at: Span


@dataclass(frozen=True, slots=True)
class Change:
    """How a yearly fact goes from one year to the next. stay: the share whose luck of one year is that of the year before."""

    stay: Fraction
    median: Fraction | None
    spread: Fraction
    at: Span


@dataclass(frozen=True, slots=True)
class BoundRow:
    """A share of rows planted on, one step under and one step over the numbers the policy compares a fact (or its growth) with."""

    kind: str
    fact: str
    growth: bool
    share: Fraction
    at: Span


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """Rows of 历史 or 其他政策已付 for one award. years: how many years back; each: one payment in every one of them, else in one.

    low, high: 分, or None: the standards of the policy. on_file: whether the objects are those of this population.
    """

    award: str
    share: Fraction
    years: int
    each: bool
    document: str
    low: int | None
    high: int
    only: tuple[Condition, ...]
    on_file: bool
    at: Span


@dataclass(frozen=True, slots=True)
class ClaimRow:
    """Rows of 申报 for one award."""

    award: str
    share: Fraction
    first: tuple[int, int]
    last: tuple[int, int]
    false: Fraction
    at: Span


@dataclass(slots=True)
class Profile:
    """A whole profile. facts: object type → fact → row; base: the object type that `size` counts."""

    document: Document
    sha256: str
    base: str
    objects: dict[str, ObjectRow] = field(default_factory=dict)
    facts: dict[str, dict[str, FactRow]] = field(default_factory=dict)
    changes: dict[tuple[str, str], Change] = field(default_factory=dict)
    bounds: list[BoundRow] = field(default_factory=list)
    history: list[LedgerRow] = field(default_factory=list)
    outside: list[LedgerRow] | None = None  # None: no such table, not even an empty one
    claims: list[ClaimRow] = field(default_factory=list)
