"""What the library's page shows: one page of tiles, found by name and kind, and how full the library is."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from generations.media import quotas
from generations.media.models import Asset, MediaFile
from generations.media.rules import MAX_BYTES, MEGABYTE, MOST_BYTES
from generations.media.uses import Use, uses_of
from generations.projects.models import Project
from generations.web import access
from generations.web.requests import Request

TILES_A_PAGE = 48
KINDS = (("", gettext_lazy("All kinds")), *MediaFile.Kind.choices)


@dataclass(frozen=True, slots=True)
class Tile:
    """One asset with what its template needs."""

    asset: Asset
    use: Use
    may_act: bool
    now: dt.datetime

    @property
    def is_arriving(self) -> bool:
        return self.asset.state == Asset.State.ARRIVING

    @property
    def is_refused(self) -> bool:
        return self.asset.state == Asset.State.REFUSED


def tile_of(request: Request, asset: Asset) -> Tile:
    return tiles_of([asset], may_act=access.may_generate(asset.project, request.user))[0]


def tiles_of(assets: Iterable[Asset], *, may_act: bool) -> list[Tile]:
    assets, now = list(assets), timezone.now()
    uses = uses_of({asset.media_id for asset in assets if asset.media_id})
    return [Tile(asset, uses.get(asset.media_id or 0, Use()), may_act, now) for asset in assets]


def shown_page(request: Request, project: Project) -> dict[str, Any]:
    """One page of tiles, newest first, and where the next begins."""
    words, kind = request.GET.get("q", "")[:200], request.GET.get("kind", "")
    found = list(_page_of(_found(project, words, kind), request.GET.get("before", ""))[: TILES_A_PAGE + 1])
    last = found[TILES_A_PAGE - 1] if len(found) > TILES_A_PAGE else None
    may_act = access.may_generate(project, request.user)
    return {
        "project": project,
        "tiles": tiles_of(found[:TILES_A_PAGE], may_act=may_act),
        "may_upload": may_act and not project.is_archived,
        "words": words,
        "kind": kind,
        "kinds": KINDS,
        "next": _next(words, kind, last) if last else "",
        "file_bytes": MOST_BYTES,
        "limits": limits(),
    } | fullness(project)


def fullness(project: Project) -> dict[str, int]:
    """How much the library holds, and how much it may."""
    return {"used_bytes": quotas.project_bytes(project), "most_bytes": settings.MEDIA_PROJECT_MB * MEGABYTE}


def limits() -> str:
    """What is taken, for people."""
    most = {f"{kind}_mb": MAX_BYTES[kind] // MEGABYTE for kind in MediaFile.Kind}
    return (
        _(
            "JPEG, PNG, WebP up to %(image_mb)d MB, sides 300 to 6000 px. "
            "MP4, MOV up to %(video_mb)d MB, 2 to 15 s. MP3, WAV up to %(audio_mb)d MB, 15 s."
        )
        % most
    )


def _found(project: Project, words: str, kind: str) -> QuerySet[Asset]:
    assets = Asset.objects.present().filter(project=project).named(words).select_related("project", "media", "uploader")
    return assets.filter(media__kind=kind) if kind in MediaFile.Kind.values else assets


def _page_of(assets: QuerySet[Asset], before: str) -> QuerySet[Asset]:
    at, _sign, asset_id = before.partition("_")
    try:
        moment, last_id = dt.datetime.fromisoformat(at), uuid.UUID(asset_id)
    except ValueError:
        return assets
    if moment.tzinfo is None:
        return assets
    return assets.filter(Q(created_at__lt=moment) | Q(created_at=moment, id__lt=last_id))


def _next(words: str, kind: str, last: Asset) -> str:
    return "?" + urlencode({"q": words, "kind": kind, "before": f"{last.created_at.isoformat()}_{last.pk}"})
