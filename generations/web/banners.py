"""What stands above every page while it lasts: sending is paused (for everybody), alerts (for admins)."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from generations.accounts.models import User
from generations.health import alerts
from generations.health.models import MONEY_ALERTS
from generations.jobs import breaker
from generations.ledger.sight import sees_all

SAID_BY_THE_PAUSE = ("breaker:", "restore")


def banners(request: HttpRequest) -> dict[str, Any]:
    """Looked up only where a template shows them: fragments and polls cost no query."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {}
    shown: dict[str, Any] = {
        "paused": SimpleLazyObject(lambda: breaker.trouble(settings.IS_SANDBOX)),
        "banner_now": timezone.now(),
    }
    if sees_all(user):
        shown["standing_alerts"] = SimpleLazyObject(lambda: _alerts(user))
    return shown


def _alerts(user: User) -> list[Any]:
    """All for an admin, those of money for billing."""
    standing = alerts.standing() if user.is_admin else alerts.standing().filter(key__in=MONEY_ALERTS)
    return [alert for alert in standing[:5] if not alert.key.startswith(SAID_BY_THE_PAUSE)]
