"""Trying an award without being anybody: the form's questions, made-up objects in memory, what the rules say. Nothing is read of any party, nothing stored."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from duixian.tables.forms import Form, Question, Rows, answer_fault, read_answer
from duixian.values.diagnostic import Defects, Diagnostic
from duixian.values.facts import Facts

from . import live, queries
from .actions.settling import kinds_listed
from .applicant import said
from .asked import awards_for, form_for, note_of, period_label, truths
from .live import Shown
from .models import Cycle
from .policies import programme_of

ME, IT = "试算单位", "试算对象"
MOST_ROWS = 12
LETTERS = "ABCDEFGHIJKL"


@dataclass(slots=True)
class Input:
    """One question on the page."""

    name: str
    question: Question
    text: str = ""
    error: str = ""

    @property
    def id(self) -> str:
        """Its id on the page."""
        return "t" + self.name.replace("@", "-").replace("~", "-")

    @property
    def label(self) -> str:
        """The fact with its year."""
        return period_label(self.question.column)

    @property
    def note(self) -> str:
        """One line below the label."""
        return note_of(self.question.column)

    @property
    def truths(self) -> list[tuple[str, str]]:
        """What may be answered where the question is yes or no."""
        return truths()

    @property
    def column(self) -> Any:
        """How it is read."""
        return self.question.column


@dataclass(slots=True)
class Page:
    """One award being tried."""

    cycle: Cycle
    form: Form
    kind: str
    main: list[Input]
    rows: list[tuple[Rows, list[list[Input]]]]
    facts: Facts
    key: str
    count: int = 1
    errors: int = 0
    notes: list[str] = field(default_factory=list)

    def inputs(self) -> list[Input]:
        """Every question."""
        return [*self.main, *(one for _rows, lines in self.rows for line in lines for one in line)]

    def result(self) -> tuple[Shown | None, list[str]]:
        """What the rules say of it; or what contradicts itself."""
        try:
            found = live.look(self.cycle, self.facts, [], wanted={(self.form.award, self.key)})
        except Defects as defects:
            return None, said(defects)
        return (found[0] if found else None), []


def cycles() -> list[Cycle]:
    """The cycles whose awards can be tried: those that were opened and are not finished."""
    return list(queries.cycles(None).exclude(state="finished"))


def awards(cycle: Cycle) -> list[tuple[str, str, str]]:
    """(award, clause, for whom) of everything that can be tried."""
    policy = programme_of(cycle.version_of).policy
    return [(rule.name, rule.clause, _kind(cycle, rule.name) or "") for rule in policy.awards if _kind(cycle, rule.name)]


def _kind(cycle: Cycle, award: str) -> str | None:
    """The object type that may apply for an award: the object itself, or the first that can be the payee."""
    policy = programme_of(cycle.version_of).policy
    rule = policy.rules.get(award)
    if rule is None or rule.kind != "奖补":
        return None
    kinds = [rule.object, *(name for name in policy.vocabulary.objects if policy.vocabulary.objects[name].is_a)]
    return next((kind for kind in kinds if award in awards_for(cycle, kind) and not form_for(cycle, award, kind).foreign), None)


def page(cycle: Cycle, award: str, given: Mapping[str, str]) -> Page | None:
    """The page of an award with the answers given; None where there is no such award."""
    kind = _kind(cycle, award)
    if kind is None:
        return None
    form = form_for(cycle, award, kind)
    count = _count(given)
    facts = Facts(listed=kinds_listed(cycle))
    key = ME if form.own else IT
    me = facts.add(kind, ME)
    it = me if form.own else facts.add(form.object, IT)
    policy = programme_of(cycle.version_of).policy
    me.values.update({("名称", None): _("试算"), ("主体类型", None): kind} if policy.vocabulary.fact(kind, "主体类型") else {})
    for name, period in form.mine:
        it.values[name, period] = ME
    found = Page(cycle, form, kind, [], [], facts, key, count)

    def ask(question: Question, thing: Any, prefix: str) -> Input:
        one = Input(f"{prefix}{question.code}", question, str(given.get(f"{prefix}{question.code}", ""))[:200])
        value = read_answer(question.column, one.text)
        if isinstance(value, Diagnostic):
            one.error, found.errors = answer_fault(value, live.language()), found.errors + 1
        elif value is not None:
            thing.values[question.key] = value
        return one

    skipped = {"名称", "主体类型"}
    for question in (*form.applicant, *form.thing):
        if question.office or not question.needed or question.column.name in skipped or question.column.kind == "object":
            continue
        found.main.append(ask(question, me if question in form.applicant else it, "m." if question in form.applicant else "o."))
    for rows in form.rows:
        lines = []
        for place in range(count):
            child = facts.add(rows.kind, f"{rows.kind}{LETTERS[place]}")
            child.values[rows.relation, None] = ME if rows.owner == "applicant" else key
            line = [ask(question, child, f"r.{rows.kind}.{place}.") for question in rows.questions if question.needed and not question.office]
            if place and not any(one.text for one in line):  # a row nobody filled in is no row
                del facts.things[rows.kind][child.key]
            lines.append(line)
        found.rows.append((rows, lines))
    facts.applied = {(award, key)}
    return found


def _count(given: Mapping[str, str]) -> int:
    text = str(given.get("rows", "1"))
    count = int(text) if text.isdecimal() and len(text) < 4 else 1
    return max(1, min(MOST_ROWS, count + ("more" in given)))
