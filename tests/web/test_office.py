"""The administrator's desk and coming in: first run, people and seats, lock-out, the second factor, the calendar, the record."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client, override_settings
from django.utils import timezone
from django.utils.timezone import now as real_now

from duixian.ledger.books import Kind
from duixian.values import workdays
from duixian.web.cases import acts
from duixian.web.record import book
from duixian.web.record.models import Event
from duixian.web.registry.models import Role, Seat, User
from duixian.web.serving import setup_token

from .cast import Cast, sit

WEB = Path(acts.__file__).resolve().parents[1]
GOOD = "long-enough-7-words"


# --- the first run ------------------------------------------------------------------------------------------------------------------------


@pytest.fixture
def token(db: None) -> str:
    (settings.HOME / "setup.token").unlink(missing_ok=True)
    return setup_token(settings.HOME)


def first(token: str, **changes: str) -> object:
    return Client().post(f"/setup/{token}/", {"name": "演示管理员", "username": "first", "password": GOOD, "again": GOOD} | changes)


def test_who_has_the_token_becomes_the_administrator_once(token: str) -> None:
    assert first(token).status_code == 302
    assert Seat.objects.get(role=Role.ADMIN).user.username == "first"
    assert first(token, username="second").status_code == 404
    assert not (settings.HOME / "setup.token").exists()


def test_the_token_is_readable_by_its_owner_alone(token: str) -> None:
    assert (settings.HOME / "setup.token").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("changes", [{"password": "short", "again": "short"}, {"again": "something-else-1"}, {"password": "1234567890", "again": "1234567890"}])
def test_a_weak_or_mistyped_password_makes_nobody(token: str, changes: dict[str, str]) -> None:
    assert first(token, **changes).status_code == 200
    assert not User.objects.exists()


def test_a_wrong_token_shows_nothing(token: str) -> None:
    assert first("wrong").status_code == 404


# --- people and seats ---------------------------------------------------------------------------------------------------------------------


def test_a_new_person_gets_a_password_that_is_shown_once_and_no_seat(cast: Cast) -> None:
    page = cast.client("admin").post("/people/", {"name": "演示新人", "username": "newcomer"})
    password = re.search(r'class="big">([^<]+)<', page.content.decode()).group(1)
    user = User.objects.get(username="newcomer")
    assert user.check_password(password)
    assert not user.seats.exists()
    assert password not in str(list(Event.objects.values_list("new", "reason")))


def test_an_administrator_cannot_give_themselves_a_seat_that_handles_cases(cast: Cast) -> None:
    admin = cast.seats["admin"].user
    cast.client("admin").post(f"/people/{admin.pk}/", {"do": "seat", "role": "finance"})
    assert not Seat.objects.filter(user=admin, role="finance").exists()
    assert Event.objects.filter(kind="refused", new__law="nobody_seats_themselves").count() == 1


def test_the_last_administrator_stays(cast: Cast) -> None:
    seat = cast.seats["admin"]
    cast.client("admin").post(f"/people/{seat.user_id}/", {"do": "end", "seat": seat.pk})
    seat.refresh_from_db()
    assert seat.ended is None


def test_a_seat_taken_back_opens_nothing_any_more(cast: Cast) -> None:
    officer, client = cast.seats["officer"], cast.client("officer")
    assert client.get("/worklist/").status_code in (200, 404)
    cast.client("admin").post(f"/people/{officer.user_id}/", {"do": "end", "seat": officer.pk})
    assert client.get("/people/").status_code == 403


def test_a_person_with_two_seats_changes_between_them(cast: Cast) -> None:
    officer = cast.seats["officer"]
    second = sit("officer", Role.HEAD)
    client = cast.client("officer")
    assert client.post("/seat/", {"seat": second.pk}).status_code == 302
    assert client.get("/").wsgi_request.seat.pk == second.pk
    client.post("/seat/", {"seat": cast.seats["finance"].pk})  # not their own
    assert client.get("/").wsgi_request.seat.pk == second.pk
    assert officer.pk != second.pk


# --- coming in ----------------------------------------------------------------------------------------------------------------------------


def test_five_wrong_passwords_lock_the_door_even_for_the_right_one(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timezone, "now", real_now)  # the lock counts by the real clock
    user = cast.seats["applicant"].user
    user.set_password(GOOD)
    user.save()
    client = Client(REMOTE_ADDR="127.0.0.9")
    for _ in range(5):
        client.post("/account/login/", {"login": user.username, "password": "wrong"})
    assert client.post("/account/login/", {"login": user.username, "password": GOOD}).status_code == 429
    assert "_auth_user_id" not in client.session


def test_a_sign_in_is_in_the_record(cast: Cast) -> None:
    user = cast.seats["applicant"].user
    user.set_password(GOOD)
    user.save()
    assert Client().post("/account/login/", {"login": user.username, "password": GOOD}).status_code == 302
    assert Event.objects.filter(kind="signin", user=user).count() == 1


def test_the_language_somebody_chose_waits_for_them_in_another_browser(cast: Cast) -> None:
    user = cast.seats["applicant"].user
    user.set_password(GOOD)
    user.save()
    here, there = Client(), Client()
    here.force_login(user)
    here.post("/language/", {"language": "en", "next": "/"})
    here.post("/language/", {"language": "xx", "next": "/"})
    there.post("/account/login/", {"login": user.username, "password": GOOD})
    assert '<html lang="en">' in there.get("/").content.decode()
    assert [event.new for event in Event.objects.filter(action="people.speak")] == [{"language": "en"}], "what is no language is not kept"


def test_nobody_signs_up_by_filling_in_a_form(db: None) -> None:
    page = Client().post("/account/signup/", {"username": "me", "password1": GOOD, "password2": GOOD})
    assert page.status_code in (200, 403)
    assert not User.objects.exists()


@override_settings(STAFF_NEED_SECOND_FACTOR=True)
def test_staff_without_a_second_factor_is_sent_to_set_one_up_and_firms_are_not(cast: Cast) -> None:
    assert cast.client("admin").get("/people/")["Location"] == "/account/2fa/"
    assert cast.client("applicant").get("/").status_code == 200


# --- the calendar -------------------------------------------------------------------------------------------------------------------------


def test_a_year_is_loaded_from_its_rows_and_used_at_once(cast: Cast) -> None:
    with pytest.raises(workdays.CalendarMissing):
        workdays.exceptions_of(2031)
    cast.client("admin").post("/calendar/", {"year": "2031", "rows": "2031-01-01，2031-01-03，休，元旦，（演示）"})
    try:
        assert len(workdays.exceptions_of(2031)) == 3
    finally:
        Path(settings.HOME / "calendar" / "2031.csv").unlink()
        workdays.exceptions_of.cache_clear()


@pytest.mark.parametrize("rows", ["2031-01-01,2031-01-03,放,元旦,", "2031-01-03,2031-01-01,休,元旦,", "2030-01-01,2030-01-03,休,元旦,", "随便写", ""])
def test_rows_that_cannot_be_read_leave_the_calendar_as_it_was(cast: Cast, rows: str) -> None:
    cast.client("admin").post("/calendar/", {"year": "2031", "rows": rows})
    with pytest.raises(workdays.CalendarMissing):
        workdays.exceptions_of(2031)
    assert Event.objects.filter(kind="refused", action="calendar.load").count() == 1


# --- the record ---------------------------------------------------------------------------------------------------------------------------


def test_the_chain_holds_and_a_change_anywhere_breaks_it(cast: Cast) -> None:
    client = cast.client("admin")
    for name in ("a11", "b22", "c33"):
        client.post("/people/", {"name": name, "username": name})
    count, breaks = book.verify()
    assert count >= 3
    assert breaks == []
    Event.objects.filter(number=2).update(reason="changed behind our back")
    assert [(one.number, one.what) for one in book.verify()[1]] == [(2, "content")]


def test_an_event_taken_out_is_found(cast: Cast) -> None:
    client = cast.client("admin")
    for name in ("a11", "b22", "c33"):
        client.post("/people/", {"name": name, "username": name})
    last = Event.objects.order_by("-number").first().number
    Event.objects.filter(number=last)._raw_delete("default")
    assert [one.what for one in book.verify()[1]] == ["end"]


def test_the_record_page_shows_filters_and_the_verification(cast: Cast) -> None:
    cast.client("officer").get("/people/")
    page = cast.client("admin").get("/record/?kind=refused&verify=1").content.decode()
    assert "route.people" in page
    assert "首尾相连" in page


def test_the_record_is_searched_by_the_words_of_an_act_or_by_its_name(cast: Cast) -> None:
    client = cast.client("admin")
    client.post("/people/", {"name": "新人", "username": "new11"})
    for asked in ("建工作人员", "people.make"):
        page = client.get("/record/", {"action": asked}).content.decode()
        assert "people.make" in page
        assert ">signin<" not in page


def test_every_act_the_record_signs_has_words() -> None:
    signed = {act for path in WEB.rglob("*.py") for act in re.findall(r"""(?:acting|read|refused|sign)\([^"\n]*"([a-z_]+\.[a-z_]+)\"""", path.read_text(encoding="utf-8"))}
    assert len(signed) > 50
    signed |= {f"cycle.{act}" for act in ("open", "close", "reopen", "finish")} | {f"account.{kind.value}" for kind in (Kind.APPROPRIATE, Kind.WITHDRAW)}
    assert sorted(signed - set(acts.WORDS)) == []
    assert acts.words_of("route.people") == "打开不属于这个席位的页面"
