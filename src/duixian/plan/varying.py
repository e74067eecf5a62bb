"""Numbers that differ between the variants of a sweep, as SQL: `varying(轴, 数)` stands for the number of the variant a row belongs to.

No engine knows the function: engine/lift.py puts a column of the table of variants in its place. It is a number like any other to the plan:
over one denominator for all variants, its bounds those of the least and the greatest.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import lcm
from typing import Any

from .sql import BIGGEST, Sql, number

_CALL = re.compile(r"\bvarying\(")


@dataclass(frozen=True, slots=True)
class Varied:
    """One number. axis: the axis it moves along; place: which of the numbers of that axis it is; values: what it takes at each place of the axis."""

    axis: int
    place: int
    values: tuple[Fraction, ...]

    @property
    def den(self) -> int:
        """The denominator all values share."""
        return lcm(*(value.denominator for value in self.values))

    def numerators(self) -> list[int]:
        """The values over `den`."""
        return [int(value * self.den) for value in self.values]

    def sql(self, ceiling: Fraction | int | None = None) -> Sql:
        """The number, no more than a ceiling."""
        den = self.den if ceiling is None else lcm(self.den, Fraction(ceiling).denominator)
        tops = [int(value * den) for value in self.values]
        call = f"varying({self.axis}, {self.place})"
        wide = max(abs(top) for top in tops) > BIGGEST
        factor = den // self.den
        sql = call if factor == 1 else f"({call} * {factor})"
        if ceiling is not None and max(tops) > (most := int(Fraction(ceiling) * den)):
            sql, tops = f"LEAST({sql}, {most})", [min(top, most) for top in tops]
        found = number(Fraction(tops[0], den))
        return Sql(found.kind, sql, den=den, low=min(tops), high=max(tops), wide=wide)


Varying = Mapping[tuple[str, Any], Varied]  # (项目, 档) or (参数, keys) → how it varies


def varies(sql: str) -> bool:
    """Whether a text uses a number that varies."""
    return _CALL.search(sql) is not None
