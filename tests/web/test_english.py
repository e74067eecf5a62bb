"""English is complete: every sentence of the casework has its English, the compiled catalogue is the one that is read, and what is said is said."""

from __future__ import annotations

import gettext
import io
import re
from pathlib import Path

import pytest
from django.test import Client
from django.utils import translation

from duixian.web.cases.states import STATES
from duixian.web.language import said
from tests.web.cast import Cast
from tests.web.messages import CATALOGUE, CHINESE, WEB, compiled, every, read

TEMPLATES = sorted((WEB / "templates").rglob("*.html"))
GAPS = r"%\(\w+\)[sd]|%[sd]"


@pytest.fixture(scope="module")
def catalogue() -> dict[tuple[str, ...], tuple[str, ...]]:
    return read(CATALOGUE.read_text(encoding="utf-8"))[0]


def test_every_sentence_has_its_english_and_none_is_left_over(catalogue: dict[tuple[str, ...], tuple[str, ...]]) -> None:
    """Where this fails: `python -m tests.web.messages` brings the catalogue up to the source; then write the English."""
    said_now = every()
    assert [(message, said_now[message][0]) for message in said_now if not all(catalogue.get(message) or ("",))] == []
    assert [message for message in catalogue if message not in said_now and message != ("",)] == []


def test_no_english_is_a_guess() -> None:
    assert read(CATALOGUE.read_text(encoding="utf-8"))[1] == []


def test_the_english_has_the_same_gaps(catalogue: dict[tuple[str, ...], tuple[str, ...]]) -> None:
    wrong = []
    for message, english in catalogue.items():
        for text in english:
            if message != ("",) and text and (
                sorted(re.findall(GAPS, message[0])) != sorted(re.findall(GAPS, text)) or len(re.findall(r"\{\d?\}", message[0])) != len(re.findall(r"\{\d?\}", text))
            ):
                wrong.append((message, text))
    assert wrong == []


def test_the_compiled_catalogue_is_the_one_that_is_read(catalogue: dict[tuple[str, ...], tuple[str, ...]]) -> None:
    data = CATALOGUE.with_suffix(".mo").read_bytes()
    assert data == compiled(catalogue)
    known = gettext.GNUTranslations(io.BytesIO(data))
    singles = [message for message in catalogue if len(message) == 1 and message != ("",) and all(catalogue[message])]
    assert [message for message in singles if known.gettext(message[0]) != catalogue[message][0]] == []
    (first, *_) = [message for message in catalogue if len(message) == 2]
    assert [known.ngettext(*first, count) for count in (1, 2)] == list(catalogue[first])


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(WEB / "templates")))
def test_a_template_says_nothing_in_chinese_that_is_not_marked(path: Path) -> None:
    """Left out: the name of the other language, formats of days, words that are compared and anchors made of names."""
    text = path.read_text(encoding="utf-8")
    text = re.sub(r"\{%\s*blocktranslate.*?endblocktranslate\s*%\}|\{%.*?%\}|\{\{.*?\}\}|\{#.*?#\}", "", text, flags=re.S)
    text = re.sub(r'(?:id|href|value|name)="[^"]*"|[，、；：（）“”　→·]|中文', "", text)
    assert [line.strip() for line in re.findall(r"[^<>\n]*[\u4e00-\u9fff][^<>\n]*", text)] == []


@pytest.mark.parametrize("text", sorted({word for words in STATES.values() for word in words[:2]}))
def test_a_state_has_its_english(text: str) -> None:
    with translation.override("en"):
        assert not CHINESE.search(said(text))


@pytest.mark.parametrize(("chinese", "english"), [
    ("一项申报最多 20 个文件。请先删掉不要的，或合并成一个 PDF。", "At most 20 files for one claim. Remove some first, or put them into one PDF."),
    ("批次现在是“受理中”，不能这样做。", "The cycle is now “Open”; this cannot be done."),
    ("本批次已经有人为“甲店”申报新注册店铺奖励。请与属地核实部门联系。", "Someone in this cycle has already applied for 新注册店铺奖励 for “甲店”. Please ask the township."),
    ("封顶 50万元 每企业每年，已用 5万元", "cap 500,000 yuan 每企业每年, 50,000 yuan used"),
    ("可付", "payable"), ("没有人说过的一句话", "没有人说过的一句话"), ("", ""),
])  # fmt: skip
def test_a_finished_sentence_is_said_in_english_where_it_is_shown(chinese: str, english: str) -> None:
    assert said(chinese) == chinese
    with translation.override("en"):
        assert said(chinese) == english


@pytest.mark.django_db
@pytest.mark.parametrize(("who", "address", "words"), [
    ("", "/", "What a policy promises, honoured sentence by sentence"), ("", "/library/", "Policy library"), ("", "/account/login/", "Password"), ("", "/notices/", "Before anything is paid"),
    ("officer", "/work/", "Worklist"), ("officer", "/cycles/", "Cycles"), ("head", "/accounts/", "Yearly totals and ledger"), ("applicant", "/apply/", "My applications"),
    ("finance", "/requests/", "Payment requests"), ("admin", "/people/", "People and seats"), ("admin", "/record/", "Record"),
])  # fmt: skip
def test_the_main_page_of_every_seat_is_in_english_once_asked_for(cast: Cast, who: str, address: str, words: str) -> None:
    client = cast.client(who) if who else Client()
    client.post("/language/setlang/", {"language": "en", "next": "/"})
    html = client.get(address).content.decode()
    assert '<html lang="en">' in html
    assert words in html
