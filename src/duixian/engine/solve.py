"""What SQL cannot say of a total in one SELECT: one claim after the other, or the highest common factor. Whole numbers only.

Grain: rows of one exceeded pot, as the plan's `Solve` step gives them: 限 and 可用 in 分, 计算额 = 分子 / 分母.
"""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from math import lcm
from typing import Any

from ..values.money import decimal_text

Row = dict[str, Any]


def first_fit(rows: list[Row]) -> list[int]:
    """不予登记: in the order of application each claim that still fits is taken whole, any other gets nothing."""
    left = rows[0]["可用"]
    shares = [0] * len(rows)
    for place in sorted(range(len(rows)), key=lambda place: (rows[place]["申报日期"] is None, rows[place]["申报日期"] or date.min, rows[place]["序"], rows[place]["号"])):
        if rows[place]["限"] <= left:
            shares[place] = rows[place]["限"]
            left -= shares[place]
    return shares


def lowered(rows: list[Row]) -> tuple[list[int], str] | None:
    """下调标准: every open standard times one factor t in [0, 1], the highest at which the claims fit; None where even t = 0 does not.

    A claim takes min(限, max(0, t × 计算额 − 已付)), a fixed one 限. Solved by walking the pieces of that line downwards from t = 1: on a piece the
    sum is a·t + b with whole a, b over one denominator, and where the piece meets the total is the factor. All in whole numbers: fractions take
    six times as long.
    """
    total, opened = rows[0]["可用"], [_open(row) for row in rows]
    constant = sum(row["限"] for row, moves in zip(rows, opened) if not moves)
    if constant > total:
        return None
    unit = lcm(*{row["分母"] for row, moves in zip(rows, opened) if moves})
    fulls = [row["分子"] * (unit // row["分母"]) if moves else 0 for row, moves in zip(rows, opened)]  # in 分 / unit
    slope, events = 0, []  # below a point t: the slope and the constant change by these
    for row, full in zip(rows, fulls):
        paid, limit = row["已付"], row["限"]
        if full <= paid * unit:
            continue
        if full <= (limit + paid) * unit:
            slope, constant = slope + full, constant - paid
        else:
            constant += limit
            events.append((*_point((limit + paid) * unit, full), full, -paid - limit))
        if paid:  # what starts at nothing changes nothing above it
            events.append((*_point(paid * unit, full), -full, paid))
    factor = Fraction(1)
    if slope > (total - constant) * unit:
        for _, at, more_slope, more_constant in sorted(events, key=lambda event: event[:2], reverse=True):
            if slope * at.numerator <= (total - constant) * unit * at.denominator:
                break
            slope, constant, factor = slope + more_slope, constant + more_constant, at
        if slope and slope * factor.numerator > (total - constant) * unit * factor.denominator:
            factor = Fraction((total - constant) * unit, slope)
    top, under = factor.numerator, factor.denominator * unit
    exacts = [min(row["限"] * under, max(0, top * full - row["已付"] * under)) if moves else row["限"] * under for row, full, moves in zip(rows, fulls, opened)]
    shares = [exact // under for exact in exacts]
    left = min(total, sum(exacts) // under) - sum(shares)
    order = sorted(range(len(rows)), key=lambda place: (shares[place] * under - exacts[place], -rows[place]["限"], rows[place]["序"], rows[place]["号"]))
    for place in order[:left]:
        if shares[place] < rows[place]["限"]:
            shares[place] += 1
    ratio = f"{factor.numerator}/{factor.denominator}" if factor.denominator < 10**6 else decimal_text(factor, 6)
    return shares, f"下调标准（各项另定标准按 {ratio} 下调）"


def _point(top: int, under: int) -> tuple[int, Fraction]:
    """A point, and before it what orders points at once where they lie apart: whole numbers are compared sooner than fractions."""
    return (top << 64) // under, Fraction(top, under)


def in_proportion(rows: list[Row]) -> list[int]:
    """按比例核减: each claim times 可用 over the sum of all, the 分 left over to the largest remainders."""
    left, claimed = rows[0]["可用"], sum(row["限"] for row in rows)
    parts = [divmod(row["限"] * left, claimed) for row in rows]
    shares = [whole for whole, _ in parts]
    order = sorted(range(len(rows)), key=lambda place: (-parts[place][1], -rows[place]["限"], rows[place]["序"], rows[place]["号"]))
    for place in order[: left - sum(shares)]:
        shares[place] += 1
    return shares


def _open(row: Row) -> bool:
    return bool(row["可调"]) and row["分子"] is not None
