"""The columns facts would have if every fact the policy uses were on file: what a plan looks like before there is any data."""

from __future__ import annotations

from ..policy.model import Policy
from ..policy.vocabulary import Fact
from ..values.facts import Period
from ..values.frames import Column, Frame, Frames, table_name
from ..values.terms import OUTSIDE
from .frames import claim_facts, stored_bounds
from .layout import window_days
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


def _column(fact: Fact, period: Period) -> Column:
    ends = stored_bounds(fact.low, fact.high, 1) if fact.low is not None and fact.high is not None else (0, 0)
    return Column(fact.name, period, fact.kind, 1, *ends, True, True)
