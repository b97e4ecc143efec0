"""The breaker: one alert however often it is hit, jobs wait and can be cancelled, a probe closes it."""

import datetime as dt

import httpx
import pytest
from django.core import mail
from pytest_django import Settings

from generations import tasks
from generations.accounts.models import User
from generations.health.models import Alert
from generations.jobs import breaker, lifecycle, sending
from generations.jobs.models import Breaker, Job
from generations.projects.models import Project
from tests import wakeups
from tests.builders import NOW, answering, job, relay_says, running_job
from tests.jobs.test_observing import DONE, observe

KEY_REFUSED = relay_says({"error": {"message": "invalid key", "type": "authentication_error", "code": "invalid"}}, 401)
NO_MONEY = relay_says({"error": {"message": "insufficient balance", "type": "error", "code": "quota"}}, 403)
MODELS = relay_says({"data": [{"id": "doubao-seedance-2-0-480p"}]})
LATER = NOW + breaker.PROBE_EVERY


def woken() -> list[str]:
    return wakeups.names()


@pytest.mark.parametrize("answer", [KEY_REFUSED, NO_MONEY])
def test_refusal_of_the_whole_account_opens_it_with_one_alert(
    project: Project, ben: User, answer: httpx.Response
) -> None:
    sending.send(job(project, ben), answering(answer), lambda: NOW)
    sending.send(job(project, ben), answering(answer), lambda: LATER)
    assert (Breaker.objects.get().opened_at, Alert.objects.count()) == (NOW, 1)
    assert woken().count("mail_alert") == 1


def test_five_failures_in_a_row_open_it(project: Project, ben: User) -> None:
    for _ in range(5):
        assert breaker.trouble(is_sandbox=True) is None
        sending.send(job(project, ben), answering(httpx.ConnectError("refused")), lambda: NOW)
    assert breaker.trouble(is_sandbox=True) is not None


@pytest.fixture
def shut(project: Project, ben: User) -> Job:
    """The key was refused; the job that met it is queued again."""
    made = job(project, ben)
    sending.send(made, answering(KEY_REFUSED), lambda: NOW)
    wakeups.forget()
    return made


def test_queued_job_can_be_cancelled_meanwhile(shut: Job, ben: User) -> None:
    assert lifecycle.cancel_job(shut, actor=ben, now=NOW)


def test_running_job_is_followed_meanwhile(project: Project, ben: User) -> None:
    made = running_job(project, ben)
    breaker.open_for(True, "the key was refused", NOW)
    assert observe(made, DONE).state == "fetching"


def test_probe_that_gets_through_closes_it_and_wakes_the_waiting(shut: Job, project: Project, ben: User) -> None:
    waiting = job(project, ben)
    sending.send(waiting, answering(), lambda: NOW)
    sending.send(shut, answering(relay_says({"task_id": "task_1", "status": "queued"})), lambda: LATER)
    waiting.refresh_from_db()
    assert (Breaker.objects.get().opened_at, waiting.next_action_at) == (None, LATER)
    assert Alert.objects.get().cleared_at == LATER


def test_try_now_sends_the_job_that_waited_longest(shut: Job) -> None:
    breaker.try_now(True, NOW)
    shut.refresh_from_db()
    assert (shut.next_action_at, breaker.blocked_until(True, NOW)) == (NOW, None)


def test_try_now_asks_when_no_job_waits_and_twice_is_one_probe(shut: Job, ben: User) -> None:
    lifecycle.cancel_job(shut, actor=ben, now=NOW)
    for _ in range(2):
        breaker.try_now(True, NOW)
    assert set(woken()) == {"probe_relay"}
    breaker.probe(True, answering(MODELS), NOW)
    breaker.probe(True, answering(), NOW)
    assert breaker.trouble(is_sandbox=True) is None


def test_idle_breaker_is_probed_when_due_and_stays_open_without_an_answer(shut: Job, ben: User) -> None:
    lifecycle.cancel_job(shut, actor=ben, now=NOW)
    breaker.probe_when_idle(True, NOW)
    assert woken() == []
    breaker.probe_when_idle(True, LATER)
    assert woken() == ["probe_relay"]
    breaker.probe(True, answering(httpx.ConnectError("refused")), LATER)
    assert Breaker.objects.get().probe_at == LATER + breaker.PROBE_EVERY


def test_try_now_of_a_closed_one_does_nothing(db: None) -> None:
    breaker.current(is_sandbox=True)
    breaker.try_now(True, NOW)
    assert woken() == []


def test_alert_is_mailed_once_to_each_admin(shut: Job, ada: User, ann: User, settings: Settings) -> None:
    settings.PUBLIC_URL = "https://studio.example"
    for _ in range(2):
        tasks.mail_alert(Alert.objects.get().pk)
    (sent,) = mail.outbox
    assert (sent.to, "invalid key" in sent.body) == ([ada.email], True)
    assert "https://studio.example/operations/" in sent.body


def test_alert_after_the_end_of_the_first_is_a_new_one(shut: Job, project: Project, ben: User) -> None:
    breaker.close(True, NOW)
    breaker.open_for(True, "again", NOW + dt.timedelta(hours=1))
    assert [alert.cleared_at for alert in Alert.objects.order_by("id")] == [NOW, None]
