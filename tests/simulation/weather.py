"""How bad it is in a schedule: each fault's rate, drawn once, so that some schedules have much of one and none else."""

from __future__ import annotations

import random

# What may befall each thing. A request meets at most one fault of its kind.
FAULTS: dict[str, tuple[str, ...]] = {
    "submit": (
        "no_connection",
        "never_arrives",
        "answer_lost",
        "answer_cut",
        "rate_limited",
        "long_rate_limit",
        "bad_request",
        "bad_key",
        "no_balance",
        "unknown_model",
        "own_500",
        "own_503",
        "proxy_502_taken",
        "proxy_502_not_taken",
        "proxy_504_taken",
        "html_taken",
        "no_id_taken",
        "foreign_id_taken",
        "callback_first",
        "slow",
        "very_slow",
    ),
    "read": (
        "timeout",
        "own_500",
        "proxy_502",
        "rate_limited",
        "not_found",
        "bad_key",
        "not_json",
        "null",
        "other_task",
        "strange_word",
        "goes_back",
        "no_url",
        "bad_url",
        "false_failure",
        "slow",
    ),
    "fetch": ("gone", "own_500", "cut", "stalled", "html", "short", "too_long_said", "no_connection", "slow"),
    "callback": ("dropped", "doubled", "lies", "names_another", "early_word"),
    "task": ("fails", "instant", "stuck", "dearer", "cheaper", "no_figures", "short_link"),
    "worker": ("dies", "stalls", "stalls_at_begin", "dies_in_request", "stalls_in_request", "locked"),
    "wake": ("lost", "doubled"),
}
# The share of each kind's faults that a schedule does not know at all.
CALM = {"submit": 0.86, "read": 0.82, "fetch": 0.75, "callback": 0.6, "task": 0.7, "worker": 0.5, "wake": 0.6}
OFTEN = (0.1, 0.3, 0.5)
RATES = {"worker": (0.1, 0.2, 0.4), "wake": (0.1, 0.3, 0.6)}


class Weather:
    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self._rates = {
            kind: {fault: rng.choice(RATES.get(kind, OFTEN)) for fault in faults if rng.random() > CALM[kind]}
            for kind, faults in FAULTS.items()
        }

    def pick(self, kind: str) -> str:
        """The fault that befalls this one, or ''."""
        for fault, rate in self._rates[kind].items():
            if self._rng.random() < rate:
                return fault
        return ""

    def has(self, kind: str, fault: str) -> bool:
        """Whether this fault befalls this one, besides others."""
        rate = self._rates[kind].get(fault, 0.0)
        return bool(rate) and self._rng.random() < rate

    def clear(self) -> None:
        """No more faults."""
        self._rates = {kind: {} for kind in FAULTS}

    def __str__(self) -> str:
        return ", ".join(
            f"{kind}.{fault} {rate:.0%}" for kind, faults in self._rates.items() for fault, rate in faults.items()
        )
