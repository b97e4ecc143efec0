"""Whose turn it is: queued jobs go out round-robin over people, the one who was served longest ago first.

A wake-up says that one more job can go, not which: `whose_turn` picks it. Each one's own jobs go oldest first.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db import models
from django.db.models import Exists, F, OuterRef, Q

from generations.accounts.models import User
from generations.jobs.estimate import Usual
from generations.jobs.models import Attempt, Job, JobQuerySet
from generations.jobs.states import Overtaken, State

MOST_PLACES = 2000
SEEN_AFTER = dt.timedelta(seconds=5)  # most jobs are gone before anybody could read their place
LOOKED_BACK, SHORTEST_LOOK = dt.timedelta(minutes=10), dt.timedelta(seconds=20)
SURELY, PERHAPS = 0.7, 1.4  # of the time that the line lately took: from and to

type InLine = tuple[uuid.UUID, int, dt.datetime]  # job, person, when it was asked for


class Turn(models.Model):
    """When a job of this person was last sent."""

    user = models.OneToOneField(User, models.CASCADE, primary_key=True, related_name="turn")
    at = models.DateTimeField()
    before = models.DateTimeField(null=True)  # the time before that: what is given back was never taken

    def __str__(self) -> str:
        return f"{self.user_id} at {self.at}"


@dataclass(frozen=True, slots=True)
class Place:
    """1 is next. `wait`: how long until it is sent, as the line went lately; None when it did not move."""

    number: int
    wait: Usual | None


def take_turn(user_id: int, now: dt.datetime) -> None:
    """This person is served: everybody else who waits is before them. Commits with the send."""
    if not Turn.objects.filter(user=user_id).update(before=F("at"), at=now):
        Turn.objects.bulk_create([Turn(user_id=user_id, at=now)], ignore_conflicts=True)


def give_back(user_id: int) -> None:
    """The relay said 429: else whoever comes last before each pause would never be served."""
    Turn.objects.filter(user=user_id, before=None).delete()
    Turn.objects.filter(user=user_id).update(at=F("before"))


def whose_turn(job_id: str, now: dt.datetime) -> Job:
    """The job that goes when this one was woken; whoever is passed over is due at once. Raises Overtaken."""
    woken = Job.objects.get(pk=job_id)
    first = _first(_ready(woken.is_sandbox, woken, now))
    if first is None:
        raise Overtaken(job_id)
    if first.pk != woken.pk:
        _queued(woken.is_sandbox).filter(_is_free(now), pk=woken.pk, next_action_at__gt=now).update(next_action_at=now)
    return first


def _ready(is_sandbox: bool, woken: Job, now: dt.datetime) -> JobQuerySet:
    """Those that may go now: in nobody's hands and not put off, or due, or just woken for it."""
    return _queued(is_sandbox).filter(_is_free(now) | Q(next_action_at__lte=now) | Q(pk=woken.pk))


def _is_free(now: dt.datetime) -> Q:
    return Q(claims=0) & (Q(ready_at=None) | Q(ready_at__lte=now))


def _queued(is_sandbox: bool) -> JobQuerySet:
    return Job.objects.filter(state=State.QUEUED, is_sandbox=is_sandbox)


def _first(ready: JobQuerySet) -> Job | None:
    people = User.objects.filter(Exists(ready.filter(user=OuterRef("pk"))))
    person = people.order_by(F("turn__at").asc(nulls_first=True), "pk").first()
    if person is None:
        return None
    oldest = ready.filter(user=person).order_by("created_at", "pk")
    return oldest.select_related("project", "user", "model", "sku").first()


def in_turn(jobs: Iterable[Job]) -> list[Job]:
    """These jobs in the order in which they are to go."""
    by_id = {job.pk: job for job in jobs}
    return [by_id[job_id] for job_id in _round_robin([(job.pk, job.user_id, job.created_at) for job in by_id.values()])]


def _round_robin(waiting: Sequence[InLine]) -> list[uuid.UUID]:
    """Everybody's first, then everybody's second …; within a round, who was served longest ago is first."""
    served = dict(Turn.objects.filter(user__in={user_id for _, user_id, _ in waiting}).values_list("user", "at"))
    rounds: Counter[int] = Counter()
    order = []
    for job_id, user_id, created_at in sorted(waiting, key=lambda one: (one[2], one[0])):
        at = served.get(user_id)
        order.append(((rounds[user_id], at is not None, at or created_at, user_id), job_id))
        rounds[user_id] += 1
    return [job_id for _, job_id in sorted(order)]


def order(is_sandbox: bool) -> list[uuid.UUID]:
    """The jobs that wait, next one first; of a very long line the older part."""
    return _round_robin(_waiting(is_sandbox))


def _waiting(is_sandbox: bool) -> list[InLine]:
    """Oldest first."""
    return list(_queued(is_sandbox).order_by("created_at").values_list("pk", "user", "created_at")[:MOST_PLACES])


def places(jobs: Iterable[tuple[uuid.UUID, dt.datetime]], is_sandbox: bool, now: dt.datetime) -> dict[uuid.UUID, Place]:
    """The place of each of these queued jobs (with the time of its asking), while more than one waits.

    None of those that are surely on their way out.
    """
    asked = {job_id for job_id, asked_at in jobs if now - asked_at > SEEN_AFTER}
    waiting = _waiting(is_sandbox) if asked else []
    if len(waiting) < 2:
        return {}
    line = enumerate(_round_robin(waiting), start=1)
    seconds = _seconds_each(waiting[0][2], is_sandbox, now)
    return {job_id: Place(number, wait(number, seconds)) for number, job_id in line if job_id in asked}


def wait(number: int, seconds_each: float | None) -> Usual | None:
    """How long the job at this place waits."""
    return Usual(number * seconds_each * SURELY, number * seconds_each * PERHAPS) if seconds_each else None


def seconds_each(is_sandbox: bool, now: dt.datetime) -> float | None:
    """How long the line took for each job lately, while somebody waited; None when it did not move."""
    oldest = _queued(is_sandbox).order_by("created_at").values_list("created_at", flat=True).first()
    return _seconds_each(oldest, is_sandbox, now) if oldest else None


def _seconds_each(oldest: dt.datetime, is_sandbox: bool, now: dt.datetime) -> float | None:
    since = min(max(oldest, now - LOOKED_BACK), now - SHORTEST_LOOK)
    sent = Attempt.objects.filter(sending_at__gt=since, sending_at__lte=now, job__is_sandbox=is_sandbox).count()
    return (now - since).total_seconds() / sent if sent else None
