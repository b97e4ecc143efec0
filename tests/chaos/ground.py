"""What kill trials stand on: a database, a project, a relay in another process; and work done in forked children."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import django
import httpx

ROOT = Path(__file__).resolve().parents[2]
KEY = {"Authorization": "Bearer sbx-studio"}


class Relay:
    """The cheap sandbox in a process of its own. It is never killed, and knows what was really asked of it."""

    def __init__(self, data: Path, *options: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.chaos.relay", "--data", str(data), *options],
            cwd=ROOT,
            env=os.environ | {"DJANGO_SETTINGS_MODULE": "relayweb.settings", "DATA_DIR": str(data)},
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        self.url = self.process.stdout.readline().strip()
        assert self.url, "the relay did not start"

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(timeout=20)

    def record(self, prompt: str = "") -> dict[str, Any]:
        """Its own tasks and posts: all, or those of one prompt."""
        asked = {"prompt": prompt} if prompt else {}
        said: dict[str, Any] = httpx.get(f"{self.url}/sandbox/tasks", params=asked, headers=KEY, timeout=30).json()
        return said

    def wait_until_done(self, prompt: str) -> None:
        until = time.monotonic() + 30
        while any(task["state"] not in {"done", "failed"} for task in self.record(prompt)["tasks"]):
            assert time.monotonic() < until, self.record(prompt)
            time.sleep(0.02)


def say(*lines: object) -> None:
    """Prints at once, so that a long run can be watched."""
    for line in lines:
        sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def open_studio(data: Path, relay_url: str) -> None:
    """Settings, tables, catalogue and people of a studio in this process; nothing listens."""
    own = {"DATA_DIR": str(data), "RELAY_BASE_URL": relay_url, "PUBLIC_URL": "http://127.0.0.1:9"}
    os.environ.update(own | {"DJANGO_SETTINGS_MODULE": "relayweb.settings"})
    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    call_command("import_catalog", stdout=io.StringIO())


def in_child(work: Callable[[], None]) -> int:
    """Runs this in a forked process; its exit status, negative for the signal that ended it. 1: it raised."""
    from django.db import connections

    connections.close_all()
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    try:
        work()
        os._exit(0)
    except BaseException:  # noqa: BLE001 - whatever it is, the child must not return into its parent's work
        traceback.print_exc()
        os._exit(1)
