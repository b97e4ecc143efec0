"""The duplicate guard: whether a request has been made already, so that its clip is offered before money moves."""

from __future__ import annotations

import datetime as dt

from generations.accounts.models import User
from generations.composer.ask import VideoAsk
from generations.jobs.lifecycle import request_hash
from generations.jobs.models import Job
from generations.jobs.states import UNFINISHED, State
from generations.projects.models import Project

LOOKS_BACK = dt.timedelta(days=14)
WORTH_OFFERING = UNFINISHED | {State.SUCCEEDED}


def find(
    ask: VideoAsk, *, project: Project, user: User, key: str, is_sandbox: bool, now: dt.datetime
) -> tuple[Job | None, str]:
    """The newest job of the last fourteen days with this very request that the person sees, and the request's hash.

    None also when the form's key has made a job already: then it is the same press once more, and the job that was
    found may be its own; so the key is asked for last. A finished clip goes before one that is under way, one of this
    project before others.
    """
    digest = request_hash(ask)
    alike = Job.objects.visible_to(user).filter(
        request_hash=digest, is_sandbox=is_sandbox, state__in=WORTH_OFFERING, created_at__gt=now - LOOKS_BACK
    )
    found = alike.exclude(state=State.SUCCEEDED, outputs__media=None).for_card().order_by("-created_at")
    best = sorted(found[:20], key=lambda job: (job.state != State.SUCCEEDED, job.project_id != project.pk))
    is_same_press = bool(best) and Job.objects.filter(project=project, key=key).exists()
    return (best[0] if best and not is_same_press else None), digest
