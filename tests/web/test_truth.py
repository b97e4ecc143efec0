"""The truth board: a day a line, each difference with its job and its remedy."""

import pytest

from generations.accounts.models import User
from generations.jobs import truths
from generations.jobs.models import Job
from generations.jobs.reconciling import Report
from generations.projects.models import Project
from tests import builders, wakeups
from tests.builders import NOW
from tests.web.conftest import Browse
from tests.web.test_spend import content, rows

DAY = "/spend/truth/2026-11-22/"
PAGES = ["/spend/truth/", "/spend/truth/?month=2026-10", DAY, "/spend/truth.csv"]


@pytest.fixture
def differing(priced_project: Project, ben: User) -> Job:
    job = builders.running_job(priced_project, ben, prompt="A secret garden")
    report = Report(NOW.date(), attempts=2, charged_micros=200_000, relay_micros=450_000)
    report.add("unknown", "nobody knows <b>it</b>", "=resolve it", job.attempt)
    report.add("unmatched", "the relay made it", "attach it")
    truths.keep(report, has_record=False, now=NOW)
    return job


@pytest.mark.usefixtures("differing")
@pytest.mark.parametrize("page", PAGES)
def test_only_who_looks_after_the_money_sees_it(request: pytest.FixtureRequest, browse: Browse, page: str) -> None:
    people = ("ada", "bill", "ann", "cat")
    statuses = {who: browse(request.getfixturevalue(who)).get(page).status_code for who in people}
    assert statuses == {"ada": 200, "bill": 200, "ann": 403, "cat": 403}
    assert browse(request.getfixturevalue("ada")).post(page).status_code == 405


@pytest.mark.usefixtures("differing")
def test_board_counts_each_day(ada: User, browse: Browse) -> None:
    page = browse(ada).get("/spend/truth/?month=2026-11")
    row = next(row for row in page.context["rows"] if row.day == NOW.date())
    assert (row.difference_micros, sum(row.counts), row.is_clean) == (-250_000, 2, False)
    assert sum(row.found is None for row in page.context["rows"]) == len(page.context["rows"]) - 1


def test_line_leads_to_its_job_and_remedy_without_telling_the_prompt(
    differing: Job, ada: User, bill: User, browse: Browse
) -> None:
    page = browse(ada).get(DAY).text
    assert f'href="/jobs/{differing.pk}/"' in page
    assert f'href="/jobs/{differing.pk}/unknown/"' in page
    assert "nobody knows &lt;b&gt;it" in page
    told = browse(bill).get(DAY).text
    assert "secret" not in told
    assert f'href="/jobs/{differing.pk}/"' not in told


@pytest.mark.usefixtures("differing")
def test_csv_holds_every_line(bill: User, browse: Browse) -> None:
    lines = rows(content(browse(bill).get("/spend/truth.csv?month=2026-11")))[1:]
    assert [line[1] for line in lines] == ["unknown", "unmatched"]
    assert lines[0][3] == "'=resolve it"


@pytest.mark.parametrize("day", ["x", "2026-13-01", "9999-01-01"])
def test_no_such_day(ada: User, browse: Browse, day: str) -> None:
    assert browse(ada).get(f"/spend/truth/{day}/").status_code == 404
    assert browse(ada).post(f"/spend/truth/{day}/compare").status_code == 404


def test_day_is_compared_by_a_worker(ada: User, browse: Browse) -> None:
    wakeups.take()
    assert browse(ada).post(f"{DAY}compare")["Location"] == DAY
    assert [(wake.task, wake.arguments) for wake in wakeups.take()] == [("compare_day", ("2026-11-22",))]
    assert browse(ada).get(f"{DAY}compare").status_code == 405
