"""Who needs a kept file: the rooms above say so, since this one can't look up at their rows."""

from collections.abc import Callable, Collection, Mapping
from typing import NamedTuple


class Use(NamedTuple):
    """How many jobs were ever made with a file, and how many of them have not ended."""

    jobs: int = 0
    unfinished: int = 0

    def __add__(self, other: tuple[int, ...]) -> "Use":  # type: ignore[override]
        return Use(self.jobs + other[0], self.unfinished + other[1])


Counter = Callable[[Collection[int]], Mapping[int, Use]]  # media ids -> their uses; those without one may be left out
_counters: list[Counter] = []


def register(counter: Counter) -> None:
    """A room above says once, where it is imported, how to count its own uses."""
    if counter not in _counters:
        _counters.append(counter)


def uses_of(media_ids: Collection[int]) -> dict[int, Use]:
    """Every one of these files with its uses, by one query a room."""
    found = dict.fromkeys(media_ids, Use())
    for counter in _counters:
        for media_id, use in counter(media_ids).items():
            found[media_id] = found[media_id] + use
    return found


def in_use(media_id: int) -> bool:
    """Whether a job that has not ended needs this file."""
    return uses_of([media_id])[media_id].unfinished > 0
