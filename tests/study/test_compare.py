"""谁得谁失: counted on both sides, mirrored when turned round, and the undecided in neither."""

from __future__ import annotations

from duixian.study.compare import compare
from duixian.study.scenario import described

from .support import WAN, YEAR, engine, firms, scenario


def held(first, second, facts=None):  # noqa: ANN001, ANN201
    one = engine(facts)
    return compare(one.price(first), one.price(second), ("甲", "乙"))


def test_a_lower_rate_costs_those_below_the_cap_and_nobody_else() -> None:
    found = held(scenario(流量补贴=500), scenario(流量补贴=400))
    row = next(row for row in found.lines if row.label == "流量补贴")
    assert (row.gained, row.lost, row.same) == (0, 2, 1), "1.5万 and 4万 fall, 15万 and 12万 are both capped at 10万"
    assert (row.loss, row.difference) == (11_000 * 100, -11_000 * 100)
    assert [(item.key, item.before, item.after) for item in found.losers] == [("乙", 4 * WAN, 32_000 * 100), ("甲", 15_000 * 100, 12_000 * 100)]


def test_turned_round_gains_are_losses() -> None:
    there, back = held(scenario(流量补贴=500), scenario(流量补贴=400)).payees, held(scenario(流量补贴=400), scenario(流量补贴=500)).payees
    assert (there.lost, there.loss, there.same) == (back.gained, back.gain, back.same)
    assert there.difference == -back.difference


def test_newly_in_and_newly_out() -> None:
    found = held(scenario(), scenario(流量补贴=0))
    assert (found.payees.left, found.payees.lost, found.payees.entered) == (3, 3, 0)
    assert {item.outcome_after for item in found.losers} == {"不符合"}
    assert held(scenario(流量补贴=0), scenario()).payees.entered == 3


def test_who_waits_under_one_scenario_only_is_undecided_not_a_loser() -> None:
    base = scenario()
    facts = firms({"甲": 3000 * WAN})
    facts.find("企业", "甲").values.pop(("纳统", YEAR))
    strict = described("纳统范围=一律须纳统", base, YEAR)
    found = held(base, strict, facts).payees
    assert (found.lost, found.undecided, found.before, found.after) == (0, 1, 15_000 * 100, 0)


def test_who_waits_under_both_is_not_there_at_all() -> None:
    found = held(scenario(), scenario(流量补贴=400), firms({"戊": None})).payees
    assert (found.gained, found.lost, found.same, found.undecided) == (0, 0, 0, 0)


def test_differences_fall_into_bands_that_add_up() -> None:
    found = held(scenario(流量补贴=500), scenario(流量补贴=400))
    assert sum(band.payees for band in found.bands) == 2
    assert sum(band.amount for band in found.bands) == -11_000 * 100
    assert all(band.amount <= 0 for band in found.bands if band.high is not None and band.high <= 0)
