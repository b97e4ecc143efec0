"""The duplicate guard: the same request lately, in a project that the person sees."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone

from generations.accounts.models import User
from generations.jobs import duplicates
from generations.jobs.models import Job, Output
from generations.ledger import holds
from generations.media.models import MediaFile
from generations.projects.models import Project
from tests import builders
from tests.builders import NOW

LATER = NOW + dt.timedelta(days=1)


def ready(job: Job, *, is_kept: bool = True) -> Job:
    """As it is when its clip is there."""
    with transaction.atomic():
        holds.charge(job.attempt.hold, job.estimate_micros, NOW)
    fields = {"sha256": job.pk.hex * 2, "size_bytes": 1, "kind": "video", "content_type": "video/mp4"}
    media = MediaFile.objects.create(storage_name="x.mp4", **fields) if is_kept else None
    Output.objects.create(job=job, media=media, created_at=NOW)
    Job.objects.filter(pk=job.pk).update(
        state="succeeded", finished_at=timezone.now(), next_action_at=None, cost_micros=job.estimate_micros
    )
    return Job.objects.get(pk=job.pk)


def found(project: Project, user: User, *, key: str = "", now: dt.datetime = LATER, **changes: Any) -> Job | None:
    asked = builders.ask(**changes)
    return duplicates.find(asked, project=project, user=user, key=key, is_sandbox=True, now=now)[0]


def test_same_request_of_somebody_else_is_found(project: Project, ben: User, ann: User) -> None:
    job = ready(builders.job(project, ben))
    assert found(project, ann) == job


@pytest.mark.parametrize("changes", [{"seed": 8}, {"prompt": "Dawn"}, {"seconds": 5}, {"audio": True}])
def test_other_request_is_another(project: Project, ben: User, changes: dict[str, Any]) -> None:
    ready(builders.job(project, ben))
    assert found(project, ben, **changes) is None


def test_clip_of_a_project_that_one_does_not_see_is_not_told(project: Project, ben: User, cat: User) -> None:
    ready(builders.job(project, ben))
    assert found(builders.project("Hers", manager=cat), cat) is None


def test_clip_of_another_project_that_one_sees_is_offered(project: Project, ben: User, ann: User) -> None:
    job, dawn = ready(builders.job(project, ben)), builders.project("Dawn", manager=ann)
    assert found(dawn, ann) == job
    nearer = ready(builders.job(dawn, ann))
    assert found(dawn, ann) == nearer


@pytest.mark.parametrize(("days", "is_found"), [(13, True), (14, False)])
def test_two_weeks_are_looked_back(project: Project, ben: User, days: int, is_found: bool) -> None:
    ready(builders.job(project, ben))
    assert bool(found(project, ben, now=NOW + dt.timedelta(days=days))) is is_found


@pytest.mark.parametrize(("state", "is_found"), [("failed", False), ("cancelled", False), ("running", True)])
def test_only_what_is_there_or_comes_is_offered(project: Project, ben: User, state: str, is_found: bool) -> None:
    job = builders.job(project, ben)
    over = timezone.now() if state != "running" else None
    Job.objects.filter(pk=job.pk).update(state=state, finished_at=over)
    assert bool(found(project, ben)) is is_found


def test_clip_that_was_not_kept_is_not_offered(project: Project, ben: User) -> None:
    ready(builders.job(project, ben), is_kept=False)
    assert found(project, ben) is None


def test_same_press_once_more_is_no_duplicate(project: Project, ben: User) -> None:
    ready(builders.job(project, ben, key="k"))
    assert found(project, ben, key="k") is None


@pytest.mark.parametrize("nth", [1, 2])
def test_same_press_that_comes_first_meanwhile_is_no_duplicate(project: Project, ben: User, nth: int) -> None:
    """The other press's job is there when the guard looks for the nth time, and was not before."""
    looks: list[str] = []

    def come_first(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
        looks.append(sql)
        if len(looks) == nth:
            builders.job(project, ben, key="k")
        return execute(sql, *rest)

    with connection.execute_wrapper(come_first):
        assert found(project, ben, key="k") is None
