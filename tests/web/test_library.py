"""What everybody may read: the front page, the library, a policy sentence by sentence; and what stays inside."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest
from django.test import Client
from django.utils import translation

from duixian.web.cases import library
from duixian.web.cases.models import Cycle
from tests.web.cast import Cast, programme, version_of

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).resolve().parents[2] / "policies"


def page(address: str, client: Client | None = None) -> str:
    """A page's HTML, after it was found."""
    answer = (client or Client()).get(address)
    assert answer.status_code == 200, answer.status_code
    return answer.content.decode()


def words_of(html: str) -> str:
    """The official words on a page: what stands in headings of the text and in quotes, tags and white space left out."""
    parts = re.findall(r'<(h[123]) class="official"[^>]*>(.*?)</\1>|<blockquote[^>]*>(.*?)</blockquote>', html, re.S)
    return re.sub(r"<[^>]+>|\s", "", "".join(heading + quote for _, heading, quote in parts)).replace("&amp;", "&")


@pytest.mark.parametrize("name", ["zibo-2022", "jinyun-2025"])
def test_the_page_of_a_policy_holds_its_official_text_word_for_word(cast: Cast, name: str) -> None:
    source = re.sub(r"\s", "", (ROOT / name / "source.txt").read_text(encoding="utf-8"))
    assert words_of(page(f"/policy/{name}/")) == source


@pytest.mark.parametrize("name", ["zibo-2022", "jinyun-2025"])
def test_every_rule_and_every_reading_of_a_policy_is_on_its_page_once(cast: Cast, name: str) -> None:
    html = page(f"/policy/{name}/")
    policy = programme(name).policy
    assert [rule for rule in policy.rules if html.count(f'id="{rule}"') != 1] == []
    assert [reading for reading in policy.readings if html.count(f'id="口径-{reading}"') != 1] == []


def test_the_words_that_decide_are_marked_and_the_others_are_not(cast: Cast) -> None:
    html = page("/policy/zibo-2022/")
    for words in ("3000万元（含）以上", "不超过500万元", "最高给予5元", "首次达到5000万元"):
        assert f"<mark>{words}</mark>" in html
    assert "<mark>5年" not in html  # a term of the use of land, not of money


def test_an_adopted_standard_stands_beside_the_ceiling_of_the_policy(cast: Cast) -> None:
    assert "不超过 30万元（本年 20万元）" in page("/policy/zibo-2022/")
    assert "（本年" not in page("/policy/zibo-2022/?cycle=none")


def test_a_reading_says_who_decided_it_and_on_which_document(cast: Cast) -> None:
    Cycle.objects.filter(pk=cast.zibo.pk).update(
        readings=[{"reading": "村镇频次", "option": "每年", "who": "演示局长办公会", "when": "2026-01-15", "document": "演示纪要〔2026〕1号"}]
    )
    html = page("/policy/zibo-2022/")
    assert "演示局长办公会" in html
    assert "演示纪要〔2026〕1号" in html
    assert "本年改选" in html


def test_the_calculator_is_one_click_from_an_award(cast: Cast) -> None:
    assert f"/calculator/{cast.zibo.pk}/" in page("/policy/zibo-2022/")


def test_a_policy_from_which_no_cycle_was_opened_is_for_the_bureau_alone(cast: Cast) -> None:
    version_of("sample-clauses")
    Cycle.objects.filter(pk=cast.jinyun.pk).update(state="preparing")
    for name in ("sample-clauses", "jinyun-2025"):
        assert Client().get(f"/policy/{name}/").status_code == 404
        assert cast.client("outsider").get(f"/policy/{name}/").status_code == 404
        assert cast.client("officer").get(f"/policy/{name}/").status_code == 200
    listed = page("/library/")
    assert "/policy/zibo-2022/" in listed
    assert "/policy/jinyun-2025/" not in listed


def test_how_a_policy_stands_on_the_day_before_and_the_day_after(cast: Cast) -> None:
    version = cast.zibo.version_of
    text = library.text_of(version)
    said = [library.standing(version, text, day).key for day in (date(2022, 9, 30), date(2022, 10, 1), date(2027, 9, 30), date(2027, 10, 1))]
    assert said == ["coming", "force", "force", "expired"]
    version.draft = True
    assert library.standing(version, text, date(2027, 10, 1)).key == "draft"


def test_a_search_finds_sentences_awards_and_readings_where_every_word_stands(cast: Cast) -> None:
    text = library.text_of(cast.zibo.version_of, cast.zibo)
    assert [hit.award for hit in library.search(text, "直播 佣金") if hit.award] == ["生产企业佣金补助"]
    assert any(hit.anchor == "口径-不足一万" for hit in library.search(text, "零头"))
    assert library.search(text, "没有这个词") == library.search(text, "  ") == []
    html = page("/library/?q=佣金")
    assert "<mark>佣金</mark>" in html
    assert "没有找到" in page("/library/?q=没有这个词")


def test_what_is_searched_for_is_shown_as_text(cast: Cast) -> None:
    for address in ("/library/", "/policy/zibo-2022/"):
        assert "<script>alert" not in page(f"{address}?q=%3Cscript%3Ealert(1)%3C/script%3E")


def test_the_front_page_says_what_is_open_and_for_how_many_working_days(cast: Cast) -> None:
    html = page("/")
    assert cast.zibo.name in html
    assert "个工作日后截止" in html
    assert "流量补贴" in html
    Cycle.objects.update(state="closed")
    assert "现在没有正在受理的批次" in page("/")


def test_a_page_is_in_chinese_whatever_the_browser_speaks_and_in_english_once_asked_for(cast: Cast) -> None:
    client = Client(headers={"accept-language": "en"})
    assert 'lang="zh-CN"' in page("/", client)
    client.post("/language/", {"language": "en", "next": "/"})
    assert '<html lang="en">' in page("/", client)
    assert "at most 300,000 yuan" in page("/policy/zibo-2022/", client)
    assert translation.get_language() == "zh-hans"


def test_the_pages_ask_the_database_little(cast: Cast, django_assert_max_num_queries: object) -> None:
    for address in ("/", "/library/?q=直播", "/policy/jinyun-2025/"):
        page(address)
        with django_assert_max_num_queries(12):
            page(address)
