"""Printed on A4, which is narrower than a desk, a list is a table with its head, not the stacked rows of a phone."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings
from django.urls import reverse

from duixian.web.cases.models import Notice
from tests.web.browser import Person
from tests.web.scene import Scene

pytestmark = [pytest.mark.xdist_group("browser"), pytest.mark.django_db(transaction=True)]
A4 = {"width": 718, "height": 1047}  # less its margins, at 96 dots an inch
CELLS = "() => [...document.querySelectorAll('table.stack tbody tr:first-child td')].filter((one) => one.offsetWidth).map((one) => Math.round(one.getBoundingClientRect().top))"


def test_the_worklist_is_printed_with_columns_one_can_read_and_nothing_to_press(live_server: Any, scene: Scene, browser: Any) -> None:
    one = Person(browser, live_server.url, "officer")
    one.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": scene.cast.client("officer").cookies[settings.SESSION_COOKIE_NAME].value, "url": live_server.url}])
    one.page.set_viewport_size(A4)
    one.page.emulate_media(media="print")
    one.opens(reverse("worklist") + "?state=all")
    narrow = "() => Math.min(...[...document.querySelectorAll('table.work tbody tr:first-child td:not(.narrow)')].map((one) => one.getBoundingClientRect().width))"
    assert one.page.evaluate(narrow) >= 55
    assert [selector for selector in (".tallies", ".pages", ".doing", "input[name=mark]", ".btn") if one.page.locator(selector).filter(visible=True).count()] == []
    one.page.emulate_media(media="screen")
    one.page.set_viewport_size({"width": 870, "height": 700})  # and of a small window, which is no phone, nothing sticks out
    assert one.page.evaluate("document.documentElement.scrollWidth") <= 870
    one.page.emulate_media(media="print")
    one.opens(reverse("audit", args=[scene.open.pk]))
    assert one.page.locator(".crumb").filter(visible=True).count() == 0
    one.leaves()


def test_a_notice_is_printed_as_a_table_with_its_head_and_read_on_a_phone_row_by_row(live_server: Any, scene: Scene, browser: Any) -> None:
    page = browser.new_context(base_url=live_server.url, viewport=A4).new_page()
    page.goto(reverse("notice", args=[Notice.objects.filter(cycle=scene.noticed).latest("id").pk]))
    assert len(set(page.evaluate(CELLS))) > 1
    page.emulate_media(media="print")
    assert len(set(page.evaluate(CELLS))) == 1
    assert page.locator("table.stack thead").first.bounding_box()["height"] > 10
    assert page.evaluate("() => document.documentElement.scrollWidth") <= A4["width"]
    page.context.close()
