"""How a job's request looks before it is sent: for who decides on it. Nothing here is ever posted."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from generations.jobs.models import Job
from generations.jobs.sending import CALLBACK_HIDDEN, build_request
from generations.jobs.showing import TYPES
from generations.relay.wire import Reference


def body(job: Job) -> dict[str, Any]:
    """What will be posted, as far as it is known before: the callback's address is left out."""
    request = build_request(job, "", _content(job))
    return replace(request, callback_url=CALLBACK_HIDDEN if request.callback_url else None).to_json()


def _content(job: Job) -> tuple[Reference, ...]:
    """The inputs in order; the hash stands where the relay's address of each will be."""
    return tuple(
        Reference(type=TYPES[each.media.kind], url=f"(the relay's address of {each.media.sha256})", role=str(each.role))
        for each in job.inputs.select_related("media")
    )
