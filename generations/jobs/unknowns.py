"""Outcomes that nobody knows: who looks after one, and the three ways in which a person ends it.

A task id is attached (the relay is asked first), it is confirmed that nothing was made, or it is sent again knowingly.
Every verb moves at most once; a second press, or a callback in between, finds it moved and changes nothing.
"""

from __future__ import annotations

import datetime as dt

from django.db import IntegrityError, transaction
from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from generations import queue
from generations.accounts.models import User
from generations.catalog.models import Kind
from generations.jobs import superseded
from generations.jobs.exchanges import keep_exchange
from generations.jobs.lifecycle import WAKE_UP_GRACE, ProjectArchived
from generations.jobs.models import Attempt, Inquiry, Job, JobEvent
from generations.jobs.observing import disagreement, observe
from generations.jobs.sending import Clock, bind
from generations.jobs.states import Overtaken, State
from generations.ledger import holds
from generations.ledger.models import Currency, Hold
from generations.projects.models import Membership, Project, Role
from generations.relay.client import Relay
from generations.relay.errors import RelayFault, UnknownTask
from generations.relay.exchange import Exchange as Said
from generations.relay.reading import TASK_ID
from generations.relay.wire import Task

ASK_AGAIN = dt.timedelta(seconds=5)
GIVE_UP_ASKING = dt.timedelta(minutes=10)


class Resolved(Exception):
    """It is not unknown any more: nothing was changed."""


class NotATaskId(ValueError):
    """No relay gives such an id."""


def open_attempts() -> QuerySet[Attempt]:
    """The attempts of which nobody knows what became, with `since`; oldest first."""
    lost_at = JobEvent.objects.filter(job=OuterRef("job_id"), name=JobEvent.Name.STATE, new_state=State.UNKNOWN)
    return (
        Attempt.objects.filter(_is_open())
        .select_related("job__project", "job__user", "job__owner", "job__sku", "job__model", "hold")
        .annotate(since=Coalesce("superseded_at", Subquery(lost_at.order_by("-id").values("at")[:1])))
        .order_by("since", "id")
    )


def _is_open() -> Q:
    of_job = Q(superseded_at=None, job__state=State.UNKNOWN)
    return of_job | Q(superseded_at__isnull=False, relay_task_id=None, hold__state=Hold.State.OPEN)


def open_to(user: User) -> QuerySet[Attempt]:
    """Those that this person may resolve: an admin all, a manager those of their projects."""
    if user.is_admin:
        return open_attempts()
    managed = Membership.objects.filter(user=user, role=Role.MANAGER).values("project")
    return open_attempts().filter(job__project__in=Project.objects.visible_to(user).filter(pk__in=managed))


def is_open(attempt: Attempt) -> bool:
    return Attempt.objects.filter(_is_open(), pk=attempt.pk).exists()


def claim(job: Job, actor: User, now: dt.datetime) -> None:
    """This person looks after it from now on. Raises Resolved."""
    if job.state != State.UNKNOWN:
        raise Resolved
    if job.owner == actor:
        return
    try:
        with transaction.atomic():
            job.change(owner=actor)
            job.record(JobEvent.Name.CLAIMED, now=now, actor=actor)
    except Overtaken:
        raise Resolved from None


def confirm_not_made(attempt: Attempt, *, actor: User, reason: str, now: dt.datetime) -> None:
    """A person says that the relay has nothing to bill for it: the hold is given back. Raises Resolved."""
    if not is_open(attempt):
        raise Resolved
    said = f"Not made, as {actor} confirmed: {reason}"
    try:
        with transaction.atomic():
            if attempt.superseded_at:
                superseded.release(attempt, f"not made, as confirmed: {reason}", now, actor)
                return
            _end(attempt.job, said, actor, now)
            holds.release(attempt.hold, now)
    except (Overtaken, holds.AlreadySettled):
        raise Resolved from None


def _end(job: Job, said: str, actor: User, now: dt.datetime) -> None:
    if job.cancel_requested_at:
        job.advance(State.CANCELLED, now=now, actor=actor, note=said)
    else:
        job.advance(State.FAILED, now=now, actor=actor, note=said, failure_code="not_made", failure_message=said)


def send_again(attempt: Attempt, *, actor: User, now: dt.datetime) -> None:
    """A new attempt with a hold of its own; the first one's hold stays, for the relay may bill both.

    Raises Resolved, ProjectArchived, budgets.OverBudget, budgets.Paused; then nothing has moved.
    """
    job = attempt.job
    if job.state != State.UNKNOWN or attempt.superseded_at:
        raise Resolved
    if job.project.is_archived:
        raise ProjectArchived(job.project.slug)
    try:
        with transaction.atomic():
            _supersede(attempt, actor, now)
    except (Overtaken, IntegrityError):
        raise Resolved from None


def _supersede(attempt: Attempt, actor: User, now: dt.datetime) -> None:
    job = attempt.job
    job.advance(
        State.QUEUED,
        now=now,
        actor=actor,
        note="Sent again, knowing that the relay may have it already and bill both.",
        next_action_at=now + WAKE_UP_GRACE,
        cancel_requested_at=None,
        failure_message="",
    )
    hold = holds.place_hold(
        project=job.project,
        user=job.user,
        currency=Currency(job.currency),
        amount_micros=job.estimate_micros,
        model=job.model.name,
        resolution=job.resolution,
        now=now,
    )
    look_at = now if attempt.relay_task_id or attempt.hints else None
    Attempt.objects.filter(pk=attempt.pk).update(superseded_at=now, look_at=look_at)
    Attempt.objects.create(job=job, number=attempt.number + 1, hold=hold, approved_by=actor)
    queue.wake("submit_job", str(job.pk))


def attach(attempt: Attempt, *, task_id: str, actor: User, now: dt.datetime) -> Inquiry:
    """Has the relay asked whether this task is the attempt's. The same id twice is one inquiry.

    Raises Resolved, NotATaskId.
    """
    if not TASK_ID.fullmatch(task_id) or attempt.job.kind == Kind.IMAGE:  # images are no task
        raise NotATaskId(task_id)
    if not is_open(attempt):
        raise Resolved
    with transaction.atomic():
        inquiry, made = Inquiry.objects.get_or_create(
            attempt=attempt,
            task_id=task_id,
            decided_at=None,
            defaults={"actor": actor, "at": now, "look_at": now + ASK_AGAIN},
        )
        if made:
            queue.wake("inquire", inquiry.pk)
    return inquiry


def wake_due(now: dt.datetime) -> int:
    """Asks again for every inquiry that is still open; how many there were."""
    is_lost = Q(look_at__gt=now + superseded.FARTHEST)  # the clock was set back
    due = list(Inquiry.objects.filter(Q(look_at__lte=now) | is_lost)[:50])
    for inquiry in due:
        if Inquiry.objects.filter(pk=inquiry.pk, look_at=inquiry.look_at).update(look_at=now + 6 * ASK_AGAIN):
            queue.wake("inquire", inquiry.pk)
    return len(due)


def inquire(inquiry: Inquiry, relay: Relay, clock: Clock) -> None:
    """Asks the relay for the task and decides. Without an answer it is asked again, for ten minutes."""
    attempt, verdict = inquiry.attempt, Inquiry.Verdict
    if inquiry.decided_at:
        return
    if not is_open(attempt) or attempt.relay_task_id not in {None, inquiry.task_id}:
        decide(inquiry, verdict.BOUND if attempt.relay_task_id == inquiry.task_id else verdict.TOO_LATE, clock())
        return
    try:
        task, said = relay.read(inquiry.task_id)
    except UnknownTask as fault:
        decide(inquiry, verdict.NO_SUCH_TASK, clock(), fault.message)
        return
    except RelayFault as fault:
        _ask_later(inquiry, fault, clock())
        return
    if reason := disagreement(attempt, task):
        taken = Attempt.objects.filter(relay_task_id=inquiry.task_id).exclude(pk=attempt.pk).exists()
        decide(inquiry, verdict.TAKEN if taken else verdict.DIFFERS, clock(), reason)
        return
    decide(inquiry, _take(inquiry, task, said, clock()), clock())


def _take(inquiry: Inquiry, task: Task, said: Said, now: dt.datetime) -> Inquiry.Verdict:
    """Binds the task to the attempt and lets its job follow it; whoever was faster keeps what they did."""
    attempt, verdict = inquiry.attempt, Inquiry.Verdict
    if attempt.superseded_at:
        return verdict.BOUND if superseded.adopt(attempt, task, said, now) else verdict.TOO_LATE
    try:
        if attempt.relay_task_id is None and not bind(attempt.job, attempt, inquiry.task_id, now, inquiry.actor):
            return verdict.TAKEN
    except Overtaken:
        return verdict.TOO_LATE
    keep_exchange(attempt, said, now)
    observe(attempt.job, task, said, now)
    return verdict.BOUND


def _ask_later(inquiry: Inquiry, fault: RelayFault, now: dt.datetime) -> None:
    if now - inquiry.at > GIVE_UP_ASKING:
        decide(inquiry, Inquiry.Verdict.NO_ANSWER, now, fault.message)
    else:
        Inquiry.objects.filter(pk=inquiry.pk, decided_at=None).update(look_at=now + ASK_AGAIN, text=fault.message[:300])


def decide(inquiry: Inquiry, verdict: Inquiry.Verdict, now: dt.datetime, text: str = "") -> None:
    same = Inquiry.objects.filter(pk=inquiry.pk, decided_at=None)
    same.update(verdict=verdict, decided_at=now, look_at=None, text=text[:300])
