"""名额: at most N of a group, in an order; what happens at the cut is said by the policy (并列), and an unknown blocks only the places it can reach.

Source: docs/grammar.md 名额. Holds: no more than N are in, unless 并列 is 一并入选; a claim waits only where an undecided one could stand before or beside it.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterator
from itertools import groupby
from typing import Any

from ..values.facts import Missing
from ..values.terms import Outcome, Waits
from .record import Line, Ranking

_MAY_PAY = (Outcome.PAYABLE, Outcome.PROVISIONAL)


def rank_claims(lines: list[Line]) -> None:
    """Set 名额后 on every line of one award."""
    groups: dict[tuple[str | None, ...], list[Line]] = defaultdict(list)
    for line in lines:
        line.amounts["名额后"] = line.amounts.get("封顶后")
        if line.claim.ranking is not None and (line.outcome in _MAY_PAY or line.outcome is Outcome.NEEDS_DATA):
            groups[line.claim.ranking.group].append(line)
    for group in groups.values():
        ranking = group[0].claim.ranking
        assert ranking is not None
        places = max(0, ranking.count - ranking.taken)
        if len(group) > places:
            _rank(group, ranking, places)


def _rank(group: list[Line], ranking: Ranking, places: int) -> None:
    sure = [line for line in group if line.outcome in _MAY_PAY and _order(line) is not None]
    undecided = [line for line in group if line.outcome is Outcome.NEEDS_DATA]
    unordered = [line for line in group if line.outcome in _MAY_PAY and _order(line) is None]
    if ranking.by_choice and unordered:
        for line in unordered:
            _wait(line, Waits.APPLICANT, f"从 {len(group)} 项里选 {places} 项")
        return
    reach = _Reach([*undecided, *unordered], ranking)
    ahead = 0
    for tied in _in_order(sure, ranking):
        blocking = reach.at(tied[0])
        cut = ahead + len(tied) + blocking
        everyone_in = ranking.tie == "一并入选"
        for line in tied:
            if ahead >= places:
                _out(line, ahead)
            elif cut <= places or (everyone_in and ahead + blocking < places):
                continue
            elif blocking:
                _wait(line, Waits.CYCLE, f"名次（另有 {blocking} 家未定，可能排在前面）")
            elif ranking.tie != "平分":
                _wait(line, Waits.CYCLE, f"名次（{len(tied)} 家并列争 {places - ahead} 个名额）")
        if ranking.tie == "平分" and ahead < places < cut and not blocking:
            _divide(tied, places - ahead)
        ahead += len(tied)
    for line in unordered:
        _wait(line, Waits.CYCLE, "名次（排序依据未知）")


def _in_order(sure: list[Line], ranking: Ranking) -> Iterator[list[Line]]:
    """Lines that stand equal, best first. 再按: equal ones are told apart by a second order where all of them have one."""
    ranked = sorted(sure, key=lambda line: (_order(line), ()), reverse=ranking.descending)
    for _, equal in groupby(ranked, key=_order):
        tied = sorted(equal, key=lambda line: line.claim.key)
        second = {line.claim.key: line.claim.ranking.then for line in tied if line.claim.ranking is not None}
        if len(tied) > 1 and all(then is not None and then[0] is not None for then in second.values()):

            def by_second(line: Line, second: dict[str, Any] = second) -> Any:
                return second[line.claim.key][0]

            descending = next(iter(second.values()))[1]
            yield from (list(same) for _, same in groupby(sorted(tied, key=by_second, reverse=descending), key=by_second))
        else:
            yield tied


class _Reach:
    """How many undecided claims could stand before or beside a line."""

    def __init__(self, doubtful: list[Line], ranking: Ranking) -> None:
        self.ranking = ranking
        orders = [None if ranking.by_amount else _order(line) for line in doubtful]
        self.anywhere = sum(1 for order in orders if order is None)
        self.known = sorted(order for order in orders if order is not None)

    def at(self, line: Line) -> int:
        own = _order(line)
        before = len(self.known) - bisect_left(self.known, own) if self.ranking.descending else bisect_right(self.known, own)
        return self.anywhere + before


def _divide(tied: list[Line], places: int) -> None:
    """平分: the places left are shared in 分; left-over 分 go to the smallest ids. Amounts of the tied are those of one standard."""
    amounts = {int(line.amounts["封顶后"] or 0) for line in tied}
    if len(amounts) > 1:
        for line in tied:
            _wait(line, Waits.CYCLE, "并列各家金额不同，不能平分，须另定")
        return
    share, left = divmod(amounts.pop() * places, len(tied))
    for place, line in enumerate(tied):
        assert line.claim.ranking is not None
        line.set("名额后", share + (1 if place < left else 0), f"名额：{len(tied)} 家并列平分 {places} 个名额（{line.claim.ranking.text}）")


def _order(line: Line) -> Any:
    ranking = line.claim.ranking
    assert ranking is not None
    return line.amounts.get("封顶后") if ranking.by_amount else ranking.order


def _wait(line: Line, waits: Waits, what: str) -> None:
    assert line.claim.ranking is not None
    line.outcome = Outcome.NEEDS_DATA
    line.amounts["名额后"] = None
    line.missing = line.missing | {Missing(waits, "名额", line.claim.award, what, None, line.claim.ranking.text)}


def _out(line: Line, ahead: int) -> None:
    assert line.claim.ranking is not None
    line.outcome = Outcome.NOT_MET
    line.set("名额后", 0, f"第 {ahead + 1} 名，在名额之外（{line.claim.ranking.text}）")
