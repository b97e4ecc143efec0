"""The pages for those who are not signed in: sign-in, reset, and the ones that this studio closes."""

import re

import pytest
from django.core import mail
from django.test import Client

from generations.accounts.models import User
from tests.builders import PASSWORD


def test_sign_in_takes_login_and_password(client: Client, ann: User) -> None:
    answer = client.post("/accounts/login/", {"login": "ann@example.com", "password": PASSWORD})
    assert (answer.status_code, answer["Location"]) == (302, "/projects/")


def test_sign_in_refuses_a_wrong_password_and_keeps_the_address(client: Client, ann: User) -> None:
    answer = client.post("/accounts/login/", {"login": "ann@example.com", "password": "wrong"})
    assert 'value="ann@example.com"' in answer.text
    assert 'role="alert"' in answer.text
    assert client.get("/projects/").status_code == 302


def test_sign_in_goes_where_the_person_wanted(client: Client, ann: User) -> None:
    answer = client.post("/accounts/login/?next=/account/", {"login": "ann@example.com", "password": PASSWORD})
    assert answer["Location"] == "/account/"


def test_sign_in_offers_no_sign_up(client: Client, db: None) -> None:
    assert "signup" not in client.get("/accounts/login/").text


def test_sign_up_is_closed(client: Client, db: None) -> None:
    answer = client.post("/accounts/signup/", {"email": "eve@example.com", "password1": PASSWORD})
    assert "Nobody signs up here" in answer.text
    assert not User.objects.exists()


@pytest.mark.parametrize(
    "path", ["email/", "confirm-email/", "confirm-email/abc/", "password/set/", "login/code/confirm/"]
)
def test_what_the_studio_does_not_have_is_not_found(client: Client, ann: User, path: str) -> None:
    client.force_login(ann, backend="allauth.account.auth_backends.AuthenticationBackend")
    assert client.get(f"/accounts/{path}").status_code == 404
    assert client.post(f"/accounts/{path}", {"email": "other@example.com"}).status_code == 404


def test_sign_out_asks_first_and_then_ends_the_session(client: Client, ann: User) -> None:
    client.force_login(ann, backend="allauth.account.auth_backends.AuthenticationBackend")
    assert client.get("/accounts/logout/").status_code == 200
    assert client.get("/account/").status_code == 200
    client.post("/accounts/logout/")
    assert client.get("/account/").status_code == 302


def test_password_is_reset_by_the_link_of_the_mail(client: Client, ann: User) -> None:
    assert client.post("/accounts/password/reset/", {"email": "ann@example.com"}).status_code == 302
    link = re.search(r"http://testserver(/\S+)", str(mail.outbox[0].body))
    assert link
    form = client.get(link[1], follow=True)
    action = form.redirect_chain[-1][0]
    new = "another long battery"
    client.post(action, {"password1": new, "password2": new})
    ann.refresh_from_db()
    assert ann.check_password(new)


def test_reset_says_the_same_of_known_and_unknown(client: Client, ann: User) -> None:
    known = client.post("/accounts/password/reset/", {"email": "ann@example.com"}, follow=True)
    unknown = client.post("/accounts/password/reset/", {"email": "eve@example.com"}, follow=True)
    assert known.content == unknown.content


def test_password_is_changed(client: Client, ann: User) -> None:
    client.force_login(ann, backend="allauth.account.auth_backends.AuthenticationBackend")
    new = "another long battery"
    client.post("/accounts/password/change/", {"oldpassword": PASSWORD, "password1": new, "password2": new})
    ann.refresh_from_db()
    assert ann.check_password(new)
