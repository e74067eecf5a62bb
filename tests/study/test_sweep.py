"""扫描 and the words a scenario is named by."""

from __future__ import annotations

from pathlib import Path

import pytest

from duixian.study.scenario import axis, changed, described
from duixian.study.sweep import sweep
from duixian.values.diagnostic import Defects

from ..worlds import ROOT
from .support import WAN, YEAR, engine, quiet, scenario


def test_cost_against_a_rate() -> None:
    found = sweep(engine(), scenario(), [axis("流量补贴=1元,2元,5元")], quiet)
    assert [point.granted for point in found.points] == [41_000 * 100, 82_000 * 100, 155_000 * 100]
    assert found.moved == ["流量补贴"] and found.pots == [("流量补贴总额", 500 * WAN)]


def test_several_axes_are_every_combination() -> None:
    found = sweep(engine(), scenario(), [axis("流量补贴=1元,2元"), axis("流量补贴总额=5万元,6万元")], quiet)
    assert {point.values: point.granted for point in found.points} == {
        ("1元", "5万元"): 41_000 * 100, ("1元", "6万元"): 41_000 * 100, ("2元", "5万元"): 5 * WAN, ("2元", "6万元"): 6 * WAN,
    }  # fmt: skip


def test_a_reading_is_swept_like_a_number() -> None:
    found = sweep(engine(), scenario(), [axis("计补基数=全部,超出部分")], quiet)
    assert found.numbers is None
    assert [point.claimed for point in found.points] == [155_000 * 100, (0 + 25_000 + 100_000) * 100]


def test_a_percentage_of_an_item_with_tiers_is_a_share_of_each_ceiling() -> None:
    found = changed(scenario(), "自播奖励", "50%").standards.settings
    assert [int(found[("自播奖励", tier)].value) // WAN for tier in ("达到 5000万元", "达到 3000万元", "达到 2000万元")] == [15, 10, 5]


@pytest.mark.parametrize(("text", "code"), [
    ("流量补帖=1元", "DS101"), ("流量补贴=一些", "DS102"), ("流量补贴=3%每", "DS102"), ("流量补贴=1平方米", "DS102"), ("计补基数=没有", "DS102"),
    ("流量补贴=5.01元", "DS103"), ("自播奖励=10万元", "DS105"), ("流量补贴=" + ",".join(f"{fen}元" for fen in range(501)), "DS104"),
])  # fmt: skip
def test_what_cannot_be_swept_is_said(text: str, code: str) -> None:
    with pytest.raises(Defects, match=code):
        sweep(engine(), scenario(), [axis(text)], quiet)


@pytest.mark.parametrize("text", ["流量补贴", "=1元", "流量补贴="])
def test_an_axis_is_a_name_and_values(text: str) -> None:
    with pytest.raises(Defects, match="DS106"):
        axis(text)


def test_the_ceiling_itself_may_be_swept() -> None:
    assert sweep(engine(), scenario(), [axis("流量补贴=5元")], quiet).points[0].claimed == 155_000 * 100


def test_a_scenario_is_a_folder_a_file_or_a_change_or_several() -> None:
    base, file = scenario(), str(Path(ROOT / "zibo-2022" / "standards-2024.md"))
    assert described(file, base, YEAR).standards.settings[("流量补贴", "")].value == 500
    assert described(f"{file}+流量补贴=2元", base, YEAR).standards.settings[("流量补贴", "")].value == 200
    assert described(str(ROOT / "zibo-2022"), base, YEAR).standards.settings[("流量补贴", "")].value == 300, "the folder brings its own year"
    with pytest.raises(Defects, match="DS106"):
        described("没有这个文件.md", base, YEAR)
