"""A disk that is full, of media or of the database: nothing is asked for, nothing moves, and all goes on afterwards."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.test import Client
from django.utils import timezone

from generations import tasks
from generations.accounts.models import User
from generations.jobs import lifecycle, poller, sending
from generations.jobs.invariants import violations
from generations.jobs.models import Job
from generations.media import disk
from generations.projects.models import Project
from generations.sandbox.listener import Listener
from tests.builders import NOW, answering, ask, job

Drive = Callable[[Job, str], Job]


@pytest.fixture
def fill(monkeypatch: pytest.MonkeyPatch) -> Callable[[bool], None]:
    """fill(True): less than the limit is free; fill(False): there is room again."""
    room = disk.MIN_FREE_BYTES
    return lambda is_full: monkeypatch.setattr(disk, "MIN_FREE_BYTES", 2**62 if is_full else room)


@contextmanager
def full_database() -> Iterator[None]:
    """SQLite may not grow by a page; any other database refuses each write in PostgreSQL's words."""
    if connection.vendor != "sqlite":
        with connection.execute_wrapper(refuse_writes):
            yield
        return
    with connection.cursor() as cursor:
        pages = cursor.execute("PRAGMA page_count").fetchone()[0]
        cursor.execute(f"PRAGMA max_page_count = {pages}")
    try:
        yield
    finally:
        connection.cursor().execute("PRAGMA max_page_count = 1073741823")


def use_up(project: Project, ben: User) -> None:
    """Asks for jobs until the room inside the pages is gone too."""
    for number in range(200):
        job(project, ben, prompt=f"{number} " + "long " * 600, now=timezone.now())


def refuse_writes(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
    if sql.startswith(("INSERT", "UPDATE", "DELETE")):
        raise OperationalError("could not extend file: the disk is full")
    return execute(sql, params, many, context)


@pytest.mark.django_db
def test_nothing_is_asked_for_while_the_disk_is_full(project: Project, ben: User, fill: Callable[[bool], None]) -> None:
    fill(True)
    with pytest.raises(lifecycle.NoRoom):
        lifecycle.queue_job(project=project, user=ben, ask=ask(), key="k", now=NOW)
    assert not Job.objects.exists()


@pytest.mark.django_db
def test_page_says_that_the_disk_is_full_and_keeps_the_form(
    client: Client, project: Project, ben: User, fill: Callable[[bool], None]
) -> None:
    fill(True)
    client.force_login(ben)
    fields = {"prompt": "A harbour", "model": "seedance-2.0", "resolution": "480p", "ratio": "16:9", "seconds": "4"}
    answer = client.post(f"/projects/{project.slug}/generate", fields | {"key": "k"})
    assert answer.status_code == 422
    assert "disk is full" in answer.text
    assert "A harbour" in answer.text


@pytest.mark.django_db
def test_queued_job_waits_for_room_with_its_reason(project: Project, ben: User, fill: Callable[[bool], None]) -> None:
    made = job(project, ben)
    fill(True)
    sending.send(made, answering(), lambda: NOW)
    found = Job.objects.get(pk=made.pk)
    assert (found.state, found.claims) == ("queued", 0)
    assert found.waiting_reason == "The studio's disk is full; it is sent when there is room."


@pytest.mark.django_db(transaction=True)
def test_paid_clip_waits_for_room_and_is_kept_then(
    project: Project, ben: User, relay: Listener, drive: Drive, fill: Callable[[bool], None]
) -> None:
    made = drive(job(project, ben, now=timezone.now()), "fetching")
    fill(True)
    tasks.fetch_job(str(made.pk))
    waiting = Job.objects.get(pk=made.pk)
    assert (waiting.state, waiting.waiting_reason[:26]) == ("fetching", "The studio's disk is full;")
    fill(False)
    Job.objects.filter(pk=made.pk).update(next_action_at=timezone.now())
    assert drive(waiting, "succeeded").outputs.get().media is not None


@pytest.mark.django_db(transaction=True)
def test_full_database_changes_no_state(project: Project, ben: User, relay: Listener, drive: Drive) -> None:
    made = drive(job(project, ben, now=timezone.now()), "running")
    with full_database(), pytest.raises(OperationalError, match="full"):
        use_up(project, ben)
    assert Job.objects.get(pk=made.pk).state == "running"
    assert violations(timezone.now()) == []
    poller.sweep(timezone.now())
    drive(made, "succeeded")
