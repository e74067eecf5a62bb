"""The worklist: what a seat has to do, filtered, searched, sorted and counted by the database."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Page, Paginator
from django.db.models import Case, Count, Exists, F, OuterRef, Q, QuerySet, Sum, When
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from duixian.web.prepared import Fixed, prepared
from duixian.web.registry.models import Division, Party, Role, Seat
from duixian.web.seats import BUREAU

from . import queries, states
from .models import Application, Claim, Cycle, Line, Settlement
from .policies import programme_at

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
    return list(_own_states(Role(seat.role)))


@lru_cache(maxsize=len(Role))
def _own_states(role: Role) -> tuple[str, ...]:
    quiet = ("withdraw", "reopen", "decide", "prolong")
    return tuple(state for state in states.STATES if any(one.action not in quiet for one in states.open_moves(state, role))
                 and not (role == Role.OFFICER and state in ("draft", "returned"))) or (("reviewed",) if role == Role.HEAD else ())  # fmt: skip


def _asked(seat: Seat, wanted: Wanted) -> tuple[Any, ...]:
    """The arguments of `_narrowed`: who asks, and each filter as a value; None where it is not set."""
    today = timezone.localdate()
    days = {"over": (None, today - timedelta(days=1)), "today": (today, today), "soon": (today, today + timedelta(days=7))}.get(wanted.due, (None, None))
    officer = seat.pk if wanted.officer == "me" else False if wanted.officer == "nobody" else _number(wanted.officer)
    return (*queries.sight(seat), _number(wanted.cycle), _number(wanted.division), wanted.award or None, officer, *days, wanted.due == "none", wanted.search or None)


def _number(text: str) -> int | None:
    return int(text) if text.isdecimal() else None


def _narrowed(rows: QuerySet[Application], role: Role, seat: int, place: int | None, cycle: int | None, division: int | None, award: str | None, officer: int | None,
              first: date | None, last: date | None, no_due: bool, search: str | None) -> QuerySet[Application]:  # fmt: skip
    """The applications one may see, filtered; officer False: nobody's."""
    rows = queries.visible(rows, role, seat, place)
    if cycle is not None:
        rows = rows.filter(cycle=cycle)
    if division is not None:
        rows = rows.filter(division=division)
    if award is not None:
        rows = rows.filter(pk__in=Claim.objects.filter(award=award, live=True).values("application"))
    if officer is not None:
        rows = rows.filter(officer=None) if officer is False else rows.filter(officer=officer)
    if first is not None:
        rows = rows.filter(due__gte=first)
    if last is not None:
        rows = rows.filter(due__lte=last)
    if no_due:
        rows = rows.filter(due=None)
    if search is not None:
        like = "contains" if search.lower() == search.upper() else "icontains"  # without letters that have a case, none is folded: half the work
        parties = Party.objects.order_by().filter(Q(**{f"name__{like}": search}) | Q(**{f"code__{like}": search})).values("pk")
        rows = rows.filter(Q(**{f"number__{like}": search}) | Q(party__in=parties))
    return rows


def _in_order(rows: QuerySet[Application], states_wanted: Sequence[str] | None, sort: str) -> QuerySet[Application]:
    return (rows if states_wanted is None else rows.filter(state__in=states_wanted)).order_by(*SORTS[sort][1])


def _states(seat: Seat, wanted: Wanted) -> list[str] | None:
    """The states asked for; None: all of them."""
    return None if wanted.state == "all" else [wanted.state] if wanted.state else own_states(seat)


def rows_of(seat: Seat, wanted: Wanted) -> QuerySet[Application]:
    """The cases asked for, whole, in order."""
    rows = Application.objects.select_related("cycle__version_of", "party__division", "division", "officer__user")
    return _in_order(_narrowed(rows, *_asked(seat, wanted)), _states(seat, wanted), wanted.sort)


@prepared
def _counts(*asked: Any) -> QuerySet[Any]:
    return _narrowed(Application.objects.all(), *asked).order_by().values_list("state").annotate(Count("id"))


@prepared
def _keys(states_wanted: Sequence[str] | None, sort: Fixed, *asked: Any) -> QuerySet[Any]:
    """The first page of cases, their numbers alone."""
    return _in_order(_narrowed(Application.objects.all(), *asked), states_wanted, sort.value).values_list("pk", flat=True)[:PAGE]


@dataclass(frozen=True, slots=True)
class Tally:
    """How many cases are in a state. key: what the address says; chosen: whether this is what the page shows."""

    key: str
    label: str
    count: int
    chosen: bool
    tone: str = "plain"


def searched(seat: Seat, wanted: Wanted) -> list[tuple[int, str]] | None:
    """Where words are looked for: every case that has them, in order, with its state, so that the whole table is read once and not twice. None where nothing is."""
    if not wanted.search:
        return None
    return list(_in_order(_narrowed(Application.objects.all(), *_asked(seat, wanted)), None, wanted.sort).values_list("pk", "state"))


def tallies(seat: Seat, wanted: Wanted, hits: list[tuple[int, str]] | None) -> list[Tally]:
    """Counts by state under the same filters: to do, each state that has any, all. hits: from `searched`."""
    found = dict(_counts(*_asked(seat, wanted))) if hits is None else Counter(state for _pk, state in hits)
    mine = own_states(seat)
    rows = [Tally("", _("待我办理"), sum(found.get(state, 0) for state in mine), wanted.state == "")]
    rows += [Tally(state, _(words.inside), found[state], wanted.state == state, words.tone) for state, words in states.STATES.items() if found.get(state) and [state] != mine]
    return [*rows, Tally("all", _("全部"), sum(found.values()), wanted.state == "all")]


@dataclass(slots=True)
class Listed:
    """A case as a row of the list shows it. officer: '' where nobody has it; settled_fen: what the last settlement of its cycle says."""

    pk: int
    number: str
    version: int
    state: str
    paper: bool
    returned: bool
    due: date | None
    cycle_id: int
    cycle: str
    party: str
    division: str
    officer: str
    awards: list[str] = field(default_factory=list)
    settled_fen: int | None = None


@prepared
def _listed(keys: Sequence[int]) -> QuerySet[Any]:
    return Application.objects.filter(pk__in=keys).order_by().values_list(
        "pk", "number", "version", "state", "paper", "returned", "due", "cycle", "cycle__name", "party__name", "division__name", "officer__user__name", "officer__user__username"
    )  # fmt: skip


def page_of(seat: Seat, wanted: Wanted, counted: list[Tally], number: str | None, hits: list[tuple[int, str]] | None) -> tuple[Page[Any], list[Listed]]:
    """One page and its cases; counted, hits: from `tallies` and `searched`. Sorted are the numbers alone; of the cases of this page only what their rows show is read."""
    known = next((one.count for one in counted if one.chosen), None)
    count = rows_of(seat, wanted).count() if known is None else known
    page = Paginator(range(count), PAGE).get_page(number)
    own, start, end = _states(seat, wanted), max(0, page.start_index() - 1), page.end_index()
    if hits is not None:
        keys = [pk for pk, state in hits if own is None or state in own][start:end]
    elif page.number == 1:
        keys = _keys(own, Fixed(wanted.sort), *_asked(seat, wanted))
    else:
        keys = list(rows_of(seat, wanted).values_list("pk", flat=True)[start:end])
    by_key = {row[0]: Listed(*row[:-2], officer=row[-2] or row[-1] or "") for row in _listed(keys)} if keys else {}
    cases = [by_key[key] for key in keys if key in by_key]
    fill(cases)
    return page, cases


@prepared
def _cycles() -> QuerySet[Any]:
    return Cycle.objects.exclude(state="preparing").order_by("-id").values_list("pk", "name", "version_of__policy", "version_of__digest")[:40]


@prepared
def _divisions() -> QuerySet[Any]:
    return Division.objects.filter(Exists(Application.objects.filter(division=OuterRef("pk")))).values_list("pk", "name")


@prepared
def _officers() -> QuerySet[Any]:
    return officers().values_list("pk", "user__name", "user__username")


def officer_choices() -> list[tuple[int, str]]:
    """The officers a case may be given to: (seat, name)."""
    return [(pk, name or username) for pk, name, username in _officers()]


def choices(seat: Seat) -> dict[str, Any]:
    """What can be chosen in the filters: cycles, divisions, awards, officers."""
    found = _cycles()
    versions = list(dict.fromkeys((policy, digest) for _pk, _name, policy, digest in found))
    return {
        "cycles": [(pk, name) for pk, name, _policy, _digest in found],
        "divisions": _divisions() if seat.role != Role.TOWNSHIP else [],
        "awards": list(dict.fromkeys(rule.name for policy, digest in versions for rule in programme_at(policy, digest).policy.awards)),
        "officers": officer_choices() if seat.role in BUREAU else [],
        "sorts": [(key, label) for key, (label, _) in SORTS.items()],
        "dues": list(DUES.items()),
    }


def officers() -> QuerySet[Seat]:
    """The seats a case may be given to."""
    return Seat.objects.filter(role=Role.OFFICER, ended=None).select_related("user").order_by("user__name", "pk")


@prepared
def _awards(keys: Sequence[int]) -> QuerySet[Any]:
    return Claim.objects.filter(application__in=keys, live=True).order_by("id").values_list("application", "award")


@prepared
def _settled(settlements: Sequence[int], keys: Sequence[int]) -> QuerySet[Any]:
    return Line.objects.filter(settlement__in=settlements, application__in=keys).order_by().values_list("application").annotate(Sum("payable_fen"))


def fill(cases: Sequence[Any]) -> None:
    """Put beside each case of a page what its row shows: the awards applied for, and what the last settlement of its cycle says, in 分."""
    by_id = {case.pk: case for case in cases}
    for case in cases:
        case.awards, case.settled_fen = [], None
    if not by_id:
        return
    for number, award in _awards(list(by_id)):
        if award not in by_id[number].awards:
            by_id[number].awards.append(award)
    last = last_settlements({case.cycle_id for case in cases})
    for number, amount in _settled(sorted(last.values()), list(by_id)) if last else ():
        by_id[number].settled_fen = amount


@prepared
def _uncorrected(role: Role, seat: int, place: int | None, today: date) -> QuerySet[Any]:
    return queries.visible(Application.objects.all(), role, seat, place).filter(state="returned", due__lt=today).order_by().values_list("state").annotate(Count("id"))


def late_corrections(seat: Seat) -> int:
    """How many cases of those a seat may see were sent back and are not back by their day."""
    return sum(count for _state, count in _uncorrected(*queries.sight(seat), timezone.localdate()))


@prepared
def _settlements(cycles: Sequence[int]) -> QuerySet[Any]:
    return Settlement.objects.filter(cycle__in=cycles).order_by(Case(When(state="frozen", then=1), default=0), "id").values_list("cycle", "pk")


def last_settlements(cycles: set[int]) -> dict[int, int]:
    """The settlement that counts of each cycle: the frozen one, else the newest trial."""
    return dict(_settlements(sorted(cycles))) if cycles else {}


@prepared
def _following(role: Role, seat: int, place: int | None, states_wanted: Sequence[str], pk: int) -> QuerySet[Any]:
    todo = queries.visible(Application.objects.all(), role, seat, place).filter(state__in=states_wanted).exclude(pk=pk)
    return todo.order_by(F("due").asc(nulls_last=True), "id").values_list("number", flat=True)[:1]


def following(seat: Seat, case: Application) -> str | None:
    """The number of the next case this seat has to do, by its day due; None where there is none."""
    mine = own_states(seat)
    return _following.first(*queries.sight(seat), mine, case.pk) if mine else None
