"""What there is to tell, and to whom: read from events, marks, alerts and inquiries. Writes nothing."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from django.db.models import Q

from generations.accounts.models import Seat, User
from generations.health.models import Alert
from generations.jobs import approvals, policy
from generations.jobs.models import Inquiry, Job, JobEvent
from generations.jobs.states import State
from generations.ledger.models import Budget, BudgetMark
from generations.notices.models import Kind
from generations.projects.models import Membership, Role

LOOKED_BACK = dt.timedelta(days=1)  # over rows that are few: what was told already is known by its key
TOLD_STATES = (
    State.AWAITING_APPROVAL,
    State.QUEUED,
    State.SUCCEEDED,
    State.FAILED,
    State.CANCELLED,
    State.UNKNOWN,
)
ENDS = {approvals.REJECTED: Kind.REJECTED, approvals.EXPIRED: Kind.LAPSED}


@dataclass(frozen=True, slots=True)
class Fact:
    """`key` names it for good; `about` is the foreign key of the notice: {"job_id": …}."""

    kind: Kind
    key: str
    at: dt.datetime
    people: frozenset[int]
    about: Mapping[str, int | uuid.UUID]


@dataclass(frozen=True)
class Crew:
    """Who looks after what, as it is at this moment."""

    admins: frozenset[int]
    billing: frozenset[int]
    managers: dict[int, set[int]] = field(default_factory=dict)  # by project

    def deciders(self, project_id: int) -> frozenset[int]:
        return self.admins | self.managers.get(project_id, set())


def crew() -> Crew:
    seats = dict(User.objects.filter(is_active=True).exclude(seat=Seat.NONE).values_list("pk", "seat"))
    found = Crew(_in_seat(seats, Seat.ADMIN), _in_seat(seats, Seat.BILLING))
    managers = Membership.objects.filter(role=Role.MANAGER, user__is_active=True).exclude(user__seat=Seat.BILLING)
    for project_id, user_id in managers.values_list("project", "user"):
        found.managers.setdefault(project_id, set()).add(user_id)
    return found


def _in_seat(seats: dict[int, str], seat: Seat) -> frozenset[int]:
    return frozenset(user_id for user_id, has in seats.items() if has == seat)


def of_events(events: Iterable[JobEvent], crew: Crew) -> Iterator[Fact]:
    """Those of them (with their jobs) that somebody is to know."""
    for event in events:
        kind = _kind(event, event.job)
        people = _people(kind, event.job, crew) if kind else frozenset()
        if kind and people - {event.actor_id}:
            about = {"job_id": event.job_id}
            yield Fact(kind, f"event:{event.pk}", event.at, people - {event.actor_id}, about)


def _kind(event: JobEvent, job: Job) -> Kind | None:
    match event.new_state:
        case State.SUCCEEDED:
            return Kind.READY
        case State.FAILED:
            return Kind.BLOCKED if policy.is_refused(job) else Kind.FAILED
        case State.CANCELLED:
            return ENDS.get(job.failure_code, Kind.FAILED)
        case State.UNKNOWN:
            return Kind.UNKNOWN
        case State.AWAITING_APPROVAL:
            return Kind.ASKED
        case State.QUEUED if event.old_state == State.AWAITING_APPROVAL:
            return Kind.APPROVED
    return None


def _people(kind: Kind, job: Job, crew: Crew) -> frozenset[int]:
    if kind == Kind.ASKED:
        return crew.deciders(job.project_id) - {job.user_id}
    if kind == Kind.UNKNOWN:
        return crew.deciders(job.project_id) | {job.user_id}
    return frozenset({job.user_id})


def of_marks(crew: Crew, now: dt.datetime) -> Iterator[Fact]:
    marks = BudgetMark.objects.filter(at__gt=now - LOOKED_BACK).select_related("month__budget")
    for mark in marks:
        people = _who_bounds(mark.month.budget, crew)
        yield Fact(Kind.MARK, f"mark:{mark.pk}", mark.at, people, {"mark_id": mark.pk})


def _who_bounds(budget: Budget, crew: Crew) -> frozenset[int]:
    match budget.scope:
        case Budget.Scope.STUDIO:
            return crew.admins | crew.billing
        case Budget.Scope.PROJECT:
            return crew.billing | crew.managers.get(budget.project_id or 0, set())
    return frozenset({budget.user_id} if budget.user_id else ())


def of_alerts(crew: Crew, now: dt.datetime) -> Iterator[Fact]:
    """For admins, as they are sounded; of the pause also its end."""
    since = now - LOOKED_BACK
    for alert in Alert.objects.filter(Q(at__gt=since) | Q(cleared_at=None) | Q(cleared_at__gt=since)):
        about = {"alert_id": alert.pk}
        yield Fact(_alarm(alert), f"alert:{alert.pk}", alert.at, crew.admins, about)
        if alert.cleared_at and _alarm(alert) == Kind.PAUSED:
            yield Fact(Kind.RESUMED, f"alert:{alert.pk}:over", alert.cleared_at, crew.admins, about)


def _alarm(alert: Alert) -> Kind:
    if alert.key.startswith(("breaker:", "restore")):
        return Kind.PAUSED
    return Kind.EXPIRING if alert.key == "expiry" else Kind.ALERT


def of_inquiries(now: dt.datetime) -> Iterator[Fact]:
    """For who attached the task."""
    for found in Inquiry.objects.filter(decided_at__gt=now - LOOKED_BACK).select_related("attempt"):
        about: dict[str, int | uuid.UUID] = {"inquiry_id": found.pk, "job_id": found.attempt.job_id}
        at = found.decided_at or now
        yield Fact(Kind.ANSWERED, f"inquiry:{found.pk}", at, frozenset({found.actor_id}), about)
