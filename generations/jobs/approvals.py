"""Jobs that wait for somebody's word: above an amount a job is asked for, and sent only when it is approved.

Its money is held and its request is frozen from the moment it is asked for; approving runs exactly that.
"""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from generations import queue
from generations.accounts import audit
from generations.accounts.models import User
from generations.jobs.models import Attempt, Job, JobQuerySet
from generations.jobs.states import Overtaken, State
from generations.ledger import budgets, holds, money
from generations.ledger.models import Budget, Currency
from generations.projects.models import Membership, Project, Role

WAITS_FOR = dt.timedelta(days=7)
APPROVED_GRACE = dt.timedelta(seconds=5)
REJECTED, EXPIRED = "rejected", "not_approved"  # failure codes of a cancelled job


class MayNotDecide(Exception):
    """This person does not approve for this project, or it is their own job: nothing was changed."""


def needed(project: Project, user: User, currency: Currency, amount_micros: int) -> Budget | None:
    """The budget by whose rule a job of this estimate must be asked for; None: it goes straight out."""
    rule = budgets.ask_above(project, user, currency)
    return rule if rule and amount_micros > (rule.ask_above_micros or 0) else None


def reason(rule: Budget) -> str:
    """Why a job waits, for its card."""
    above = money.show(rule.ask_above_micros or 0, rule.currency)
    return f"A manager decides: it is above {above}."


def may_decide(job: Job, user: User) -> bool:
    """Managers of the project, but not on their own job; admins on every job."""
    return user.is_admin or (user.pk != job.user_id and job.project.role_of(user) == Role.MANAGER)


def waiting_for(user: User) -> JobQuerySet:
    """The jobs on which this person may decide, the longest waiting first."""
    waiting = Job.objects.filter(state=State.AWAITING_APPROVAL).order_by("created_at")
    if user.is_admin:
        return waiting
    managed = Membership.objects.filter(user=user, role=Role.MANAGER, project__in=Project.objects.visible_to(user))
    return waiting.filter(project__in=managed.values("project")).exclude(user=user)


def approve(job: Job, *, actor: User, now: dt.datetime) -> None:
    """Queues the job as it was asked for. Raises MayNotDecide; Overtaken when it waits no longer."""
    with transaction.atomic():
        _must_wait(job, actor)
        job.advance(State.QUEUED, now=now, actor=actor, note="Approved.", next_action_at=now + APPROVED_GRACE)
        Attempt.objects.filter(pk=job.attempt.pk).update(approved_by=actor)
        queue.wake("submit_job", str(job.pk))
        _record("approved", job, actor, now, {})


def reject(job: Job, *, actor: User, why: str, now: dt.datetime) -> None:
    """Cancels the job and gives its hold back. Raises MayNotDecide; Overtaken when it waits no longer."""
    with transaction.atomic():
        _must_wait(job, actor)
        _end(job, REJECTED, why, now, actor)
        _record("rejected", job, actor, now, {"why": why})


def expire(job: Job, now: dt.datetime) -> None:
    """Nobody has decided in time. Raises Overtaken."""
    with transaction.atomic():
        if job.state != State.AWAITING_APPROVAL or now - job.created_at < WAITS_FOR:
            raise Overtaken(str(job.pk))
        _end(job, EXPIRED, f"Nobody decided within {WAITS_FOR.days} days.", now, None)


def _must_wait(job: Job, actor: User) -> None:
    if not may_decide(job, actor):
        raise MayNotDecide(str(job.pk))
    if job.state != State.AWAITING_APPROVAL:
        raise Overtaken(str(job.pk))


def _end(job: Job, code: str, why: str, now: dt.datetime, actor: User | None) -> None:
    job.advance(State.CANCELLED, now=now, actor=actor, note=why, failure_code=code, failure_message=why)
    holds.release(job.attempt.hold, now)


def _record(decision: str, job: Job, actor: User, now: dt.datetime, more: dict[str, str]) -> None:
    asked = {"asker": job.user.email, "estimate_micros": job.estimate_micros}
    audit.record(f"job.{decision}", about=f"job {job.pk}", after=asked | more, actor=actor, now=now)
