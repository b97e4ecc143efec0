"""Several studios on one database: who is silent is said once, and who left is not missed."""

import datetime as dt

import pytest
from django.conf import settings

from generations.health import alerts, nodes, status
from generations.health.models import Heartbeat

NOW = dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)
LATER = NOW + dt.timedelta(seconds=60)
pytestmark = pytest.mark.django_db


def other(name: str, at: dt.datetime) -> None:
    Heartbeat.objects.update_or_create(name=f"{name}@other", defaults={"at": at})


def sounded() -> list[tuple[str, str]]:
    return list(alerts.standing().values_list("key", "text"))


def test_words_name_each_nodes_silent_parts() -> None:
    status.beat("pulse", LATER)
    other("polls", NOW)
    other("workers", LATER)
    other("watchdog", NOW)
    Heartbeat.objects.create(name="files@other")
    Heartbeat.objects.create(name="files", at=NOW)
    assert nodes.words(LATER) == {settings.NODE_NAME: "ok", "other": "polls silent for 60 s"}


def test_silent_node_is_told_once_until_it_is_back() -> None:
    other("polls", NOW)
    nodes.watch(LATER)
    nodes.watch(LATER + dt.timedelta(seconds=15))
    assert sounded() == [("node:other", "The studio other is silent: polls silent.")]
    other("polls", LATER)
    nodes.watch(LATER)
    assert sounded() == []


def test_own_silence_is_healthz_own() -> None:
    status.beat("polls", NOW)
    nodes.watch(LATER)
    assert sounded() == []


def test_node_that_stops_in_order_is_not_missed() -> None:
    status.beat("polls", NOW)
    other("polls", NOW)
    nodes.leave()
    assert nodes.words(NOW) == {"other": "ok"}


def test_node_that_nobody_has_seen_for_a_day_is_forgotten() -> None:
    other("polls", NOW)
    nodes.watch(LATER)
    tomorrow = NOW + nodes.GONE_AFTER
    nodes.forget(tomorrow)
    nodes.watch(tomorrow)
    assert (Heartbeat.objects.count(), sounded()) == (0, [])
