"""Assets that come from an address: noted by a page, fetched by a worker through the guard, kept or refused."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Callable, Collection
from pathlib import Path
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from generations import queue
from generations.accounts.models import User
from generations.media import errors as media_errors
from generations.media import library, naming, quotas
from generations.media.archive import temp_file
from generations.media.gate import Gate
from generations.media.models import Asset, MediaFile
from generations.media.rules import MOST_BYTES, Refused, Rule
from generations.media.uploads import keep_upload
from generations.net import errors as net
from generations.net.addresses import Origin, check_url
from generations.net.fetch import download
from generations.projects.models import Project

Clock = Callable[[], dt.datetime]
State = Asset.State

DOWNLOAD_SECONDS = 120
LEASE = dt.timedelta(seconds=DOWNLOAD_SECONDS + 120)  # the reading of the file included
MOST_TRIES = 3
WAIT = dt.timedelta(seconds=10)  # times the tries so far
MOST_ARRIVING = 20  # for one person at one time
REFUSED_STAY = dt.timedelta(days=7)


class NotArriving(Exception):
    """Somebody else has it, or it has arrived, was refused or deleted meanwhile."""


def begin(url: str, *, project: Project, user: User, now: dt.datetime) -> Asset:
    """Notes an address and wakes a worker for it. Raises Refused."""
    library.require_open(project)
    try:
        check_url(url, ())
    except net.Forbidden:
        raise Refused(Rule.ADDRESS, _("Not an https address of the open internet.")) from None
    if Asset.objects.present().filter(uploader=user, state=State.ARRIVING).count() >= MOST_ARRIVING:
        raise Refused(Rule.COUNT, _("%(most)d files are on their way already.") % {"most": MOST_ARRIVING})
    with transaction.atomic():
        quotas.require_room(project, user, 0)
        name = naming.name_of_address(url)
        asset = Asset.objects.create(
            project=project,
            uploader=user,
            name=name,
            state=State.ARRIVING,
            source_url=url,
            fetch_at=now,
            created_at=now,
        )
        queue.wake("fetch_asset", str(asset.pk))
    return asset


def sweep(now: dt.datetime) -> int:
    """Wakes a worker for each asset whose time has come, and forgets old refusals. Returns how many were woken."""
    due = Asset.objects.present().filter(state=State.ARRIVING, fetch_at__lte=now).values_list("pk", flat=True)[:50]
    for asset_id in due:
        queue.wake("fetch_asset", str(asset_id))
    Asset.objects.filter(state=State.REFUSED, created_at__lt=now - REFUSED_STAY).delete()
    return len(due)


def fetch(asset_id: str | UUID, clock: Clock, allow_origins: Collection[Origin] = ()) -> None:
    """One try to bring it. Raises NotArriving; may be killed at any point and run again."""
    asset = _claim(asset_id, clock())
    try:
        with temp_file() as path:
            _bring(asset.source_url, path, allow_origins)
            _keep(asset, keep_upload(path))
    except Refused as refused:
        _settle(asset, state=State.REFUSED, refusal=refused.said[:300])
    except (net.DiskFull, media_errors.DiskFull):
        _put_off(asset, clock() + LEASE, tries=asset.tries - 1)  # the disk is to blame, not the address
    except (net.NetFault, media_errors.MediaFault) as problem:
        _without(asset, problem, clock())


def _claim(asset_id: str | UUID, now: dt.datetime) -> Asset:
    """The asset, ours for the time of a lease."""
    asset = Asset.objects.select_related("project", "uploader").get(pk=asset_id)
    if asset.state != State.ARRIVING or asset.deleted_at or asset.fetch_at is None or asset.fetch_at > now:
        raise NotArriving(str(asset_id))
    _change(asset, fetch_at=now + LEASE, tries=asset.tries + 1)
    return asset


def _change(asset: Asset, **changes: object) -> None:
    """Only while the lease is as we know it. Raises NotArriving."""
    same = Asset.objects.present().filter(pk=asset.pk, state=State.ARRIVING, fetch_at=asset.fetch_at)
    if same.update(**changes) != 1:
        raise NotArriving(str(asset.pk))
    for field, value in changes.items():
        setattr(asset, field, value)


class _Gated(io.FileIO):
    """The file of a download; every byte passes the gate first."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, "wb")
        self.gate = Gate()

    def write(self, piece: bytes) -> int:  # type: ignore[override]
        self.gate.take(piece)
        return super().write(piece) if len(piece) else 0

    def truncate(self, size: int | None = None) -> int:
        """Only when the download begins anew."""
        self.gate = Gate()
        return super().truncate(size)


def _bring(url: str, path: Path, allow_origins: Collection[Origin]) -> None:
    with _Gated(path) as file:
        download(
            url,
            file,
            allow_origins=allow_origins,
            max_bytes=MOST_BYTES + 1,
            deadline_seconds=DOWNLOAD_SECONDS,
            resume=2,
        )
        file.gate.close()


def _without(asset: Asset, problem: Exception, now: dt.datetime) -> None:
    """Refused for good, or tried again in a while."""
    match problem:
        case net.Forbidden():
            said = _("The address does not lead to the open internet over https.")
        case net.Gone(status=status) | net.HttpProblem(status=status) if 400 <= status < 500 and status != 429:
            said = _("The address answered with %(status)d.") % {"status": status}
        case _ if asset.tries < MOST_TRIES:
            _put_off(asset, now + WAIT * asset.tries, tries=asset.tries)
            return
        case net.NetFault():
            said = _("The address could not be read, %(tries)d times over.") % {"tries": asset.tries}
        case _:
            said = _("The file could not be looked into.")
    _settle(asset, state=State.REFUSED, refusal=said)


def _put_off(asset: Asset, until: dt.datetime, tries: int) -> None:
    _change(asset, fetch_at=until, tries=max(0, tries))


def _keep(asset: Asset, media: MediaFile) -> None:
    """Ready. Raises Refused when there is no room, or when the library has this very file."""
    try:
        with transaction.atomic():
            quotas.require_room(asset.project, asset.uploader, media.size_bytes)
            _settle(asset, state=State.READY, media=media)
            library.illustrate_later(media)
    except IntegrityError:
        same = Asset.objects.present().filter(project=asset.project, media=media).first()
        name = same.name if same else asset.name
        raise Refused(Rule.TWICE, _("The library has this file already, as %(name)s.") % {"name": name}) from None


def _settle(asset: Asset, **changes: object) -> None:
    """At its end; the address, which may hold a secret, is forgotten."""
    _change(asset, source_url="", fetch_at=None, **changes)
