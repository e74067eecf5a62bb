"""哪个标准正好: the bisection against every step tried one by one; what fits, what does not, and what cannot be asked."""

from __future__ import annotations

import pytest

from duixian.study.fit import fit
from duixian.study.scenario import changed
from duixian.study.study import Questions, run_study
from duixian.values.diagnostic import Defects

from .support import WAN, engine, firms, quiet, scenario

POT = "流量补贴总额"


def claimed(rate: int) -> int:
    """What the three firms ask for at a rate in 分, in the head."""
    return sum(min(figure // WAN * rate, 10 * WAN) for figure in (3000 * WAN, 8000 * WAN, 30_000 * WAN))


@pytest.mark.parametrize("pot", [100 * 100, 41_000 * 100, 41_001 * 100, 109_999 * 100, 110_000 * 100, 154_999 * 100])
def test_the_highest_rate_that_fits_is_the_one_a_scan_finds(pot: int) -> None:
    found = fit(engine(), scenario(), POT, pot, quiet)
    best = max(rate for rate in range(501) if claimed(rate) <= pot)
    assert found.best is not None and found.beyond is not None
    assert (found.best.level, found.best.claimed) == (best, claimed(best))
    assert found.best.claimed <= pot < found.beyond.claimed == claimed(best + 1)


def test_a_pot_that_is_large_enough_needs_no_lowering() -> None:
    found = fit(engine(), scenario(), POT, 155_000 * 100, quiet)
    assert found.best is not None and found.best.text == "5元" and found.beyond is None


def test_a_coarser_step_is_kept_to() -> None:
    found = fit(engine(), scenario(), POT, 10 * WAN, quiet, step=10)
    assert found.best is not None and found.best.text == "2.4元" and found.beyond is not None and found.beyond.text == "2.5元"


@pytest.mark.parametrize(("step", "best", "beyond"), [(30, "2.4元", "2.7元"), (240, "2.4元", "4.8元"), (490, "0元", "4.9元"), (700, "0元", "5元")])
def test_a_step_that_does_not_divide_the_ceiling_is_kept_to_and_the_ceiling_is_the_last(step: int, best: str, beyond: str) -> None:
    found = fit(engine(), scenario(), POT, 10 * WAN, quiet, step=step)
    assert found.best is not None and found.beyond is not None
    assert (found.best.text, found.beyond.text) == (best, beyond)


def test_a_step_of_nothing_leads_nowhere() -> None:
    with pytest.raises(Defects, match="DS102"):
        run_study(engine(), scenario(), Questions(fit=(POT,), step="0元", cost=False, cliffs=False), quiet)


def test_who_is_capped_loses_less_by_a_lower_rate_than_by_a_share() -> None:
    found = fit(engine(), scenario(), POT, 100_000 * 100, quiet)
    assert found.against is not None
    assert {item.key for item in found.against.gainers} == {"丙"}
    assert {item.key for item in found.against.losers} == {"甲", "乙"}


def test_several_ceilings_are_lowered_by_one_share() -> None:
    facts = firms({})
    for key in ("村1", "村2"):
        facts.add("行政村", key).values.update({("网络零售额", 2025): 1000 * WAN, ("活跃网店数", 2025): 20})
    found = fit(engine(facts), scenario(), "年度奖励资金总额", 30 * WAN, quiet, step=WAN)
    assert not found.uniform and found.best is not None and found.best.claimed == 30 * WAN
    assert ("电商村奖励", "不超过 30万元", "15万元") in found.standards


def test_fixed_awards_alone_may_exceed_a_total() -> None:
    facts = firms({})
    facts.add("配送中心", "中心").values.update({("全国性快递企业数", 2025): 5, ("统一环节数", 2025): 5, ("建设运营主体", None): "甲"})
    facts.add("企业", "甲")
    found = fit(engine(facts), scenario(), "年度奖励资金总额", 49 * WAN, quiet)
    assert found.best is None and found.against is None


def test_nobody_asks_for_anything() -> None:
    found = fit(engine(firms({})), scenario(), POT, None, quiet)
    assert found.pot == 500 * WAN and found.best is not None and found.best.claimed == 0 and found.beyond is None


@pytest.mark.parametrize(("wanted", "code"), [("流量补贴", "DS111"), ("年度奖励资金总额", "DS112"), (f"{POT}=论坛大赛补助", "DS113")])
def test_what_cannot_be_fitted_is_said(wanted: str, code: str) -> None:
    with pytest.raises(Defects, match=code):
        fit(engine(), scenario(), wanted, None, quiet)


def test_a_total_may_be_studied_above_what_the_policy_states() -> None:
    raised = changed(scenario(), POT, "900万元")
    assert engine().price(raised).query("SELECT 额度 FROM 总额 WHERE 名称 = ?", [POT]) == [(900 * WAN,)]
    assert scenario().policy.totals[0].amount.value == 500 * WAN, "the policy itself is as it was"


def test_the_largest_gains_and_losses_of_a_fit_are_as_many_as_asked_for() -> None:
    against = [fit(engine(), scenario(), POT, 10 * WAN, quiet, top=top).against for top in (0, 1)]
    assert against[0] is not None and against[1] is not None
    assert [len(against[0].gainers) + len(against[0].losers), len(against[1].gainers), len(against[1].losers)] == [0, 1, 1]
