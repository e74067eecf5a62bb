"""What an award has to ask an applicant, as questions; an answer read from text, and shown as text again. No page and no storage here.

Grain: one question an object type, fact and period. Which facts there are comes from the rules under the readings chosen (`usage`); how each is
asked from the vocabulary. What the office supplies (评定, 台账 …) is never asked.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from ..policy.model import Policy, Rule
from ..policy.resolve import Unresolved, resolve_path
from ..policy.syntax import Choice, Path
from ..policy.vocabulary import CLAIM, OFFICE_SOURCES, Fact
from ..values.diagnostic import Diagnostic, Place
from ..values.facts import NONE, Period
from ..values.messages import Language
from ..values.money import decimal_text, exact
from ..values.terms import OUTSIDE
from ..values.units import unit_factor
from .cells import Fault, clean, narrow, read_cell
from .frames import bounds_text
from .layout import JOIN, Column, column_of, identity_of, window_days
from .usage import Use, usage_of_award

_FOR_SHEETS = ("单元格", "ROUND", "词汇", "表格", "下拉框")  # words of remedies that make no sense on a form


@dataclass(frozen=True, slots=True)
class Question:
    """One fact to ask for. kind: whose it is (申报: the claim's own); office: the office supplies it; needed: false where only an 算法 uses it."""

    kind: str
    column: Column
    needed: bool = True
    office: bool = False

    @property
    def code(self) -> str:
        """Its name within its object: fact and period."""
        return f"{self.column.name}@{_period_code(self.column.period)}"

    @property
    def key(self) -> tuple[str, Period]:
        """The same as values hold it."""
        return self.column.name, self.column.period


@dataclass(frozen=True, slots=True)
class Rows:
    """Objects that belong to the applicant or to the object applied for (租约, 展位), as rows. identity: what a new row has to state first."""

    kind: str
    identity: tuple[Column, ...]
    relation: str  # the fact that says whose it is
    owner: str  # applicant | object
    questions: tuple[Question, ...]


@dataclass(frozen=True, slots=True)
class Form:
    """Everything one award asks of one kind of applicant.

    applicant: facts of whoever applies; thing: of the object, where that is another; rows: what belongs to either; claim: of the claim itself;
    elsewhere: what others have to know. mine: relations of a new object that name the applicant.
    """

    award: str
    clause: str
    quote: str
    object: str
    own: bool  # the object is the applicant itself
    foreign: bool  # the object is somebody else: the applicant is paid for it
    identity: tuple[Column, ...]
    mine: tuple[tuple[str, Period], ...]
    applicant: tuple[Question, ...]
    thing: tuple[Question, ...]
    rows: tuple[Rows, ...]
    claim: tuple[Question, ...]
    elsewhere: tuple[Question, ...]
    materials: tuple[str, ...]
    notes: tuple[str, ...]

    def questions(self) -> Iterator[Question]:
        """Every question of the form that is not about rows."""
        yield from (*self.applicant, *self.thing, *self.claim)


def awards_of(policy: Policy, kind: str, choices: Mapping[str, str] | None = None) -> list[Rule]:
    """The awards an applicant of this object type may apply for: for itself, for what belongs to it, or for what it is paid for."""
    return [rule for rule in policy.awards if kind in policy.vocabulary.objects and _way(policy, rule, kind, choices) is not None]


def own_kind(policy: Policy, word: str) -> str:
    """The object type of an applicant who is called `word` (企业, 行政村): the type of that name, else the type that all payees are."""
    objects = policy.vocabulary.objects
    if word in objects:
        return word
    roots = [declared.is_a for declared in objects.values() if declared.is_a]
    return max(roots, key=roots.count) if roots else word


def form_of(policy: Policy, award: str, year: int, kind: str, choices: Mapping[str, str] | None = None) -> Form:
    """The form of an award for an applicant of an object type. choices: 口径 -> option, over the policy's own. Raises KeyError for an award there is not."""
    rule = policy.rules[award]
    way = _way(policy, rule, kind, choices)
    if way is None:
        raise KeyError(f"{award}: {kind}")
    own, foreign = way == (), len(way) > 1
    usage, vocabulary = usage_of_award(policy, award, choices), policy.vocabulary
    asked: dict[str, dict[str, Question]] = {"applicant": {}, "thing": {}, "elsewhere": {}}
    rows: list[Rows] = []
    for name, uses in usage.facts.items():
        found = list(_questions(policy, name, uses, year))
        applicants = vocabulary.is_kind(kind, name) and not (foreign and name == rule.object)
        if applicants:
            asked["applicant"].update((one.code, one) for one in found)
        elif name == rule.object:
            skipped = {column.name for column in identity_of(policy, name)} | {way[0] if way else ""}
            asked["thing"].update((one.code, one) for one in found if one.column.name not in skipped)
        elif (owner := _owner(policy, name, kind, rule.object)) is not None:
            columns, relation = identity_of(policy, name), vocabulary.objects[name].parent_relation
            taken = {column.name for column in columns}
            rows.append(Rows(name, tuple(column for column in columns if column.name != relation), relation, owner,
                             tuple(one for one in found if one.column.name not in taken)))  # fmt: skip
        elif not any(vocabulary.is_kind(other, name) for other in usage.facts if other != name):
            asked["elsewhere"].update((one.code, one) for one in found)
    identity = () if own else tuple(column for column in identity_of(policy, rule.object) if column.name != (way[0] if way else "") or foreign)
    mine = () if own or foreign else tuple((way[0], period) for period in _mine(policy, rule, way[0], year))
    quote = rule.block.quote
    return Form(award, rule.clause, "\n".join(cell.text for cell in quote.lines) if quote else "", rule.object, own, foreign, identity, mine, tuple(asked["applicant"].values()), tuple(asked["thing"].values()),
                tuple(rows), tuple(_claim_questions(policy, year)), tuple(asked["elsewhere"].values()), rule.materials, rule.notes)  # fmt: skip


def _way(policy: Policy, rule: Rule, kind: str, choices: Mapping[str, str] | None) -> tuple[str, ...] | None:
    """The names that lead from the object to the payee, where the applicant can be that: () for itself; None where it cannot."""
    beneficiary = rule.beneficiary
    if isinstance(beneficiary, Choice):
        reading = policy.column(beneficiary.name)
        option = {**policy.default_choices, **(choices or {})}[reading.name] if reading else next(iter(beneficiary.options))
        beneficiary = beneficiary.options.get(option)
    if not isinstance(beneficiary, Path) or beneficiary.names == ("对象",):
        return () if policy.vocabulary.is_kind(kind, rule.object) else None
    try:
        hops = resolve_path(policy, rule, rule.object, beneficiary)
    except Unresolved:
        return None
    target = hops[-1].kind
    if not (policy.vocabulary.is_kind(kind, target) or policy.vocabulary.is_kind(target, kind)):
        return None
    return tuple(hop.name for hop in hops)


def _owner(policy: Policy, name: str, applicant: str, thing: str) -> str | None:
    """Whether objects of this type belong to the applicant or to the object applied for."""
    declared, vocabulary = policy.vocabulary.objects[name], policy.vocabulary
    if not declared.parent or vocabulary.is_kind(applicant, name):
        return None
    for owner, kind in (("object", thing), ("applicant", applicant)):
        if vocabulary.relation_to(name, kind) == declared.parent_relation and kind != name:
            return "applicant" if kind == applicant else owner
    return None


def _mine(policy: Policy, rule: Rule, relation: str, year: int) -> list[Period]:
    fact = policy.vocabulary.fact(rule.object, relation)
    return [] if fact is None else [year] if fact.yearly else [None]


def _questions(policy: Policy, kind: str, uses: dict[str, Use], year: int) -> Iterator[Question]:
    for use in uses.values():
        office = _is_office(policy, use.fact)
        if not use.fact.yearly:
            yield Question(kind, column_of(use.fact), use.chosen, office)
        for offset, needed in sorted(use.offsets.items(), reverse=True):
            yield Question(kind, column_of(use.fact, year + offset), needed, office)
        for (window, offset), needed in sorted(use.windows.items(), key=lambda item: (item[0][1], item[0][0].start), reverse=True):
            yield Question(kind, column_of(use.fact, window_days(window, year + offset)), needed, office)


def _is_office(policy: Policy, fact: Fact) -> bool:
    decided = any(rule.kind == "认定" and fact.name in (rule.name, rule.name + "决定") for rule in policy.rules.values())
    return decided or fact.source in OFFICE_SOURCES


def _claim_questions(policy: Policy, year: int) -> Iterator[Question]:
    """Of the claim itself only what the applicant alone knows: what it already had for the same matter under other documents."""
    fact = policy.vocabulary.fact(CLAIM, OUTSIDE)
    if fact is not None:
        yield Question(CLAIM, column_of(fact, year), False)


# --- answers -----------------------------------------------------------------------------------------------------------------------------


def read_answer(column: Column, text: str) -> Any:
    """The value of an answer: None unknown, NONE 无, or a Diagnostic where it cannot be read or lies beyond what the vocabulary allows."""
    if column.kind == "truth" and clean(text) in ("true", "false"):
        text = "是" if clean(text) == "true" else "否"
    found = read_cell(text, column)
    if isinstance(found, Fault):
        return Diagnostic(found.code, (Place(column.header),), found.details)
    if column.kind in ("number", "year") and found is not None and found is not NONE and column.low is not None and column.high is not None:
        if not column.low <= found <= column.high:
            details = {"subject": column.name, "subject_en": column.name, **bounds_text(column.low, column.high, column.unit), "found": clean(text)}
            return Diagnostic("DT170", (Place(column.header),), details)
    return found


def answer_text(column: Column, value: Any) -> str:
    """A value as an applicant would write it; '' for unknown."""
    if value is None:
        return ""
    if value is NONE:
        return "无"
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, (int, Fraction)) and column.kind == "number":
        return decimal_text(exact(Fraction(value) / unit_factor(column.unit)) if column.unit else value)
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def key_of(values: list[str], policy: Policy, kind: str, owner: str) -> str:
    """The key of an object from the parts of its identity; where whose it is belongs to the identity, that stands in its place."""
    declared, rest = policy.vocabulary.objects[kind], iter(values)
    names = declared.identity or ("名称",)
    return JOIN.join(owner if name == declared.parent_relation else narrow(clean(next(rest, ""))) for name in names)


def answer_fault(diagnostic: Diagnostic, language: Language = "zh") -> str:
    """Why an answer cannot be used, for somebody in front of a form."""
    words = diagnostic.sentence(language)
    zh = language == "zh"
    text = words["summary"] + (("：应为" if zh else ": expected ") + words["expected"] if words["expected"] else "")
    remedy = words["remedy"]
    if remedy and not any(word in remedy for word in _FOR_SHEETS) and "sheet" not in remedy and "cell" not in remedy:
        text += ("。" if zh else ". ") + remedy.rstrip("。.")
    return text + ("。" if zh else ".")


def _period_code(period: Period) -> str:
    if period is None:
        return ""
    return str(period) if isinstance(period, int) else f"{period[0].isoformat()}~{period[1].isoformat()}"
