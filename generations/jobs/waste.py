"""Waste: jobs that brought nobody anything, of one month, per person and project. Whose one sees: ledger/sight.py."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, cast

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Sum

from generations.accounts.models import User
from generations.jobs import approvals, policy
from generations.jobs.first_uses import FirstUse
from generations.jobs.models import Job, Output
from generations.jobs.states import State
from generations.ledger import sight
from generations.ledger.models import Currency
from generations.ledger.reports import midnight, next_month
from generations.projects.models import Project

KINDS = ("failed", "refused", "rejected", "repeated", "unplayed", "unloaded")
PAID = ("repeated", "unplayed", "unloaded")  # those that have cost something

_kept = Output.objects.filter(job=OuterRef("pk"), media__isnull=False)
_used = FirstUse.objects.filter(output__job=OuterRef("pk"))
_before = Job.objects.filter(
    project=OuterRef("project"),
    request_hash=OuterRef("request_hash"),
    is_sandbox=OuterRef("is_sandbox"),
    created_at__lt=OuterRef("created_at"),
    state=State.SUCCEEDED,
)
_ready = Q(state=State.SUCCEEDED)
WHICH: dict[str, Q] = {
    "failed": Q(state=State.FAILED) & ~policy.REFUSED,
    "refused": Q(state=State.FAILED) & policy.REFUSED,
    "rejected": Q(state=State.CANCELLED, failure_code=approvals.REJECTED),
    "repeated": _ready & Q(Exists(_before)),
    "unplayed": _ready & Q(Exists(_kept)) & ~Q(Exists(_used)),  # whoever downloads it plays it elsewhere
    "unloaded": _ready & Q(Exists(_kept)) & ~Q(Exists(_used.filter(kind=FirstUse.Kind.DOWNLOAD))),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Whose jobs, in which money, asked for in which month (its first day, UTC)."""

    user: User
    currency: Currency
    month: dt.date
    project: Project | None = None
    person: User | None = None

    def jobs(self) -> QuerySet[Job]:
        mine = Job.objects.filter(sight.of(self.user), is_sandbox=self.currency == Currency.SBX)
        if self.project:
            mine = mine.filter(project=self.project)
        if self.person:
            mine = mine.filter(user=self.person)
        return mine.filter(created_at__gte=midnight(self.month), created_at__lt=midnight(next_month(self.month)))

    def wasted(self, kind: str) -> QuerySet[Job]:
        """The jobs behind a figure."""
        return self.jobs().filter(WHICH[kind])


@dataclass(frozen=True, slots=True)
class Line:
    """The figures of one project, person, or of all: counts of jobs by kind, and what the paid ones have cost."""

    key: Any
    jobs: int
    counts: dict[str, int]
    micros: dict[str, int]


def lines(wanted: Wanted) -> list[Line]:
    """One for each project and person together, keyed (project, user); one query."""
    sums: dict[str, Any] = {f"n_{kind}": Count("pk", filter=WHICH[kind]) for kind in KINDS}
    sums |= {f"micros_{kind}": Sum("cost_micros", filter=WHICH[kind], default=0) for kind in PAID}
    found = wanted.jobs().values(key_project=F("project"), key_user=F("user")).annotate(jobs=Count("pk"), **sums)
    rows: Iterable[dict[str, Any]] = cast(Any, found.order_by())
    return [
        Line(
            (row["key_project"], row["key_user"]),
            row["jobs"],
            {kind: row[f"n_{kind}"] for kind in KINDS},
            {kind: row[f"micros_{kind}"] for kind in PAID},
        )
        for row in rows
    ]


def added(key: Any, several: Iterable[Line]) -> Line:
    several = list(several)
    return Line(
        key,
        sum(line.jobs for line in several),
        {kind: sum(line.counts[kind] for line in several) for kind in KINDS},
        {kind: sum(line.micros[kind] for line in several) for kind in PAID},
    )


def grouped(every: Iterable[Line], position: int) -> list[Line]:
    """Added up by project (0) or by person (1), those with the dearest unplayed clips first."""
    groups: dict[Any, list[Line]] = {}
    for line in every:
        groups.setdefault(line.key[position], []).append(line)
    made = [added(key, several) for key, several in groups.items()]
    return sorted(made, key=lambda line: (-line.micros["unplayed"], -line.jobs, line.key))
