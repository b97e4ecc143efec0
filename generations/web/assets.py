"""The bytes of assets: file, poster, preview, download; for those who may see the project."""

from __future__ import annotations

import uuid

from django.http import Http404
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_safe

from generations.media.models import Asset, MediaFile
from generations.media.naming import asset_download_name
from generations.media.serving import serve
from generations.web import access
from generations.web.requests import Request


@require_safe
def file(request: Request, asset_id: uuid.UUID) -> HttpResponseBase:
    """The file itself, in ranges."""
    media = _media(access.asset_for(request.user, asset_id))
    return serve(request, media.storage_name, content_type=media.content_type, etag=media.sha256)


@require_safe
def download(request: Request, asset_id: uuid.UUID) -> HttpResponseBase:
    """The file with the asset's name, and the ending that its bytes have."""
    asset = access.asset_for(request.user, asset_id)
    media = _media(asset)
    name = asset_download_name(asset.name, media.extension)
    return serve(request, media.storage_name, content_type=media.content_type, etag=media.sha256, download_name=name)


@require_safe
def poster(request: Request, asset_id: uuid.UUID) -> HttpResponseBase:
    """Its still: an image's small copy, a frame of a video, the loudness of a sound; 404 where none could be made."""
    media = _media(access.asset_for(request.user, asset_id))
    if not media.poster_name:
        raise Http404
    return serve(request, media.poster_name, content_type="image/webp", etag=f"{media.sha256}-poster")


def _media(asset: Asset) -> MediaFile:
    if asset.media is None:
        raise Http404
    return asset.media
