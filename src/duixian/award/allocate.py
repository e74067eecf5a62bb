"""A total against claims: exact shares that add up to it, the highest common factor of lowered standards, or first come first served.

Source: docs/grammar.md 总额. Holds: no share exceeds its claim; shares sum to min(total, claims) exactly.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from ..values.money import Exact


def share_out(claims: Mapping[Any, int], total: int) -> dict[Any, int]:
    """按比例核减 by largest remainder. Left-over 分 go one each to the largest remainders; ties: larger claim, then ascending id."""
    claimed = sum(claims.values())
    if claimed <= total:
        return dict(claims)
    shares, remainders = {}, []
    for name, claim in claims.items():
        shares[name], remainder = divmod(claim * total, claimed)
        remainders.append((-remainder, -claim, name))
    for _, _, name in sorted(remainders)[: total - sum(shares.values())]:
        shares[name] += 1
    return shares


def first_come(claims: Sequence[tuple[Any, int]], total: int) -> dict[Any, int]:
    """先到先得: in the given order until nothing is left; the one at the cut gets what is left."""
    shares, left = {}, total
    for name, claim in claims:
        shares[name] = min(claim, left)
        left -= shares[name]
    return shares


@dataclass(frozen=True, slots=True)
class Adjustable:
    """A claim under 下调标准: its amount at factor t is min(limit, max(0, t × full − paid)); a fixed one is `limit` at any t."""

    full: Exact
    limit: int
    paid: int = 0
    fixed: bool = False

    def at(self, factor: Fraction) -> Fraction:
        return Fraction(self.limit) if self.fixed else min(Fraction(self.limit), max(Fraction(0), factor * self.full - self.paid))


def lower_standards(claims: Mapping[Any, Adjustable], total: int) -> tuple[Fraction, dict[Any, int]] | None:
    """下调标准: the highest common factor in [0, 1] on every open standard so that the claims fit, and the shares in whole 分.

    Piecewise linear and rising in the factor, so it is solved exactly between the points where a claim starts or meets its limit.
    None where even factor 0 does not fit (fixed amounts alone exceed the total).
    """

    def needed(factor: Fraction) -> Fraction:
        return sum((claim.at(factor) for claim in claims.values()), Fraction(0))

    if needed(Fraction(1)) <= total:
        return Fraction(1), {name: int(claim.at(Fraction(1))) for name, claim in claims.items()}
    if needed(Fraction(0)) > total:
        return None
    turns = {Fraction(0), Fraction(1)}
    for claim in claims.values():
        if not claim.fixed and claim.full > 0:
            turns |= {point for point in (Fraction(claim.paid) / claim.full, Fraction(claim.limit + claim.paid) / claim.full) if 0 < point < 1}
    points = sorted(turns)
    above = bisect_right(points, total, key=needed)  # `needed` never falls, so the first point that needs too much can be bisected
    low, high = points[above - 1], points[min(above, len(points) - 1)]
    rise = needed(high) - needed(low)
    factor = low + (high - low) * (total - needed(low)) / rise if rise else low
    exact = {name: claim.at(factor) for name, claim in claims.items()}
    shares = {name: int(amount) for name, amount in exact.items()}
    left = min(total, int(sum(exact.values()))) - sum(shares.values())
    order = sorted(claims, key=lambda name: (-(exact[name] - shares[name]), -claims[name].limit, name))
    for name in order[:left]:
        if shares[name] < claims[name].limit:
            shares[name] += 1
    return factor, shares
