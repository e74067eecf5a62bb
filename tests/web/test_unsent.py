"""A session that ran out, or a form of before one signed in again, loses nothing that was typed; a form from elsewhere carries nothing in."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from duixian.web.cases.models import Comment, Notice
from tests.web.cast import Cast, submitted
from tests.web.scene import Scene

pytestmark = pytest.mark.django_db
HERE = {"origin": "http://testserver", "referer": "http://testserver/cases/1/?edit=2"}
SAID = "现场看过，合同和发票都对得上，面积也量过。\n另附照片三张。"


def hidden(answer: Any) -> dict[str, str]:
    """The fields a page carries along."""
    return dict(re.findall(r'<textarea name="([^"]+)" hidden>\n([^<]*)</textarea>', answer.content.decode()))


def test_what_was_typed_when_the_session_had_run_out_is_on_the_page_that_says_so_and_can_be_sent_again(cast: Cast) -> None:
    address = reverse("case_comment", args=[submitted(cast).number])
    answer = Client().post(address, {"text": SAID}, headers=HERE)
    assert answer.status_code == 401
    assert "登录已经过期" in answer.content.decode()
    assert f'action="{address}"' in answer.content.decode()
    assert answer["Cache-Control"] == "no-store"
    assert not Comment.objects.exists()
    assert cast.client("officer").post(address, hidden(answer)).status_code == 302
    assert Comment.objects.get().text == SAID


def test_a_form_of_before_one_signed_in_again_is_offered_again_with_a_token_of_now(cast: Cast) -> None:
    address = reverse("case_comment", args=[submitted(cast).number])
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast.seats["officer"].user)
    answer = client.post(address, {"text": SAID, "csrfmiddlewaretoken": "of-before"}, headers=HERE)
    assert answer.status_code == 403
    assert hidden(answer) == {"text": SAID}
    token = re.search(r'<section class="card narrow">.*?name="csrfmiddlewaretoken" value="([^"]+)"', answer.content.decode(), re.DOTALL)[1]
    assert client.post(address, hidden(answer) | {"csrfmiddlewaretoken": token}, headers=HERE).status_code == 302
    assert Comment.objects.get().text == SAID


@pytest.mark.parametrize("elsewhere", [{}, {"origin": "http://elsewhere.example"}, {"origin": "null"}])
def test_a_form_from_elsewhere_is_not_carried_along(cast: Cast, elsewhere: dict[str, str]) -> None:
    address = reverse("case_comment", args=[submitted(cast).number])
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast.seats["officer"].user)
    answer = client.post(address, {"text": SAID}, headers=elsewhere)
    assert answer.status_code == 403
    assert SAID[:8] not in answer.content.decode()
    assert Client().post(address, {"text": SAID}, headers=elsewhere).status_code == 302


def test_a_password_is_never_put_back_on_a_page(cast: Cast) -> None:
    client = Client(enforce_csrf_checks=True)
    for address in ("/account/login/", reverse("people")):
        answer = client.post(address, {"login": "officer", "password": "not-to-be-shown-1"}, headers=HERE)
        assert "not-to-be-shown-1" not in answer.content.decode()


def test_files_cannot_be_carried_along_and_the_page_says_so(cast: Cast) -> None:
    address = reverse("case_files", args=[submitted(cast).number])
    answer = Client().post(address, {"material": "照片", "file": SimpleUploadedFile("a.pdf", b"%PDF-1.4")}, headers=HERE)
    assert answer.status_code == 401
    assert "重新选文件" in answer.content.decode()
    assert 'href="/cases/1/?edit=2"' in answer.content.decode()
    assert "再提交一次" not in answer.content.decode()


def test_a_field_that_saves_itself_stays_on_its_page_when_the_session_has_run_out(cast: Cast) -> None:
    answer = Client().post(reverse("case_comment", args=[submitted(cast).number]), {"text": SAID}, headers=HERE | {"HX-Request": "true"})
    assert answer.status_code == 401
    assert "这一页上写的还在" in answer.content.decode()
    assert "HX-Redirect" not in answer


def test_a_part_of_a_page_asked_for_too_late_sends_the_whole_page_to_sign_in_and_back(cast: Cast) -> None:
    answer = Client().get(reverse("worklist"), headers={"HX-Request": "true", "HX-Current-URL": "http://testserver/cycles/job/3/?a=1"})
    assert answer["HX-Redirect"] == "/account/login/?next=/cycles/job/3/%3Fa%3D1"


def test_a_field_of_a_page_of_before_is_given_the_token_of_now_where_the_page_is_ours(cast: Cast) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast.seats["officer"].user)
    address = reverse("case_comment", args=[submitted(cast).number])
    ours = client.post(address, {"text": SAID}, headers=HERE | {"HX-Request": "true"})
    assert ours.status_code == 403
    assert ours["X-Form-Token"]
    assert "X-Form-Token" not in client.post(address, {"text": SAID}, headers={"origin": "http://elsewhere.example", "HX-Request": "true"})


def test_after_signing_in_one_is_back_on_the_page_the_button_was_on(cast: Cast) -> None:
    answer = Client().post(reverse("cycle_move", args=[cast.zibo.pk]), {}, headers=HERE)
    assert answer["Location"] == "/account/login/?next=/cases/1/%3Fedit%3D2"


@pytest.mark.parametrize("partial", [False, True])
def test_more_than_is_taken_at_once_is_answered_with_a_page_not_two_bare_words(cast: Cast, partial: bool) -> None:
    address = reverse("case_comment", args=[submitted(cast).number])
    answer = cast.client("officer").post(address, {"text": "长" * 3_000_000}, headers={"HX-Request": "true"} if partial else {})
    assert answer.status_code == 400
    assert "分几次提交" in answer.content.decode()
    assert ("<h1>" in answer.content.decode()) is not partial


def test_who_has_no_account_or_forgot_the_password_is_told_whom_to_ask(client: Client) -> None:
    assert "请联系办理部门" in client.get("/account/signup/").content.decode()
    assert "请找管理员重设" in client.get("/account/password/reset/").content.decode()


def test_whose_cookies_are_gone_is_told_so_and_asked_to_sign_in_where_one_has_to(cast: Cast) -> None:
    answer = Client(enforce_csrf_checks=True).post(reverse("case_comment", args=[submitted(cast).number]), {"text": SAID}, headers=HERE)
    page = answer.content.decode()
    assert (answer.status_code, hidden(answer)) == (403, {"text": SAID})
    assert "Cookie" in page
    assert "重新登录过" not in page
    assert "/account/login/?next=/" in page


def test_whose_cookies_are_gone_sends_a_form_for_everybody_again_without_signing_in(scene: Scene) -> None:
    client, notice = Client(enforce_csrf_checks=True), Notice.objects.get(cycle=scene.noticed)
    typed = {"name": "演示群众", "contact": "000-00000000", "text": SAID}
    answer = client.post(reverse("object_to", args=[notice.pk]), typed, headers=HERE)
    section = answer.content.decode().partition('<section class="card narrow">')[2]
    assert "Cookie" in section
    assert "/account/login/" not in section
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', section)[1]
    assert client.post(reverse("object_to", args=[notice.pk]), hidden(answer) | {"csrfmiddlewaretoken": token}, headers=HERE).status_code == 302
    assert notice.objections.get(text=SAID).name == "演示群众"
