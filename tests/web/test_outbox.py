"""Messages go out by e-mail and text message: at most once, again only where certainly not taken, never with more than the telephone may show."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from duixian.web.cases import sms
from duixian.web.cases.actions import handling, outbox
from duixian.web.cases.models import Delivery, Message
from duixian.web.jobs import work
from duixian.web.registry.models import User
from tests.web.cast import Cast, submitted


class Taken:
    """A gateway that counts; `fails`: what it raises, first to last."""

    idempotent = False
    sent: list[tuple[str, str, str]] = []
    fails: list[Exception] = []

    def send(self, phone: str, text: str, *, key: str) -> None:
        if Taken.fails:
            raise Taken.fails.pop(0)
        Taken.sent.append((phone, text, key))


@pytest.fixture
def told(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> Message:
    Taken.sent, Taken.fails = [], []
    monkeypatch.setattr(settings, "SMS_GATEWAY", f"{__name__}.Taken")
    case = submitted(cast)
    handling.send_back(case, cast.seats["township"], "缺一份合同，账号末四位不清")
    return Message.objects.get()


def later(monkeypatch: pytest.MonkeyPatch, minutes: int) -> None:
    now = timezone.now
    monkeypatch.setattr(timezone, "now", lambda: now() + timedelta(minutes=minutes))


def test_each_way_goes_out_once_however_often_it_is_asked_for(told: Message) -> None:
    assert outbox.send_all() == 2
    assert outbox.send_all() == outbox.send_all() == 0
    assert len(mail.outbox) == 1 and len(Taken.sent) == 1
    assert "缺一份合同" in mail.outbox[0].body and "缺一份合同" not in Taken.sent[0][1], "a text message says only that there is something"
    told.refresh_from_db()
    assert told.sent is not None
    assert set(Delivery.objects.values_list("state", flat=True)) == {"sent"}


def test_it_goes_out_in_the_language_the_reader_chose_last(told: Message, client: Client) -> None:
    client.force_login(told.user)
    client.post(reverse("set_language"), {"language": "en", "next": "/"})
    outbox.send_all()
    assert "Please sign in to read" in mail.outbox[0].body and "缺一份合同" in mail.outbox[0].body, "the officer's own words stay as written"
    assert "Please sign in" in Taken.sent[0][1]


def test_what_was_not_taken_is_tried_again_later_and_given_up_in_the_end(told: Message, monkeypatch: pytest.MonkeyPatch) -> None:
    Taken.fails = [sms.NotTaken("busy")] * 2
    assert outbox.send_all() == 1 and outbox.send_all() == 0, "not at once"
    for _ in range(2):
        later(monkeypatch, 10)
        outbox.send_all()
    assert len(Taken.sent) == 1 and len(mail.outbox) == 1
    handling_again = Delivery.objects.get(way="sms")
    assert handling_again.state == "sent" and handling_again.attempts == 3


def test_it_is_given_up_after_some_tries(told: Message, monkeypatch: pytest.MonkeyPatch) -> None:
    Taken.fails = [sms.NotTaken("busy")] * 20
    for _ in range(12):
        outbox.send_all()
        later(monkeypatch, 120)
    assert Delivery.objects.get(way="sms").state == "failed" and len(Taken.fails) == 20 - outbox.MOST_ATTEMPTS


def test_what_may_have_been_taken_is_never_sent_again_by_itself(told: Message, monkeypatch: pytest.MonkeyPatch) -> None:
    Taken.fails = [TimeoutError("no answer")]
    outbox.send_all()
    later(monkeypatch, 600)
    outbox.send_all()
    assert Taken.sent == [] and Delivery.objects.get(way="sms").state == "unsure"


def test_a_worker_that_was_ended_while_sending_leaves_it_to_a_person(cast: Cast, told: Message, monkeypatch: pytest.MonkeyPatch) -> None:
    outbox._open_deliveries()
    Delivery.objects.filter(way="sms").update(state="sending", attempts=1, next_try=timezone.now() + outbox.LEASE)
    outbox.send_all()
    assert Taken.sent == [] and Delivery.objects.get(way="sms").state == "sending", "another worker may be at it"
    later(monkeypatch, 30)
    outbox.send_all()
    one = Delivery.objects.get(way="sms")
    assert Taken.sent == [] and one.state == "unsure"
    client = cast.client("officer")
    assert cast.seats["applicant"].user.phone not in client.get(reverse("outgoing")).content.decode()
    client.post(reverse("outgoing_again", args=[one.pk]))
    outbox.send_all()
    assert len(Taken.sent) == 1


def test_two_workers_never_send_the_same(told: Message) -> None:
    outbox._open_deliveries()
    rows = list(Delivery.objects.all())
    assert [outbox._send(one) for one in rows] == [1, 1]
    assert [outbox._send(one) for one in rows] == [0, 0], "the second worker read them before"
    assert len(Taken.sent) == 1 == len(mail.outbox)


def test_who_cannot_be_reached_finds_it_in_the_system(cast: Cast, told: Message) -> None:
    User.objects.update(email="", phone="")
    assert outbox.send_all() == 0
    told.refresh_from_db()
    assert told.sent is not None and not Delivery.objects.exists()


def test_a_line_break_in_a_title_is_no_header(told: Message) -> None:
    Message.objects.update(title="标题\r\nBcc: other@example.invalid")
    outbox.send_all()
    assert mail.outbox[0].recipients() == [told.user.email] and "\n" not in mail.outbox[0].subject


def test_the_gateway_of_files_writes_each_message_once_for_its_owner_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "SMS_FOLDER", tmp_path / "sms")
    for _ in range(2):
        sms.FileGateway().send("00000000000", "有新的消息", key="message-1")
    (found,) = (tmp_path / "sms").iterdir()
    assert found.name == "message-1.txt" and found.stat().st_mode & 0o077 == 0
    monkeypatch.setattr(settings, "SMS_FOLDER", found / "no folder")
    with pytest.raises(sms.NotTaken):
        sms.FileGateway().send("0", "x", key="k")


def test_the_worker_goes_round_and_a_fault_does_not_end_it(monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[str] = []

    def bad() -> None:
        done.append("bad")
        raise OSError

    def good() -> None:
        done.append("good")

    monkeypatch.setattr(work, "ROUNDS", {bad: 1000, good: 0})
    last: dict = {}
    work.go_round(last)
    work.go_round(last)
    assert done == ["bad", "good", "good"]
