"""How often something may be tried from one place: counted in the database, so that every process and every machine counts the same. No address is kept."""

from __future__ import annotations

import hashlib
import hmac
from collections import OrderedDict
from datetime import UTC, datetime, timedelta
from threading import Lock

from django.conf import settings
from django.db import IntegrityError, OperationalError, transaction
from django.db.models import F
from django.http import HttpRequest
from django.utils import timezone

from duixian.web.jobs.work import every

from .models import Tries

_KEPT = 10_000
_here: OrderedDict[str, list[int]] = OrderedDict()  # key -> [tries not counted in the database yet, tries there when it was last asked]
_lock = Lock()


def address_of(request: HttpRequest) -> str:
    """Where a request comes from: what the proxy on this machine says, else who is connected."""
    connected = str(request.META.get("REMOTE_ADDR", ""))
    told = str(request.META.get("HTTP_X_FORWARDED_FOR", "")).rpartition(",")[2].strip()
    return told if told and connected in ("", "127.0.0.1", "::1") else connected


def over(what: str, who: str, most: int, window: timedelta, *, step: int = 1) -> datetime | None:
    """Count a try. None where it may go on; else when one may try again.

    step: with more than one, this many tries are counted here before the database is told: for what is tried often and costs little to be wrong about.
    A database that cannot count them then stops nobody.
    """
    seconds = int(window.total_seconds())
    slot = int(timezone.now().timestamp()) // seconds
    until = datetime.fromtimestamp((slot + 1) * seconds, UTC)
    key = hmac.new(settings.SECRET_KEY.encode(), f"{what}|{who}|{slot}".encode(), hashlib.sha256).hexdigest()
    with _lock:
        own = _here.setdefault(key, [0, 0])
        own[0] += 1
        while len(_here) > _KEPT:
            _here.popitem(last=False)
        if own[0] < step:
            return until if own[0] + own[1] > most else None
        fresh, own[0] = own[0], 0
    try:
        own[1] = _count(key, fresh, until)
    except OperationalError:
        if step == 1:
            raise
    return until if own[1] > most else None


def _count(key: str, fresh: int, until: datetime) -> int:
    rows = Tries.objects.filter(pk=key)
    if not rows.update(count=F("count") + fresh):
        try:
            with transaction.atomic():
                Tries.objects.create(pk=key, count=fresh, until=until)
        except IntegrityError:  # another process was first
            rows.update(count=F("count") + fresh)
    return rows.values_list("count", flat=True).get()


@every(seconds=3600)
def forget() -> int:
    """Take out what is over; how many."""
    return Tries.objects.filter(until__lt=timezone.now()).delete()[0]


def when(until: datetime) -> str:
    """When one may try again, on the clock of the place."""
    return timezone.localtime(until + timedelta(seconds=59)).strftime("%H:%M")
