"""Where a node stands while it is lowered: which object is in scope, in which SELECT, of which rule."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ..policy.model import Rule
from .query import Query, Row


@dataclass(slots=True)
class Place:
    """Where a node stands: the object in scope, the rule, the tier row, the 值 it may use."""

    query: Query
    row: Row
    rule: Rule | None = None
    label: str = ""
    values: dict[str, Any] = field(default_factory=dict)  # 值 -> its node, lowered where it is used
    own: bool = True

    @property
    def kind(self) -> str:
        return self.row.kind
