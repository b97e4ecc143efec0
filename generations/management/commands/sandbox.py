"""manage.py sandbox: the sandbox relay on an address of this machine, until SIGTERM or Ctrl-C."""

import signal
import sqlite3
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings as django_settings
from django.core.management.base import BaseCommand, CommandError

from generations.sandbox.listener import Listener
from generations.sandbox.server import CATALOG, KEY_PREFIX, Sandbox, Settings


class Command(BaseCommand):
    help = "Serve the sandbox relay: RelayDance's contract, real clips, no money."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default="127.0.0.1", help="address to listen on (127.0.0.1)")
        parser.add_argument("--port", type=int, default=8799, help="port to listen on (8799); 0 takes a free one")
        parser.add_argument("--data", type=Path, required=True, help="directory for tasks and clips")
        parser.add_argument("--wait", type=float, default=2.0, help="seconds of waiting played before a render (2)")
        parser.add_argument("--catalog", type=Path, default=CATALOG, help="catalogue of models and prices")
        parser.add_argument("--key", help=f"the one key that is good (any that begins with {KEY_PREFIX})")

        parser.add_argument(
            "--studio", default=django_settings.PUBLIC_URL or None, help="address to fetch references from (PUBLIC_URL)"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        listener = _open(options)
        asked: list[int] = []
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda number, _: asked.append(number))
        listener.start()
        self.stdout.write(f"Sandbox relay at {listener.url}/v1")
        self.stdout.flush()
        while not asked:  # an Event would not do: a signal that another thread receives leaves its wait() waiting
            time.sleep(0.1)
        listener.stop()


def _open(options: dict[str, Any]) -> Listener:
    """Raises CommandError with one clear line."""
    if not django_settings.IS_SANDBOX:
        raise CommandError("RELAY_API_KEY is a real key: the sandbox does not play the relay beside it.")
    key: str | None = options["key"]
    if key is not None and not key.startswith(KEY_PREFIX):
        raise CommandError(f"A sandbox key begins with {KEY_PREFIX}: a real key has no business here.")
    if not 0 <= options["wait"] <= 3600:
        raise CommandError("--wait must be from 0 to 3600 seconds.")
    settings = Settings(
        data=options["data"],
        catalog=options["catalog"],
        wait_seconds=options["wait"],
        key=key,
        studio_url=options["studio"],
    )
    try:
        sandbox = Sandbox(settings)
    except (OSError, ValueError, KeyError, sqlite3.Error) as problem:
        raise CommandError(f"The sandbox cannot open its data or catalogue: {problem}") from None
    try:
        return Listener(sandbox, options["host"], options["port"])
    except (OSError, OverflowError) as problem:
        sandbox.stop()
        raise CommandError(f"Cannot listen on {options['host']}:{options['port']}: {problem}") from None
