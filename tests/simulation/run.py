"""Plays schedules from the shell: one by its number with its steps, many, or many against a planted bug.

python -m tests.simulation.run --seed 7 [--bug NAME]
python -m tests.simulation.run --first 0 --count 300 --processes 2
python -m tests.simulation.run --bugs [--seeds FILE]      each planted bug until it is caught; JSON lines
"""

from __future__ import annotations

import argparse
import gc
import itertools
import json
import logging
import multiprocessing
import os
import shutil
import sys
import time
import warnings
from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.simulation.play import Played
    from tests.simulation.stage import Stage

BATCH = 25  # schedules that a process takes at once


def main() -> int:
    options = _options()
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.simulation.settings"
    import django

    django.setup()
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
    from django.conf import settings

    from tests.simulation import stage

    try:
        return _act(options, stage.build())
    finally:
        shutil.rmtree(settings.DATA_DIR, ignore_errors=True)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, help="play this one and print its steps")
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--count", type=int, default=300)
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--bug", default="", help="plant this bug")
    parser.add_argument("--bugs", action="store_true", help="plant each bug in turn, until it is caught")
    return parser.parse_args()


def _act(options: argparse.Namespace, built: Stage) -> int:
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)
    if options.bugs:
        return _each_bug(options.count, built)
    if options.seed is not None:
        return _tell(_batch(built, options.bug, [options.seed])[0])
    return _many(options, built)


def _tell(played: Played) -> int:
    sys.stdout.write("\n".join([*played.log, played.fault or "every rule held", ""]))
    return bool(played.fault)


def _batch(built: Stage, bug: str, seeds: Iterable[int]) -> list[Played]:
    """In this process: its transports are made anew, for a fork shares none."""
    from tests.simulation.every_bug import planted
    from tests.simulation.play import patched, play, warm_up

    with patched():
        if not _WARM:
            _WARM.append(True)
            warm_up(built)
        with planted(bug):
            return [play(seed, built) for seed in seeds]


def _many(options: argparse.Namespace, built: Stage) -> int:
    """Stops at nothing; prints every schedule that breaks a rule, with its steps, and what it took."""
    global _STAGE, _BUG
    _STAGE, _BUG = built, options.bug
    began = time.monotonic()
    batches = list(itertools.batched(range(options.first, options.first + options.count), BATCH))
    steps = bad = 0
    with multiprocessing.get_context("fork").Pool(options.processes) as pool:
        for played in itertools.chain.from_iterable(pool.imap(_in_child, batches)):
            steps += played.steps
            if played.fault:
                bad += 1
                _tell(played)
                sys.stdout.write(f"seed {played.seed} broke a rule; again: {_again(played.seed, options.bug)}\n\n")
    took = time.monotonic() - began
    sys.stdout.write(f"{options.count} schedules, {steps} steps, {bad} broke a rule, {took:.0f} s\n")
    return bad > 0


_WARM: list[bool] = []
_STAGE: Stage
_BUG = ""


def _in_child(seeds: tuple[int, ...]) -> list[Played]:
    return _batch(_STAGE, _BUG, seeds)


def _again(seed: int, bug: str) -> str:
    return f"python -m tests.simulation.run --seed {seed}{f' --bug {bug}' if bug else ''}"


def _each_bug(most: int, built: Stage) -> int:
    """One JSON line a bug: the seed that caught it (None: none did), what it broke, how many were played."""
    from tests.simulation.caught import SEEDS
    from tests.simulation.every_bug import BUGS

    missed = 0
    for name in BUGS:
        known = SEEDS.get(name, ())
        caught, played = None, 0
        for seed in (*known, *(seed for seed in range(most) if seed not in known)):
            played += 1
            if caught := _batch(built, name, [seed])[0].fault:
                break
        missed += not caught
        line = {"bug": name, "seed": seed if caught else None, "played": played, "broke": (caught or "")[:200]}
        sys.stdout.write(json.dumps(line) + "\n")
        sys.stdout.flush()
    return missed


if __name__ == "__main__":
    sys.exit(main())
