"""The table of rights against what every address answers: each seat, each method. And the page that shows the table."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.db import transaction
from django.http.response import HttpResponseBase
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from generations.accounts.models import User
from generations.ledger import sight
from generations.projects.models import Membership, Project
from generations.web import access, rights, routes
from generations.web.rights import Right, Standing
from generations.web.routes import ROUTES
from relayweb import settings as studio_settings
from tests.test_house import PUBLIC
from tests.web.conftest import Browse
from tests.web.ground import Ground, addresses, ground

METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
WHO = {"admin": "ada", "billing": "bill", "manager": "ann", "member": "ben", "viewer": "vic", "stranger": "cat"}
FINDS_NOTHING = {Standing.STRANGER, Standing.BILLING}  # of a project that they are not in
FOR_ONE_ADDRESS = {"invitation"}  # who is signed in under another finds nothing
MAY_BE_ILL = {"healthz", "openid_connect_login"}  # nothing has shown up; the provider is away


@pytest.fixture
def land(
    priced_project: Project, ada: User, ann: User, ben: User, bill: User, tmp_path: Path, settings: Settings
) -> Ground:
    settings.DATA_DIR = tmp_path / "data"
    settings.MEDIA_ROOT = tmp_path / "data" / "media"
    settings.SOCIALACCOUNT_PROVIDERS = studio_settings.sign_on("http://127.0.0.1:9", "id", "secret", "Nobody")
    vic, cat = (User.objects.get_or_create(email=f"{name}@example.com")[0] for name in ("vic", "cat"))
    return ground(priced_project, ada=ada, ann=ann, ben=ben, bill=bill, vic=vic, cat=cat)


def expected(name: str, method: str, standing: Standing) -> str:
    """What the table says of this address: one of the words of `answered`."""
    way = ROUTES[name] if name in ROUTES else ROUTES[f"{name.partition(':')[0]}:"]
    right = way.get(method)
    is_open = name in PUBLIC
    if standing == Standing.SIGNED_OUT and not is_open:
        return "sign in"
    if way is routes.CLOSED:
        return "nothing"
    if right is None:
        return "wrong method"
    if name in FOR_ONE_ADDRESS and standing != Standing.SIGNED_OUT:
        return "nothing"
    if right.allows(standing):
        return "allowed"
    return "nothing" if right.of_project and standing in FINDS_NOTHING else "refused"


def answered(answer: HttpResponseBase, name: str) -> str:
    if answer.status_code == 302 and answer["Location"].startswith(reverse("account_login") + "?next="):
        return "sign in"
    words = {404: "nothing", 403: "refused", 405: "wrong method"}
    if answer.status_code >= 500 and name not in MAY_BE_ILL:
        return f"failed with {answer.status_code}"
    return words.get(answer.status_code, "allowed")


def differences(browser: Client, standing: Standing, land: Ground) -> list[str]:
    """Everything that one person finds otherwise than the table says; nothing of what they do stays."""
    found, cookies = [], browser.cookies.output(header="", sep=";")
    for name, names in addresses().items():
        for method in METHODS:
            browser.cookies.load(cookies)  # one of the addresses signs out
            with transaction.atomic():
                path = land.path(name, names)
                answer = browser.generic(method, path) if method != "POST" else browser.post(path, land.form(name))
                transaction.set_rollback(True)
            answer.close()
            said, wanted = answered(answer, name), expected(name, method, standing)
            if said != wanted:
                found.append(f"{standing}: {method} {path} ({name}): {said}, the table says {wanted}")
    return found


@pytest.mark.parametrize("standing", list(Standing))
def test_every_address_answers_as_the_table_says(land: Ground, browse: Browse, standing: Standing) -> None:
    browser = browse(land.people[WHO[standing]]) if standing in WHO else Client()
    found = differences(browser, standing, land)
    assert not found, "\n".join(found)


@pytest.mark.parametrize("path", ["/spend/budgets/studio/0/", "/spend/budgets/user/{ben}/"])
def test_budgets_of_the_studio_and_of_persons_are_for_admins_and_billing(
    land: Ground, browse: Browse, path: str
) -> None:
    at = path.format(ben=land.people["ben"].pk)
    for standing, who in WHO.items():
        allowed = browse(land.people[who]).get(at).status_code == 200
        assert allowed == rights.SET_ANY_BUDGET.allows(Standing(standing)), standing


@pytest.mark.parametrize(("standing", "who"), WHO.items())
def test_sight_of_money_is_what_the_table_says(land: Ground, standing: str, who: str) -> None:
    user, spent = land.people[who], type(land.project).objects.filter(pk=land.project.pk)
    assert sight.sees_all(user) == rights.SEE_ALL_MONEY.allows(Standing(standing))
    seen = spent.filter(jobs__in=land.project.jobs.filter(sight.of(user))).exists()
    expects = rights.SEE_PROJECT_MONEY.allows(Standing(standing)) or who == "ben"  # their own
    assert seen == expects


def test_billing_seat_in_a_project_only_watches(land: Ground) -> None:
    bill = land.people["bill"]
    Membership.objects.create(project=land.project, user=bill, role="manager")
    told = {right: access.may(bill, right, land.project) for right in (rights.WATCH, rights.GENERATE, rights.MANAGE)}
    assert told == {rights.WATCH: True, rights.GENERATE: False, rights.MANAGE: False}


def test_undeclared_address_answers_nobody(land: Ground, browse: Browse, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(ROUTES, "operations")
    assert browse(land.people["ada"]).get("/operations/").status_code == 403


@pytest.mark.parametrize("who", ["ann", "cat", "ada"])
def test_rights_are_shown_as_they_are_kept(land: Ground, browse: Browse, who: str) -> None:
    page = browse(land.people[who]).get("/people/rights/").text
    rows = re.findall(r'<th scope="row">(.*?)</th>(.*?)</tr>', page, re.DOTALL)
    shown = [re.findall(r'data-allowed="([01])"', cells) for _, cells in rows]
    assert shown == [[row(right, standing) for standing in Standing] for right in rights.TABLE]


def row(right: Right, standing: Standing) -> str:
    return "1" if right.allows(standing) else "0"
