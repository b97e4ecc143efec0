"""What a job's model was shown: its receipt and its pictures, for those who may see the job."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from django.http import Http404
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from generations.composer import references
from generations.jobs.inputs import Input
from generations.jobs.models import Job
from generations.media.models import MediaFile
from generations.media.serving import serve
from generations.web import access
from generations.web.requests import Request


@dataclass(frozen=True, slots=True)
class Receipt:
    """One thing that was shown, by the relay's number for it; a frame has none."""

    input: Input
    number: str

    @property
    def media(self) -> MediaFile:
        return self.input.media

    @property
    def is_renumbered(self) -> bool:
        return bool(self.number) and self.number != self.input.tag


def inputs_of(job: Job) -> list[Receipt]:
    """In the order in which they are sent."""
    inputs = list(job.inputs.select_related("media"))
    names = references.numbers(inputs)
    return [Receipt(each, names.get(each.tag, "")) for each in inputs]


@require_safe
def picture(request: Request, job_id: uuid.UUID, position: int) -> HttpResponseBase:
    """Its still; 404 where none could be made."""
    job = access.job_for(request.user, job_id)
    media = get_object_or_404(job.inputs.select_related("media"), position=position).media
    if media.poster_name:
        return serve(request, media.poster_name, content_type="image/webp", etag=f"{media.sha256}-poster")
    if media.kind == MediaFile.Kind.IMAGE:
        return serve(request, media.storage_name, content_type=media.content_type, etag=media.sha256)
    raise Http404
