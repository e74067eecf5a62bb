"""What the rules say of one case now: the interpreter over this party's objects. What concerns the other cases (名额, 总额) is told by a settlement only."""

from __future__ import annotations

import hashlib
import json
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone

from duixian.policy.model import Policy
from duixian.values.diagnostic import Defects
from duixian.values.facts import Facts, Missing, Paid
from duixian.values.labels import missing_text, outcome_text, waits_text
from duixian.values.terms import APPLIED_ON, Outcome, Waits
from duixian.web.language import spoken
from duixian.web.prepared import prepared
from duixian.web.registry.facts import decode, encode, period_text, same_codes
from duixian.web.registry.models import Fact, Thing

from . import frozen
from .actions.settling import kinds_listed
from .live import history_of, settle
from .models import Application, Claim
from .policies import programme_of
from .statements import Values, facts_for, of, stated_in

_TONES = {Outcome.PAYABLE: "good", Outcome.REGISTRABLE: "good", Outcome.PROVISIONAL: "wait", Outcome.NEEDS_DATA: "wait"}
_KEPT = 400
_kept: OrderedDict[str, Amounts] = OrderedDict()
_lock = Lock()
_relations: dict[str, tuple[str, ...]] = {}  # policy digest -> …; a version never changes
_made_of: dict[tuple[str, str], list[tuple[str, str]]] = {}


@dataclass(frozen=True, slots=True)
class Amount:
    """One claim as the rules see it now. stages: (name, 分 or None, reason); missing: (what, whom it waits for, of the applicant)."""

    award: str
    key: str
    outcome: str
    tone: str
    payable_fen: int
    first_fen: int | None
    stages: tuple[tuple[str, int | None, str], ...] = ()
    told: tuple[str, ...] = ()  # in the language it was computed in
    missing: tuple[tuple[str, str, bool], ...] = ()
    failed: tuple[str, ...] = ()
    cancelled: bool = False
    together: bool = False  # it sums over objects of others: only a settlement of everybody can tell
    gaps: tuple[tuple[str, str, str, str], ...] = ()  # (object type, key, fact, period) of every fact that is missing

    @property
    def lowered_fen(self) -> int:
        """How much of what was computed is not paid."""
        return max(0, (self.first_fen or 0) - self.payable_fen)

    @property
    def why(self) -> str:
        """The reason of the last stage at which it became less; or the condition that does not hold."""
        before, said = None, ""
        for _, fen, reason in self.stages:
            if fen is not None and before is not None and fen != before and reason:
                said = reason
            before = fen if fen is not None else before
        return said or "；".join(self.failed)


@dataclass(frozen=True, slots=True)
class Amounts:
    """Every claim of a case; problem: why there is no result, in words."""

    rows: dict[tuple[str, str], Amount] = field(default_factory=dict)
    problem: str = ""

    @property
    def payable_fen(self) -> int:
        """What would be paid of all of it."""
        return sum(row.payable_fen for row in self.rows.values())


def relations_of(policy: Policy) -> tuple[str, ...]:
    """The facts of a policy's vocabulary that name another object."""
    if policy.digest not in _relations:
        words = policy.vocabulary
        _relations[policy.digest] = tuple(sorted({fact.name for kind in words.objects for fact in words.facts(kind) if fact.kind == "object"}))
    return _relations[policy.digest]


@prepared
def _things(party: int, things: Sequence[int]) -> QuerySet[Thing]:
    return Thing.objects.filter(Q(party=party) | Q(pk__in=things))


@prepared
def _words(things: Sequence[int], names: Sequence[str]) -> QuerySet[Any]:
    return Fact.objects.filter(thing__in=things, ended=None, name__in=names, value__startswith="s:").values_list("value", flat=True)


@prepared
def _keyed(keys: Sequence[str]) -> QuerySet[Thing]:
    return Thing.objects.filter(key__in=keys)


def around(case: Application, claims: list[Claim], stated: Values | None = None) -> list[Thing]:
    """The objects a case can be decided from: what it is about, everything of the party, and what those refer to. stated: what it states, where that has been read."""
    things = {thing.pk: thing for thing in _things(case.party_id, [claim.thing_id for claim in claims])}
    relations = relations_of(programme_of(case.cycle.version_of).policy)
    edge = list(things)
    stated = {text for facts in ((of(case) if stated is None else stated) or {}).values() for (_award, name, _period), text in facts.items() if name in relations and text.startswith("s:")}
    for _step in range(2):  # 荣誉 → 获得主体 → 所在园区
        words = _words(edge, relations)
        wanted = {decode(word) for word in {*words, *stated}} - {thing.key for thing in things.values()}
        found = _keyed(sorted(wanted)) if wanted else []
        things |= {thing.pk: thing for thing in found}
        edge = [thing.pk for thing in found]
        if not edge:
            break
    for claim in claims:
        members = _members(programme_of(case.cycle.version_of).policy, claim.thing.kind)
        if members:
            rows = Fact.objects.filter(ended=None, value=encode(claim.thing.key), name__in={name for _kind, name in members}, thing__kind__in={kind for kind, _name in members})
            things |= {thing.pk: thing for thing in Thing.objects.filter(pk__in=rows.values("thing"))}
    return list(things.values())


def amounts_of(case: Application, claims: list[Claim], things: list[Thing]) -> Amounts:
    """What the rules say of a case, from the objects around it. Kept as long as nothing it was made from changes."""
    parties = {thing.party_id for thing in things if thing.party_id is not None}
    same = same_codes()
    facts = facts_for(things, stated_in(case.cycle, case, parties), claims, kinds_listed(case.cycle), same)
    facts.applied = {(claim.award, claim.thing.key) for claim in claims}
    earlier = history_of(case.party, case.cycle, facts, same)
    cycle = case.cycle
    made_from = [cycle.version_of.digest, cycle.year, cycle.standards, cycle.readings, frozen.digest(frozen.pack(facts, earlier)), str(case.submitted), spoken()]
    key = hashlib.sha256(json.dumps(made_from, ensure_ascii=False, default=str).encode()).hexdigest()
    with _lock:
        if key in _kept:
            _kept.move_to_end(key)
            return _kept[key]
    try:
        found = _compute(case, claims, facts, earlier)
    except Defects as defects:
        return Amounts(problem="\n".join(one.render(spoken()) for one in defects.diagnostics[:5]))
    with _lock:
        _kept[key] = found
        while len(_kept) > _KEPT:
            _kept.popitem(last=False)
    return found


def _compute(case: Application, claims: list[Claim], facts: Facts, earlier: list[Paid]) -> Amounts:
    day = timezone.localdate(case.submitted) if case.submitted else timezone.localdate()
    for claim in claims:
        facts.claims.setdefault((claim.award, claim.thing.key), {}).setdefault((APPLIED_ON, None), day)
    result = settle(case.cycle, facts, earlier)
    told = result.explanations(spoken())
    rows = {}
    for line in result.lines:
        key = (line.claim.award, line.claim.key)
        if key not in (facts.applied or ()):
            continue
        stages = tuple((name, None if fen is None else int(fen), line.reasons.get(name, "")) for name, fen in line.amounts.items())
        first = next((fen for _, fen, _ in stages if fen is not None), None)
        together = line.outcome is Outcome.NEEDS_DATA and _sums_over_others(case, line.claim.kind)
        missing = () if together else tuple(_waiting(item) for item in sorted(line.missing, key=lambda item: item.text))
        rows[key] = Amount(*key, outcome_text(line.outcome), _TONES.get(line.outcome, "bad"), line.payable_fen, first, stages, tuple(told.get(key, ())), missing, line.claim.failed,
                           line.outcome is Outcome.CANCELLED, together, () if together else tuple(sorted({_gap(item) for item in line.missing if item.kind and item.waits is not Waits.CYCLE})))  # fmt: skip
    return Amounts(rows)


def _members(policy: Policy, kind: str) -> list[tuple[str, str]]:
    """(object type, relation) of what makes up an object and stands on its own, as enterprises a park and villages a town."""
    if (policy.digest, kind) not in _made_of:
        _made_of[policy.digest, kind] = _found_members(policy, kind)
    return _made_of[policy.digest, kind]


def _found_members(policy: Policy, kind: str) -> list[tuple[str, str]]:
    vocabulary, found = policy.vocabulary, []
    for child, declared in vocabulary.objects.items():
        if declared.is_a:
            names = {fact.name for fact in vocabulary.facts(child) if fact.kind == "object" and fact.target == kind}
            found += [(child, name) for name in sorted(names | ({declared.parent_relation} if declared.parent == kind else set()))]
    return found


def _sums_over_others(case: Application, kind: str) -> bool:
    return bool(_members(programme_of(case.cycle.version_of).policy, kind))


def _gap(item: Missing) -> tuple[str, str, str, str]:
    return item.kind, item.key, item.fact, period_text(item.period)


def _waiting(item: Missing) -> tuple[str, str, bool]:
    return missing_text(item, spoken()), waits_text(item.waits, spoken()), item.waits is Waits.APPLICANT
