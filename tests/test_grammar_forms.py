"""Forms whose meaning was once dropped in silence, each with the payment it decides."""

from __future__ import annotations

from pathlib import Path

import pytest

from duixian import pipeline
from duixian.policy.load import load_policy
from duixian.policy.standards import Standards
from duixian.policy.year_file import parse_standards
from duixian.values.digest import sha256_hex
from duixian.values.facts import Facts
from duixian.values.terms import Outcome

VOCABULARY = """# 词汇

## 申报（内置）

| 事实 | 类型 | 单位 | 期间 | 来源 |
|---|---|---|---|---|
| 申报单位选择 | 是否 | | | 申报 |

## 企业（标识：代码）

| 事实 | 类型 | 单位 | 期间 | 来源 |
|---|---|---|---|---|
| 收入 | 金额 | 元 | 年 | 统计 |
| 得分 | 数量 | 分 | 年 | 评定 |
| 专利数 | 数量 | 个 | 年 | 登记 |
| 规上 | 是否 | | 年 | 统计 |
| 名次 | 数量 | 名 | 年 | 公布 |
"""


def folder(tmp_path: Path, *sentences: tuple[str, str]) -> Path:
    """A policy of sentences, each with the rules below it."""
    source = "\n".join(["试行办法", *(sentence for sentence, _ in sentences)]) + "\n"
    (tmp_path / "source.txt").write_text(source, encoding="utf-8")
    (tmp_path / "vocabulary.md").write_text(VOCABULARY, encoding="utf-8")
    body = "\n\n".join(f"> {sentence}\n\n{rules.strip()}" for sentence, rules in sentences)
    front = f"---\n政策: t\n发文: 试\n原文: source.txt\n校验: sha256:{sha256_hex(source)}\n词汇: vocabulary.md\n---\n\n# 试行办法\n\n"
    (tmp_path / "policy.md").write_text(front + body + "\n", encoding="utf-8")
    return tmp_path


def codes(path: Path) -> list[str]:
    return [item.code for item in pipeline.check(path).diagnostics if item.is_error]


def firm(**yearly: object) -> Facts:
    facts = Facts()
    for name, value in yearly.items():
        facts.add("企业", "甲").values[(name, 2025)] = value
    return facts


TWO_AWARDS = (
    ("（一）规上企业给予5万元奖励。", "#### 奖补 甲奖\n\n- 对象：企业\n- 条件：规上 是 是\n- 标准：5万元\n- 频次：每年"),
    ("（二）有专利1个以上的给予3万元奖励。", "#### 奖补 乙奖\n\n- 对象：企业\n- 条件：专利数 1个以上\n- 标准：3万元\n- 频次：每年"),
    (
        "（三）两项由企业择一。",
        "#### 就高 择一\n\n- 方式：申报单位选择\n\n| 组 | 奖补 | 同一 | 处理 |\n|---|---|---|---|\n| 两项 | 甲奖、乙奖 | 受益人、年度 | 就高 |",
    ),
)


def test_a_condition_on_the_line_of_任一_is_a_defect_not_a_lost_condition(tmp_path: Path) -> None:
    rules = "#### 奖补 甲奖\n\n- 对象：企业\n- 任一：规上\n- 标准：5万元\n- 频次：每年"
    assert "DX201" in codes(folder(tmp_path, ("规上企业给予5万元奖励。", rules)))


def test_a_boundary_word_before_a_range_is_a_defect(tmp_path: Path) -> None:
    rules = "#### 奖补 甲奖\n\n- 对象：企业\n- 条件：收入 超过 500万元至1000万元\n- 标准：5万元\n- 频次：每年"
    assert "DX201" in codes(folder(tmp_path, ("收入超过500万元至1000万元的给予5万元奖励。", rules)))


def test_a_range_may_say_that_its_lower_end_counts(tmp_path: Path) -> None:
    rules = "#### 奖补 甲奖\n\n- 对象：企业\n- 条件：收入 500万元（含）至1000万元\n- 标准：5万元\n- 频次：每年"
    assert codes(folder(tmp_path, ("收入500万元（含）至1000万元的给予5万元奖励。", rules))) == []


def test_a_published_rank_may_be_counted_in_位(tmp_path: Path) -> None:
    rules = "#### 奖补 甲奖\n\n- 对象：企业\n- 条件：名次 前5位\n- 标准：5万元\n- 频次：每年"
    assert codes(folder(tmp_path, ("列全省前5位的给予5万元奖励。", rules))) == []


@pytest.mark.parametrize(("chosen", "outcomes"), [
    ({}, (Outcome.NEEDS_DATA, Outcome.NEEDS_DATA)),
    ({"甲奖": False, "乙奖": True}, (Outcome.ALREADY_AWARDED, Outcome.PAYABLE)),
    ({"甲奖": True, "乙奖": True}, (Outcome.NEEDS_DATA, Outcome.NEEDS_DATA)),
])  # fmt: skip
def test_the_applicant_chooses_where_the_policy_says_so(tmp_path: Path, chosen: dict[str, bool], outcomes: tuple[Outcome, Outcome]) -> None:
    policy, _ = load_policy(folder(tmp_path, *TWO_AWARDS))
    facts = firm(规上=True, 专利数=2)
    for award, value in chosen.items():
        facts.claims[(award, "甲")] = {("申报单位选择", None): value}
    assert tuple(line.outcome for line in pipeline.settle(policy, 2025, facts).lines) == outcomes


SCORED = ("评分80分以上的给予5万元奖励。", "#### 奖补 甲奖\n\n- 对象：企业\n- 条件：得分 80分以上\n- 标准：5万元\n- 频次：每年")
SHEET = "---\n政策: t\n年度: 2025\n---\n\n## 得分\n\n| 计分 | 满分 |\n|---|---|\n| 专利数 每满 1个 20分 | 60分 |\n| 收入 每满 100万元 5分 | 40分 |\n"


@pytest.mark.parametrize(("patents", "income_wan", "outcome"), [
    (3, 400, Outcome.PAYABLE),  # 60 + 20
    (9, 399, Outcome.NOT_MET),  # 60 at most + 15
    (2, 9999, Outcome.PAYABLE),  # 40 + 40 at most
    (None, 400, Outcome.NEEDS_DATA),
])  # fmt: skip
def test_a_score_sheet_adds_its_rows_each_up_to_its_most(tmp_path: Path, patents: int | None, income_wan: int, outcome: Outcome) -> None:
    policy, _ = load_policy(folder(tmp_path, SCORED))
    defects: list[object] = []
    standards = parse_standards(SHEET, "年度", policy, 2025, defects)  # type: ignore[arg-type]
    assert defects == []
    facts = firm(收入=income_wan * 1_000_000, **({} if patents is None else {"专利数": patents}))
    assert [line.outcome for line in pipeline.settle(policy, 2025, facts, standards=standards).lines] == [outcome]


def test_a_score_that_is_given_is_used_as_it_is(tmp_path: Path) -> None:
    policy, _ = load_policy(folder(tmp_path, SCORED))
    assert pipeline.settle(policy, 2025, firm(得分=80), standards=Standards(2025)).lines[0].outcome is Outcome.PAYABLE


OPEN_TOTAL = ("按收入给予5%补助，总额每年核定。", "#### 奖补 甲奖\n\n- 对象：企业\n- 标准：收入 × 5%\n- 频次：每年\n\n#### 总额 年度总额\n\n- 范围：全部奖补\n- 额度：另定 全县每年\n- 超出：按比例核减")


@pytest.mark.parametrize(("value", "found"), [("300万元", []), ("未定", []), ("300人", ["DX904"]), ("300%", ["DX904"]), ("2025-12-31", ["DX904"])])
def test_an_adopted_total_is_money(tmp_path: Path, value: str, found: list[str]) -> None:
    path = folder(tmp_path, OPEN_TOTAL)
    text = f"---\n政策: t\n年度: 2025\n---\n\n## 年度标准\n\n| 项目 | 档 | 政策规定 | 本年标准 |\n|---|---|---|---|\n| 年度总额 | | 另定 | {value} |\n"
    (path / "standards-2025.md").write_text(text, encoding="utf-8")
    assert codes(path) == found


OPEN_RATE = ("按收入给予适当补助。", "#### 奖补 甲奖\n\n- 对象：企业\n- 标准：收入 × 另定 比例\n- 频次：每年")


@pytest.mark.parametrize(("value", "found"), [("5%", []), ("5元", ["DX904"]), ("5", ["DX904"]), ("0", [])])
def test_the_unit_of_an_adopted_number_must_fit_where_it_is_used(tmp_path: Path, value: str, found: list[str]) -> None:
    path = folder(tmp_path, OPEN_RATE)
    text = f"---\n政策: t\n年度: 2025\n---\n\n## 年度标准\n\n| 项目 | 档 | 政策规定 | 本年标准 |\n|---|---|---|---|\n| 比例 | | 另定 | {value} |\n"
    (path / "standards-2025.md").write_text(text, encoding="utf-8")
    assert codes(path) == found
