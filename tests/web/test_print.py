"""Printed on A4, which is narrower than a desk, a list is a table with its head, not the stacked rows of a phone."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from duixian.web.cases.models import Notice
from tests.web.scene import Scene

pytestmark = [pytest.mark.xdist_group("browser"), pytest.mark.django_db(transaction=True)]
A4 = {"width": 718, "height": 1047}  # less its margins, at 96 dots an inch
CELLS = "() => [...document.querySelectorAll('table.stack tbody tr:first-child td')].filter((one) => one.offsetWidth).map((one) => Math.round(one.getBoundingClientRect().top))"


def test_a_notice_is_printed_as_a_table_with_its_head_and_read_on_a_phone_row_by_row(live_server: Any, scene: Scene, browser: Any) -> None:
    page = browser.new_context(base_url=live_server.url, viewport=A4).new_page()
    page.goto(reverse("notice", args=[Notice.objects.filter(cycle=scene.noticed).latest("id").pk]))
    assert len(set(page.evaluate(CELLS))) > 1
    page.emulate_media(media="print")
    assert len(set(page.evaluate(CELLS))) == 1
    assert page.locator("table.stack thead").first.bounding_box()["height"] > 10
    assert page.evaluate("() => document.documentElement.scrollWidth") <= A4["width"]
    page.context.close()
