"""Runs races on DATABASE_URL's database, else a SQLite file, and prints each: python -m tests.races [--long] [NAME …]

SQLite's file lies in a directory that is thrown away, with the studio's own settings: WAL, FULL sync, IMMEDIATE.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
import traceback


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="relayweb-races-") as data:
        os.environ["DATA_DIR"] = data
        os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
        import django

        django.setup()
        return run()


def run() -> int:
    from django.db import connection

    from tests.races import ROUNDS, races
    from tests.races.ground import check_invariants, prepared

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", choices=[*ROUNDS, []])
    parser.add_argument("--long", action="store_true", help="the rounds of `make races`")
    parser.add_argument("--rounds", type=int, help="so many of each instead")
    chosen = parser.parse_args()
    lost = 0
    with prepared() as ground:
        for name, race in races().items():
            if chosen.names and name not in chosen.names:
                continue
            began, rounds = time.monotonic(), chosen.rounds or ROUNDS[name][chosen.long]
            try:
                for number in range(rounds):
                    race(ground, number)
                check_invariants()
                outcome = "held"
            except Exception as story:  # noqa: BLE001 - a race that breaks is lost, and the next one runs all the same
                lost, outcome = lost + 1, f"LOST in round {number}: {story!r}"
                traceback.print_exception(story)
            seconds = time.monotonic() - began
            print(f"{connection.vendor} {name}: {rounds} rounds in {seconds:.1f} s: {outcome}", flush=True)  # noqa: T201
    return lost


if __name__ == "__main__":
    sys.exit(main())
