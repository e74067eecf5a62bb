"""What a chart and a sentence of the report must not hide: a value under its own label, a sweep whose pot is full everywhere."""

from __future__ import annotations

import re

from duixian.study.about_change import sweep_section
from duixian.study.chart import bars, scale, wrapped
from duixian.study.scenario import axis
from duixian.study.sweep import Point, Sweep


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
