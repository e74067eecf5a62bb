"""合计, 个数, 占比, 最大, 最小 over a list: what is sure, and between which bounds the rest may still move it."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from ..values.facts import NONE, Missing, Thing, Unknown
from ..values.money import exact
from .logic import NUMBERS


def _sum(taken: list[Thing], doubtful: int, missing: set[Missing], count: int, of: Any, year: int, open_list: bool) -> Any:
    total: Any = 0
    negative = False
    for child in taken:
        part = of(child, year)
        if part.__class__ in NUMBERS:
            total += part
            negative = negative or part < 0
        elif part.__class__ is Unknown:
            missing = missing | part.missing
    if missing:
        return Unknown(missing, None if negative else total)
    return total


def _count(taken: list[Thing], doubtful: int, missing: set[Missing], count: int, of: Any, year: int, open_list: bool) -> Any:
    return Unknown(missing, len(taken), None if open_list else len(taken) + doubtful) if missing else len(taken)


def _share(taken: list[Thing], doubtful: int, missing: set[Missing], count: int, of: Any, year: int, open_list: bool) -> Any:
    if open_list or not count:
        return Unknown(missing) if missing else NONE
    if missing:
        return Unknown(missing, Fraction(len(taken), count), Fraction(len(taken) + doubtful, count))
    return exact(Fraction(len(taken), count))


def _extreme(choose: Any, *, largest: bool) -> Any:
    def fold(taken: list[Thing], doubtful: int, missing: set[Missing], count: int, of: Any, year: int, open_list: bool) -> Any:
        parts = [of(child, year) for child in taken]
        for part in parts:
            if part.__class__ is Unknown:
                missing = missing | part.missing
        known = [part for part in parts if part.__class__ in NUMBERS]
        if missing:
            best = choose(known) if known else None
            return Unknown(missing, best if largest else None, None if largest else best)
        return choose(known) if known else NONE

    return fold


FOLDS: dict[str, Any] = {"合计": _sum, "个数": _count, "占比": _share, "最大": _extreme(max, largest=True), "最小": _extreme(min, largest=False)}
