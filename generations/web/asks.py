"""What an approver looks at before deciding on an ask, and where one's own asks stand. The page: approvals.py."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q, QuerySet

from generations.accounts.models import Seat, User
from generations.jobs import approvals, preview
from generations.jobs.models import Job, JobEvent
from generations.jobs.states import State
from generations.ledger import reports
from generations.ledger.reports import Wanted
from generations.projects.models import Project, Role
from generations.web.budgets import Owner, Row, rows_for
from generations.web.inputs import Receipt, inputs_of

LATELY = dt.timedelta(days=30)
DECIDED_SHOWN = 20
WAS_DECIDED = Q(old_state=State.AWAITING_APPROVAL)


@dataclass(frozen=True, slots=True)
class History:
    """What the asker has asked for and made in this project, ever; and spent in it this month."""

    made: int
    asked: int
    approved: int
    rejected: int
    spent_micros: int


@dataclass(frozen=True, slots=True)
class Ask:
    """A job that waits, with what one looks at before deciding. `budgets` are those that bound it."""

    job: Job
    expires_at: dt.datetime
    budgets: list[Row]
    history: History
    inputs: list[Receipt]
    body: dict[str, Any]  # what will be posted, but for the addresses that only the relay can give

    @property
    def prompt_sent(self) -> str:
        return str(self.body.get("prompt", ""))


@dataclass(frozen=True, slots=True)
class Own:
    """An ask of one's own: until when it waits, and for whose word."""

    job: Job
    expires_at: dt.datetime
    deciders: list[User]


def asks_for(jobs: Iterable[Job], now: dt.datetime) -> list[Ask]:
    """The same project, person or history is looked up once, however many asks it is for."""
    jobs = list(jobs)
    owners: set[Owner] = {None, *(job.project for job in jobs), *(job.user for job in jobs)}
    rows = {row.owner: row for row in rows_for(owners, now, lambda owner: False)}
    histories = {(job.project, job.user): _history(job, now) for job in {(j.project, j.user): j for j in jobs}.values()}
    return [
        Ask(
            job,
            expiry_of(job),
            [rows[None], rows[job.project], rows[job.user]],
            histories[job.project, job.user],
            inputs_of(job),
            preview.body(job),
        )
        for job in jobs
    ]


def expiry_of(job: Job) -> dt.datetime:
    return job.created_at + approvals.WAITS_FOR


def _history(job: Job, now: dt.datetime) -> History:
    theirs = Job.objects.filter(project=job.project, user=job.user)
    decided = JobEvent.objects.filter(WAS_DECIDED, job__project=job.project, job__user=job.user)
    asked = JobEvent.objects.filter(old_state="", new_state=State.AWAITING_APPROVAL, job__in=theirs)
    counts = decided.aggregate(
        approved=Count("pk", filter=Q(new_state=State.QUEUED)),
        rejected=Count("pk", filter=Q(job__failure_code=approvals.REJECTED)),
    )
    made = theirs.filter(state=State.SUCCEEDED).count()
    return History(made=made, asked=asked.count(), **counts, spent_micros=_spent(job, now))


def _spent(job: Job, now: dt.datetime) -> int:
    today = now.astimezone(dt.UTC).date()
    theirs = Wanted(
        user=job.user,
        currency=job.currency,
        first=today.replace(day=1),
        last=today,
        project=job.project,
        person=job.user,
    )
    return reports.total(theirs).cost_micros


def own_asks(user: User, decidable: QuerySet[Job]) -> list[Own]:
    """One's asks that wait for somebody else, the longest waiting first."""
    own = Job.objects.visible_to(user).filter(user=user, state=State.AWAITING_APPROVAL)
    jobs = own.exclude(pk__in=decidable.values("pk")).select_related("project", "model").order_by("created_at")
    deciders = {job.project: _deciders(job.project, user) for job in jobs}
    return [Own(job, expiry_of(job), deciders[job.project]) for job in jobs]


def _deciders(project: Project, asker: User) -> list[User]:
    """The project's managers; where there is none but the asker, the admins."""
    others = User.objects.filter(is_active=True).exclude(pk=asker.pk).exclude(seat=Seat.BILLING)
    managers = others.filter(memberships__project=project, memberships__role=Role.MANAGER)
    return list(managers.order_by("name", "email") or others.filter(seat=Seat.ADMIN).order_by("name", "email"))


def decided_lately(user: User, now: dt.datetime) -> QuerySet[JobEvent]:
    """What became of one's own asks, and of those on which one may decide, of the last thirty days."""
    events = JobEvent.objects.filter(
        WAS_DECIDED, job__project__in=Project.objects.visible_to(user), job__created_at__gte=now - LATELY
    )
    if not user.is_admin:
        managed = Project.objects.filter(memberships__user=user, memberships__role=Role.MANAGER)
        events = events.filter(Q(job__user=user) | Q(job__project__in=managed))
    return events.select_related("job__project", "job__user", "actor").order_by("-id")[:DECIDED_SHOWN]
