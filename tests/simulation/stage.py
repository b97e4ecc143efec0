"""Where a schedule plays: SQLite in memory, set back to the same first picture before each; two clips kept once."""

from __future__ import annotations

import io
import sqlite3
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.db import connection

from generations.accounts.models import User
from generations.catalog.models import Price, Sku
from generations.ledger.models import Currency
from generations.media import archive
from generations.projects.models import Project
from tests import builders
from tests.media.clips import FASTSTART, H264, SOUND, render

# One model a kind of bill: tokens by a published formula, tokens by our guess, seconds.
ASKS: tuple[dict[str, object], ...] = (
    {"model": "seedance-2.0", "resolution": "480p", "seconds": 4},
    {"model": "seedance-2.0", "resolution": "480p", "seconds": 5},
    {"model": "grok-imagine-video", "resolution": "480p", "seconds": 6, "seed": None},
    {"model": "happyhorse-1.0", "resolution": "720p", "seconds": 5},
)


@dataclass(frozen=True)
class Stage:
    """The first picture, and what the relay double may serve."""

    picture: sqlite3.Connection
    clips: tuple[bytes, ...]

    def reset(self) -> None:
        """Puts the database back. Only outside a transaction."""
        connection.ensure_connection()
        self.picture.backup(connection.connection)


def build() -> Stage:
    """Migrates, imports the catalogue, makes the people, keeps the clips; about three seconds."""
    call_command("migrate", verbosity=0)
    call_command("import_catalog", stdout=io.StringIO())
    _people()
    clips = tuple(_kept_clip(number) for number in range(2))
    picture = sqlite3.connect(":memory:", check_same_thread=False)
    connection.connection.backup(picture)
    return Stage(picture, clips)


def _people() -> None:
    ann, ben, bea = (builders.user(name) for name in ("ann", "ben", "bea"))
    builders.user("ada", seat="admin")
    builders.project("Dusk", manager=ann, member=ben)
    builders.project("Dawn", manager=bea, member=ann)


def _kept_clip(number: int) -> bytes:
    path = Path(settings.DATA_DIR) / f"clip-{number}.mp4"
    render(path, *SOUND, *H264, *FASTSTART, size=f"{64 + 32 * number}x64", seconds=1)
    archive.keep(path)
    return path.read_bytes()


def people() -> list[User]:
    return list(User.objects.order_by("pk"))


def projects() -> list[Project]:
    return list(Project.objects.order_by("pk"))


def currency() -> Currency:
    return Currency.SBX if settings.IS_SANDBOX else Currency.USD


def prices_used() -> list[Price]:
    """The prices of the newest list that a schedule's asks can meet."""
    models = {str(ask["model"]) for ask in ASKS}
    names = Sku.objects.filter(model__name__in=models).values_list("relay_model", flat=True)
    return list(Price.objects.filter(relay_model__in=sorted(set(names))).order_by("price_list__number", "pk"))
