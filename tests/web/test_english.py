"""English is complete: every sentence of the casework has its English, the compiled catalogue is the one that is read, and what is said is said."""

from __future__ import annotations

import gettext
import html
import io
import re
from pathlib import Path

import pytest
from django.test import Client
from django.utils import translation
from openpyxl import load_workbook

from duixian.web.cases.models import Line
from duixian.web.cases.policies import programme_of
from duixian.web.cases.states import STATES
from duixian.web.language import said
from duixian.web.registry.models import Party
from tests.web.cast import Cast
from tests.web.messages import CATALOGUE, CHINESE, WEB, compiled, every, read
from tests.web.scene import Scene
from tests.web.test_pages import GONE, PAGES, SEATS, may

TEMPLATES = sorted((WEB / "templates").rglob("*.html"))
FORMS = {"template"}  # its heads are the names of facts, and are read again
QUOTES = {"policy"}  # the text of a policy and its files, sentence by sentence
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
    ("核定 1.5万元，接下来公示。", "Decided: 15,000 yuan; next it is published."), ("未超出", "within the total"),
    ("企业 91000000MA00000001 2025年 守法诚信经营（主管部门确定）", "企业 91000000MA00000001 2025 守法诚信经营 (the office)"),
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
    client.post("/language/", {"language": "en", "next": "/"})
    page = client.get(address).content.decode()
    assert '<html lang="en">' in page
    assert words in page


@pytest.mark.django_db(transaction=True)
def test_no_word_of_the_casework_itself_stays_chinese_on_any_page_or_in_any_workbook(scene: Scene) -> None:
    """Whole texts of pages and cells that are sentences of the catalogue. What a policy, a firm or an officer wrote is theirs, and so is a form that is read again (`FORMS`)."""
    cast, left = scene.cast, set()
    own = {message[0] for message in every() if CHINESE.search(message[0])}
    theirs = {word for kinds in (scene.paid, scene.open) for word in words_of(programme_of(kinds.version_of).policy)} | {"属实", "一事一议", "账号", "申报单位", "未定", *(str(kind) for kind in Party.Kind)}
    for who in ("", "applicant", *SEATS):
        client = cast.client(who) if who else Client()
        client.post("/language/", {"language": "en", "next": "/"})
        for route in PAGES:
            if route.named in GONE | FORMS | QUOTES or not may(route, who, cast):
                continue
            answer = client.get(scene.address(route, who if who != "applicant" else "outsider"))
            if answer.status_code == 200:
                left |= {(route.named, text) for text in texts_of(answer) if text in own - theirs}
    assert not left, "\n".join(f"{page}: {text}" for page, text in sorted(left))


@pytest.mark.django_db(transaction=True)
def test_the_steps_of_a_line_are_said_in_the_language_of_the_page(scene: Scene) -> None:
    client, why = scene.cast.client("officer"), {}
    line = Line.objects.filter(settlement__cycle=scene.paid, settlement__state="frozen", explanation__contains="频次 ").first()
    for language in ("zh", "en"):
        client.post("/language/", {"language": language, "next": "/"})
        why[language] = re.findall(r'class="why">([^<]+)<', client.get(f"/cycles/line/{line.pk}/").content.decode())
    assert len(why["zh"]) == len(why["en"]) > 1
    assert any(text.startswith("频次 ") for text in why["zh"])
    assert any(text.startswith("frequency: ") for text in why["en"])


def words_of(policy: object) -> set[str]:
    """What a policy calls things: its objects, facts, options, rules and stages of its procedure."""
    vocabulary = policy.vocabulary
    facts = [fact for kind in vocabulary.objects for fact in vocabulary.facts(kind)]
    return {*vocabulary.objects, *policy.rules, *policy.readings, *(option for reading in policy.readings.values() for option in reading.options), *(fact.name for fact in facts),
            *(option for fact in facts for option in fact.options)}  # fmt: skip


def texts_of(answer: object) -> set[str]:
    """The texts of a page, each whole; the cells and names of sheets of a workbook."""
    data = b"".join(answer.streaming_content) if answer.streaming else answer.content
    if data[:2] == b"PK":
        sheets = load_workbook(io.BytesIO(data)).worksheets
        return {sheet.title for sheet in sheets} | {str(cell.value) for sheet in sheets for row in sheet.iter_rows() for cell in row}
    page = re.sub(r"<(script|style|pre)\b.*?</\1>", "", data.decode("utf-8", "replace"), flags=re.S)
    return {html.unescape(" ".join(text.split())) for text in (*re.findall(r">([^<>]+)<", page), *re.findall(r'(?:title|aria-label|placeholder|data-confirm|alt|data-label)="([^"]+)"', page))}
