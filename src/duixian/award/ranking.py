"""名额: at most N of a group, in an order; what happens at the cut is said by the policy (并列), and an unknown blocks only the places it can reach.

Source: docs/grammar.md 名额. Holds: no more than N are in, unless 并列 is 一并入选.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from ..values.facts import Missing
from ..values.terms import Outcome, Waits
from .record import Key, Line

_MAY_PAY = (Outcome.PAYABLE, Outcome.PROVISIONAL)


def rank_claims(lines: list[Line]) -> None:
    """Set 名额后 on every line of one award."""
    groups: dict[Key, list[Line]] = defaultdict(list)
    for line in lines:
        line.amounts["名额后"] = line.amounts.get("封顶后")
        if line.claim.ranking is not None and (line.outcome in _MAY_PAY or line.outcome is Outcome.NEEDS_DATA):
            groups[line.claim.ranking.group].append(line)
    for group in groups.values():
        _rank(group)


def _rank(group: list[Line]) -> None:
    ranking = group[0].claim.ranking
    assert ranking is not None
    places = ranking.count
    sure = [line for line in group if line.outcome in _MAY_PAY and _order(line) is not None]
    doubtful = [line for line in group if line not in sure]
    if len(group) <= places:
        return
    if ranking.order is None and not ranking.by_amount and ranking.chosen is None:  # 申报单位选择
        _by_choice(group, places)
        return
    shared = 0
    for line in sorted(sure, key=lambda line: line.claim.key):
        own = _order(line)
        ahead = [other for other in sure if _before(other, line)]
        tied = [other for other in sure if _order(other) == own and not _before(other, line) and not _before(line, other)]
        blocking = [other for other in doubtful if _may_reach(other, line)]
        everyone_in = ranking.tie == "一并入选"
        if len(ahead) >= places:
            _out(line, ahead, places)
        elif len(ahead) + len(tied) + len(blocking) <= places or (everyone_in and len(ahead) + len(blocking) < places):
            continue
        elif blocking or ranking.tie not in ("平分", "一并入选"):
            why = "、".join(f"{other.claim.kind} {other.claim.key}" for other in (blocking or [other for other in tied if other is not line]))
            line.outcome = Outcome.NEEDS_DATA
            line.amounts["名额后"] = None
            line.missing = line.missing | {Missing(Waits.CYCLE, "名额", line.claim.award, f"名次（与{why}比较）", None, ranking.text)}
        else:
            tied_in_order = sorted(tied, key=lambda other: other.claim.key)
            total = int(line.amounts["封顶后"] or 0) * (places - len(ahead))
            share, left = divmod(total, len(tied))
            position = next(place for place, other in enumerate(tied_in_order) if other is line)
            line.set("名额后", share + (1 if position < left else 0), f"名额：{len(tied)} 家并列平分 {places - len(ahead)} 个名额（{ranking.text}）")
            shared += 1
    for line in doubtful:
        if line.outcome in _MAY_PAY:  # its own order is not known
            line.outcome = Outcome.NEEDS_DATA
            line.amounts["名额后"] = None
            line.missing = line.missing | {Missing(Waits.CYCLE, "名额", line.claim.award, "名次（排序依据未知）", None, ranking.text)}


def _by_choice(group: list[Line], places: int) -> None:
    """申报单位选择: asked for only where more are in than there are places."""
    for line in group:
        if line.outcome in _MAY_PAY:
            line.outcome = Outcome.NEEDS_DATA
            line.amounts["名额后"] = None
            assert line.claim.ranking is not None
            line.missing = line.missing | {
                Missing(Waits.APPLICANT, "名额", line.claim.award, f"从 {len(group)} 项里选 {places} 项", None, line.claim.ranking.text)
            }


def _order(line: Line) -> Any:
    ranking = line.claim.ranking
    assert ranking is not None
    return line.amounts.get("封顶后") if ranking.by_amount else ranking.order


def _before(first: Line, second: Line) -> bool:
    """Whether `first` stands surely before `second`."""
    ranking = first.claim.ranking
    assert ranking is not None and second.claim.ranking is not None
    a, b = _order(first), _order(second)
    if a != b:
        return (a > b) is ranking.descending
    if ranking.then is not None and second.claim.ranking.then is not None:
        a, b = ranking.then[0], second.claim.ranking.then[0]
        if a is not None and b is not None and a != b:
            return (a > b) is ranking.then[1]
    return False


def _may_reach(doubtful: Line, line: Line) -> bool:
    """Whether an undecided claim could stand before or beside `line`."""
    ranking = doubtful.claim.ranking
    assert ranking is not None
    own = None if ranking.by_amount else ranking.order
    return own is None or not (own != _order(line) and (own < _order(line)) is ranking.descending)


def _out(line: Line, ahead: list[Line], places: int) -> None:
    ranking = line.claim.ranking
    assert ranking is not None
    line.outcome = Outcome.NOT_MET
    line.set("名额后", 0, f"第 {len(ahead) + 1} 名，在名额之外（{ranking.text}）")
