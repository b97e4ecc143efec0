"""Invitations: who may make them, what the link opens, and that one which opens nothing never says why."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from generations.accounts.models import AuditEvent, Seat, User
from generations.projects import inviting
from generations.projects.models import Invitation, Membership, Project, Role
from relayweb import settings as studio_settings
from tests.builders import PASSWORD, user
from tests.web.conftest import Browse

NEW = "new@example.com"
MADE = {"name": "Nia", "password": "a long battery horse"}


def link_of(page: str) -> str:
    found = re.search(r'value="http://testserver(/invitations/[\w-]+/)"', page)
    assert found, page
    return found[1]


@pytest.fixture
def link(project: Project, ann: User, browse: Browse) -> str:
    """The link that ann, who manages the project, has made for a new address."""
    return link_of(browse(ann).post("/projects/dusk/settings/invite", {"email": NEW, "role": "member"}).text)


def test_link_makes_the_account_with_the_role_and_signs_in(link: str, client: Client, project: Project) -> None:
    assert NEW in client.get(link).text
    answer = client.post(link, MADE)
    assert (answer.status_code, answer["Location"]) == (302, "/projects/dusk/")
    person = User.objects.get(email=NEW)
    assert (person.name, person.seat, project.role_of(person)) == ("Nia", "", Role.MEMBER)
    assert "Dusk" in client.get("/projects/").text


def test_token_is_kept_nowhere(link: str) -> None:
    token = link.split("/")[2]
    assert len(token) == 43  # 256 bits
    kept = [*Invitation.objects.values_list(), *AuditEvent.objects.values_list()]
    assert token not in str(kept)


def used(link: str) -> None:
    Client().post(link, MADE)


def run_out(link: str) -> None:
    Invitation.objects.update(expires_at=timezone.now())


def taken_back(link: str) -> None:
    inviting.revoke(Invitation.objects.get(), timezone.now())


def replaced(link: str) -> None:
    made = Invitation.objects.get()
    inviting.invite(NEW, actor=made.invited_by, now=timezone.now(), project=made.project, seat=Seat.NONE)


def inviter_lost_the_role(link: str) -> None:
    Membership.objects.filter(user__email="ann@example.com").update(role=Role.MEMBER)


def inviter_left(link: str) -> None:
    User.objects.filter(email="ann@example.com").update(is_active=False)


def invited_was_switched_off(link: str) -> None:
    user("new", is_active=False)


CLOSED = [used, run_out, taken_back, replaced, inviter_lost_the_role, inviter_left, invited_was_switched_off]


@pytest.mark.parametrize("close", CLOSED)
def test_link_that_opens_nothing_never_says_why(link: str, close: Any) -> None:
    close(link)
    never_made = Client().get(f"/invitations/{'x' * 43}/")
    for answer in (Client().get(link), Client().post(link, MADE)):
        assert (answer.status_code, answer.content) == (404, never_made.content)
    assert User.objects.filter(email=NEW, is_active=True).count() == (close is used)


def test_somebody_else_who_is_signed_in_finds_the_same(link: str, cat: User, browse: Browse) -> None:
    never_made = browse(cat).get(f"/invitations/{'x' * 43}/")
    answers = [browse(cat).get(link), browse(cat).post(link, MADE)]
    csrf = re.compile(r'name="csrfmiddlewaretoken" value="\w+"|/invitations/[\w-]+/')
    assert {(a.status_code, csrf.sub("", a.text)) for a in answers} == {(404, csrf.sub("", never_made.text))}
    assert not User.objects.filter(email=NEW).exists()


def test_existing_account_signs_in_and_joins(project: Project, ann: User, cat: User, browse: Browse) -> None:
    page = browse(ann).post("/projects/dusk/settings/invite", {"email": "CAT@example.com", "role": "viewer"})
    link = link_of(page.text)
    assert f"/accounts/login/?next={link}" in Client().get(link).text
    assert Client().post(link, MADE).status_code == 200  # no second account, no change
    assert browse(cat).post(link).status_code == 302
    assert project.role_of(cat) == Role.VIEWER


def test_invitation_never_lowers_a_role(project: Project, ann: User, ben: User, browse: Browse) -> None:
    link = link_of(browse(ann).post("/projects/dusk/settings/invite", {"email": ben.email, "role": "viewer"}).text)
    browse(ben).post(link)
    assert project.role_of(ben) == Role.MEMBER


def test_managers_invitation_tells_nothing_of_who_is_here(
    project: Project, ann: User, cat: User, browse: Browse
) -> None:
    pages = []
    for email in ("cat@example.com", "eve@example.com"):
        page = browse(ann).post("/projects/dusk/settings/invite", {"email": email, "role": "viewer"}).text
        pages.append(page[page.index('id="members"') :].replace(email, "").replace(link_of(page), ""))
        Invitation.objects.all().delete()
    csrf = re.compile(r'name="csrfmiddlewaretoken" value="\w+"|invitations/\d+')
    assert csrf.sub("", pages[0]) == csrf.sub("", pages[1])


@pytest.mark.parametrize("more", [{"seat": "admin"}, {"project": "1"}])
def test_manager_gives_a_role_in_their_project_and_nothing_else(
    project: Project, ann: User, browse: Browse, more: dict[str, str]
) -> None:
    browse(ann).post("/projects/dusk/settings/invite", {"email": NEW, "role": "manager"} | more)
    made = Invitation.objects.get()
    assert (made.seat, made.project, made.role) == ("", project, "manager")
    assert browse(ann).post("/people/invite", {"email": "x@example.com", "role": "member"} | more).status_code == 403
    with pytest.raises(inviting.MayNotInvite):
        inviting.invite("x@example.com", actor=ann, now=timezone.now(), project=project, seat=Seat.BILLING)


def test_admin_gives_any_seat(project: Project, ada: User, browse: Browse, client: Client) -> None:
    page = browse(ada).post("/people/invite", {"email": NEW, "seat": "billing", "project": "", "role": "member"}).text
    client.post(link_of(page), MADE)
    person = User.objects.get(email=NEW)
    assert (person.seat, Membership.objects.filter(user=person).exists()) == ("billing", False)


@pytest.mark.parametrize(
    "given", [{"name": "", "password": MADE["password"]}, {"name": "Nia", "password": "short"}, {}]
)
def test_refused_welcome_keeps_the_invitation(link: str, client: Client, given: dict[str, str]) -> None:
    assert client.post(link, given).status_code == 422
    assert client.post(link, MADE).status_code == 302


def test_html_in_the_name_is_text(link: str, client: Client) -> None:
    client.post(link, MADE | {"name": "<b>Nia</b>"})
    page = client.get("/projects/").text
    assert ("<b>Nia" in page, "&lt;b&gt;Nia" in page) == (False, True)


def test_taking_back_twice_is_harmless_and_only_for_who_manages(
    link: str, ann: User, ben: User, cat: User, browse: Browse
) -> None:
    path = f"/people/invitations/{Invitation.objects.get().pk}/revoke"
    statuses = [browse(who).post(path).status_code for who in (cat, ben, ann, ann)]
    assert statuses == [404, 403, 302, 302]
    assert AuditEvent.objects.filter(action="invitation.revoked").count() == 1


def test_list_shows_the_open_ones(link: str, ada: User, browse: Browse) -> None:
    assert NEW in browse(ada).get("/people/").text
    used(link)
    assert "Open invitations" not in browse(ada).get("/people/").text


def test_mail_has_the_link_and_the_day(link: str) -> None:
    sent = mail.outbox[0]
    assert (sent.to, link in str(sent.body), "Ann invites you" in str(sent.body)) == ([NEW], True, True)


def test_link_runs_a_week(link: str) -> None:
    made = Invitation.objects.get()
    assert made.expires_at - made.created_at == dt.timedelta(days=7)


def test_sign_in_with_the_password_that_was_chosen(link: str, client: Client) -> None:
    client.post(link, MADE | {"password": PASSWORD})
    fresh = Client()
    assert fresh.post("/accounts/login/", {"login": NEW, "password": PASSWORD}).status_code == 302


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("smtp://me:p%40ss@mail.example", ("mail.example", 587, "me", "p@ss", True, False)),
        ("smtps://mail.example:4650", ("mail.example", 4650, "", "", False, True)),
        ("smtp://127.0.0.1:25?tls=0", ("127.0.0.1", 25, "", "", False, False)),
    ],
)
def test_mail_server_is_one_address(monkeypatch: pytest.MonkeyPatch, url: str, expected: tuple[Any, ...]) -> None:
    monkeypatch.setenv("EMAIL_URL", url)
    options = studio_settings.mailer()["OPTIONS"]
    assert tuple(options[name] for name in ("host", "port", "username", "password", "use_tls", "use_ssl")) == expected


@pytest.mark.parametrize("url", ["mail.example", "http://mail.example", "smtp://", "smtp://h?ssl=1"])
def test_mail_server_that_cannot_be_is_refused(monkeypatch: pytest.MonkeyPatch, url: str, tmp_path: Path) -> None:
    monkeypatch.setenv("EMAIL_URL", url)
    with pytest.raises(studio_settings.Unusable):
        studio_settings.mailer()
