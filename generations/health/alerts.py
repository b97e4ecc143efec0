"""Alerts: sounded once while something stands, seen on the admins' pages, mailed once, cleared when it is over."""

from __future__ import annotations

import datetime as dt
import logging

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from generations import queue
from generations.health.models import Alert

log = logging.getLogger(__name__)
LONGEST_TEXT = 500


def sound(key: str, text: str, now: dt.datetime) -> bool:
    """Raises the alert, unless it stands already: then only its text is renewed. True when it is new."""
    standing = Alert.objects.filter(key=key, cleared_at=None)
    if standing.exclude(text=text[:LONGEST_TEXT]).update(text=text[:LONGEST_TEXT]) or standing.exists():
        return False
    try:
        with transaction.atomic():
            alert = Alert.objects.create(key=key, text=text[:LONGEST_TEXT], at=now)
            queue.wake("mail_alert", alert.pk)
    except IntegrityError:  # another process was first
        return False
    log.error("%s: %s", key, text)
    return True


def clear(key: str, now: dt.datetime) -> bool:
    """Takes the alert back. True when it stood."""
    cleared = Alert.objects.filter(key=key, cleared_at=None).update(cleared_at=now)
    if cleared:
        log.warning("%s is over", key)
    return bool(cleared)


def standing() -> QuerySet[Alert]:
    return Alert.objects.filter(cleared_at=None)


def take_for_mail(alert_id: int, now: dt.datetime) -> Alert | None:
    """The alert, if nobody has mailed it yet: it is marked as mailed before it is, so that it goes out at most once."""
    if Alert.objects.filter(pk=alert_id, mailed_at=None).update(mailed_at=now):
        return Alert.objects.get(pk=alert_id)
    return None
