"""Cancel, removal and archiving against a submit: either the relay never hears of the job, or it has it and says so."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from typing import Any

import httpx
from django.db import connection
from django.utils import timezone

from generations.jobs import lifecycle, sending
from generations.jobs.models import Job
from generations.jobs.states import Overtaken
from generations.projects import membership
from generations.projects.models import Membership, Project
from tests import builders
from tests.races.ground import Ground, counting, need


def cancel(ground: Ground, round_number: int) -> None:
    """Cancelled for nothing and never posted; or posted once, running, and flagged."""
    project = ground.project()
    waiting = builders.job(project, ground.ben)
    seen, (sent, cancelled) = against_a_send(
        ground, waiting, lambda: lifecycle.cancel_job(Job.objects.get(pk=waiting.pk), actor=ground.ben, now=now())
    )
    made = Job.objects.get(pk=waiting.pk)
    never = (cancelled, made.state, len(seen), made.attempt.hold.state) == (True, "cancelled", 0, "released")
    flagged = (cancelled, made.state, len(seen), made.attempt.hold.state) == (False, "running", 1, "open")
    need(never or (flagged and made.cancel_requested_at is not None), (cancelled, made, len(seen), sent))


def leave(ground: Ground, round_number: int) -> None:
    """Who asked for it is removed from the project: the job is sent before that, or not at all."""
    project, leaver = ground.project(), ground.people[1]
    member = Membership.objects.get(project=project, user=leaver)
    waiting = builders.job(project, leaver)
    seen, (sent, left) = against_a_send(ground, waiting, lambda: membership.remove_member(member, timezone.now()))
    need(not isinstance(left, BaseException), left)
    judge_rights(waiting, seen, sent)


def archive(ground: Ground, round_number: int) -> None:
    """The project is archived while its job goes out."""
    project = ground.project()
    waiting = builders.job(project, ground.ben)
    seen, (sent, done) = against_a_send(
        ground, waiting, lambda: membership.set_archived(Project.objects.get(pk=project.pk), True, now())
    )
    need(not isinstance(done, BaseException), done)
    judge_rights(waiting, seen, sent)


def leave_waits(ground: Ground, round_number: int) -> None:
    """A send has read the rights and not yet committed: a removal that begins now ends after that commit."""
    project, leaver = ground.project(), ground.people[1]
    member = Membership.objects.get(project=project, user=leaver)
    waiting = builders.job(project, leaver)
    has_read, moments = threading.Event(), dict[str, float]()

    def answer() -> httpx.Response:
        moments["posted"] = time.monotonic()
        return accepted(waiting)

    relay, seen = counting(answer)

    def linger(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
        if sql.startswith("UPDATE") and '"token_hash"' in sql:  # the last statement before COMMIT
            has_read.set()
            time.sleep(0.1)
        return execute(sql, *rest)

    def send() -> None:
        with connection.execute_wrapper(linger):
            sending.send(Job.objects.get(pk=waiting.pk), relay, now)

    def remove() -> None:
        has_read.wait(30)
        membership.remove_member(member, timezone.now())
        moments["removed"] = time.monotonic()

    troubles = [outcome for outcome in ground.at_once(send, remove) if isinstance(outcome, BaseException)]
    need(troubles == [] and len(seen) == 1, (troubles, len(seen)))
    state = Job.objects.get(pk=waiting.pk).events.filter(new_state="sending").exists()
    need(state and moments["removed"] >= moments["posted"] - 0.08, moments)


def against_a_send(ground: Ground, waiting: Job, other: Callable[[], Any]) -> tuple[list[httpx.Request], list[Any]]:
    """The requests that the relay got, and what both sides met, after a send and `other` at the same moment."""
    relay, seen = counting(lambda: accepted(waiting))
    pause = random.uniform(0, 0.004)

    def send() -> None:
        job = Job.objects.get(pk=waiting.pk)
        sending.send(job, relay, now)

    def late() -> Any:
        time.sleep(pause)
        return other()

    return seen, ground.at_once(send, late)


def accepted(job: Job) -> httpx.Response:
    return builders.relay_says({"task_id": f"task_{job.pk.hex}", "status": "submitted"})


def judge_rights(waiting: Job, seen: list[httpx.Request], sent: object) -> None:
    """Sent and running, or nothing posted; what is still queued is cancelled by the next one who tries to send it."""
    need(sent is None or isinstance(sent, Overtaken), sent)
    made = Job.objects.get(pk=waiting.pk)
    if made.state == "queued":
        relay, more = counting(lambda: accepted(waiting))
        sending.send(made, relay, now)
        seen = [*seen, *more]
    made.refresh_from_db()
    outcome = (made.state, len(seen), made.attempt.hold.state)
    need(outcome in {("running", 1, "open"), ("cancelled", 0, "released")}, outcome)


now = timezone.now
