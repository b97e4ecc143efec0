"""The shared stylesheets: one file where static files are collected, each by itself elsewhere."""

from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.test import Client

from generations.web import stylesheets


def test_collected_styles_are_one_file_with_all_of_them(settings: Any, tmp_path: Path, db: None) -> None:
    settings.STATIC_ROOT = tmp_path
    settings.STORAGES = settings.STORAGES | {"staticfiles": {"BACKEND": "generations.web.stylesheets.GatheringStorage"}}
    call_command("collectstatic", interactive=False, verbosity=0)
    (address,) = stylesheets.shared()
    gathered = (tmp_path / address.removeprefix("/static/")).read_text()
    assert [name for name in stylesheets.SHARED if (tmp_path / name).read_text() not in gathered] == []
    assert address in Client().get("/accounts/login/").content.decode()


def test_styles_stand_by_themselves_where_nothing_is_collected() -> None:
    assert stylesheets.shared() == [f"/static/{name}" for name in stylesheets.SHARED]
