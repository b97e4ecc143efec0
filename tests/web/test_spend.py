"""The spend pages: who sees which money, what a filter leaves, and that every figure is the ledger's."""

import csv
import datetime as dt
import io
import re
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from generations.accounts.models import User
from generations.jobs.models import Job
from generations.ledger import holds
from generations.ledger.models import Entry
from generations.projects.models import Project
from tests import builders
from tests.web.conftest import Browse

PAGES = ["/spend/", "/spend/jobs/", "/spend/jobs.csv", "/spend/ledger.csv", "/spend/table.csv?table=days"]


def paid(project: Project, user: User, cost_micros: int = 340_000, now: dt.datetime | None = None, **ask: Any) -> Job:
    """A job whose hold is charged, as if the relay had made it."""
    now = now or timezone.now()
    job = builders.job(project, user, now=now, **ask)
    with transaction.atomic():
        holds.charge(job.attempt.hold, cost_micros, now)
    return job


def rows(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))


def content(answer: object) -> str:
    return b"".join(answer.streaming_content).decode()  # type: ignore[attr-defined]


@pytest.fixture
def dawn(priced_project: Project, bill: User, ben: User) -> Project:
    """A second project, which ann does not see."""
    return builders.project("Dawn", manager=builders.user("dan"), member=ben)


@pytest.fixture
def three(priced_project: Project, dawn: Project, ann: User, ben: User) -> None:
    """ben: 1 and 4 in two projects; ann: 2."""
    paid(priced_project, ben, 1_000_001)
    paid(priced_project, ann, 2_000_000)
    paid(dawn, ben, 4_000_000)


@pytest.mark.usefixtures("three")
@pytest.mark.parametrize(
    ("who", "sees"),
    [("bill", 7_000_001), ("ada", 7_000_001), ("ann", 3_000_001), ("ben", 5_000_001), ("vic", 0), ("cat", 0)],
)
def test_everybody_sees_their_share(request: pytest.FixtureRequest, browse: Browse, who: str, sees: int) -> None:
    browser = browse(request.getfixturevalue(who))
    shown = browser.get("/spend/").context["total"].cost_micros
    costs = [row[-1] for row in rows(content(browser.get("/spend/jobs.csv")))[1:]]
    charged = [row[5] for row in rows(content(browser.get("/spend/ledger.csv")))[1:] if row[4] == "spent"]
    whole = sum(int(cost.replace(".", "")) for cost in costs)
    assert (shown, whole, sum(int(cost.replace(".", "")) for cost in charged)) == (sees, sees, sees)


@pytest.mark.usefixtures("three")
def test_member_taken_out_sees_that_project_no_more(priced_project: Project, ben: User, browse: Browse) -> None:
    priced_project.memberships.filter(user=ben).delete()
    assert browse(ben).get("/spend/").context["total"].cost_micros == 4_000_000


@pytest.mark.parametrize("page", PAGES)
def test_strange_project_and_person_are_not_found(dawn: Project, ann: User, browse: Browse, page: str) -> None:
    glue = "&" if "?" in page else "?"
    browser, dan = browse(ann), User.objects.get(name="Dan")
    assert browser.get(f"{page}{glue}project=dawn").status_code == 404
    assert browser.get(f"{page}{glue}person={dan.pk}").status_code == 404


@pytest.mark.parametrize("page", PAGES)
def test_spend_refuses_post_and_strangers_to_the_studio(
    priced_project: Project, ann: User, browse: Browse, client: object, page: str
) -> None:
    assert browse(ann).post(page).status_code == 405
    assert client.get(page).status_code == 302  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "query",
    ["from=x&to=9999-12-31", "from=2026-13-40", "to=0001-01-01", "by=king", "currency=EUR", "model=%00", "before=-1"],
)
def test_nonsense_in_the_address_is_as_if_it_were_not_there(
    priced_project: Project, ann: User, browse: Browse, query: str
) -> None:
    for page in ("/spend/", "/spend/jobs/"):
        assert browse(ann).get(f"{page}?{query}").status_code == 200


@pytest.mark.usefixtures("three")
def test_filters_narrow_and_stay_in_links(ada: User, ben: User, browse: Browse) -> None:
    page = browse(ada).get(f"/spend/?person={ben.pk}&project=dusk&by=model")
    assert page.context["total"].cost_micros == 1_000_001
    assert f"project=dusk&amp;person={ben.pk}&amp;by=model&amp;model=seedance-2.0" in page.text


@pytest.mark.usefixtures("three")
def test_every_figure_leads_to_its_jobs(ada: User, browse: Browse) -> None:
    browser = browse(ada)
    page = browser.get("/spend/?by=user").text
    cells = re.findall(r'data-micros="(\d+)">\s*<a href="([^"]+)"', page)
    assert len(cells) > 6
    for micros, address in cells:
        assert browser.get(address.replace("&amp;", "&")).context["total"].cost_micros == int(micros)


@pytest.mark.usefixtures("three")
@pytest.mark.parametrize("name", ["days", "project", "user", "model", "resolution"])
def test_csv_is_what_the_page_shows(ada: User, browse: Browse, name: str) -> None:
    browser = browse(ada)
    page = browser.get("/spend/")
    table = next(t for t in [page.context["stacked"], *page.context["breakdowns"]] if t.name == name)
    shown = rows(content(browser.get(f"/spend/table.csv?table={name}")))
    assert shown[1:] == [[cell.raw for cell in row] for row in table.lines]
    assert len(shown[0]) == len(table.head)


def test_unknown_table_is_not_found(ada: User, browse: Browse) -> None:
    assert browse(ada).get("/spend/table.csv?table=king").status_code == 404


def test_sandbox_money_stands_apart(priced_project: Project, ada: User, browse: Browse) -> None:
    paid(priced_project, ada)
    assert browse(ada).get("/spend/?currency=USD").context["total"].cost_micros == 0
    assert browse(ada).get("/spend/?currency=SBX").context["total"].cost_micros == 340_000


def test_billing_sees_the_cost_but_not_the_prompt(
    priced_project: Project, ben: User, bill: User, browse: Browse
) -> None:
    paid(priced_project, ben, prompt="A secret garden")
    browser = browse(bill)
    assert "SBX 0.34" in browser.get("/spend/jobs/").text
    assert "secret" not in browser.get("/spend/jobs/").text + content(browser.get("/spend/jobs.csv"))


def test_jobs_come_in_pages_that_miss_none(priced_project: Project, ada: User, browse: Browse) -> None:
    now = timezone.now().replace(microsecond=0)
    made = {paid(priced_project, ada, now=now).pk for _ in range(52)}
    browser = browse(ada)
    first = browser.get("/spend/jobs/")
    second = browser.get(first.context["more"])
    seen = [hold.attempt.job_id for page in (first, second) for hold, _ in page.context["holds"]]
    assert (len(seen), set(seen), second.context["more"]) == (52, made, "")


def test_long_range_is_by_month(priced_project: Project, ada: User, browse: Browse) -> None:
    now = timezone.now()
    for days in (0, 40, 200):
        paid(priced_project, ada, now=now - dt.timedelta(days=days))
    start = (now - dt.timedelta(days=220)).date()
    page = browse(ada).get(f"/spend/?from={start}&to={now.date()}")
    assert page.context["stacked"].head[0] == "Month"
    assert page.context["stacked"].foot[-1].micros == 3 * 340_000


def test_ledger_csv_holds_every_entry(priced_project: Project, ada: User, browse: Browse) -> None:
    paid(priced_project, ada, 900_000)
    paid(priced_project, ada, 100_000)
    found = rows(content(browse(ada).get("/spend/ledger.csv")))[1:]
    assert [int(row[0]) for row in found] == list(Entry.objects.order_by("at", "id").values_list("pk", flat=True))
