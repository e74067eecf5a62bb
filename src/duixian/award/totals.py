"""总额: clause totals first, the annual one over everything last; what exceeds a total is met as the policy says (超出)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from ..values.diagnostic import Diagnostic, Place
from ..values.money import decimal_text, yuan_text
from ..values.terms import Outcome
from .allocate import Adjustable, first_come, lower_standards, share_out
from .record import Key, Line


@dataclass(frozen=True, slots=True)
class TotalRule:
    """A total as now read. amount_fen None: the year has none yet. spent: what the ledger already took from a pot."""

    name: str
    clause: str
    amount_fen: int | None
    overrun: str
    register: bool
    spent: Callable[[Key], int]


@dataclass(frozen=True, slots=True)
class TotalResult:
    """Grain: one row a total and pot. All amounts in 分."""

    name: str
    clause: str
    key: Key
    amount_fen: int | None
    spent_fen: int
    claimed_fen: int
    granted_fen: int
    method: str
    waiting: int  # claims that may still come and are not in `claimed`
    provisional: int = 0  # claims in `claimed` that are estimates: the shares change once their standard is set


def apply_totals(lines: list[Line], totals: Iterable[TotalRule], place: Place) -> tuple[list[TotalResult], list[Diagnostic]]:
    """Set 核减后 and 应付 on every line; report each pot."""
    results: list[TotalResult] = []
    defects: list[Diagnostic] = []
    for line in lines:
        line.amounts["核减后"] = line.amounts.get("就高后")
    for total in totals:
        pots: dict[Key, list[Line]] = defaultdict(list)
        for line in lines:
            if total.name in line.claim.pots:
                pots[line.claim.pots[total.name]].append(line)
        for key in sorted(pots):
            results.append(_one_pot(total, key, pots[key], place, defects))
    for line in lines:
        _payable(line)
    return results, defects


def retell(line: Line, cuts: Iterable[tuple[str, int]], results: Iterable[TotalResult]) -> None:
    """What the totals of a settlement made of one line, set and said as `apply_totals` does. cuts: those of the line there; results: of the totals there."""
    pots = {(result.name, result.key): result for result in results}
    line.amounts["核减后"] = line.claim.amount if line.outcome is Outcome.REGISTRABLE else line.amounts.get("就高后")
    for name, share in cuts:
        found = pots[name, line.claim.pots[name]]
        _reduce(line, share, name, max(0, (found.amount_fen or 0) - found.spent_fen), found.claimed_fen, found.method)
    _payable(line)


def _payable(line: Line) -> None:
    line.amounts["应付"] = int(line.amounts["核减后"] or 0) if line.outcome is Outcome.PAYABLE else 0
    if line.outcome is Outcome.PROVISIONAL:
        line.reasons["应付"] = "暂估，不能支付：" + "、".join(line.claim.provisional) + " 的本年标准未定"


def _one_pot(total: TotalRule, key: Key, lines: list[Line], place: Place, defects: list[Diagnostic]) -> TotalResult:
    live = [line for line in lines if line.outcome in (Outcome.PAYABLE, Outcome.PROVISIONAL, Outcome.REGISTRABLE)]
    if total.register:
        for line in live:
            line.amounts["核减后"] = line.claim.amount
    claims = {line.claim.id: int(line.amounts["核减后"] or 0) for line in live}
    claimed, spent = sum(claims.values()), total.spent(key)
    waiting = sum(1 for line in lines if line.outcome is Outcome.NEEDS_DATA)
    method = "未定" if total.amount_fen is None else "未超出"
    if total.amount_fen is not None and claimed > max(0, total.amount_fen - spent):
        left = max(0, total.amount_fen - spent)
        shares, method = _shares(total, key, live, claims, left, place, defects)
        for line in live:
            _reduce(line, shares[line.claim.id], total.name, left, claimed, method)
    granted = sum(int(line.amounts["核减后"] or 0) for line in live if line.outcome is not Outcome.NOT_MET)
    return TotalResult(
        total.name,
        total.clause,
        key,
        total.amount_fen,
        spent,
        claimed,
        granted,
        method,
        waiting,
        sum(1 for line in live if line.outcome is Outcome.PROVISIONAL),
    )


def _shares(
    total: TotalRule, key: Key, live: list[Line], claims: dict[Any, int], left: int, place: Place, defects: list[Diagnostic]
) -> tuple[dict[Any, int], str]:
    if total.overrun == "先到先得":
        undated = [line for line in live if line.claim.applied_on is None]
        for line in undated:
            defects.append(Diagnostic("DX953", (place,), {"found": f"{line.claim.award} {line.claim.recipient_name or line.claim.key}"}))
        if undated:
            return dict.fromkeys(claims, 0), total.overrun
        order = sorted(live, key=lambda line: (line.claim.applied_on, line.claim.id))
        return first_come([(line.claim.id, claims[line.claim.id]) for line in order], left), total.overrun
    if total.overrun == "不予登记":
        shares, rest = {}, left
        for line in sorted(live, key=lambda line: (line.claim.applied_on is None, line.claim.applied_on or 0, line.claim.id)):
            fits = claims[line.claim.id] <= rest
            shares[line.claim.id] = claims[line.claim.id] if fits else 0
            rest -= shares[line.claim.id]
        return shares, total.overrun
    if total.overrun == "下调标准":
        solved = lower_standards({line.claim.id: _adjustable(line, claims[line.claim.id]) for line in live}, left)
        if solved is not None:
            factor, shares = solved
            return shares, f"下调标准（各项另定标准按 {_ratio(factor)} 下调）"
        defects.append(Diagnostic("DX952", (place,), {"name": total.name, "expected": "有可以下调的另定标准", "found": "固定标准已超过总额"}))
    # one pot for all could have been kept by setting the year's standards lower; the pot of one payee could not
    fallback = "（没有先调低本年标准）" if not key and any(line.claim.adjustable for line in live) else ""
    return share_out(claims, left), "按比例核减" + fallback


def _adjustable(line: Line, limit: int) -> Adjustable:
    claim = line.claim
    if not claim.adjustable or claim.amount is None:
        return Adjustable(0, limit, fixed=True)
    rounded, after = line.amounts.get("舍入后") or 0, line.amounts.get("补差后") or 0
    return Adjustable(claim.amount, limit, int(rounded - after))


def _ratio(factor: Fraction) -> str:
    return f"{factor.numerator}/{factor.denominator}" if factor.denominator < 10**6 else decimal_text(factor, 6)


def _reduce(line: Line, share: int, name: str, left: int, claimed: int, method: str) -> None:
    before = int(line.amounts["核减后"] or 0)
    line.cuts.append((name, share))
    if share == before:
        return
    line.set("核减后", share, f"{name} {yuan_text(left)}，申报合计 {yuan_text(claimed)}：{method}")
    if line.outcome is Outcome.REGISTRABLE:
        line.outcome = Outcome.NOT_MET
    elif share == 0:
        line.outcome = Outcome.CAP_EXHAUSTED
