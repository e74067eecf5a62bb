"""Signing in with a provincial identity (OpenID Connect), against a stub provider."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
import requests
from django.test import Client, override_settings

from duixian.web.registry.models import Seat, User

from .cast import Cast
from .stub_identity import CLIENT, SECRET, Provider, provider


@pytest.fixture
def stub() -> Iterator[Provider]:
    with provider(sub="stub-person-1", name="演示统一身份", credit_code="91000000MA00000001") as running:
        app = {"provider_id": "identity", "name": "演示统一身份", "client_id": CLIENT, "secret": SECRET,
               "settings": {"server_url": running.url, "token_auth_method": "client_secret_basic"}}  # fmt: skip
        with override_settings(SOCIALACCOUNT_PROVIDERS={"openid_connect": {"APPS": [app], "OAUTH_PKCE_ENABLED": True}}, OIDC_PARTY_CLAIM="credit_code"):
            yield running


def come_in(client: Client) -> object:
    """Through the provider and back."""
    away = client.post("/account/oidc/identity/login/?process=login")
    back = requests.get(away["Location"], allow_redirects=False, timeout=5).headers["Location"]
    return client.get(urlsplit(back).path + "?" + urlsplit(back).query)


def test_who_the_provider_vouches_for_sits_for_that_firm(cast: Cast, stub: Provider) -> None:
    client = Client()
    assert come_in(client).status_code == 302
    user = User.objects.get(name="演示统一身份")
    assert not user.has_usable_password()
    assert [seat.party for seat in Seat.objects.filter(user=user)] == [cast.firm]
    assert client.get("/").wsgi_request.seat.party == cast.firm


def test_the_second_time_it_is_the_same_person(cast: Cast, stub: Provider) -> None:
    come_in(Client())
    come_in(Client())
    assert User.objects.filter(name="演示统一身份").count() == 1


def test_a_firm_nobody_knows_gives_no_seat(cast: Cast, stub: Provider) -> None:
    stub.claims["credit_code"] = "91000000MA00000099"
    come_in(Client())
    assert not Seat.objects.filter(user__name="演示统一身份").exists()


def test_a_provider_never_gives_a_seat_of_staff(cast: Cast, stub: Provider) -> None:
    stub.claims["role"] = "finance"
    come_in(Client())
    assert {seat.role for seat in Seat.objects.filter(user__name="演示统一身份")} == {"applicant"}


def test_an_answer_to_a_question_nobody_asked_is_refused(cast: Cast, stub: Provider) -> None:
    client = Client()
    assert client.get("/account/oidc/identity/login/callback/?code=forged&state=forged").status_code in (200, 400, 401)
    assert not User.objects.filter(name="演示统一身份").exists()
    assert "_auth_user_id" not in client.session
