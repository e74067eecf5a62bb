"""Notices that have run out end by themselves: with no objection open, one working day after the last day, so that what came by letter can still be entered.

With objections open a notice waits, and says so once: in the record, and to whoever published it. What the system does is signed with nobody's name and its reason.
"""

from __future__ import annotations

import logging
from datetime import timedelta

from django.utils import timezone

from duixian.values.workdays import CalendarMissing, after
from duixian.web.cases.models import Message, Notice
from duixian.web.jobs.work import every
from duixian.web.language import sentence
from duixian.web.record.book import Refused, acting
from duixian.web.record.models import Event, Kind

from . import noticing

AGAIN = timedelta(days=1)  # after a refusal: it is not tried, and signed, every few minutes
log = logging.getLogger("duixian.notices")


@every(seconds=300)
def end_notices() -> int:
    """End what is due; how many were ended."""
    today, ended = timezone.localdate(), 0
    for notice in Notice.objects.filter(state="published", last_day__lt=today).select_related("cycle__version_of", "settlement", "by__user").order_by("pk"):
        try:
            if after(notice.last_day, 1) >= today:
                continue
        except CalendarMissing as missing:  # nothing is guessed: whoever presses the button decides
            log.warning("notice %s waits: %s", notice.pk, missing)
            continue
        if count := notice.objections.filter(state="open").count():
            _wait(notice, count)
        elif not Event.objects.filter(subject=f"notice:{notice.pk}", action="notice.finish", kind=Kind.REFUSED, user=None, at__gt=timezone.now() - AGAIN).exists():
            try:
                noticing.finish(notice, None, reason=sentence(f"公示到 {notice.last_day} 24 时，已满期限，没有未答复的异议，由系统结束。"))
                ended += 1
            except Refused as refusal:
                log.warning("notice %s was not ended: %s", notice.pk, refusal.text)
    return ended


def _wait(notice: Notice, count: int) -> None:
    """Say, once, that a notice cannot end."""
    if Event.objects.filter(subject=f"notice:{notice.pk}", action="notice.wait").exists():
        return
    text = sentence(f"“{notice.title}”公示期已满，还有 {count} 条异议没有答复。全部答复以后，公示会自动结束。")
    with acting(None, "notice.wait", notice, reason=text) as page:
        page.new = {"open": count}
        Message.objects.create(user=notice.by.user, title=sentence("公示期已满，还有异议没有答复"), text=text)
