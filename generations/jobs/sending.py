"""One job sent to the relay: committed as SENDING first, then posted once, then judged by what came back."""

from __future__ import annotations

import datetime as dt
import hashlib
import random
import secrets
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction

from generations import queue
from generations.accounts.models import User
from generations.catalog.models import Kind
from generations.jobs import breaker, imaging, leases, line, showing, writing
from generations.jobs.exchanges import keep_exchange, record_anomaly
from generations.jobs.lifecycle import cancel_job
from generations.jobs.models import Attempt, Job
from generations.jobs.states import Overtaken, State
from generations.ledger import budgets, holds
from generations.media import archive
from generations.media.errors import MediaFault
from generations.projects.models import Membership, Project, Role
from generations.relay.client import Relay
from generations.relay.errors import (
    BalanceTooLow,
    KeyRefused,
    NotAccepted,
    NotSent,
    RateLimited,
    Refused,
    RelayFault,
    Unknown,
    Unreadable,
)
from generations.relay.exchange import Exchange as Said
from generations.relay.images import ImageRequest
from generations.relay.wire import Reference, Task, VideoRequest

NOT_ACCEPTED_TRIES = 4
ROOM_AGAIN, PAUSED_AGAIN = dt.timedelta(seconds=30), dt.timedelta(seconds=15)
CALLBACK_HIDDEN = "(the studio's callback address)"

Clock = Callable[[], dt.datetime]
Order = VideoRequest | ImageRequest


def send(job: Job, relay: Relay, clock: Clock) -> None:
    """Sends a queued job, or puts it off, or cancels it for who may not send it any more. Raises Overtaken."""
    if job.state != State.QUEUED:
        raise Overtaken(str(job.pk))
    if reason := _why_not(job):
        cancel_job(job, actor=None, now=clock(), note=reason)
        return
    if blocked := _blocked_until(job, clock()):
        until, reason = blocked
        job.change(**_put_off(until, clock()), waiting_reason=reason)
        return
    if job.claims >= leases.MOST_CLAIMS:
        _refused(job, "crashed", "Sending it has brought the studio's workers down three times.", clock())
        return
    job.change(claims=job.claims + 1, next_action_at=clock() + leases.LEASE)
    if not _is_shown(job, relay, clock):
        return
    request, attempt = _commit_sending(job, clock())
    with leases.kept(job, clock):
        try:
            write = _post(job, attempt, request, relay)
        except RelayFault as fault:
            _not_running(job, attempt, fault, clock())
        else:
            writing.insist(write, job, clock)


def _post(job: Job, attempt: Attempt, request: Order, relay: Relay) -> Callable[[dt.datetime], None]:
    """Posts it once; what writes the answer down. Raises a RelayFault."""
    if isinstance(request, ImageRequest):
        return imaging.order(job, attempt, request, relay)
    task, said = relay.create(request)
    return partial(_running, job, attempt, task, said)


def _is_shown(job: Job, relay: Relay, clock: Clock) -> bool:
    """Whether the relay has every file that the job shows; else the job is put off, or refused."""
    try:
        showing.bring(job, relay, clock)
    except Unreadable as fault:  # it cost nothing, so it may be sent again
        _not_running(job, job.attempt, NotSent(fault.message, exchange=fault.exchange), clock())
    except RelayFault as fault:
        _not_running(job, job.attempt, fault, clock())
    except (MediaFault, FileNotFoundError):
        if job.tries + 1 >= NOT_ACCEPTED_TRIES:
            _refused(job, "input_lost", "A file that it shows can't be read any more.", clock())
        else:
            _again(job, clock() + backoff(job.tries), "A file that it shows can't be read just now.", clock())
    else:
        return True
    return False


def _blocked_until(job: Job, now: dt.datetime) -> tuple[dt.datetime, str] | None:
    """(when to look again, why) while nothing may be sent. What could not be kept is not bought."""
    if not archive.free_space_ok():
        return now + ROOM_AGAIN, "The studio's disk is full; it is sent when there is room."
    if budgets.pause_on(job.project, job.user, job.currency):
        return now + PAUSED_AGAIN, "Paused by who looks after the money; it is sent when that ends."
    return breaker.blocked_until(job.is_sandbox, now)


def _why_not(job: Job) -> str:
    """Why this job may not be sent any more, or ''. Read again inside the transaction that commits SENDING."""
    if job.cancel_requested_at:
        return "Cancelled before it was sent."
    if job.is_sandbox != settings.IS_SANDBOX:
        return "It was asked for at another relay than the studio's present one."
    if job.project.is_archived:
        return "The project was archived before it was sent."
    role = job.project.role_of(job.user)
    if role is None or not role.covers(Role.MEMBER):
        return "Who asked for it may not generate in this project any more."
    return ""


@transaction.atomic
def _commit_sending(job: Job, now: dt.datetime) -> tuple[Order, Attempt]:
    token = secrets.token_urlsafe(32)
    request = imaging.build_request(job) if job.kind == Kind.IMAGE else build_request(job, token)
    _hold_rights(job)
    if _why_not(job) or budgets.pause_on(job.project, job.user, job.currency):
        raise Overtaken(str(job.pk))
    job.advance(State.SENDING, now=now, next_action_at=now + leases.LEASE, tries=job.tries)
    attempt = job.attempt
    attempt.token_hash, attempt.request_body, attempt.sending_at = hash_token(token), body_kept(request), now
    attempt.save(update_fields=["token_hash", "request_body", "sending_at"])
    line.take_turn(job.user_id, now)
    return request, attempt


def _hold_rights(job: Job) -> None:
    """Reads what allows the send anew, and lets nobody change it before SENDING is committed.

    SQLite has one writer anyway. The order is that of projects.membership: who is in it, then the project.
    """
    list(Membership.objects.select_for_update(no_key=True).filter(project=job.project_id, user=job.user_id))
    job.user.refresh_from_db(from_queryset=User.objects.select_for_update(no_key=True))
    job.project.refresh_from_db(from_queryset=Project.objects.select_for_update(no_key=True))


def build_request(job: Job, token: str, content: tuple[Reference, ...] | None = None) -> VideoRequest:
    """What is posted for this job; the callback address only where the relay can reach us."""
    can_choose_sound, is_clip = job.model.audio == "optional", job.kind == Kind.CLIP  # an upscale takes its video only
    return VideoRequest(
        model=job.sku.relay_model,
        prompt=showing.prompt_sent(job),
        seconds=job.seconds,
        ratio=job.ratio if is_clip else None,
        resolution=job.resolution if is_clip else None,
        generate_audio=job.audio if can_choose_sound else None,
        seed=job.seed,
        callback_url=f"{settings.PUBLIC_URL}/callbacks/{token}/" if settings.PUBLIC_URL else None,
        content=showing.content(job) if content is None else content,
    )


def body_kept(request: Order) -> dict[str, object]:
    """The body for the receipt: the callback address is left out."""
    if isinstance(request, VideoRequest) and request.callback_url:
        request = replace(request, callback_url=CALLBACK_HIDDEN)
    return request.to_json()


def hash_token(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _running(job: Job, attempt: Attempt, task: Task, said: Said, now: dt.datetime) -> None:
    """The relay has it. A callback may have bound the task first: then only the exchange is kept."""
    breaker.close(job.is_sandbox, now)
    task_id = str(task.task_id)
    keep_exchange(attempt, said, now)
    try:
        bound = bind(job, attempt, task_id, now)
    except Overtaken:
        bound = _bind_late(job, attempt, task_id, now)
    if not bound:  # a job that was given up meanwhile stays where it is
        tell = _lost if job.state == State.SENDING else record_anomaly
        tell(job, "The relay answered with a task that belongs to another job.", now)


def _bind_late(job: Job, attempt: Attempt, task_id: str, now: dt.datetime) -> bool:
    """Somebody moved the job while the relay answered: a callback bound it, or the lease ran out."""
    job.refresh_from_db()
    attempt.refresh_from_db()
    if attempt.superseded_at:
        return _hint_late(attempt, task_id)
    if attempt.relay_task_id is None and job.state in {State.SENDING, State.UNKNOWN}:
        return bind(job, attempt, task_id, now)
    if attempt.relay_task_id != task_id:
        record_anomaly(job, f"The relay answered with another task than its callback named: {task_id}", now)
    return True


def _hint_late(attempt: Attempt, task_id: str) -> bool:
    """A person has sent it again in the meantime: superseded.py sees to what the relay has after all."""
    Attempt.objects.filter(pk=attempt.pk).update(hints=[*attempt.hints, task_id])
    queue.wake("observe_job", attempt.pk)
    return True


def bind(job: Job, attempt: Attempt, task_id: str, now: dt.datetime, actor: User | None = None) -> bool:
    """Gives the attempt its task and moves the job to RUNNING. False when another attempt has that task.

    Raises Overtaken when the job was moved meanwhile.
    """
    try:
        with transaction.atomic():
            job.advance(
                State.RUNNING, now=now, actor=actor, running_at=now, next_action_at=now + dt.timedelta(seconds=1)
            )
            free = Attempt.objects.filter(pk=attempt.pk, relay_task_id=None)
            if free.update(relay_task_id=task_id, answered_at=now) != 1:
                raise Overtaken(str(job.pk))
    except IntegrityError:
        job.refresh_from_db()
        return False
    return True


def _not_running(job: Job, attempt: Attempt, fault: RelayFault, now: dt.datetime) -> None:
    keep_exchange(attempt, fault.exchange, now)
    match fault:
        case RateLimited():
            until = now + dt.timedelta(seconds=fault.retry_after_seconds or 2.0 ** min(job.tries, 6))
            breaker.pause(job.is_sandbox, until)
            if job.state == State.SENDING:  # a file that met the limit has taken no turn
                line.give_back(job.user_id)
            _again(job, until, "The relay asked us to slow down.", now)
        case KeyRefused() | BalanceTooLow():
            breaker.open_for(job.is_sandbox, _in_words(fault), now)
            _again(job, now + breaker.PROBE_EVERY, _in_words(fault), now)
        case Refused() if job.state == State.SENDING and showing.stopped_working(job, fault.message, now):
            _again(job, now, "The relay could not read a file that it shows: it is sent anew.", now)
        case Refused():
            _refused(job, fault.code, fault.message, now)
        case NotAccepted() if job.tries + 1 >= NOT_ACCEPTED_TRIES:
            _refused(job, "not_accepted", fault.message, now)
        case NotAccepted() | NotSent():
            breaker.count_failure(job.is_sandbox, fault.message, now)
            _again(job, now + backoff(job.tries), f"The relay could not take it: {fault.message}", now)
        case Unknown() | _:
            _lost(job, fault.message, now)


def _in_words(fault: Refused) -> str:
    what = "The relay refuses the studio's key" if isinstance(fault, KeyRefused) else "The relay's balance is too low"
    return f"{what}: {fault.message}"


def _again(job: Job, at: dt.datetime, reason: str, now: dt.datetime) -> None:
    """Back to the queue: it was surely not accepted."""
    changes = _put_off(at, now) | {"tries": job.tries + 1, "waiting_reason": reason[:200]}
    if job.state == State.QUEUED:  # not even its files got there
        job.change(**changes, claims=0)
    else:
        job.advance(State.QUEUED, now=now, note=reason, **changes)


def _put_off(until: dt.datetime, now: dt.datetime) -> dict[str, Any]:
    """The breaker keeps it from being sent before `until`, not this: somebody looks again within five minutes."""
    look_at = min(until, now + leases.LONGEST_WAIT)
    return {"next_action_at": look_at, "ready_at": look_at}


@transaction.atomic
def _refused(job: Job, code: str, message: str, now: dt.datetime) -> None:
    job.advance(State.FAILED, now=now, note=message, failure_code=code[:120], failure_message=message)
    holds.release(job.attempt.hold, now)


def _lost(job: Job, message: str, now: dt.datetime) -> None:
    """Nobody can know whether the relay has it: the hold is kept, and only a person may send it again."""
    note = f"The relay may have it: {message}"
    job.advance(State.UNKNOWN, now=now, note=note, next_action_at=None, failure_message=message)


def give_up_sending(job: Job, now: dt.datetime) -> None:
    """A SENDING whose worker has gone: the request may have left. Raises Overtaken."""
    if job.state != State.SENDING:
        raise Overtaken(str(job.pk))
    _lost(job, "the studio stopped while it was being sent.", now)


def backoff(tries: int) -> dt.timedelta:
    """1 s, 2 s, 4 s … 5 minutes, each with jitter."""
    return dt.timedelta(seconds=min(300.0, 2.0**tries) * random.uniform(0.7, 1.3))  # noqa: S311 - jitter
