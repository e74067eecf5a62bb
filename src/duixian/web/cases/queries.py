"""Every read, by seat. A view never asks a model: it asks here, and gets only what its seat may see."""

from __future__ import annotations

from django.db.models import Count, Q, QuerySet
from django.http import Http404

from duixian.web.prepared import prepared
from duixian.web.record import book
from duixian.web.registry.models import Role, Seat
from duixian.web.seats import BUREAU

from .models import Application, Cycle, Delivery, Line


def applications(seat: Seat) -> QuerySet[Application]:
    """The applications a seat may see: an applicant its own; a township those of its division once submitted; the bureau all but others' drafts; the auditor what reached the audit."""
    return visible(Application.objects.select_related("cycle__version_of", "party__division", "division", "officer__user"), *sight(seat))


def sight(seat: Seat) -> tuple[Role, int, int | None]:
    """What decides which applications a seat may see: its role, its number, its party or division."""
    return Role(seat.role), seat.pk, seat.party_id or seat.division_id


def visible(rows: QuerySet[Application], role: Role, seat: int, place: int | None) -> QuerySet[Application]:
    """Of some applications those that may be seen by `sight`."""
    if role == Role.APPLICANT:
        return rows.filter(party=place)
    if role == Role.TOWNSHIP:
        return rows.filter(division=place).exclude(state="draft")
    if role in BUREAU:
        return rows.exclude(Q(state="draft") & ~Q(by=seat))
    if role == Role.AUDITOR:
        return rows.filter(state__in=["auditing", "reviewed", "decided"])
    return rows.none()


@prepared
def _numbered(role: Role, seat: int, place: int | None, number: str) -> QuerySet[Application]:
    return visible(Application.objects.select_related("cycle__version_of", "party__division", "division", "officer__user", "by__user"), role, seat, place).filter(number=number)


def application(seat: Seat, number: str) -> Application:
    """One application by its number. Raises Http404 where this seat may not see it; that one is there and may not be seen is signed as a refusal."""
    found = _numbered.first(*sight(seat), number)
    if found is None:
        hidden = Application.objects.filter(number=number).first()
        if hidden is not None:
            book.refused(seat, "application.read", hidden, book.Refused("may_not_see", "不在这个席位的范围内"))
        raise Http404
    return found


def cycles(seat: Seat | None) -> QuerySet[Cycle]:
    """The cycles a seat may see: the public and applicants those that were opened."""
    rows = Cycle.objects.select_related("version_of")
    return rows if seat is not None and seat.role in (*BUREAU, Role.AUDITOR, Role.FINANCE, Role.ADMIN) else rows.exclude(state="preparing")


def cycle(seat: Seat | None, number: int) -> Cycle:
    """One cycle. Raises Http404 where this seat may not see it."""
    found = cycles(seat).filter(pk=number).first()
    if found is None:
        raise Http404
    return found


def lines(seat: Seat, owner: Cycle) -> QuerySet[Line]:
    """Lines of a cycle's frozen settlement that a seat may see."""
    rows = Line.objects.filter(settlement__cycle=owner, settlement__state="frozen").select_related("party", "application", "settlement")
    if seat.role == Role.APPLICANT:
        return rows.filter(party=seat.party)
    if seat.role in (*BUREAU, Role.AUDITOR, Role.FINANCE):
        return rows
    return rows.none()


def deliveries(state: str = "") -> QuerySet[Delivery]:
    """What went out of messages, newest first; no address is among it."""
    rows = Delivery.objects.select_related("message__user", "message__application").order_by("-pk")
    return rows.filter(state=state) if state else rows


def delivery_counts() -> list[tuple[str, str, int]]:
    """How many deliveries are in each state that has any."""
    found = dict(Delivery.objects.order_by().values_list("state").annotate(Count("id")))
    return [(key, str(label), found[key]) for key, label in Delivery.State.choices if key in found]
