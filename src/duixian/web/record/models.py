"""The book. Grain: one event per write, read of personal data, or refusal. Nothing here is ever changed or deleted."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Kind(models.TextChoices):
    """What sort of event."""

    WRITE = "write", _("办理")
    READ = "read", _("查阅")
    REFUSED = "refused", _("被拒")
    SIGN_IN = "signin", _("登录")


class Event(models.Model):
    """One event, chained: `digest` is the SHA-256 of everything in it and of the digest before it (`book.digest_of`)."""

    number = models.BigIntegerField(primary_key=True)  # 1, 2, 3 … without a gap
    at = models.DateTimeField()
    kind = models.CharField(max_length=8, choices=Kind)
    action = models.CharField(max_length=60)  # e.g. application.submit
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    seat = models.ForeignKey("registry.Seat", models.PROTECT, null=True, related_name="+")
    subject = models.CharField(max_length=80, blank=True, db_index=True)  # e.g. application:12
    old = models.JSONField(default=dict)
    new = models.JSONField(default=dict)
    reason = models.TextField(blank=True)
    before = models.CharField(max_length=64)
    digest = models.CharField(max_length=64)

    class Meta:
        db_table = "event"
        ordering = ["number"]

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Written once."""
        if not self._state.adding:
            raise TypeError("an event is never changed")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> Any:
        """Never."""
        raise TypeError("an event is never deleted")


class Chain(models.Model):
    """The end of the chain: one row, locked by whoever writes the next event."""

    length = models.BigIntegerField(default=0)
    digest = models.CharField(max_length=64, default="0" * 64)

    class Meta:
        db_table = "chain"


class Tries(models.Model):
    """How often something was tried from one place in one window of time. key: a keyed hash, nobody's address. Read through `throttle`."""

    key = models.CharField(max_length=64, primary_key=True)
    count = models.PositiveIntegerField(default=0)
    until = models.DateTimeField(db_index=True)

    class Meta:
        db_table = "tries"
