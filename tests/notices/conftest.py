"""What the notices' tests stand on: jobs that have come to their ends, and what each person was told of them."""

import datetime as dt
from typing import Any

import pytest

from generations.accounts.models import User
from generations.jobs.models import Job
from generations.jobs.states import State
from generations.ledger import holds
from generations.notices import reading
from generations.notices.models import Notice
from generations.projects.models import Project
from tests import builders
from tests.builders import NOW


@pytest.fixture
def project(priced_project: Project) -> Project:
    return priced_project


def ready(project: Project, user: User, now: dt.datetime = NOW, **changes: Any) -> Job:
    """A job that has become a clip."""
    job = builders.job(project, user, now=now, **changes)
    for state in (State.SENDING, State.RUNNING, State.FETCHING, State.SUCCEEDED):
        job.advance(state, now=now)
    return job


def failed(project: Project, user: User, now: dt.datetime = NOW, code: str = "", said: str = "no frames") -> Job:
    job = builders.job(project, user, now=now)
    job.advance(State.FAILED, now=now, failure_code=code, failure_message=said)
    holds.release(job.attempt.hold, now)
    return job


def told(now: dt.datetime = NOW) -> list[tuple[str, str]]:
    """(person, kind) of every notice, after a read."""
    reading.read(now)
    return [(notice.user.name, notice.kind) for notice in Notice.objects.order_by("id").select_related("user")]
