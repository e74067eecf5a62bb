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
    if amounts.dtype == object or (len(amounts) and int(amounts.max()) * len(amounts) >= MOST):
        return sum(amounts.tolist())
    return int(amounts.sum())


def cut(lines: Lines, total: int, lefts: Sequence[int], method: str) -> None:
    """The amounts after one total, in place. lefts: what each of its pots has left, in 分. Raises Apart for a method that is not a share in proportion."""
    import numpy as np

    rows = np.flatnonzero(lines.pots[total] >= 0)
    rows = rows[np.argsort(lines.pots[total][rows], kind="stable")]
    pots = lines.pots[total][rows]
    starts = np.flatnonzero(np.concatenate([[True], pots[1:] != pots[:-1]])) if len(rows) else rows
    claims = lines.amount[rows]
    small = total_of(claims) < MOST
    claimed = np.add.reduceat(claims if small else claims.astype(object), starts) if len(rows) else claims
    left = np.array(lefts, object if not small else np.int64)[pots[starts]]
    for place in np.flatnonzero(claimed > left):
        if method != "按比例核减":
            raise Apart("total")
        own = slice(starts[place], starts[place + 1] if place + 1 < len(starts) else None)
        chosen = rows[own]
        lines.amount[chosen] = _proportion(claims[own], int(claimed[place]), int(left[place]), lines.award[chosen], lines.order[chosen])


def _proportion(claims: Any, claimed: int, left: int, award: Any, order: Any) -> Any:
    """The shares of claims that come to more than is left; they come to exactly that."""
    import numpy as np

    if int(claims.max()) * left >= MOST or claimed >= MOST:
        claims = claims.astype(object)
    product = claims * left
    shares = product // claimed
    rest = product - shares * claimed
    more = left - total_of(shares)  # fewer than there are claims
    if more:
        edge = np.partition(rest, len(rest) - more)[len(rest) - more]  # the least remainder that still gets a 分
        above = rest > edge
        shares[above] += 1
        tied = np.flatnonzero(rest == edge)
        first = np.lexsort((order[tied], award[tied], -claims[tied].astype(np.int64)))[: more - int(above.sum())]
        shares[tied[first]] += 1
    return shares.astype(np.int64)
