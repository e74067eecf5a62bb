"""What SQL cannot say of a total in one SELECT: one claim after the other, or the highest common factor. Whole numbers only.

Grain: rows of one exceeded pot, as the plan's `Solve` step gives them: 限 and 可用 in 分, 计算额 = 分子 / 分母.
"""

from __future__ import annotations

from datetime import date
from fractions import Fraction
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
    sum is a·t + b with whole a, b over one denominator, and where the piece meets the total is the factor.
    """
    total = rows[0]["可用"]
    fixed = sum(row["限"] for row in rows if not _open(row))
    if fixed > total:
        return None
    moving = [row for row in rows if _open(row)]
    events: list[tuple[Fraction, Fraction, Fraction]] = []  # below t: the slope and the constant change by these
    slope, constant = Fraction(0), Fraction(fixed)
    for row in moving:
        full, paid, limit = Fraction(row["分子"], row["分母"]), row["已付"], row["限"]
        if full <= 0:
            continue
        reaches, starts = Fraction(limit + paid) / full, Fraction(paid) / full
        if starts >= 1:
            continue
        if reaches >= 1:
            slope, constant = slope + full, constant - paid
        else:
            constant += limit
            events.append((reaches, full, Fraction(-paid - limit)))
        events.append((starts, -full, Fraction(paid)))
    events.sort(key=lambda event: event[0], reverse=True)
    factor = Fraction(1)
    if slope + constant > total:
        for at, more_slope, more_constant in events:
            if slope * at + constant <= total:
                break
            slope, constant = slope + more_slope, constant + more_constant
            factor = at
        factor = min(factor, (total - constant) / slope) if slope and slope * factor + constant > total else factor
    exacts = [Fraction(row["限"]) if not _open(row) else min(Fraction(row["限"]), max(Fraction(0), factor * Fraction(row["分子"], row["分母"]) - row["已付"])) for row in rows]
    shares = [amount.numerator // amount.denominator for amount in exacts]
    whole = sum(exacts)
    left = min(total, whole.numerator // whole.denominator) - sum(shares)
    order = sorted(range(len(rows)), key=lambda place: (shares[place] - exacts[place], -rows[place]["限"], rows[place]["序"], rows[place]["号"]))
    for place in order[:left]:
        if shares[place] < rows[place]["限"]:
            shares[place] += 1
    ratio = f"{factor.numerator}/{factor.denominator}" if factor.denominator < 10**6 else decimal_text(factor, 6)
    return shares, f"下调标准（各项另定标准按 {ratio} 下调）"


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
