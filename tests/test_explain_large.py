"""Explanations out of very large tables, on small data: what is said is what a settlement of objects says, though only a few objects are looked at."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from tempfile import mkdtemp

import pytest

from duixian import cli
from duixian.large import command, explain_large
from duixian.large.explain import WITH_ALL
from duixian.policy.model import Policy
from duixian.programme import Programme, Result
from duixian.tables.write_facts import write_facts_parquet
from duixian.values.diagnostic import Defects
from duixian.values.facts import Facts, Paid

from . import test_large as large
from .literate import Literate, lay_out

YEAR, WAN = 2025, 1_000_000
TEXT = """---
政策: 例
原文: source.txt
校验: 自动
词汇: vocabulary.md
---

# 支持办法

> （一）对企业按年零售额的1%奖励，每个园区每年最高3万元。

#### 奖补 园区奖励

- 对象：企业
- 标准：零售额 × 1%
- 频次：每年
- 封顶：3万元 每所在园区每年

> （二）对店铺按零售额的10%奖励。全年各项奖励总额不超过6万元，超出的按比例核减。

#### 奖补 店铺奖励

- 对象：店铺
- 受益人：企业
- 标准：零售额 × 10%
- 频次：每年

#### 总额 全年总额

- 范围：全部奖补
- 额度：6万元 每年
- 超出：按比例核减
"""


@cache
def firms() -> tuple[Path, Policy, tuple[Path, ...], Result]:
    """Three firms in one park, each with 200万元 of sales and a shop; the folder, the files, and their settlement by the interpreter."""
    folder = lay_out(Literate(Path("explained.md"), TEXT), Path(mkdtemp()))
    programme, facts = Programme.load(folder), Facts()
    facts.listed = {"企业", "园区", "店铺"}
    facts.add("园区", "P").values[("开园年度", None)] = 2015
    for name in "甲乙丙":
        facts.add("企业", name).values.update({("成立年度", None): 2019, ("零售额", YEAR): 200 * WAN, ("所在园区", None): "P"})
        facts.add("店铺", f"{name}店").values.update({("企业", None): name, ("零售额", YEAR): 20 * WAN})
    ledger = [Paid("店铺奖励", YEAR - 1, "甲店", 1000_00)]
    files = write_facts_parquet(facts, ledger, programme.policy, YEAR, Path(mkdtemp()))
    return folder, programme.policy, tuple(files), programme.settle(YEAR, facts, history=ledger, engine="interpret")


def told(key: str, award: str | None = None, language: str = "zh") -> list[str]:
    return explain_large(firms()[1], YEAR, firms()[2], key, award, language="en" if language == "en" else "zh", threads=1)


@pytest.mark.parametrize("seed", [1, 2])
def test_a_world_at_its_boundaries_is_explained_as_a_settlement_of_objects_explains_it(seed: int) -> None:
    facts, ledger = large.world(seed)
    settled = Programme(large.policy()).settle(YEAR, facts, history=ledger, engine="interpret")
    keys = [*list(facts.things["企业"])[:: 60 // 6], *list(facts.things["店铺"])[:2], "P1"]
    for key in keys:
        assert explain_large(large.policy(), YEAR, large.files(seed), key, threads=1) == settled.explain(key), key


def test_what_a_total_takes_is_said_with_the_sums_of_all() -> None:
    assert told("甲", "店铺奖励") == firms()[3].explain("甲", "店铺奖励")
    assert any("全年总额 6万元，申报合计" in line and line.strip().startswith("核减后") for line in told("甲", "店铺奖励"))


def test_what_a_cap_shared_with_others_leaves_is_what_it_left_and_is_said_so() -> None:
    """The park has 3万元: 丙 is before 乙, who gets 1万元 of it, and 甲, who gets nothing. Each alone would have had 2万元."""
    for key, left, used in (("乙", "1万元", "2万元"), ("甲", "0元", "3万元")):
        cap = "封顶 3万元 每所在园区每年"
        theirs = [line.replace(f"{cap}，已用 {used}", f"{cap}：{WITH_ALL}") for line in firms()[3].explain(key, "园区奖励")]
        assert f"  封顶后  {left}  {cap}：{WITH_ALL}" in theirs
        assert told(key, "园区奖励") == theirs
    assert any("worked out with all the other lines" in line for line in told("乙", "园区奖励", "en"))
    assert told("丙") == firms()[3].explain("丙")


def test_a_key_or_an_award_that_is_not_there_is_refused() -> None:
    for key, award, found in (("丁", None, "丁"), ("甲", "店面奖励", "店面奖励")):
        with pytest.raises(Defects) as stop:
            told(key, award)
        (defect,) = stop.value.diagnostics
        assert (defect.code, defect.details["found"]) == ("DX954", found)


def test_an_engine_that_comes_to_another_claim_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    large.planted(monkeypatch, "申·园区奖励", '"整数额" AS "舍入后"', '"整数额" + 1 AS "舍入后"')
    with pytest.raises(Defects) as stop:
        told("丙", "园区奖励")
    assert [defect.code for defect in stop.value.diagnostics] == ["DX961"]


def test_an_object_without_a_line_is_told_so() -> None:
    assert told("P") == firms()[3].explain("P")


def test_the_command_takes_this_way_where_the_tables_are_large(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(command, "LARGE_ROWS", 3)
    folder, _, files, _ = firms()
    assert cli.main(["explain", str(folder), "--year", str(YEAR), "--facts", *map(str, files), "--object", "乙", "--award", "园区奖励", "--lang", "zh"]) == 0
    assert WITH_ALL in capsys.readouterr().out
