"""Every sentence that is printed exists in both languages, and the policy can be said back: the whole of it and each award."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import duixian
from duixian.policy.outline import show_policy
from duixian.policy.render import phrase, show
from duixian.policy.show import show_award
from duixian.policy.syntax import Frequency, Scope, Time
from duixian.values import english
from duixian.values.english import ENGLISH
from duixian.values.facts import Facts
from duixian.values.labels import amount_text, number_text, reason_text, say
from duixian.values.money import yuan_text

from .applicant import POLICIES, programme
from .literate import POLICIES as LITERATE
from .literate import Literate, lay_out, read

SOURCE = Path(__file__).resolve().parents[1] / "src" / "duixian"
CHINESE = re.compile("[\u4e00-\u9fff]")
NAMES = sorted(path.name for path in POLICIES.iterdir() if path.is_dir())


def strings(path: Path) -> Iterator[str]:
    """The texts of a module, docstrings left out; what is filled in stands as {}."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    docs = {id(node.body[0].value) for node in ast.walk(tree)
            if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef)) and node.body and isinstance(node.body[0], ast.Expr)}  # fmt: skip
    inner = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values if isinstance(part, ast.Constant)}
    for node in ast.walk(tree):
        if id(node) in docs or id(node) in inner:
            continue
        if isinstance(node, ast.JoinedStr):
            yield "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


PRINTING = ("cli.py", "usage.py", "web/command.py", "report.py", "policy/show.py", "policy/outline.py", "policy/reader.py", "engine/explain.py", "engine/tell.py", "engine/advise.py", "engine/gaps.py", "award/record.py", "values/terms.py")


def test_every_sentence_that_is_said_has_its_english() -> None:
    missing = []
    for name in PRINTING[:8]:
        for node in ast.walk(ast.parse((SOURCE / name).read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and node.args and getattr(node.func, "id", getattr(node.func, "attr", "")) in ("say", "words"):
                first = node.args[0]
                if (
                    isinstance(first, ast.Constant)
                    and isinstance(first.value, str)
                    and not any(isinstance(part, ast.Name) and part.id == "speaker" for part in ast.walk(node.func))
                ):
                    missing += [first.value] if first.value not in ENGLISH else []
    assert missing == []


def test_no_english_sentence_is_left_over() -> None:
    said = {text for name in PRINTING for text in strings(SOURCE / name)} | {"认定", "登记", "通则", "参数", "程序", "征求意见稿"}
    assert sorted(set(ENGLISH) - said) == []


def test_a_sentence_names_the_same_things_in_both_languages() -> None:
    for chinese, text in ENGLISH.items():
        assert set(re.findall(r"\{(\w+)\}", chinese)) == set(re.findall(r"\{(\w+)\}", text)), chinese


@pytest.mark.parametrize("name", ["award/waterfall.py", "award/ranking.py", "award/totals.py"])
def test_every_reason_the_waterfall_gives_has_its_english(name: str) -> None:
    """Texts with a space or a sign are sentences; single words of the language are values, not reasons."""
    known = [pattern for pattern, _ in (*english.REASONS, *english.NOTES)]
    parts = (  # of sentences that are tested whole, and words a policy writes
        "，已用 {}", " 的本年标准未定", "暂估，不能支付：", "有可以下调的另定标准", "固定标准已超过总额", "{} {}", "其他政策已付 {}，{}",
        "补差(已付金额)", "补差(档位标准)", "申报单位选择", "由申报单位选定", "下调标准（各项另定标准按 {} 下调）", "（没有先调低本年标准）",
        "（各笔合计，这一笔最大）",
    )  # fmt: skip
    for text in strings(SOURCE / name):
        if CHINESE.search(text) and (len(text) > 5 or "{}" in text) and text not in parts:
            filled = (
                text.replace("{}元", "1元")
                .replace("{} {}，申报合计 {}：{}", "甲 1元，申报合计 1元：按比例核减")
                .replace("：{} 由申报", "：甲 1元 由申报")
                .replace("：{} 较高", "：甲 1元 较高")
                .replace("{}年", "2025年")
                .replace("{}", "1")
            )
            assert any(pattern.fullmatch(filled) for pattern in known), text


@pytest.mark.parametrize(("reason", "said"), [
    ("封顶 50万元 每企业每年，已用 5万元", "cap 500,000 yuan 每企业每年, 50,000 yuan used"),
    ("不满足：甲，实际 29家；不满足：乙，实际 否", "fails: 甲, actually 29; fails: 乙, actually no"),
    ("流量补贴总额 500万元，申报合计 600万元：按比例核减", "流量补贴总额 5,000,000 yuan, claims 6,000,000 yuan: cut in proportion"),
    ("年度奖励资金总额不足，已按比例核减；另有 3 笔待补充没有参加分配。",
     "年度奖励资金总额 falls short: cut in proportion; 3 waiting claims took no part."),
])  # fmt: skip
def test_a_reason_in_english(reason: str, said: str) -> None:
    assert reason_text(reason, "en") == said


@pytest.mark.parametrize(("fen", "chinese", "text"), [
    (0, "0元", "0 yuan"), (1, "0.01元", "0.01 yuan"), (7_200_000, "72000元", "72,000 yuan"), (50_000_000, "50万元", "500,000 yuan"),
    (21_000_000_000, "2.1亿元", "210,000,000 yuan"), (10_000_000_000, "1亿元", "100,000,000 yuan"), (-30_000, "-300元", "-300 yuan"),
    (1_500_250, "15002.5元", "15,002.5 yuan"), (10_000_000_001, "100000000.01元", "100,000,000.01 yuan"),
])  # fmt: skip
def test_an_amount_for_people(fen: int, chinese: str, text: str) -> None:
    assert (amount_text(fen), amount_text(fen, "en")) == (chinese, text)
    if abs(fen) < 10_000_000_000:
        assert amount_text(fen) == yuan_text(fen)


def test_a_number_without_a_finite_decimal_says_that_it_is_rounded() -> None:
    from fractions import Fraction

    assert number_text(Fraction(100, 9)) == "约11.1111" and number_text(Fraction(1, 8)) == "0.125"


# --- show -------------------------------------------------------------------------------------------------------------------------------------


def test_an_award_is_said_back_as_it_is_now_read() -> None:
    assert "\n".join(show_award(programme().policy, "达人号培育奖励")).startswith("""\
达人号培育奖励（八）　奖补
原文：支持本地短视频、网络直播达人号培育，粉丝数达到100万、200万、500万、1000万的，分别给予达人号运营主体一次性奖励2万元、5万、7.5万、10万元，有负面新闻或不符合主流价值观的取消其奖励资格。

读作
  对象：每个达人号　受益人：运营主体
  条件，都要满足
    本地
    受益人的本县依法成立（通则“申报主体”）
    受益人的守法诚信经营（通则“申报主体”）
    受益人的主体类型 不是 自然人①（通则“申报主体”）
  有下列情形的取消：负面情形
  有下列情形的取消：受益人的弄虚作假②，追回已付（通则“弄虚作假”）
  给予（从上往下看，第一个满足的为准）
    粉丝数③ 达到 1000万人（≥）  → 10万元
    粉丝数③ 达到 500万人（≥）   → 7.5万元
    粉丝数③ 达到 200万人（≥）   → 5万元
    粉丝数③ 达到 100万人（≥）   → 2万元

一笔钱怎样算成
  计算额  上面的标准；条件不满足的不算
  舍入后  四舍五入到分④
  补差后  频次 一次性 每达人号③；晋档 补差（已付金额）⑤
  封顶后  没有封顶
  名额后  没有名额限制
  就高后  提示　达人与主播：与 主播贡献奖励 同一 年度 的，只提醒，不减钱
          停用　企业全年：与 全部奖补（同一 受益人、年度）
          同一事项按其他文件得过钱的：差额（封顶后抵扣）
  核减后  不占总额
  应付    征求意见稿，只能试算

口径
""")


def test_a_group_of_one_award_compares_its_claims_and_a_year_counted_from_a_date_is_not_told_from_the_ledger(tmp_path: Path) -> None:
    policy = duixian.load(lay_out(read(LITERATE / "good" / "instalments-by-year.md"), tmp_path)).policy
    text = "\n".join(show_award(policy, "投资补助"))
    assert "启用　企业年度：同一 企业、年度 的几笔，只给高的一笔" in text
    assert "台账里第一次得奖" not in text
    assert "of several with the same" in "\n".join(show_award(policy, "投资补助", language="en"))


def test_a_choice_of_the_applicant_is_said_and_one_year_is_not_years(tmp_path: Path) -> None:
    policy = duixian.load(lay_out(read(LITERATE / "good" / "highest-by-choice.md"), tmp_path)).policy
    text = "\n".join(show_award(policy, "零售奖励"))
    assert "同一 受益人、年度 的，只给申报单位选的一项" in text and "只给高的" not in text
    assert "（同一 受益人、年度）（申报单位选择）" in "\n".join(show_policy(policy))
    assert "the applicant chooses" in "\n".join(show_award(policy, "零售奖励", language="en")) and "(the applicant chooses)" in "\n".join(show_policy(policy, language="en"))
    other = duixian.load(lay_out(read(LITERATE / "good" / "outside-payments.md"), tmp_path)).policy
    assert "  同一事项按其他文件得过钱的：差额（封顶后抵扣）" in show_policy(other)
    assert [show(count, "年", "en") for count in (1, 2)] == ["1 year", "2 years"]
    assert phrase(Frequency(None, Scope((), Time("每N年", 1)), 1), "en") == "every year, at most 1 year in all, every 1 year"


def test_the_lines_of_a_quote_stand_below_each_other_wherever_it_is_shown(tmp_path: Path) -> None:
    text = read(LITERATE / "good" / "duration.md").policy.replace("> 对存续期满1年、距开业不满3个月的店铺", "> （一）对下列店铺：\n> 1．存续期满1年、\n> 2．距开业不满3个月的，")
    found = duixian.load(lay_out(Literate(tmp_path / "例.md", text), tmp_path / "例"))
    facts = Facts(listed={"店铺", "企业"})
    facts.add("店铺", "甲店").values[("企业", None)] = facts.add("企业", "甲公司").key
    for lines in (found.show("存续奖励"), found.settle(2025, facts, engine="interpret").explain("甲店")):
        place = lines.index("原文：（一）对下列店铺：")
        assert lines[place + 1 : place + 3] == ["      1．存续期满1年、", "      2．距开业不满3个月的，分别奖励1万元、2万元。"]
    assert found.form("存续奖励", 2025, "企业").quote == "（一）对下列店铺：\n1．存续期满1年、\n2．距开业不满3个月的，分别奖励1万元、2万元。"


def test_only_the_pot_of_all_could_have_been_kept_by_lower_standards(tmp_path: Path) -> None:
    text = read(LITERATE / "good" / "total-for-each-payee.md").policy.replace("按零售额的1%给予", "给予").replace("零售额 × 1%", "零售额 × 另定 比例").replace("先到先得", "按比例核减")
    text = re.sub(r"(?m)^\|.*\n", "", text)
    found = duixian.load(lay_out(Literate(tmp_path / "例.md", text), tmp_path / "例"))
    (tmp_path / "2025.md").write_text("---\n政策: 例\n年度: 2025\n---\n\n## 年度标准\n\n| 项目 | 本年标准 |\n|---|---|\n| 比例 | 1% |\n", encoding="utf-8")
    facts = Facts(listed={"企业"})
    for name in ("甲", "乙", "丙"):
        facts.add("企业", name).values[("零售额", 2025)] = 70_000_000 * 100
    settled = found.settle(2025, facts, standards=found.standards(2025, tmp_path / "2025.md"))  # twice
    assert {total.name: total.method for total in settled.totals} == {"单个企业": "未超出", "一个对象": "按比例核减", "全县": "按比例核减（没有先调低本年标准）"}


def test_another_choice_changes_the_sentence_and_is_marked() -> None:
    text = "\n".join(show_award(programme().policy, "达人号培育奖励", {"达人号合并": "合并"}))
    assert "合计（使用人的达人号，粉丝数）③ 达到 1000万人（≥）" in text
    assert "      ○ 分开　● 合并\n      本年改选；政策文件选的是“分开”：达人号就是账号" in text


@pytest.mark.parametrize("name", NAMES)
def test_everything_of_every_policy_can_be_said_back_in_both_languages(name: str) -> None:
    policy = programme(name).policy
    for language in ("zh", "en"):
        lines = show_policy(policy, language=language)
        assert all(block.name in "\n".join(lines) for block in policy.document.blocks if block.kind in ("奖补", "认定", "登记", "口径", "总额"))
        for award in policy.rules:
            assert not any(
                "【" in line and "这样读" not in line and "as read" not in line for line in show_award(policy, award, language=language)[2:]
            )


@pytest.mark.parametrize("name", NAMES)
def test_every_option_of_every_reading_can_be_said(name: str) -> None:
    policy = programme(name).policy
    for reading in policy.readings.values():
        for option in reading.options:
            text = "\n".join(show_policy(policy, {reading.name: option}))
            assert f"● {option.replace('(', '（').replace(')', '）')}" in text


def test_words_outside_the_tables_are_refused_not_guessed() -> None:
    with pytest.raises(KeyError):
        say("没有译文的话", "en")
