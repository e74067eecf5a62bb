"""How people come in: accounts are made by the administrator or a provincial identity, never by filling in a form; every sign-in is signed."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.http import HttpRequest

from duixian.web.record import book
from duixian.web.record.models import Kind


class AccountDoor(DefaultAccountAdapter):
    """No sign-up by form; a sign-in is signed in the record."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Never."""
        return False

    def post_login(self, request: HttpRequest, user: Any, **kwargs: Any) -> Any:
        """Sign the book."""
        book.sign(Kind.SIGN_IN, "signin", user=user, seat=None)
        return super().post_login(request, user, **kwargs)


class SocialDoor(DefaultSocialAccountAdapter):
    """A provincial identity may open an account; it has no seat until the administrator gives one."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        """Open: the provider has said who it is."""
        return True


def tried_name(request: HttpRequest, credentials: dict[str, Any] | None = None) -> str:
    """The user name somebody tries to sign in with: allauth calls it `login`, Django `username`."""
    given = credentials or {}
    return str(given.get("username") or given.get("login") or request.POST.get("login", ""))[:150]
