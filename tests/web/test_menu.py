"""The menu says how many messages were not read yet: one's own, one small read, none for the public. Nobody is sent where the seat may not go."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from duixian.web.cases.models import Message
from duixian.web.cases.shown import grouped
from tests.web.cast import Cast, submitted

pytestmark = pytest.mark.django_db


def menu(page: str) -> str:
    """The main menu of a page."""
    return page.split("<nav", 1)[1].split("</nav>", 1)[0]


def test_the_menu_counts_ones_own_unread_messages(cast: Cast) -> None:
    user, other = cast.seats["township"].user, cast.seats["officer"].user
    client, page = cast.client("township"), reverse("worklist")
    assert "没读" not in menu(client.get(page).content.decode())
    made = Message.objects.bulk_create(Message(user=who, title="合成", text="合成") for who in (user, user, user, other))
    assert "，3 条没读" in menu(client.get(page).content.decode())
    client.post(reverse("messages"), {"message": [made[0].pk, made[3].pk]})
    assert "，2 条没读" in menu(client.get(page).content.decode())
    assert "，1 条没读" in menu(cast.client("officer").get(page).content.decode())
    Message.objects.bulk_create(Message(user=user, title="合成", text="合成") for _ in range(200))
    assert "，99+ 条没读" in menu(client.get(page).content.decode())
    assert "没读" not in menu(Client().get("/").content.decode())


def test_it_costs_one_read_and_the_worklist_stays_small(cast: Cast) -> None:
    asked: list[str] = []

    def noted(execute: Any, sql: str, *rest: Any) -> Any:
        asked.append(sql)
        return execute(sql, *rest)

    submitted(cast)
    for who in ("township", "officer", "head"):
        client = cast.client(who)
        client.get(reverse("worklist"))
        asked.clear()
        with connection.execute_wrapper(noted):
            client.get(reverse("worklist"), {"state": "all"})
        assert 5 < len(asked) <= 26
        assert sum('FROM "message"' in sql for sql in asked) == 1


def test_only_who_may_apply_is_shown_the_way_there(cast: Cast) -> None:
    """A seat that follows the way of another is refused, and the refusal stands in the record."""
    pages = (reverse("home"), reverse("library"), reverse("policy", args=["zibo-2022"]))
    for who in ("applicant", "township", "officer", "head", "auditor", "finance", "admin"):
        shown = [reverse("my_applications") in cast.client(who).get(page).content.decode().partition("</header>")[2] for page in pages]
        assert shown == [who == "applicant"] * len(pages), who
    assert all(reverse("my_applications") in Client().get(page).content.decode() for page in pages)


@pytest.mark.parametrize(("text", "shown"), [
    ("还差 13625517.13元（现在 173725343.45元）", "还差 13,625,517.13元（现在 173,725,343.45元）"), ("94188.365元", "94,188.365元"), ("9999元", "9999元"), ("10000元", "10,000元"),
    ("1.2345678亿元", "1.2345678亿元"), ("编号 20250001 的 120平方米", "编号 20250001 的 120平方米"), ("10,000元", "10,000元"),
])  # fmt: skip
def test_an_amount_of_many_digits_is_read_in_thousands(text: str, shown: str) -> None:
    assert grouped(text) == shown
