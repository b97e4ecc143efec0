"""The studios that work on one database, each a node: which are silent, and what is forgotten of those that left."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.conf import settings

from generations.health import alerts
from generations.health.models import Alert, Heartbeat
from generations.health.status import NEEDED, judge

GONE_AFTER = dt.timedelta(days=1)  # a node that nobody has seen for so long is no longer waited for


def words(now: dt.datetime) -> dict[str, str]:
    """node -> "ok" or which of its parts are silent; what a node never ran is not missed."""
    told: dict[str, list[str]] = {}
    for row in Heartbeat.objects.filter(at__gt=now - GONE_AFTER, name__contains="@").order_by("name"):
        if row.part in NEEDED:
            word = judge(row.at, now)
            told.setdefault(row.node, []).extend([] if word == "ok" else [f"{row.part} {word}"])
    return {node: ", ".join(silent) or "ok" for node, silent in told.items()}


def watch(now: dt.datetime) -> None:
    """An alert for each other node that falls silent; its own watchdog may be what died."""
    found = words(now)
    for node, word in found.items():
        if node != settings.NODE_NAME and word != "ok":
            alerts.sound(_alert(node), f"The studio {node} is silent: {word.split(' for ')[0]}.", now)
    _clear(found.items(), now)


def _clear(found: Iterable[tuple[str, str]], now: dt.datetime) -> None:
    troubled = {_alert(node) for node, word in found if word != "ok"}
    for alert in Alert.objects.filter(key__startswith="node:", cleared_at=None):
        if alert.key not in troubled:
            alerts.clear(alert.key, now)


def leave() -> None:
    """Drops what this node has shown: at its start, and when it has been asked to stop."""
    Heartbeat.objects.filter(name__endswith=f"@{settings.NODE_NAME}").delete()


def forget(now: dt.datetime) -> None:
    """Drops the signs of nodes that went away without a word."""
    Heartbeat.objects.filter(at__lte=now - GONE_AFTER).delete()


def _alert(node: str) -> str:
    return f"node:{node}"
