"""The line of jobs that wait to be sent, for everybody: one's own and one's projects' in words, others' without any."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from generations.accounts.models import User
from generations.jobs import line
from generations.jobs.line import Place
from generations.jobs.models import Job
from generations.web.requests import Request

SHOWN = 100


@dataclass(frozen=True, slots=True)
class InLine:
    """One that waits; `job` is None when this person may not know whose it is, nor what."""

    place: Place
    job: Job | None
    is_mine: bool


@require_safe
def waiting(request: Request) -> HttpResponse:
    now = timezone.now()
    order = line.order(settings.IS_SANDBOX)
    seconds = line.seconds_each(settings.IS_SANDBOX, now)
    seen = _seen(request.user, order)
    rows = [_row(number, job_id, seconds, seen, request.user) for number, job_id in enumerate(order, start=1)]
    page = {
        "rows": rows[:SHOWN],
        "mine_beyond": [row for row in rows[SHOWN:] if row.is_mine][:SHOWN],
        "count": len(order),
        "now": now,
    }
    return render(request, "queue/queue.html", page)


def _seen(user: User, order: list[uuid.UUID]) -> dict[uuid.UUID, Job]:
    found = Job.objects.visible_to(user).filter(pk__in=order).select_related("project", "user", "model")
    return {job.pk: job for job in found}


def _row(number: int, job_id: uuid.UUID, seconds: float | None, seen: dict[uuid.UUID, Job], user: User) -> InLine:
    job = seen.get(job_id)
    return InLine(Place(number, line.wait(number, seconds)), job, job is not None and job.user_id == user.pk)
