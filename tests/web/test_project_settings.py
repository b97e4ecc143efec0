"""A project's settings: name, limit, members, archive."""

import pytest
from django.test import Client

from generations.accounts.models import User
from generations.ledger import budgets
from generations.ledger.models import Currency
from generations.projects.models import Membership, Project
from tests import builders
from tests.web.conftest import Browse, form

SETTINGS = "/projects/dusk/settings/"


@pytest.fixture
def browser(priced_project: Project, ann: User, browse: Browse) -> Client:
    return browse(ann)


def member(user: User) -> Membership | None:
    return Membership.objects.filter(user=user).first()


def test_rename_keeps_the_address(browser: Client) -> None:
    assert browser.post(f"{SETTINGS}name", {"name": "Dawn"})["Location"] == SETTINGS
    assert Project.objects.get().name == "Dawn"


def test_empty_name_is_refused(browser: Client) -> None:
    assert browser.post(f"{SETTINGS}name", {"name": ""}).status_code == 422
    assert Project.objects.get().name == "Dusk"


def test_limit_is_set_and_lifted(browser: Client, priced_project: Project) -> None:
    browser.post(f"{SETTINGS}limit", {"limit": "12.50"})
    assert budgets.limit_of(priced_project, Currency.SBX) == 12_500_000
    assert 'value="12.50"' in browser.get(SETTINGS).text
    browser.post(f"{SETTINGS}limit", {"limit": ""})
    assert budgets.limit_of(priced_project, Currency.SBX) is None


@pytest.mark.parametrize("typed", ["-3", "abc", "1e9", "99999999999", "0.1234567"])
def test_what_is_no_amount_is_refused_and_kept(browser: Client, typed: str) -> None:
    answer = browser.post(f"{SETTINGS}limit", {"limit": typed})
    assert answer.status_code == 422
    assert f'value="{typed}"' in answer.text


def test_limit_below_use_is_refused_with_the_figure(browser: Client, priced_project: Project) -> None:
    browser.post("/projects/dusk/generate", form())
    answer = browser.post(f"{SETTINGS}limit", {"limit": "0.10"})
    assert answer.status_code == 422
    assert "SBX 0.34 is held or spent this month already." in answer.text
    assert budgets.limit_of(priced_project, Currency.SBX) is None


def test_member_is_added_by_address_in_any_case(browser: Client, cat: User) -> None:
    for _ in range(2):
        browser.post(f"{SETTINGS}members", {"email": "CAT@example.com", "role": "viewer"})
    assert [row.role for row in Membership.objects.filter(user=cat)] == ["viewer"]


def test_unknown_address_is_refused(browser: Client) -> None:
    answer = browser.post(f"{SETTINGS}members", {"email": "nobody@example.com", "role": "viewer"})
    assert answer.status_code == 422
    assert "Nobody here has this address" in answer.text


def test_role_is_changed(browser: Client, ben: User) -> None:
    row = member(ben)
    assert row
    browser.post(f"{SETTINGS}members/{row.pk}", {"role": "viewer"})
    row.refresh_from_db()
    assert row.role == "viewer"


def test_unknown_role_is_refused(browser: Client, ben: User) -> None:
    row = member(ben)
    assert row
    assert browser.post(f"{SETTINGS}members/{row.pk}", {"role": "king"}).status_code == 422


def test_member_is_removed_and_twice_is_harmless(browser: Client, ben: User) -> None:
    row = member(ben)
    assert row
    for _ in range(2):
        assert browser.post(f"{SETTINGS}members/{row.pk}/remove").status_code == 302
    assert member(ben) is None


@pytest.mark.parametrize(("path", "data"), [("", {"role": "viewer"}), ("/remove", {})])
def test_last_manager_stays(browser: Client, ann: User, path: str, data: dict[str, str]) -> None:
    row = member(ann)
    assert row
    answer = browser.post(f"{SETTINGS}members/{row.pk}{path}", data)
    assert answer.status_code == 422
    assert "at least one manager" in answer.text
    assert member(ann) == row


def test_member_of_another_project_is_not_touched(browser: Client, cat: User) -> None:
    builders.project("Other", manager=cat)
    row = member(cat)
    assert row
    assert browser.post(f"{SETTINGS}members/{row.pk}", {"role": "viewer"}).status_code == 404
    browser.post(f"{SETTINGS}members/{row.pk}/remove")
    assert member(cat) == row


def test_manager_who_leaves_lands_on_the_list(browser: Client, ann: User, ben: User) -> None:
    Membership.objects.filter(user=ben).update(role="manager")
    row = member(ann)
    assert row
    assert browser.post(f"{SETTINGS}members/{row.pk}/remove")["Location"] == "/projects/"


def test_archive_twice_is_harmless_and_can_be_undone(browser: Client) -> None:
    for _ in range(2):
        browser.post(f"{SETTINGS}archive", {"archived": "1"})
    assert Project.objects.get().is_archived
    browser.post(f"{SETTINGS}archive", {"archived": "0"})
    assert not Project.objects.get().is_archived
