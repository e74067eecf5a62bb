"""The bounds of a number (范围): between which values a fact can lie, as the vocabulary states it or by the defaults below.

Bounds let an engine choose whole numbers wide enough for every result, and let a slip of the keyboard be refused at the door.
"""

from __future__ import annotations

import re
import unicodedata
from fractions import Fraction

from ..values.money import Exact, exact
from ..values.units import MULTIPLIERS, is_unit, match_unit, same_dimension, unit_dimension, unit_factor

# by type, where the vocabulary states none; in base units: 分 for money, a ratio (1 = 100%), and the base of whatever unit a count has
DEFAULTS: dict[str, tuple[int, int]] = {
    "金额": (0, 10**14),  # 0元至1万亿元
    "数量": (0, 10**12),
    "比率": (-(10**6), 10**6),
    "年份": (1900, 2199),
}
_SIDE = re.compile(r"([+-]?)(\d+(?:\.\d+)?)(.*)$", re.ASCII)


def default_bounds(type_text: str) -> tuple[Exact | None, Exact | None]:
    """The bounds of a type that states none, in base units; (None, None) for a type without an order."""
    return DEFAULTS.get(type_text, (None, None))


def parse_bounds(text: str, type_text: str, unit: str) -> tuple[Exact, Exact] | None:
    """`0元至1万亿元` in base units, both ends included; None where it is not two amounts in a unit that fits, the lower one first."""
    sides = unicodedata.normalize("NFKC", text).replace("−", "-").split("至")
    if type_text not in DEFAULTS or len(sides) != 2:
        return None
    ends = [_amount("".join(side.split()), "年" if type_text == "年份" else unit) for side in sides]
    low, high = ends
    if low is None or high is None or low > high or (type_text == "年份" and not (isinstance(low, int) and isinstance(high, int))):
        return None
    return low, high


def _amount(text: str, unit: str) -> Exact | None:
    found = _SIDE.match(text)
    if not found:
        return None
    sign, digits, tail = found.groups()
    multiplier = next((word for word in MULTIPLIERS if tail.startswith(word)), "")
    named = tail[len(multiplier) :]
    if unit == "年" and not tail and "." not in digits:  # 1990至2030
        return int(digits)
    if bool(named) != bool(unit):  # 0至100 under % could mean two things
        return None
    if named and (not is_unit(named) or named != match_unit(named, 0) or not same_dimension(unit_dimension(named), unit_dimension(unit))):
        return None
    return exact(Fraction(sign + digits) * MULTIPLIERS.get(multiplier, 1) * unit_factor(named))
