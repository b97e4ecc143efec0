"""Unknown outcomes: who may see and resolve them, two steps for what can not be undone, a second press harmless."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from generations.accounts.models import User
from generations.jobs import sending, unknowns
from generations.jobs.models import Attempt, Inquiry, Job
from generations.ledger import budgets
from generations.ledger.models import Currency, Hold
from generations.projects.models import Project
from tests import wakeups
from tests.builders import NOW, answering, job
from tests.web.conftest import Browse

ACTIONS = ["claim", "1/attach", "1/not-made", "1/again"]
SURE = {"is_sure": "on", "reason": "not in the console"}


@pytest.fixture
def lost(priced_project: Project, ben: User) -> Job:
    made = job(priced_project, ben)
    sending.send(made, answering(httpx.ReadError("reset by peer")), lambda: NOW)
    return Job.objects.get()


def at(made: Job, action: str = "") -> str:
    return f"/jobs/{made.pk}/unknown/{action}"


def test_page_says_since_when_what_was_sent_and_what_may_be(lost: Job, ann: User, browse: Browse) -> None:
    page = browse(ann).get(at(lost)).text
    for words in (
        lost.failure_message,
        "doubao-seedance-2-0-480p",
        "SBX 0.34",
        "the admins; nobody has taken it on yet",
        "Ben",
    ):
        assert words in page, words


def test_card_and_job_page_lead_there(lost: Job, ben: User, browse: Browse) -> None:
    for path in ("/projects/dusk/", f"/jobs/{lost.pk}/"):
        assert f'href="{at(lost)}"' in browse(ben).get(path).text


@pytest.mark.parametrize("action", ACTIONS)
def test_member_may_look_but_not_resolve(lost: Job, ben: User, browse: Browse, action: str) -> None:
    assert "A manager of the project or an admin" in browse(ben).get(at(lost)).text
    assert browse(ben).post(at(lost, action), SURE).status_code == 403
    assert Job.objects.get().version == lost.version


@pytest.mark.parametrize("action", ["", *ACTIONS])
def test_stranger_finds_nothing(lost: Job, cat: User, browse: Browse, action: str) -> None:
    browser = browse(cat)
    answer = browser.post(at(lost, action), SURE) if action else browser.get(at(lost))
    assert answer.status_code == 404


@pytest.mark.parametrize("action", ["claim", "1/attach"])
def test_actions_refuse_get(lost: Job, ann: User, browse: Browse, action: str) -> None:
    assert browse(ann).get(at(lost, action)).status_code == 405


def test_list_shows_a_manager_theirs_and_an_admin_all(
    lost: Job, ann: User, ada: User, cat: User, browse: Browse
) -> None:
    found = [at(lost) in browse(person).get("/unknowns/").text for person in (ann, ada, cat)]
    assert found == [True, True, False]


def test_claim_shows_its_owner(lost: Job, ann: User, browse: Browse) -> None:
    for _ in range(2):
        browse(ann).post(at(lost, "claim"))
    assert Job.objects.get().owner == ann
    assert "I look after it" not in browse(ann).get(at(lost)).text


def test_attach_asks_the_relay_and_waits_for_nobody(lost: Job, ann: User, browse: Browse) -> None:
    wakeups.forget()
    answer = browse(ann).post(at(lost, "1/attach"), {"task_id": " task_77 "}, follow=True)
    assert ("task_77" in answer.text, "The relay is being asked." in answer.text) == (True, True)
    assert wakeups.names() == ["inquire"]
    assert 'hx-trigger="every 2s"' in answer.text


def test_decision_is_shown(lost: Job, ann: User, browse: Browse) -> None:
    inquiry = unknowns.attach(Attempt.objects.get(), task_id="task_77", actor=ann, now=NOW)
    unknowns.decide(inquiry, Inquiry.Verdict.TAKEN, NOW)
    page = browse(ann).get(at(lost)).text
    assert "Refused: this task belongs to another attempt." in page
    assert "every 2s" not in page


@pytest.mark.parametrize("task_id", ["", "no such id", "<script>alert(1)</script>"])
def test_odd_task_id_is_refused_beside_its_field(lost: Job, ann: User, browse: Browse, task_id: str) -> None:
    answer = browse(ann).post(at(lost, "1/attach"), {"task_id": task_id})
    assert (answer.status_code, Inquiry.objects.count()) == (422, 0)
    assert "<script>alert" not in answer.text


@pytest.mark.parametrize("given", [{}, {"reason": "looked"}, {"is_sure": "on"}])
def test_not_made_wants_a_reason_and_a_word(lost: Job, ann: User, browse: Browse, given: dict[str, str]) -> None:
    browser = browse(ann)
    assert browser.get(at(lost, "1/not-made")).status_code == 200
    assert browser.post(at(lost, "1/not-made"), given).status_code == (422 if given else 200)
    assert Job.objects.get().state == "unknown"


def test_not_made_releases_and_twice_is_harmless(lost: Job, ann: User, browse: Browse) -> None:
    for _ in range(2):
        assert browse(ann).post(at(lost, "1/not-made"), SURE)["Location"] == f"/jobs/{lost.pk}/"
    assert (Job.objects.get().state, Hold.objects.get().state) == ("failed", "released")
    assert "not in the console" in browse(ann).get(f"/jobs/{lost.pk}/").text


def test_send_again_makes_one_more_attempt_however_often_pressed(lost: Job, ann: User, browse: Browse) -> None:
    assert "both are billed" in browse(ann).get(at(lost, "1/again")).text
    for _ in range(2):
        assert browse(ann).post(at(lost, "1/again"), SURE)["Location"] == f"/jobs/{lost.pk}/"
    assert (Job.objects.get().state, Attempt.objects.count()) == ("queued", 2)
    assert "Sent again since." in browse(ann).get(f"/jobs/{lost.pk}/").text


def test_send_again_over_the_limit_is_refused_with_the_figures(lost: Job, ann: User, browse: Browse) -> None:
    budgets.set_project_limit(lost.project, Currency.SBX, lost.estimate_micros, NOW)
    answer = browse(ann).post(at(lost, "1/again"), SURE)
    assert (answer.status_code, "SBX 0.34" in answer.text, Attempt.objects.count()) == (422, True, 1)


def test_resolved_one_says_so(lost: Job, ann: User, browse: Browse) -> None:
    unknowns.confirm_not_made(Attempt.objects.get(), actor=ann, reason="looked", now=NOW)
    assert "It is known now: Failed." in browse(ann).get(at(lost)).text


def test_attempt_that_is_not_there_is_not_found(lost: Job, ann: User, browse: Browse) -> None:
    answers: list[Any] = [browse(ann).post(at(lost, f"7/{name}"), SURE) for name in ("attach", "not-made", "again")]
    assert [answer.status_code for answer in answers] == [404, 404, 404]
