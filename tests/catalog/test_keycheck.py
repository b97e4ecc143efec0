"""The relay's key: good, refused or nobody knows; and its models against the catalogue."""

from __future__ import annotations

import datetime as dt

import httpx
import pytest

from generations.catalog import keycheck
from generations.catalog.models import Price, Sku
from generations.projects.models import Project
from tests import wakeups
from tests.builders import NOW, answering, relay_says

pytestmark = pytest.mark.django_db


def listing(*names: str) -> httpx.Response:
    return relay_says({"data": [{"id": name} for name in names]})


@pytest.mark.parametrize(
    ("answer", "is_good", "problem"),
    [
        (listing("b", "a"), True, ""),
        (relay_says({"error": {"message": "wrong key"}}, 401), False, "wrong key"),
        (httpx.ConnectError("refused"), None, "no answer"),
    ],
)
def test_answer_says_whether_the_key_is_good(
    answer: httpx.Response | Exception, is_good: bool | None, problem: str
) -> None:
    keycheck.run(answering(answer), True, NOW)
    check = keycheck.of(True)
    assert (check.is_good, check.at, check.served) == (is_good, NOW, ["a", "b"] if is_good else [])
    assert problem in check.problem


def test_models_are_set_against_the_catalogue(priced_project: Project) -> None:
    names = sorted(set(Sku.objects.filter(is_listed=True).values_list("relay_model", flat=True)))
    Price.objects.filter(relay_model=names[1]).delete()
    found = keycheck.differences([*names[1:], "grok-4.3", "brand-new"])
    assert (found.missing, found.extra) == ([names[0]], ["brand-new"])
    assert names[1] in found.unpriced


def test_pressed_twice_the_relay_is_asked_once() -> None:
    assert [keycheck.ask(True, NOW), keycheck.ask(True, NOW)] == [True, False]
    assert wakeups.names() == ["check_key"]
    assert keycheck.ask(True, NOW + dt.timedelta(minutes=3))
