"""A process of its own for test_archive: `python -m tests.media.crash CLIP word…`, with a database in DATA_DIR."""

import os
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import django

django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402

from generations.media import archive  # noqa: E402
from generations.media.models import MediaFile  # noqa: E402

CLIP = Path(sys.argv[1])


def keep() -> None:
    say(archive.keep(CLIP, motion=False).pk)


def say(word: object) -> None:
    sys.stdout.write(f"{word}\n")


def die() -> None:
    with connection.execute_wrapper(kill_at_insert):
        keep()


def kill_at_insert(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
    if sql.startswith("INSERT"):
        os.kill(os.getpid(), signal.SIGKILL)
    return execute(sql, *rest)


def together() -> None:
    threads = [threading.Thread(target=keep) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


WORDS: dict[str, Callable[[], object]] = {
    "migrate": lambda: call_command("migrate", verbosity=0),
    "count": lambda: say(MediaFile.objects.count()),
    "keep": keep,
    "die": die,
    "together": together,
}

if __name__ == "__main__":
    for word in sys.argv[2:]:
        WORDS[word]()
