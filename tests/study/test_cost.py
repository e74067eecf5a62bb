"""花多少: every sum against one done by hand, and what is not known never counted as nothing."""

from __future__ import annotations

from fractions import Fraction

import pytest

from duixian.study.classes import bands, by_name, read_bands
from duixian.study.cost import FLOW, cost
from duixian.values.diagnostic import Defects
from duixian.values.facts import NONE, Paid
from duixian.values.terms import Outcome

from .support import WAN, YEAR, engine, firms, priced, scenario


def award(found, name="流量补贴"):  # noqa: ANN001, ANN201
    return next(item for item in found.awards if item.award == name)


def test_three_firms_get_what_the_policy_says_and_the_cap_takes_its_part() -> None:
    found = award(cost(priced()))
    assert dict(zip(FLOW, found.flow, strict=True)) == {
        "舍入后": (15_000 + 40_000 + 150_000) * 100, "补差后": 205_000 * 100, "封顶后": 155_000 * 100, "名额后": 155_000 * 100, "就高后": 155_000 * 100,
        "核减后": 155_000 * 100, "应付": 155_000 * 100,
    }  # fmt: skip
    assert (found.payees, found.payable, found.estimate) == (3, 155_000 * 100, 155_000 * 100)


def test_one_fen_short_is_not_met_and_not_stated_is_waiting() -> None:
    assert award(cost(priced())).outcomes == {"可付": 3, "不符合": 1, "待补充": 1}


def test_an_unset_standard_is_an_estimate_and_never_payable() -> None:
    found = cost(priced(流量补贴=None))
    assert (found.payable, found.estimate, found.count(Outcome.PROVISIONAL)) == (0, 155_000 * 100, 3)
    assert found.flow[-2] - found.flow[-1] == 155_000 * 100, "the last step of the waterfall is the estimate"


def test_a_total_takes_what_exceeds_it() -> None:
    found = cost(engine().price(scenario(流量补贴总额=10 * WAN)))
    assert found.flow[-3] - found.flow[-2] == 55_000 * 100
    assert [(pot.claimed, pot.granted, pot.waiting) for pot in found.pots if pot.name == "流量补贴总额"] == [(155_000 * 100, 10 * WAN, 1)]


def test_a_year_limit_ends_a_line_and_its_money_is_taken_by_frequency() -> None:
    facts = firms({})
    village = facts.add("行政村", "村")
    village.values.update({("网络零售额", YEAR): 1000 * WAN, ("活跃网店数", YEAR): 20})
    found = award(cost(engine(facts, [Paid("电商村奖励", 2024, "村", 20 * WAN)]).price(scenario(电商村奖励=20 * WAN))), "电商村奖励")
    assert found.flow == (20 * WAN, 0, 0, 0, 0, 0, 0)


def test_payees_fall_into_bands_that_add_up() -> None:
    found = cost(priced())
    assert [(step.low, step.high, step.payees) for step in found.spread] == [(0, 2 * WAN, 1), (2 * WAN, 5 * WAN, 1), (5 * WAN, 10 * WAN, 0), (10 * WAN, None, 1)]
    assert sum(step.amount for step in found.spread) == found.estimate
    assert (found.median, found.top_tenth) == (4 * WAN, 10 * WAN)


def test_nobody_is_an_answer_too() -> None:
    found = cost(priced(firms({})))
    assert (found.payees, found.payable, found.median, found.spread) == (0, 0, 0, [])


@pytest.mark.parametrize(("figure", "label"), [(3000 * WAN - 1, "不足 3000万元"), (3000 * WAN, "3000万元 以上"), (None, "未填"), (NONE, "无")])
def test_a_band_begins_at_its_limit(figure: object, label: str) -> None:
    x = priced(firms({"甲": figure, "另一家": 1}))  # type: ignore[dict-item]
    sizes = bands(x, "实物商品网络零售额", [Fraction(3000 * WAN)])
    assert {row[0] for row in x.query(f"SELECT {sizes.select} FROM 行 {sizes.joins} WHERE 奖补 = '流量补贴' AND 行.标识 = '甲'")} == {label}


def test_a_village_is_classed_by_its_township_and_a_firm_has_none() -> None:
    facts = firms()
    facts.add("乡镇", "镇1").values[("名称", None)] = "第一镇"
    for key, town in (("村1", "镇1"), ("村2", None)):
        village = facts.add("行政村", key)
        village.values.update({("网络零售额", YEAR): 1000 * WAN, ("活跃网店数", YEAR): 20})
        if town:
            village.values[("乡镇", None)] = town
    x = engine(facts).price(scenario(电商村奖励=20 * WAN))
    found = {row.label: row.payable for row in cost(x, by_name(x, "乡镇")).classes or ()}
    assert found == {"第一镇": 20 * WAN, "未填": 20 * WAN, "（没有这一项）": 155_000 * 100}


def test_a_class_nobody_has_is_none_and_an_unknown_name_is_refused() -> None:
    assert by_name(priced(), "乡镇") is None
    with pytest.raises(Defects, match="DS121"):
        by_name(priced(), "乡乡镇")


@pytest.mark.parametrize("text", ["名称", "实物商品网络零售额=5家", "实物商品网络零售额=2000万元,1000万元", "实物商品网络零售额=多"])
def test_bands_that_cannot_be_read_are_refused(text: str) -> None:
    with pytest.raises(Defects, match="DS122"):
        read_bands(text, priced())
