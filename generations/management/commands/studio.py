"""`manage.py studio`: everything a studio needs in one command; Ctrl-C stops all of it."""

from __future__ import annotations

import threading
from contextlib import suppress
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import DatabaseError, OperationalError, connections

from generations.health import nodes
from generations.studio import claims, setup
from generations.studio.children import end_leftovers
from generations.studio.parts import parts
from generations.studio.supervisor import Supervisor
from generations.studio.watchdog import Watchdog


class Command(BaseCommand):
    help = "Prepares the data directory, then runs web, workers, pulse and the sandbox relay until Ctrl-C."
    requires_system_checks = ()
    lines = threading.Lock()

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            with claims.claim_data(settings.DATA_DIR):
                self.run_studio()
        except (claims.Taken, setup.Unusable) as problem:
            raise SystemExit(f"relayweb: {problem}") from None
        except OperationalError as problem:
            raise SystemExit(f"relayweb: the database can't be used: {str(problem).splitlines()[0]}") from None
        except KeyboardInterrupt:
            raise SystemExit("relayweb: stopped before everything had started.") from None

    def run_studio(self) -> None:
        self.end_the_last_run()
        self.check_ports()
        sign_in = setup.prepare(self.say)
        connections.close_all()
        watchdog = Watchdog(address_to_ask(), settings.PORT, lambda: self.welcome(sign_in))
        supervisor = Supervisor(parts(), settings.DATA_DIR, self.say, sick=watchdog.sick)
        watchdog.watch(supervisor.children)
        supervisor.run()
        self.leave()
        self.say("The studio has stopped.")

    def leave(self) -> None:
        """Other studios on this database need not miss one that was asked to stop."""
        with suppress(DatabaseError):
            nodes.leave()

    def end_the_last_run(self) -> None:
        ended = end_leftovers(settings.DATA_DIR / "run" / "children.json", str(settings.DATA_DIR))
        if ended:
            self.say(f"Ended what the last run had left running: {', '.join(ended)}.")

    def check_ports(self) -> None:
        claims.check_port(settings.HOST, settings.PORT, "PORT")
        if settings.RUNS_SANDBOX:
            claims.check_port("127.0.0.1", settings.SANDBOX_PORT, "SANDBOX_PORT")

    def welcome(self, sign_in: setup.SignIn) -> None:
        relay = "the sandbox relay: clips are rehearsed and cost nothing" if settings.RUNS_SANDBOX else "the relay"
        where = f"The studio is open at {public_address()}"
        self.say(f"\n  {where}\n  {sign_in}\n  It works with {relay}. Ctrl-C stops it.\n")

    def say(self, line: str) -> None:
        """One line at a time, from any thread; a terminal that has gone away is no reason to stop."""
        with self.lines:
            try:
                self.stdout.write(line)
                self.stdout.flush()
            except (OSError, ValueError):
                return


def address_to_ask() -> str:
    """Where this machine reaches web: a wildcard address is listened on, not asked."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.HOST, settings.HOST)  # noqa: S104


def public_address() -> str:
    host = address_to_ask()
    shown = f"[{host}]" if ":" in host else host
    return settings.PUBLIC_URL or f"http://{shown}:{settings.PORT}"
