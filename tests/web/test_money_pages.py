"""The pages of cycles, settlement, notice and money: the whole line through a browser's requests, and who may see what."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import timedelta
from decimal import Decimal
from typing import Any

import openpyxl
import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from duixian.web.cases.actions import handling, paying
from duixian.web.cases.models import Cycle, Line, Notice, Objection, Payment, PaymentRequest, Settlement
from duixian.web.jobs import work
from duixian.web.jobs.models import Job
from duixian.web.record import book
from duixian.web.record.models import Event
from duixian.web.registry.models import Party
from duixian.web.treasury import actions as treasury
from tests.web.cast import ROOT, Cast, submitted


def words(response: Any) -> str:
    assert response.status_code == 200, response.status_code
    return response.content.decode()


def told(response: Any) -> str:
    """The messages on the page one is sent on to."""
    return "\n".join(str(one) for one in response.context["messages"])


@pytest.fixture
def reviewed(cast: Cast) -> Cast:
    for who, township in (("applicant", "township"), ("outsider", "other township")):
        case = submitted(cast, who=who)
        handling.verify(case, cast.seats[township], true=True, text="现场核实", visited=None)
        handling.accept(case, cast.seats["officer"])
    return cast


def settle(client: Client, cycle: Cycle) -> Settlement:
    page = client.post(f"/cycles/{cycle.pk}/settle/", follow=True)
    assert "排队" in words(page)
    work.serve(once=True)
    page = client.get(page.request["PATH_INFO"], follow=True)
    assert "应付合计" in words(page), page.content.decode()[:3000]
    return Settlement.objects.latest("id")


def test_the_whole_line_through_the_pages(reviewed: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    cast, cycle = reviewed, reviewed.zibo
    officer, head, finance, public = cast.client("officer"), cast.client("head"), cast.client("finance"), Client()
    assert cycle.name in words(officer.get("/cycles/"))
    assert "还没有拨入年度总额" in words(officer.get(f"/cycles/{cycle.pk}/"))
    assert "已拨入" in told(finance.post(f"/cycles/{cycle.pk}/account/start/", {"kind": "appropriate", "amount_fen": "500万元", "document": "示例预算1号"}, follow=True))
    found = settle(officer, cycle)
    assert "已提请" in told(officer.post(f"/cycles/settlement/{found.pk}/propose/", follow=True))
    assert "另一" in words(officer.get(f"/cycles/settlement/{found.pk}/"))
    assert "还没有截止" in told(head.post(f"/cycles/settlement/{found.pk}/confirm/", {"document": "纪要1号"}, follow=True))
    cycle.refresh_from_db()
    assert "已办理" in told(officer.post(f"/cycles/{cycle.pk}/move/", {"action": "close", "version": cycle.version}, follow=True))
    assert "已核定" in told(head.post(f"/cycles/settlement/{found.pk}/confirm/", {"document": "纪要1号"}, follow=True))
    line = Line.objects.get(settlement=found, payable_fen__gt=0)
    shown = words(officer.get(f"/cycles/line/{line.pk}/"))
    assert "逐步算给我看" in shown and shown.count('<span class="why">四舍五入到分</span>') == 1, "each step has its own reason"
    assert words(officer.get(f"/cycles/{cycle.pk}/publish/")).count(line.party.name) == 1
    page = officer.post(f"/cycles/{cycle.pk}/publish/", {"title": "示例公示"}, follow=True)
    notice = Notice.objects.get()
    shown = words(public.get(f"/notices/{notice.pk}/"))
    assert line.party.name in shown and notice.digest in shown
    for secret in (line.party.code, line.party.bank_account, line.party.phone, line.party.contact):
        assert secret not in shown
    assert "示例公示" in words(page) and "示例公示" in words(public.get("/notices/"))
    answer = public.post(f"/notices/{notice.pk}/object/", {"line": line.pk, "name": "张三", "contact": "00000000009", "text": "数据有疑问"}, follow=True)
    assert "收到了" in told(answer)
    objection = Objection.objects.get()
    listed = words(officer.get(f"/notices/{notice.pk}/objections/"))
    assert "数据有疑问" in listed and "张三" not in listed and "00000000009" not in listed
    assert "00000000009" in words(officer.post(f"/notices/objection/{objection.pk}/contact/", follow=True))
    assert Event.objects.filter(kind="read", action="objection.contact").count() == 1
    assert "已答复" in told(officer.post(f"/notices/objection/{objection.pk}/answer/", {"verdict": "dismissed", "text": "已核实"}, follow=True))
    later = timezone.now() + timedelta(days=20)
    monkeypatch.setattr(timezone, "now", lambda: later)
    officer, head, finance = cast.client("officer"), cast.client("head"), cast.client("finance")  # nobody stays signed in for three weeks
    assert "公示结束" in told(officer.post(f"/notices/{notice.pk}/finish/", follow=True))
    assert "编制" in words(officer.get(f"/cycles/{cycle.pk}/request/"))
    officer.post(f"/cycles/{cycle.pk}/request/", follow=True)
    request = PaymentRequest.objects.get()
    address = f"/requests/{request.number}/"
    assert "另一个人" in told(officer.post(address + "send/", {"version": 0}, follow=True))
    assert "已复核" in told(head.post(address + "send/", {"version": 0}, follow=True))
    assert line.party.bank_account not in words(finance.get(address))
    order = words(finance.post(address + "order/"))
    assert line.party.bank_account in order and "壹万伍仟元整" in order
    assert Event.objects.filter(kind="read", action="request.accounts").count() == 1
    payment = Payment.objects.get()
    assert "已登记拨付" in told(finance.post(f"/requests/payment/{payment.pk}/paid/", {"reference": "合成流水1", "day": timezone.localdate().isoformat()}, follow=True))
    account = treasury.account_of("zibo-2022", 2025)
    assert line.party.name in words(finance.get(f"/accounts/{account.pk}/"))
    assert "月末已拨付" in words(finance.get(f"/accounts/{account.pk}/months/"))
    assert finance.get(f"/accounts/{account.pk}/ledger.xlsx").status_code == 200
    assert "追回已入账" in told(finance.post(f"/accounts/line/{line.pk}/", {"amount_fen": "100", "reason": "多付", "document": "缴款书1"}, follow=True))
    cycle.refresh_from_db()
    assert "已办理" in told(officer.post(f"/cycles/{cycle.pk}/move/", {"action": "finish", "version": cycle.version}, follow=True))
    assert "办理中" in words(officer.get(f"/cycles/{cycle.pk}/history/"))
    officer.post(f"/cycles/settlement/{found.pk}/recompute/", follow=True)
    work.serve(once=True)
    assert "逐字节相同" in words(officer.get(f"/cycles/job/{Job.objects.latest('pk').pk}/", follow=True))
    assert book.verify()[1] == []


def test_the_paid_list_is_checked_as_a_whole_and_taken_as_a_whole(reviewed: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    cast = reviewed
    request = sent_request(cast, monkeypatch)
    finance, payment = cast.client("finance"), request.payments.get()
    address = f"/requests/{request.number}/"
    data = b"".join([finance.post(address + "finance.xlsx").content])
    today = timezone.localdate()

    def filled(**cells: Any) -> io.BytesIO:
        book_ = openpyxl.load_workbook(io.BytesIO(data))
        sheet = book_["请款单"]
        for cell, value in cells.items():
            sheet[cell] = value
        stream = io.BytesIO()
        book_.save(stream)
        stream.seek(0)
        stream.name = "清单.xlsx"
        return stream

    assert "F2" in words(finance.post(address + "paid-list/", {"file": filled(F2=14_999, H2="流水9", I2=today)}))
    assert "A2" in words(finance.post(address + "paid-list/", {"file": filled(A2=999_999, H2="流水9", I2=today)}))
    assert "I2" in words(finance.post(address + "paid-list/", {"file": filled(H2="流水9", I2=today + timedelta(days=1))}))
    assert "什么也没有登记" in words(finance.post(address + "paid-list/", {"file": filled(H2="流水9")}))
    assert "没有新的可登记" in words(finance.post(address + "paid-list/", {"file": filled()}))
    payment.refresh_from_db()
    assert payment.state == "requested"
    assert "1 笔要登记" in words(finance.post(address + "paid-list/", {"file": filled(H2="流水9", I2=today)}))
    assert "拨付 1 笔" in told(finance.post(address + "paid-list/", {"how": "confirm"}, follow=True))
    assert "此前已登记 1 笔" in words(finance.post(address + "paid-list/", {"file": filled(H2="流水9", I2=today)}))
    assert "付了两次" in words(finance.post(address + "paid-list/", {"file": filled(H2="流水10", I2=today)}))
    assert "1 笔要登记" in words(finance.post(address + "paid-list/", {"file": filled(J2="账号有误")}))
    assert "退回 1 笔" in told(finance.post(address + "paid-list/", {"how": "confirm"}, follow=True))
    payment.refresh_from_db()
    assert payment.state == "returned"
    officer = cast.client("officer")
    assert "一样" in told(officer.post(f"/requests/payment/{payment.pk}/corrected/", follow=True))
    Party.objects.filter(pk=payment.party_id).update(bank_account="0000000000000099")
    assert "可请款" in told(officer.post(f"/requests/payment/{payment.pk}/corrected/", follow=True))
    again = paying.prepare(cast.zibo, cast.seats["officer"])
    assert again.payments.get().bank_account == "0000000000000099"


def test_of_a_long_request_a_page_is_shown_searched_by_state_and_one_comes_back_to_where_one_was(reviewed: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    request = sent_request(reviewed, monkeypatch)
    first = request.payments.get()
    Payment.objects.bulk_create([Payment(request=request, line=first.line, party=reviewed.other_firm, holder="演示", bank="演示银行", bank_account="1", amount_fen=100, state="returned", problem="演示")
                                 for _ in range(120)])  # fmt: skip
    finance, address = reviewed.client("finance"), f"/requests/{request.number}/"
    assert finance.get(address).context["page"].paginator.num_pages == 3
    page = finance.get(address, {"state": "requested", "q": reviewed.firm.name[:4]})
    assert [one.pk for one, *_rest in page.context["rows"]] == [first.pk] and page.context["total"] == first.amount_fen + 12_000, "the sum is of the whole request"
    action = re.search(rf'action="(/requests/payment/{first.pk}/paid/[^"]*)"', words(page))[1].replace("&amp;", "&")
    back = finance.post(action, {"reference": "流水1", "day": timezone.localdate().isoformat()})
    assert back.url.startswith(address + "?state=requested") and back.url.endswith(f"#payment-{first.pk}")


def sent_request(cast: Cast, monkeypatch: pytest.MonkeyPatch, *, total: bool = True) -> PaymentRequest:
    from duixian.web.cases.actions import noticing
    from tests.web.test_money_line import TOTAL, decided

    if total:
        paying.appropriate(treasury.account_of("zibo-2022", 2025), TOTAL, cast.seats["finance"], "示例预算1号")
    decided(cast)
    notice = noticing.publish(cast.zibo, cast.seats["officer"], "")
    later = timezone.now() + timedelta(days=20)
    monkeypatch.setattr(timezone, "now", lambda: later)
    noticing.finish(notice, cast.seats["officer"])
    request = paying.prepare(cast.zibo, cast.seats["officer"])
    paying.check_and_send(request, cast.seats["head"])
    return request


def test_beside_a_request_stands_where_the_whole_total_is_and_it_adds_up(reviewed: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    request = sent_request(reviewed, monkeypatch)
    page = reviewed.client("finance").get(reverse("request_page", args=[request.number])).content.decode()
    places, _, total = page.partition("年度总额</h2>")[2].partition("合计＝总额")
    amounts = [Decimal(text.replace(",", "")) for text in re.findall(r">([\d,]+\.\d\d)<", places)]
    assert len(amounts) == 6 and sum(amounts) == Decimal(re.search(r"([\d,]+\.\d\d)", total)[1].replace(",", "")) > 0


def zipped(*names: str, top: str = "") -> io.BytesIO:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name in names:
            archive.write(ROOT / name, top + name)
    stream.seek(0)
    stream.name = "policy.zip"
    return stream


def test_a_policy_comes_in_as_a_zip_and_becomes_a_cycle(cast: Cast) -> None:
    officer = cast.client("officer")
    names = ("sample-clauses/policy.md", "sample-clauses/source.txt", "sample-clauses/vocabulary.md", "sample-clauses/standards-2025.md")
    page = officer.post("/cycles/policies/upload/", {"file": zipped(*names)}, follow=True)
    assert "检查结果" in words(page)
    number = page.request["PATH_INFO"].strip("/").split("/")[-1]
    today = timezone.localdate().isoformat()
    form = {"version_of": number, "year": 2025, "name": "示例批次", "opens": today, "closes": today, "notice_days": 5}
    assert "批次建好了" in told(officer.post("/cycles/new/", form, follow=True))
    cycle = Cycle.objects.latest("id")
    assert "市场租金指导价" in cycle.standards, "the year's file that came with the policy is taken along"
    assert "截止不能早于开始" in words(officer.post("/cycles/new/", form | {"closes": "2020-01-01"}))
    assert "2035" in told(officer.post("/cycles/new/", form | {"opens": "2035-01-01", "closes": "2035-02-01"}))


@pytest.mark.parametrize("name", ["../policy.md", "/etc/policy.md", "a/b/policy.md", "policy.exe", ".hidden.md", "a\\policy.md"])
def test_a_zip_with_paths_of_its_own_is_refused(cast: Cast, name: str) -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("policy.md", "---\n")
        archive.writestr(name, "x")
    stream.seek(0)
    stream.name = "policy.zip"
    assert "不能用" in told(cast.client("officer").post("/cycles/policies/upload/", {"file": stream}, follow=True)) or "两个" in name


def test_a_zip_bomb_is_refused(cast: Cast) -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("policy.md", b"0" * (64 << 20))
    stream.seek(0)
    stream.name = "policy.zip"
    assert "解压后超过" in told(cast.client("officer").post("/cycles/policies/upload/", {"file": stream}, follow=True))


def test_standards_are_edited_as_a_form_and_as_text_with_errors_at_their_place(cast: Cast) -> None:
    from duixian.web.cases import policies, year_file

    officer, cycle = cast.client("officer"), cast.zibo
    address = f"/cycles/{cycle.pk}/standards/"
    assert "电商村奖励" in words(officer.get(address))
    rows = year_file.rows_of(policies.programme_of(cycle.version_of).policy, cycle.standards, cycle.year)
    village = next(row for row in rows if row.item == "电商村奖励")
    given = {"how": "form", "version": cycle.version} | {row.field: row.text for row in rows}
    over = words(officer.post(address, given | {village.field: "40万元", "reason": "试"}))
    assert "1 处错误" in over and 'aria-invalid="true"' in over and "40万元" in over
    assert "理由" in told(officer.post(address, given | {village.field: "10万元"}))
    assert "已保存" in told(officer.post(address, given | {village.field: "10万元", "reason": "局长办公会"}, follow=True))
    cycle.refresh_from_db()
    assert "| 电商村奖励 |  | 不超过 30万元 | 10万元 |" in cycle.standards and "## 程序" in cycle.standards, "the rest of the text stays"
    assert "另一位" in told(officer.post(address, given | {village.field: "11万元", "reason": "旧的一页"})), "an old page changes nothing"
    assert "DX903" in words(officer.post(address, {"how": "text", "version": cycle.version, "reason": "试", "text": cycle.standards.replace("10万元 |\n| 电商镇", "99万元 |\n| 电商镇")}))


def test_lines_are_narrowed_in_either_language_and_exported_as_they_are_listed(reviewed: Cast) -> None:
    client = reviewed.client("officer")
    found = settle(client, reviewed.zibo)
    address = f"/cycles/settlement/{found.pk}/"
    client.cookies["django_language"] = "en"
    choices = re.search(r'<select id="outcome".*?</select>', words(client.get(address)), re.DOTALL)[0]
    outcome = re.findall(r'<option value="([^"]+)"', choices)[0]
    assert outcome in Line.objects.values_list("outcome", flat=True), "what is sent is the word of the settlement, however it is said"
    assert client.get(address, {"outcome": outcome}).context["page"].paginator.count > 0
    firm = reviewed.firm.name
    rows = list(openpyxl.load_workbook(io.BytesIO(client.get(address + "export.xlsx", {"q": firm}).content)).worksheets[1].iter_rows(values_only=True))[1:]
    assert {row[1] for row in rows} == {firm}
    assert len(list(openpyxl.load_workbook(io.BytesIO(client.get(address + "export.xlsx").content)).worksheets[1].iter_rows())) - 1 == Line.objects.filter(settlement=found).count() > len(rows)


def test_what_if_is_a_trial_beside_another_and_never_the_decision(reviewed: Cast) -> None:
    from duixian.web.cases import policies, year_file

    officer, cycle = reviewed.client("officer"), reviewed.zibo
    first = settle(officer, cycle)
    rows = year_file.rows_of(policies.programme_of(cycle.version_of).policy, cycle.standards, cycle.year)
    given = {"how": "form"} | {row.field: "2元" if row.item == "流量补贴" else row.text for row in rows}
    officer.post(f"/cycles/{cycle.pk}/what-if/", given, follow=True)
    work.serve(once=True)
    second = Settlement.objects.latest("id")
    assert second.pk != first.pk and second.payable_fen == first.payable_fen * 2 // 3
    shown = words(officer.get(f"/cycles/settlement/{second.pk}/compare/?with={first.pk}"))
    assert "1 笔不同" in shown and "−5,000.00" in shown
    assert "不是批次定下的" in told(officer.post(f"/cycles/settlement/{second.pk}/propose/", follow=True))
    assert officer.get(f"/cycles/settlement/{first.pk}/export.xlsx").status_code == 200


def test_a_decision_outside_the_rules_is_signed_by_two(reviewed: Cast) -> None:
    officer, head, cycle = reviewed.client("officer"), reviewed.client("head"), reviewed.zibo
    paying.appropriate(treasury.account_of("zibo-2022", 2025), 10_000_000, reviewed.seats["finance"], "示例预算1号")
    given = {"party": reviewed.firm.code, "subject": "示例事项", "amount_fen": "5万元", "reason": "示例理由", "document": "纪要2号", "clause": ""}
    address = f"/cycles/{cycle.pk}/special/"
    assert "没有这个单位" in words(officer.post(address, given | {"party": "没有"}))
    assert "已提出" in told(officer.post(address, given, follow=True))
    number = cycle.special.get().pk
    assert officer.post(f"/cycles/special/{number}/confirm/").status_code == 403
    assert "已确认" in told(head.post(f"/cycles/special/{number}/confirm/", follow=True))
    assert "规则之外" in words(officer.get(address))
    money = treasury.standing(treasury.account_of("zibo-2022", 2025))
    assert (money["reserved"], money["committed"]) == (5_000_000, 0), "committed once its notice has ended"


STAFF_PAGES = ("/cycles/", "/cycles/policies/", "/cycles/{0}/", "/cycles/{0}/standards/", "/cycles/{0}/readings/", "/cycles/{0}/procedure/", "/cycles/{0}/history/", "/cycles/{0}/account/")


@pytest.mark.parametrize("who", ["applicant", "outsider", "township"])
def test_desks_outside_the_bureau_see_none_of_it(cast: Cast, who: str) -> None:
    client = cast.client(who)
    for page in (*STAFF_PAGES, "/accounts/", "/requests/"):
        assert client.get(page.format(cast.zibo.pk)).status_code == 403, page


@pytest.mark.parametrize("who", ["officer", "head", "auditor", "finance", "admin"])
def test_staff_see_the_cycles_and_read_only_seats_get_no_buttons(cast: Cast, who: str) -> None:
    client = cast.client(who)
    for page in STAFF_PAGES:
        if who == "admin" and "/account/" in page:  # the account is the bureau's and finance's; no door to it is shown
            assert client.get(page.format(cast.zibo.pk)).status_code == 403
            assert f"/cycles/{cast.zibo.pk}/account/" not in words(client.get(f"/cycles/{cast.zibo.pk}/"))
            continue
        shown = words(client.get(page.format(cast.zibo.pk), follow=True))
        if who in ("auditor", "admin") and "/account/" not in page:
            assert 'class="btn do' not in shown.split("<main")[1].split("</main>")[0], page


def test_a_settlement_says_that_no_total_is_set_rather_than_that_nothing_is_left(reviewed: Cast) -> None:
    officer, cycle = reviewed.client("officer"), reviewed.zibo
    address = reverse("settlement_page", args=[settle(officer, cycle).pk])
    page = words(officer.get(address))
    assert "还没有拨入年度总额" in page
    assert "还剩" not in page
    assert reverse("account_of_cycle", args=[cycle.pk]) in page
    paying.appropriate(treasury.account_of("zibo-2022", 2025), 100, reviewed.seats["finance"], "示例预算〔2026〕1号")
    page = words(officer.get(address))
    assert "还没有拨入年度总额" not in page
    assert "超过还剩的总额" in page
