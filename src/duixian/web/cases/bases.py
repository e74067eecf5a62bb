"""What several nouns of the casework have in common."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from duixian.web.registry.models import Party, Seat


class Versioned(models.Model):
    """What is changed by compare-and-set (`actions.moving.change`): a form carries the version it was shown with, and of two who write one is told."""

    version = models.PositiveIntegerField(default=0)

    class Meta:
        abstract = True


class Proposal(models.Model):
    """What one person puts forward about a party and another checks before it counts. One at a time; `actions.moving.second_look` ends it."""

    party = models.ForeignKey(Party, models.PROTECT, related_name="+")
    reason = models.CharField("依据", max_length=200)
    state = models.CharField(max_length=8, default="proposed")  # proposed | used | refused
    by = models.ForeignKey(Seat, models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)
    checked_by = models.ForeignKey(Seat, models.PROTECT, null=True, blank=True, related_name="+")
    checked = models.DateTimeField(null=True, blank=True)

    class Meta:
        abstract = True
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["party"], condition=Q(state="proposed"), name="%(class)s_one_open"),
            models.CheckConstraint(name="%(class)s_second_other", condition=Q(checked_by__isnull=True) | ~Q(checked_by=F("by"))),
        ]
