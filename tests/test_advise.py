"""Advice: what an applicant gets, what is missing, and how far it is to the next tier, to the 分 and the piece."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from duixian.engine.figures import quantity
from duixian.engine.gaps import distance
from duixian.values.facts import Facts

from .applicant import FIRM, WAN, YEAR, applicant, programme, settled


def test_the_page_for_an_applicant() -> None:
    assert (
        "\n".join(settled().advise(FIRM))
        == """\
企业 91331122MA0000001P（缙云某某电子商务有限公司）　2025 年度　可付 30万元

已经够得上
  （二）引进企业奖励　可付 5万元
      下一档：网络零售额 达到 5000万元（≥） → 10万元
        网络零售额 还差 27950000.01元（现在 22049999.99元）
      以后：一次性 每企业，兑现后不再享受，升档也不补
  （三）自建平台奖励　平台 PT-1　可付 20万元
      年销售额 − 上年（年销售额） 再增加 4000万元，多得 10万元
      封顶 100万元 每平台 累计：以前 10万元，本年 20万元，还剩 70万元
  （六）展位费补助　可付 5万元
      封顶 5万元 每企业每年

补充后才能定
  （一）跨境电商园区运营补贴　园区 YQ-1　待补充

还够不上
  （一）园区增长奖励　园区 YQ-1　不符合
      网店数 还差 1家（现在 29家；网店数 30家以上（≥））
  （五）场地租金补助　不符合
      网络零售额 还差 0.01元（现在 22049999.99元；两年平均增长率（网络零售额） 不低于 5%（≥））
  （十一）平台费用补助　不符合
      跨境电商出口额 还差 1元（现在 1999999元；跨境电商出口额 达到 200万元及以上（≥））
  （十二）独立站奖励　独立站 brand.example　不符合
      2024 年已经达到过，“首次”已用掉；那年没有申报的，不能再补

已经享受或用完
  （八）达人号培育奖励　达人号 抖音 + 缙云小店　已享受
      一次性 每达人号，已付 2024年 2万元
      下一档：粉丝数 达到 200万人（≥） → 5万元
        粉丝数 还差 1人（现在 1999999人）

待主管部门确定
  ？ 园区 YQ-1 2025年 综合评价得分　→ 跨境电商园区运营补贴"""
    )


def test_the_distance_is_the_least_that_helps() -> None:
    """Give the firm exactly what it lacks and it is paid; give it one 分 less and it is not."""
    for more, award, paid in (
        (1, "场地租金补助", True),
        (0, "场地租金补助", False),
        (2_795_000_001, "引进企业奖励", True),
        (2_795_000_000, "引进企业奖励", False),
    ):
        facts = applicant()
        firm = facts.find("企业", FIRM)
        assert firm is not None
        firm.values[("网络零售额", YEAR)] += more
        (line,) = [line for line in programme().settle(YEAR, facts, history=settled().ledger).lines if line.claim.award == award]
        reached = line.payable_fen > 0 if award == "场地租金补助" else line.claim.tier == "达到 5000万元"
        assert reached is paid


@pytest.mark.parametrize(("value", "operator", "bound", "step", "short"), [
    (99, "≥", 100, 1, (1, False)),
    (100, "≥", 100, 1, None),
    (100, ">", 100, 1, (1, False)),
    (100, "≥", Fraction(201, 2), 1, (1, False)),
    (100, ">", Fraction(201, 2), 1, (1, False)),
    (100, ">", 100, None, (0, True)),
    (100, "<", 100, 1, (1, False)),
    (101, "≤", 100, 1, (1, False)),
    (101, "<", Fraction(201, 2), 1, (1, False)),
])  # fmt: skip
def test_a_distance_by_operator(value: int, operator: str, bound: Fraction, step: int | None, short: object) -> None:
    assert distance(value, operator, bound, step) == short


@given(st.integers(0, 10**12), st.sampled_from("≥>≤<"), st.fractions(0, 10**12))
def test_a_distance_is_enough_and_one_step_less_is_not(value: int, operator: str, bound: Fraction) -> None:
    holds = {"≥": lambda a: a >= bound, ">": lambda a: a > bound, "≤": lambda a: a <= bound, "<": lambda a: a < bound}[operator]
    short = distance(value, operator, bound, 1)
    if short is None:
        assert holds(value)
        return
    sign = 1 if operator in "≥>" else -1
    assert holds(value + sign * short[0]) and not holds(value + sign * (short[0] - 1))


def test_a_time_that_is_not_full_says_on_which_day_it_will_be() -> None:
    facts = Facts(listed={"其他政策已付"})
    firm = facts.add("企业", "QY-1")
    from datetime import date

    firm.values.update({
        ("纳统", 2024): True, ("自播网络零售额", 2024): 3100 * WAN, ("入库日期", None): date(2024, 2, 29), ("成长良好", 2024): True,
    })  # fmt: skip
    result = programme("zibo-2022").settle(2024, facts, readings={"评估日": "本年末"}, history=())
    text = "\n".join(result.advise("QY-1"))
    assert "2025-02-28 才满 1年，算到 2024-12-31 还差 59 天" in text


def test_a_recognition_says_which_of_its_ways_is_how_far() -> None:
    facts = Facts()
    town = facts.add("乡镇", "某镇")
    town.values.update({("电商村数", 2024): 3, ("网络零售额", 2024): 6000 * WAN, ("活跃网店数", 2024): 101, ("电商镇决定", 2024): True})
    text = "\n".join(programme("zibo-2022").settle(2024, facts, history=()).advise("某镇"))
    assert "认定“电商镇”：满足一项即可：电商村数 还差 1个（现在 3个；电商村数 大于 3个（>）） ／ 网络零售额 还差 40000000.01元" in text
    assert "网络零售额 还差 0.01元（现在 6000万元；网络零售额 超过 6000万元（>））" in text


def test_a_count_of_whole_ten_thousands_is_said_as_people_say_it_and_any_other_to_the_last_one() -> None:
    assert [quantity(value, "人") for value in (0, 9_999, 10_000, 4_800_000, 4_800_001)] == ["0人", "9999人", "1万人", "480万人", "4800001人"]
    assert quantity(4_800_000, "人", "en") == "4,800,000"
