"""断崖: both sides of each boundary as the policy itself settles them, and who stands near, counted by hand."""

from __future__ import annotations

from functools import cache

import pytest

from duixian.policy.readings import bind
from duixian.policy.standards import Standards
from duixian.study.boundaries import boundaries
from duixian.study.cliffs import Cliff, cliffs
from duixian.study.source import Data, Interpreted, Scenario
from duixian.values.facts import Facts

from ..worlds import FOUNDING, policy_of
from .support import WAN, engine, firms, quiet, scenario


@cache
def found(name: str) -> dict[tuple[str, str, str], Cliff]:
    priced = Interpreted(2025, Data(Facts())).price(Scenario("", policy_of(name), Standards(2025)))
    return {(item.boundary.award, item.boundary.figure, item.boundary.number): item for item in cliffs(priced, quiet)[0]}


@pytest.mark.parametrize(("name", "key", "below", "at", "above"), [
    ("zibo-2022", ("流量补贴", "实物商品网络零售额", "3000万元"), 0, 15_000, 15_000),
    ("zibo-2022", ("自播奖励", "自播网络零售额", "5000万元"), 200_000, 300_000, 300_000),
    ("zibo-2022", ("电商镇奖励", "网络零售额", "1亿元"), 0, 0, 500_000),  # 超过: at the boundary it is not yet met
    ("jinyun-2025", ("场地租金补助", "网络零售额", "2000万元"), 36_000, 36_000, 72_000),
    ("jinyun-2025", ("场地租金补助", "网络零售额", "500万元"), 0, 0, 36_000),  # found with the earlier years moved in proportion
    ("jinyun-2025", ("场地租金补助", "增长率(网络零售额)", "10%"), 0, 36_000, 36_000),
    ("jinyun-2025", ("自建平台奖励", "年销售额", "5000万元"), 0, 0, 100_000),
])  # fmt: skip
def test_the_award_just_below_at_and_just_above(name: str, key: tuple[str, str, str], below: int, at: int, above: int) -> None:
    cliff = found(name)[key]
    assert [point and point[1] for point in (cliff.below, cliff.at, cliff.above)] == [below * 100, at * 100, above * 100]
    assert cliff.jump == (above - below) * 100


@pytest.mark.parametrize("name", FOUNDING)
def test_every_boundary_of_the_founding_policies_is_found_and_jumps(name: str) -> None:
    assert [key for key, cliff in found(name).items() if not cliff.jump] == []


def test_the_points_stand_one_step_from_the_boundary() -> None:
    cliff = found("zibo-2022")[("流量补贴", "实物商品网络零售额", "3000万元")]
    assert cliff.below and cliff.at and cliff.above
    assert [point[0] - 3000 * WAN for point in (cliff.below, cliff.at, cliff.above)] == [-1, 0, 1]


def test_an_unset_standard_makes_the_jump_an_estimate() -> None:
    assert found("zibo-2022")[("流量补贴", "实物商品网络零售额", "3000万元")].estimated
    (own,) = [item for item in cliffs(engine().price(scenario()), quiet)[0] if item.boundary.award == "流量补贴"]
    assert not own.estimated


def test_who_stands_near_is_counted_on_both_sides() -> None:
    figures = {"差一分": 3000 * WAN - 1, "差百分之一": 2970 * WAN, "差得多一分": 2970 * WAN - 1, "差百分之五": 2850 * WAN, "太远": 2850 * WAN - 1,
               "正好": 3000 * WAN, "过百分之五": 3150 * WAN, "过远": 3150 * WAN + 1, "没有填": None}  # fmt: skip
    (cliff,) = [item for item in cliffs(engine(firms(figures)).price(scenario()), quiet)[0] if item.boundary.award == "流量补贴"]
    assert cliff.near is not None
    assert (cliff.near.short, cliff.near.met, cliff.near.granted) == ((2, 4), (1, 2), (1, 2))
    assert cliff.exposure == 4 * 15_000 * 100


def test_a_figure_nobody_has_stated_is_not_counted_as_nobody() -> None:
    (cliff,) = [item for item in cliffs(engine(firms({"甲": None})).price(scenario()), quiet)[0] if item.boundary.award == "流量补贴"]
    assert cliff.near is None


def test_what_is_not_one_figure_is_listed_with_its_reason() -> None:
    _, others = boundaries(bind(policy_of("jinyun-2025")), Standards(2025))
    assert [(item.award, item.reason) for item in others] == [("主播贡献奖励", "是几个对象合起来的数")]
