"""Signing the book: every write is checked, done and signed in one transaction; a refusal is signed too, after everything else was undone."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.db import IntegrityError, connection, models, transaction
from django.utils import timezone

from .models import Chain, Event, Kind

FIRST = "0" * 64
log = logging.getLogger("duixian.record")


class Refused(Exception):
    """An action that may not be done. law: its name in the record; text: what a person reads, with what to do."""

    def __init__(self, law: str, text: str) -> None:
        super().__init__(text)
        self.law, self.text = law, text


class Conflict(Refused):
    """Somebody else was first. Nothing was changed; look again."""

    def __init__(self, text: str = "另一位同事刚刚办理了这一件。请刷新后再看。") -> None:
        super().__init__("somebody_was_first", text)


@dataclass(slots=True)
class Page:
    """What the event of an action will say: `old` and `new` by field. Never put personal data here: names of fields are enough."""

    old: dict[str, Any] = field(default_factory=dict)
    new: dict[str, Any] = field(default_factory=dict)
    reason: str = ""


def subject_of(instance: models.Model | str | None) -> str:
    """How the book names a thing: `application:12`."""
    if instance is None or isinstance(instance, str):
        return instance or ""
    return f"{instance._meta.model_name}:{instance.pk}"


@contextmanager
def acting(seat: Any, action: str, subject: models.Model | str | None = None, *, reason: str = "", user: Any = None) -> Iterator[Page]:
    """Do something and sign the book in one transaction.

    Raises Refused (or Conflict) again after signing the refusal in a transaction of its own: what was done inside is undone, the refusal stays.
    A unique key that somebody took a moment ago is a Conflict.
    """
    page = Page(reason=reason)
    who = user or (seat.user if seat is not None else None)
    try:
        with transaction.atomic():
            yield page
            sign(Kind.WRITE, action, user=who, seat=seat, subject=subject_of(subject), old=page.old, new=page.new, reason=page.reason)
    except Refused as refusal:
        refused(seat, action, subject, refusal, user=who)
        raise
    except IntegrityError as clash:  # a unique key that somebody else has just taken
        if "unique" not in str(clash).lower():
            raise
        log.warning("%s %s: %s", action, subject_of(subject), clash)
        conflict = Conflict()
        refused(seat, action, subject, conflict, user=who)
        raise conflict from clash


def refused(seat: Any, action: str, subject: models.Model | str | None, refusal: Refused, *, user: Any = None) -> None:
    """Sign a refusal."""
    who = user or (seat.user if seat is not None else None)
    with transaction.atomic():
        sign(Kind.REFUSED, action, user=who, seat=seat, subject=subject_of(subject), new={"law": refusal.law}, reason=refusal.text)


def read(seat: Any, what: str, subject: models.Model | str) -> None:
    """Sign that personal data was read."""
    with transaction.atomic():
        sign(Kind.READ, what, user=seat.user, seat=seat, subject=subject_of(subject))


def sign(kind: str, action: str, *, user: Any, seat: Any, subject: str = "", old: dict[str, Any] | None = None, new: dict[str, Any] | None = None, reason: str = "") -> Event:
    """Write the next event of the chain; inside the caller's transaction. The chain's row is the lock: one writer at a time."""
    return sign_all([Event(kind=kind, action=action, user=user, seat=seat, subject=subject, old=old or {}, new=new or {}, reason=reason)])[0]


def sign_all(events: Sequence[Event]) -> list[Event]:
    """Write the next events of the chain, in the order given; inside the caller's transaction."""
    count = len(events)
    end = _lengthen(count)
    if end is None:
        Chain.objects.get_or_create(pk=1)
        end = _lengthen(count)
    length, before = end
    for place, event in enumerate(events, length - count + 1):
        event.number, event.at, event.before = place, timezone.now(), before
        event.digest = before = digest_of(event)
    found = Event.objects.bulk_create(events, batch_size=500)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE chain SET digest = %s WHERE id = 1", [before])
    return found


def _lengthen(count: int) -> Any:
    """Take the lock of the chain and make room for events: its new length and the digest it ends with; None where there is no chain yet."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE chain SET length = length + %s WHERE id = 1 RETURNING length, digest", [count])
        return cursor.fetchone()


def digest_of(event: Event) -> str:
    """SHA-256 over everything an event says and the digest before it."""
    content = [event.number, event.at.astimezone(timezone.get_fixed_timezone(0)).isoformat(timespec="microseconds"), event.kind, event.action, event.user_id, event.seat_id,
               event.subject, event.old, event.new, event.reason, event.before]  # fmt: skip
    return hashlib.sha256(json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Break:
    """Where the chain does not hold. what: gap, link, content or end."""

    number: int
    what: str


def verify() -> tuple[int, list[Break]]:
    """How many events there are, and where the chain does not hold."""
    breaks, before, count = [], FIRST, 0
    for event in Event.objects.order_by("number").iterator(chunk_size=2000):
        count += 1
        if event.number != count:
            return count, [*breaks, Break(event.number, "gap")]
        if event.before != before:
            breaks.append(Break(event.number, "link"))
        if digest_of(event) != event.digest:
            breaks.append(Break(event.number, "content"))
        before = event.digest
    chain = Chain.objects.filter(pk=1).first()
    if chain is not None and (chain.length, chain.digest) != (count, before):
        breaks.append(Break(chain.length, "end"))
    return count, breaks
