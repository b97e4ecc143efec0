"""Approvals: Generate becomes Ask, somebody decides, the asker sees where it stands."""

from typing import Any

import pytest
from django.utils import timezone

from generations.accounts.models import User
from generations.jobs import approvals, lifecycle
from generations.jobs.models import Attempt, Job
from generations.ledger import budgets
from generations.ledger.models import Budget, Currency
from generations.projects.models import Project
from tests import builders
from tests.web.conftest import HTMX, Browse, form

PAGE, DECIDE = "/approvals/", "/approvals/decide"


@pytest.fixture
def asking(priced_project: Project) -> Project:
    """Everything above 10 cents is asked for."""
    row = budgets.budget_of(Budget.Scope.PROJECT, Currency.SBX, project=priced_project)
    budgets.set_ask_above(row, 100_000, timezone.now())
    return priced_project


def ask(project: Project, user: User, **changes: Any) -> Job:
    return builders.job(project, user, now=timezone.now(), **changes)


def states() -> list[str]:
    return list(Job.objects.order_by("created_at").values_list("state", flat=True))


def test_dear_clip_is_asked_for(asking: Project, ben: User, browse: Browse) -> None:
    browser = browse(ben)
    page = browser.post("/projects/dusk/estimate", form(), headers=HTMX).text
    assert ">Ask</span>" in page
    browser.post("/projects/dusk/generate", form())
    assert states() == ["awaiting_approval"]
    assert "A manager decides: it is above SBX 0.10." in browser.get("/projects/dusk/").text


def test_cheap_clip_goes_straight_out(asking: Project, ben: User, browse: Browse) -> None:
    budgets.set_ask_above(Budget.objects.get(scope="project"), 400_000, timezone.now())
    page = browse(ben).post("/projects/dusk/estimate", form(), headers=HTMX).text
    assert ">Generate</span>" in page
    ask(asking, ben)
    assert states() == ["queued"]


def test_approver_sees_what_to_decide_by(asking: Project, ben: User, ann: User, browse: Browse) -> None:
    ask(asking, ben, prompt="A costly whale")
    page = browse(ann).get(PAGE)
    (shown,) = page.context["asks"]
    assert "A costly whale" in page.text
    assert [row.name for row in shown.budgets] == ["The studio", "Dusk", "Ben"]
    assert (shown.history.made, shown.history.asked, shown.history.approved) == (0, 1, 0)
    assert shown.body["prompt"] == "A costly whale"
    assert "Priced by list 1" in page.text


def test_history_counts_what_was_asked_and_decided(asking: Project, ben: User, ann: User, browse: Browse) -> None:
    approvals.approve(ask(asking, ben), actor=ann, now=timezone.now())
    approvals.reject(ask(asking, ben), actor=ann, why="no", now=timezone.now())
    ask(asking, ben)
    (shown,) = browse(ann).get(PAGE).context["asks"]
    assert (shown.history.asked, shown.history.approved, shown.history.rejected) == (3, 1, 1)


def test_asks_cost_few_more_queries(
    asking: Project, ben: User, ann: User, browse: Browse, django_assert_max_num_queries: Any
) -> None:
    for number in range(8):
        ask(asking, ben, prompt=f"Whale {number}")
    browser = browse(ann)
    browser.get(PAGE)  # the first one writes down that this session is in use
    with django_assert_max_num_queries(50):
        assert len(browser.get(PAGE).context["asks"]) == 8


def test_asker_sees_who_decides_until_when_and_what_became_of_it(
    asking: Project, ben: User, ann: User, browse: Browse
) -> None:
    approvals.reject(ask(asking, ben, prompt="First whale"), actor=ann, why="Too <b>big</b>", now=timezone.now())
    job = ask(asking, ben, prompt="Second whale")
    page = browse(ben).get(PAGE)
    ((own,), (decided,)) = page.context["own"], page.context["decided"]
    assert (own.job, own.deciders, own.expires_at) == (job, [ann], job.created_at + approvals.WAITS_FOR)
    assert (decided.job.prompt, "Too &lt;b&gt;big" in page.text) == ("First whale", True)


@pytest.mark.parametrize(("who", "sees"), [("ben", 1), ("ann", 1), ("ada", 1), ("vic", 0), ("bill", 0), ("cat", 0)])
def test_who_sees_what_was_decided(
    asking: Project, ben: User, ann: User, request: pytest.FixtureRequest, browse: Browse, who: str, sees: int
) -> None:
    approvals.approve(ask(asking, ben), actor=ann, now=timezone.now())
    assert len(browse(request.getfixturevalue(who)).get(PAGE).context["decided"]) == sees


@pytest.mark.parametrize(("who", "sees"), [("ann", 1), ("ada", 2), ("ben", 0), ("bill", 0), ("vic", 0), ("cat", 0)])
def test_only_who_may_decide_sees_an_ask(
    asking: Project, ben: User, ann: User, request: pytest.FixtureRequest, browse: Browse, who: str, sees: int
) -> None:
    ask(asking, ben)
    ask(asking, ann)
    assert len(browse(request.getfixturevalue(who)).get(PAGE).context["asks"]) == sees


def test_several_are_approved_at_once_and_twice_is_harmless(
    asking: Project, ben: User, ann: User, browse: Browse
) -> None:
    jobs = [str(ask(asking, ben).pk) for _ in range(3)]
    browser = browse(ann)
    for _ in range(2):
        assert browser.post(DECIDE, {"job": jobs, "decision": "approve"}).status_code == 302
    assert states() == ["queued"] * 3
    assert set(Attempt.objects.values_list("approved_by", flat=True)) == {ann.pk}


def test_rejection_says_why_on_the_card_and_gives_the_money_back(
    asking: Project, ben: User, ann: User, browse: Browse
) -> None:
    job = ask(asking, ben)
    browser = browse(ann)
    for _ in range(2):
        browser.post(DECIDE, {"job": str(job.pk), "decision": "reject", "reason": "Try <b>480p</b> first"})
    assert states() == ["cancelled"]
    assert job.attempt.hold.state == "released"
    page = browse(ben).get("/projects/dusk/").text
    assert "Try &lt;b&gt;480p&lt;/b&gt; first" in page


@pytest.mark.parametrize(
    "data", [{"decision": "reject", "reason": " "}, {"decision": "reject"}, {"decision": "king"}, {}]
)
def test_half_a_decision_is_refused_and_kept(
    asking: Project, ben: User, ann: User, browse: Browse, data: dict[str, str]
) -> None:
    jobs = [ask(asking, ben), ask(asking, ben)]
    answer = browse(ann).post(DECIDE, {"job": str(jobs[0].pk)} | data)
    assert (answer.status_code, states()) == (422, ["awaiting_approval"] * 2)
    assert answer.text.count(" checked") == 1


def test_nothing_chosen_is_refused(asking: Project, ann: User, browse: Browse) -> None:
    assert browse(ann).post(DECIDE, {"decision": "approve"}).status_code == 422


@pytest.mark.parametrize(
    ("who", "status"), [("cat", 404), ("vic", 403), ("ben", 403), ("bill", 404), ("ada", 302), ("ann", 302)]
)
def test_who_may_decide(
    asking: Project, ben: User, request: pytest.FixtureRequest, browse: Browse, who: str, status: int
) -> None:
    job = ask(asking, ben)
    answer = browse(request.getfixturevalue(who)).post(DECIDE, {"job": str(job.pk), "decision": "approve"})
    assert answer.status_code == status
    assert states() == ["queued" if status == 302 else "awaiting_approval"]


@pytest.mark.parametrize(("who", "status"), [("ann", 403), ("ada", 302)])
def test_only_an_admin_approves_their_own(
    asking: Project, request: pytest.FixtureRequest, browse: Browse, who: str, status: int
) -> None:
    person = request.getfixturevalue(who)
    job = ask(asking, person)
    assert browse(person).post(DECIDE, {"job": str(job.pk), "decision": "approve"}).status_code == status


def test_own_ask_stands_on_the_page(asking: Project, ann: User, browse: Browse) -> None:
    ask(asking, ann, prompt="My own whale")
    assert "My own whale" in browse(ann).get(PAGE).text


@pytest.mark.parametrize("job_id", ["x", "b2b66630-87cb-4cef-97d7-baee06966751"])
def test_unknown_job_is_not_found(asking: Project, ann: User, browse: Browse, job_id: str) -> None:
    assert browse(ann).post(DECIDE, {"job": job_id, "decision": "approve"}).status_code == 404


def test_wrong_methods(ann: User, browse: Browse) -> None:
    assert browse(ann).get(DECIDE).status_code == 405
    assert browse(ann).post(PAGE).status_code == 405


def test_asker_may_cancel_and_then_it_is_too_late_to_approve(
    asking: Project, ben: User, ann: User, browse: Browse
) -> None:
    job = ask(asking, ben)
    assert lifecycle.cancel_job(job, actor=ben, now=timezone.now())
    answer = browse(ann).post(DECIDE, {"job": str(job.pk), "decision": "approve"}, follow=True)
    assert "was decided or cancelled before" in answer.text
    assert states() == ["cancelled"]
