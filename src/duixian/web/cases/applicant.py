"""The reads of the applicant's desk: what may be had, what is still missing, where a case stands in public words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from django.db.models import Q, QuerySet
from django.http import Http404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from duixian.tables.forms import Form
from duixian.tables.layout import JOIN
from duixian.values.diagnostic import Defects
from duixian.values.terms import APPLIED_ON
from duixian.web.prepared import prepared
from duixian.web.record import book
from duixian.web.registry.facts import decode, period_of
from duixian.web.registry.models import Party, Role, Seat, Thing

from . import live, queries, statements, states
from .actions.applying import EDITABLE
from .asked import OTHER, Asked, Shelf, asked, awards_for, form_for
from .live import Shown
from .models import Application, Claim, Cycle, Evidence, Message
from .policies import programme_of
from .shown import fact_of, headed, value_text

FILLING = frozenset({Role.APPLICANT, Role.OFFICER})  # an officer: what was handed in on paper
OWN = frozenset({Role.APPLICANT})


def may_edit(seat: Seat, application: Application) -> bool:
    """Whether this seat fills in this application now."""
    keyed = seat.role == Role.OFFICER and application.paper
    return application.state in EDITABLE and (keyed or (seat.role == Role.APPLICANT and seat.party_id == application.party_id))


def may_withdraw(seat: Seat, application: Application) -> bool:
    """Whether this seat may take an application back now: its applicant, or who keyed it in while it is a draft."""
    if seat.role == Role.APPLICANT:
        return seat.party_id == application.party_id and application.state in states.move("withdraw").sources
    return seat.role == Role.OFFICER and application.paper and application.by.user_id == seat.user_id and application.state in states.move("withdraw_paper").sources


def application(seat: Seat, number: str) -> Application:
    """An application of one's own party, or one keyed in from paper. Raises Http404 (signed, where it is somebody else's)."""
    found = queries.application(seat, number)
    if seat.role == Role.OFFICER and not found.paper:
        raise Http404
    return found


def own_kind_of(of: Application) -> str:
    """The object type an application's party is."""
    return live.own_kind_in(of.party, of.cycle)


@prepared
def _claim(application: int, number: int) -> QuerySet[Claim]:
    return Claim.objects.filter(application=application, pk=number, live=True).select_related("thing")


def claim(of: Application, number: int) -> Claim:
    """A live claim of an application. Raises Http404."""
    found = _claim.first(of.pk, number)
    if found is None:
        raise Http404
    return found


def evidence(seat: Seat, number: int) -> Evidence:
    """A file of an application this seat may see. Raises Http404; that one is there and may not be seen is signed."""
    rows = Evidence.objects.filter(pk=number, removed=None).select_related("application__party")
    found = (rows.exclude(claim=None) if seat.role == Role.APPLICANT else rows).first()  # what a desk put in belongs to no claim, and is not the applicant's
    if found is None:
        raise Http404
    if not queries.applications(seat).filter(pk=found.application_id).exists():
        book.refused(seat, "evidence.read", found, book.Refused("may_not_see", "不在这个席位的范围内"))
        raise Http404
    return found


def messages_of(seat: Seat) -> QuerySet[Message]:
    """The messages of whoever sits here."""
    return Message.objects.filter(user=seat.user).select_related("application")


def open_cycles() -> list[Cycle]:
    """The cycles that take applications today."""
    today = timezone.localdate()
    return list(queries.cycles(None).filter(state="open", opens__lte=today, closes__gte=today).order_by("closes", "pk"))


# --- what may be had ------------------------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Entry:
    """One object an award may be applied for, with what the rules say and the claim there is."""

    thing: Thing | None
    label: str
    shown: Shown | None = None
    claim: Claim | None = None


@dataclass(slots=True)
class Opening:
    """One award a party may apply for. entries: its objects; a new one is added by its identity."""

    form: Form
    entries: list[Entry] = field(default_factory=list)

    @property
    def best(self) -> Shown | None:
        """The most promising of what the rules say."""
        shown = [entry.shown for entry in self.entries if entry.shown is not None]
        return max(shown, key=lambda one: (one.reached, one.fen or 0, one.outcome.rank), default=None)

    @property
    def claimed(self) -> bool:
        """Whether it is applied for already."""
        return any(entry.claim for entry in self.entries)


class Openings(NamedTuple):
    """Awards by how near they are, and what contradicts itself."""

    reached: list[Opening]
    near: list[Opening]
    far: list[Opening]
    others: list[Opening]  # for objects the party has not on file
    problems: list[str]

    @property
    def total_fen(self) -> int:
        """What is within reach, in 分."""
        return sum(entry.shown.fen or 0 for one in self.reached for entry in one.entries if entry.shown is not None and entry.shown.reached)


def openings(cycle: Cycle, party: Party, claims: Iterable[Claim] = (), of: Application | None = None) -> Openings:
    """Every award a party may apply for in a cycle, from what is on file before anything is filled in; of an application, with what it states."""
    own = live.own_thing(party, cycle)
    kind = own.kind if own is not None else live.own_kind(programme_of(cycle.version_of).policy, party.kind)
    problems: list[str] = []
    shown: dict[tuple[str, str], Shown] = {}
    try:
        facts = live.known(party, cycle, of)
        if own is None:
            facts.add(kind, party.code).values.update({("名称", None): party.name, ("主体类型", None): party.kind})
        shown = {(one.award, one.key): one for one in live.look(cycle, facts, live.history_of(party, cycle, facts))}
    except Defects as defects:
        problems = said(defects)
    things = list(Thing.objects.filter(party=party).order_by("pk"))
    made = {(one.award, one.thing_id): one for one in claims}
    found = Openings([], [], [], [], problems)
    programme = programme_of(cycle.version_of)
    for award in awards_for(cycle, kind):
        one = Opening(form_for(cycle, award, kind))
        if one.form.own:
            one.entries = [Entry(own, party.name, shown.get((award, party.code)), made.get((award, own.pk)) if own else None)]
        elif one.form.foreign:
            one.entries = [Entry(claim.thing, claim.thing.key, None, claim) for (name, _thing), claim in made.items() if name == award]
        else:
            one.entries = [Entry(thing, label(thing, party), shown.get((award, thing.key)), made.get((award, thing.pk))) for thing in things
                           if programme.policy.vocabulary.is_kind(thing.kind, one.form.object)]  # fmt: skip
        best = one.best
        place = found.others if not one.entries else found.reached if best is not None and best.reached else found.near if best is None or best.outcome is live.Outcome.NEEDS_DATA else found.far
        place.append(one)
    return found


def label(thing: Thing, party: Party) -> str:
    """An object's key as its owner reads it: without the owner's own code."""
    return " ".join(part for part in thing.key.split(JOIN) if part != party.code)


def said(defects: Defects) -> list[str]:
    """What contradicts itself, as sentences."""
    spoken = live.language()
    found = []
    for one in defects.diagnostics:
        words = one.sentence(spoken)
        found.append("；".join(part for part in (f"{one.places[0].text} {words['summary']}", words["expected"], words["found"], words["remedy"]) if part))
    return found


# --- one application --------------------------------------------------------------------------------------------------------------------------


def result_of(page: Asked, shelf: Shelf) -> tuple[Shown | None, list[str]]:
    """What the rules say of one claim with everything saved; None where its object is somebody else's, or where facts contradict each other."""
    if page.form.foreign:
        return None, []
    found, problems = results_of(shelf)
    return found.get((page.claim.award, page.claim.thing.key)), problems


def results_of(shelf: Shelf) -> tuple[dict[tuple[str, str], Shown], list[str]]:
    """What the rules say of every claim of an application, together: what one takes from another counts."""
    of = shelf.application
    try:
        facts = live.known(of.party, of.cycle, of)
        facts.applied = {(one.award, one.thing.key) for one in shelf.claims if one.thing.party_id in (None, of.party_id)}
        for award, key in facts.applied:
            facts.claims.setdefault((award, key), {}).setdefault((APPLIED_ON, None), timezone.localdate(of.submitted) if of.submitted else timezone.localdate())
        return {(one.award, one.key): one for one in live.look(of.cycle, facts, live.history_of(of.party, of.cycle, facts), wanted=set(facts.applied))}, []
    except Defects as defects:
        return {}, said(defects)


class Lack(NamedTuple):
    """One thing that is missing, where it belongs, and the page on which to mend it."""

    where: str
    text: str
    url: str


def lacking(shelf: Shelf, shown: dict[tuple[str, str], Shown] | None = None) -> list[Lack]:
    """Everything that keeps an application from being handed in, at once, each with the place to mend it."""
    of = shelf.application
    shown = results_of(shelf)[0] if shown is None else shown
    found: list[Lack] = []
    if not shelf.claims:
        found.append(Lack(_("选择奖补"), _("至少选一项奖补"), reverse("choose_awards", args=[of.number])))
    for one in shelf.claims:
        page = asked(shelf, one)
        url = reverse("fill_claim", args=[of.number, one.pk])
        found += [Lack(one.award, text, url + anchor) for text, anchor in _lacks(page, shown.get((one.award, one.thing.key)))]
    party_url = reverse("party_page", args=[of.number])
    if not (of.party.contact and of.party.phone):
        found.append(Lack(_("单位信息"), _("联系人和电话"), party_url))
    if not of.party.bank_account:
        found.append(Lack(_("单位信息"), _("收款账户"), party_url))
    if not of.promised:
        found.append(Lack(_("承诺书"), _("阅读并勾选承诺书"), promise_url(of)))
    return found


def promise_url(of: Application) -> str:
    """Where the commitment letter is."""
    return reverse("promise_page", args=[of.number])


def _lacks(page: Asked, shown: Shown | None) -> list[tuple[str, str]]:
    found = [(f"{one.label}：{one.error}", f"#{one.id}") for one in page.fields() if one.error]
    missing = {(item.kind, item.key, item.fact, item.period) for item in shown.asks} if shown is not None else set()
    for one in page.fields():
        if one.state == "asked" and one.empty and (one.thing.kind, one.thing.key, *one.question.key) in missing:
            found.append((one.label if one.thing.pk in (page.claim.thing_id,) else f"{one.thing.kind} {one.thing.key.rsplit(JOIN, 1)[-1]}：{one.label}", f"#{one.id}"))
    found += [(_("还没有填写%s") % section.kind, f"#rows-{section.kind}") for section in page.sections if not section.items]
    found += [(_("材料：%s") % material, "#materials") for material, files in page.materials if material != OTHER and not files]
    return found




# --- paper applications -----------------------------------------------------------------------------------------------------------------------


def parties(cycle: Cycle, words: str) -> list[tuple[Party, Application | None]]:
    """Parties whose code or name holds the words, with the application each has in a cycle."""
    found = list(Party.objects.filter(Q(name__icontains=words) | Q(code__icontains=words)).select_related("division")[:20])
    taken = {one.party_id: one for one in Application.objects.filter(cycle=cycle, party__in=found).exclude(state="withdrawn")}
    return [(party, taken.get(party.pk)) for party in found]


def party_for_paper(number: str) -> Party | None:
    """A party by its number; None where there is none."""
    return Party.objects.filter(pk=number).first() if number.isdecimal() and len(number) < 15 else None


def keyed(seat: Seat, cycle: Cycle) -> list[Application]:
    """What this officer is keying in."""
    return list(Application.objects.filter(cycle=cycle, by=seat, paper=True, state__in=EDITABLE).select_related("party"))


def differences(shelf: Shelf) -> list[tuple[str, str, str, str]]:
    """Where an application states another figure than an open one of the same firm, in words: fact, own, the other's number, the other's."""
    of, found = shelf.application, []
    policy = programme_of(of.cycle.version_of).policy
    for thing, (award, name, period), own, number, other in statements.differences(of):
        declared = fact_of(policy, thing.kind, name, award)
        label = headed(period_of(period), name, "" if thing.pk == shelf.own.pk else thing.key.rsplit(JOIN, 1)[-1])
        found.append((label, value_text(decode(own), declared), number, value_text(decode(other), declared)))
    return found
