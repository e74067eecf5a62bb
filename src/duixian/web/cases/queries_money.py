"""Every read about notices, objections, payment requests and the ledger."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from django.db.models import Case, Count, Q, QuerySet, Sum, When
from django.db.models.functions import TruncMonth
from django.http import Http404

from duixian.ledger.books import MOVES, Kind, Place
from duixian.web.record import book
from duixian.web.registry.models import Party, Seat
from duixian.web.treasury import actions as treasury
from duixian.web.treasury.models import Account, Transfer

from .models import Cycle, Line, Notice, Objection, Payment, PaymentRequest, SpecialDecision


def notices() -> QuerySet[Notice]:
    """Every notice, newest first; published for everybody."""
    return Notice.objects.select_related("cycle__version_of").defer("rows")


def notice(number: int) -> Notice:
    """One notice. Raises Http404."""
    found = Notice.objects.filter(pk=number).select_related("cycle__version_of", "settlement").first()
    if found is None:
        raise Http404
    return found


def to_publish(cycle: Cycle) -> list[Line]:
    """The decided lines that a notice of a cycle would publish."""
    return list(Line.objects.filter(settlement__cycle=cycle, settlement__state="frozen", state="decided").select_related("party__division").order_by("pk"))


def objections(owner: Notice) -> QuerySet[Objection]:
    """Objections to a notice, those to be answered first."""
    return owner.objections.select_related("line__party", "special__party", "answered_by__user").order_by(Case(When(state="open", then=0), default=1), "pk")


def unanswered() -> list[Notice]:
    """Notices with objections that wait for an answer, each with how many (`open`)."""
    return list(Notice.objects.filter(objections__state="open").annotate(open=Count("objections")).only("title", "last_day").order_by("last_day", "pk"))


def objection(number: int) -> Objection:
    """One objection. Raises Http404."""
    found = Objection.objects.filter(pk=number).select_related("notice__cycle__version_of", "line__settlement__cycle__version_of", "special__cycle").first()
    if found is None:
        raise Http404
    return found


def states_of(owner: Notice) -> dict[tuple[str, int], str]:
    """How each published row stands now: by its kind (line, special) and number."""
    found: dict[tuple[str, int], str] = {("special", pk): state for pk, state in SpecialDecision.objects.filter(cycle=owner.cycle_id).values_list("pk", "state")}
    return found | {("line", pk): state for pk, state in Line.objects.filter(settlement=owner.settlement_id).values_list("pk", "state")}


def accounts() -> list[dict[str, Any]]:
    """Every account with how it stands, newest year first."""
    titles = dict(Cycle.objects.values_list("version_of__policy", "version_of__title"))
    return [{"account": one, "title": titles.get(one.policy, one.policy), "money": treasury.standing(one)} for one in Account.objects.order_by("-year", "policy")]


def account(number: int) -> Account:
    """One account. Raises Http404."""
    found = Account.objects.filter(pk=number).first()
    if found is None:
        raise Http404
    return found


def title_of(owner: Account) -> str:
    """The policy an account belongs to, by its title."""
    return Cycle.objects.filter(version_of__policy=owner.policy).values_list("version_of__title", flat=True).first() or owner.policy


def transfers(owner: Account, *, kind: str = "", q: str = "", month: str = "", item: str = "") -> QuerySet[Transfer]:
    """The moves of an account, newest first: by kind, by month, by document or payee."""
    rows = Transfer.objects.filter(account=owner).select_related("by__user").order_by("-id")
    if kind in {one.value for one in Kind}:
        rows = rows.filter(kind=kind)
    if item:
        rows = rows.filter(item=item)
    year, _, number = month.partition("-")
    if year.isdecimal() and number.isdecimal():
        rows = rows.filter(at__year=int(year), at__month=int(number))
    if q:
        parties = Party.objects.filter(Q(name__icontains=q) | Q(code__icontains=q)).values("pk")
        lines = [f"line:{pk}" for pk in Line.objects.filter(party__in=parties, settlement__state="frozen").values_list("pk", flat=True)[:500]]
        special = [f"special:{pk}" for pk in SpecialDecision.objects.filter(party__in=parties).values_list("pk", flat=True)[:500]]
        rows = rows.filter(Q(document__icontains=q) | Q(item__in=[*lines, *special]))
    return rows


def names_of(items: set[str]) -> dict[str, str]:
    """What the ledger's items are, in words: whose, and what for."""
    numbers: dict[str, list[int]] = defaultdict(list)
    for item in items:
        kind, _, number = item.partition(":")
        if number.isdecimal():
            numbers[kind].append(int(number))
    found: dict[str, str] = {}
    for start in range(0, len(numbers["line"]), 500):
        for pk, name, award in Line.objects.filter(pk__in=numbers["line"][start : start + 500]).values_list("pk", "party__name", "award"):
            found[f"line:{pk}"] = f"{name or ''}　{award}"
    for pk, name, subject in SpecialDecision.objects.filter(pk__in=numbers["special"]).values_list("pk", "party__name", "subject"):
        found[f"special:{pk}"] = f"{name}　一事一议：{subject}"
    return found


def months(owner: Account) -> list[dict[str, Any]]:
    """The reconciliation sheet: what moved in each month, and what stood where at its end. Derived from the moves alone."""
    moved: dict[str, dict[str, int]] = defaultdict(dict)
    for month, kind, amount in Transfer.objects.filter(account=owner).annotate(month=TruncMonth("at")).values_list("month", "kind").annotate(sum=Sum("amount_fen")).order_by("month"):
        moved[month.strftime("%Y-%m")][kind] = amount
    standing, found = dict.fromkeys(Place, 0), []
    for month, kinds in sorted(moved.items()):
        for kind, amount in kinds.items():
            source, target = MOVES[Kind(kind)]
            standing[source] -= amount
            standing[target] += amount
        found.append({"month": month, "moves": kinds, "closing": dict(standing)})
    return found


def requests() -> QuerySet[PaymentRequest]:
    """Every payment request with its sum, what waits first."""
    return PaymentRequest.objects.select_related("cycle", "by__user", "checked_by__user").annotate(fen=Sum("payments__amount_fen"), n=Count("payments")).order_by("-id").order_by("-id")


def request(number: str) -> PaymentRequest:
    """One payment request by its number. Raises Http404."""
    found = PaymentRequest.objects.filter(number=number).select_related("cycle__version_of", "by__user", "checked_by__user").first()
    if found is None:
        raise Http404
    return found


def payments(owner: PaymentRequest, *, q: str = "", state: str = "") -> QuerySet[Payment]:
    """The payments of a request: searched by name, code or reference, in a state."""
    rows = owner.payments.select_related("party", "line__application", "special")
    if q:
        rows = rows.filter(Q(party__name__icontains=q) | Q(party__code__icontains=q) | Q(reference__icontains=q))
    return rows.filter(state=state) if state else rows


def payment_sums(owner: PaymentRequest) -> dict[str, tuple[int, int]]:
    """By state: how many payments of a request, and how much."""
    return {state: (n, fen) for state, n, fen in owner.payments.order_by().values_list("state").annotate(Count("pk"), Sum("amount_fen"))}


def payment(number: int) -> Payment:
    """One payment. Raises Http404."""
    found = Payment.objects.filter(pk=number).select_related("request__cycle__version_of", "party", "line__application", "line__settlement__cycle__version_of", "special__cycle__version_of").first()
    if found is None:
        raise Http404
    return found


def reveal(seat: Seat, owner: PaymentRequest) -> None:
    """Sign that the account numbers of a request were read."""
    book.read(seat, "request.accounts", owner)


def reveal_objection(seat: Seat, owner: Objection) -> None:
    """Sign that who objects was read."""
    book.read(seat, "objection.contact", owner)


def account_for(cycle: Cycle) -> Account | None:
    """The account of a cycle's policy and year, where there is one."""
    return Account.objects.filter(policy=cycle.version_of.policy, year=cycle.year).first()


def payments_of(owed: Line | SpecialDecision) -> QuerySet[Payment]:
    """Every payment there was of a line or a decision outside the rules."""
    return owed.payments.select_related("request").order_by("pk")
