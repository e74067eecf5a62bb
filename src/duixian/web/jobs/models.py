"""Grain: one row per piece of long work."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Job(models.Model):
    """Long work that a worker takes under a lease. Work is idempotent: taken again after a kill it neither doubles nor loses anything."""

    class State(models.TextChoices):
        """Where it stands."""

        WAITING = "waiting", _("排队")
        RUNNING = "running", _("进行中")
        DONE = "done", _("完成")
        FAILED = "failed", _("没有完成")
        STOPPED = "stopped", _("已停止")

    name = models.CharField(max_length=40)  # the function, see jobs.work.WORK
    arguments = models.JSONField(default=dict)
    subject = models.CharField(max_length=80, blank=True, db_index=True)
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    done = models.PositiveIntegerField(default=0)
    of = models.PositiveIntegerField(default=0)
    stage = models.CharField(max_length=80, blank=True)  # what it is doing, in words
    problem = models.TextField(blank=True)  # why it did not finish, and what to do
    result = models.JSONField(default=dict)
    attempts = models.PositiveSmallIntegerField(default=0)
    worker = models.CharField(max_length=60, blank=True)
    lease = models.DateTimeField(null=True, blank=True)
    stop_asked = models.BooleanField(default=False)
    by = models.ForeignKey("registry.Seat", models.PROTECT, null=True, related_name="+")
    made = models.DateTimeField(auto_now_add=True)
    ended = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "job"
        ordering = ["-id"]
        constraints = [models.UniqueConstraint(fields=["name", "subject"], condition=Q(state__in=["waiting", "running"]), name="job_once_at_a_time")]
