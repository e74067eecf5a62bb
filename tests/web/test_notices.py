"""The notice: decisions outside the rules are a kind of their own and wait as every line does; a notice that has run out ends by itself, or says why not."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from duixian.ledger.books import Place
from duixian.values.capitals import in_words
from duixian.values.labels import amount_text
from duixian.web.cases.actions import closing, noticing, paying, special
from duixian.web.cases.models import Cycle, Line, Message, Notice, Objection, SpecialDecision
from duixian.web.cases.templatetags.said import yuan
from duixian.web.jobs import work
from duixian.web.record import book
from duixian.web.record.models import Event
from duixian.web.registry.models import Party
from duixian.web.treasury import actions as treasury
from duixian.web.treasury.models import Transfer
from tests.web import kept
from tests.web.cast import Cast, make_cast
from tests.web.scene import decided_case

pytestmark = pytest.mark.django_db
AMOUNT = 8_000_000


def _decided() -> Cast:
    cast = make_cast()
    decided_case(cast)
    return cast


@pytest.fixture
def decided(db: None) -> Cast:
    """Zibo's cycle with its amounts decided."""
    return kept.once(_decided)


def outside(cast: Cast, party: Party | None = None, subject: str = "论坛承办补助（合成）", **given: Any) -> SpecialDecision:
    """A decision outside the rules, confirmed."""
    one = special.propose_special(fresh(cast), party or cast.other_firm, cast.seats["officer"], clause="五", subject=subject, amount_fen=AMOUNT, reason="内部理由（合成）", document="纪要4号（合成）", **given)
    special.confirm_special(SpecialDecision.objects.select_related("cycle__version_of", "by", "party").get(pk=one.pk), cast.seats["head"])
    return SpecialDecision.objects.get(pk=one.pk)


def fresh(cast: Cast) -> Cycle:
    return Cycle.objects.select_related("version_of").get(pk=cast.zibo.pk)


def read(number: int) -> Notice:
    return Notice.objects.select_related("cycle__version_of", "settlement").get(pk=number)


def place_of(one: SpecialDecision) -> dict[Place, int]:
    return treasury.balances_of(treasury.account_of("zibo-2022", 2025), one.item)


def test_a_decision_outside_the_rules_is_published_apart_and_without_what_is_nobodys_business(decided: Cast) -> None:
    person = Party.objects.create(kind="自然人", code="P0001", name="欧阳某甲", division=decided.town, contact="欧阳某甲", phone="13800000000", bank_account="6222000000000000")
    one = outside(decided, person, subject="欧阳某甲直播培训补助，电话13800000000，账号6222000000000000")
    notice = noticing.publish(fresh(decided), decided.seats["officer"], "")
    page = Client().get(reverse("notice", args=[notice.pk])).content.decode()
    before, after = page.split("规则之外的决定（一事一议）")
    top, listed = before.split('role="search"')
    assert 'href="#outside"' in top and "规则之外的决定 1 项，合计 80,000.00 元" in top, "far below on a phone: the way there stands at the top"
    assert "不是按政策条款算出的" in after and "80,000.00" in after and "80,000.00" not in listed and "流量补贴" in listed
    for secret in ("欧阳某甲", "13800000000", "6222000000000000", "P0001", "内部理由", "纪要4号"):
        assert secret not in page and secret not in json.dumps(notice.rows, ensure_ascii=False), secret
    assert [set(row) & {"line", "special", "award"} for row in notice.rows] == [{"line", "award"}, {"special"}]
    assert noticing.digest_of(notice.rows) == notice.digest
    assert "共 1 笔，合计 15,000.00 元" in before and "共 1 项，合计 80,000.00 元" in after, "never one sum of both"
    one.refresh_from_db()
    assert one.state == "noticed" and place_of(one)[Place.RESERVED] == AMOUNT
    assert Client().get(reverse("notice_export", args=[notice.pk])).status_code == 200


def test_what_was_decided_is_a_letter_with_its_sum_in_words(decided: Cast) -> None:
    line = Line.objects.select_related("application").get(settlement__state="frozen", payable_fen__gt=0)
    page = decided.client("applicant").get(reverse("letter", args=[line.application.number])).content.decode()
    for text in ("奖补金额核定告知书", line.award, yuan(line.payable_fen), in_words(line.payable_fen)):
        assert text in page


def test_it_is_paid_only_after_its_notice_and_by_the_same_steps_as_a_line(decided: Cast, clock: Any) -> None:
    one = outside(decided)
    assert one.item not in [found.item for found in paying.owed(fresh(decided))]
    notice = noticing.publish(fresh(decided), decided.seats["officer"], "")
    assert not paying.owed(fresh(decided))
    clock.later(days=12)
    assert noticing.finish(read(notice.pk), decided.seats["officer"]) == 2
    request = paying.prepare(fresh(decided), decided.seats["officer"])
    request.refresh_from_db()
    paying.check_and_send(request, decided.seats["head"])
    payment = request.payments.select_related("request__cycle__version_of", "line__application", "special", "party").get(special=one)
    paying.paid(payment, decided.seats["finance"], reference="合成1", day=timezone.localdate())
    own = request.payments.select_related("request__cycle__version_of", "line__application", "special", "party").get(line__isnull=False)
    case = reverse("application", args=[own.line.application.number])
    assert "经过" in (page := decided.client("applicant").get(case).content.decode()) and (sum_paid := f"流量补贴 {amount_text(own.amount_fen, 'zh')}") not in page
    paying.paid(own, decided.seats["finance"], reference="合成2", day=timezone.localdate())
    assert sum_paid in decided.client("applicant").get(case).content.decode()
    told = Message.objects.filter(user=decided.seats["outsider"].user)
    assert "论坛承办补助" in told.get(title="奖补资金已拨付").text
    paying.recover(SpecialDecision.objects.select_related("cycle__version_of", "party").get(pk=one.pk), 100, decided.seats["finance"], "多付（合成）", "缴款书1号（合成）")
    assert "追回 1元" in told.get(title="已登记追回").text
    one.refresh_from_db()
    kinds = list(Transfer.objects.filter(item=one.item).values_list("kind", flat=True))
    line = Line.objects.get(settlement__state="frozen", payable_fen__gt=0)
    assert kinds == ["reserve", "commit", "request", "pay", "recover"] and one.state == "paid"
    assert kinds[:4] == list(Transfer.objects.filter(item=line.item).values_list("kind", flat=True))


def test_one_decided_after_the_list_was_published_has_a_notice_of_its_own(decided: Cast, clock: Any) -> None:
    officer = decided.seats["officer"]
    first = noticing.publish(fresh(decided), officer, "")
    one = outside(decided)
    client = decided.client("officer")
    assert "公示规则之外的决定" in client.get(reverse("cycle_page", args=[decided.zibo.pk])).content.decode()
    preview = client.get(reverse("notice_new", args=[decided.zibo.pk])).content.decode()
    assert "论坛承办补助（合成）" in preview and "流量补贴" not in preview
    client.post(reverse("notice_new", args=[decided.zibo.pk]), {"title": ""})
    second = Notice.objects.latest("pk")
    assert second.pk != first.pk and [row["special"] for row in second.rows] == [one.pk] and fresh(decided).state == "noticed"
    clock.later(days=12)
    assert noticing.finish(read(second.pk), officer) == 1
    assert Line.objects.get(settlement__state="frozen", payable_fen__gt=0).state == "noticed" and fresh(decided).state == "noticed", "the cycle's own list runs on"
    assert noticing.finish(read(first.pk), officer) == 1 and fresh(decided).state == "paying"
    with pytest.raises(book.Refused, match="没有可公示"):
        noticing.publish(fresh(decided), officer, "")


def test_the_sum_over_a_list_says_what_of_it_is_not_paid_after_all(decided: Cast) -> None:
    notice = noticing.publish(fresh(decided), decided.seats["officer"], "")
    page, line = reverse("notice", args=[notice.pk]), Line.objects.get(settlement__state="frozen", payable_fen__gt=0)
    assert "公示后不予拨付" not in Client().get(page).content.decode()
    objection = noticing.object_to(read(notice.pk), line, name="张三（合成）", contact="000-0", text="请核实")
    noticing.answer(Objection.objects.select_related("notice__cycle__version_of", "line", "special").get(pk=objection.pk), decided.seats["officer"], upheld=True, text="属实")
    assert f"其中 1 笔 {yuan(line.payable_fen)} 元公示后不予拨付" in Client().get(page).content.decode()


@pytest.mark.parametrize("upheld", [True, False])
def test_somebody_may_object_to_it_and_it_alone_waits(decided: Cast, upheld: bool) -> None:
    one = outside(decided)
    notice = noticing.publish(fresh(decided), decided.seats["officer"], "")
    form = Client().get(reverse("object_to", args=[notice.pk])).content.decode()
    assert f'value="s{one.pk}"' in form and "规则之外" in form
    Client().post(reverse("object_to", args=[notice.pk]), {"line": f"s{one.pk}", "name": "张三（合成）", "contact": "000-0", "text": "请核实"})
    objection = Objection.objects.select_related("notice__cycle__version_of", "line", "special").get()
    one.refresh_from_db()
    party, staff = (Message.objects.filter(user=decided.seats[who].user) for who in ("outsider", "officer"))
    assert [one.title for one in party.order_by("pk")] == ["金额已核定", "公示期内有异议，正在核实"] and "论坛承办补助" in party.latest("pk").text
    assert notice.title in staff.get(title="公示收到异议，请核实答复").text
    assert (objection.special, one.state) == (one, "suspended") and Line.objects.get(settlement__state="frozen", payable_fen__gt=0).state == "noticed"
    assert "论坛承办补助" in decided.client("officer").get(reverse("objections", args=[notice.pk])).content.decode()
    noticing.answer(Objection.objects.select_related("notice__cycle__version_of", "line", "special").get(), decided.seats["officer"], upheld=upheld, text="核实了")
    assert party.latest("pk").title == ("异议成立，这一笔不予拨付" if upheld else "异议不成立，这一笔继续")
    assert "张三" not in "".join(one.title + one.text for one in [*party, *staff])
    one.refresh_from_db()
    assert (one.state, place_of(one)[Place.RESERVED]) == (("dropped", 0) if upheld else ("noticed", AMOUNT))


def test_a_notice_that_has_run_out_is_ended_by_the_system_one_working_day_later(decided: Cast, clock: Any) -> None:
    outside(decided)
    notice = noticing.publish(fresh(decided), decided.seats["officer"], "")  # Tuesday, March 10: five working days, to the 17th
    assert notice.last_day.isoformat() == "2026-03-17" and closing.end_notices in work.ROUNDS
    for days, ended in ((7, 0), (1, 0), (1, 1), (1, 0)):  # the 17th, the 18th, the 19th, the 20th
        clock.later(days=days)
        assert closing.end_notices() == ended, timezone.localdate()
    found = read(notice.pk)
    event = Event.objects.get(action="notice.finish")
    assert found.state == "finished" and fresh(decided).state == "paying"
    assert (event.user, event.seat, event.kind) == (None, None, "write") and "由系统结束" in event.reason and "2026-03-17" in event.reason
    assert set(Transfer.objects.filter(kind="commit").values_list("by", flat=True)) == {None}
    finance, account = decided.client("finance"), treasury.account_of("zibo-2022", 2025)
    assert "系统" in finance.get(reverse("account", args=[account.pk])).content.decode()
    assert finance.get(reverse("account_export", args=[account.pk])).status_code == 200
    assert book.verify()[1] == []


def test_with_an_objection_open_a_notice_waits_says_so_once_and_ends_after_the_answer(decided: Cast, clock: Any) -> None:
    officer = decided.seats["officer"]
    notice = noticing.publish(fresh(decided), officer, "")
    objection = noticing.object_to(read(notice.pk), Line.objects.get(settlement__state="frozen", payable_fen__gt=0), name="张三", contact="0", text="合成")
    clock.later(days=20)
    assert [closing.end_notices() for _ in range(3)] == [0, 0, 0]
    assert read(notice.pk).state == "published" and Event.objects.filter(action="notice.wait").count() == 1
    assert Message.objects.filter(user=officer.user, title__contains="还有异议没有答复").count() == 1
    assert "还有 1 条异议没有答复，公示在等" in decided.client("officer").get(reverse("objections", args=[notice.pk])).content.decode()
    assert "还有 1 条异议正在核实" in Client().get(reverse("notice", args=[notice.pk])).content.decode()
    noticing.answer(Objection.objects.select_related("notice__cycle__version_of", "line", "special").get(pk=objection.pk), officer, upheld=False, text="已核实")
    assert closing.end_notices() == 1 and read(notice.pk).state == "finished"


def test_what_came_by_letter_can_be_entered_until_the_notice_has_ended(decided: Cast, clock: Any) -> None:
    notice = noticing.publish(fresh(decided), decided.seats["officer"], "")
    clock.later(days=8)
    given = {"line": "", "name": "来信人（合成）", "contact": "000-0", "text": "来信收到日期在公示期内"}
    Client().post(reverse("object_to", args=[notice.pk]), given)
    assert not Objection.objects.exists()
    decided.client("officer").post(reverse("object_to", args=[notice.pk]), given)
    assert Objection.objects.count() == 1 and Event.objects.filter(action="notice.object", kind="write", seat=decided.seats["officer"]).exists()
    clock.later(days=5)
    assert closing.end_notices() == 0


def test_a_list_that_was_tampered_with_is_not_ended_and_not_tried_every_minute(decided: Cast, clock: Any) -> None:
    notice = noticing.publish(fresh(decided), decided.seats["officer"], "")
    rows = [row | {"amount_fen": 1} for row in notice.rows]
    Notice.objects.filter(pk=notice.pk).update(rows=rows)
    clock.later(days=20)
    assert [closing.end_notices() for _ in range(3)] == [0, 0, 0]
    assert Event.objects.filter(action="notice.finish", kind="refused").count() == 1 and read(notice.pk).state == "published"


def objected(cast: Cast, notice: Notice, row: Line | SpecialDecision | None, text: str = "在外地经营（合成）") -> Objection:
    return noticing.object_to(notice, row, name="演示群众", contact="000-00000000", text=text)


def test_an_objection_is_in_sight_of_the_bureau_until_it_is_answered(decided: Cast) -> None:
    notice = noticing.publish(fresh(decided), decided.seats["officer"], "")
    one = objected(decided, notice, Line.objects.filter(state="noticed").first())
    objected(decided, notice, None, "整个名单（合成）")
    address = reverse("objections", args=[notice.pk])
    for who in ("officer", "head"):
        client = decided.client(who)
        worklist, cycle = (client.get(reverse(name, args=args)).content.decode() for name, args in (("worklist", []), ("cycle_page", [decided.zibo.pk])))
        assert "等答复的异议" in worklist
        assert address in worklist
        assert "2 条待答复" in cycle
    assert "等答复的异议" not in decided.client("township").get(reverse("worklist")).content.decode()
    noticing.answer(one, decided.seats["officer"], upheld=True, text="核实（合成）")
    page = decided.client("officer").get(address).content.decode()
    assert page.index("整个名单") < page.index("在外地经营"), "what waits for an answer comes first"
    noticing.answer(Objection.objects.get(line=None), decided.seats["officer"], upheld=False, text="核实（合成）")
    assert "等答复的异议" not in decided.client("officer").get(reverse("worklist")).content.decode()


@pytest.mark.parametrize(("upheld", "title", "says"), [(True, "异议成立，这一笔不予拨付", "发货地不在本市"), (False, "异议不成立，这一笔继续", "公示结束后拨付")])
def test_whose_line_is_objected_to_is_told_and_told_the_end_but_never_by_whom(decided: Cast, upheld: bool, title: str, says: str) -> None:
    notice = noticing.publish(fresh(decided), decided.seats["officer"], "")
    line = Line.objects.filter(state="noticed", application__isnull=False).first()
    first, second = objected(decided, notice, line), objected(decided, notice, line, "另有一件（合成）")
    told = Message.objects.filter(application=line.application).order_by("pk")
    assert [one.title for one in told.filter(title__contains="异议")] == ["公示期内有异议，正在核实"], "once, however many object"
    noticing.answer(first, decided.seats["officer"], upheld=upheld, text="经核实，发货地不在本市（合成）。")
    noticing.answer(second, decided.seats["officer"], upheld=upheld, text="同上（合成）。")
    assert [one.title for one in told.filter(title__contains="异议")] == ["公示期内有异议，正在核实", title]
    assert says in told.last().text
    assert "演示群众" not in "".join(one.text for one in told)


def test_the_rows_one_may_object_to_are_listed_in_the_language_of_the_page(decided: Cast) -> None:
    outside(decided)
    notice, client = noticing.publish(fresh(decided), decided.seats["officer"], ""), Client()
    client.post("/language/", {"language": "en", "next": "/"})
    page = client.get(reverse("object_to", args=[notice.pk])).content.decode()
    assert "80,000.00 yuan" in page
    assert "0 元" not in page
