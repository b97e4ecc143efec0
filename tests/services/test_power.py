"""A power cut: SQLite syncs every commit, and whatever tail of the journal is lost, what is left keeps every rule."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from generations.jobs.invariants import CHECKS

ROOT = Path(__file__).resolve().parents[2]
CUTS = 40

# Jobs that are queued, sent, cancelled and settled; the journal is left as it is when the machine goes dark.
WORK = """
import io, os, django
django.setup()
from django.core.management import call_command
from django.db import connection
from tests import builders
call_command("migrate", verbosity=0)
call_command("import_catalog", stdout=io.StringIO())
cursor = connection.cursor()
told = [cursor.execute(f"PRAGMA {name}").fetchone()[0] for name in ("journal_mode", "synchronous", "foreign_keys")]
cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
cursor.execute("PRAGMA wal_autocheckpoint=0").fetchall()
from generations.jobs import lifecycle, observing
from generations.relay.exchange import Exchange
from generations.relay.wire import Task
ben = builders.user("ben")
project = builders.project("Dusk", manager=ben)
for number in range(4):
    lifecycle.cancel_job(builders.job(project, ben), actor=ben, now=builders.NOW)
    made = builders.running_job(project, ben, task_id=f"task_{number}")
    word = "failed" if number % 2 else "succeeded"
    task = Task.from_json({"task_id": f"task_{number}", "status": word, "url": "https://cdn.example/clip.mp4"})
    observing.observe(made, task, Exchange(method="GET", path="/", status=200), builders.NOW)
print(*told, flush=True)
os._exit(0)
"""


@pytest.fixture(scope="module")
def dark(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[str]]:
    """The database's directory after the work, and what SQLite says of its own settings."""
    data = tmp_path_factory.mktemp("dark")
    own = {"DATA_DIR": str(data), "DJANGO_SETTINGS_MODULE": "tests.settings"}
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    done = subprocess.run([sys.executable, "-c", WORK], cwd=ROOT, env=kept | own, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return data, done.stdout.split()


def test_every_commit_is_synced(dark: tuple[Path, list[str]]) -> None:
    assert dark[1] == ["wal", "2", "1"]  # 2: FULL


@pytest.mark.parametrize("part", range(CUTS + 1))
def test_a_lost_tail_of_the_journal_breaks_no_rule(dark: tuple[Path, list[str]], tmp_path: Path, part: int) -> None:
    left = tmp_path / "studio.sqlite3"
    shutil.copy(dark[0] / "studio.sqlite3", left)
    journal = (dark[0] / "studio.sqlite3-wal").read_bytes()
    left.with_name("studio.sqlite3-wal").write_bytes(journal[: len(journal) * part // CUTS])
    database = sqlite3.connect(left)
    broken = {name: rows for name, query in queries() if (rows := database.execute(query).fetchall())}
    jobs = database.execute("SELECT COUNT(*) FROM generations_job").fetchone()[0]
    database.close()
    assert broken == {}
    assert jobs == 8 or part < CUTS


def queries() -> list[tuple[str, str]]:
    return [(name, query.replace("?soon", "'9999-01-01'")) for name, (_, query) in CHECKS.items()]
