"""What the auditor's page of a cycle shows: the declaration, samples with how far they are, what was adjusted. Reads only."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count

from duixian.web.registry.models import Fact, Party, Seat, Source

from . import sample
from .actions.auditing import AUDITED
from .models import Application, Cycle, Declaration, Sample


def declared(cycle: Cycle, seat: Seat) -> Declaration | None:
    """What this auditor declared for a cycle."""
    return Declaration.objects.filter(cycle=cycle, seat=seat).prefetch_related("parties").first()


def parties_of(cycle: Cycle) -> list[Party]:
    """Whom an auditor may have to do with: everybody whose case can reach the audit."""
    return list(Party.objects.filter(applications__cycle=cycle).exclude(applications__state__in=["draft", "withdrawn"]).distinct().order_by("name"))


@dataclass(frozen=True, slots=True)
class Drawn:
    """One case of a sample."""

    award: str
    case: Application | None
    number: str


@dataclass(frozen=True, slots=True)
class SampleFile:
    """A sample with its cases. again: whether drawing once more gives the same; by_award: (award, of, drawn)."""

    sample: Sample
    cases: list[Drawn]
    done: int
    again: bool
    by_award: list[tuple[str, int, int]]


def samples_of(cycle: Cycle) -> list[SampleFile]:
    """The samples of a cycle, each drawn once more to see that it is the same."""
    found = []
    for one in Sample.objects.filter(cycle=cycle).select_related("by__user"):
        listed = [(award, number) for award, number in one.listed]
        again = sample.draw(listed, one.seed, one.percent, one.least) == [tuple(row) for row in one.drawn] and sample.digest_of(listed) == one.digest
        cases = {case.number: case for case in Application.objects.filter(number__in=[number for _award, number in one.drawn]).select_related("party")}
        awards = sorted({award for award, _number in listed})
        by_award = [(award, sum(name == award for name, _ in listed), sum(name == award for name, _ in one.drawn)) for award in awards]
        rows = [Drawn(award, cases.get(number), number) for award, number in one.drawn]
        done = sum(row.case is not None and row.case.state != "auditing" for row in rows)
        found.append(SampleFile(one, rows, done, again, by_award))
    return found


def progress(cycle: Cycle) -> dict[str, int]:
    """How many cases are at the audit and past it."""
    rows = dict(Application.objects.filter(cycle=cycle, state__in=AUDITED).order_by().values_list("state").annotate(Count("id")))
    return {"waiting": rows.get("auditing", 0), "done": sum(count for state, count in rows.items() if state != "auditing")}


def adjusted(cycle: Cycle) -> list[Fact]:
    """The figures auditors filed for the objects of a cycle, with their reasons."""
    things = cycle.claims.filter(live=True).values("thing")
    return list(Fact.objects.filter(source=Source.AUDITED, ended=None, thing__in=things).select_related("thing__party", "by__user").order_by("-id")[:200])
