"""The app `registry`（登记）."""

from __future__ import annotations

from django.apps import AppConfig


class RegistryConfig(AppConfig):
    """登记."""

    name = "duixian.web.registry"
    label = "registry"
    verbose_name = "登记"

    def ready(self) -> None:
        """Hear of sign-ins through an identity provider."""
        from allauth.account.signals import user_logged_in

        from .doors import seat_vouched_for

        user_logged_in.connect(seat_vouched_for, dispatch_uid="seat_vouched_for")
