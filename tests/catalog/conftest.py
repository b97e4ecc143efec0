"""The shipped catalogue, imported, and small files made from it."""

import datetime as dt
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from generations.catalog.importing import import_catalogue
from generations.management.commands.import_catalog import SHIPPED

NOON = dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)


@pytest.fixture
def shipped(db: None) -> None:
    import_catalogue(SHIPPED.read_text(), source="shipped", now=NOON)


@pytest.fixture
def edited(tmp_path: Path) -> Callable[[Callable[[Any], object]], Path]:
    """edited(change): a file with the shipped catalogue after `change` has worked on it."""

    def write(change: Callable[[Any], object]) -> Path:
        body = json.loads(SHIPPED.read_text())
        change(body)
        path = tmp_path / "edited.json"
        path.write_text(json.dumps(body))
        return path

    return write
