"""Every page of every seat in a real browser, with something on it: axe finds nothing, a phone shows it without scrolling sideways, the console stays empty; thirty queries at most.

By day each page is looked at by one seat; at night by every seat that may open it, and in English.
"""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from duixian.web.cases.routes import ROUTES
from duixian.web.registry.models import Role
from duixian.web.seats import SIGNED_IN, Route

from .browser import PICTURES, PICTURES_TOO, Person, page_faults, stands_as_before
from .cast import Cast
from .scene import DOWNLOADS, PLACES, Scene

SEATS = ("outsider", "township", "officer", "head", "auditor", "finance", "admin")
GONE = {"setup"}  # there is an administrator: the first-run page is gone, and its own test looks at it
PAGES = [route for route in ROUTES if "GET" in route.methods]


def may(route: Route, who: str, cast: Cast) -> bool:
    """Whether a page is on the list of somebody's seat; '' is the public."""
    return (not route.seats) if not who else bool(route.seats) and (route.seats == SIGNED_IN or Role(cast.seats[who].role) in route.seats)


def test_every_page_with_a_place_in_its_address_has_one_in_the_scene() -> None:
    assert [route.named for route in PAGES if "<" in route.path and route.named not in PLACES] == []


def test_no_page_takes_more_than_thirty_queries(scene: Scene, transactional_db: None) -> None:
    many = []
    for who in ("", *SEATS):
        client = scene.cast.client(who) if who else Client()
        for route in PAGES:
            if route.named in GONE or not may(route, who, scene.cast):
                continue
            address = scene.address(route, who or "officer")
            for _ in range(2):  # what is kept in the process is read once: a page with many queries is opened again
                with CaptureQueriesContext(connection) as captured:
                    answer = client.get(address)
                if len(captured) <= 30:
                    break
            if answer.status_code not in (200, 302) or len(captured) > 30:
                many.append((who or "public", route.named, answer.status_code, len(captured)))
    assert many == []


def session(person: Person, scene: Scene, who: str) -> None:
    """Signed in without the form: the journeys use it."""
    value = scene.cast.client(who).cookies[settings.SESSION_COOKIE_NAME].value
    person.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": value, "url": person.base}])


def walk(scene: Scene, browser: Any, base: str, who: str, pages: list[Route], language: str = "") -> list[str]:
    """Somebody opens pages one after the other; what is wrong with any of them."""
    one = Person(browser, base, who or "public")
    if language:
        one.context.add_cookies([{"name": settings.LANGUAGE_COOKIE_NAME, "value": language, "url": base}])
    if who:
        session(one, scene, who)
    folder = PICTURES / ("pages" + (f"-{language}" if language else ""))
    folder.mkdir(parents=True, exist_ok=True)
    wrong: list[str] = []
    for route in pages:
        address = scene.address(route, who or "officer")
        answer = one.page.goto(address)
        if answer is None or answer.status != 200:
            wrong.append(f"{who or 'public'} {address}: {answer and answer.status}")
            continue
        if PICTURES_TOO:
            one.page.screenshot(path=str(folder / f"{route.named}-{who or 'public'}.png"), full_page=True)
        stands_as_before(one.page)  # each of these is asked about; the journeys need not ask again
        found = page_faults(one.page) if not language else [fault for fault in page_faults(one.page) if not fault.startswith("no Chinese font")]
        wrong += [f"{who or 'public'} {address}: {fault}" for fault in found]
    wrong += one.faults
    one.context.close()
    return wrong


def shared_out(scene: Scene) -> dict[str, list[Route]]:
    """Each page given to one seat that may open it."""
    found: dict[str, list[Route]] = {}
    for route in PAGES:
        if route.named not in DOWNLOADS | GONE:
            found.setdefault(next(who for who in ("", *SEATS) if may(route, who, scene.cast)), []).append(route)
    return found


@pytest.mark.xdist_group("browser")
def test_every_page_by_one_seat(scene: Scene, live_server: Any, browser: Any) -> None:
    wrong = [fault for who, pages in shared_out(scene).items() for fault in walk(scene, browser, live_server.url, who, pages)]
    assert wrong == [], "\n".join(wrong)


@pytest.mark.nightly
@pytest.mark.xdist_group("browser")
@pytest.mark.parametrize("who", ["", *SEATS])
@pytest.mark.parametrize("language", ["", "en"])
def test_every_page_by_every_seat(scene: Scene, live_server: Any, browser: Any, who: str, language: str) -> None:
    pages = [route for route in PAGES if route.named not in DOWNLOADS | GONE and may(route, who, scene.cast)]
    wrong = walk(scene, browser, live_server.url, who, pages, language)
    assert wrong == [], "\n".join(wrong)


@pytest.mark.xdist_group("browser")
def test_the_pages_of_refusal_and_of_signing_in(scene: Scene, live_server: Any, browser: Any) -> None:
    one, wrong = Person(browser, live_server.url, "public"), []
    for address, status in (("/account/login/", 200), ("/nowhere/", 404)):
        answer = one.page.goto(address)
        assert answer is not None and answer.status == status
        wrong += [f"{address}: {fault}" for fault in page_faults(one.page)]
    session(one, scene, "township")
    for address, status in (("/people/", 403), ("/account/2fa/", 200), ("/account/logout/", 200)):
        answer = one.page.goto(address)
        assert answer is not None and answer.status == status, address
        wrong += [f"{address}: {fault}" for fault in page_faults(one.page)]
    wrong += one.faults
    one.context.close()
    assert wrong == [], "\n".join(wrong)
