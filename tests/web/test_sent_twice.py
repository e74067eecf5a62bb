"""A button pressed twice, a page sent again, the same form in two windows: what was meant once is done once."""

from __future__ import annotations

import time
from typing import Any

import pytest
from django.db.models import Count
from django.urls import reverse

from duixian.web.cases.actions import handling, noticing
from duixian.web.cases.models import Comment, Cycle, Line, Objection, SpecialDecision
from tests.web import kept
from tests.web.browser import Person
from tests.web.cast import Cast, make_cast, submitted
from tests.web.journey import Journey
from tests.web.scene import decided_case

pytestmark = [pytest.mark.django_db, pytest.mark.xdist_group("browser")]


def _decided() -> Cast:
    cast = make_cast()
    decided_case(cast)
    return cast


@pytest.mark.parametrize(("who", "name", "field"), [("officer", "case_comment", "text"), ("applicant", "reply", "text")])
def test_a_note_is_written_once(cast: Cast, who: str, name: str, field: str) -> None:
    case = submitted(cast)
    for _ in range(2):
        assert cast.client(who).post(reverse(name, args=[case.number]), {field: "请看合同第三页"}).status_code == 302
    assert Comment.objects.count() == 1
    cast.client(who).post(reverse(name, args=[case.number]), {field: "请看合同第四页"})
    assert Comment.objects.count() == 2


def test_an_objection_is_taken_once_and_keeps_its_number(db: None) -> None:
    cast = kept.once(_decided)
    notice = noticing.publish(Cycle.objects.select_related("version_of").get(pk=cast.zibo.pk), cast.seats["officer"], "")
    line = Line.objects.filter(state="noticed").first()
    said = {"name": "演示群众", "contact": "000-0", "text": "在外地经营（合成）"}
    first, again = noticing.object_to(notice, line, **said), noticing.object_to(notice, line, **said)
    assert first == again and Objection.objects.count() == 1
    assert noticing.object_to(notice, line, **said | {"text": "另有一件（合成）"}) != first


def test_a_decision_outside_the_rules_is_proposed_once(cast: Cast) -> None:
    given = {"party": cast.firm.code, "clause": "五", "subject": "论坛承办（合成）", "amount_fen": "8万", "reason": "合成", "document": "纪要（合成）"}
    told = [cast.client("officer").post(reverse("special_list", args=[cast.zibo.pk]), given, follow=True).content.decode() for _ in range(2)]
    assert SpecialDecision.objects.count() == 1
    assert "已经提出" in told[1]


def test_two_cycles_of_a_year_do_not_have_one_name(cast: Cast) -> None:
    given = {"version_of": cast.zibo.version_of_id, "name": "2026年第一批", "year": "2025", "opens": "2026-03-01", "closes": "2026-03-31", "notice_days": "5", "standards": cast.zibo.standards}
    told = [cast.client("officer").post(reverse("cycle_new"), given, follow=True).content.decode() for _ in range(2)]
    assert [row["n"] for row in Cycle.objects.values("name").annotate(n=Count("pk")).order_by("name")] == [1, 1, 1], told[0][-3000:]
    assert "已经有批次" in told[1]


def test_on_a_slow_line_a_button_pressed_again_is_pressed_once_and_works_on_the_way_back(live_server: Any, cast: Cast, browser: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    write = handling.comment
    monkeypatch.setattr(handling, "comment", lambda *given, **more: (time.sleep(0.8), write(*given, **more)))
    case = submitted(cast)
    one: Person = Journey(browser, live_server.url, cast, cast.zibo, "twice", None).person("officer")
    sent: list[str] = []
    one.page.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
    one.opens(reverse("case", args=[case.number]))
    one.page.get_by_label("写留言").fill("请补一张照片")
    one.page.evaluate("""() => { const button = document.querySelector("form[action$='/comment/'] button");
        for (const wait of [0, 150, 300]) setTimeout(() => button.click(), wait); }""")  # nothing seems to happen: once more
    one.page.get_by_text("内部留言已记下").wait_for()
    assert len(sent) == 1 and Comment.objects.count() == 1
    one.page.go_back()
    one.page.get_by_label("写留言").fill("再补一张")
    one.page.get_by_role("button", name="留言", exact=True).click()
    one.page.get_by_text("再补一张").first.wait_for()
    assert len(sent) == 2 and Comment.objects.count() == 2
    one.leaves()
