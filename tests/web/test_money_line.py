"""The main line of money, by actions: settle, confirm by a second person, publish, commit, request, pay; and what each step refuses."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import timezone

import duixian.web.cases.jobs  # noqa: F401  registers the work
from duixian.ledger.books import Kind, Move, Place
from duixian.web.cases import frozen, live
from duixian.web.cases.actions import cycling, handling, noticing, paying, settling, special
from duixian.web.cases.models import Line, Settlement
from duixian.web.jobs import work
from duixian.web.record import book
from duixian.web.record.models import Event
from duixian.web.registry import facts
from duixian.web.registry.models import Role, Seat, Source, Thing
from duixian.web.treasury import actions as treasury
from tests.web import kept
from tests.web.cast import ROOT, Cast, cycle_of, make_cast, sit, submitted

TOTAL = 1_000_000_000


@pytest.fixture
def ready(db: None) -> Cast:
    """Two reviewed cases in the cycle of Zibo, and money in its account."""
    return kept.once(_ready)


def _ready() -> Cast:
    cast = make_cast()
    for who, township in (("applicant", "township"), ("outsider", "other township")):
        case = submitted(cast, who=who)
        handling.verify(case, cast.seats[township], true=True, text="现场核实", visited=None)
        handling.accept(case, cast.seats["officer"])
    cast.seats["second head"] = sit("head2", Role.HEAD)
    paying.appropriate(treasury.account_of("zibo-2022", 2025), TOTAL, cast.seats["finance"], "示例预算〔2026〕1号")
    return cast


def trial(cast: Cast) -> Settlement:
    job = work.ask("settle", f"cycle:{cast.zibo.pk}", cast.seats["officer"], cycle=cast.zibo.pk)
    assert work.serve(once=True) == 1
    job.refresh_from_db()
    assert job.state == "done", job.problem
    return Settlement.objects.select_related("cycle__version_of", "by").get(pk=job.result["settlement"])


def decided(cast: Cast) -> Settlement:
    found = trial(cast)
    settling.propose(found, cast.seats["officer"])
    cycling.run(cast.zibo, "close", cast.seats["officer"], cast.zibo.version, reason="合成")
    found = Settlement.objects.select_related("cycle__version_of", "by").get(pk=found.pk)
    settling.confirm(found, cast.seats["head"], "局长办公会纪要〔2026〕3号（合成）")
    cast.zibo.refresh_from_db()
    return found


def test_the_whole_line_from_settlement_to_payment(ready: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    cast, officer = ready, ready.seats["officer"]
    found = decided(cast)
    account = treasury.account_of("zibo-2022", 2025)
    assert found.payable_fen and treasury.standing(account)["reserved"] == found.payable_fen
    notice = noticing.publish(cast.zibo, officer, "")
    with pytest.raises(book.Refused, match="公示到"):
        noticing.finish(notice, officer)
    later = timezone.now() + timedelta(days=20)
    monkeypatch.setattr(timezone, "now", lambda: later)
    lines = Line.objects.filter(settlement=found, payable_fen__gt=0)
    assert noticing.finish(notice, officer) == len(lines)
    request = paying.prepare(cast.zibo, officer)
    with pytest.raises(book.Refused, match="另一个人"):
        paying.check_and_send(request, officer)
    paying.check_and_send(request, cast.seats["head"])
    for payment in request.payments.select_related("request__cycle__version_of", "line__application", "party"):
        assert paying.paid(payment, cast.seats["finance"], reference=f"合成{payment.pk}", day=timezone.localdate())
        assert not paying.paid(payment, cast.seats["finance"], reference=f"合成{payment.pk}", day=timezone.localdate()), "told twice, paid once"
    request.refresh_from_db()
    assert request.state == "done"
    assert treasury.balances_of(account)[Place.PAID] == found.payable_fen
    cast.zibo.refresh_from_db()
    cycling.run(cast.zibo, "finish", officer, cast.zibo.version)
    assert book.verify()[1] == []
    compared = settling.recompute(found, say=lambda *_: None)
    assert [one for one in compared if not one["same"]] == []


def test_what_was_kept_shows_every_change_to_it(ready: Cast, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    from duixian.cli import main

    monkeypatch.setattr(settings, "HOME", tmp_path)  # what is damaged here is nobody else's
    found = trial(ready)
    place = frozen.place_of(found.facts_digest, found.result_digest)
    assert main(["recompute", str(found.pk), "--home", str(settings.HOME)]) == 0
    assert capsys.readouterr().out.count("一样") == 6
    inputs = (place / "inputs.json").read_bytes()
    (place / "inputs.json").write_bytes(inputs.replace(b"i:5000000000", b"i:5000000001"))
    assert [row["what"] for row in settling.recompute(found, say=lambda *_: None) if not row["same"]] == ["留存的文件"]
    (place / "inputs.json").write_bytes(inputs)
    Line.objects.filter(settlement=found, payable_fen__gt=0).update(payable_fen=1)
    differing = [row["what"] for row in settling.recompute(found, say=lambda *_: None) if not row["same"]]
    assert len(differing) == 2 and differing[0].startswith("每一笔") and differing[1] == "应付合计"
    (place / "result.json").unlink()
    with pytest.raises(book.Refused, match="留存的文件读不出来"):
        settling.propose(found, ready.seats["officer"])
    assert trial(ready).result_digest == found.result_digest and (place / "result.json").is_file(), "settled again, what was damaged is whole"


def test_a_settlement_of_other_facts_cannot_be_proposed(ready: Cast) -> None:
    found = trial(ready)
    thing = Thing.objects.get(kind="企业", key=ready.firm.code)
    facts.put(thing, "实物商品网络零售额", 2025, Source.THIRD, 6_000_000_000, by=None)
    with pytest.raises(book.Refused, match="有变化"):
        settling.propose(found, ready.seats["officer"])


def test_standards_changed_after_the_proposal_take_it_back(ready: Cast) -> None:
    found = trial(ready)
    settling.propose(found, ready.seats["officer"])
    ready.zibo.refresh_from_db()
    cycling.amend(ready.zibo, ready.seats["officer"], ready.zibo.version, reason="局长办公会", standards=ready.zibo.standards.replace("| 3元 |", "| 2元 |"))
    found.refresh_from_db()
    assert found.state == "trial"
    with pytest.raises(book.Refused, match="不是批次定下的"):
        settling.propose(found, ready.seats["officer"])


def test_a_draft_can_be_tried_but_never_decided(ready: Cast) -> None:
    type(ready.zibo.version_of).objects.update(draft=True)
    ready.zibo.version_of.refresh_from_db()
    found = trial(ready)
    assert found.payable_fen > 0
    with pytest.raises(book.Refused, match="征求意见稿"):
        settling.propose(found, ready.seats["officer"])
    one = special.propose_special(ready.zibo, ready.firm, ready.seats["officer"], clause="", subject="合成", amount_fen=100, reason="合成", document="合成")
    with pytest.raises(book.Refused, match="征求意见稿"):
        special.confirm_special(one, ready.seats["head"])


def test_beyond_the_total_nothing_is_decided(ready: Cast) -> None:
    account = treasury.account_of("zibo-2022", 2025)
    paying.cut(account, TOTAL - 100, ready.seats["finance"], "调减文号")
    with pytest.raises(book.Refused, match="可用不足"):
        decided(ready)
    assert Settlement.objects.get().state == "proposed" and not Line.objects.exclude(state="computed").exists()
    assert treasury.standing(account)["left"] == 100
    refusal = Event.objects.filter(kind="refused").latest("number")
    assert (refusal.action, refusal.new) == ("settlement.confirm", {"law": "account_covers_the_move"})


def test_nobody_confirms_their_own_nor_what_concerns_their_own_firm(ready: Cast) -> None:
    found = trial(ready)
    head = ready.seats["head"]
    settling.propose(found, head)
    cycling.run(ready.zibo, "close", head, ready.zibo.version)
    with pytest.raises(book.Refused, match="另一个人"):
        settling.confirm(Settlement.objects.select_related("cycle__version_of", "by").get(), head, "纪要")
    with pytest.raises(book.Refused, match="负责人"):
        settling.confirm(Settlement.objects.select_related("cycle__version_of", "by").get(), ready.seats["officer"], "纪要")
    Seat.objects.create(user=ready.seats["second head"].user, role=Role.APPLICANT, party=ready.firm)
    with pytest.raises(book.Refused, match="申报单位的人"):
        settling.confirm(Settlement.objects.select_related("cycle__version_of", "by").get(), ready.seats["second head"], "纪要")
    assert Settlement.objects.get().state == "proposed" and treasury.standing(treasury.account_of("zibo-2022", 2025))["reserved"] == 0


def test_an_objection_that_is_upheld_gives_the_money_back_to_the_total(ready: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    found = decided(ready)
    notice = noticing.publish(ready.zibo, ready.seats["officer"], "")
    line = Line.objects.get(settlement=found, payable_fen__gt=0)
    objection = noticing.object_to(notice, line, name="张三", contact="0", text="合成")
    later = timezone.now() + timedelta(days=20)
    monkeypatch.setattr(timezone, "now", lambda: later)
    with pytest.raises(book.Refused, match="没有答复"):
        noticing.finish(notice, ready.seats["officer"])
    with pytest.raises(book.Refused, match="公示期已过"):
        noticing.object_to(notice, line, name="李四", contact="0", text="合成")
    noticing.answer(objection, ready.seats["officer"], upheld=True, text="核实成立")
    with pytest.raises(book.Refused, match="答复过"):
        noticing.answer(objection, ready.seats["officer"], upheld=False, text="再答")
    assert noticing.finish(notice, ready.seats["officer"]) == 0
    assert treasury.standing(treasury.account_of("zibo-2022", 2025))["left"] == TOTAL
    with pytest.raises(book.Refused, match="没有公示结束"):
        paying.prepare(ready.zibo, ready.seats["officer"])


def test_a_job_that_is_stopped_leaves_nothing(ready: Cast) -> None:
    job = work.ask("settle", f"cycle:{ready.zibo.pk}", ready.seats["officer"], cycle=ready.zibo.pk)
    assert work.ask("settle", f"cycle:{ready.zibo.pk}", ready.seats["officer"], cycle=ready.zibo.pk) == job, "asked twice, done once"
    work.stop(job, ready.seats["officer"])
    assert work.serve(once=True) == 0 and not Settlement.objects.exists()
    job = work.ask("settle", f"cycle:{ready.zibo.pk}", ready.seats["officer"], cycle=ready.zibo.pk)
    taken = work.take("tester")
    work.stop(job, ready.seats["officer"])
    work.run(taken)
    job.refresh_from_db()
    assert job.state == "stopped" and not Settlement.objects.exists()
    with pytest.raises(book.Refused, match="已经结束"):
        work.stop(job, ready.seats["officer"])


def test_a_cycle_with_something_under_way_is_not_finished(ready: Cast) -> None:
    decided(ready)
    noticing.publish(ready.zibo, ready.seats["officer"], "")
    ready.zibo.state = "paying"
    ready.zibo.save()
    with pytest.raises(book.Refused, match="1 笔还没有拨付完"):
        cycling.run(ready.zibo, "finish", ready.seats["officer"], ready.zibo.version)


def test_what_other_cycles_paid_counts_less_what_was_taken_back(ready: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    from tests.web.test_money_pages import sent_request

    request = sent_request(ready, monkeypatch, total=False)
    payment = request.payments.select_related("request__cycle__version_of", "line__settlement__cycle__version_of", "line__application", "party").get()
    paying.paid(payment, ready.seats["finance"], reference="1", day=timezone.localdate())
    line = Line.objects.select_related("settlement__cycle__version_of").get(pk=payment.line_id)
    other = cycle_of("zibo-2022", ready.seats["officer"], year=2026)
    assert [paid.amount_fen for paid in settling.paid_here(other)] == [line.payable_fen]
    paying.recover(line, 500_000, ready.seats["officer"], "多付", "缴款书1")
    assert [paid.amount_fen for paid in settling.paid_here(other)] == [line.payable_fen - 500_000]
    with pytest.raises(book.Refused, match="内容不同"):
        paying.recover(line, 400_000, ready.seats["officer"], "多付", "缴款书1")
    with pytest.raises(book.Refused, match="不足"):
        paying.recover(line, line.payable_fen, ready.seats["officer"], "多付", "缴款书2")
    paying.recover(line, line.payable_fen - 500_000, ready.seats["officer"], "多付", "缴款书2")
    line.refresh_from_db()
    assert line.state == "recovered" and settling.paid_here(other) == []


@pytest.mark.parametrize(("back", "due"), [(0, 6_000_000), (4_000_000, 10_000_000), (10_000_000, 16_000_000)])
def test_a_once_only_award_counts_what_was_taken_back_on_every_page_as_in_the_settlement(cast: Cast, back: int, due: int) -> None:
    """10万元 paid for a lower tier; a higher tier is reached: the rest of it, or more where some was taken back. What the firm reads is what a settlement counts."""
    account, seats = treasury.account_of("zibo-2022", 2024), cast.seats
    earlier = cycle_of("zibo-2022", seats["officer"], year=2024, state="finished", standards=(ROOT / "zibo-2022" / "standards-2024.md").read_text(encoding="utf-8"))
    frozen = Settlement.objects.create(cycle=earlier, state="frozen", standards="", policy_digest="", facts_digest="", result_digest="", engines="", payable_fen=10_000_000,
                                       by=seats["officer"], confirmed_by=seats["head"], confirmed=timezone.now(), document="合成")  # fmt: skip
    line = Line.objects.create(settlement=frozen, award="自播奖励", clause="四", object_kind="企业", object_key=cast.firm.code, party=cast.firm, outcome="应付", payable_fen=10_000_000,
                               nominal_fen=10_000_000, state="paid")  # fmt: skip
    paying.appropriate(account, TOTAL, seats["finance"], "示例预算〔2025〕1号")
    treasury.post(account, [(Move(kind, line.payable_fen, line.item), f"{kind.value}:合成") for kind in (Kind.RESERVE, Kind.COMMIT, Kind.REQUEST, Kind.PAY)], seat=seats["finance"])
    if back:
        paying.recover(line, back, seats["officer"], "多付", "缴款书1")
    thing = Thing.objects.get(kind="企业", key=cast.firm.code)
    for name, period, value in (("自播网络零售额", 2025, 3_100_000_000), ("入库日期", None, date(2022, 5, 1)), ("成长良好", None, True), ("成长良好", 2025, True), ("纳统", 2025, True)):
        facts.put(thing, name, period, Source.AUDITED, value, by=None)
    known = live.known(cast.firm, cast.zibo)
    history = live.history_of(cast.firm, cast.zibo, known)
    assert history == settling.paid_here(cast.zibo) and [one.amount_fen for one in history] == ([10_000_000 - back] if back < 10_000_000 else [])
    shown = next(one for one in live.look(cast.zibo, known, history, wanted={("自播奖励", cast.firm.code)}))
    assert shown.fen == due, shown
