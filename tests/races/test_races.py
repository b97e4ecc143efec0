"""The races' short form, on SQLite's file and on a real PostgreSQL; `make races` runs the long one."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.races import ROUNDS
from tests.services import servers

ROOT = Path(__file__).resolve().parents[2]
Told = dict[str, str]


def run(**environment: str) -> Told:
    """race -> how it ended, of each race."""
    inherited = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    command = [sys.executable, "-m", "tests.races"]
    done = subprocess.run(command, cwd=ROOT, env=inherited | environment, capture_output=True, text=True, timeout=300)
    lines = [line.split(": ", 2) for line in done.stdout.splitlines()]
    told = {words[0].split()[1]: words[2] for words in lines if len(words) == 3}
    return told | ({"": done.stderr[-4000:]} if done.returncode else {})


@pytest.fixture(scope="module")
def on_sqlite() -> Told:
    return run()


@pytest.fixture(scope="module")
def on_postgres() -> Told:
    with servers.postgres() as url:
        return run(DATABASE_URL=url)


@pytest.mark.parametrize("race", ROUNDS)
def test_race_on_sqlite(on_sqlite: Told, race: str) -> None:
    assert on_sqlite.get(race) == "held", on_sqlite


@pytest.mark.parametrize("race", ROUNDS)
def test_race_on_postgres(on_postgres: Told, race: str) -> None:
    assert on_postgres.get(race) == "held", on_postgres
