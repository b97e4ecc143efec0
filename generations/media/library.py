"""A project's library: assets added, renamed, deleted. By address they come in arriving.py."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from generations import queue
from generations.accounts.models import User
from generations.media import naming, quotas, uses
from generations.media.models import Asset, MediaFile
from generations.media.rules import Refused, Rule
from generations.media.uploads import keep_upload
from generations.projects.models import Project


class InUse(Exception):
    """A job that has not ended needs the file; nothing was changed."""


def add(path: Path, *, project: Project, user: User, name: str, now: dt.datetime) -> Asset:
    """The file at `path` as an asset; the same file twice is the same asset, under its first name.

    Raises Refused, ToolFailed, DiskFull; RuntimeError inside a transaction.
    """
    require_open(project)
    quotas.require_room(project, user, 0)
    return add_kept(keep_upload(path), project=project, user=user, name=name, now=now)


def add_kept(media: MediaFile, *, project: Project, user: User, name: str, now: dt.datetime) -> Asset:
    """A file that is kept already, as an asset. Raises Refused."""
    require_open(project)
    found = _same(project, media)
    if found:
        return found
    try:
        return _added(media, Asset(project=project, uploader=user, name=naming.asset_name(name), created_at=now))
    except IntegrityError:
        found = _same(project, media)  # somebody gave the same file at the same time
        if found is None:
            raise
        return found


@transaction.atomic
def _added(media: MediaFile, asset: Asset) -> Asset:
    quotas.require_room(asset.project, asset.uploader, media.size_bytes)
    asset.media, asset.state = media, Asset.State.READY
    asset.save(force_insert=True)
    illustrate_later(media)
    return asset


def illustrate_later(media: MediaFile) -> None:
    """A video's preview and strip are made by a worker."""
    if media.kind == MediaFile.Kind.VIDEO and not media.preview_name:
        queue.wake("illustrate_media", media.pk)


def _same(project: Project, media: MediaFile) -> Asset | None:
    return Asset.objects.present().filter(project=project, media=media).first()


def rename(asset: Asset, name: str) -> None:
    """Another name; an empty one changes nothing."""
    if name.strip():
        asset.name = naming.asset_name(name)
        asset.save(update_fields=["name"])


def delete(asset: Asset, actor: User, now: dt.datetime) -> None:
    """Takes the asset out of the library; what was made with it keeps it. Twice is once. Raises InUse."""
    with transaction.atomic():
        present = Asset.objects.present().filter(pk=asset.pk)
        gone = present.update(deleted_at=now, deleted_by=actor)
        if gone and asset.media_id and uses.in_use(asset.media_id):
            raise InUse(str(asset.pk))


def require_open(project: Project) -> None:
    """Raises Refused for an archived project."""
    if Project.objects.filter(pk=project.pk, archived_at__isnull=False).exists():
        raise Refused(Rule.ARCHIVED, _("This project is archived: it takes nothing new."))
