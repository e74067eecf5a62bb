"""The long work of cases, as jobs: settling a cycle, sending messages."""

from __future__ import annotations

from typing import Any

from duixian.web.jobs.work import Progress, work
from duixian.web.record.book import acting
from duixian.web.registry.models import Seat

from .actions import importing, settling
from .models import Cycle, Intake, Settlement


@work("settle")
def settle(progress: Progress) -> dict[str, Any]:
    """Settle a cycle as a trial. Taken again after a kill, it finds what it had already stored."""
    given = progress.job.arguments
    stored = Settlement.objects.filter(job=progress.job).first()
    if stored is None:
        cycle = Cycle.objects.select_related("version_of").get(pk=given["cycle"])
        seat = Seat.objects.get(pk=progress.job.by_id)
        with progress.holding():
            stored = settling.settle(cycle, seat, say=progress.say, standards=given.get("standards"), readings=given.get("readings"), job=progress.job)
    return {"settlement": stored.pk}


@work("recompute")
def recompute(progress: Progress) -> dict[str, Any]:
    """Compute a settlement again from what was kept; what was compared is signed."""
    settlement = Settlement.objects.select_related("cycle__version_of").get(pk=progress.job.arguments["settlement"])
    with progress.holding():
        found = settling.recompute(settlement, say=progress.say)
    with acting(progress.job.by, "settlement.recompute", settlement) as page:
        page.new = {"same": all(one["same"] for one in found)}
    return {"settlement": settlement.pk, "compared": found}


@work("intake.look")
def look(progress: Progress) -> dict[str, Any]:
    """Read workbooks that are too large for one request. Done again after a kill, it shows the same."""
    intake = Intake.objects.select_related("version_of").get(pk=progress.job.arguments["intake"])
    with progress.holding():
        importing.look(intake, progress.say)
    return {"state": intake.state}


@work("intake.take")
def take(progress: Progress) -> dict[str, Any]:
    """File a large intake in one transaction: all of it or nothing, once."""
    intake = Intake.objects.select_related("version_of").get(pk=progress.job.arguments["intake"])
    with progress.holding():
        importing.take(intake, Seat.objects.get(pk=progress.job.by_id))
    return {"state": intake.state}
