"""How often something may be tried is counted in the database: every server process counts the same, and who is refused is told when to try again."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client, RequestFactory
from django.urls import reverse

from duixian.web.cases.actions import noticing
from duixian.web.cases.models import Objection
from duixian.web.record import throttle
from duixian.web.record.models import Tries
from tests.web.cast import Cast
from tests.web.test_notices import decided, fresh  # noqa: F401

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def another_process() -> Any:
    """What a server process keeps to itself is gone in another one."""
    throttle._here.clear()
    return throttle._here.clear


def test_what_one_process_counted_another_knows(another_process: Any, clock: Any) -> None:
    found = []
    for _ in range(8):
        another_process()
        found.append(throttle.over("合成", "192.0.2.1", 5, HOUR) is not None)
    assert found == [False] * 5 + [True] * 3
    assert throttle.over("合成", "192.0.2.2", 5, HOUR) is None, "somebody else"
    assert not Tries.objects.filter(key__contains="192.0.2").exists()
    clock.later(hours=1)
    assert throttle.over("合成", "192.0.2.1", 5, HOUR) is None
    assert throttle.forget() == 2 and Tries.objects.count() == 1


def test_what_is_tried_often_is_counted_by_tens(another_process: Any, django_assert_max_num_queries: Any) -> None:
    with django_assert_max_num_queries(14):
        found = [throttle.over("合成", "x", 30, HOUR, step=10) is not None for _ in range(35)]
    assert found == [False] * 30 + [True] * 5
    another_process()
    assert [throttle.over("合成", "x", 30, HOUR, step=10) is not None for _ in range(10)][-1] is True


def test_objections_too_fast_are_refused_by_every_process_and_told_when(decided: Cast, another_process: Any) -> None:  # noqa: F811
    notice = noticing.publish(fresh(decided), decided.seats["officer"], "")

    def said(number: int) -> dict[str, str]:
        return {"line": "", "name": "张三（合成）", "contact": "000-0", "text": f"请核实第 {number} 件"}

    for number in range(6):
        another_process()
        page = Client().post(reverse("object_to", args=[notice.pk]), said(number), follow=True).content.decode()
    assert Objection.objects.count() == 5 and "请 11:00 以后再试" in page, "ten in the morning, a little later"
    assert "张三（合成）" in page, "what was written is still there"
    Client().post(reverse("object_to", args=[notice.pk]), said(6), HTTP_X_FORWARDED_FOR="192.0.2.9")
    assert Objection.objects.count() == 6, "behind the proxy, somebody else"
    decided.client("officer").post(reverse("object_to", args=[notice.pk]), said(7))
    assert Objection.objects.count() == 7, "an officer enters what came by letter"


@pytest.mark.parametrize(("connected", "told", "who"), [("127.0.0.1", "198.51.100.1, 192.0.2.9", "192.0.2.9"), ("192.0.2.9", "198.51.100.1", "192.0.2.9"), ("127.0.0.1", "", "127.0.0.1")])
def test_only_the_proxy_on_this_machine_is_believed(connected: str, told: str, who: str) -> None:
    assert throttle.address_of(RequestFactory().get("/", REMOTE_ADDR=connected, HTTP_X_FORWARDED_FOR=told)) == who


def test_the_calculator_answers_so_many_times_and_then_says_when_to_try_again(cast: Cast, settings: Any) -> None:
    settings.CALCULATOR_MOST = 20
    url, given, client = reverse("calculate", args=[cast.zibo.pk, "流量补贴"]), {"m.实物商品网络零售额@2025": "5000万元"}, Client()
    assert [client.post(url, given).status_code for _ in range(20)] == [200] * 20
    refused, quick = client.post(url, given), client.post(url, given, headers={"HX-Request": "true"})
    assert (refused.status_code, quick.status_code) == (429, 429) and int(refused["Retry-After"]) <= 600
    assert "请 10:10 以后再试" in refused.content.decode() and quick["Content-Type"].startswith("text/plain") and "请 10:10 以后再试" in quick.content.decode()
    assert client.get(url).status_code == 200, "to look is free"
