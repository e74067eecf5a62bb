"""What the rules say of one party's own objects right now: the amount, why, what is missing, how far to the next tier. Nothing is stored.

Only what belongs to the party (or to nobody) is looked at: no figure of anybody else can reach a page. What depends on everybody — places, totals —
is said to be open. What only the office decides is supposed in the party's favour, and said.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from duixian.policy.model import Policy
from duixian.programme import Result
from duixian.tables.forms import own_kind
from duixian.values.facts import Facts, Missing, Paid
from duixian.values.labels import amount_text, period_text, reason_text, say
from duixian.values.messages import Language
from duixian.values.terms import Outcome, Waits
from duixian.web.language import aside
from duixian.web.language import spoken as language
from duixian.web.prepared import prepared
from duixian.web.registry.facts import Same, earlier_of, facts_of, same_codes
from duixian.web.registry.models import Party, Thing

from . import statements
from .actions.settling import kinds_listed, paid_here
from .models import Application, Claim, Cycle
from .policies import programme_of, readings_of, standards_of
from .shown import grouped
from .templatetags.said import yuan

# outcome -> (what an applicant reads, meaning for money)
WORDS = {
    Outcome.PAYABLE: (gettext_lazy("符合条件"), "good"), Outcome.PROVISIONAL: (gettext_lazy("符合条件，暂估"), "wait"), Outcome.NEEDS_DATA: (gettext_lazy("还要补充"), "wait"),
    Outcome.NOT_MET: (gettext_lazy("按现在的数，还不符合"), "bad"), Outcome.ALREADY_AWARDED: (gettext_lazy("已经享受过"), "plain"),
    Outcome.CAP_EXHAUSTED: (gettext_lazy("封顶已经用完"), "plain"), Outcome.CANCELLED: (gettext_lazy("取消资格"), "bad"), Outcome.REGISTRABLE: (gettext_lazy("可以登记"), "good"),
}  # fmt: skip
REACHED = (Outcome.PAYABLE, Outcome.PROVISIONAL, Outcome.REGISTRABLE)
_favour: dict[tuple[str, str], bool] = {}  # (policy digest, fact) -> the office's answer that does not stand in the way


@dataclass(slots=True)
class Shown:
    """One line as a page shows it. fen: what it comes to, None where that is not known. stages: (stage, amount as text, why). told: (depth, text)."""

    award: str
    clause: str
    kind: str
    key: str
    outcome: Outcome
    fen: int | None = None
    estimated: bool = False
    stages: list[tuple[str, str, str]] = field(default_factory=list)
    told: list[tuple[int, str]] = field(default_factory=list)
    gaps: list[str] = field(default_factory=list)
    next_label: str = ""
    next_standard: str = ""
    next_gaps: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    asks: list[Missing] = field(default_factory=list)  # what the applicant can supply
    waiting: list[str] = field(default_factory=list)  # what others have to say
    outside: list[str] = field(default_factory=list)  # what only the settlement of everybody decides
    supposed: list[str] = field(default_factory=list)

    @property
    def words(self) -> str:
        """The outcome in an applicant's words."""
        return str(WORDS[self.outcome][0])

    @property
    def tone(self) -> str:
        """Its colour of meaning."""
        return WORDS[self.outcome][1]

    @property
    def reached(self) -> bool:
        """Whether there is something to be had."""
        return self.outcome in REACHED and bool(self.fen or self.outcome is Outcome.REGISTRABLE)

    @property
    def lacks(self) -> list[str]:
        """What the applicant can supply, as text."""
        return list(dict.fromkeys(missing_words(item, self.key) for item in self.asks))


def missing_words(item: Missing, key: str) -> str:
    """A missing fact as a firm reads it: without its own code."""
    when = period_text(item.period, language())
    whose = "" if not item.kind or item.key == key or item.kind == "申报" else f"{item.kind} {item.key} "
    return f"{whose}{when}{item.fact}" + aside(item.note)


@prepared
def _of_code(key: str) -> QuerySet[Thing]:
    return Thing.objects.filter(key=key).order_by("pk")


@prepared
def _own(party: int) -> QuerySet[Thing]:
    return Thing.objects.filter(party=party)


@prepared
def _nobodys(keys: Sequence[str]) -> QuerySet[Thing]:
    return Thing.objects.filter(key__in=keys, party=None)


@prepared
def _live_claims(application: int) -> QuerySet[Claim]:
    return Claim.objects.filter(application=application, live=True).select_related("thing", "application")


def own_thing(party: Party, cycle: Cycle) -> Thing | None:
    """The party as an object of the rules, where it is on file."""
    return own_thing_of(party, programme_of(cycle.version_of).policy)


def own_thing_of(party: Party, policy: Policy) -> Thing | None:
    """The same by the policy: what its word says (个体工商户: 主体), or what is on file of its code as something more general or more special (企业)."""
    kind, words = own_kind(policy, party.kind), policy.vocabulary
    return next((one for one in _of_code(party.code) if words.is_kind(one.kind, kind) or words.is_kind(kind, one.kind)), None)


def own_kind_in(party: Party, cycle: Cycle) -> str:
    """The object type of a party: as it is on file, else as its word says."""
    own = own_thing(party, cycle)
    return own.kind if own is not None else own_kind(programme_of(cycle.version_of).policy, party.kind)


def known(party: Party, cycle: Cycle, application: Application | None = None) -> Facts:
    """Everything known of a party's own objects, and of what they stand in relation to where that belongs to nobody.

    application: what it states counts as declared; without one, what was declared last.
    """
    listed = kinds_listed(cycle)
    own = _own(party.pk)
    stated = None if application is None else statements.of(application)
    claims = [] if application is None else _live_claims(application.pk)
    facts = statements.facts_for(own, {} if stated is None else {party.pk: stated}, claims, listed)
    seen = {(thing.kind, thing.key) for thing in own}
    vocabulary = programme_of(cycle.version_of).policy.vocabulary
    for _hop in range(2):
        wanted: set[str] = set()
        for things in facts.things.values():
            for thing in things.values():
                for (name, _period), value in thing.values.items():
                    fact = vocabulary.fact(thing.kind, name) if isinstance(value, str) else None
                    if fact is not None and fact.kind == "object":
                        wanted.add(value)
        found = [thing for thing in _nobodys(sorted(wanted)) if (thing.kind, thing.key) not in seen] if wanted else []
        if not found:
            break
        seen |= {(thing.kind, thing.key) for thing in found}
        for kind, things in facts_of(found).things.items():
            facts.things.setdefault(kind, {}).update(things)
    return facts


def history_of(party: Party, cycle: Cycle, facts: Facts, same: Same | None = None) -> list[Paid]:
    """Earlier payments that concern the party or its objects: those a settlement counts, and no others. same: `same_codes()`, where it has been read."""
    same = same_codes() if same is None else same
    about = {party.code, *(key for things in facts.things.values() for key in things)}
    return [*earlier_of(cycle.version_of.policy, about, same), *paid_here(cycle, party, about, same)]


def settle(cycle: Cycle, facts: Facts, history: Iterable[Paid] = ()) -> Result:
    """These facts under the cycle's rules, standards and readings, by the interpreter. Raises Defects where facts contradict each other."""
    programme = programme_of(cycle.version_of)
    return programme.settle(cycle.year, facts, history=list(history), standards=standards_of(cycle), readings=readings_of(cycle), engine="interpret")


def look(cycle: Cycle, facts: Facts, history: Iterable[Paid] = (), *, wanted: set[tuple[str, str]] | None = None) -> list[Shown]:
    """Every line (or those wanted: award, key) as a page shows it. Raises Defects."""
    history = list(history)
    result = settle(cycle, facts, history)
    supposed = _suppose(cycle, facts, history, result, wanted)
    if supposed:
        second = settle(cycle, facts, history)
        before = {(line.claim.award, line.claim.key): line for line in result.lines}
        return [_shown(second, line, before[line.claim.award, line.claim.key], supposed) for line in second.lines if wanted is None or (line.claim.award, line.claim.key) in wanted]
    return [_shown(result, line, line, {}) for line in result.lines if wanted is None or (line.claim.award, line.claim.key) in wanted]


def _suppose(cycle: Cycle, facts: Facts, history: list[Paid], result: Result, wanted: set[tuple[str, str]] | None) -> dict[tuple[str, str, str], str]:
    """Fill in what only the office can say, where nothing else is missing, so that it does not stand in the way. Facts are changed; what was supposed is returned."""
    policy = programme_of(cycle.version_of).policy
    open_items: set[Missing] = set()
    for line in result.lines:
        if line.outcome is Outcome.NEEDS_DATA and (wanted is None or (line.claim.award, line.claim.key) in wanted):
            open_items |= {item for item in line.missing if item.waits is Waits.OFFICE and item.kind and facts.find(item.kind, item.key)}
    supposed: dict[tuple[str, str, str], str] = {}
    for item in sorted(open_items, key=_in_words):
        declared = policy.vocabulary.fact(item.kind, item.fact)
        if (declared is None or declared.kind != "truth") and not item.fact.endswith("决定"):
            continue
        values = facts.things[item.kind][item.key].values
        name = (policy.digest, item.fact)
        if name not in _favour:
            waited = {(line.claim.award, line.claim.key) for line in result.lines if line.outcome is Outcome.NEEDS_DATA and item in line.missing}
            ranks = {}
            for answer in (False, True):  # whichever leaves the lines that wait for it better off; an answer may also uncover what else stands in the way
                values[item.fact, item.period] = answer
                ranks[answer] = sum(line.outcome.rank for line in settle(cycle, facts, history).lines if (line.claim.award, line.claim.key) in waited)
            del values[item.fact, item.period]
            if ranks[False] == ranks[True]:
                continue
            _favour[name] = ranks[True] > ranks[False]
        values[item.fact, item.period] = _favour[name]
        supposed[item.kind, item.key, item.fact] = f"{item.fact}：{_('是') if _favour[name] else _('否')}"
    return supposed


def _in_words(item: Missing) -> str:
    """An order for missing things: whom they wait for and periods of several kinds do not compare."""
    return item.text


def _shown(result: Result, line: Any, before: Any, supposed: dict[tuple[str, str, str], str]) -> Shown:
    spoken, claim = language(), line.claim
    adviser = result.adviser()
    advice = adviser.look(line, spoken)
    amounts = {stage: amount for stage, amount in line.amounts.items() if amount is not None or stage in line.reasons}
    last: Any = None
    stages = []
    for stage, amount in amounts.items():
        if stage in ("计算额", "应付") or amount != last or line.reasons.get(stage):
            stages.append((say(stage, spoken), _amount(amount, spoken), grouped(reason_text(line.reasons.get(stage, ""), spoken))))
        last = amount
    fen = line.payable_fen if line.outcome is Outcome.PAYABLE else line.estimate_fen if line.outcome is Outcome.PROVISIONAL else None
    used = [text for key, text in supposed.items() if any((item.kind, item.key, item.fact) == key for item in before.missing)]
    outside = [_("名额由全部申报一起排") if claim.ranking is not None else "", *(_("%s由全部申报一起分，不够时会核减") % name for name in claim.pots)]
    explained = result.explainer().explain(line, spoken)  # begins with the award and the policy's own words, which the page shows itself
    return Shown(
        claim.award, claim.clause, claim.kind, claim.key, line.outcome, fen, line.outcome is Outcome.PROVISIONAL, stages if line.outcome not in (Outcome.NEEDS_DATA, Outcome.NOT_MET) else [],
        [((len(text) - len(text.lstrip(" "))) // 2, grouped(text.strip())) for text in explained[2:] if text.strip()],
        [grouped(gap.said(spoken)) for gap in advice.gaps], advice.next_tier.label if advice.next_tier else "", advice.next_tier.standard if advice.next_tier else "",
        [grouped(gap.said(spoken, bare=True)) for gap in advice.next_tier.gaps] if advice.next_tier else [], list(advice.notes),
        sorted((item for item in line.missing if item.waits is Waits.APPLICANT), key=_in_words), [missing_words(item, claim.key) for item in sorted(line.missing, key=_in_words) if item.waits is not Waits.APPLICANT],
        [text for text in outside if text], used,
    )  # fmt: skip


def _amount(amount: Any, spoken: Language) -> str:
    if amount is None:
        return "—"
    whole = Fraction(amount)
    return yuan(int(whole)) if whole.denominator == 1 else grouped(amount_text(amount, spoken))
