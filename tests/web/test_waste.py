"""The waste pages: every figure leads to its jobs, the CSV is what the page shows, and nobody sees too much."""

import re

import pytest
from django.utils import timezone

from generations.accounts.models import User
from generations.jobs.models import Job
from generations.projects.models import Project
from tests import builders
from tests.jobs.test_duplicates import ready
from tests.web.conftest import Browse
from tests.web.test_spend import content, rows

PAGES = [
    "/spend/waste/",
    "/spend/waste/jobs/?kind=failed",
    "/spend/waste.csv?table=project",
    "/spend/waste/jobs.csv?kind=failed",
]


@pytest.fixture
def wasted(priced_project: Project, ben: User, ann: User) -> Project:
    """One failed, one refused, two that nobody played, one of them the other again."""
    for message, prompt in (("it <b>broke</b>", "A <i>tower</i>"), ("content blocked", "=HYPERLINK()")):
        job = builders.job(priced_project, ben, now=timezone.now(), prompt=prompt)
        Job.objects.filter(pk=job.pk).update(
            state="failed", failure_message=message, finished_at=timezone.now(), next_action_at=None
        )
    for user in (ann, ben):
        ready(builders.job(priced_project, user, now=timezone.now()))
    return priced_project


@pytest.mark.usefixtures("wasted")
@pytest.mark.parametrize("who", ["ada", "bill", "ann"])
def test_every_figure_leads_to_its_jobs(request: pytest.FixtureRequest, browse: Browse, who: str) -> None:
    browser = browse(request.getfixturevalue(who))
    links = re.findall(r'<a href="(/spend/waste/jobs/[^"]+)">(\d+)</a>', browser.get("/spend/waste/").text)
    assert len(links) == 5 + 5 + 7
    for address, count in links:
        page = browser.get(address.replace("&amp;", "&"))
        lines = rows(content(browser.get(page.context["csv"])))
        assert (page.context["count"], len(page.context["jobs"]), len(lines) - 1) == (int(count),) * 3


@pytest.mark.usefixtures("wasted")
@pytest.mark.parametrize("name", ["kind", "project", "user"])
def test_csv_is_what_the_page_shows(ada: User, browse: Browse, name: str) -> None:
    browser = browse(ada)
    table, address = next(t for t in browser.get("/spend/waste/").context["tables"] if t[0].name == name)
    assert rows(content(browser.get(address)))[1:] == [[cell.raw for cell in row] for row in table.rows]


@pytest.mark.usefixtures("wasted")
def test_prompts_are_shown_safely_and_not_to_billing(ada: User, bill: User, browse: Browse) -> None:
    page = browse(ada).get("/spend/waste/jobs/?kind=failed").text
    assert "A &lt;i&gt;tower" in page
    assert "it &lt;b&gt;broke" in page
    assert "'=HYPERLINK()" in content(browse(ada).get("/spend/waste/jobs.csv?kind=refused"))
    told = browse(bill).get("/spend/waste/jobs/?kind=failed").text + content(browse(bill).get(PAGES[3]))
    assert "tower" not in told + content(browse(bill).get("/spend/waste/jobs.csv?kind=refused"))
    assert "broke" not in told


@pytest.mark.parametrize("page", PAGES)
def test_waste_refuses_post_strangers_and_what_is_not_theirs(
    wasted: Project, cat: User, browse: Browse, client: object, page: str
) -> None:
    glue = "&" if "?" in page else "?"
    assert browse(cat).post(page).status_code == 405
    assert browse(cat).get(f"{page}{glue}project=dusk").status_code == 404
    assert client.get(page).status_code == 302  # type: ignore[attr-defined]


@pytest.mark.parametrize("query", ["month=2026-13", "month=9999-12", "month=x", "kind=king&currency=EUR", "before=x"])
def test_nonsense_in_the_address_is_as_if_it_were_not_there(
    wasted: Project, ann: User, browse: Browse, query: str
) -> None:
    assert browse(ann).get(f"/spend/waste/?{query}").context["all"].jobs == 4
    assert browse(ann).get(f"/spend/waste/jobs/?kind=failed&{query.partition('kind')[0]}").context["count"] == 1


@pytest.mark.parametrize("page", ["/spend/waste/jobs/", "/spend/waste/jobs.csv?kind=king", "/spend/waste.csv?table=x"])
def test_unknown_kind_or_table_is_not_found(ann: User, browse: Browse, page: str) -> None:
    assert browse(ann).get(page).status_code == 404


def test_pages_miss_no_job(priced_project: Project, ada: User, browse: Browse) -> None:
    now = timezone.now()
    made = {builders.job(priced_project, ada, now=now).pk for _ in range(52)}
    Job.objects.update(state="failed", finished_at=now, next_action_at=None)
    browser = browse(ada)
    first = browser.get("/spend/waste/jobs/?kind=failed")
    second = browser.get(first.context["more"])
    seen = [job.pk for page in (first, second) for job, _ in page.context["jobs"]]
    assert (len(seen), set(seen), second.context["more"]) == (52, made, "")
