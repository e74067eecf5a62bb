"""Explanations: what an applicant, an auditor or a township reads about one amount. Rendered from the rule and its trace, never written by hand."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from duixian.engine import example_run
from duixian.engine import examples as examples_module
from duixian.engine.advise import Adviser
from duixian.engine.explain import Explainer, explain_short
from duixian.engine.interpret import Interpreter
from duixian.programme import Programme
from duixian.values.labels import amount_text
from duixian.values.terms import Outcome

from . import literate
from .applicant import FIRM, POLICIES, programme, settled


def explained(award: str, language: str = "zh") -> str:
    return "\n".join(settled().explain(FIRM, award, language))


def test_a_sum_lists_what_was_counted_and_what_was_not_and_the_cap_says_what_it_cut() -> None:
    assert (
        explained("展位费补助")
        == """\
展位费补助（六）　2025 年度
原文：（六）企业参加各级商务部门组织的电商展会，展位费给予全额补助，单个企业每年不超过5万元。
对象：企业 91331122MA0000001P（缙云某某电子商务有限公司）
条件
  ✓ 2025 年度在有效期内（2025-01-01 起；年末在有效期内）
  ✓ 受益人的本县依法成立（通则“申报主体”）　实际 是
  ✓ 受益人的守法诚信经营（通则“申报主体”）　实际 是
  ✓ 受益人的主体类型 不是 自然人（通则“申报主体”）　实际 企业
  ✓ 没有否决情形：受益人的弄虚作假　实际 否
标准
  合计（展位 其中 商务部门组织，展位费）
    ＝ 7万元
        展位 F-1：3万元
        展位 F-2：4万元
        展位 F-3：不计（商务部门组织，实际 否）
金额
  计算额  7万元
  舍入后  7万元  四舍五入到分
  补差后  7万元  频次 每年
  封顶后  5万元  封顶 5万元 每企业每年
  应付  5万元
口径
  证书受益人：企业　理由：（十八）（二十）写的是企业申报；奖给个人时，（二十）对经营主体的要求用不上
  自然人：只给经营主体　理由：本条写“经营主体”；（十五）明写主播，除外
结果：可付 5万元"""
    )


def test_what_is_only_flagged_is_called_a_note_once(tmp_path: Path) -> None:
    given = Programme.load(literate.lay_out(literate.read(literate.POLICIES / "good" / "highest-and-flagged.md"), tmp_path))
    table = "| 企业 | 零售额 | 设备投资 | 线下零售额 |\n|---|---|---|---|\n| 甲公司 | 500万元 | 0元 | 100万元 |\n"
    result = given.settle(2025, literate.facts_of(given.policy, table, 2025), engine="interpret")
    assert [line.strip() for line in result.explain("甲公司", "线下奖励") if "同一事项" in line] == ["提示：与零售奖励可能是同一事项（零售与线下）"]
    assert [line.strip() for line in result.explain("甲公司", "线下奖励", "en") if "same matter" in line] == ["Note: may be the same matter as 零售奖励 (零售与线下)"]


def test_a_tier_says_why_the_higher_ones_were_not_reached_and_a_step_is_counted() -> None:
    text = explained("自建平台奖励")
    assert (
        """\
档次（从上往下看，第一个满足的为准）
  ✗ 平台类型 是 零售型，年次 是 首年（实际 第 2 年）
  ✗ 平台类型 是 批发型（实际 零售型）
  ✓ 平台类型 是 零售型，年次 是 后续年度
标准
  （年销售额 − 上年（年销售额）） 每满 5000万元 10万元 − 0元
    ＝ （1.7亿元 − 6000万元） 每满 5000万元 10万元 − 0元
    ＝ 2 × 10万元 − 0元
    ＝ 20万元
      年销售额 2025年 1.7亿元，2024年 6000万元
"""
        in text
    )
    assert "  封顶后  20万元  封顶 100万元 每平台 累计，以前已用 10万元，没有超过\n" in text
    assert "以前的兑现\n  2024年 自建平台奖励 PT-1 10万元（本政策）\n" in text


def test_the_same_in_english() -> None:
    text = explained("自建平台奖励", "en")
    assert (
        """\
Tiers (read from the top, the first that holds wins)
  ✗ 平台类型 is 零售型, award year is the first year (actually year 2)
  ✗ 平台类型 is 批发型 (actually 零售型)
  ✓ 平台类型 is 零售型, award year is a later year
Standard
  100,000 yuan for each full 50,000,000 yuan of (年销售额 − last year(年销售额)) − 0 yuan
    = 100,000 yuan for each full 50,000,000 yuan of (170,000,000 yuan − 60,000,000 yuan) − 0 yuan
    = 2 × 100,000 yuan − 0 yuan
    = 200,000 yuan
      年销售额 2025 170,000,000 yuan, 2024 60,000,000 yuan
"""
        in text
    )
    assert text.endswith("Result: payable, 200,000 yuan")


def test_an_average_growth_is_shown_as_it_is_compared_without_a_root() -> None:
    assert """\
  ✗ 两年平均增长率（网络零售额） 不低于 5%（≥）
      网络零售额 2025年 22049999.99元，2023年 2000万元
      2000万元 ×（1 ＋ 5%）² ＝ 2205万元，本年 22049999.99元
""" in explained("场地租金补助")


def test_what_is_missing_is_asked_of_who_can_supply_it() -> None:
    assert explained("跨境电商园区运营补贴").endswith("待主管部门确定\n  ？ 园区 YQ-1 2025年 综合评价得分\n结果：待补充")


@pytest.mark.parametrize(("award", "short"), [
    ("引进企业奖励", "达到 2000万元"),
    ("展位费补助", "计算 7万元；封顶 5万元 每企业每年"),
    ("园区增长奖励", "不满足：网店数 30家以上（≥），实际 29家"),
    ("达人号培育奖励", "一次性 每达人号，已付 2024年 2万元"),
])  # fmt: skip
def test_one_line_says_why(award: str, short: str) -> None:
    (line,) = settled().lines_of(FIRM, award)
    assert explain_short(line) == short


def test_another_reading_is_marked_with_what_the_policy_chooses() -> None:
    result = programme().settle(2025, settled().facts, history=settled().ledger, readings={"两年平均": "算术平均"})
    text = "\n".join(result.explain(FIRM, "场地租金补助"))
    assert "  两年平均：算术平均（改选，政策文件选的是“几何平均”）" in text


def test_a_line_that_is_not_met_is_one_line_in_a_whole_settlement() -> None:
    found = settled().explanations()
    for line in settled().lines:
        lines = found[(line.claim.award, line.claim.key)]
        assert (len(lines) == 1) is (line.outcome is Outcome.NOT_MET)


def test_an_explanation_is_the_same_every_time() -> None:
    line = settled().lines_of(FIRM, "自建平台奖励")[0]
    first = settled().explainer().explain(line)
    settled().explanations("en")
    assert settled().explainer().explain(line) == first


# --- every example of every policy: the trace says what the settlement said ------------------------------------------------------------------


@pytest.fixture
def pages(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[tuple[Any, Explainer, list[Any]]]]:
    """Examples run with a traced interpreter; what each run prepared and settled."""
    found: list[tuple[Any, Explainer, list[Any]]] = []
    prepare, settle = example_run.Run.prepare, example_run.Run._lines
    prepared: dict[int, Any] = {}

    def traced(run: Any) -> Any:
        prepared[id(run)] = made = prepare(run)
        return made

    def lines(run: Any) -> Any:
        settled_lines = settle(run)
        entries = [entry for entry in run.ledger if entry.document in run.fixed.history]
        found.append((run, Explainer(prepared[id(run)][0], run.year, entries), settled_lines))
        return settled_lines

    monkeypatch.setattr(example_run, "Interpreter", functools.partial(Interpreter, traced=True))
    monkeypatch.setattr(example_run.Run, "prepare", traced)
    monkeypatch.setattr(example_run.Run, "_lines", lines)
    yield found


@pytest.mark.parametrize("name", sorted(path.name for path in POLICIES.iterdir() if path.is_dir()))
def test_every_example_is_explained_and_advised_in_both_languages(name: str, pages: list[tuple[Any, Explainer, list[Any]]]) -> None:
    examples = examples_module.Examples(programme(name).policy)
    for table in examples.tables:
        for example in table.examples:
            examples.run(table, example)
    assert pages
    for _, explainer, lines in pages:
        adviser = Adviser(explainer, lines)
        for line in lines:
            for language in ("zh", "en"):
                text = explainer.explain(line, language)
                assert all(text) and not any("\n" in part for part in text)
                adviser.look(line, language)
                adviser.advise(line.claim.key, language)
            agrees_with_the_settlement(explainer.explain(line), line)


def agrees_with_the_settlement(text: list[str], line: Any) -> None:
    """No failed condition in a claim that is met, one at least in a claim that is not; the formula ends in the computed amount."""
    claim, tiers = line.claim, "档次（从上往下看，第一个满足的为准）"
    conditions = text[: text.index(tiers)] if tiers in text else text
    failed = [part for part in conditions if part.startswith("  ✗ ")]
    if claim.met is True and not claim.cancelled:
        assert not failed
    if claim.met is False or claim.cancelled:
        assert failed or "  没有达到任何一档" in text
    if claim.amount is not None and line.outcome is Outcome.PAYABLE:
        formula = text[next(place for place, part in enumerate(text) if part.startswith("标准")) : text.index("金额")]
        assert any(re.search(rf"(^|\s){re.escape(amount_text(claim.amount))}(（.*）)?$", part) for part in formula), formula
