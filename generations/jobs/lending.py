"""A file lent to the relay at an address of ours, where it takes no uploads: signed, for one attempt and a day."""

from __future__ import annotations

import datetime as dt
import logging

from django.conf import settings
from django.core import signing
from django.db import models
from django.db.models import F

from generations.jobs.models import Attempt
from generations.media.models import MediaFile
from generations.net import guard
from generations.net.addresses import check_url, is_public
from generations.net.errors import Forbidden

log = logging.getLogger(__name__)
SALT = "generations.lent"
LASTS = dt.timedelta(hours=24)
STILL_WORTH = dt.timedelta(hours=1)  # with less left than that it is lent anew


class Loan(models.Model):
    """One file for one attempt. Who has its address reads it until it expires; nobody can list them."""

    attempt = models.ForeignKey(Attempt, models.CASCADE, related_name="loans")
    media = models.ForeignKey(MediaFile, models.CASCADE, related_name="loans")
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    reads = models.PositiveIntegerField(default=0)
    last_read_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["attempt", "media"], name="loan_once_an_attempt"),)

    def __str__(self) -> str:
        return f"{self.media} for {self.attempt}"

    @property
    def file_name(self) -> str:
        return f"{self.media.sha256[:16]}.{self.media.extension}"

    @property
    def url(self) -> str:
        token = signing.dumps([self.pk, int(self.expires_at.timestamp())], salt=SALT)
        return f"{settings.PUBLIC_URL}/lent/{token}/{self.file_name}"


def is_possible() -> bool:
    """Whether this studio can be reached from the open internet: never an address of a private network."""
    try:
        host = check_url(settings.PUBLIC_URL, ()).host
        return all(is_public(address) for address in guard.resolve(host, 443))
    except (Forbidden, OSError):
        return False


def lend(attempt: Attempt, media: MediaFile, now: dt.datetime) -> Loan:
    """Lent anew, the address that went before it stops working."""
    loan, _ = Loan.objects.update_or_create(
        attempt=attempt, media=media, defaults={"expires_at": now + LASTS}, create_defaults=_new(now)
    )
    log.info("lent %s until %s", loan, loan.expires_at)
    return loan


def _new(now: dt.datetime) -> dict[str, dt.datetime]:
    return {"created_at": now, "expires_at": now + LASTS}


def current(attempt: Attempt, now: dt.datetime) -> models.QuerySet[Loan]:
    """Those of this attempt that the relay can still read for a while."""
    return Loan.objects.filter(attempt=attempt, expires_at__gt=now + STILL_WORTH)


def opened(token: str, file_name: str, now: dt.datetime) -> Loan | None:
    """The loan at this address, and the reading of it noted; None when it is altered, expired or no more."""
    try:
        number, expires = signing.loads(token, salt=SALT)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    loan = Loan.objects.filter(pk=number, expires_at__gt=now).select_related("media").first()
    if loan is None or int(loan.expires_at.timestamp()) != expires or loan.file_name != file_name:
        return None
    Loan.objects.filter(pk=loan.pk).update(reads=F("reads") + 1, last_read_at=now)
    log.info("read %s", loan)
    return loan
