"""How people come in: accounts are made by the administrator or a provincial identity, never by filling in a form; every sign-in is signed."""

from __future__ import annotations

import hashlib
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.conf import settings
from django.http import HttpRequest

from duixian.web.record import book
from duixian.web.record.models import Kind

from .models import Party, Role, Seat


class AccountDoor(DefaultAccountAdapter):
    """No sign-up by form; a sign-in is signed in the record."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Never."""
        return False

    def post_login(self, request: HttpRequest, user: Any, **kwargs: Any) -> Any:
        """Sign the book."""
        book.sign(Kind.SIGN_IN, "signin", user=user, seat=None)
        response = super().post_login(request, user, **kwargs)
        if user.language and settings.LANGUAGE_COOKIE_NAME not in request.COOKIES:
            response.set_cookie(settings.LANGUAGE_COOKIE_NAME, user.language, secure=settings.SESSION_COOKIE_SECURE, samesite="Lax")
        return response


class SocialDoor(DefaultSocialAccountAdapter):
    """A provincial identity may open an account; it has no seat until the administrator gives one."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        """Open: the provider has said who it is."""
        return True

    def populate_user(self, request: HttpRequest, sociallogin: Any, data: Any) -> Any:
        """A name of its own and a user name nobody else has; no password."""
        user = super().populate_user(request, sociallogin, data)
        claims = sociallogin.account.extra_data.get("userinfo") or sociallogin.account.extra_data
        user.name = str(claims.get("name") or claims.get("preferred_username") or "")[:40] or "统一身份用户"
        user.username = f"id-{hashlib.sha256(str(sociallogin.account.uid).encode()).hexdigest()[:16]}"
        return user

    def save_user(self, request: HttpRequest, sociallogin: Any, form: Any = None) -> Any:
        """Keep the user and sign the book."""
        user = super().save_user(request, sociallogin, form)
        with book.acting(None, "people.from_identity", user, user=user) as page:
            page.new = {"username": user.username}
        return user

    def pre_social_login(self, request: HttpRequest, sociallogin: Any) -> None:
        """Nothing before; what the provider vouches for is looked at after the user is known (`seat_vouched_for`)."""


def seat_vouched_for(sender: Any, request: HttpRequest, user: Any, **kwargs: Any) -> None:
    """Where the provider vouches for a unit on file (OIDC_PARTY_CLAIM: its credit code), the user sits for it as applicant; never in a seat of staff."""
    login = kwargs.get("sociallogin")
    if login is None or not settings.OIDC_PARTY_CLAIM:
        return
    claims = login.account.extra_data.get("userinfo") or login.account.extra_data
    party = Party.objects.filter(code=str(claims.get(settings.OIDC_PARTY_CLAIM, ""))).first()
    if party is not None and party.same_as is not None:
        party = party.same_as
    if party is None or Seat.objects.filter(user=user, party=party, ended=None).exists():
        return
    with book.acting(None, "people.seat_vouched_for", user, user=user) as page:
        seat = Seat.objects.create(user=user, role=Role.APPLICANT, party=party)
        page.new = {"seat": seat.pk}


def tried_name(request: HttpRequest, credentials: dict[str, Any] | None = None) -> str:
    """The user name somebody tries to sign in with: allauth calls it `login`, Django `username`."""
    given = credentials or {}
    return str(given.get("username") or given.get("login") or request.POST.get("login", ""))[:150]
