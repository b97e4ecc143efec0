"""No cell of any export starts a formula, whatever people have typed; numbers stay numbers."""

import re

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from generations.accounts.models import User
from generations.jobs import truths
from generations.jobs.models import Job
from generations.jobs.reconciling import Report
from generations.ledger import adjustments
from generations.ledger.exports import STARTS_A_FORMULA
from generations.ledger.models import Currency
from generations.projects.models import Project
from tests import builders
from tests.jobs.test_duplicates import ready
from tests.web.conftest import Browse
from tests.web.ground import addresses
from tests.web.test_spend import content, paid, rows

NUMBER = re.compile(r"-\d+\.\d{6}")
QUERIES = {
    "spend_table_csv": [f"table={name}" for name in ("days", "project", "user", "model", "resolution")],
    "waste_csv": [f"table={name}" for name in ("kind", "project", "user")],
    "waste_jobs_csv": [
        f"kind={name}" for name in ("failed", "refused", "rejected", "repeated", "unplayed", "unloaded")
    ],
}


def exports() -> list[str]:
    """Every address of a table as a file, in all its forms; those of one project or collection have their own tests."""
    found = [name for name, parts in addresses().items() if "csv" in name and not parts]
    return [f"{name}?{query}" for name in found for query in QUERIES.get(name, [""])]


@pytest.fixture
def nasty(priced_project: Project, ben: User, ada: User, request: pytest.FixtureRequest) -> Job:
    """Everything that a person can type begins with what a spreadsheet takes for a formula."""
    start, now = request.param, timezone.now()
    Project.objects.filter(pk=priced_project.pk).update(name=f"{start}project")
    User.objects.filter(pk=ben.pk).update(name=f"{start}ben", email="=ben@example.com")
    ready(builders.job(priced_project, ben, now=now, prompt=f"{start}clip"))
    job = paid(priced_project, ben, prompt=f"{start}paid")
    failed = builders.job(priced_project, ben, now=now, prompt=f"{start}failed")
    Job.objects.filter(pk=failed.pk).update(
        state="failed", failure_message=f"{start}broke", finished_at=now, next_action_at=None
    )
    told = {"reason": f"{start}reason", "actor": ada, "now": now, "currency": Currency.SBX, "user": ben}
    for number, micros in enumerate((-300_000, -40_000, 5)):
        adjustments.ask(project=priced_project, signed_micros=micros, key=str(number), **told)  # type: ignore[arg-type]
    report = Report(now.date())
    report.add("cost", f"{start}what", f"{start}to do", job.attempt)
    truths.keep(report, has_record=True, now=now)
    return job


@pytest.mark.parametrize("nasty", STARTS_A_FORMULA, indirect=True)
def test_no_exported_cell_starts_a_formula(nasty: Job, ada: User, browse: Browse) -> None:
    browser: Client = browse(ada)
    every = exports()
    assert len(every) >= 17
    for name in every:
        route, _, query = name.partition("?")
        lines = rows(content(browser.get(f"{reverse(route)}?{query}")))
        assert len(lines) > 1 or "rejected" in query or "repeated" in query or "refused" in query, name
        cells = [cell for line in lines for cell in line if not NUMBER.fullmatch(cell)]
        assert [cell for cell in cells if cell.lstrip(" ").startswith(STARTS_A_FORMULA)] == [], name
