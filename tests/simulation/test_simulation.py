"""The simulator in the suite, in a process of its own: it patches clock, chance and network, and one bug at a time."""

import json
import os
import subprocess
import sys

from django.conf import settings

from tests.simulation.caught import SEEDS
from tests.simulation.every_bug import BUGS

SCHEDULES = 300
MOST_SEEDS = 200  # within so many schedules each planted bug is caught


def simulate(*options: str) -> subprocess.CompletedProcess[str]:
    kept = ("PATH", "HOME", "LANG", "TMPDIR")
    environment = {name: os.environ[name] for name in kept if name in os.environ} | {"PYTHONHASHSEED": "0"}
    command = [sys.executable, "-m", "tests.simulation.run", *options]
    return subprocess.run(
        command, cwd=settings.BASE_DIR, env=environment, capture_output=True, text=True, timeout=900, check=False
    )


def test_every_schedule_holds_every_rule() -> None:
    ended = simulate("--count", str(SCHEDULES), "--processes", "2")
    assert ended.returncode == 0, ended.stdout[-20_000:] + ended.stderr[-5_000:]
    assert ended.stdout.startswith(f"{SCHEDULES} schedules")


def test_a_schedule_is_played_again_by_its_number() -> None:
    """Steps and all: the same seed is the same story."""
    first, again = (simulate("--seed", "11") for _ in range(2))
    assert first.returncode == 0, first.stdout + first.stderr
    assert first.stdout == again.stdout


def test_each_planted_bug_is_caught() -> None:
    ended = simulate("--bugs", "--count", str(MOST_SEEDS))
    found = [json.loads(line) for line in ended.stdout.splitlines()]
    assert [line["bug"] for line in found if line["seed"] is None] == [], ended.stderr[-5_000:]
    assert {line["bug"] for line in found} == set(BUGS)
    assert max(line["played"] for line in found) <= MOST_SEEDS


def test_the_known_seeds_are_of_planted_bugs() -> None:
    assert set(SEEDS) <= set(BUGS)
