"""The auditor's writes before the first case: independence declared, the sample drawn from a seed somebody else published."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import IntegrityError, transaction

from duixian.web.cases import sample
from duixian.web.cases.models import Application, Claim, Cycle, Declaration, Sample
from duixian.web.record.book import Refused, acting
from duixian.web.registry.models import Party, Role, Seat

AUDITED = ("auditing", "reviewed", "decided")


def declare(cycle: Cycle, seat: Seat, parties: Iterable[Party], *, confirmed: bool) -> Declaration:
    """Independent of every party of the cycle, except of those named: their cases go to somebody else. Once a cycle."""
    with acting(seat, "audit.declare", cycle) as page:
        if seat.role != Role.AUDITOR:
            raise Refused("auditors_only", "由审计席位来声明。")
        if not confirmed:
            raise Refused("declaration_is_given", "要先确认声明的内容。")
        try:
            with transaction.atomic():
                found = Declaration.objects.create(cycle=cycle, seat=seat)
        except IntegrityError as clash:
            raise Refused("declared_once", "这个批次已经声明过。有变化，请联系经商主管部门。") from clash
        named = list(parties)
        found.parties.set(named)
        page.new = {"declaration": found.pk, "parties": sorted(one.pk for one in named)}
    return found


def independent(seat: Seat, application: Application) -> None:
    """An auditor has declared, and has nothing to do with this party. Raises Refused."""
    if seat.role != Role.AUDITOR:
        return
    declared = Declaration.objects.filter(cycle=application.cycle_id, seat=seat).first()
    if declared is None:
        raise Refused("independence_is_declared", "办理这个批次的第一件以前，先作利益冲突声明。")
    if declared.parties.filter(pk=application.party_id).exists():
        raise Refused("auditor_has_an_interest", "您声明过与这家单位有利害关系，这一件由别人来审。")


def listed_of(cycle: Cycle) -> list[sample.Listed]:
    """What a sample of a cycle is drawn from: every claim that has reached the audit."""
    return list(Claim.objects.filter(cycle=cycle, live=True, application__state__in=AUDITED).order_by("award", "application__number").values_list("award", "application__number").distinct())


def draw(cycle: Cycle, seat: Seat, *, seed: str, origin: str, percent: int, least: int) -> Sample:
    """Draw and keep a sample: seed, where it was published, the list, the cases."""
    with acting(seat, "audit.sample", cycle) as page:
        if seat.role != Role.AUDITOR:
            raise Refused("auditors_only", "由审计席位来抽样。")
        seed, origin = seed.strip(), origin.strip()
        if not seed or not origin:
            raise Refused("seed_is_published", "写明种子，和任何人都能查到它的地方（如某日开奖号码、收盘指数）。")
        if not (1 <= percent <= 100 and 0 <= least <= 500):
            raise Refused("share_can_be_read", "比例是 1 到 100，每项至少 0 到 500 件。")
        listed = listed_of(cycle)
        if not listed:
            raise Refused("something_to_draw", "还没有到审计的申报。")
        drawn = sample.draw(listed, seed, percent, least)
        found = Sample.objects.create(cycle=cycle, seed=seed, origin=origin, percent=percent, least=least, listed=[list(one) for one in sorted(set(listed))],
                                      drawn=[list(one) for one in drawn], digest=sample.digest_of(listed), by=seat)  # fmt: skip
        page.new = {"sample": found.pk, "seed": seed, "origin": origin, "percent": percent, "least": least, "digest": found.digest, "drawn": found.drawn}
    return found
