"""Objects and their facts (对象、事实) as values: what is known, what is 无, what is unknown, and who would have to say.

Grain: one value per object, fact and period. A period is a year (int), a window of two dates, or None for a fact without a period.
An absent value is unknown; `NONE` is 无, verified to be none. Neither is ever zero or false.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

from .terms import THIS_POLICY, Waits

Window = tuple[date, date]
Period = int | Window | None


class _None:
    """无: verified that there is none."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "无"

    def __reduce__(self) -> str:
        return "NONE"


NONE = _None()


class Missing(NamedTuple):
    """One thing that would help decide: a fact nobody has filled in, or a reason why a number does not exist."""

    waits: Waits
    kind: str  # object type, or '' where it is not a fact of an object
    key: str
    fact: str
    period: Period
    note: str = ""

    @property
    def text(self) -> str:
        when = "" if self.period is None else f"{self.period}年 " if isinstance(self.period, int) else window_text(self.period) + " "
        whose = f"{self.kind} {self.key} " if self.kind else ""
        return f"{whose}{when}{self.fact}" + (f"（{self.note}）" if self.note else "")


def window_text(window: Window) -> str:
    """A window as its first and last day."""
    return f"{window[0].isoformat()}至{window[1].isoformat()}"


class Unknown:
    """A value that cannot be computed yet, with everything that is missing. What is known of its bounds may still decide a comparison."""

    __slots__ = ("high", "low", "missing")

    def __init__(self, missing: Iterable[Missing], low: Any = None, high: Any = None) -> None:
        self.missing = frozenset(missing)
        self.low, self.high = low, high

    def __repr__(self) -> str:
        return "？" + "、".join(sorted(item.text for item in self.missing))


class Thing:
    """One object (对象): an enterprise, a park, a certificate. Identity is (kind, key)."""

    __slots__ = ("key", "kind", "values")

    def __init__(self, kind: str, key: str) -> None:
        self.kind = kind
        self.key = key
        self.values: dict[tuple[str, Period], Any] = {}

    def __repr__(self) -> str:
        return f"{self.kind} {self.key}"


@dataclass(slots=True)
class Facts:
    """All objects of a settlement, and the facts of each claim (申报)."""

    things: dict[str, dict[str, Thing]] = field(default_factory=dict)
    claims: dict[tuple[str, str], dict[tuple[str, Period], Any]] = field(default_factory=dict)  # (award, object key)
    listed: set[str] = field(default_factory=set)  # object types whose list is complete: no row means there is none
    unlisted: set[tuple[str, str, str]] = field(default_factory=set)  # (parent kind, parent key, child kind): not known although the type is listed

    applied: set[tuple[str, str]] | None = None  # (award, object key) applied for; None: every object is looked at for every award

    def add(self, kind: str, key: str) -> Thing:
        return self.things.setdefault(kind, {}).setdefault(key, Thing(kind, key))

    def find(self, kind: str, key: str) -> Thing | None:
        return self.things.get(kind, {}).get(key)

    def all(self, kind: str) -> Iterator[Thing]:
        """The objects of one kind by ascending key."""
        things = self.things.get(kind, {})
        return (things[key] for key in sorted(things))


@dataclass(frozen=True, slots=True)
class Paid:
    """One payment already made (历史): the grain of the ledger that once-only rules and caps look at."""

    award: str
    year: int
    object_key: str
    amount_fen: int
    document: str = THIS_POLICY
    recipient: str = ""
    tier: str = ""  # the row it was paid for, in the words of the policy
    standard_fen: int | None = None  # the nominal standard then; None is unknown
    keys: tuple[tuple[str, str], ...] = ()  # other scope keys (荣誉系列, 持证人 …) where the object itself is not on file
