"""The long work of cases, as jobs: settling a cycle, sending messages."""

from __future__ import annotations

from typing import Any

from duixian.web.jobs.work import Progress, work
from duixian.web.registry.models import Seat

from .actions import settling
from .models import Cycle, Settlement


@work("settle")
def settle(progress: Progress) -> dict[str, Any]:
    """Settle a cycle as a trial. Taken again after a kill, it finds what it had already stored."""
    given = progress.job.arguments
    stored = Settlement.objects.filter(job=progress.job).first()
    if stored is None:
        cycle = Cycle.objects.select_related("version_of").get(pk=given["cycle"])
        seat = Seat.objects.get(pk=progress.job.by_id)
        stored = settling.settle(cycle, seat, say=progress.say, standards=given.get("standards"), readings=given.get("readings"), job=progress.job)
    progress.say("完成", 4, 4)
    return {"settlement": stored.pk}
