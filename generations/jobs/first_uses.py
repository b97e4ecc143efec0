"""FirstUse: when an output was first played and first downloaded. Later uses are not counted."""

from __future__ import annotations

import datetime as dt
import logging

from django.db import OperationalError, models
from django.utils.translation import gettext_lazy as _

from generations.accounts.models import User
from generations.jobs.models import Output

log = logging.getLogger(__name__)


class FirstUse(models.Model):
    """One row an output and kind, written once; `user` None: somebody with a link to it."""

    class Kind(models.TextChoices):
        PLAY = "play", _("Played")
        DOWNLOAD = "download", _("Downloaded")

    output = models.ForeignKey(Output, models.CASCADE, related_name="first_uses")
    kind = models.CharField(max_length=8, choices=Kind)
    at = models.DateTimeField()
    user = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = (models.UniqueConstraint(fields=["output", "kind"], name="first_use_once"),)

    def __str__(self) -> str:
        return f"{self.output_id} {self.kind}"


def note(output: Output, kind: FirstUse.Kind, user: User | None, now: dt.datetime) -> None:
    """Writes the first use down; each later one costs a look in the index and no write.

    A database that is locked just then costs the note, never the clip.
    """
    try:
        if not FirstUse.objects.filter(output=output, kind=kind).exists():
            FirstUse.objects.bulk_create([FirstUse(output=output, kind=kind, at=now, user=user)], ignore_conflicts=True)
    except OperationalError as problem:
        log.warning("a first %s was not noted: %s", kind, problem)
