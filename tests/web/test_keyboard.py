"""By the keyboard alone: what it is on is in sight, never under a head or a bar that stays where it is."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from duixian.web.registry.models import Party
from tests.web.cast import Cast
from tests.web.journey import Journey

pytestmark = pytest.mark.xdist_group("browser")
COVERED = """() => { const on = document.activeElement, box = on.getBoundingClientRect();
  const there = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
  return on !== document.body && !(there && (on.contains(there) || there.contains(on))) ? on.outerHTML.slice(0, 120) : ""; }"""


def test_down_a_long_list_and_up_again_nothing_is_covered(live_server: Any, cast: Cast, browser: Any) -> None:
    Party.objects.bulk_create([Party(kind="企业", code=f"91000000MB{number:08d}", name=f"演示长表{number}有限公司", division=cast.town) for number in range(40)])
    one = Journey(browser, live_server.url, cast, cast.zibo, "keyboard", None).person("officer")
    one.page.set_viewport_size({"width": 1280, "height": 500})
    one.opens(reverse("parties"))
    covered = []
    for key in ["Tab"] * 50 + ["Shift+Tab"] * 40:
        one.page.keyboard.press(key)
        covered += filter(None, [one.page.evaluate(COVERED)])
    assert [text for text in covered if "skip" not in text] == []
    one.leaves()
