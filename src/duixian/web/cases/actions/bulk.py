"""Many cases at once: each is its own transaction, and each one's end is told. What is refused stays as it was and is recorded."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from typing import Any

from django.utils.translation import gettext as _

from duixian.web.cases import queries
from duixian.web.cases.models import Application
from duixian.web.cases.statements import rows_of
from duixian.web.language import listed
from duixian.web.record.book import Refused
from duixian.web.registry.facts import differing
from duixian.web.registry.models import Seat

from . import handling


@dataclass(frozen=True, slots=True)
class Told:
    """How one case of many ended."""

    number: str
    party: str
    done: bool
    text: str

    def kept(self) -> dict[str, Any]:
        """As it is kept in the session until the page is shown."""
        return asdict(self)


def _each(seat: Seat, marked: Iterable[tuple[str, int]], do: Callable[[Application, int], str]) -> list[Told]:
    told = []
    for number, version in marked:
        case = queries.applications(seat).filter(number=number).first()
        if case is None:
            told.append(Told(number, "", False, _("没有这一件，或者这个席位看不到。")))
            continue
        try:
            told.append(Told(number, case.party.name, True, do(case, version)))
        except Refused as refusal:
            told.append(Told(number, case.party.name, False, refusal.text))
    return told


def assign(seat: Seat, marked: Iterable[tuple[str, int]], officer: Seat | None) -> list[Told]:
    """Give cases to an officer (or to nobody)."""

    def one(case: Application, version: int) -> str:
        handling.assign(case, officer, seat)
        return _("分给 %s") % officer.user if officer else _("不再指定经办")

    return _each(seat, marked, one)


def accept(seat: Seat, marked: Iterable[tuple[str, int]]) -> list[Told]:
    """Accept the cases in which nothing calls for a judgement; the others are left, each with why."""

    def one(case: Application, version: int) -> str:
        handling.accept_plain(case, seat, reasons=doubts(case), version=version)
        return _("审核通过")

    return _each(seat, marked, one)


def doubts(case: Application) -> list[str]:
    """Why a case is not accepted unseen: the township did not find it true, sources differ, material is missing. Empty where nothing is."""
    from duixian.web.cases.completeness import lacking_materials

    found = []
    opinion = case.opinions.filter(stage="verify").order_by("id").last()
    if opinion is None or opinion.result != "属实":
        found.append(_("属地没有核实为属实"))
    things = list(case.claims.filter(live=True).values_list("thing", flat=True))
    rows = rows_of(case, things, others=True)
    names: list[str] = []
    for thing in things:
        names += [key[1] for key in differing(row for row in rows if row.thing_id == thing)]
    if names:
        found.append(_("来源不一致：%s") % listed(dict.fromkeys(names)))
    missing = lacking_materials(case)
    if missing:
        found.append(_("缺材料：%s") % listed(missing))
    return found
