"""The handling desks: each move by each seat, one's own case, once returned, two officers at once, many cases, what an outsider sees."""

from __future__ import annotations

import html
import io
import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from duixian.values.workdays import after
from duixian.web.cases import casefile, deadlines, procedure, states
from duixian.web.cases.actions import applying, auditing, handling
from duixian.web.cases.models import Application, Declaration, Message, Opinion
from duixian.web.record.book import Conflict, Refused, verify
from duixian.web.record.models import Event, Kind
from duixian.web.registry import facts
from duixian.web.registry.models import Fact, Role, Seat, Source, Thing
from tests.web.cast import Cast, submitted

STAFF = {Role.TOWNSHIP: "township", Role.OFFICER: "officer", Role.HEAD: "head", Role.AUDITOR: "auditor"}


def bring(cast: Cast, state: str, case: Application | None = None) -> Application:
    """A case of the cycle with an audit, brought to a state by the seats whose work that is."""
    case = case or submitted(cast, cast.jinyun, award="场地租金补助", clause="（五）")
    if not Declaration.objects.filter(cycle=cast.jinyun).exists():
        auditing.declare(cast.jinyun, cast.seats["auditor"], [], confirmed=True)
    if state == "returned":
        handling.send_back(case, cast.seats["township"], "缺合同")
    if state in ("verified", "auditing", "reviewed", "rejected"):
        handling.verify(case, cast.seats["township"], true=True, text="属实", visited=None)
    if state in ("auditing", "reviewed"):
        handling.accept(case, cast.seats["officer"])
    if state == "reviewed":
        handling.audit(case, cast.seats["auditor"], "核定", "")
    if state == "rejected":
        handling.reject(case, cast.seats["officer"], "不属于范围")
    case.refresh_from_db()
    return case


def do(cast: Cast, who: str, case: Application, action: str, **more: Any) -> Any:
    given = {"action": action, "version": case.version, "text": "写明的理由", "result": "核定", **more}
    return cast.client(who).post(reverse("case_move", args=[case.number]), given)


DESK_MOVES = ("verify", "deny", "return_township", "return_bureau", "accept_to_audit", "reject", "audit", "reopen")


@pytest.mark.parametrize("role", STAFF)
@pytest.mark.parametrize("state", ["submitted", "verified", "auditing", "reviewed", "rejected"])
def test_each_seat_can_make_the_moves_of_the_table_and_no_other(cast: Cast, state: str, role: Role) -> None:
    """Every move × state × seat, one after another; a move that is made is undone by bringing another case there."""
    client = cast.client(STAFF[role])
    case = bring(cast, state)
    for action in DESK_MOVES:
        one = states.move(action)
        allowed = role in one.roles and state in one.sources
        if allowed:
            continue
        refused = Event.objects.filter(kind=Kind.REFUSED).count()
        answer = client.post(reverse("case_move", args=[case.number]), {"action": action, "version": case.version, "text": "理由", "result": "核定"})
        assert answer.status_code in (302, 404, 409)
        assert Application.objects.get(pk=case.pk).state == state, f"{role} {action}"
        assert Event.objects.filter(kind=Kind.REFUSED).count() == refused + 1, f"{role} {action} is recorded"
    allowed = [one for one in states.open_moves(state, role) if one.action in DESK_MOVES]
    for one in allowed[:1]:
        assert do(cast, STAFF[role], case, one.action).status_code == 302
        assert Application.objects.get(pk=case.pk).state == one.target
    assert verify()[1] == []


@pytest.mark.parametrize(("state", "action"), [(source, one.action) for one in states.MOVES if one.action in DESK_MOVES for source in one.sources if source != "returned"])
def test_each_move_of_the_table_is_made_by_its_seat(cast: Cast, state: str, action: str) -> None:
    if (state, action) == ("verified", "return_bureau"):
        case = bring(cast, "verified")
    else:
        case = bring(cast, state)
    one = states.move(action)
    assert do(cast, STAFF[one.roles[-1]], case, action).status_code == 302
    assert Application.objects.get(pk=case.pk).state == one.target
    event = Event.objects.filter(subject=f"application:{case.pk}", kind=Kind.WRITE).last()
    assert event.new["state"] == one.target and event.old["state"] == state


def test_the_way_round_the_audit_is_not_there_where_the_procedure_has_one(cast: Cast) -> None:
    case = bring(cast, "verified")
    assert do(cast, "officer", case, "accept").status_code == 302
    assert Application.objects.get(pk=case.pk).state == "auditing"


@pytest.mark.parametrize("who", ["township", "officer", "head", "auditor"])
def test_nobody_handles_their_own_case(cast: Cast, who: str) -> None:
    seat = cast.seats[who]
    Seat.objects.create(user=seat.user, role=Role.APPLICANT, party=cast.firm)
    state, action = {"township": ("submitted", "verify"), "officer": ("verified", "reject"), "head": ("rejected", "reopen"), "auditor": ("auditing", "audit")}[who]
    if who == "township":
        case = bring(cast, "submitted")
    else:
        case = bring(cast, state) if who != "officer" else bring(cast, "verified")
    assert do(cast, who, case, action).status_code == 409
    assert Application.objects.get(pk=case.pk).state == state
    assert Event.objects.filter(kind=Kind.REFUSED, new__law="nobody_decides_their_own_case").exists()


def test_a_case_is_returned_once_with_everything_and_the_applicant_is_told(cast: Cast) -> None:
    case = bring(cast, "submitted")
    page = cast.client("township").get(reverse("case", args=[case.number])).content.decode()
    for material in ("租赁合同", "租金发票", "银行回单"):
        assert f"补交“{material}”" in page
    do(cast, "township", case, "return_township", text="合同第三页看不清", defect=["补交租赁合同", "补交租金发票"])
    case.refresh_from_db()
    assert case.state == "returned" and case.returned
    told = Message.objects.get(user=cast.seats["applicant"].user, title__startswith="请补正")
    assert told.text == "1. 补交租赁合同\n2. 补交租金发票\n3. 合同第三页看不清"
    applying.submit(case, cast.seats["applicant"], [])
    assert do(cast, "township", case, "return_township").status_code == 409
    handling.verify(case, cast.seats["township"], true=True, text="", visited=None)
    answer = do(cast, "officer", case, "return_bureau")
    assert "一次性告知过" in answer.content.decode()
    assert Application.objects.get(pk=case.pk).state == "verified"


def test_a_return_says_by_when_and_both_sides_see_the_days(cast: Cast, clock: Any) -> None:
    case = bring(cast, "submitted")
    page = cast.client("township").get(reverse("case", args=[case.number])).content.decode()
    assert 'name="until"' in page and "十个工作日" in page
    assert do(cast, "township", case, "return_township", text="缺合同", until=day(0)).status_code == 409
    assert do(cast, "township", case, "return_township", text="缺合同", until=day(400)).status_code == 409
    assert do(cast, "township", case, "return_township", text="缺合同", until="明天").status_code == 409
    do(cast, "township", case, "return_township", text="缺合同", until=day(6))
    case.refresh_from_db()
    assert (case.state, str(case.due)) == ("returned", day(6))
    assert day(6) in Message.objects.get(user=cast.seats["applicant"].user, title__startswith="请补正").title
    own = cast.client("applicant")
    assert "最迟" in own.get(reverse("application", args=[case.number])).content.decode() and "个工作日" in own.get(reverse("my_applications")).content.decode()
    assert "过了期限还没有提交" not in cast.client("officer").get(reverse("worklist")).content.decode()
    clock.later(days=7)
    assert "补正过" not in cast.client("officer").get(reverse("worklist") + "?state=returned").content.decode(), "not yet"
    for who in ("officer", "township"):
        assert "过了期限还没有提交" in cast.client(who).get(reverse("worklist")).content.decode()
        assert case.number in cast.client(who).get(reverse("worklist") + "?state=returned&due=over").content.decode()
    assert "期限已过" in cast.client("applicant").get(reverse("application", args=[case.number])).content.decode()
    page = cast.client("head").get(reverse("cycle_page", args=[cast.jinyun.pk])).content.decode()
    assert reverse("case", args=[case.number]) in page
    for address in (html.unescape(one) for one in re.findall(r'href="(/work/[^"]+)"', page)):  # what is counted is listed behind the count
        assert case.number in cast.client("head").get(address).content.decode(), address
    assert "/work/" not in cast.client("finance").get(reverse("cycle_page", args=[cast.jinyun.pk])).content.decode()
    applying.submit(case, cast.seats["applicant"], [])  # nothing happens by itself: who comes late still comes
    assert Application.objects.get(pk=case.pk).state == "submitted"


def test_who_decides_on_a_case_that_was_sent_back_a_moment_ago_is_told_so(cast: Cast) -> None:
    case = bring(cast, "verified")
    do(cast, "officer", case, "return_bureau", text="缺发票")
    page = do(cast, "second officer", case, "reject", text="第二位写的理由").content.decode()
    assert "另一位同事刚刚办理了这一件" in page and "第二位写的理由" in page


def test_without_a_chosen_day_the_procedure_says_how_long_a_correction_may_take(cast: Cast) -> None:
    assert deadlines.due_of_correction(cast.jinyun) == after(timezone.localdate(), 10)
    steps, unknown = procedure.steps_of([{"步骤": "材料补正", "席位": "申报单位", "时限": "3个工作日"}])
    assert unknown == []
    cast.jinyun.procedure += steps
    cast.jinyun.save()
    assert deadlines.due_of_correction(cast.jinyun) == after(timezone.localdate(), 3)
    case = bring(cast, "returned")
    assert case.due == after(timezone.localdate(), 3)
    assert "材料补正" not in [step.name for step in casefile.steps_of(case, [], [])]  # it is no step of the way


def test_what_does_not_come_back_is_given_more_time_or_not_taken_up_by_a_person(cast: Cast, clock: Any) -> None:
    case = bring(cast, "returned")
    assert do(cast, "officer", case, "reject").status_code == 409
    assert do(cast, "officer", case, "prolong", until=day(40), text="").status_code == 409
    assert do(cast, "officer", case, "prolong", until=day(40), text="单位来函说明").status_code == 302
    case.refresh_from_db()
    assert (case.state, str(case.due)) == ("returned", day(40))
    assert Message.objects.filter(user=cast.seats["applicant"].user, title=f"补正期限改到 {day(40)}").exists()
    assert "改了补正期限" in cast.client("applicant").get(reverse("application", args=[case.number])).content.decode()
    clock.later(days=41)
    assert do(cast, "township", case, "reject").status_code == 409
    assert do(cast, "officer", case, "reject", text="逾期没有补正").status_code == 302
    assert Application.objects.get(pk=case.pk).state == "rejected"
    assert verify()[1] == []


def test_what_a_firm_writes_reaches_who_handles_the_case_now(cast: Cast) -> None:
    case, client = bring(cast, "submitted"), cast.client("applicant")

    def told(text: str) -> set[str]:
        client.post(reverse("reply", args=[case.number]), {"text": text})
        return set(Message.objects.filter(text=text).values_list("user__username", flat=True))

    assert told("请问还缺什么") == {"township"}
    bring(cast, "verified", case)
    assert told("请问到哪一步") == {"officer", "officer2"}
    handling.assign(case, cast.seats["officer"], cast.seats["head"])
    assert told("请延期") == {"officer"}
    page = cast.client("officer").get(reverse("messages")).content.decode()
    assert reverse("case", args=[case.number]) in page and cast.firm.name in page


@pytest.mark.parametrize(("state", "says"), [("returned", ("补正材料一次性告知书", "缺合同", "最迟")), ("rejected", ("不予受理告知书", "不属于范围"))])
def test_what_a_firm_is_told_is_a_letter_to_be_printed(cast: Cast, state: str, says: tuple[str, ...]) -> None:
    case = bring(cast, state)
    address = reverse("letter", args=[case.number])
    for who in ("applicant", "officer", "township"):
        page = cast.client(who).get(address).content.decode()
        assert all(text in page for text in (*says, cast.firm.name, case.number)), who
        assert not any(secret in page for secret in (cast.firm.phone, cast.firm.bank_account, cast.firm.contact))
    assert address in cast.client("officer").get(reverse("case", args=[case.number])).content.decode()
    assert address in cast.client("applicant").get(reverse("application", args=[case.number])).content.decode()
    assert cast.client("outsider").get(address).status_code == cast.client("other township").get(address).status_code == 404


def test_of_a_case_under_way_there_is_no_letter(cast: Cast) -> None:
    assert cast.client("officer").get(reverse("letter", args=[bring(cast, "verified").number])).status_code == 404


def day(later: int) -> str:
    return (timezone.localdate() + timedelta(days=later)).isoformat()


def test_of_two_officers_one_wins_and_the_other_is_told_and_loses_no_word(cast: Cast) -> None:
    case = bring(cast, "verified")
    first = do(cast, "officer", case, "reject", text="第一位的理由")
    second = do(cast, "second officer", case, "accept_to_audit", text="第二位写的意见")
    assert first.status_code == 302 and second.status_code == 409
    assert "第二位写的意见" in second.content.decode()
    assert Application.objects.get(pk=case.pk).state == "rejected"
    with pytest.raises(Conflict):
        stale = Application.objects.get(pk=case.pk)
        stale.state, stale.version = "verified", stale.version - 1
        handling.accept(stale, cast.seats["second officer"], version=stale.version)
    assert Opinion.objects.filter(application=case, stage="review").count() == 1


def test_what_a_desk_found_stands_beside_what_was_declared_and_counts(cast: Cast) -> None:
    thing = Thing.objects.get(kind="企业", key=cast.firm.code)
    case = submitted(cast, answers={("实物商品网络零售额", 2025): 5_200_000_000})
    client = cast.client("township")
    key = f"{thing.pk}||实物商品网络零售额|2025"
    wrong = client.post(reverse("case_adjust", args=[case.number]), {"fact": key, "value": "五千万左右", "reason": "后台"})
    assert wrong.status_code == 409 and "五千万左右" in wrong.content.decode()
    assert client.post(reverse("case_adjust", args=[case.number]), {"fact": key, "value": "40,000,000.00", "reason": ""}).status_code == 409
    assert client.post(reverse("case_adjust", args=[case.number]), {"fact": key, "value": "40,000,000.00", "reason": "现场查看后台"}).status_code == 302
    row = Fact.objects.get(thing=thing, name="实物商品网络零售额", period="2025", source=Source.VERIFIED, ended=None)
    assert facts.decode(row.value) == 4_000_000_000 and row.reason == "现场查看后台"
    page = client.get(reverse("case", args=[case.number])).content.decode()
    assert "12,000.00" in page and "52,000,000.00" in page and "现场查看后台" in page


def test_a_fact_of_somebody_else_cannot_be_adjusted_through_a_case(cast: Cast) -> None:
    case = submitted(cast)
    thing = Thing.objects.get(kind="企业", key=cast.other_firm.code)
    answer = cast.client("township").post(reverse("case_adjust", args=[case.number]), {"fact": f"{thing.pk}||纳统|2025", "value": "否", "reason": "x"})
    assert answer.status_code == 404


def test_many_cases_are_accepted_where_nothing_differs_and_the_others_say_why(cast: Cast) -> None:
    plain, odd = submitted(cast), submitted(cast, who="outsider", answers={("实物商品网络零售额", 2025): 1})
    from duixian.web.cases.models import Evidence

    for case, township in ((plain, "township"), (odd, "other township")):
        handling.verify(case, cast.seats[township], true=True, text="", visited=None)
        Evidence.objects.create(application=case, material="第三方数据证明", name="a.pdf", path="a", type="application/pdf", size=1, digest="0", by=cast.seats["applicant"])
    client = cast.client("officer")
    marks = [f"{case.number}@{case.version}" for case in (plain, odd)]
    page = client.post(reverse("worklist_do"), {"mark": [*marks, "2025-999-00009@1"], "do": "accept"}, follow=True).content.decode()
    assert Application.objects.get(pk=plain.pk).state == "reviewed" and Application.objects.get(pk=odd.pk).state == "verified"
    assert "来源不一致：实物商品网络零售额" in page and "没有这一件" in page
    assert Event.objects.filter(subject=f"application:{odd.pk}", kind=Kind.REFUSED, new__law="plain_cases_only").exists()


def test_many_cases_are_given_to_an_officer(cast: Cast) -> None:
    case = submitted(cast)
    cast.client("head").post(reverse("worklist_do"), {"mark": [f"{case.number}@{case.version}"], "do": "assign", "officer": cast.seats["second officer"].pk})
    assert Application.objects.get(pk=case.pk).officer == cast.seats["second officer"]


def test_the_list_is_exported_as_filtered_and_no_text_becomes_a_formula(cast: Cast) -> None:
    cast.firm.name = "=HYPERLINK(\"http://example.invalid\")"
    cast.firm.save()
    submitted(cast), submitted(cast, who="outsider")
    answer = cast.client("officer").get(reverse("worklist_export"), {"state": "submitted", "search": cast.firm.code})
    rows = list(load_workbook(io.BytesIO(answer.content)).active.iter_rows())
    assert len(rows) == 2
    cell = rows[1][3]
    assert cell.data_type == "s" and not str(cell.value).startswith("=")


def test_search_and_filters_narrow_the_list(cast: Cast) -> None:
    one, other = submitted(cast), submitted(cast, who="outsider")
    client = cast.client("officer")

    def shown(**given: str) -> set[str]:
        page = client.get(reverse("worklist"), {"state": "all", **given}).content.decode()
        return {case.number for case in (one, other) if f"/{case.number}/" in page}

    assert shown() == {one.number, other.number}
    assert shown(search="演示二号") == {other.number} == shown(search=cast.other_firm.code) == shown(division=str(cast.other_town.pk))
    assert shown(search=one.number) == {one.number}
    assert shown(search="'; DROP TABLE application; --") == set() == shown(due="over") == shown(officer="me") == shown(award="没有的奖补")
    assert shown(award="流量补贴", due="soon", sort="-due", officer="nobody") == {one.number, other.number}
    assert shown(cycle="999", page="7") == set()


@pytest.mark.parametrize("who", ["outsider", "other township", "finance", "admin", "applicant"])
def test_an_outsider_sees_nothing_of_a_case_and_the_attempt_is_recorded(cast: Cast, who: str) -> None:
    case = submitted(cast)
    client = cast.client(who)
    for name in ("case", "case_move", "case_adjust", "case_comment", "case_reveal"):
        answer = client.get(reverse(name, args=[case.number])) if name == "case" else client.post(reverse(name, args=[case.number]), {"action": "verify", "version": case.version})
        assert answer.status_code in (403, 404)
        assert cast.firm.name not in answer.content.decode().replace(str(cast.seats["applicant"]), "") or who == "applicant"
    assert Event.objects.filter(kind=Kind.REFUSED).count() == 5
    if who == "other township":
        assert case.number not in client.get(reverse("worklist"), {"state": "all"}).content.decode()


def test_an_auditor_does_not_see_a_case_before_the_audit(cast: Cast) -> None:
    case = bring(cast, "verified")
    assert cast.client("auditor").get(reverse("case", args=[case.number])).status_code == 404


def test_contact_and_account_are_shown_only_when_asked_for_and_that_is_signed(cast: Cast) -> None:
    case = submitted(cast)
    client = cast.client("officer")
    page = client.get(reverse("case", args=[case.number])).content.decode()
    assert cast.firm.phone not in page and cast.firm.bank_account not in page and cast.firm.contact not in page.replace("演示联系人二", "")
    page = client.post(reverse("case_reveal", args=[case.number])).content.decode()
    assert cast.firm.phone in page and cast.firm.bank_account in page
    event = Event.objects.get(kind=Kind.READ, action="party.contact")
    assert event.subject == f"application:{case.pk}" and cast.firm.phone not in str(event.__dict__)


def test_an_internal_note_is_not_sent_to_the_applicant(cast: Cast) -> None:
    case = submitted(cast)
    client = cast.client("officer")
    client.post(reverse("case_comment", args=[case.number]), {"text": "内部的话", "shared": "no"})
    assert not Message.objects.exists()
    client.post(reverse("case_comment", args=[case.number]), {"text": "请说明", "shared": "yes"})
    assert Message.objects.get().user == cast.seats["applicant"].user


def test_text_that_looks_like_markup_is_shown_as_text(cast: Cast) -> None:
    case = submitted(cast)
    handling.comment(case, cast.seats["officer"], "<script>alert(1)</script>{{ 7|add:7 }}", shared=False)
    page = cast.client("officer").get(reverse("case", args=[case.number])).content.decode()
    assert "<script>alert" not in page and "&lt;script&gt;" in page


def test_a_refusal_outside_an_action_is_a_message_not_a_fault(cast: Cast) -> None:
    case = submitted(cast)
    assert do(cast, "township", case, "verify", visited="昨天").status_code == 409
    assert do(cast, "township", case, "no such move").status_code == 409
    with pytest.raises(Refused):
        handling.audit(bring(cast, "auditing"), cast.seats["auditor"], "随便", "")


@pytest.mark.parametrize("who", ["township", "officer", "head", "auditor"])
def test_no_page_asks_the_database_more_than_thirty_times(cast: Cast, who: str) -> None:
    case = submitted(cast)
    handling.verify(case, cast.seats["township"], true=True, text="属实", visited=None)
    if who == "auditor":
        case = bring(cast, "auditing")
    for name in range(6):
        handling.comment(case, cast.seats["officer"], f"第{name}条", shared=name % 2 == 0)
    client = cast.client(who)
    client.get(reverse("worklist"))
    for address in (reverse("worklist") + "?state=all", reverse("case", args=[case.number])):
        with CaptureQueriesContext(connection, ) as asked:
            assert client.get(address).status_code == 200
        assert len(asked) <= 30, f"{address}: {len(asked)}\n" + "\n".join(query["sql"][:150] for query in asked.captured_queries)
