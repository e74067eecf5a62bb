"""The steps of the whole line as people take them in a browser: each function is one seat's part, on whatever page it happens."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.urls import reverse
from django.utils import timezone

import duixian.web.cases.jobs  # noqa: F401  registers the work
from duixian.web.cases.models import Application, Cycle
from duixian.web.jobs import work

from .browser import PASSWORD, Person
from .cast import Cast

PHOTO = base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==")
PDF = b"%PDF-1.4\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n2 0 obj\n<< /Type /Pages /Kids [] /Count 0 >>\nendobj\ntrailer\n<< /Root 1 0 R >>\n%%EOF\n"


@dataclass
class Journey:
    """A cycle on its way through the seats. `story` names the folder of pictures; money is what the line comes to, in 元 as a page writes it."""

    browser: Any
    base: str
    cast: Cast
    cycle: Cycle
    story: str
    clock: Any
    people: dict[str, Person] = field(default_factory=dict)

    def person(self, name: str) -> Person:
        """Somebody, signed in (again, where time has passed); without a name: the public."""
        if name not in self.people:
            self.people[name] = Person(self.browser, self.base, name or "public")
        one = self.people[name]
        if name:
            seat = self.cast.seats[name]
            if not seat.user.has_usable_password() or not seat.user.check_password(PASSWORD):
                seat.user.set_password(PASSWORD)
                seat.user.save()
            one.page.goto("/")
            if one.page.locator("a[href='/account/login/']").count():
                one.signs_in(seat.user.username)
        return one

    def at(self, name: str, route: str, *args: Any) -> Person:
        """Somebody on a page."""
        one = self.person(name)
        one.opens(reverse(route, args=args))
        return one

    def faults(self) -> list[str]:
        """What went wrong on any page so far."""
        return list(dict.fromkeys(fault for one in self.people.values() for fault in one.faults))

    # --- the seats, in the order of the line ---------------------------------------------------------------------------------------------

    def finance_appropriates(self, amount: str) -> None:
        """The year's total, by the budget document."""
        one = self.at("finance", "account_of_cycle", self.cycle.pk)
        one.looks(f"{self.story}/no-total-yet")
        one.page.get_by_label("金额").fill(amount)
        one.page.get_by_label("预算文号").fill("示例财预〔2026〕1号")
        one.presses("拨入")
        one.sees("已拨入", "还剩")
        one.looks(f"{self.story}/total")

    def firm_applies(self, award: str, fills: Callable[[Person], None], materials: list[str], result: str) -> Application:
        """From the first look to the submission: what may be had, choosing, filling in with the live result, files, the promise, the check."""
        one = self.at("applicant", "my_applications")
        one.looks(f"{self.story}/mine")
        one.opens(reverse("entitlements", args=[self.cycle.pk]))
        one.looks(f"{self.story}/may-have")
        one.presses("去申报")
        one.looks(f"{self.story}/choose")
        card = one.page.locator("li.opening").filter(has=one.page.get_by_role("heading", name=award, exact=True))
        card.get_by_role("button", name="申报").first.click()
        one.page.wait_for_url("**/fill/**")
        fills(one)
        one.page.wait_for_function("(text) => document.querySelector('#result').innerText.includes(text)", arg=result)
        one.looks(f"{self.story}/fill")
        for material in materials:
            row = one.page.locator("#materials tr").filter(has_text=material)
            row.locator("input[type=file]").set_input_files({"name": f"{material}（合成）.pdf", "mimeType": "application/pdf", "buffer": PDF})
            row.get_by_role("button", name="上传").click()
            one.page.wait_for_load_state()
            one.sees(f"{material}（合成）.pdf")
        one.presses("检查并提交")
        one.sees("承诺书")
        one.looks(f"{self.story}/check-lacking")
        application = Application.objects.get(cycle=self.cycle, party=self.cast.firm)
        one.opens(reverse("promise_page", args=[application.number]))
        one.looks(f"{self.story}/promise")
        one.page.get_by_label("我代表本单位作出以上承诺").check()
        one.presses("承诺")
        one.sees("该填的都填了")
        one.looks(f"{self.story}/check")
        one.presses("提交", one.page.locator("main"))
        one.sees("已提交")
        one.looks(f"{self.story}/handed-in")
        application.refresh_from_db()
        assert application.state == "submitted"
        return application

    def opens_case(self, who: str, application: Application) -> Person:
        """A desk opens a case from its worklist."""
        one = self.at(who, "worklist")
        one.sees(application.party.name)
        one.looks(f"{self.story}/worklist")
        one.page.get_by_role("link", name=application.party.name).first.click()
        one.page.wait_for_load_state()
        return one

    def auditor_declares(self) -> None:
        """Independence, before the first case of the cycle."""
        one = self.at("auditor", "audit", self.cycle.pk)
        one.looks(f"{self.story}/audit")
        one.page.get_by_label("以上属实，如有隐瞒愿承担责任").check()
        one.presses("声明")
        one.looks(f"{self.story}/declared")

    def files(self, who: str, application: Application, facts: dict[str, str], reason: str) -> None:
        """A desk files what only it can say."""
        one = self.opens_case(who, application)
        for label, value in facts.items():
            row = one.page.locator("table.sources tr").filter(has=one.page.get_by_role("rowheader", name=label, exact=True))
            row.get_by_role("link", name="填").click()
            one.page.wait_for_load_state()
            one.page.get_by_label("核实后的数").fill(value)
            one.page.get_by_label("理由（必填）").fill(reason)
            one.presses("记下")
            one.page.wait_for_load_state()
            one.sees("已记下")
        one.looks(f"{self.story}/filed")

    def takes(self, who: str, application: Application, move: str, text: str, *, photo: str = "", **more: str) -> Person:
        """A desk's move on the page of the case, found through its worklist; a photo goes in before."""
        one = self.opens_case(who, application)
        if photo:
            one.page.locator("form[enctype] input[type=file]").set_input_files({"name": photo, "mimeType": "image/png", "buffer": PHOTO})
            one.page.locator("form[enctype] button").click()
            one.page.wait_for_load_state()
            one.sees(photo)
        one.looks(f"{self.story}/case")
        box = one.page.locator("details.move").filter(has=one.page.locator(f"input[name=action][value={move}]"))
        if box.get_attribute("open") is None:
            box.locator("summary").click()
        for label, value in more.items():
            box.locator(f"[name={label}]").fill(value)
        box.locator("textarea").fill(text)
        box.get_by_label("办完打开下一件").uncheck()
        box.locator("button.btn").click()
        one.page.wait_for_load_state()
        one.sees("已办理")
        one.looks(f"{self.story}/done")
        return one

    def bureau_settles(self) -> None:
        """A trial as a job, proposed by the officer, the cycle closed, confirmed by the head."""
        one = self.at("officer", "cycle_page", self.cycle.pk)
        one.looks(f"{self.story}/cycle")
        one.presses("试算一次")
        one.looks(f"{self.story}/settling")
        assert work.serve(once=True) == 1
        one.page.wait_for_url("**/settlement/**")
        one.looks(f"{self.story}/settlement")
        one.presses("提请负责人确认")
        one.looks(f"{self.story}/proposed")
        settlement = one.page.url
        one.opens(reverse("cycle_page", args=[self.cycle.pk]))
        one.presses("截止申报")
        one.sees("办理中")
        head = self.person("head")
        head.page.goto(settlement)
        head.looks(f"{self.story}/to-confirm")
        head.page.get_by_label("决定依据").fill("局长办公会纪要〔2026〕3号（合成）")
        head.presses("确认核定")
        head.sees("已确认")
        head.looks(f"{self.story}/confirmed")

    def notice_is_published(self) -> str:
        """The officer publishes; the address of the notice."""
        one = self.at("officer", "notice_new", self.cycle.pk)
        one.looks(f"{self.story}/notice-preview")
        one.presses("发布公示")
        notice = self.cycle.notices.get()
        address = reverse("notice", args=[notice.pk])
        one.opens(address)
        one.looks(f"{self.story}/published")
        return address

    def public_objects(self, address: str) -> None:
        """Somebody who has not signed in objects to the first row, under a name."""
        one = self.person("")
        one.opens("/")
        one.looks(f"{self.story}/front")
        one.opens(address)
        one.looks(f"{self.story}/notice")
        content = one.page.content()
        for secret in (self.cast.firm.code, self.cast.firm.phone, self.cast.firm.bank_account, self.cast.firm.contact):
            assert secret not in content, "personal or banking data on a public page"
        one.page.get_by_role("link", name="提异议").first.click()
        one.page.wait_for_load_state()
        one.page.get_by_label("姓名或单位").fill("演示群众")
        one.page.get_by_label("联系方式").fill("000-00000000")
        one.page.get_by_label("意见和依据").fill("听说这家单位的销售额是在外地做的，请核实。（合成）")
        one.looks(f"{self.story}/objecting")
        one.presses("提交异议")
        one.sees("异议")
        one.looks(f"{self.story}/objected")

    def officer_answers(self) -> None:
        """The objection is dismissed with what was found; who objected is shown only when asked for."""
        notice = self.cycle.notices.get()
        one = self.at("officer", "objections", notice.pk)
        assert "演示群众" not in one.page.content()
        one.looks(f"{self.story}/objections")
        one.presses("显示", one.page.locator("main"))
        one.sees("演示群众")
        one.page.get_by_label("不成立：这一笔继续").check()
        one.page.get_by_label("核实情况和答复").fill("经核对平台后台，发货地在本地，异议不成立。")
        one.presses("答复", one.page.locator("main"))
        one.sees("不成立")
        one.looks(f"{self.story}/answered")

    def notice_ends(self) -> None:
        """The clock moves past the last day; then the officer ends the notice."""
        notice = self.cycle.notices.get()
        self.clock.later(days=(notice.last_day - timezone.localdate()).days + 1)
        one = self.at("officer", "objections", notice.pk)
        one.presses("结束公示，转为可拨付")
        one.sees("拨付中", "编制请款单")
        one.looks(f"{self.story}/notice-over")

    def money_goes_out(self) -> None:
        """A request by one, sent by another, paid by finance."""
        one = self.at("officer", "request_new", self.cycle.pk)
        one.looks(f"{self.story}/request-new")
        one.presses("编制", one.page.locator("main"))
        one.sees("待复核", "人民币大写", "您编制的，要由另一个人复核")
        one.looks(f"{self.story}/request")
        number = one.page.url.rstrip("/").rsplit("/", 1)[1]
        second = self.at("head", "request_page", number)
        second.presses("复核无误，送财政")
        second.sees("已送财政")
        second.looks(f"{self.story}/sent")
        finance = self.at("finance", "requests")
        finance.looks(f"{self.story}/requests")
        finance.opens(reverse("request_page", args=[number]))
        finance.looks(f"{self.story}/to-pay")
        finance.page.locator("details summary").filter(has_text="登记").first.click()
        finance.page.get_by_label("流水号或支付令号").fill("合成流水0001")
        finance.presses("已拨付", finance.page.locator("main"))
        finance.sees("已办结")
        finance.looks(f"{self.story}/paid")

    def all_is_told(self, application: Application, amount: str) -> None:
        """The applicant reads that it was paid; the cycle is finished; the outsider and the public see nothing of it."""
        one = self.at("applicant", "application", application.number)
        one.sees("已拨付", amount)
        one.looks(f"{self.story}/told")
        officer = self.at("officer", "cycle_page", self.cycle.pk)
        officer.presses("办结批次")
        officer.sees("办结")
        officer.looks(f"{self.story}/finished")
        outsider = self.person("outsider")
        answer = outsider.page.goto(reverse("application", args=[application.number]))
        assert answer is not None and answer.status == 404
        outsider.looks(f"{self.story}/nothing")


def later_than(days: int) -> str:
    """A day before today, as a date field takes it."""
    return (timezone.localdate() - timedelta(days=days)).isoformat()
