"""A policy as a text to read: every word of the official text in its order, every block under its sentence, the words that decide marked."""

from __future__ import annotations

import pytest

from duixian.policy.document import split
from duixian.policy.emphasis import pieces
from duixian.policy.text import PolicyText

from .applicant import POLICIES, programme

NAMES = sorted(path.name for path in POLICIES.iterdir() if path.is_dir())


def ink(text: PolicyText) -> str:
    """The official words of a text, headings and quotes, without white space."""
    found = [text.title] if text.title else []
    for chapter in text.chapters:
        found.append(chapter.title)
        for article in chapter.articles:
            found += [article.title, *(sentence.text for sentence in article.sentences)]
    return "".join("".join(found).split())


@pytest.mark.parametrize("name", NAMES)
def test_the_text_is_the_official_text_word_for_word(name: str) -> None:
    found = programme(name)
    assert ink(found.text()) == "".join(found.policy.source.ink.split())


@pytest.mark.parametrize("name", NAMES)
def test_every_sentence_has_a_disposition_and_every_block_stands_once(name: str) -> None:
    policy, text = programme(name).policy, programme(name).text()
    sentences = [sentence for article in text.articles for sentence in article.sentences]
    assert [sentence.text for sentence in sentences if not (sentence.not_computed or sentence.rules or sentence.blocks or sentence.readings)] == []
    assert [rule.name for rule in text.rules] == [block.name for block in policy.document.blocks if block.name in policy.rules and policy.rules[block.name].block is block]
    assert sorted(reading.name for reading in text.readings) == sorted(policy.readings)
    anchors = [sentence.anchor for sentence in sentences] + [article.anchor for article in text.articles] + [chapter.anchor for chapter in text.chapters]
    assert len(anchors) == len(set(anchors))


def test_the_founding_policies_have_their_twenty_articles_and_eight_measures() -> None:
    numbers = [article.number for article in programme("jinyun-2025").text().articles]
    assert (len(numbers), numbers[0], numbers[-1]) == (20, "（一）", "（二十）")
    zibo = programme("zibo-2022").text()
    assert [chapter.title[:2] for chapter in zibo.chapters if chapter.title] == ["一、", "二、", "三、", "四、", "五、", "六、", "七、", "八、"]
    assert zibo.articles[-1].label == "其他规定"  # what follows the eighth measure is not part of it


@pytest.mark.parametrize(("text", "marked"), [
    ("网络零售额超2000万元的，给予每月6元/平米的房租补助", ["超2000万元", "6元/平米"]),
    ("当年增长率超过（含）10%以上且不低于5%的", ["超过（含）10%以上", "不低于5%"]),
    ("最高给予5元流量补贴，每家企业最高补贴10万元", ["最高给予5元", "最高补贴10万元"]),
    ("（五）纳入统计直报系统的电商企业", []),
    ("展位费给予全额补助，一次性发放", ["全额", "一次性"]),
])  # fmt: skip
def test_the_words_that_decide(text: str, marked: list[str]) -> None:
    found = list(pieces(text, True))
    assert [piece.text for piece in found if piece.decides] == marked
    assert "".join(piece.text for piece in found) == text
    assert [piece.decides for piece in pieces(text, False)] == [False]


def test_the_year_shows_its_standards_its_readings_and_why() -> None:
    found = programme("zibo-2022")
    own, year = found.text(), found.text(standards=found.standards(2025))
    card = {name: next(rule for rule in text.awards if rule.name == "电商村奖励") for name, text in (("own", own), ("year", year))}
    assert (card["own"].waits, card["year"].waits) == (True, False)
    assert any("（本年 20万元）" in line for row in card["year"].rows for line in row.lines)
    reading = next(one for one in year.readings if one.name == "同一销售额")
    assert (reading.chosen, reading.choice, reading.changed, bool(reading.why)) == ("就高", "都给", True, True)
    assert not any(one.changed for one in own.readings)


def test_the_same_text_in_english_keeps_the_policys_own_words() -> None:
    found = programme("zibo-2022").text(language="en")
    award = next(rule for rule in found.awards if rule.name == "流量补贴")
    assert (award.kind_word, award.most) == ("award", "at most 100,000 yuan")
    assert ink(found) == ink(programme("zibo-2022").text())


@pytest.mark.parametrize(("award", "most"), [("流量补贴", "最高 10万元"), ("电商村奖励", "不超过 30万元"), ("县域配送中心支持", "50万元"), ("自播奖励", "不超过 30万元")])
def test_the_most_an_award_can_come_to(award: str, most: str) -> None:
    assert next(rule.most for rule in programme("zibo-2022").text().awards if rule.name == award) == most


def test_what_the_year_has_set_is_said_in_english_too() -> None:
    found = programme("zibo-2022")
    chinese, english = ("\n".join(found.show(standards=found.standards(2024), language=language)) for language in ("zh", "en"))
    assert "（本年 6000万元）" in chinese
    assert "(this year 60,000,000 yuan)" in english
    assert "this year 6000万元" not in english


@pytest.mark.parametrize(("lines", "clauses"), [
    (["1、对企业。", "2、对农户。", "对两者都。"], ["1", "2", "2"]),
    (["1.对企业。", "2．对农户。", "（3）对两者都。"], ["1", "2", "3"]),
    (["1.5亿元以上的。", "2025年起。", "12、对企业。"], ["", "", "12"]),
    (["（一）对下列：", "1、企业；", "2、农户。", "（二）另外："], ["（一）", "（一）", "（一）", "（二）"]),
    (["## 一、支持", "1、对企业。"], ["一"]),
    (["## 支持", "1、对企业。", "## 附则", "本办法自印发之日起施行。"], ["1", ""]),
])  # fmt: skip
def test_the_number_of_a_clause_is_the_one_the_text_counts_by(lines: list[str], clauses: list[str]) -> None:
    text = "\n\n".join(line if line.startswith("#") else f"> {line}" for line in lines)
    assert [quote.clause for quote in split(text, "例.md", []).quotes] == clauses
