"""The app `treasury`（账）."""

from __future__ import annotations

from django.apps import AppConfig


class TreasuryConfig(AppConfig):
    """账."""

    name = "duixian.web.treasury"
    label = "treasury"
    verbose_name = "账"
