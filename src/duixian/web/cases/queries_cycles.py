"""Every read about cycles and settlements: how a cycle stands, its history, settlements, lines, and two settlements side by side."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum
from django.http import Http404
from django.utils import timezone

from duixian.values.labels import outcome_text
from duixian.values.terms import Outcome
from duixian.web.jobs.models import Job
from duixian.web.record.models import Event
from duixian.web.registry.models import Party, Role, Seat
from duixian.web.treasury import actions as treasury
from duixian.web.treasury.models import Account

from . import queries, states
from .models import Application, Claim, Cycle, Line, Notice, PaymentRequest, PolicyVersion, Settlement, SpecialDecision
from .policies import programme_of

SEES = frozenset({Role.OFFICER, Role.HEAD, Role.AUDITOR, Role.FINANCE, Role.ADMIN})
LATE = ("submitted", "returned", "verified", "auditing")  # the states in which somebody has a day by which to act
OUTCOMES = [outcome_text(one) for one in Outcome]


def versions() -> QuerySet[PolicyVersion]:
    """Every policy version on file, newest first."""
    return PolicyVersion.objects.annotate(used=Count("cycles")).select_related("by__user").order_by("-id")


def versions_by_number(number: int) -> PolicyVersion:
    """One version. Raises Http404."""
    found = PolicyVersion.objects.filter(pk=number).first()
    if found is None:
        raise Http404
    return found


def listed(seat: Seat) -> list[dict[str, Any]]:
    """The cycles a seat may see, each with how many cases it has and how much is payable."""
    cycles = list(queries.cycles(seat))
    counts: dict[int, dict[str, int]] = defaultdict(dict)
    for row in Application.objects.values("cycle", "state").annotate(n=Count("pk")).order_by():
        counts[row["cycle"]][row["state"]] = row["n"]
    frozen = {one.cycle_id: one for one in Settlement.objects.filter(state="frozen").only("cycle", "payable_fen")}
    return [
        {"cycle": cycle, "cases": sum(n for state, n in counts[cycle.pk].items() if state not in ("draft", "withdrawn")),
         "open": sum(counts[cycle.pk].get(state, 0) for state in ("submitted", "returned", "verified", "auditing")), "payable": frozen[cycle.pk].payable_fen if cycle.pk in frozen else None}
        for cycle in cycles
    ]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Tally:
    """One row of a count: words, tone, how many."""

    label: str
    tone: str
    n: int
    key: str = ""


def by_state(cycle: Cycle) -> list[Tally]:
    """Cases by state, in the order of the line; states nobody is in are left out, drafts too."""
    found = dict(cycle.applications.values_list("state").annotate(n=Count("pk")).order_by())
    return [Tally(words.inside, words.tone, found[key], key) for key, words in states.STATES.items() if found.get(key) and key != "draft"]


def by_division(cycle: Cycle) -> list[dict[str, Any]]:
    """Cases, how many are finished, how many are late, and payable, by division."""
    late = Q(due__lt=timezone.localdate(), state__in=LATE)
    rows = cycle.applications.exclude(state__in=["draft", "withdrawn"]).values("division", "division__name").annotate(
        cases=Count("pk"), done=Count("pk", filter=Q(state__in=["reviewed", "decided", "rejected"])), late=Count("pk", filter=late)).order_by("division__code")  # fmt: skip
    frozen = Line.objects.filter(settlement__cycle=cycle, settlement__state="frozen")
    money = dict(frozen.values_list("application__division__name").annotate(sum=Sum("payable_fen")).order_by())
    return [{"name": row["division__name"], **row, "payable": money.get(row["division__name"])} for row in rows]


def by_award(cycle: Cycle) -> list[dict[str, Any]]:
    """Claims by award, and what the decision gives each."""
    counts = Claim.objects.filter(cycle=cycle, live=True).exclude(application__state__in=["draft", "withdrawn"]).values("clause", "award").annotate(n=Count("pk")).order_by("clause", "award")
    money = {(row["award"]): row for row in Line.objects.filter(settlement__cycle=cycle, settlement__state="frozen").values("award").annotate(sum=Sum("payable_fen")).order_by()}
    return _in_order([{**row, "payable": money.get(row["award"], {}).get("sum")} for row in counts], cycle)


def _in_order(rows: list[dict[str, Any]], cycle: Cycle) -> list[dict[str, Any]]:
    """Rows of awards in the order of the policy."""
    places = {name: place for place, name in enumerate(programme_of(cycle.version_of).policy.rules)}
    return sorted(rows, key=lambda row: places.get(row["award"], len(places)))


def late(cycle: Cycle) -> QuerySet[Application]:
    """Cases past the day they were due, the longest first."""
    return cycle.applications.filter(due__lt=timezone.localdate(), state__in=LATE).select_related("party", "division").order_by("due")


def money_of(cycle: Cycle) -> dict[str, int]:
    """The year's total as it stands."""
    account = Account.objects.filter(policy=cycle.version_of.policy, year=cycle.year).first()
    return treasury.standing(account) if account is not None else dict.fromkeys(("total", "reserved", "committed", "paid", "requested", "recovered", "left"), 0)


def history(cycle: Cycle) -> QuerySet[Event]:
    """What was done to a cycle itself, newest first."""
    return Event.objects.filter(subject=f"cycle:{cycle.pk}").select_related("user", "seat__division").order_by("-number")


def jobs_of(cycle: Cycle) -> QuerySet[Job]:
    """Settlement jobs of a cycle that wait or run."""
    return Job.objects.filter(subject=f"cycle:{cycle.pk}", state__in=["waiting", "running"])


def job(number: int) -> Job:
    """One job. Raises Http404."""
    found = Job.objects.filter(pk=number).select_related("by__user").first()
    if found is None:
        raise Http404
    return found


def settlements(cycle: Cycle) -> QuerySet[Settlement]:
    """A cycle's settlements, newest first."""
    return cycle.settlements.select_related("by__user", "confirmed_by__user").defer("standards")


def settlement(number: int) -> Settlement:
    """One settlement. Raises Http404."""
    found = Settlement.objects.filter(pk=number).select_related("cycle__version_of", "by__user", "confirmed_by__user").first()
    if found is None:
        raise Http404
    return found


def decision(cycle: Cycle) -> Settlement | None:
    """The frozen settlement of a cycle."""
    return Settlement.objects.filter(cycle=cycle, state="frozen").select_related("cycle__version_of").first()


def sums(owner: Settlement) -> dict[str, list[dict[str, Any]]]:
    """A settlement's lines by award and by outcome."""
    rows = owner.lines.values("clause", "award", "outcome").annotate(n=Count("pk"), fen=Sum("payable_fen")).order_by("clause", "award")
    awards: dict[tuple[str, str], dict[str, Any]] = {}
    outcomes: dict[str, dict[str, Any]] = {}
    for row in rows:
        one = awards.setdefault((row["clause"], row["award"]), {"clause": row["clause"], "award": row["award"], "n": 0, "paid": 0, "fen": 0})
        one["n"], one["fen"], one["paid"] = one["n"] + row["n"], one["fen"] + row["fen"], one["paid"] + (row["n"] if row["fen"] else 0)
        two = outcomes.setdefault(row["outcome"], {"outcome": row["outcome"], "n": 0, "fen": 0})
        two["n"], two["fen"] = two["n"] + row["n"], two["fen"] + row["fen"]
    place = {word: number for number, word in enumerate(OUTCOMES)}
    return {"awards": _in_order(list(awards.values()), owner.cycle), "outcomes": sorted(outcomes.values(), key=lambda row: place.get(row["outcome"], 99))}


def lines(owner: Settlement, *, q: str = "", award: str = "", outcome: str = "", state: str = "") -> QuerySet[Line]:
    """Lines of a settlement: searched by name, code, object or case number, filtered."""
    rows = owner.lines.select_related("party", "application__division").order_by("-payable_fen", "pk")
    if q:
        rows = rows.filter(Q(party__name__icontains=q) | Q(party__code__icontains=q) | Q(object_key__icontains=q) | Q(application__number__icontains=q))
    for name, value in (("award", award), ("outcome", outcome), ("state", state)):
        if value:
            rows = rows.filter(**{name: value})
    return rows


def line(number: int) -> Line:
    """One line. Raises Http404."""
    found = Line.objects.filter(pk=number).select_related("settlement__cycle__version_of", "party__division", "application__division", "claim__thing").first()
    if found is None:
        raise Http404
    return found


@dataclass(frozen=True, slots=True)
class Difference:
    """One line as two settlements give it. Amounts in 分; None: not in that one."""

    award: str
    object_key: str
    party: str
    before: int | None
    after: int | None
    before_outcome: str
    after_outcome: str

    @property
    def change(self) -> int:
        """How much more the second gives."""
        return (self.after or 0) - (self.before or 0)


def differences(first: Settlement, second: Settlement) -> list[Difference]:
    """Lines that differ between two settlements, the largest difference first."""
    found: dict[tuple[str, str, str], list[Any]] = {}
    for place, owner in enumerate((first, second)):
        for row in owner.lines.values_list("award", "object_kind", "object_key", "party__name", "payable_fen", "outcome"):
            found.setdefault(row[:3], [None, None])[place] = row[3:]
    nobody = (None, None, "")
    rows = [
        Difference(key[0], key[2], (after or before)[0] or "", (before or nobody)[1], (after or nobody)[1], (before or nobody)[2], (after or nobody)[2])
        for key, (before, after) in found.items() if (before or nobody)[1:] != (after or nobody)[1:]
    ]  # fmt: skip
    return sorted(rows, key=lambda row: (-abs(row.change), row.award, row.object_key))


def special(cycle: Cycle) -> QuerySet[SpecialDecision]:
    """Decisions outside the rules of a cycle."""
    return cycle.special.select_related("party", "by__user", "confirmed_by__user")


def special_by_number(number: int) -> SpecialDecision:
    """One of them. Raises Http404."""
    found = SpecialDecision.objects.filter(pk=number).select_related("cycle__version_of", "party", "by__user").first()
    if found is None:
        raise Http404
    return found


def party_called(text: str) -> Party | None:
    """The party with this code, or with this name where only one has it."""
    text = text.strip()
    found = list(Party.objects.filter(Q(code__iexact=text) | Q(name=text))[:2])
    return found[0] if len(found) == 1 else None


def notices_of(cycle: Cycle) -> QuerySet[Notice]:
    """The notices of a cycle, newest first, each with how many objections wait for an answer (`open`)."""
    return cycle.notices.defer("rows").annotate(open=Count("objections", filter=Q(objections__state="open")))


def requests_of(cycle: Cycle) -> QuerySet[PaymentRequest]:
    """The payment requests of a cycle."""
    return cycle.payment_requests.annotate(fen=Sum("payments__amount_fen"), n=Count("payments")).order_by("-id")
