"""Paper applications: an officer takes back the draft that was keyed in, and only that; the firm may then apply by itself."""

from __future__ import annotations

import pytest
from django.urls import reverse

from duixian.web.cases.actions import applying
from duixian.web.cases.models import Application
from duixian.web.record.book import Refused
from duixian.web.record.models import Event
from duixian.web.registry.models import Thing
from tests.web.cast import Cast

pytestmark = pytest.mark.django_db


def keyed(cast: Cast) -> Application:
    """A draft keyed in by the officer."""
    seat = cast.seats["officer"]
    found = applying.start(cast.zibo, cast.firm, seat)
    applying.claim(found, "流量补贴", "二", Thing.objects.get(kind="企业", key=cast.firm.code), seat)
    return found


def test_an_officer_takes_back_a_paper_draft_and_the_firm_may_apply_itself(cast: Cast) -> None:
    draft, officer = keyed(cast), cast.client("officer")
    assert reverse("withdraw_application", args=[draft.number]) in officer.get(reverse("application", args=[draft.number])).content.decode()
    told = officer.post(reverse("withdraw_application", args=[draft.number]), {"version": draft.version}, follow=True).content.decode()
    draft.refresh_from_db()
    assert draft.state == "withdrawn" and "已撤回" in told and not draft.claims.filter(live=True).exists()
    assert Event.objects.filter(action="application.withdraw", kind="write", seat=cast.seats["officer"], subject=f"application:{draft.pk}").count() == 1
    assert reverse("withdraw_application", args=[draft.number]) not in officer.get(reverse("application", args=[draft.number])).content.decode()
    own = applying.start(cast.zibo, cast.firm, cast.seats["applicant"])
    assert own.pk != draft.pk and not own.paper


def test_nobody_else_takes_it_back_and_nothing_that_was_handed_in(cast: Cast) -> None:
    draft = keyed(cast)
    assert cast.client("second officer").post(reverse("withdraw_application", args=[draft.number])).status_code == 404
    with pytest.raises(Refused, match="只能撤回自己代录"):
        applying.withdraw(draft, cast.seats["second officer"])
    with pytest.raises(Refused, match="只能撤回自己代录"):
        applying.withdraw(applying.start(cast.zibo, cast.other_firm, cast.seats["outsider"]), cast.seats["officer"])
    with pytest.raises(Refused, match="只能撤回自己单位"):
        applying.withdraw(draft, cast.seats["outsider"])
    applying.promise(draft, cast.seats["officer"], given=True)
    applying.submit(draft, cast.seats["officer"], [])
    with pytest.raises(Refused, match="不能“撤回代录”"):
        applying.withdraw(draft, cast.seats["officer"])
    assert Application.objects.get(pk=draft.pk).state == "submitted"
