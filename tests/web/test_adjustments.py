"""The page of money by hand: posted or waiting, confirmed by another, seen in spend and its CSV."""

import uuid
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import Settings

from generations.accounts.models import User
from generations.jobs.models import Job
from generations.ledger.adjustments import Adjustment
from generations.projects.models import Project
from tests.web.conftest import Browse
from tests.web.test_spend import content, paid, rows

PAGE = "/spend/adjustments/"


@pytest.fixture
def job(priced_project: Project, ben: User) -> Job:
    """Charged one dollar."""
    return paid(priced_project, ben, 1_000_000)


def sent(job: Job, **changes: Any) -> dict[str, Any]:
    usual = {"direction": "refund", "amount": "0.40", "project": job.project_id, "person": job.user_id}
    return usual | {"reason": "=Refund of <b>it</b>", "key": uuid.uuid4().hex} | changes


def states() -> list[str]:
    return list(Adjustment.objects.order_by("pk").values_list("state", flat=True))


def test_posted_at_once_below_the_amount_and_twice_is_once(job: Job, bill: User, browse: Browse) -> None:
    browser, form = browse(bill), sent(job)
    for _ in range(2):
        assert browser.post(PAGE, form).status_code == 302
    assert states() == ["posted"]
    assert "=Refund of &lt;b&gt;it" in browser.get(PAGE).text


@pytest.mark.parametrize(("who", "status"), [("ann", 403), ("ben", 403), ("cat", 403), ("ada", 302), ("bill", 302)])
def test_only_who_looks_after_the_money_adjusts(
    job: Job, request: pytest.FixtureRequest, browse: Browse, who: str, status: int
) -> None:
    assert browse(request.getfixturevalue(who)).post(PAGE, sent(job)).status_code == status
    assert len(states()) == (status == 302)


def test_job_is_put_right_where_its_money_is(job: Job, bill: User, browse: Browse) -> None:
    browser = browse(bill)
    page = browser.get(f"{PAGE}?job={job.pk}")
    assert 'name="project"' not in page.text
    browser.post(f"{PAGE}?job={job.pk}", sent(job))
    made = Adjustment.objects.get()
    assert (made.hold, made.user, made.model) == (job.attempt.hold, job.user, "seedance-2.0")


@pytest.mark.parametrize(
    "changes",
    [{"amount": "x"}, {"amount": "0"}, {"amount": "1.01"}, {"reason": ""}, {"direction": "king"}, {"person": ""}],
)
def test_refused_form_keeps_what_was_typed(job: Job, bill: User, browse: Browse, changes: dict[str, str]) -> None:
    answer = browse(bill).post(PAGE, sent(job, **({"reason": "Because of that"} | changes)))
    assert (answer.status_code, states()) == (422, [])
    assert ("Because of that" in answer.text) or "reason" in changes


@pytest.mark.parametrize("job_id", ["x", "b2b66630-87cb-4cef-97d7-baee06966751"])
def test_unknown_job_is_not_found(bill: User, browse: Browse, job_id: str) -> None:
    assert browse(bill).get(f"{PAGE}?job={job_id}").status_code == 404


def test_second_person_confirms(job: Job, bill: User, ada: User, browse: Browse, settings: Settings) -> None:
    settings.SECOND_PERSON_ABOVE_MICROS = 0
    browse(bill).post(PAGE, sent(job))
    address = f"{PAGE}{Adjustment.objects.get().pk}/confirm"
    assert browse(bill).post(address, follow=True).text.count("Somebody else must confirm") == 1
    assert states() == ["waiting"]
    for _ in range(2):
        assert browse(ada).post(address).status_code == 302
    assert states() == ["posted"]
    assert browse(ada).get(address).status_code == 405
    assert browse(ada).post(f"{PAGE}999/confirm").status_code == 404


def test_withdrawn_by_either(job: Job, bill: User, ada: User, browse: Browse, settings: Settings) -> None:
    settings.SECOND_PERSON_ABOVE_MICROS = 0
    browse(bill).post(PAGE, sent(job))
    for person in (ada, bill):
        assert browse(person).post(f"{PAGE}{Adjustment.objects.get().pk}/withdraw").status_code == 302
    assert states() == ["withdrawn"]


def test_adjustment_stands_in_spend_and_its_csv(job: Job, bill: User, ben: User, browse: Browse) -> None:
    browser = browse(bill)
    browser.post(f"{PAGE}?job={job.pk}", sent(job))
    page = browser.get("/spend/jobs/")
    assert page.context["total"].cost_micros == 600_000
    assert "=Refund of &lt;b&gt;it" in page.text
    lines = rows(content(browser.get("/spend/jobs.csv")))[1:]
    assert [line[-1] for line in lines] == ["1.000000", "-0.400000"]
    entry = rows(content(browser.get("/spend/ledger.csv")))[-1]
    assert (entry[2], entry[5], entry[9], entry[-1]) == ("refund", "0.400000", "Dusk", "'=Refund of <b>it</b>")
    assert browse(ben).get(f"/spend/jobs/?person={ben.pk}").context["total"].cost_micros == 600_000
    assert browser.get("/spend/").context["month"].spent_micros == 600_000


def test_truth_board_leads_here(job: Job, bill: User, browse: Browse) -> None:
    from generations.jobs import truths
    from generations.jobs.reconciling import Report

    report = Report(timezone.now().date())
    report.add("cost", "charged; the relay says less", "claim it", job.attempt)
    truths.keep(report, has_record=True, now=timezone.now())
    assert f'href="{PAGE}?job={job.pk}"' in browse(bill).get(f"/spend/truth/{timezone.now().date()}/").text
