"""The app `registry`（登记）."""

from __future__ import annotations

from django.apps import AppConfig


class RegistryConfig(AppConfig):
    """登记."""

    name = "duixian.web.registry"
    label = "registry"
    verbose_name = "登记"
