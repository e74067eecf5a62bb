"""Money (金额): integer 分 at rest, exact fractions of 分 while an award is being computed, and the named roundings between the two.

A float never enters: text goes straight to `Fraction`, and only `round_money` leaves the exact world.
"""

from __future__ import annotations

from fractions import Fraction

Exact = int | Fraction
FEN_PER_YUAN = 100
FEN_PER_WAN = 1_000_000
TOO_MUCH_FEN = 10**18  # 一亿亿元: an amount of so much has no words (capitals.py), and 64 bits must hold what is added to it


def exact(value: Fraction) -> Exact:
    """The same number as an `int` where it is whole: int arithmetic is ten times faster and prints shorter."""
    return value.numerator if value.denominator == 1 else value


def _half_up(value: Exact) -> int:
    return (2 * value + 1) // 2 if value >= 0 else -((-2 * value + 1) // 2)


def _down(value: Exact) -> int:
    return int(value) if value >= 0 else -int(-value)


# 舍入: name in a policy -> (smallest step in 分, how a fraction of that step is treated)
ROUNDINGS = {
    "四舍五入到分": (1, _half_up),
    "舍去到分": (1, _down),
    "四舍五入到元": (FEN_PER_YUAN, _half_up),
    "舍去到元": (FEN_PER_YUAN, _down),
    "四舍五入到万元": (FEN_PER_WAN, _half_up),
    "舍去到万元": (FEN_PER_WAN, _down),
}


def round_money(value: Exact, rounding: str) -> int:
    """An exact amount in 分 as whole 分, by a rounding of `ROUNDINGS`. Source: the policy's `舍入` clause."""
    step, rule = ROUNDINGS[rounding]
    return rule(value) if step == 1 else rule(Fraction(value) / step) * step


def decimal_text(value: Exact, places: int | None = None) -> str:
    """An exact number as the shortest decimal; a fraction without a finite decimal is written `a/b`."""
    value = Fraction(value)
    if places is not None:
        scaled = _half_up(value * 10**places)
        sign, digits = ("-" if scaled < 0 else ""), str(abs(scaled)).rjust(places + 1, "0")
        return sign + (digits[:-places] + "." + digits[-places:] if places else digits)
    denominator, twos, fives = value.denominator, 0, 0
    while denominator % 2 == 0:
        denominator, twos = denominator // 2, twos + 1
    while denominator % 5 == 0:
        denominator, fives = denominator // 5, fives + 1
    if denominator != 1:
        return f"{value.numerator}/{value.denominator}"
    return decimal_text(value, max(twos, fives))


def yuan_text(fen: Exact) -> str:
    """An amount for people: whole 万元 as `30万元`, else 元 with what 分 it has: `15002.5元`."""
    if fen and fen % FEN_PER_WAN == 0:
        return f"{fen // FEN_PER_WAN}万元"
    return decimal_text(Fraction(fen, FEN_PER_YUAN)) + "元"
