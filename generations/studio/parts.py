"""What the studio consists of: the command of each process, from settings."""

from __future__ import annotations

import sys

from django.conf import settings

from generations.studio.children import Part

WEB_FLAGS = [
    *("--interface", "wsgi", "--workers", "2", "--blocking-threads", "4"),
    *("--backlog", "4096", "--backpressure", "4096", "--no-ws"),
    *("--workers-kill-timeout", "10", "--respawn-failed-workers", "--log-level", "warning"),
]


def parts() -> list[Part]:
    sandbox = [Part(name="sandbox", command=_sandbox_command())] if settings.RUNS_SANDBOX else []
    return [
        *sandbox,
        Part(name="web", command=_web_command(), env={"DATABASE_POOL": "1"}, answers=True),
        Part(name="workers", command=_manage("qcluster"), env={"Q_CLUSTER_NAME": ""}, beats=True),
        Part(name="polls", command=_manage("qcluster"), env={"Q_CLUSTER_NAME": "polls"}, beats=True),
        Part(name="files", command=_manage("qcluster"), env={"Q_CLUSTER_NAME": "files"}, beats=True),
        Part(name="pulse", command=_manage("pulse"), beats=True),
    ]


def _manage(*arguments: str) -> list[str]:
    return [sys.executable, str(settings.BASE_DIR / "manage.py"), *arguments]


def _web_command() -> list[str]:
    where = ["--host", settings.HOST, "--port", str(settings.PORT), "--working-dir", str(settings.BASE_DIR)]
    return [sys.executable, "-m", "granian", *WEB_FLAGS, *where, "relayweb.wsgi:application"]


def _sandbox_command() -> list[str]:
    return _manage(
        *("sandbox", "--host", "127.0.0.1", "--port", str(settings.SANDBOX_PORT)),
        *("--data", str(settings.DATA_DIR / "sandbox"), "--wait", f"{settings.SANDBOX_WAIT_SECONDS:g}"),
    )
