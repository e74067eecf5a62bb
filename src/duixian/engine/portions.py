"""Totals over many variants of which only the sums are asked: lines as columns of numbers, a pot that is exceeded cut in proportion, to the 分.

Largest remainder (docs/grammar.md 总额): every claim gets the whole part of its share; the 分 left over go one each to the largest remainders, then the
largest claims, then by award and key.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

MOST = 2**62  # what is computed stays below this in 64 bits; beyond it the same in Python integers


class Apart(Exception):
    """The sums of one variant cannot be had this way; it is settled by itself. The argument says why (`Swept.apart`)."""


@dataclass(slots=True)
class Lines:
    """Live lines of one variant, NumPy columns of integers. Grain: one row an award and object. Amounts in 分.

    order: places the objects as their keys do; claim: before any total; pots: a column a total, the number of the pot, −1 where the total does not
    range over the line; amount: what the totals leave of the claim, None before they are asked.
    """

    award: Any
    state: Any
    order: Any
    claim: Any
    pots: list[Any]
    amount: Any = None

    def part(self, chosen: Any) -> Lines:
        """Some of the lines, before any total."""
        return Lines(self.award[chosen], self.state[chosen], self.order[chosen], self.claim[chosen], [pot[chosen] for pot in self.pots])


def together(parts: Sequence[Lines]) -> Lines:
    """Several parts of one variant as one, every claim still whole."""
    import numpy as np

    award, state, order, claim = (np.concatenate([getattr(part, name) for part in parts]) for name in ("award", "state", "order", "claim"))
    return Lines(award, state, order, claim, [np.concatenate(own) for own in zip(*(part.pots for part in parts), strict=True)], claim.copy())


def total_of(amounts: Any) -> int:
    """The sum of amounts of at least zero, exactly."""
    return sum(amounts.tolist()) if len(amounts) and int(amounts.max()) * len(amounts) >= MOST else int(amounts.sum())


def cut(lines: Lines, total: int, lefts: Any, method: str) -> None:
    """The amounts after one total, in place; together they are less than 64 bits hold. lefts: what each of its pots has left, in 分.

    Raises Apart for a method that is not a share in proportion.
    """
    import numpy as np

    rows = np.flatnonzero(lines.pots[total] >= 0)
    if not len(rows):
        return
    if len(lefts) > 1:
        rows = rows[np.argsort(lines.pots[total][rows], kind="stable")]
    pots, claims = lines.pots[total][rows], lines.amount[rows]
    starts = np.flatnonzero(np.concatenate([[True], pots[1:] != pots[:-1]]))
    sizes = np.diff(starts, append=len(rows))
    claimed, left = np.add.reduceat(claims, starts), lefts[pots[starts]]
    exceeded = claimed > left
    if not exceeded.any():
        return
    if method != "按比例核减":
        raise Apart("total")
    inside = np.repeat(exceeded, sizes)
    chosen = rows[inside]
    lines.amount[chosen] = _proportion(claims[inside], sizes[exceeded], claimed[exceeded], left[exceeded], lines.award[chosen], lines.order[chosen])


def _proportion(claims: Any, sizes: Any, claimed: Any, left: Any, award: Any, order: Any) -> Any:
    """The shares of claims, pot after pot; those of a pot come to exactly what is left in it. sizes, claimed, left: one a pot, left is less than claimed."""
    import numpy as np

    one, ends = len(sizes) == 1, np.cumsum(sizes)
    starts, pot = ends - sizes, np.repeat(np.arange(len(sizes)), sizes)

    def its(values: Any) -> Any:
        """A number of each pot beside its claims: dividing all by one number is several times as fast."""
        return int(values[0]) if one else values[pot]

    large = int(claims.max()) * int(left.max()) >= MOST
    product = (claims.astype(object) if large else claims) * its(left)
    shares = product // its(claimed)
    rest = (product - shares * its(claimed)).astype(np.int64, copy=False)
    shares = shares.astype(np.int64, copy=False)
    more = left - np.add.reduceat(shares, starts)  # fewer than there are claims
    last = np.minimum(ends - more, len(rest) - 1)
    ranked = np.partition(rest, last[0]) if one else rest[np.lexsort((rest, pot))]
    edge = its(np.where(more > 0, ranked[last], MOST))  # the least remainder that still gets a 分
    above, tied = rest > edge, np.flatnonzero(rest == edge)
    tied = tied[np.lexsort((order[tied], award[tied], -claims[tied], *(() if one else (pot[tied],))))]
    place = np.arange(len(tied)) - np.searchsorted(pot[tied], pot[tied])
    shares += above
    shares[tied[place < (more - np.add.reduceat(above, starts, dtype=np.int64))[pot[tied]]]] += 1
    return shares
