"""Everything a case page shows, read once: steps, claims with their amounts, facts by source, evidence, opinions, the year's total, what this seat may do."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from duixian.policy.vocabulary import Fact as Declared
from duixian.values.facts import Period
from duixian.web.prepared import prepared
from duixian.web.record.book import Refused
from duixian.web.registry.facts import PRECEDENCE, decode, period_of, used
from duixian.web.registry.models import Fact, Role, Seat, Source, Thing
from duixian.web.treasury.actions import standing
from duixian.web.treasury.models import Account

from . import states
from .amounts import Amount, Amounts, amounts_of, around
from .chronicle import Entry, timeline
from .completeness import Defect, checklist, materials_of
from .deadlines import due_of_correction, overdue
from .hints import Hint, hints_of
from .models import Application, Claim, Comment, Evidence, Line, Opinion
from .policies import programme_of
from .shown import fact_of, headed, value_input, value_text
from .statements import Values, of, rows_of
from .worklist import following, last_settlements

_NOW = {"draft": "apply", "returned": "apply", "submitted": "verify", "verified": "review", "auditing": "audit", "reviewed": "decide", "decided": "notice"}
_DESK = {Role.TOWNSHIP: "submitted", Role.OFFICER: "verified", Role.AUDITOR: "auditing"}  # where a seat may adjust


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the procedure. state: done, now or ahead."""

    name: str
    state: str
    note: str = ""
    due: date | None = None


@dataclass(frozen=True, slots=True)
class Said:
    """What one source says of a fact."""

    source: str
    label: str
    text: str
    used: bool
    who: str
    at: Any
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """A fact with what each source says. key: how a form names it."""

    key: str
    thing: Thing
    award: str
    name: str
    period: str
    label: str
    said: tuple[Said, ...]
    differs: bool
    input: str = ""
    apart: str = ""  # how far declared and used are apart, in words

    @property
    def used(self) -> Said | None:
        """The one that counts."""
        return next((one for one in self.said if one.used), None)


@dataclass(frozen=True, slots=True)
class ClaimFile:
    """A claim with all that belongs to it."""

    claim: Claim
    amount: Amount | None
    line: Line | None
    materials: tuple[tuple[str, tuple[Evidence, ...]], ...]
    others: tuple[Evidence, ...]

    @property
    def stages(self) -> list[tuple[str, int | None, str]]:
        """The waterfall: of the frozen line where there is one, else of the rules now."""
        if self.frozen and self.line is not None:
            return [tuple(one) for one in self.line.amounts]
        return list(self.amount.stages) if self.amount else []

    @property
    def frozen(self) -> bool:
        """Whether the amount is decided."""
        return self.line is not None and self.line.settlement.state == "frozen"

    @property
    def payable_fen(self) -> int | None:
        """What counts: the decided amount, else the one computed now."""
        if self.frozen and self.line is not None:
            return self.line.payable_fen
        return self.amount.payable_fen if self.amount else None

    @property
    def told(self) -> str:
        """The explanation, step by step."""
        if self.frozen and self.line is not None:
            return self.line.told
        return "\n".join(self.amount.told) if self.amount else ""


@dataclass(slots=True)
class CaseFile:
    """One case for one seat."""

    case: Application
    seat: Seat
    steps: list[Step] = field(default_factory=list)
    claims: list[ClaimFile] = field(default_factory=list)
    amounts: Amounts = field(default_factory=Amounts)
    facts: list[tuple[Thing, list[Row], bool]] = field(default_factory=list)
    loose: list[Evidence] = field(default_factory=list)
    opinions: list[Opinion] = field(default_factory=list)
    comments: list[Comment] = field(default_factory=list)
    events: list[Entry] = field(default_factory=list)
    hints: list[Hint] = field(default_factory=list)
    moves: list[states.Move] = field(default_factory=list)
    checklist: list[Defect] = field(default_factory=list)
    correction: date | None = None
    total: dict[str, int] = field(default_factory=dict)
    next_number: str | None = None
    may_adjust: bool = False
    payable_fen: int = 0

    @property
    def differences(self) -> int:
        """How many facts have sources that do not agree."""
        return sum(row.differs for _thing, rows, _open in self.facts for row in rows)

    @property
    def lacking(self) -> int:
        """How many facts the rules need that no source has said."""
        return sum(not row.said for _thing, rows, _open in self.facts for row in rows)

    @property
    def missing(self) -> int:
        """How many materials nothing was uploaded for."""
        return sum(not files for one in self.claims for _material, files in one.materials)

    @property
    def share(self) -> dict[str, int]:
        """The bar of the year's total, in thousandths: committed, reserved, this case."""
        total = self.total.get("total", 0)
        if total <= 0:
            return {}
        parts = [(self.total["total"] - self.total["reserved"] - self.total["left"]) * 1000 // total, self.total["reserved"] * 1000 // total, min(self.pending_fen, max(0, self.total["left"])) * 1000 // total]
        return {"committed": parts[0], "reserved": parts[1], "this": parts[2], "after_committed": parts[0], "after_reserved": parts[0] + parts[1]}

    @property
    def pending_fen(self) -> int:
        """What this case would take that is not yet reserved."""
        return 0 if any(one.frozen for one in self.claims) else self.payable_fen


@prepared
def _claims(application: int) -> QuerySet[Claim]:
    return Claim.objects.filter(application=application, live=True).select_related("thing", "application")


@prepared
def _evidence(application: int) -> QuerySet[Evidence]:
    return Evidence.objects.filter(application=application, removed=None).select_related("by__user")


@prepared
def _opinions(application: int) -> QuerySet[Opinion]:
    return Opinion.objects.filter(application=application).select_related("by__user", "by__party", "by__division")


@prepared
def _comments(application: int) -> QuerySet[Comment]:
    return Comment.objects.filter(application=application).select_related("by__user", "by__party", "by__division")


@prepared
def _lines(settlement: int, application: int) -> QuerySet[Line]:
    return Line.objects.filter(settlement=settlement, application=application).select_related("settlement")


@prepared
def _account(policy: str, year: int) -> QuerySet[Account]:
    return Account.objects.filter(policy=policy, year=year)


def open_file(case: Application, seat: Seat) -> CaseFile:
    """The whole file of a case for a seat; no more than thirty queries however many claims there are."""
    claims, evidence, opinions = _claims(case.pk), _evidence(case.pk), _opinions(case.pk)
    stated = of(case)
    things = around(case, claims, stated)
    last = last_settlements({case.cycle_id}).get(case.cycle_id)
    lines = {(line.award, line.object_key): line for line in _lines(last, case.pk)} if last else {}
    frozen = bool(lines) and all(line.settlement.state == "frozen" for line in lines.values())
    amounts = Amounts() if frozen else amounts_of(case, claims, things)
    found = CaseFile(case, seat, amounts=amounts, opinions=opinions)
    found.claims = [_claim_file(case, claim, amounts, lines, evidence) for claim in claims]
    taken = {one.pk for claim in found.claims for _material, files in claim.materials for one in files} | {one.pk for claim in found.claims for one in claim.others}
    found.loose = [one for one in evidence if one.pk not in taken]
    found.payable_fen = sum(one.payable_fen or 0 for one in found.claims)
    found.facts = facts_of_case(case, claims, things, amounts, stated)
    found.comments = _comments(case.pk)
    found.events = timeline(case, found.comments)
    found.steps = steps_of(case, opinions, lines.values())
    found.hints = hints_of(case, claims, evidence, things, seat)
    found.moves = [one for one in states.open_moves(case.state, seat.role) if one.action not in ("decide", "resubmit", "submit", "withdraw_paper")]
    found.moves = sorted((one for one in found.moves if one.action not in _closed(case)), key=lambda one: (one.dangerous, one.target == "returned", one.action == "deny"))
    if any(one.target == "returned" for one in found.moves):
        found.correction = _correction(case)
    if any(one.target == "returned" for one in found.moves) and case.state != "returned":
        words = [f"{row.label}：" + "；".join(f"{one.label} {one.text}" for one in row.said) for _thing, rows, _open in found.facts for row in rows if row.differs]
        found.checklist = checklist(case, claims, evidence, amounts, words)
    found.may_adjust = _DESK.get(Role(seat.role)) == case.state
    account = _account.first(case.cycle.version_of.policy, case.cycle.year)
    found.total = standing(account) if account is not None else {}
    found.next_number = following(seat, case)
    return found


def _closed(case: Application) -> tuple[str, ...]:
    """Of the two ways to accept, the one this cycle's procedure does not have; a second return; not taking up what may still be corrected."""
    from .procedure import has

    closed = ("accept",) if has(case.cycle.procedure, "audit") else ("accept_to_audit",)
    waits = ("reject",) if case.state == "returned" and not overdue(case) else ()
    return (*closed, *waits, "return_township", "return_bureau") if case.returned else closed


def _correction(case: Application) -> date | None:
    """The day by which what is returned today has to be back; None where somebody has to choose it, the year's holidays not being loaded."""
    try:
        return due_of_correction(case.cycle)
    except Refused:
        return None


def _claim_file(case: Application, claim: Claim, amounts: Amounts, lines: dict[tuple[str, str], Line], evidence: list[Evidence]) -> ClaimFile:
    key = (claim.award, claim.thing.key)
    asked = materials_of(case, claim.award)
    by_material = tuple((material, tuple(one for one in evidence if one.material == material and one.claim_id in (None, claim.pk))) for material in asked)
    others = tuple(one for one in evidence if one.claim_id == claim.pk and one.material not in asked)
    return ClaimFile(claim, amounts.rows.get(key), lines.get(key), by_material, others)


def steps_of(case: Application, opinions: Iterable[Opinion], lines: Iterable[Line]) -> list[Step]:
    """The procedure of the cycle as this case has gone through it."""
    from .procedure import STAGES

    rows = [(step["stage"], step["name"]) for step in case.cycle.procedure if step["stage"] != "correct"]
    rows = rows or [(stage, name) for stage, (name, _words) in STAGES.items() if stage not in ("audit", "correct")]
    place = next((index for index, (stage, _name) in enumerate(rows) if stage in ("notice", "pay")), len(rows))
    rows.insert(place, ("decide", _("核算核定")))
    now = _NOW.get(case.state, "")
    if case.state == "decided":
        found = {line.state for line in lines}
        now = "notice" if found & {"decided", "noticed", "suspended"} else "pay" if found & {"committed", "requested", "returned"} else ""
    by_stage = {one.stage: one for one in opinions}
    order = [stage for stage, _name in rows]
    reached = order.index(now) if now in order else -1 if case.state in ("rejected", "withdrawn") else len(order)
    steps = []
    for index, (stage, name) in enumerate(rows):
        state = "now" if stage == now else "done" if index < reached or stage in by_stage else "ahead"
        note = ""
        if stage == "apply" and case.submitted and stage != now:
            note, state = timezone.localdate(case.submitted).strftime("%Y-%m-%d"), "done"
        elif stage in by_stage and stage != now:
            note = f"{timezone.localdate(by_stage[stage].at):%Y-%m-%d} {_(by_stage[stage].result)}"
        steps.append(Step(_(name), state, note, case.due if stage == now else None))
    return steps


def facts_of_case(case: Application, claims: list[Claim], around_it: list[Thing], amounts: Amounts, stated: Values | None = None) -> list[tuple[Thing, list[Row], bool]]:
    """The facts of the objects of a case, each with its sources side by side: those the policy uses, in the order of its tables; what is still missing, to be filed.

    With each object, whether it is shown open: the first, and wherever sources differ or one is missing.
    """
    policy = programme_of(case.cycle.version_of).policy
    own = {claim.thing_id for claim in claims}
    things = [thing for thing in around_it if thing.pk in own or thing.party_id == case.party_id]
    rows = rows_of(case, [thing.pk for thing in things], others=True, stated=stated)
    wanted = wanted_names(case)
    groups: dict[int, list[Fact]] = {}
    for row in rows:
        groups.setdefault(row.thing_id, []).append(row)
    lacking = gaps_of(claims, amounts)
    found = []
    for thing in sorted(things, key=lambda one: (one.pk not in own, one.kind, one.key)):
        names = wanted.get(thing.kind, {})
        mine = [row for row in groups.get(thing.pk, []) if row.award or row.name in names]
        shown = [_row(thing, key, [row for row in mine if (row.award, row.name, row.period) == key], fact_of(policy, thing.kind, key[1], key[0])) for key in used(mine)]
        shown += [_row(thing, key, [], fact_of(policy, thing.kind, key[1], key[0])) for key in lacking.get((thing.kind, thing.key), ()) if key not in {(row.award, row.name, row.period) for row in mine}]
        shown.sort(key=lambda row: (row.award, names.get(row.name, 99), row.name, -_start(row.period)))
        if shown:
            found.append((thing, shown, not found or any(row.differs or not row.said for row in shown)))
    return found


def gaps_of(claims: list[Claim], amounts: Amounts) -> dict[tuple[str, str], list[tuple[str, str, str]]]:
    """By object, the facts no source has said yet and the rules need: (award of a claim's own fact or '', fact, period)."""
    from duixian.policy.vocabulary import CLAIM

    found: dict[tuple[str, str], set[tuple[str, str, str]]] = {}
    for claim in claims:
        amount = amounts.rows.get((claim.award, claim.thing.key))
        for kind, key, name, period in amount.gaps if amount else ():
            own = kind == CLAIM
            found.setdefault((claim.thing.kind, claim.thing.key) if own else (kind, key), set()).add((claim.award if own else "", name, period))
    return {thing: sorted(gaps) for thing, gaps in found.items()}


def _start(period: str) -> int:
    return int(period[:4]) if period else 9999


def wanted_names(case: Application) -> dict[str, dict[str, int]]:
    """By object type, the facts the policy uses and their order in its tables."""
    from duixian.tables.layout import layout_of

    return _names(str(case.cycle.version_of.digest), case.cycle.year, lambda: layout_of(programme_of(case.cycle.version_of).policy, case.cycle.year))


_LAYOUTS: dict[tuple[str, int], dict[str, dict[str, int]]] = {}


def _names(digest: str, year: int, lay: Any) -> dict[str, dict[str, int]]:
    if (digest, year) not in _LAYOUTS:
        _LAYOUTS[(digest, year)] = {sheet.name: {column.name: place for place, column in reversed(list(enumerate(sheet.columns)))} for sheet in lay()}
    return _LAYOUTS[(digest, year)]


def _row(thing: Thing, key: tuple[str, str, str], rows: list[Fact], declared: Declared | None) -> Row:
    award, name, period = key
    rows.sort(key=lambda row: [source.value for source in PRECEDENCE].index(row.source))
    values = [decode(row.value) for row in rows]
    said = tuple(Said(row.source, _source(row), value_text(value, declared), index == 0, str(row.by.user) if row.by else _("导入"), row.at, row.reason)
                 for index, (row, value) in enumerate(zip(rows, values)))  # fmt: skip
    label = headed(period_of(period), name, award)
    differs = len({row.value for row in rows}) > 1
    values = [value for row, value in zip(rows, values) if not row.other] or values
    return Row(f"{thing.pk}|{award}|{name}|{period}", thing, award, name, period, label, said, differs, value_input(values[0], declared) if values else "", _apart(values) if differs else "")


def _source(row: Fact) -> str:
    """Who says so; with its number where it is another application of the same firm."""
    return _("另一件申报 %s") % row.other if row.other else str(Source(row.source).label)


def _apart(values: list[Any]) -> str:
    """How far the last source (the declared one) is from the one that counts, in percent with two decimals."""
    best, other = values[0], values[-1]
    if isinstance(best, bool) or isinstance(other, bool) or not isinstance(best, int) or not isinstance(other, int) or best == 0:
        return ""
    hundredths = (other - best) * 10000 // best
    sign = "+" if hundredths > 0 else "−"
    return f"{sign}{abs(hundredths) // 100}.{abs(hundredths) % 100:02d}%"


def row_of(case: Application, key: str) -> tuple[Thing, str, str, Period]:
    """The object, award, name and period a form's key means. Raises Http404 for what does not belong to the case."""
    from django.http import Http404

    parts = key.split("|")
    if len(parts) != 4 or not parts[0].isdecimal():
        raise Http404
    claims = list(case.claims.filter(live=True))
    thing = next((one for one in around(case, claims) if one.pk == int(parts[0])), None)
    if thing is None:
        raise Http404
    return thing, parts[1], parts[2], period_of(parts[3])
