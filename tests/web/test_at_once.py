"""Two people at the same moment, each in a browser of their own: one wins, the other is told, the record holds."""

from __future__ import annotations

from collections.abc import Callable
from threading import Barrier, Thread
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from duixian.web.cases import statements
from duixian.web.cases.actions import applying, handling, paying
from duixian.web.cases.models import Application, Line, Opinion, PaymentRequest
from duixian.web.record import book
from duixian.web.record.models import Event
from duixian.web.registry.models import Thing

from .cast import Cast, submitted
from .scene import decided_case

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*doing: Callable[[], Any]) -> list[Any]:
    """Do things in threads that start together; what each came to."""
    ready, found = Barrier(len(doing)), [None] * len(doing)

    def one(place: int) -> None:
        ready.wait()
        try:
            found[place] = doing[place]()
        finally:
            connection.close()

    threads = [Thread(target=one, args=(place,)) for place in range(len(doing))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def press(client: Client, case: Application, action: str, text: str) -> Callable[[], Any]:
    """Press a button on the page of a case as it was shown."""
    return lambda: client.post(reverse("case_move", args=[case.number]), {"action": action, "version": case.version, "text": text})


@pytest.mark.parametrize("second", [("accept", "材料齐全"), ("reject", "主体不在本地登记")])
def test_of_two_officers_deciding_one_case_one_wins_and_the_other_is_told(cast: Cast, second: tuple[str, str]) -> None:
    case = submitted(cast)
    handling.verify(case, cast.seats["township"], true=True, text="", visited=None)
    case.refresh_from_db()
    clients = [cast.client("officer"), cast.client("second officer")]
    for client in clients:
        client.get(reverse("case", args=[case.number]))
    answers = at_once(press(clients[0], case, "accept", "材料齐全"), press(clients[1], case, *second))
    assert sorted(answer.status_code for answer in answers) == [302, 409]
    told = next(answer for answer in answers if answer.status_code == 409).content.decode()
    assert "刷新" in told
    decided = Opinion.objects.filter(application=case, stage="review")
    assert decided.count() == 1 == Event.objects.filter(action__in=["application.accept", "application.reject"], kind="write").count()
    assert Event.objects.filter(action__in=["application.accept", "application.reject"], kind="refused").count() == 1
    case.refresh_from_db()
    assert case.state == ("reviewed" if decided.get().result == "通过" else "rejected") and book.verify()[1] == []


def test_of_a_firm_that_withdraws_and_a_township_that_verifies_one_wins(cast: Cast) -> None:
    case = submitted(cast)
    case.refresh_from_db()
    firm, township = cast.client("applicant"), cast.client("township")
    at_once(lambda: firm.post(reverse("withdraw_application", args=[case.number]), {"version": case.version}), press(township, case, "verify", "属实"))
    case.refresh_from_db()
    assert (case.state == "withdrawn") == (not Opinion.objects.exists()) and case.version == 3
    assert Event.objects.filter(action__in=["application.withdraw", "application.verify"], kind="write").count() == 1 and book.verify()[1] == []


def test_two_windows_that_start_the_same_application_start_one(cast: Cast) -> None:
    windows = [cast.client("applicant"), cast.client("applicant")]
    answers = at_once(*(lambda client=client: client.post(reverse("start_application", args=[cast.zibo.pk])) for client in windows))
    assert {answer.status_code for answer in answers} == {302} and Application.objects.count() == 1


def test_twenty_firms_that_start_at_once_get_a_number_each(cast: Cast) -> None:
    from duixian.web.registry.models import Party

    parties = [Party.objects.create(kind="企业", code=f"合成{place:014d}", name=f"合成{place:02d}号有限公司", division=cast.town) for place in range(20)]
    officer = cast.seats["officer"]
    numbers = at_once(*(lambda party=party: applying.start(cast.zibo, party, officer).number for party in parties))
    assert len(set(numbers)) == 20 and Thing.objects.filter(key__startswith="合成").count() == 20 and book.verify()[1] == []


def test_of_two_who_claim_one_object_one_gets_it(cast: Cast) -> None:
    thing = Thing.objects.get(kind="企业", key=cast.firm.code)
    own = [applying.start(cast.zibo, cast.seats[who].party, cast.seats[who]) for who in ("applicant", "outsider")]

    def claim(place: int) -> str:
        try:
            applying.claim(own[place], "流量补贴", "二", thing, cast.seats[("applicant", "outsider")[place]])
        except book.Refused as refusal:
            return refusal.law
        return "claimed"

    assert sorted(at_once(lambda: claim(0), lambda: claim(1))) == ["claimed", "object_is_claimed_once"]
    assert book.verify()[1] == []


def test_two_windows_that_save_one_field_lose_nothing(cast: Cast) -> None:
    found = applying.start(cast.zibo, cast.firm, cast.seats["applicant"])
    thing = Thing.objects.get(kind="企业", key=cast.firm.code)

    def save(amount: int) -> int:
        return applying.answer(Application.objects.get(pk=found.pk), thing, {("实物商品网络零售额", 2025): amount}, cast.seats["applicant"])

    assert at_once(*(lambda amount=amount: save(amount) for amount in (100, 200, 300))) == [1, 1, 1]
    assert statements.of(found)[thing.pk][("", "实物商品网络零售额", "2025")] in ("i:100", "i:200", "i:300") and book.verify()[1] == []


def test_of_two_officers_who_prepare_a_request_one_makes_it(cast: Cast) -> None:
    decided_case(cast)
    Line.objects.update(state="committed")

    def prepare(who: str) -> str:
        try:
            return paying.prepare(cast.zibo, cast.seats[who]).number
        except book.Refused as refusal:
            return refusal.law

    told = at_once(lambda: prepare("officer"), lambda: prepare("second officer"))
    assert PaymentRequest.objects.count() == 1 and sorted(one.startswith("2025-") for one in told) == [False, True], told
