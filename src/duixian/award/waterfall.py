"""The waterfall (瀑布): 计算额 → 舍入后 → 补差后 → 封顶后 → 名额后 → 就高后, for all claims of a year, award by award in the order of the policy.

Holds: an amount never rises after 舍入后; every difference has a reason; an undecided claim is never given a smaller payment, it waits.
Source: docs/grammar.md 瀑布; the order of outcomes is that of `Outcome`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..values.diagnostic import Diagnostic, Place
from ..values.facts import Missing, Paid
from ..values.money import TOO_MUCH_FEN, Exact, round_money, yuan_text
from ..values.terms import Outcome, Waits
from .history import History
from .ranking import rank_claims
from .record import Claim, Key, Limit, Line, Once


@dataclass(frozen=True, slots=True)
class HighestRule:
    """就高 as now read: which groups are on, how payments under other policies count, when they are taken off."""

    groups: tuple[tuple[str, str], ...] = ()  # (group, 就高 | 提示 | 申报单位选择)
    outside: str = ""  # 差额 | 排除 | '' (this policy does not look at other policies)
    outside_first: bool = False  # 封顶前
    stacking: Mapping[str, frozenset[str]] = field(default_factory=dict)  # award -> awards it stacks with (叠加)


def run_waterfall(claims: Iterable[Claim], history: History, highest: HighestRule) -> list[Line]:
    """One line a claim, in the order (award, object). Totals (核减) come later."""
    by_award: dict[int, list[Claim]] = defaultdict(list)
    for claim in claims:
        by_award[claim.place].append(claim)
    lines: list[Line] = []
    before = [entry for entry in history.entries if entry.year == history.year and entry.amount_fen > 0]
    for place in sorted(by_award):
        settled = [_first_stages(claim, highest) for claim in by_award[place]]
        _frequencies(settled, history)
        _caps(settled, history, highest)
        rank_claims(settled)
        for line in settled:
            amount = line.amounts.get("名额后")
            if line.outcome in (Outcome.PAYABLE, Outcome.PROVISIONAL) and amount:
                pots = [limit.pot for limit in line.claim.limits] + ([line.claim.once.pot] if line.claim.once else [])
                history.post(_entry(line, int(amount)), pots)
        lines.extend(settled)
    lines.sort(key=lambda line: line.claim.id)
    _take_highest(lines, highest)
    _note_paid_before(lines, highest, before)
    return lines


def too_large(lines: Iterable[Line]) -> list[Diagnostic]:
    """DX955 for every line whose amount, before anything cuts it, or a cap of which, is more than money comes to; else for an award whose lines together are, else for all of them."""
    found, together = [], defaultdict(list)
    for line in lines:
        if line.nominal_fen is not None:
            amounts = (("", line.nominal_fen), *((CAP, limit.amount) for limit in line.claim.limits))
            found += [excess(line.claim.award + what, line.claim.kind, line.claim.key, int(amount)) for what, amount in amounts if amount >= TOO_MUCH_FEN]
        if amount := int(line.amounts.get("名额后") or 0):
            together[line.claim.award].append((-amount, line.claim.kind, line.claim.key))
    for award, claimed in together.items() if not found else ():
        amount = -sum(less for less, _, _ in claimed)
        if amount >= TOO_MUCH_FEN:
            _, kind, key = min(claimed)
            found.append(excess(award + TOGETHER, kind, key, amount))
    every = [line for claimed in together.values() for line in claimed]
    whole = -sum(less for less, _, _ in every)
    if whole >= TOO_MUCH_FEN and not found:
        _, kind, key = min(every)
        found.append(excess(EVERY_AWARD + TOGETHER, kind, key, whole))
    return found


CAP, TOGETHER, EVERY_AWARD = "（封顶）", "（各笔合计，这一笔最大）", "全部奖补"


def excess(what: str, kind: str, key: str, amount_fen: int) -> Diagnostic:
    """DX955 for one claim, whichever engine finds it. what: the award, its CAP, or all its lines TOGETHER."""
    return Diagnostic("DX955", (Place(f"{kind} {key}"),), {"found": what, "amount": yuan_text(amount_fen)})


def _entry(line: Line, amount: int) -> Paid:
    claim = line.claim
    return Paid(claim.award, claim.year, claim.key, amount, recipient=claim.recipient, tier=claim.tier, standard_fen=line.nominal_fen)


def _end(line: Line, outcome: Outcome, reason: str, stage: str = "计算额") -> None:
    line.outcome = outcome
    line.reasons.setdefault(stage, reason)


def _wait(line: Line, missing: Iterable[Missing]) -> None:
    line.outcome = Outcome.NEEDS_DATA
    line.missing = line.missing | frozenset(missing)


def _first_stages(claim: Claim, highest: HighestRule) -> Line:
    line = Line(claim, Outcome.PAYABLE, missing=claim.missing)
    line.amounts["计算额"] = claim.amount
    if claim.cancelled:
        _end(line, Outcome.CANCELLED, "；".join(claim.failed) or "有否决情形")
        return line
    if claim.standard_only:
        line.outcome = Outcome.NOT_MET if claim.met is False else Outcome.NEEDS_DATA if claim.met is None else Outcome.REGISTRABLE
        if claim.met is False:
            line.reasons["计算额"] = "；".join(claim.failed)
        return line
    if claim.met is False:
        _end(line, Outcome.NOT_MET, "；".join(claim.failed))
    elif claim.met is None or claim.cancelled is None or claim.amount is None:
        line.outcome = Outcome.NEEDS_DATA
    else:
        rounded = round_money(claim.amount, claim.rounding)
        line.nominal_fen = rounded
        line.set("舍入后", rounded, claim.rounding if rounded != claim.amount else "")
        if rounded <= 0:
            _end(line, Outcome.NOT_MET, "按标准算出来是 0 元")
    return line


# --- 频次 and 晋档 --------------------------------------------------------------------------------------------------------------------


def _frequencies(lines: list[Line], history: History) -> None:
    groups: dict[Any, list[Line]] = defaultdict(list)
    for line in lines:
        line.amounts["补差后"] = line.amounts.get("舍入后")
        once = line.claim.once
        if once and not line.claim.standard_only and line.outcome is not Outcome.CANCELLED:
            groups[(once.pot.scope, once.pot.key)].append(line)
    for group in groups.values():
        # two claims of one scope in one year see each other: the higher one is looked at first
        group.sort(key=lambda line: (-(line.amounts.get("舍入后") or 0), line.claim.key))
        posted: list[Paid] = []
        for line in group:
            once = line.claim.once
            assert once is not None
            prior = [*history.paid(once.pot), *posted]
            _frequency(line, once, prior, history.unplaced(once.pot))
            amount = line.amounts.get("补差后")
            if line.outcome is Outcome.PAYABLE and amount:
                posted.append(_entry(line, int(amount)))


def _frequency(line: Line, once: Once, prior: list[Paid], unplaced: list[Paid]) -> None:
    year = line.claim.year
    if unplaced:
        missing = {Missing(Waits.OFFICE, "台账", f"{entry.year}年 {entry.award}", "属于谁", None, "补齐该笔的受益人或对象") for entry in unplaced}
        if line.outcome in (Outcome.PAYABLE, Outcome.NEEDS_DATA):
            _wait(line, missing)
        return
    if once.most_years is not None:
        years = {entry.year for entry in prior if entry.year < year}
        over = year - min(years) + 1 > once.most_years if once.from_first and years else len(years) >= once.most_years
        if over and not line.outcome.rank <= Outcome.NOT_MET.rank:
            _end(line, Outcome.NOT_MET, f"年限已满：{once.text}，已享受 {'、'.join(str(item) for item in sorted(years))} 年", "补差后")
    if once.times is None or len(prior) < once.times:
        return
    paid = sum(entry.amount_fen for entry in prior)
    before = "、".join(f"{entry.year}年 {yuan_text(entry.amount_fen)}" for entry in prior)
    used = f"{once.text}，已付 {before}"
    rounded = line.amounts.get("舍入后")
    if once.upgrade in ("", "不补") or line.outcome is Outcome.NOT_MET:
        _already(line, used)
        return
    if line.outcome is Outcome.NEEDS_DATA or rounded is None:
        return
    if once.upgrade == "补差(已付金额)":
        due = rounded - paid
    else:
        nominal = [entry.standard_fen if entry.standard_fen is not None else entry.amount_fen if once.upgrade == "全额" else None for entry in prior]
        if None in nominal:
            _wait(
                line,
                {
                    Missing(Waits.OFFICE, "台账", f"{entry.year}年 {entry.award}", "档位标准", None, "补录当时的档位标准")
                    for entry in prior
                    if entry.standard_fen is None
                },
            )
            return
        highest = max(item for item in nominal if item is not None)
        due = rounded - highest if once.upgrade == "补差(档位标准)" else rounded if rounded > highest else 0
    if due <= 0:
        _already(line, used)
        return
    line.set("补差后", due, f"{once.upgrade}：{used}" if due != rounded else "")


def _already(line: Line, reason: str) -> None:
    line.outcome = Outcome.ALREADY_AWARDED
    line.reasons["补差后"] = reason
    line.amounts["补差后"] = 0
    line.missing = frozenset()


# --- 其他政策 and 封顶 ----------------------------------------------------------------------------------------------------------------


def _caps(lines: list[Line], history: History, highest: HighestRule) -> None:
    spent: dict[tuple[str, Key, Key], int] = defaultdict(int)
    for line in sorted(lines, key=lambda line: (_sortable(line.claim.order), line.claim.key)):
        line.amounts["封顶后"] = amount = line.amounts.get("补差后")
        if line.outcome is not Outcome.PAYABLE or amount is None:
            continue
        if highest.outside_first:
            amount = line.amounts["封顶后"] = _less_outside(line, amount, highest, "补差后")
        uncut = amount
        for limit in line.claim.limits:
            if line.outcome is not Outcome.PAYABLE:
                break
            unplaced = history.unplaced(limit.pot)
            if unplaced:
                _wait(
                    line,
                    {Missing(Waits.OFFICE, "台账", f"{entry.year}年 {entry.award}", "属于谁", None, "补齐该笔的受益人或对象") for entry in unplaced},
                )
                line.amounts["封顶后"] = uncut  # what waits is not cut by the caps before either
                line.reasons.pop("封顶后", None)
                break
            amount = _cut(line, limit, amount, history, spent)
        if line.outcome is Outcome.PAYABLE:
            line.amounts["封顶后"] = amount
            for pot in {(limit.pot.scope, limit.pot.awards, limit.pot.key) for limit in line.claim.limits}:  # two caps over one pot take once
                spent[pot] += int(amount)
            if line.claim.provisional:
                line.outcome = Outcome.PROVISIONAL


def _cut(line: Line, limit: Limit, amount: Exact, history: History, spent: dict[tuple[str, Key, Key], int]) -> Exact:
    own = limit.pot.window.kind == "每笔"
    used = 0 if own else sum(entry.amount_fen for entry in history.paid(limit.pot)) + spent[(limit.pot.scope, limit.pot.awards, limit.pot.key)]
    left = round_money(max(0, limit.amount - used), "舍去到分")
    if amount <= left:
        return amount
    reason = f"封顶 {limit.text}" + (f"，已用 {yuan_text(used)}" if used else "")
    line.set("封顶后", left, reason)
    if left == 0:
        line.outcome = Outcome.CAP_EXHAUSTED
    return left


def _less_outside(line: Line, amount: Exact, highest: HighestRule, stage: str) -> Exact:
    outside = line.claim.outside_fen
    if not highest.outside or not outside:
        return amount
    left = max(0, amount - outside) if highest.outside == "差额" else 0
    line.set(stage, left, f"其他政策已付 {yuan_text(outside)}，{'补差额' if highest.outside == '差额' else '不再享受'}")
    if left == 0:
        line.outcome = Outcome.ALREADY_AWARDED
    return left


def _sortable(value: Any) -> tuple[int, Any]:
    return (1, 0) if value is None else (0, value)


# --- 就高 -----------------------------------------------------------------------------------------------------------------------------


def _take_highest(lines: list[Line], highest: HighestRule) -> None:
    for line in lines:
        line.amounts["就高后"] = amount = line.amounts.get("名额后")
        if not highest.outside_first and _alive(line) and amount is not None:
            line.amounts["就高后"] = _less_outside(line, amount, highest, "就高后")
    for group, treatment in highest.groups:
        matters: dict[Key, list[Line]] = defaultdict(list)
        awards_of: dict[str, set[str]] = defaultdict(set)  # payee -> awards of the group that may be paid to him
        for line in lines:
            if group in line.claim.groups and _alive(line):
                awards_of[line.claim.recipient].add(line.claim.award)
        for line in lines:
            if group in line.claim.groups and _alive(line) and line.amounts["就高后"]:
                key = line.claim.groups[group]
                if key is None and len(awards_of[line.claim.recipient]) > 1:
                    _key_unknown(line, group, treatment)
                elif key is not None:
                    matters[key].append(line)
        for key, members in matters.items():
            _one_matter(group, key, members, treatment, highest)
    for line in lines:
        line.amounts.setdefault("就高后", None)


def _one_matter(group: str, key: Key, members: list[Line], treatment: str, highest: HighestRule) -> None:
    awards = {line.claim.award for line in members}
    stacked = {award for award in awards if highest.stacking.get(award, frozenset()) & awards}
    members = [line for line in members if line.claim.award not in stacked]
    if len(members) < 2:
        return
    if treatment == "提示":
        for line in members:
            others = "、".join(sorted({other.claim.award for other in members if other is not line}))
            line.notes.append(f"与{others}可能是同一事项（{group}）")
        return
    winner = min(members, key=lambda line: (-(line.amounts["就高后"] or 0), line.claim.id))
    if treatment == "申报单位选择":
        chosen = [line for line in members if line.claim.chosen]
        if len(chosen) != 1:
            for line in members:
                _wait(
                    line,
                    {
                        Missing(
                            Waits.APPLICANT,
                            "就高",
                            group,
                            f"从 {len(members)} 项里选 1 项",
                            None,
                            "、".join(sorted({line.claim.award for line in members})),
                        )
                    },
                )
                line.amounts["就高后"] = None
            return
        winner = chosen[0]
    for line in members:
        if line is not winner and winner.outcome is Outcome.PROVISIONAL and line.outcome is Outcome.PAYABLE:
            # an estimate must not take away a payment: which of the two is higher is not known before the year's standard is
            items = "、".join(winner.claim.provisional)
            _wait(line, {Missing(Waits.OFFICE, "", "", items, None, f"本年标准定下后才知道{winner.claim.award}是否较高（就高：{group}）")})
            line.amounts["就高后"] = None
        elif line is not winner:
            lapsed, kept = line.amounts["就高后"] or 0, f"{winner.claim.award} {yuan_text(winner.amounts['就高后'] or 0)}"
            if treatment == "申报单位选择":
                line.set("就高后", 0, f"就高（{group}）：{kept} 由申报单位选定，本项 {yuan_text(lapsed)} 不再享受")
            else:
                line.set("就高后", 0, f"就高（{group}）：{kept} 较高，本项 {yuan_text(lapsed)} 不再享受")
            line.outcome = Outcome.ALREADY_AWARDED
            winner.notes.append(f"就高（{group}）：{line.claim.award} {yuan_text(lapsed)} 不再享受")


def _note_paid_before(lines: list[Line], highest: HighestRule, before: list[Paid]) -> None:
    """就高 compares the claims of one settlement: what an earlier batch of the year paid for the same matter is not taken off, so it is said."""
    if not before:
        return
    at = {(line.claim.award, line.claim.key): line.claim for line in lines}
    for group, treatment in highest.groups:
        awards = {line.claim.award for line in lines if group in line.claim.groups}
        paid: dict[Any, list[Paid]] = defaultdict(list)  # by the matter; by the object where nobody claims it now
        for entry in before if treatment != "提示" else ():
            if entry.award in awards:
                claimed = at.get((entry.award, entry.object_key))
                paid[claimed.groups.get(group) if claimed else entry.object_key].append(entry)
        for line in lines if paid else ():
            claim, key = line.claim, line.claim.groups.get(group)
            for entry in (*paid.get(key, ()), *paid.get(claim.key, ())) if key is not None and _alive(line) else ():
                stacked = entry.award in highest.stacking.get(claim.award, frozenset())
                if not stacked and (entry.award, entry.object_key) != (claim.award, claim.key):
                    line.notes.append(f"本年已付过{entry.award} {yuan_text(entry.amount_fen)}，是同一事项的（{group}），就高只比这一次的各笔，请核对")


def _key_unknown(line: Line, group: str, treatment: str) -> None:
    """A line whose matter is not known waits where another award of the same payee could be the same matter; a group that only flags holds nothing back."""
    if treatment == "提示":
        line.notes.append(f"不知道与别的奖补是不是同一事项（{group}）")
        return
    what = Missing(Waits.APPLICANT, line.claim.kind, line.claim.key, f"就高“{group}”的同一事项", None, "填写后才能判断是否重复")
    _wait(line, {what})
    line.amounts["就高后"] = None


def _alive(line: Line) -> bool:
    return line.outcome in (Outcome.PAYABLE, Outcome.PROVISIONAL)
