"""The main line of money, by actions: settle, confirm by a second person, publish, commit, request, pay; and what each step refuses."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

import duixian.web.cases.jobs  # noqa: F401  registers the work
from duixian.ledger.books import Place
from duixian.web.cases.actions import cycling, handling, noticing, paying, settling
from duixian.web.cases.models import Line, Settlement
from duixian.web.jobs import work
from duixian.web.record import book
from duixian.web.registry.models import Role
from duixian.web.treasury import actions as treasury
from tests.web.cast import Cast, sit, submitted

TOTAL = 1_000_000_000


@pytest.fixture
def ready(cast: Cast) -> Cast:
    """Two reviewed cases in the cycle of Zibo, and money in its account."""
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
