"""What evaluation passes around: the function a node becomes, where it stands, what it came to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

from ..policy.model import Rule
from ..policy.readings import Bound
from ..policy.vocabulary import Vocabulary
from ..values.facts import Paid, Thing

Evaluate = Callable[[Thing, int], Any]  # (object, year) → value


@dataclass(slots=True)
class Trace:
    """What one node came to, for one object and year, and what it was made of."""

    node: Any
    thing: Thing
    year: int
    value: Any = None
    children: list[Trace] = field(default_factory=list)
    note: str = ""


@dataclass(slots=True)
class Context:
    """Where a node stands while it is lowered."""

    kind: str
    rule: Rule | None = None
    label: str = ""  # the tier row, for the key of an open number
    values: dict[str, Evaluate] = field(default_factory=dict)  # 值 of the rule

    own: bool = True  # still on the rule's own object, whose yearly facts a 期间 moves to its window

    def inside(self, kind: str) -> Context:
        """The same place seen from a child object: names belong to the child only, no 值 and no window are carried in."""
        return Context(kind, self.rule, self.label, own=False)


class Asked(Protocol):
    """What a function of the language may ask of the interpreter."""

    bound: Bound
    vocabulary: Vocabulary

    def earlier(self, rule: Rule | None, thing: Thing, year: int) -> list[Paid]:
        """Payments of earlier years to an object under a rule."""
