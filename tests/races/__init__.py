"""Races on a real database: threads that want the same thing at once, round after round."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

# name -> rounds in the suite, rounds of `make races`
ROUNDS = {
    "one_budget": (3, 200),
    "three_scopes": (3, 200),
    "settle": (15, 1000),
    "contradict": (10, 1000),
    "cancel": (25, 1000),
    "leave": (15, 1000),
    "archive": (10, 1000),
    "leave_waits": (2, 20),
    "press": (2, 100),
    "decide": (10, 500),
    "reject": (15, 1000),
    "refund": (3, 100),
    "second": (5, 200),
    "alone": (3, 200),
    "locked": (1, 3),
}


def races() -> dict[str, Callable[[Any, int], None]]:
    """Each race, once Django is set up."""
    from tests.races import approvals, by_hand, forms, money, outcomes, sends

    rooms = (money, outcomes, sends, forms, approvals, by_hand)
    return {name: next(getattr(room, name) for room in rooms if hasattr(room, name)) for name in ROUNDS}
