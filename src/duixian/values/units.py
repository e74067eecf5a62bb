"""Units (单位): a closed table, and the algebra that refuses to add what cannot be added.

A dimension is a sorted tuple of (base, exponent); () is a plain number. Numbers are held in base units: 元 in 分, % as a ratio.
Counting units (家, 人, 项 …) differ from one another, 个 goes with any of them (3个 × 5元/人 is 15元), and a count multiplies money without
leaving a trace.
"""

from __future__ import annotations

from fractions import Fraction

Dimension = tuple[tuple[str, int], ...]

PLAIN: Dimension = ()
MONEY: Dimension = (("元", 1),)
ANY_COUNT = "个"
COUNTS = frozenset("个家人项户条场次件名套间单辆台笔张期村镇店只头") | {"人次", "学时", "小时", "课时", "集", "款", "站"}
WHOLE = COUNTS - {"学时", "小时", "课时"}  # there is no half of one: a figure in it is a whole number

# unit -> (base, factor to the base); the unit that is its own base has factor 1 except money, which is held in 分
_TABLE: dict[str, tuple[str, int | Fraction]] = {
    "元": ("元", 100),
    "美元": ("美元", 100),
    "欧元": ("欧元", 100),
    "港元": ("港元", 100),
    "%": ("", Fraction(1, 100)),
    "‰": ("", Fraction(1, 1000)),
    "倍": ("", 1),
    "平方米": ("平方米", 1),
    "平米": ("平方米", 1),
    "㎡": ("平方米", 1),
    "m2": ("平方米", 1),
    "亩": ("亩", 1),
    "米": ("米", 1),
    "公里": ("公里", 1),
    "立方米": ("立方米", 1),
    "吨": ("吨", 1),
    "公斤": ("公斤", 1),
    "千克": ("公斤", 1),
    "千瓦时": ("千瓦时", 1),
    "度": ("千瓦时", 1),
    "年": ("年", 1),
    "岁": ("年", 1),
    "周岁": ("年", 1),
    "个月": ("月", 1),
    "月": ("月", 1),
    "日": ("日", 1),
    "天": ("日", 1),
    "分": ("分", 1),
    "分钟": ("分钟", 1),
    **{count: (count, 1) for count in COUNTS},
}
UNITS = tuple(_TABLE)
_LONGEST = sorted(_TABLE, key=len, reverse=True)
MULTIPLIERS = {"万亿": 10**12, "亿": 10**8, "千万": 10**7, "百万": 10**6, "万": 10**4, "千": 10**3}


def match_unit(text: str, at: int) -> str:
    """The longest unit, with its `/` parts, that starts at `at`; '' where there is none."""
    head = next((unit for unit in _LONGEST if text.startswith(unit, at)), "")
    end = at + len(head)
    while head and end < len(text) and text[end] == "/":
        part = next((unit for unit in _LONGEST if text.startswith(unit, end + 1)), "")
        if not part:
            break
        end += 1 + len(part)
    return text[at:end]


def unit_factor(unit: str) -> Fraction:
    """What one of `unit` is in base units: 元 -> 100, 元/平方米/月 -> 100, % -> 1/100. KeyError for an unknown unit."""
    factor = Fraction(1)
    for place, part in enumerate(unit.split("/") if unit else []):
        step = Fraction(_TABLE[part][1])
        factor = factor * step if place == 0 else factor / step
    return factor


def unit_dimension(unit: str) -> Dimension:
    """The dimension of a unit text: 元/平方米/月 -> 元¹ 平方米⁻¹ 月⁻¹. KeyError for an unknown unit."""
    exponents: dict[str, int] = {}
    for place, part in enumerate(unit.split("/") if unit else []):
        base = _TABLE[part][0]
        if base:
            exponents[base] = exponents.get(base, 0) + (1 if place == 0 else -1)
    return _tuple(exponents)


def is_unit(unit: str) -> bool:
    """Whether every part of a unit text is in the closed table."""
    return all(part in _TABLE for part in unit.split("/"))


def same_dimension(left: Dimension, right: Dimension) -> bool:
    """Whether two quantities may be compared or added; 个 goes with any counting unit, also below the line (元/个 and 元/人)."""
    apart = set(left) ^ set(right)
    if len(apart) != 2:
        return left == right
    (one, power), (other, other_power) = apart
    return power == other_power and {one, other} <= COUNTS and ANY_COUNT in (one, other)


def same_unit(found: str, declared: str) -> bool:
    """Whether two unit texts mean exactly the same, such as 平米 and 平方米; 万元 and 元 do not."""
    if found == declared:
        return True
    if not found or not declared or not is_unit(found) or not is_unit(declared):
        return False
    return unit_factor(found) == unit_factor(declared) and same_dimension(unit_dimension(found), unit_dimension(declared))


def multiply(left: Dimension, right: Dimension, sign: int = 1) -> Dimension:
    """The dimension of left × right (sign −1: ÷). A count beside something else is dropped: 3家 × 5万元 is 万元."""
    exponents = dict(left)
    for base, exponent in right:
        exponents[base] = exponents.get(base, 0) + sign * exponent
    for base in COUNTS & exponents.keys() - {ANY_COUNT}:
        if exponents[base] * exponents.get(ANY_COUNT, 0) < 0:  # 个 × 元/人
            gone = min(abs(exponents[base]), abs(exponents[ANY_COUNT]))
            step = gone if exponents[base] < 0 else -gone
            exponents[base], exponents[ANY_COUNT] = exponents[base] + step, exponents[ANY_COUNT] - step
    kept = {base: exponent for base, exponent in exponents.items() if exponent}
    others = {base: exponent for base, exponent in kept.items() if not (base in COUNTS and exponent > 0)}
    return _tuple(others if others else kept)


def dimension_text(dimension: Dimension) -> str:
    """A dimension for people: 元/平方米/月; a plain number is 纯数."""
    if not dimension:
        return "纯数（没有单位）"
    above = [base if exponent == 1 else f"{base}^{exponent}" for base, exponent in dimension if exponent > 0]
    below = [base for base, exponent in dimension for _ in range(-exponent)]
    return "·".join(above or ["1"]) + "".join(f"/{base}" for base in below)


def _tuple(exponents: dict[str, int]) -> Dimension:
    return tuple(sorted((base, exponent) for base, exponent in exponents.items() if exponent))
