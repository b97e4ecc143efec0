"""The sweep finds what is due whatever was lost; the pace follows the job's age."""

import datetime as dt

import pytest

from generations.accounts.models import User
from generations.jobs import poller
from generations.jobs.models import Job
from generations.jobs.states import State
from generations.projects.models import Project
from tests import wakeups
from tests.builders import NOW, job, running_job

LATER = NOW + dt.timedelta(minutes=10)


def test_sweep_wakes_for_a_queued_job_whose_wake_up_was_lost(project: Project, ben: User) -> None:
    job(project, ben)
    wakeups.forget()
    assert (poller.sweep(NOW), wakeups.names()) == (0, [])
    assert (poller.sweep(LATER), wakeups.names()) == (1, ["submit_job"])


def test_second_sweep_in_the_lease_wakes_nobody(project: Project, ben: User) -> None:
    job(project, ben)
    wakeups.forget()
    assert [poller.sweep(LATER), poller.sweep(LATER)] == [1, 0]
    assert wakeups.names() == ["submit_job"]


def test_running_jobs_are_polled_in_one_batch(project: Project, ben: User) -> None:
    jobs = [running_job(project, ben, task_id=f"task_{n}") for n in range(3)]
    wakeups.forget()
    poller.sweep(LATER)
    (wake_up,) = wakeups.waiting()
    assert set(wake_up.arguments[0]) == {str(made.pk) for made in jobs}


def test_sending_without_a_sender_becomes_unknown(project: Project, ben: User) -> None:
    made = job(project, ben)
    made.advance(State.SENDING, now=NOW, next_action_at=NOW + dt.timedelta(minutes=4))
    poller.sweep(NOW + dt.timedelta(minutes=5))
    made.refresh_from_db()
    assert (made.state, made.next_action_at) == ("unknown", None)


@pytest.mark.parametrize(("age_seconds", "pace"), [(0, 1), (5, 1), (60, 6), (200, 20), (3600, 30), (10**6, 30)])
def test_pace_follows_the_age(age_seconds: int, pace: float) -> None:
    made = Job(running_at=NOW - dt.timedelta(seconds=age_seconds))
    assert poller.pace_seconds(made, NOW) == pace
