"""The app `jobs`（任务）."""

from __future__ import annotations

from django.apps import AppConfig


class JobsConfig(AppConfig):
    """任务."""

    name = "duixian.web.jobs"
    label = "jobs"
    verbose_name = "任务"
