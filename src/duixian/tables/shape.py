"""The columns facts would have if every fact the policy uses were on file: what a plan looks like before there is any data."""

from __future__ import annotations

from ..policy.model import Policy
from ..values.frames import Column, Frame, Frames, table_name
from .frames import claim_facts, stored_bounds
from .layout import OUTSIDE, window_days
from .usage import usage_of


def shape_of(policy: Policy, year: int) -> Frames:
    """Empty tables of every object type the policy uses, with every fact of every year it looks at; each may be unknown or 无."""
    frames = Frames(listed=frozenset([*usage_of(policy).facts, OUTSIDE]))
    for kind, uses in usage_of(policy).facts.items():
        frame = frames.objects[kind] = Frame(table_name(kind), rows=1)
        for use in uses.values():
            periods = [None] if not use.fact.yearly else [year + offset for offset in sorted(use.offsets)]
            periods += [window_days(window, year + offset) for window, offset in use.windows]
            for period in periods:
                frame.columns[(use.fact.name, period)] = _column(use.fact, period)
    for name, fact in claim_facts(policy).items():
        frames.claims.columns[(name, None)] = _column(fact, None)
    return frames


def _column(fact: object, period: object) -> Column:
    name, kind = fact.name, fact.kind  # type: ignore[attr-defined]
    low, high = fact.low, fact.high  # type: ignore[attr-defined]
    ends = stored_bounds(low, high, 1) if low is not None and high is not None else (0, 0)
    return Column(name, period, kind, 1, *ends, True, True)  # type: ignore[arg-type]
