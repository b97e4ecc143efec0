"""Leases: kept while work lasts, lost with it; and claims, counted before the work."""

import datetime as dt
import threading

import pytest
from django.db import OperationalError, connection

from generations.accounts.models import User
from generations.jobs import fetcher, leases, observing, sending
from generations.jobs.models import Job, Output
from generations.jobs.states import State
from generations.ledger.models import Hold
from generations.projects.models import Project
from generations.relay.exchange import Exchange
from generations.relay.wire import Task
from tests.builders import NOW, answering, job, running_job

LATER = NOW + dt.timedelta(minutes=3)


def paid_job(project: Project, user: User) -> Job:
    made = running_job(project, user)
    said = Exchange(method="GET", path="/video/generations/task_1", status=200)
    observing.observe(made, Task.from_json({"task_id": "task_1", "status": "succeeded"}), said, NOW)
    return Job.objects.get(pk=made.pk)


@pytest.mark.django_db
def test_lease_is_renewed_while_the_job_stands_as_it_was(project: Project, ben: User) -> None:
    made = job(project, ben)
    assert leases.renew(Job.objects.filter(pk=made.pk, version=made.version), LATER)
    assert Job.objects.get(pk=made.pk).next_action_at == LATER + leases.LEASE


@pytest.mark.django_db
def test_lease_of_a_moved_job_is_left_alone(project: Project, ben: User) -> None:
    made = job(project, ben)
    before = Job.objects.filter(pk=made.pk, version=made.version)
    made.change(next_action_at=NOW)
    assert not leases.renew(before, LATER)
    assert Job.objects.get(pk=made.pk).next_action_at == NOW


@pytest.mark.django_db
def test_job_that_killed_three_senders_fails_for_nothing(project: Project, ben: User) -> None:
    made = job(project, ben)
    made.change(claims=leases.MOST_CLAIMS)
    sending.send(made, answering(), lambda: NOW)
    found = Job.objects.get(pk=made.pk)
    assert (found.state, found.failure_code, Hold.objects.get().state) == ("failed", "crashed", "released")


@pytest.mark.django_db
def test_clip_that_killed_three_keepers_is_left_to_a_person(project: Project, ben: User) -> None:
    made = paid_job(project, ben)
    made.change(claims=leases.MOST_CLAIMS)
    fetcher.fetch(made, answering(), lambda: NOW)
    assert Job.objects.get(pk=made.pk).state == State.SUCCEEDED
    assert Output.objects.get().archive_reason == Output.Reason.CRASHED


@pytest.mark.django_db
def test_try_that_came_to_an_end_is_no_dead_claim(project: Project, ben: User) -> None:
    made = paid_job(project, ben)
    fetcher.fetch(made, answering(OSError("no route"), OSError("no route")), lambda: NOW)
    found = Job.objects.get(pk=made.pk)
    assert (found.state, found.claims, found.tries) == ("fetching", 0, 1)


@pytest.mark.django_db(transaction=True)
def test_worker_that_is_at_it_keeps_its_lease(project: Project, ben: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """The renewals come from a thread of their own, which ends when somebody has moved the job."""
    monkeypatch.setattr(leases, "RENEW_EVERY_SECONDS", 0.001)
    made, stop = job(project, ben), threading.Event()
    moments = iter([LATER, LATER + leases.LEASE])

    def clock() -> dt.datetime:
        now = next(moments)
        if now > LATER:
            Job.objects.get(pk=made.pk).change(claims=1)
        return now

    leases._keep_renewing(made, clock, stop)
    assert Job.objects.get(pk=made.pk).next_action_at == LATER + leases.LEASE


@pytest.mark.django_db
def test_database_that_is_away_says_nothing_against_a_lease(project: Project, ben: User) -> None:
    made = job(project, ben)

    def away(*_: object) -> None:
        raise OperationalError("database is locked")

    with connection.execute_wrapper(away):
        assert leases.renew(Job.objects.filter(pk=made.pk), LATER)
