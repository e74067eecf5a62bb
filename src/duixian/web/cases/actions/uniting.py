"""Two parties on file that are one: put forward by one officer, checked by another. Nothing is deleted; from then on both count as one (`registry.facts.same_codes`)."""

from __future__ import annotations

from django.db import IntegrityError, transaction

from duixian.web.cases.models import Application, Line, SameParty, SpecialDecision
from duixian.web.record.book import Refused, acting
from duixian.web.registry.models import Party, Seat, Thing

from .moving import by_the_bureau, second_look

_OVER = ("withdrawn", "rejected", "decided")
_SETTLED = ("computed", "nothing", "dropped", "paid", "recovered")  # of a line: no money is on its way


def propose(party: Party, into: Party, seat: Seat, reason: str) -> SameParty:
    """Put forward that a party is another. Raises Refused where either is somebody else's already, or something of the first is under way."""
    with acting(seat, "party.same.propose", party, reason=reason) as page:
        _may(seat, party, into)
        if not reason.strip():
            raise Refused("reason_is_given", "写明依据，如“三证合一换了代码，见变更通知书”。")
        try:
            with transaction.atomic():
                found = SameParty.objects.create(party=party, into=into, reason=reason.strip()[:200], by=seat)
        except IntegrityError as clash:
            raise Refused("one_change_at_a_time", "已经有人提出过，等着复核。") from clash
        page.new = {"same": found.pk, "into": into.pk}
    return found


def check(same: SameParty, seat: Seat, *, use: bool) -> None:
    """A second person agrees or not. Agreed: the first party applies no more, its objects are the other's, and its history counts for the other. Raises Refused, Conflict."""
    with acting(seat, "party.same.check", same.party) as page:
        second_look(same, seat, use=use)
        parties = {one.pk: one for one in Party.objects.select_for_update(of=("self",)).filter(pk__in=[same.party_id, same.into_id]).order_by("pk")}
        party, into = parties[same.party_id], parties[same.into_id]
        (_may if use else by_the_bureau)(seat, party, into)
        page.new = {"same": same.pk, "state": same.state, "into": into.pk}
        if use:
            Party.objects.filter(same_as=party).update(same_as=into)
            Party.objects.filter(pk=party.pk).update(same_as=into)
            page.new["things"] = Thing.objects.filter(party=party).update(party=into)


def _may(seat: Seat, party: Party, into: Party) -> None:
    by_the_bureau(seat, party, into)
    if party.pk == into.pk:
        raise Refused("two_parties", "这是同一行。填另一个主体的代码。")
    if party.same_as_id or into.same_as_id:
        raise Refused("party_is_itself", "其中一个已经认定为别的主体。请用留下的那一个。")
    if numbers := list(Application.objects.filter(party=party).exclude(state__in=_OVER).order_by("pk").values_list("number", flat=True)[:3]):
        raise Refused("nothing_is_under_way", f"{party.name}（{party.code}）还有没办完的申报：{'、'.join(numbers)}。先撤回或办完。")
    owed = Line.objects.filter(party=party, settlement__state="frozen").exclude(state__in=_SETTLED).exists()
    if owed or SpecialDecision.objects.filter(party=party).exclude(state__in=["paid", "refused", "dropped", "recovered"]).exists():
        raise Refused("nothing_is_under_way", f"{party.name}（{party.code}）还有没拨完的款。拨完或退回办结以后再认定。")
