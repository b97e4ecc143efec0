"""Several jobs from one press: the same request with other seeds, all of them or none."""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import replace

from django.db import transaction

from generations.accounts.models import User
from generations.composer.ask import VideoAsk
from generations.composer.limits import MAX_SEED, MOST_COPIES
from generations.jobs.lifecycle import KeyReused, queue_job
from generations.jobs.models import Job
from generations.projects.models import Project

LONGEST_KEY = 64


def queue_all(
    *,
    project: Project,
    user: User,
    ask: VideoAsk,
    copies: int,
    takes_seed: bool,
    key: str,
    now: dt.datetime,
    parent: Job | None = None,
) -> list[Job]:
    """So many jobs in one transaction; the same key and request give the same jobs again.

    Raises as queue_job: nothing has moved.
    """
    keys = [key_of(key, place) for place in range(1, MOST_COPIES + 1)]
    made = Job.objects.filter(project=project, key__in=keys).count()
    if made not in (0, copies):  # the form was sent before, for another number
        raise KeyReused(key)
    asks = variations(ask, copies, key, takes_seed=takes_seed)
    with transaction.atomic():
        return [
            queue_job(project=project, user=user, ask=each, key=own, now=now, parent=parent, among=copies)
            for each, own in zip(asks, keys, strict=False)
        ]


def key_of(key: str, place: int) -> str:
    """The first job has the form's own key."""
    return key if place == 1 else f"{key[: LONGEST_KEY - 2]}.{place}"


def variations(ask: VideoAsk, copies: int, key: str, *, takes_seed: bool) -> list[VideoAsk]:
    """One alone is as it was asked. Of several each has a seed: the one asked for and those after it, else any.

    Any seed is drawn from the form's key, so that the same form pressed twice asks for the same.
    """
    if copies == 1 or not takes_seed:
        return [ask] * copies
    first = _drawn(key) if ask.seed is None else ask.seed
    return [replace(ask, seed=(first + place) % (MAX_SEED + 1)) for place in range(copies)]


def _drawn(key: str) -> int:
    return int.from_bytes(hashlib.sha256(key.encode()).digest()[:4]) % (MAX_SEED + 1)
