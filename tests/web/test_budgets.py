"""The budget pages: who may set which, what is refused, and what a pause does to Generate."""

import pytest
from django.test import Client

from generations.accounts.models import User
from generations.jobs.models import Job
from generations.ledger import budgets
from generations.ledger.models import Budget, Currency
from generations.projects.models import Project
from tests import builders
from tests.web.conftest import Browse, form

LIST = "/spend/budgets/"
AMOUNTS = {"limit": "12.50", "ask_above": "3"}


def addresses(project: Project, user: User) -> dict[str, str]:
    return {"studio": f"{LIST}studio/0/", "project": f"{LIST}project/{project.pk}/", "user": f"{LIST}user/{user.pk}/"}


@pytest.mark.parametrize("who", ["ada", "bill"])
@pytest.mark.parametrize("scope", ["studio", "project", "user"])
def test_admin_and_billing_set_every_budget(
    priced_project: Project, ben: User, request: pytest.FixtureRequest, browse: Browse, who: str, scope: str
) -> None:
    browser, address = browse(request.getfixturevalue(who)), addresses(priced_project, ben)[scope]
    for _ in range(2):
        assert browser.post(address, AMOUNTS)["Location"] == address
    row = Budget.objects.get(scope=scope)
    assert (row.limit_micros, row.ask_above_micros) == (12_500_000, 3_000_000)
    page = browser.get(address).text
    assert 'value="12.50"' in page
    browser.post(address, {"limit": "", "ask_above": ""})
    row.refresh_from_db()
    assert (row.limit_micros, row.ask_above_micros) == (None, None)


@pytest.mark.parametrize(
    ("who", "scope", "status"),
    [
        ("ann", "project", 302),
        ("ann", "studio", 403),
        ("ann", "user", 404),
        ("ben", "project", 403),
        ("ben", "user", 403),
        ("vic", "project", 403),
        ("cat", "project", 404),
        ("cat", "user", 404),
        ("cat", "studio", 403),
    ],
)
@pytest.mark.parametrize("action", ["", "pause"])
def test_others_set_only_what_is_theirs(
    priced_project: Project,
    ben: User,
    request: pytest.FixtureRequest,
    browse: Browse,
    who: str,
    scope: str,
    status: int,
    action: str,
) -> None:
    address = addresses(priced_project, ben)[scope]
    answer = browse(request.getfixturevalue(who)).post(f"{address}{action}", AMOUNTS | {"paused": "1"})
    assert answer.status_code == status
    assert Budget.objects.exclude(limit_micros=None, paused_at=None).exists() == (status == 302)


@pytest.mark.parametrize("address", ["king/1/", "studio/7/", "project/999/", "user/999/"])
def test_unknown_budget_is_not_found(ada: User, browse: Browse, address: str) -> None:
    assert browse(ada).get(f"{LIST}{address}").status_code == 404


def test_wrong_methods(priced_project: Project, ada: User, ben: User, browse: Browse) -> None:
    browser = browse(ada)
    assert browser.post(LIST).status_code == 405
    for address in addresses(priced_project, ben).values():
        assert browser.get(f"{address}pause").status_code == 405
        assert browser.put(address).status_code == 405


@pytest.mark.parametrize(
    ("who", "names"),
    [
        ("ada", {"The studio", "Dusk", "Ada", "Ann", "Ben", "Vic"}),
        ("ann", {"Dusk", "Ann"}),
        ("ben", {"Dusk", "Ben"}),
        ("cat", {"Cat"}),
    ],
)
def test_list_shows_what_one_may_see(
    priced_project: Project, request: pytest.FixtureRequest, browse: Browse, who: str, names: set[str]
) -> None:
    shown = browse(request.getfixturevalue(who)).get(LIST).context
    assert {row.name for name in ("studio", "projects", "people") for row in shown[name]} == names


def test_limit_below_use_is_refused_and_says_to_pause(
    priced_project: Project, ben: User, bill: User, browse: Browse
) -> None:
    builders.job(priced_project, ben, now=builders.NOW)
    budgets.budget_of(Budget.Scope.PROJECT, Currency.SBX, project=priced_project)
    address = addresses(priced_project, ben)["project"]
    browse(ben).post("/projects/dusk/generate", form())
    answer = browse(bill).post(address, {"limit": "0.10", "ask_above": "1"})
    assert answer.status_code == 422
    assert "pause instead" in answer.text
    assert 'value="0.10"' in answer.text
    assert not Budget.objects.exclude(limit_micros=None, ask_above_micros=None).exists()


@pytest.mark.parametrize("typed", ["-3", "abc", "1e9", "0.1234567"])
@pytest.mark.parametrize("field", ["limit", "ask_above"])
def test_what_is_no_amount_is_refused_and_kept(
    priced_project: Project, ann: User, ben: User, browse: Browse, field: str, typed: str
) -> None:
    answer = browse(ann).post(addresses(priced_project, ben)["project"], {field: typed})
    assert answer.status_code == 422
    assert f'value="{typed}"' in answer.text


@pytest.mark.parametrize(
    ("scope", "said"),
    [("studio", "The studio is paused"), ("project", "This project is paused"), ("user", "You are paused")],
)
def test_paused_generate_says_so_and_keeps_the_words(
    priced_project: Project, ben: User, ada: User, browse: Browse, scope: str, said: str
) -> None:
    admin, address = browse(ada), addresses(priced_project, ben)[scope]
    for _ in range(2):
        assert admin.post(f"{address}pause", {"paused": "1"}).status_code == 302
    answer = browse(ben).post("/projects/dusk/generate", form(prompt="Kept words"))
    assert (answer.status_code, Job.objects.count()) == (422, 0)
    assert said in answer.text
    assert "Kept words" in answer.text
    for _ in range(2):
        admin.post(f"{address}pause", {"paused": "0"})
    assert browse(ben).post("/projects/dusk/generate", form()).status_code == 302


@pytest.mark.parametrize(
    ("scope", "said"),
    [
        ("studio", "The studio has SBX 0.30 of SBX 0.30 left this month, this needs SBX 0.34."),
        ("project", "This project: SBX 0.30 of SBX 0.30 left, this needs SBX 0.34."),
        ("user", "You have SBX 0.30 of SBX 0.30 left this month, this needs SBX 0.34."),
    ],
)
def test_refusal_says_which_budget_and_the_figures(
    priced_project: Project, ben: User, bill: User, browse: Browse, scope: str, said: str
) -> None:
    browse(bill).post(addresses(priced_project, ben)[scope], {"limit": "0.30"})
    assert said in browse(ben).post("/projects/dusk/generate", form()).text


def test_passed_marks_are_shown(priced_project: Project, ben: User, bill: User, browse: Browse) -> None:
    browser: Client = browse(bill)
    browser.post(addresses(priced_project, ben)["project"], {"limit": "0.60"})
    browse(ben).post("/projects/dusk/generate", form())
    (row,) = browser.get(LIST).context["projects"]
    assert row.marks == [50]
