"""Sign-in by OpenID Connect, against a provider that runs in this test: who gets in, and who does not."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit
from urllib.request import HTTPRedirectHandler

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from generations.accounts.models import AuditEvent, Seat, User
from generations.projects import inviting
from generations.projects.models import Project, Role
from relayweb import settings as studio_settings
from tests.web import provider as providers
from tests.web.provider import CLIENT, SECRET, Provider

START = "/accounts/oidc/sso/login/"


@pytest.fixture
def provider(db: None, settings: Settings) -> Iterator[Provider]:
    with providers.running() as running:
        settings.OIDC_DOMAIN = ""
        settings.SOCIALACCOUNT_PROVIDERS = studio_settings.sign_on(running.url, CLIENT, SECRET, "Acme")
        settings.OIDC_NAME = "Acme"
        yield running


class Stay(HTTPRedirectHandler):
    def redirect_request(self, *args: Any) -> None:
        return None


def sign_in(provider: Provider, **claims: Any) -> tuple[Client, Any]:
    """The browser and the last answer, after the whole way over the provider."""
    provider.claims = {"sub": claims.get("email", "x"), "email_verified": True} | claims
    client = Client()
    there = client.post(START)["Location"]
    assert there.startswith(f"{provider.url}/authorize?")
    query = parse_qs(urlsplit(there).query)
    _, headers, _ = provider.answer(there, {})
    assert (query["client_id"], query["code_challenge_method"]) == ([CLIENT], ["S256"])
    back = urlsplit(headers["Location"])
    return client, client.get(f"{back.path}?{back.query}")


def is_in(client: Client) -> bool:
    return client.get("/account/").status_code == 200


def test_who_exists_gets_in(provider: Provider, ann: User) -> None:
    client, answer = sign_in(provider, email="Ann@example.com", name="Somebody")
    assert (answer.status_code, is_in(client), User.objects.count()) == (302, True, 1)
    assert provider.asked[0]["code_verifier"]
    assert AuditEvent.objects.filter(action="sign_in", actor=ann).exists()


def test_who_is_invited_gets_what_was_promised(provider: Provider, project: Project, ann: User) -> None:
    inviting.invite("new@example.com", actor=ann, now=timezone.now(), project=project, seat=Seat.NONE)
    client, _ = sign_in(provider, email="new@example.com", name="Nia")
    person = User.objects.get(email="new@example.com")
    assert (is_in(client), person.name, project.role_of(person)) == (True, "Nia", Role.MEMBER)
    assert not person.has_usable_password()


def test_stranger_stays_outside(provider: Provider) -> None:
    client, answer = sign_in(provider, email="eve@example.com")
    assert (is_in(client), User.objects.count(), "Nobody signs up here" in answer.text) == (False, 0, True)


@pytest.mark.parametrize(("email", "gets_in"), [("eve@acme.example", True), ("eve@notacme.example", False)])
def test_domain_of_the_setting_gets_in(provider: Provider, settings: Settings, email: str, gets_in: bool) -> None:
    settings.OIDC_DOMAIN = "acme.example"
    client, _ = sign_in(provider, email=email)
    assert is_in(client) is gets_in
    assert [user.seat for user in User.objects.all()] == [""] * gets_in


@pytest.mark.parametrize("email", ["ann@example.com", "new@example.com"])
def test_address_that_was_not_verified_opens_nothing(
    provider: Provider, project: Project, ann: User, email: str
) -> None:
    inviting.invite("new@example.com", actor=ann, now=timezone.now(), project=project, seat=Seat.NONE)
    client, _ = sign_in(provider, email=email, email_verified=False)
    assert (is_in(client), User.objects.filter(email="new@example.com").exists()) == (False, False)


def test_who_is_switched_off_stays_outside(provider: Provider, ann: User) -> None:
    User.objects.update(is_active=False)
    client, _ = sign_in(provider, email="ann@example.com")
    assert not is_in(client)


def test_forged_answer_opens_nothing(provider: Provider, ann: User) -> None:
    client = Client()
    answer = client.get(f"{START}callback/?code=code-1&state=forged")
    assert (is_in(client), "did not work" in answer.text) == (False, True)


def test_provider_that_is_away_is_said_so(provider: Provider, settings: Settings) -> None:
    settings.SOCIALACCOUNT_PROVIDERS = studio_settings.sign_on("http://127.0.0.1:9", CLIENT, SECRET, "Acme")
    assert "did not work" in Client().post(START).text


def test_button_stands_there_only_where_it_is_configured(provider: Provider, settings: Settings) -> None:
    assert "Sign in with Acme" in Client().get("/accounts/login/").text
    settings.SOCIALACCOUNT_PROVIDERS, settings.OIDC_NAME = {}, ""
    assert "Acme" not in Client().get("/accounts/login/").text
    assert Client().post(START).status_code == 404


def test_issuer_must_be_https(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(studio_settings.Unusable):
        studio_settings.sign_on("http://id.example", CLIENT, SECRET, "")
