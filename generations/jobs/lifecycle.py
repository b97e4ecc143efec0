"""A job asked for, cancelled, tried again. Between it and the relay: sending.py, observing.py, fetcher.py."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from dataclasses import asdict

from django.conf import settings
from django.db import IntegrityError, transaction

from generations import queue
from generations.accounts.models import User
from generations.catalog.models import Kind, VideoModel
from generations.composer import references
from generations.composer.ask import VideoAsk
from generations.jobs import approvals
from generations.jobs.estimate import Quote, quote
from generations.jobs.inputs import Input
from generations.jobs.models import Attempt, Job, JobEvent
from generations.jobs.states import UNFINISHED, Overtaken, State
from generations.ledger import budgets, holds
from generations.ledger.models import Currency
from generations.media import archive
from generations.projects.models import Project

WITH_THE_RELAY = UNFINISHED - {State.AWAITING_APPROVAL, State.QUEUED}
WAKE_UP_GRACE = dt.timedelta(seconds=5)  # a queued job is woken at once; pulse looks when nobody came


class KeyReused(Exception):
    """The same form key with another request: nothing was made."""


class ProjectArchived(Exception):
    """Nothing can be asked for in an archived project."""


class NoRoom(Exception):
    """The studio's disk is full: a clip that could not be kept is not asked for."""


class NotFinal(Exception):
    """The job is still under way, or nobody knows its outcome: it cannot be tried again."""


REFUSALS = (KeyReused, ProjectArchived, NoRoom, NotFinal)


def queue_job(
    *,
    project: Project,
    user: User,
    ask: VideoAsk,
    key: str,
    now: dt.datetime,
    parent: Job | None = None,
    among: int = 1,
) -> Job:
    """Holds the money and queues the job, in one transaction; above an amount it waits for approval instead.

    The same key and request give the same job again. Raises KeyReused, ProjectArchived, NoRoom, pricing.NoSku,
    pricing.NoPrice, budgets.OverBudget, budgets.Paused: nothing has moved. One `among` several that are asked for
    together waits for approval when all of them are too dear.
    """
    digest = request_hash(ask)
    if same := _same(project, user, key, digest):
        return same
    if project.is_archived:
        raise ProjectArchived(project.slug)
    if not archive.free_space_ok():
        raise NoRoom
    model = VideoModel.objects.listed(Kind(ask.kind)).get(name=ask.model)
    quoted = quote(ask, model)
    try:
        with transaction.atomic():
            return _insert(
                project, user, ask, model, quoted, key=key, digest=digest, now=now, parent=parent, among=among
            )
    except (IntegrityError, budgets.OverBudget, budgets.Paused):
        if same := _same(project, user, key, digest):  # another press of the same button was first, and took the money
            return same
        raise


def request_hash(ask: VideoAsk) -> str:
    """What makes two requests the same, whoever asks."""
    sent = asdict(ask) | {"prompt": references.resolve(ask.prompt, ask.given)}
    sent["given"] = [(each.role, each.sha256) for each in ask.given]
    if ask.kind == Kind.CLIP:  # as it was before there were others
        del sent["kind"], sent["images"]
    words = json.dumps(sent, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(words.encode()).hexdigest()


def _same(project: Project, user: User, key: str, digest: str) -> Job | None:
    job = Job.objects.filter(project=project, key=key).first()
    if job and (job.request_hash, job.user_id) != (digest, user.pk):
        raise KeyReused(key)
    return job


def _insert(
    project: Project,
    user: User,
    ask: VideoAsk,
    model: VideoModel,
    quoted: Quote,
    *,
    key: str,
    digest: str,
    now: dt.datetime,
    parent: Job | None,
    among: int,
) -> Job:
    currency = Currency.SBX if settings.IS_SANDBOX else Currency.USD
    hold = holds.place_hold(
        project=project,
        user=user,
        currency=currency,
        amount_micros=quoted.amount_micros,
        model=model.name,
        resolution=ask.resolution,
        now=now,
    )
    rule = approvals.needed(project, user, currency, quoted.amount_micros * among)
    job = Job.objects.create(
        project=project,
        user=user,
        parent=parent,
        key=key,
        request_hash=digest,
        is_sandbox=settings.IS_SANDBOX,
        kind=ask.kind,
        prompt=ask.prompt,
        model=model,
        sku=quoted.sku,
        price=quoted.price,
        resolution=ask.resolution,
        ratio=ask.ratio,
        seconds=ask.seconds,
        audio=ask.audio,
        seed=ask.seed,
        images=ask.images,
        state=State.AWAITING_APPROVAL if rule else State.QUEUED,
        next_action_at=now + (approvals.WAITS_FOR if rule else WAKE_UP_GRACE),
        waiting_reason=approvals.reason(rule) if rule else "",
        estimate_micros=quoted.amount_micros,
        created_at=now,
    )
    Input.objects.bulk_create(
        Input(job=job, position=position, role=each.role, tag=each.tag, media_id=each.media_id)
        for position, each in enumerate(ask.given)
    )
    Attempt.objects.create(job=job, number=1, hold=hold, approved_by=user)
    job.record(JobEvent.Name.STATE, now=now, old_state="", actor=user)
    if not rule:
        queue.wake("submit_job", str(job.pk))
    return job


def ask_of(job: Job) -> VideoAsk:
    """The request of this job, to be asked again."""
    return VideoAsk(
        prompt=job.prompt,
        model=job.model.name,
        resolution=job.resolution,
        ratio=job.ratio,
        seconds=job.seconds,
        audio=job.audio,
        seed=job.seed,
        kind=job.kind,
        images=job.images,
        given=tuple(each.given for each in job.inputs.select_related("media")),
    )


def retry_job(job: Job, *, user: User, key: str, now: dt.datetime) -> Job:
    """The same request as a new job with its own hold. Raises NotFinal, and what queue_job raises."""
    if not job.is_final:
        raise NotFinal(str(job.pk))
    return queue_job(project=job.project, user=user, ask=ask_of(job), key=key, now=now, parent=job)


def can_cancel(job: Job) -> bool:
    """Whether a cancel still stops the job before the relay has it."""
    return job.state in {State.AWAITING_APPROVAL, State.QUEUED}


def cancel_job(job: Job, *, actor: User | None, now: dt.datetime, note: str = "") -> bool:
    """Cancels for nothing (True), or flags a job that the relay already has: it is charged if it succeeds (False).

    Whoever is overtaken looks again, however often: a cancel that somebody asked for is never dropped.
    """
    while True:
        try:
            with transaction.atomic():
                return _cancel(job, actor, now, note)
        except Overtaken:
            job.refresh_from_db()


def _cancel(job: Job, actor: User | None, now: dt.datetime, note: str) -> bool:
    if can_cancel(job):
        job.advance(State.CANCELLED, now=now, actor=actor, note=note, cancel_requested_at=now)
        holds.release(job.attempt.hold, now)
        return True
    if not job.is_final and job.cancel_requested_at is None:
        _flag(job, now)
        job.record(JobEvent.Name.CANCEL_REQUESTED, now=now, actor=actor)
    return job.state == State.CANCELLED


def _flag(job: Job, now: dt.datetime) -> None:
    """Without a new version: a worker that is sending it must still be able to write down what the relay said.

    In whatever state it is by now, if only the relay has it.
    """
    there = Job.objects.filter(pk=job.pk, state__in=WITH_THE_RELAY, cancel_requested_at=None)
    if there.update(cancel_requested_at=now) != 1:
        raise Overtaken(str(job.pk))
    job.refresh_from_db()
