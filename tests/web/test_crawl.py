"""A stranger walks over every address with every id that there is: nothing of what others wrote or made is seen."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.db import connection, models, transaction
from django.db.models import CharField, F, Value
from django.db.models.functions import Cast, Concat
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from generations.accounts.models import User
from generations.jobs.models import Job
from generations.projects.models import Membership, Project
from tests.web.conftest import Browse
from tests.web.ground import QUERIES, Ground, addresses, ground

MARK = "m4rk"
LINKS = {"previous_hash"}  # of a chain that must go on: the newest one's mark would be the next one's link
# What everybody in the studio may know: the catalogue, and why nothing is sent just now.
OPEN = {"VideoModel", "Sku", "PriceList", "Price", "Breaker", "Heartbeat"}

CLOSED = {"slug", "currency", "old_state", "new_state"}  # texts that only certain words fit, or that stand in addresses


@pytest.fixture
def marked(priced_project: Project, ben: User, vic: User, cat: User, tmp_path: Path, settings: Settings) -> Ground:
    settings.DATA_DIR = tmp_path / "data"
    settings.MEDIA_ROOT = tmp_path / "data" / "media"
    made = ground(priced_project, ann=priced_project.created_by, ben=ben, vic=vic, cat=cat)
    without_triggers()
    for model in apps.get_app_config("generations").get_models():
        if model.__name__ not in OPEN:
            mark(model, cat)
    return made


def without_triggers() -> None:
    """The marks must go into rows that the database lets nobody change; the test's transaction brings them back."""
    names = "SELECT name, '' FROM sqlite_master WHERE type = 'trigger'"
    if connection.vendor == "postgresql":
        names = "SELECT tgname, ' ON ' || tgrelid::regclass FROM pg_trigger WHERE NOT tgisinternal"
    with connection.cursor() as cursor:
        cursor.execute(names)
        for name, on in cursor.fetchall():
            cursor.execute(f"DROP TRIGGER {name}{on}")


def mark(model: type[models.Model], cat: User) -> None:
    """A mark in every text of every row, but for the stranger's own and the names in addresses."""
    rows = model._default_manager.exclude(pk=cat.pk) if model is User else model._default_manager.all()
    changes: dict[str, Any] = {}
    for field in model._meta.concrete_fields:
        if isinstance(field, models.JSONField):
            changes[field.name] = Value({"said": MARK}, field)
        elif isinstance(field, CharField | models.TextField) and not (field.choices or field.primary_key):
            longest = field.max_length or 100
            own = Concat(Value(f"{MARK}-"), Cast("pk", CharField()), output_field=CharField())
            changes[field.name] = own if longest >= 45 else Value(MARK) if longest >= len(MARK) else F(field.name)
    if wanted := {name: value for name, value in changes.items() if name not in CLOSED | LINKS}:
        rows.update(**wanted)


def paths(land: Ground) -> Iterator[tuple[str, str]]:
    """(name, path) of every address with every id."""
    every: dict[str, list[Any]] = {
        "job_id": list(Job.objects.values_list("pk", flat=True)),
        "user_id": list(User.objects.values_list("pk", flat=True)),
        "member_id": list(Membership.objects.values_list("pk", flat=True)),
        "scope": ["studio", "project", "user"],
        "owner": [0, land.project.pk, *User.objects.values_list("pk", flat=True)],
    }
    for name, names in addresses().items():
        known = land.parts(name)
        for values in itertools.product(*(every.get(part, [known[part]]) for part in names)):
            parts = dict(zip(names, values, strict=True))
            yield name, reverse(name, kwargs=parts) + QUERIES.get(name, "")


def seen(browser: Client, land: Ground) -> list[str]:
    """Every address that says a mark."""
    found, cookies = [], browser.cookies.output(header="", sep=";")
    for name, path in paths(land):
        for method in ("GET", "POST"):
            browser.cookies.load(cookies)
            with transaction.atomic():
                answer: Any = browser.get(path) if method == "GET" else browser.post(path, land.form(name))
                body = b"".join(answer.streaming_content) if answer.streaming else answer.content
                transaction.set_rollback(True)
            if MARK.encode() in body or MARK in str(answer.headers):
                found.append(f"{method} {path} ({name})")
    return found


def test_stranger_sees_no_mark(marked: Ground, cat: User, browse: Browse) -> None:
    assert seen(browse(cat), marked) == []


def test_nobody_who_is_signed_out_sees_a_mark(marked: Ground) -> None:
    assert seen(Client(), marked) == []


def test_viewer_sees_the_marks(marked: Ground, vic: User, browse: Browse) -> None:
    """So the crawl would see one."""
    vic.refresh_from_db()  # whose password was marked too
    pages = [browse(vic).get(path).text for path in ("/projects/dusk/", f"/jobs/{marked.ready.pk}/")]
    assert [MARK in page for page in pages] == [True, True]
