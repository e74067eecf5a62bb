"""The worklist: what a seat has to do, filtered, searched, sorted and counted by the database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Page, Paginator
from django.db.models import Case, Count, F, Q, QuerySet, Sum, When
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from duixian.web.registry.models import Division, Role, Seat

from . import queries, states
from .models import Application, Claim, Cycle, Line, Settlement
from .policies import programme_of

PAGE = 50
SORTS = {
    "due": (gettext_lazy("期限近的在前"), (F("due").asc(nulls_last=True), "id")), "-due": (gettext_lazy("期限远的在前"), (F("due").desc(nulls_last=True), "-id")),
    "submitted": (gettext_lazy("提交早的在前"), ("submitted", "id")), "-submitted": (gettext_lazy("提交晚的在前"), ("-submitted", "-id")),
    "party": (gettext_lazy("按单位名称"), ("party__name", "id")), "number": (gettext_lazy("按编号"), ("number",)),
}  # fmt: skip
DUES = {"over": gettext_lazy("已超期"), "today": gettext_lazy("今天到期"), "soon": gettext_lazy("七天内到期"), "none": gettext_lazy("没有期限")}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the page asks for. state: a state, 'all', or '' for what this seat has to do; officer: a seat's number, 'me', 'nobody' or ''."""

    cycle: str = ""
    state: str = ""
    division: str = ""
    award: str = ""
    officer: str = ""
    due: str = ""
    search: str = ""
    sort: str = "due"

    @property
    def query(self) -> str:
        """The same filters as the end of an address."""
        return urlencode({name: value for name in self.__slots__ if (value := getattr(self, name)) and (name, value) != ("sort", "due")})

    def but(self, **changes: str) -> str:
        """The end of an address with some filters changed."""
        return replace(self, **changes).query

    @property
    def narrowed(self) -> bool:
        """Whether anything but the state is filtered."""
        return any((self.cycle, self.division, self.award, self.officer, self.due, self.search))


def wanted_of(given: Mapping[str, Any]) -> Wanted:
    """The filters of an address; what is not a filter is left out."""
    found = {name: str(given.get(name, "")).strip()[:120] for name in Wanted.__slots__}
    found["state"] = found["state"] if found["state"] in (*states.STATES, "all") else ""
    found["sort"] = found["sort"] if found["sort"] in SORTS else "due"
    return Wanted(**found)


def own_states(seat: Seat) -> list[str]:
    """The states in which this seat has something to do, in the order of the line. What only ends a case or opens it again is not something to do."""
    quiet = ("withdraw", "reopen", "decide")
    return [state for state in states.STATES if any(one.action not in quiet for one in states.open_moves(state, seat.role))
            and not (seat.role == Role.OFFICER and state in ("draft", "returned"))] or (["reviewed"] if seat.role == Role.HEAD else [])  # fmt: skip


def _narrowed(seat: Seat, wanted: Wanted) -> QuerySet[Application]:
    rows = queries.applications(seat)
    if wanted.cycle.isdecimal():
        rows = rows.filter(cycle=int(wanted.cycle))
    if wanted.division.isdecimal():
        rows = rows.filter(division=int(wanted.division))
    if wanted.award:
        rows = rows.filter(pk__in=Claim.objects.filter(award=wanted.award, live=True).values("application"))
    if wanted.officer == "me":
        rows = rows.filter(officer=seat)
    elif wanted.officer == "nobody":
        rows = rows.filter(officer=None)
    elif wanted.officer.isdecimal():
        rows = rows.filter(officer=int(wanted.officer))
    today = timezone.localdate()
    if wanted.due == "over":
        rows = rows.filter(due__lt=today)
    elif wanted.due == "today":
        rows = rows.filter(due=today)
    elif wanted.due == "soon":
        rows = rows.filter(due__gte=today, due__lte=today + timedelta(days=7))
    elif wanted.due == "none":
        rows = rows.filter(due=None)
    if wanted.search:
        rows = rows.filter(Q(number__icontains=wanted.search) | Q(party__name__icontains=wanted.search) | Q(party__code__icontains=wanted.search))
    return rows


def rows_of(seat: Seat, wanted: Wanted) -> QuerySet[Application]:
    """The cases asked for, in order."""
    rows = _narrowed(seat, wanted)
    if wanted.state != "all":
        rows = rows.filter(state=wanted.state) if wanted.state else rows.filter(state__in=own_states(seat))
    return rows.order_by(*SORTS[wanted.sort][1])


@dataclass(frozen=True, slots=True)
class Tally:
    """How many cases are in a state. key: what the address says; chosen: whether this is what the page shows."""

    key: str
    label: str
    count: int
    chosen: bool
    tone: str = "plain"


def tallies(seat: Seat, wanted: Wanted) -> list[Tally]:
    """Counts by state under the same filters: to do, each state that has any, all."""
    found = dict(_narrowed(seat, wanted).order_by().values_list("state").annotate(Count("id")))
    mine = own_states(seat)
    rows = [Tally("", _("待我办理"), sum(found.get(state, 0) for state in mine), wanted.state == "")]
    rows += [Tally(state, _(words.inside), found[state], wanted.state == state, words.tone) for state, words in states.STATES.items() if found.get(state) and [state] != mine]
    return [*rows, Tally("all", _("全部"), sum(found.values()), wanted.state == "all")]


class _Counted(Paginator):
    """Pages of rows whose number is known already."""

    def __init__(self, rows: Any, size: int, count: int) -> None:
        super().__init__(rows, size)
        self.count = count


def page_of(seat: Seat, wanted: Wanted, counted: list[Tally], number: str | None) -> tuple[Page[Any], list[Application]]:
    """One page and its cases. Sorted are the numbers alone; only the cases of this page are read whole."""
    rows, known = rows_of(seat, wanted).values_list("pk", flat=True), next((one.count for one in counted if one.chosen), None)
    page = _Counted(rows, PAGE, rows.count() if known is None else known).get_page(number)
    keys = list(page.object_list)
    by_key = queries.applications(seat).in_bulk(keys)
    cases = [by_key[key] for key in keys if key in by_key]
    fill(cases)
    return page, cases


def choices(seat: Seat) -> dict[str, Any]:
    """What can be chosen in the filters: cycles, divisions, awards, officers."""
    found = list(Cycle.objects.exclude(state="preparing").select_related("version_of").order_by("-id")[:40])
    cycles = [(cycle.pk, cycle.name) for cycle in found]
    bureau = seat.role in queries.BUREAU
    return {
        "cycles": cycles,
        "divisions": list(Division.objects.filter(applications__isnull=False).distinct().values_list("pk", "name")) if seat.role != Role.TOWNSHIP else [],
        "awards": list(dict.fromkeys(rule.name for cycle in found for rule in programme_of(cycle.version_of).policy.awards)),
        "officers": list(officers()) if bureau else [],
        "sorts": [(key, label) for key, (label, _) in SORTS.items()],
        "dues": list(DUES.items()),
    }


def officers() -> QuerySet[Seat]:
    """The seats a case may be given to."""
    return Seat.objects.filter(role=Role.OFFICER, ended=None).select_related("user").order_by("user__name", "pk")


def fill(cases: list[Application]) -> None:
    """Put beside each case of a page what its row shows: the awards applied for, and what the last settlement of its cycle says, in 分."""
    by_id = {case.pk: case for case in cases}
    for case in cases:
        case.awards, case.settled_fen = [], None  # type: ignore[attr-defined]
    for number, award in Claim.objects.filter(application__in=by_id, live=True).order_by("id").values_list("application", "award"):
        if award not in by_id[number].awards:  # type: ignore[attr-defined]
            by_id[number].awards.append(award)  # type: ignore[attr-defined]
    last = last_settlements({case.cycle_id for case in cases})
    for number, amount in Line.objects.filter(settlement__in=last.values(), application__in=by_id).order_by().values_list("application").annotate(Sum("payable_fen")):
        by_id[number].settled_fen = amount  # type: ignore[attr-defined]


def last_settlements(cycles: set[int]) -> dict[int, int]:
    """The settlement that counts of each cycle: the frozen one, else the newest trial."""
    found: dict[int, int] = {}
    for pk, cycle in Settlement.objects.filter(cycle__in=cycles).order_by(Case(When(state="frozen", then=1), default=0), "id").values_list("pk", "cycle"):
        found[cycle] = pk
    return found


def following(seat: Seat, case: Application) -> str | None:
    """The number of the next case this seat has to do, by its day due; None where there is none."""
    todo = queries.applications(seat).filter(state__in=own_states(seat)).exclude(pk=case.pk).order_by(F("due").asc(nulls_last=True), "id")
    return todo.values_list("number", flat=True).first()
