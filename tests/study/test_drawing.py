"""What a chart and a sentence of the report must not hide: a value under its own label, a sweep whose pot is full everywhere."""

from __future__ import annotations

import re

from duixian.study.about_change import comparison_section, sweep_section
from duixian.study.about_cost import cost_section
from duixian.study.chart import bars, columns, scale, wrapped
from duixian.study.compare import compare
from duixian.study.cost import cost
from duixian.study.page import page
from duixian.study.parts import Chart, Table
from duixian.study.scenario import axis
from duixian.study.study import Questions, _classes, run_study
from duixian.study.style import STYLE
from duixian.study.sweep import Point, Sweep

from .support import WAN, engine, firms, priced, quiet, scenario


def _value_at(low: int) -> tuple[float, str]:
    drawn = bars("得失", [("流量补贴　少得", ((low, "f"),), "甲值")], scale([low, 150]))
    found = re.search(r'<text x="([\d.]+)"[^>]*text-anchor="(\w+)" class="value">甲值', drawn)
    assert found is not None
    return float(found[1]), found[2]


def test_a_loss_with_room_before_its_bar_is_written_there() -> None:
    assert _value_at(-10)[1] == "end"


def test_a_loss_whose_bar_reaches_the_labels_is_written_behind_its_foot() -> None:
    assert _value_at(-150)[1] == "start" and _value_at(-150)[0] > _value_at(-10)[0]


def test_a_label_keeps_its_unit_where_there_is_room_for_it() -> None:
    assert wrapped("−5万元 以上", 4) == ["−5万元", "以上"]
    assert wrapped("−5万元 以上", 3) == ["−5万", "元", "以上"]


def _swept(granted: tuple[int, int]) -> str:
    points = [Point((value,), claimed, given, given, 1, {"流量补贴": given}, {"流量补贴": claimed})
              for value, claimed, given in (("1元", 60_000_00, granted[0]), ("5元", 90_000_00, granted[1]))]  # fmt: skip
    return sweep_section(Sweep([axis("流量补贴=1元,5元")], points), "zh").answer[0]


def test_a_sweep_whose_pot_is_full_everywhere_says_what_is_asked_of_it() -> None:
    assert _swept((50_000_00, 50_000_00)) == "试了 2 种，核给都是 5万元；申报合计从 6万元（流量补贴 1元）到 9万元（流量补贴 5元）。"


def test_a_sweep_that_grants_more_says_what_is_granted() -> None:
    assert _swept((50_000_00, 60_000_00)) == "试了 2 种：核给从 5万元（流量补贴 1元）到 6万元（流量补贴 5元）。"


def test_one_payee_who_differs_stands_in_a_band_with_an_end() -> None:
    one = engine(firms({"甲": 3000 * WAN}))
    section = comparison_section(compare(one.price(scenario(流量补贴=400)), one.price(scenario(流量补贴=500)), ("甲", "乙")), 1, "zh")
    drawn = next(block.svg for block in section.blocks if isinstance(block, Chart))
    assert "+5000元 以内" in drawn and "0元 以上" not in drawn
    assert section.answer[0] == "乙比甲多花 3000元：1 家多得 3000元，没有一家少得，0 家不变。"


def test_payees_who_all_get_the_same_stand_in_a_band_with_an_end() -> None:
    drawn = next(block for block in reversed(cost_section(cost(priced(firms({"甲": 3000 * WAN}))), "zh").blocks) if isinstance(block, Table))
    assert [row[0] for row in drawn.rows] == ["不足 2万元"]


def test_bands_of_a_loss_are_called_by_the_end_nearer_to_nothing() -> None:
    one = engine(firms({"甲": 3000 * WAN, "乙": 8000 * WAN}))
    section = comparison_section(compare(one.price(scenario(流量补贴=500)), one.price(scenario(流量补贴=400)), ("甲", "乙")), 1, "zh")
    drawn = next(block.svg for block in section.blocks if isinstance(block, Chart))
    assert list(dict.fromkeys(re.findall(r"−\d+元[ <][^<]*", drawn))) == ["−5000元 以上", "−5000元 以内"]


def test_bands_of_a_fact_have_their_english() -> None:
    found = priced()
    _, sizes, _ = _classes(found, Questions(bands="实物商品网络零售额=5000万元,1亿元"))
    table = next(block for block in cost_section(cost(found, None, sizes), "en").blocks if isinstance(block, Table) and block.name == "By 实物商品网络零售额")
    assert [row[0] for row in table.rows[:3]] == ["under 50,000,000 yuan", "50,000,000 yuan to under 100,000,000 yuan", "100,000,000 yuan or more"]


def test_the_unit_of_an_axis_stays_on_the_sheet() -> None:
    assert '<text x="0" y="16" text-anchor="start" class="tick">10,000 yuan</text>' in columns("x", [("a", 0, 5, "f")], scale([5]), "10,000 yuan")
    assert 'text-anchor="end" class="tick">万元</text>' in columns("x", [("a", 0, 5, "f")], scale([5]), "万元")


def test_heads_stand_over_their_sums_where_there_are_no_rows() -> None:
    nothing = run_study(engine(firms({})), scenario(), Questions(), quiet)
    assert '<th scope="col" class="n">应付（元）</th>' in page(nothing, "zh")


def test_words_on_a_phone_are_not_broken_letter_by_letter() -> None:
    narrow = STYLE[STYLE.index("@media (max-width:720px)") : STYLE.index("@page")]
    assert re.search(r"\.wide td:not\(\.n\)\{min-width:[^;]+;overflow-wrap:break-word\}", narrow)
