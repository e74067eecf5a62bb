"""Computed twice: both evaluators agree on worlds drawn at random, and a settlement in which they do not is refused with the line and both accounts."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

from duixian import pipeline, twice
from duixian.engine.relational import EngineError
from duixian.policy.load import load_policy
from duixian.programme import Programme
from duixian.values.diagnostic import Defects
from duixian.values.facts import NONE, Facts
from duixian.values.labels import amount_text

from . import literate, worlds


@pytest.mark.parametrize("name", worlds.FOUNDING)
@pytest.mark.parametrize("seed", range(3))
def test_both_evaluators_come_to_the_same_on_every_line_and_total(name: str, seed: int) -> None:
    world = worlds.draw(Random(seed), name)
    one = world.settle()
    other = twice.settle_compiled(world.policy, worlds.YEAR, world.facts, world.ledger, world.standards, world.choices)
    assert twice.differences(one.lines, other.lines) == []
    assert one.totals == other.totals


def test_one_fen_of_difference_refuses_the_settlement_and_names_the_line() -> None:
    world = worlds.draw(Random(1), "zibo-2022")
    one, other = world.settle(), world.settle()
    line = next(line for line in other.lines if line.payable_fen)
    line.amounts["应付"] = line.payable_fen + 1
    with pytest.raises(Defects) as refused:
        twice.check(one, other, lambda award, key, language: [f"{language} {award} {key}"])
    (found,) = refused.value.diagnostics
    assert found.code == "DX961"
    assert found.details["line"] == f"{line.claim.award} {line.claim.key}"
    assert found.details["one"] == f"zh {line.claim.award} {line.claim.key}"
    assert f"应付 {amount_text(line.payable_fen)}" in found.details["other"]
    english = found.render("en")
    assert f"payable: {amount_text(line.payable_fen - 1, 'en')} ≠ {amount_text(line.payable_fen, 'en')}" in english
    assert "应付" not in english and "frozenset" not in found.render() + english and f"en {line.claim.award}" in english


def test_a_line_only_one_evaluator_has_refuses_the_settlement() -> None:
    world = worlds.draw(Random(1), "zibo-2022")
    one, other = world.settle(), world.settle()
    del other.lines[0]
    with pytest.raises(Defects) as refused:
        twice.check(one, other, lambda award, key, language: [])
    assert [item.code for item in refused.value.diagnostics] == ["DX961"]


def test_an_engine_that_does_not_finish_is_said_and_nothing_is_settled(monkeypatch: pytest.MonkeyPatch) -> None:
    world = worlds.draw(Random(1), "zibo-2022")

    def stops(*_: object, **__: object) -> None:
        raise EngineError("memory", "out of memory")

    monkeypatch.setattr(twice, "settle_compiled", stops)
    programme = Programme.load(worlds.ROOT / "zibo-2022")
    with pytest.raises(Defects) as refused:
        programme.settle(worlds.YEAR, world.facts, history=world.ledger, standards=world.standards, readings=world.choices)
    assert [item.code for item in refused.value.diagnostics] == ["DX962"]


WAITING = """---
政策: 例
原文: source.txt
校验: 自动
词汇: vocabulary.md
---

# 支持办法

> 对全省名次列前5名、零售额连续2年增长、两年平均增速不低于10%的企业，按零售额每增加100万元奖励1万元。

#### 奖补 成长奖励

- 对象：企业
- 条件：全省名次 前5名
- 条件：连续增长(零售额, 2年)
- 条件：两年平均增长率(零售额) 不低于 10%
- 标准：增长额(零售额) 每满 100万元 1万元
- 频次：每年
"""


def test_both_evaluators_say_which_figure_could_not_be_worked_out(tmp_path: Path) -> None:
    (tmp_path / "waiting.md").write_text(WAITING, encoding="utf-8")
    policy = load_policy(literate.lay_out(literate.read(tmp_path / "waiting.md"), tmp_path / "out"))[0]
    facts = Facts()
    firm = facts.add("企业", "甲")
    firm.values.update({("零售额", 2025): 3_000_000_00, ("零售额", 2024): NONE, ("零售额", 2023): 0, ("全省名次", 2025): NONE})
    one = pipeline.settle(policy, 2025, facts, [], None)
    other = twice.settle_compiled(policy, 2025, facts, [], None, {})
    assert twice.differences(one.lines, other.lines) == []
    assert {missing.fact for missing in one.lines[0].claim.missing if missing.note} == {
        "全省名次 第1名至第5名",
        "连续增长（零售额，2年）",
        "两年平均增长率（零售额） 不低于 10%（≥）",
        "增长额（零售额）",
    }
