"""A claim's form as a page shows it: what is known and from whom, what is asked, what the office will say. Reads only.

Grain: one field an object, fact and period. A fact known from a better source is shown, not asked; the applicant may still state another figure,
which officers then see beside it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from duixian.tables.forms import Form, Question, Rows, answer_fault, answer_text, read_answer
from duixian.tables.layout import JOIN, Column
from duixian.values.diagnostic import Diagnostic
from duixian.values.labels import period_text, unit_word
from duixian.web.language import listed, spoken
from duixian.web.prepared import prepared
from duixian.web.registry import facts
from duixian.web.registry.models import Fact, Source, Thing

from . import statements
from .live import language, own_thing
from .models import Application, Claim, Cycle, Evidence
from .policies import programme_of, readings_of, standards_of

LISTED = 200  # objects offered by name where a fact is a relation


@dataclass(slots=True)
class Field:
    """One field. state: known (from a better source), asked, office. text: what stands in it; error: why it could not be read."""

    name: str
    question: Question
    thing: Thing
    used: Fact | None = None
    declared: Fact | None = None
    text: str = ""
    error: str = ""
    choices: list[tuple[str, str]] = field(default_factory=list)
    others: list[tuple[str, str]] = field(default_factory=list)  # what another application of the same firm that is not decided states otherwise: (its number, text)

    @property
    def column(self) -> Column:
        """How it is read and shown."""
        return self.question.column

    @property
    def id(self) -> str:
        """Its id on the page: the same whenever the page is made."""
        return "f" + hashlib.sha256(self.name.encode()).hexdigest()[:10]

    @property
    def label(self) -> str:
        """The fact with its year or days."""
        return period_label(self.column)

    @property
    def state(self) -> str:
        """known, asked or office."""
        if self.used is not None and self.used.source != Source.DECLARED:
            return "known"
        return "office" if self.question.office and self.question.kind != "申报" else "asked"

    @property
    def value(self) -> str:
        """The figure used, as text with its unit."""
        return shown_value(self.column, self.used.value) if self.used is not None else ""

    @property
    def differs(self) -> bool:
        """Whether the applicant states something else than what is used."""
        return self.used is not None and self.declared is not None and self.declared.value != self.used.value

    @property
    def empty(self) -> bool:
        """Whether nobody has said anything yet."""
        return self.used is None and not self.error

    @property
    def options(self) -> list[str]:
        """What may be chosen."""
        return list(self.column.options)

    @property
    def truths(self) -> list[tuple[str, str]]:
        """是, 否, not known: as stored and as said."""
        return truths()

    @property
    def hint(self) -> str:
        """One line below the label: the vocabulary's note, where the figure normally comes from, how to write a day."""
        parts = [note_of(self.column)]
        if self.column.kind == "date":
            parts.append(_("如 2025-03-01"))
        if self.column.kind in ("date", "year") or (self.column.kind == "object" and not self.column.required):
            parts.append(_("没有就写“无”"))
        if self.column.source in ("统计直报", "第三方数据"):
            parts.append(_("以%s为准；导入以前先按您填的算") % self.column.source)
        elif self.column.computed:
            parts.append(_("可以不填，由明细算出"))
        return listed((part for part in parts if part), "；")


@dataclass(slots=True)
class Row:
    """One object that belongs to the applicant, as a row."""

    thing: Thing
    label: str
    fields: list[Field]


@dataclass(slots=True)
class Section:
    """The rows of one object type."""

    rows: Rows
    items: list[Row]

    @property
    def kind(self) -> str:
        """The object type."""
        return self.rows.kind


@dataclass(slots=True)
class Asked:
    """A claim's whole form."""

    application: Application
    claim: Claim
    form: Form
    applicant: list[Field]
    thing: list[Field]
    sections: list[Section]
    own: list[Field]  # of the claim itself
    elsewhere: list[str]
    materials: list[tuple[str, list[Evidence]]]

    def fields(self) -> Iterator[Field]:
        """Every field of the form."""
        yield from (*self.applicant, *self.thing, *self.own)
        for section in self.sections:
            for row in section.items:
                yield from row.fields

    def field(self, name: str) -> Field | None:
        """A field by its name; None where the form has none of it."""
        return next((one for one in self.fields() if one.name == name), None)

    @property
    def known(self) -> list[Field]:
        """What is known already and not asked."""
        return [one for one in (*self.applicant, *self.thing) if one.state == "known"]

    @property
    def office(self) -> list[Field]:
        """What the office will say."""
        return [one for one in self.fields() if one.state == "office"]

    @property
    def to_fill(self) -> list[Field]:
        """What is asked of the applicant and the object."""
        return [one for one in (*self.applicant, *self.thing) if one.state == "asked" and one.question.needed]

    @property
    def instead(self) -> list[Field]:
        """Figures that may be stated so that another is computed from them."""
        return [one for one in (*self.applicant, *self.thing) if one.state == "asked" and not one.question.needed]


def note_of(column: Column) -> str:
    """The vocabulary's note; one about which policy takes the figure from where is none of an applicant's business."""
    return "" if column.source == "政策定来源" else column.note


def truths() -> list[tuple[str, str]]:
    """The answers to a yes-or-no question."""
    return [("是", _("是")), ("否", _("否")), ("", _("还不清楚"))]


def period_label(column: Column) -> str:
    """A fact's name with its year or days in front, as people say it."""
    period = column.period
    if period is None:
        return column.name
    if spoken() == "en":
        return f"{period_text(period, 'en')} {column.name}"
    return (f"{period}年" if isinstance(period, int) else f"{period[0]}至{period[1]} ") + column.name


def shown_value(column: Column, stored: str) -> str:
    """A stored value with its unit and thousands."""
    text = answer_text(column, facts.decode(stored))
    if column.kind == "number" and text != "无":
        whole, dot, part = text.partition(".")
        if column.measure == "金额":
            dot, part = ".", (part + "00")[:2] if len(part) <= 2 else part
        grouped = f"{int(whole):,}" if whole.lstrip("-").isdigit() else whole
        return f"{grouped}{dot}{part} {unit_word(column.unit, spoken(), 1 if text == '1' else None)}".strip()
    return text


_forms: dict[tuple[Any, ...], Form] = {}  # a form depends on nothing but its key
_MOST_FORMS = 200


def form_for(cycle: Cycle, award: str, kind: str) -> Form:
    """The form of an award in a cycle for an object type. Raises Defects where it is none of theirs."""
    key = (cycle.version_of.digest, cycle.year, cycle.standards, tuple(sorted(readings_of(cycle).items())), award, kind)
    found = _forms.get(key)
    if found is None:
        found = programme_of(cycle.version_of).form(award, cycle.year, kind, readings=readings_of(cycle), standards=standards_of(cycle))
        while len(_forms) >= _MOST_FORMS:
            _forms.pop(next(iter(_forms)), None)
        _forms[key] = found
    return found


def awards_for(cycle: Cycle, kind: str) -> list[str]:
    """The awards an object type may apply for in a cycle, under its readings."""
    return programme_of(cycle.version_of).awards_for(kind, {**standards_of(cycle).choices, **readings_of(cycle)})


@prepared
def _claims(application: int) -> QuerySet[Claim]:
    return Claim.objects.filter(application=application, live=True).select_related("thing")


@prepared
def _things(party: int) -> QuerySet[Thing]:
    return Thing.objects.filter(party=party).order_by("pk")


@prepared
def _files(application: int) -> QuerySet[Evidence]:
    return Evidence.objects.filter(application=application, removed=None)


@prepared
def _nobodys(kind: str) -> QuerySet[Thing]:
    return Thing.objects.filter(kind=kind, party=None).order_by("key")[:LISTED]


class Shelf:
    """Everything on file of an application's party, taken down once: its objects, their current facts, the files handed in."""

    def __init__(self, application: Application) -> None:
        self.application, self.party = application, application.party
        own = own_thing(self.party, application.cycle)
        assert own is not None, "start() files the party as an object"
        self.own = own
        self.claims = _claims(application.pk)
        self.things = {thing.pk: thing for thing in _things(self.party.pk)} | {claim.thing_id: claim.thing for claim in self.claims}
        self.facts: dict[tuple[int, str, str, str], list[Fact]] = {}
        self.others = statements.others_of(application)
        self.stated()
        self.files = _files(application.pk)
        self._offered: dict[str, list[tuple[str, str]]] = {}

    def stated(self) -> None:
        """Take down the facts: once more after something was stated, which changes nothing else."""
        self.facts.clear()
        for row in statements.rows_of(self.application, self.things):
            self.facts.setdefault((row.thing_id, row.award, row.name, row.period), []).append(row)

    def children(self, rows: Rows, owner: Thing) -> list[Thing]:
        """The objects of a type that stand in its relation to the owner now."""
        wanted = facts.encode(owner.key)
        return [thing for thing in self.things.values() if thing.kind == rows.kind and thing.party_id == self.party.pk
                and any(row.value == wanted for row in self.facts.get((thing.pk, "", rows.relation, ""), []))]  # fmt: skip

    def offered(self, kind: str) -> list[tuple[str, str]]:
        """Objects a relation may name, where naming them tells nothing about anybody: those that belong to nobody."""
        if kind not in self._offered:
            rows = _nobodys(kind)
            names = dict(Fact.objects.filter(thing__in=rows, name="名称", ended=None).values_list("thing_id", "value")) if rows else {}
            self._offered[kind] = [(thing.key, facts.decode(names[thing.pk]) if thing.pk in names else thing.key) for thing in rows]
        return self._offered[kind]

    def field(self, question: Question, thing: Thing, award: str = "") -> Field:
        """A question with what is on file for it."""
        rows = self.facts.get((thing.pk, award, question.column.name, facts.period_text(question.column.period)), [])
        used = next(iter(facts.used(rows).values()), None)
        declared = next((row for row in rows if row.source == Source.DECLARED), None)
        found = Field(f"{thing.pk}|{award}|{question.code}", question, thing, used, declared)
        said = self.others.get((thing.pk, (award, question.column.name, facts.period_text(question.column.period))), [])
        found.others = [(number, shown_value(question.column, text)) for number, text in said if declared is not None and text != declared.value]
        unread = self.application.unread.get(found.name)
        if unread is not None:
            found.text, found.error = unread, fault_of(question.column, unread)
        elif declared is not None:
            found.text = answer_text(question.column, facts.decode(declared.value))
        if question.column.kind == "object":
            found.choices = self.offered(question.column.target)
        return found


def asked(shelf: Shelf, claim: Claim) -> Asked:
    """The form of a claim with everything on file. Facts of an object that is somebody else's are never shown."""
    form = form_for(shelf.application.cycle, claim.award, shelf.own.kind)
    foreign = form.foreign or claim.thing.party_id not in (None, shelf.party.pk)
    sections = []
    for rows in form.rows:
        owner = shelf.own if rows.owner == "applicant" else claim.thing
        items = [Row(thing, thing.key.rsplit(JOIN, 1)[-1], [shelf.field(one, thing) for one in rows.questions]) for thing in shelf.children(rows, owner)]
        sections.append(Section(rows, items))
    elsewhere = [period_label(one.column) for one in (*form.elsewhere, *(form.thing if foreign else ()))]
    return Asked(
        shelf.application, claim, form, [shelf.field(one, shelf.own) for one in form.applicant], [] if foreign else [shelf.field(one, claim.thing) for one in form.thing],
        sections, [shelf.field(one, claim.thing, claim.award) for one in form.claim], elsewhere, _materials(shelf, claim, form),
    )  # fmt: skip


def _materials(shelf: Shelf, claim: Claim, form: Form) -> list[tuple[str, list[Evidence]]]:
    """The materials an award asks for, each with the files handed in for it; then what was added besides."""
    files = [one for one in shelf.files if one.claim_id == claim.pk]
    named = [(material, [one for one in files if one.material == material]) for material in form.materials]
    return [*named, (OTHER, [one for one in files if one.material not in form.materials])]


OTHER = "其他材料"


def fault_of(column: Column, text: str) -> str:
    """Why a text cannot be used as an answer; '' where it can."""
    found = read_answer(column, text)
    return answer_fault(found, language()) if isinstance(found, Diagnostic) else ""
