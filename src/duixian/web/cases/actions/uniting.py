"""Two parties on file that are one: put forward by one officer, checked by another. Nothing is deleted; from then on both count as one (`registry.facts.same_codes`), until it is taken back the same way."""

from __future__ import annotations

from typing import Any

from django.db import IntegrityError, transaction

from duixian.web.cases.models import Application, Claim, Line, SameParty, SpecialDecision
from duixian.web.cases.objects import union_of
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
        found = _put_forward(party=party, into=into, reason=reason.strip()[:200], by=seat)
        page.new = {"same": found.pk, "into": into.pk}
    return found


def propose_apart(union: SameParty, seat: Seat, reason: str) -> SameParty:
    """Put forward that two parties that were found to be one are two after all. Raises Refused where that would take something out of what is under way."""
    with acting(seat, "party.apart.propose", union.party, reason=reason) as page:
        _may_part(seat, union)
        if not reason.strip():
            raise Refused("reason_is_given", "写明依据，如“查登记档案，是名称相近的两家”。")
        found = _put_forward(party=union.party, into=union.into, undoes=union, reason=reason.strip()[:200], by=seat)
        page.new = {"same": found.pk, "undoes": union.pk}
    return found


def _put_forward(**given: Any) -> SameParty:
    try:
        with transaction.atomic():
            return SameParty.objects.create(**given)
    except IntegrityError as clash:
        raise Refused("one_change_at_a_time", "已经有人提出过，等着复核。") from clash


def check(same: SameParty, seat: Seat, *, use: bool) -> None:
    """A second person agrees or not. Agreed: the first party applies no more, its objects are the other's, and its history counts for the other; or all of that is taken back. Raises Refused, Conflict."""
    with acting(seat, "party.apart.check" if same.undoes_id else "party.same.check", same.party) as page:
        second_look(same, seat, use=use)
        parties = {one.pk: one for one in Party.objects.select_for_update(of=("self",)).filter(pk__in=[same.party_id, same.into_id]).order_by("pk")}
        party, into = parties[same.party_id], parties[same.into_id]
        by_the_bureau(seat, party, into)
        page.new = {"same": same.pk, "state": same.state, "into": into.pk}
        if use and same.undoes is not None:
            _may_part(seat, same.undoes)
            Party.objects.filter(pk__in=same.undoes.parties, same_as=into).update(same_as=party)
            Party.objects.filter(pk=party.pk).update(same_as=None)
            page.new["things"] = Thing.objects.filter(pk__in=same.undoes.things, party=into).update(party=party)
        elif use:
            _may(seat, party, into)
            same.things, same.parties = (list(rows.order_by("pk").values_list("pk", flat=True)) for rows in (Thing.objects.filter(party=party), Party.objects.filter(same_as=party)))
            same.save(update_fields=["things", "parties"])
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


def _may_part(seat: Seat, union: SameParty) -> None:
    """What went over may go back: it is in no application and no payment that is under way for the one that stayed."""
    party, into = (Party.objects.get(pk=number) for number in (union.party_id, union.into_id))
    by_the_bureau(seat, party, into)
    if party.same_as_id is None or union != union_of(party):
        raise Refused("party_is_another", "这两家现在不是认定为同一家的。请刷新后再看。")
    if party.same_as_id != into.pk:
        raise Refused("party_is_itself", f"{into.name}（{into.code}）后来又认定为别的主体。先撤回后一次认定。")
    keys = set(Thing.objects.filter(pk__in=union.things).values_list("kind", "key"))
    claims = Claim.objects.filter(application__party=into, thing__in=union.things, live=True).exclude(application__state__in=_OVER)
    if numbers := list(claims.order_by("application").values_list("application__number", flat=True).distinct()[:3]):
        raise Refused("nothing_is_under_way", f"{into.name}（{into.code}）正用那一家的对象申报：{'、'.join(numbers)}。先办完，或在申报里去掉。")
    owed = Line.objects.filter(party=into, settlement__state="frozen").exclude(state__in=_SETTLED).values_list("object_kind", "object_key")
    if keys & set(owed):
        raise Refused("nothing_is_under_way", f"{into.name}（{into.code}）还有用那一家的对象核定、没拨完的款。拨完或退回办结以后再撤回。")
