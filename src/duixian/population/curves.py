"""Heavy-tailed amounts as tables of whole numbers: drawn by looking up and interpolating, so no float comes near a money cell.

A curve is the inverse distribution function at fixed places: 256 steps, the last of them cut into 256 again, and so on to the fourth level,
which reaches one in four thousand million. Computed once a column with decimals, rounded to whole cells (分 for money).
"""

from __future__ import annotations

from decimal import Context, Decimal
from fractions import Fraction
from statistics import NormalDist

import numpy as np

_STEPS, _BITS, _LEVELS = 256, 8, 4
_WITHIN = 20  # bits of a word used inside one step
_MATH = Context(prec=24)
_NORMAL = NormalDist()


class Curve:
    """A lognormal body, with a Pareto tail where `tail` > 0. median, least, most in whole cells; spread: standard deviation of the logarithm.

    tail: the share of rows in the tail; steepness: the α of the tail. Draws are int64, one a word, between least and most.
    """

    def __init__(
        self, median: Fraction, spread: Fraction, tail: Fraction = Fraction(0), steepness: Fraction = Fraction(1), least: int = 0, most: int = 1
    ) -> None:
        self.most = most
        body = _Lognormal(median, spread)
        if tail:
            start = body(1 - tail)
            power, edge = _decimal(1 / steepness), _decimal(tail)

            def value(rest: Fraction) -> Decimal:
                """The value that a share `rest` of all rows exceeds."""
                if rest >= tail:
                    return body(1 - rest)
                return _MATH.multiply(start, _MATH.exp(_MATH.multiply(power, _MATH.ln(_MATH.divide(edge, _decimal(rest))))))
        else:

            def value(rest: Fraction) -> Decimal:
                return body(1 - rest)

        def cell(rest: Fraction) -> int:
            return max(least, min(most, int(value(rest).to_integral_value())))

        self.levels = []
        whole = Fraction(1)
        for _ in range(_LEVELS):
            knots = [cell(min(Fraction(_STEPS * 4 - 1, _STEPS * 4), whole * (_STEPS - place) / _STEPS)) for place in range(_STEPS)]
            whole /= _STEPS
            self.levels.append(np.array([*knots, cell(whole / 4)], np.int64))
        for upper, lower in zip(self.levels, self.levels[1:], strict=False):
            upper[-1] = lower[0]  # the last step of a level is never interpolated: it is the next level

    def __call__(self, drawn: np.ndarray) -> np.ndarray:
        """The value of each random word, int64."""
        result = self._at(self.levels[0], drawn, 64 - _BITS)
        rare = np.flatnonzero(drawn >> np.uint64(64 - _BITS) == _STEPS - 1)
        for depth in range(1, _LEVELS):
            if not len(rare):
                break
            shift = 64 - _BITS * (depth + 1)
            some = drawn[rare]
            result[rare] = self._at(self.levels[depth], some, shift)
            rare = rare[(some >> np.uint64(shift)) & np.uint64(_STEPS - 1) == _STEPS - 1]
        return result

    @staticmethod
    def _at(knots: np.ndarray, drawn: np.ndarray, shift: int) -> np.ndarray:
        place = ((drawn >> np.uint64(shift)) & np.uint64(_STEPS - 1)).astype(np.int64)
        within = ((drawn >> np.uint64(shift - _WITHIN)) & np.uint64((1 << _WITHIN) - 1)).astype(np.int64)
        low = knots[place]
        return low + ((knots[place + 1] - low) * within >> _WITHIN)


class _Lognormal:
    def __init__(self, median: Fraction, spread: Fraction) -> None:
        self.median, self.spread = _decimal(median), _decimal(spread)

    def __call__(self, share: Fraction) -> Decimal:
        """The value below which a share of all rows lies."""
        # ten places of the normal quantile: more would only show the last bits of one machine's logarithm
        place = Decimal(f"{_NORMAL.inv_cdf(float(share)):.10f}")
        return _MATH.multiply(self.median, _MATH.exp(_MATH.multiply(self.spread, place)))


def _decimal(value: Fraction) -> Decimal:
    return _MATH.divide(Decimal(value.numerator), Decimal(value.denominator))
