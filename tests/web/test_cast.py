"""The cast itself: its cycles settle."""

from __future__ import annotations

from duixian.web.cases.actions import handling, settling
from tests.web.cast import Cast, submitted


def test_the_cast_can_take_a_case_from_application_to_a_settled_amount(cast: Cast) -> None:
    case = submitted(cast)
    handling.verify(case, cast.seats["township"], true=True, text="现场核实", visited=None)
    handling.accept(case, cast.seats["officer"])
    found = settling.settle(cast.zibo, cast.seats["officer"], say=lambda *_: None)
    assert [(line.award, line.outcome, line.payable_fen) for line in found.lines.all()] == [("流量补贴", "可付", 1_500_000)]
