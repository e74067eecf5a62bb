"""Every address is listed with the seat it needs: what the server answers is compared with the lists, every route with every seat."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from duixian.web.cases.routes import ROUTES
from duixian.web.record.models import Event
from duixian.web.registry.models import Role
from duixian.web.seats import PUBLIC, SIGNED_IN, Route

from .cast import Cast

FOREIGN = ("account/",)  # signing in is allauth's
SEATS = ["applicant", "outsider", "township", "officer", "head", "auditor", "finance", "admin"]


def answered(patterns: list[URLPattern | URLResolver], prefix: str = "") -> Iterator[tuple[str, URLPattern]]:
    """Every address the server answers."""
    for pattern in patterns:
        path = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from answered(pattern.url_patterns, path)
        else:
            yield path, pattern


def address(route: Route) -> str:
    """An address of a route with something in every place."""
    return "/" + re.sub(r"<(?:(\w+):)?\w+>", lambda found: "1" if found.group(1) == "int" else "none", route.path)


def test_every_address_the_server_answers_is_on_a_list() -> None:
    unlisted = [path for path, pattern in answered(get_resolver().url_patterns) if not path.startswith(FOREIGN) and not hasattr(pattern.callback, "route")]
    assert unlisted == []


def test_every_listed_route_has_a_name_of_its_own() -> None:
    names = [route.named for route in ROUTES]
    assert sorted(names) == sorted(set(names))


def test_only_a_few_pages_are_public_and_they_are_these() -> None:
    """A page that becomes public has to be added here, by someone who means it."""
    assert {route.named for route in ROUTES if route.seats == PUBLIC} <= PUBLIC_PAGES


PUBLIC_PAGES = {
    "set_language", "home", "library", "policy", "calculator", "calculate", "notices", "notice", "notice_export", "object_to", "setup",
}  # fmt: skip


@pytest.mark.django_db
@pytest.mark.parametrize("route", [route for route in ROUTES if route.seats], ids=lambda route: route.named)
def test_who_has_not_signed_in_is_sent_to_the_sign_in_page(route: Route) -> None:
    answer = Client().generic(route.methods[0], address(route))
    assert answer.status_code == 302
    assert answer["Location"].startswith("/account/login/")


@pytest.mark.django_db
def test_every_route_with_every_seat(cast: Cast) -> None:
    """The seats a route does not list are refused, and the refusal is recorded; those it lists are not."""
    wrong = []
    for who in SEATS:
        client, seat = cast.client(who), cast.seats[who]
        for route in ROUTES:
            before = Event.objects.filter(kind="refused", action=f"route.{route.named}").count()
            method = "GET" if "GET" in route.methods else route.methods[0]
            answer = client.generic(method, address(route))
            refused = Event.objects.filter(kind="refused", action=f"route.{route.named}").count() - before
            allowed = route.seats in (PUBLIC, SIGNED_IN) or Role(seat.role) in route.seats
            if allowed and (answer.status_code in (403, 405) or answer.status_code >= 500 or refused):
                wrong.append((who, route.named, answer.status_code, "is listed, and was refused"))
            if not allowed and (answer.status_code != 403 or refused != 1):
                wrong.append((who, route.named, answer.status_code, f"is not listed; refusals recorded: {refused}"))
    assert wrong == []


@pytest.mark.django_db
def test_a_method_that_is_not_listed_is_refused(cast: Cast) -> None:
    client = cast.client("admin")
    for route in ROUTES:
        for method in {"GET", "POST", "PUT", "DELETE"} - set(route.methods):
            assert client.generic(method, address(route)).status_code == 405, (route.named, method)


@pytest.mark.django_db
def test_every_page_has_a_strict_content_security_policy(cast: Cast) -> None:
    for client in (Client(), cast.client("officer")):
        policy = client.get("/")["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy


@pytest.mark.django_db
def test_an_address_that_only_takes_a_form_says_so_on_a_page_instead_of_a_blank_one(cast: Cast) -> None:
    answer = cast.client("officer").get(reverse("cycle_move", args=[cast.zibo.pk]))
    assert answer.status_code == 405
    assert answer["Allow"] == "POST"
    assert "<h1>这里没有页面</h1>" in answer.content.decode()
