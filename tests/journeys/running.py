"""A whole studio in processes of its own, on free ports, with data in a directory that is thrown away."""

from __future__ import annotations

import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
EMAIL, PASSWORD = "ada@example.com", "correct horse battery"
START_SECONDS = 90

PEOPLE = """
from generations.accounts.models import User
from generations.projects.models import Membership, Project, Role
project = Project.objects.get()
for name, role in (("ann", "manager"), ("ben", "member"), ("vic", "viewer"), ("cat", "")):
    person, _ = User.objects.get_or_create(email=f"{name}@example.com", defaults={"name": name.title()})
    person.set_password("correct horse battery"); person.save()
    if role:
        Membership.objects.get_or_create(project=project, user=person, defaults={"role": Role(role)})
"""


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


@dataclass
class Studio:
    """`start` it, use `url`, `stop` it; `data` survives between the two."""

    data: Path
    more: dict[str, str] = field(default_factory=dict)
    port: int = field(default_factory=free_port)
    sandbox_port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> Path:
        return self.data / "studio.log"

    def environment(self) -> dict[str, str]:
        own = {
            "DATA_DIR": str(self.data),
            "PORT": str(self.port),
            "SANDBOX_PORT": str(self.sandbox_port),
            "SANDBOX_WAIT_SECONDS": "1",
            "STUDIO_EMAIL": EMAIL,
            "STUDIO_PASSWORD": PASSWORD,
            "DJANGO_SETTINGS_MODULE": "relayweb.settings",
        }
        inherited = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        return inherited | own | self.more

    def start(self) -> None:
        self.data.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "manage.py", "studio"],
                cwd=ROOT,
                env=self.environment(),
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        self.wait_until_well()

    def wait_until_well(self) -> None:
        ends_at = time.monotonic() + START_SECONDS
        while time.monotonic() < ends_at:
            if self.process and self.process.poll() is not None:
                break
            try:
                with urllib.request.urlopen(f"{self.url}/healthz", timeout=5) as answer:
                    if answer.status == 200:
                        return
            except (urllib.error.URLError, OSError):
                pass
            time.sleep(0.2)
        raise AssertionError(f"the studio did not start:\n{self.log.read_text()[-4000:]}")

    def stop(self) -> None:
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(timeout=30)

    def run(self, code: str) -> str:
        """What this Python prints, run inside the studio's own Django."""
        command = [sys.executable, "manage.py", "shell", "--no-imports", "-c", code]
        done = subprocess.run(command, cwd=ROOT, env=self.environment(), capture_output=True, text=True, check=True)
        return done.stdout

    def query(self, sql: str, *values: object) -> list[tuple[object, ...]]:
        database = sqlite3.connect(f"file:{self.data / 'studio.sqlite3'}?mode=ro", uri=True)
        try:
            return database.execute(sql, values).fetchall()
        finally:
            database.close()
