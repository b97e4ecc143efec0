"""The bytes of outputs: clip, poster, preview, strip, download; for those who may see the job."""

from __future__ import annotations

import uuid

from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from generations.jobs import first_uses
from generations.jobs.first_uses import FirstUse
from generations.jobs.models import Output
from generations.media import plain
from generations.media.errors import MediaFault
from generations.media.models import MediaFile
from generations.media.naming import download_name
from generations.media.serving import serve
from generations.web import access
from generations.web.requests import Request

PICTURE_TYPES = {"poster": "image/webp", "preview": "video/mp4", "strip": "image/webp"}


@require_safe
def clip(request: Request, output_id: uuid.UUID) -> HttpResponseBase:
    """The clip itself, in ranges: what a player reads. With `?look` it only shows its length and first picture."""
    output = access.output_for(request.user, output_id)
    media = media_of(output)
    if "look" not in request.GET and request.headers.get("Range", "bytes=0-").startswith("bytes=0-"):
        first_uses.note(output, FirstUse.Kind.PLAY, request.user, timezone.now())
    return serve(request, media.storage_name, content_type=media.content_type, etag=media.sha256)


@require_POST
def played(request: Request, output_id: uuid.UUID) -> HttpResponse:
    """A player that had looked at the clip before was now started."""
    output = access.output_for(request.user, output_id)
    first_uses.note(output, FirstUse.Kind.PLAY, request.user, timezone.now())
    return HttpResponse(status=204)


@require_safe
def download(request: Request, output_id: uuid.UUID) -> HttpResponseBase:
    """The clip as a file with a readable name."""
    output = access.output_for(request.user, output_id)
    media, job = media_of(output), output.job
    try:
        stored, etag = _downloaded(media, plain_wanted=job.project.plain_downloads)
    except (MediaFault, FileNotFoundError):
        said = _("The copy without metadata can not be made just now. Try again later.")
        return HttpResponse(said, status=503, content_type="text/plain; charset=utf-8")
    first_uses.note(output, FirstUse.Kind.DOWNLOAD, request.user, timezone.now())
    name = download_name(job.prompt, job.created_at, job.resolution, media.extension)
    return serve(request, stored, content_type=media.content_type, etag=etag, download_name=name)


def _downloaded(media: MediaFile, *, plain_wanted: bool) -> tuple[str, str]:
    """Where what is downloaded lies, and its etag: the bytes as they came, or without metadata. Raises MediaFault."""
    if not plain_wanted:
        return media.storage_name, media.sha256
    return plain.copy_of(media), f"{media.sha256}-plain"


@require_safe
def picture(request: Request, output_id: uuid.UUID, kind: str) -> HttpResponseBase:
    """The poster, preview or strip; 404 where none could be made."""
    media = media_of(access.output_for(request.user, output_id))
    name = {"poster": media.poster_name, "preview": media.preview_name, "strip": media.strip_name}[kind]
    if not name:
        raise Http404
    return serve(request, name, content_type=PICTURE_TYPES[kind], etag=f"{media.sha256}-{kind}")


def media_of(output: Output) -> MediaFile:
    if output.media is None:
        raise Http404
    return output.media
