"""The second factor: codes of an app, recovery codes, and what the setting REQUIRE_MFA forces. Passkeys: a journey."""

from __future__ import annotations

import re
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.db import connection
from django.test import Client

from generations.accounts.models import AuditEvent, User
from tests.builders import PASSWORD
from tests.web.conftest import Browse

ACTIVATE = "/accounts/2fa/totp/activate/"


def code_for(secret: str) -> str:
    return str(format_hotp_value(hotp_value(secret, next(iter(yield_hotp_counters_from_time())))))


def signed_in(user: User) -> Client:
    """By the password alone."""
    client = Client()
    client.post("/accounts/login/", {"login": user.email, "password": PASSWORD})
    return client


def confirmed(user: User) -> Client:
    """Signed in, and the password given once more just now."""
    client = signed_in(user)
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    return client


def set_up(user: User) -> tuple[Client, str]:
    """The browser in which the app was set up, and its secret."""
    client = confirmed(user)
    found = re.search(r"<code class=\"wrap\">([A-Z2-7]{32})</code>", client.get(ACTIVATE).text)
    assert found
    assert client.post(ACTIVATE, {"code": code_for(found[1])}).status_code == 302
    return client, found[1]


@pytest.fixture(autouse=True)
def an_hour_of_codes(monkeypatch: pytest.MonkeyPatch) -> None:
    """A code is taken once; each test begins with none taken."""
    from django.core.cache import cache

    cache.clear()


def test_app_is_set_up_with_a_picture_and_a_code(ann: User) -> None:
    client = confirmed(ann)
    page = client.get(ACTIVATE).text
    assert 'src="data:image/svg+xml;base64,' in page
    assert client.post(ACTIVATE, {"code": "000000"}).status_code == 200
    assert not Authenticator.objects.exists()
    set_up(ann)
    kinds = set(Authenticator.objects.values_list("type", flat=True))
    assert kinds == {"totp", "recovery_codes"}


def test_secret_lies_encrypted(ann: User) -> None:
    _, secret = set_up(ann)
    with connection.cursor() as cursor:
        cursor.execute("SELECT data FROM mfa_authenticator")
        assert secret not in str(cursor.fetchall())


def test_password_alone_opens_nothing_then(ann: User) -> None:
    _, _ = set_up(ann)
    client = signed_in(ann)
    assert client.get("/projects/").status_code == 302
    page = client.get("/accounts/2fa/authenticate/")
    assert "One more step" in page.text
    assert client.post("/accounts/2fa/authenticate/", {"code": "123456"}).status_code == 200
    assert client.get("/projects/").status_code == 302


def test_recovery_code_opens_once(ann: User) -> None:
    browser, _ = set_up(ann)
    codes = re.findall(r"<code>(\d{8})</code>", browser.get("/accounts/2fa/recovery-codes/").text)
    assert len(set(codes)) == 10
    opened = []
    for _ in range(2):
        client = signed_in(ann)
        client.post("/accounts/2fa/authenticate/", {"code": codes[0]})
        opened.append(client.get("/projects/").status_code)
    assert opened == [200, 302]


def test_changes_are_written_down(ann: User, django_capture_on_commit_callbacks: Any) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        browser, _ = set_up(ann)
    with django_capture_on_commit_callbacks(execute=True):
        browser.post("/accounts/2fa/totp/deactivate/")
    events = AuditEvent.objects.filter(action="second_factor").order_by("id")
    assert [event.after["what"] for event in events] == ["totp_activated", "totp_deactivated"]


@pytest.mark.parametrize(("who", "status"), [("ada", 302), ("bill", 302), ("ann", 200)])
def test_setting_forces_admins_and_billing_to_set_one_up(
    request: pytest.FixtureRequest, settings: Any, browse: Browse, who: str, status: int
) -> None:
    settings.REQUIRE_MFA = True
    browser = browse(request.getfixturevalue(who))
    answer = browser.get("/projects/")
    assert answer.status_code == status
    if status == 302:
        assert answer["Location"] == "/accounts/2fa/"
        assert browser.get("/accounts/2fa/").status_code == 200
        assert browser.post("/projects/", {"name": "New"}).status_code == 403


def test_who_has_set_one_up_goes_on(ada: User, settings: Any) -> None:
    settings.REQUIRE_MFA = True
    browser, _ = set_up(ada)
    assert browser.get("/people/").status_code == 200


def test_changing_a_factor_asks_for_the_password_again(ann: User) -> None:
    client = signed_in(ann)
    answer = client.get(ACTIVATE)
    assert answer["Location"].startswith("/accounts/reauthenticate/")
    back = client.post(answer["Location"], {"password": PASSWORD})
    assert back["Location"] == ACTIVATE
