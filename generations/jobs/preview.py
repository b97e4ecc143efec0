"""How a job's request looks before it is sent: for who decides on it. Nothing here is ever posted."""

from __future__ import annotations

from typing import Any

from generations.catalog.models import Kind
from generations.jobs import imaging
from generations.jobs.models import Job
from generations.jobs.sending import body_kept, build_request
from generations.jobs.showing import TYPES
from generations.relay.wire import Reference


def body(job: Job) -> dict[str, Any]:
    """What will be posted, as far as it is known before: the callback's address is left out."""
    if job.kind == Kind.IMAGE:
        return body_kept(imaging.build_request(job))
    return body_kept(build_request(job, "", _content(job)))


def _content(job: Job) -> tuple[Reference, ...]:
    """The inputs in order; the hash stands where the relay's address of each will be."""
    return tuple(
        Reference(type=TYPES[each.media.kind], url=f"(the relay's address of {each.media.sha256})", role=str(each.role))
        for each in job.inputs.select_related("media")
    )
