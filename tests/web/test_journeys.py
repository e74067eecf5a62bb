"""The whole line of both founding policies in a real browser, one person a seat: from the first look to the money, the objection and the outsider included.

Every page on the way is looked at: axe without a violation, a phone's width without scrolling sideways, one h1, a Chinese font; no console error, no
violation of the Content-Security-Policy, no fault of the server. By day axe is asked about a page on which anything stands that no page before had
(every page of the system was looked at before, by test_pages); at night about each, and pictures are left in out/journeys/.
"""

from __future__ import annotations

from typing import Any

import pytest

from duixian.web.cases.models import Cycle
from duixian.web.record import book
from duixian.web.treasury import actions as treasury

from .browser import Person
from .cast import Cast
from .journey import Journey, later_than

pytestmark = pytest.mark.xdist_group("browser")


@pytest.fixture
def travel(live_server: Any, cast: Cast, browser: Any, clock: Any) -> Any:
    """Makes a journey through a cycle of the cast; at its end everybody goes home, and what went wrong on any page fails the test."""
    made: list[Journey] = []

    def begin(cycle: Cycle, story: str) -> Journey:
        made.append(Journey(browser, live_server.url, cast, cycle, story, clock))
        return made[-1]

    yield begin
    faults = [fault for one in made for fault in one.faults()]
    for one in made:
        for person in one.people.values():
            person.context.close()
    assert faults == [], "\n".join(faults)


def test_the_line_of_zibo_from_the_first_look_to_the_money(travel: Any, cast: Cast) -> None:
    way = travel(cast.zibo, "zibo")

    def fills(one: Person) -> None:
        one.sees("第三方数据", "15,000.00")
        one.page.locator("summary", has_text="与实际不符").first.click()
        box = one.page.locator("details[open] input.figure").first
        box.fill("一千万左右")  # cannot be read: kept, and said
        box.blur()
        one.page.wait_for_function("() => [...document.querySelectorAll('.wrong')].some((one) => one.innerText.trim())")
        one.looks("zibo/not-read")
        box.fill("")
        box.blur()
        one.page.wait_for_function("() => ![...document.querySelectorAll('.wrong')].some((one) => one.innerText.trim())")

    way.finance_appropriates("1000万")
    application = way.firm_applies("流量补贴", fills, ["第三方数据证明"], "15,000.00")
    way.takes("township", application, "verify", "现场 2 人，登录平台后台核对，与申报一致。", photo="现场（合成）.png", visited=later_than(0))
    way.takes("officer", application, "accept", "材料齐全，数据与第三方一致。")
    way.bureau_settles()
    way.public_objects(way.notice_is_published())
    way.officer_answers()
    way.notice_ends()
    way.money_goes_out()
    way.all_is_told(application, "15,000.00")
    paid = treasury.standing(treasury.account_of("zibo-2022", cast.zibo.year))
    assert (paid["paid"], paid["left"]) == (1_500_000, 1_000_000_000 - 1_500_000)
    assert book.verify()[1] == []


def test_the_line_of_jinyun_with_rows_and_an_audit(travel: Any, cast: Cast) -> None:
    way = travel(cast.jinyun, "jinyun")

    def fills(one: Person) -> None:
        one.page.get_by_label("合同编号").or_(one.page.locator("input[name=part-0]")).first.fill("合同（合成）2025第1号")
        one.presses("加一条租约")
        one.sees("合同（合成）2025第1号")
        for label, answer in (("2025年纳入统计直报", "是"), ("2025年本县依法成立", "是")):
            one.page.get_by_role("group", name=label).get_by_label(answer, exact=True).check()
        for label, answer in (("2025年租用面积", "1000"), ("2025年租用月数", "12")):
            one.page.get_by_label(label).fill(answer)
            one.page.get_by_label(label).blur()
            one.page.wait_for_load_state("networkidle")

    way.finance_appropriates("1000万")
    application = way.firm_applies("场地租金补助", fills, ["租赁合同", "租金发票", "银行回单"], "72,000.00")
    way.takes("township", application, "verify", "到仓库实地看过，面积与合同一致。", photo="仓库（合成）.png", visited=later_than(0))
    way.files("officer", application, {"2025年 守法诚信经营": "是", "2025年 弄虚作假": "否"}, "信用平台查询，没有记录（合成）。")
    way.takes("officer", application, "accept_to_audit", "材料齐全，送审计。")
    way.auditor_declares()
    way.takes("auditor", application, "audit", "抽查发票和回单，金额核定。")
    way.bureau_settles()
    way.public_objects(way.notice_is_published())
    way.officer_answers()
    way.notice_ends()
    way.money_goes_out()
    way.all_is_told(application, "72,000.00")
    assert treasury.standing(treasury.account_of("jinyun-2025", cast.jinyun.year))["paid"] == 7_200_000
    assert book.verify()[1] == []
