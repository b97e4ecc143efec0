"""The one state machine of a job: which state may follow which.

::

    awaiting_approval -> queued -> sending -> running -> fetching -> succeeded
            |              |  ^      |  \\        |
            |              |  +------+   \\       +-> failed
            |              | not sent     +-> unknown -> running | failed | cancelled | queued
            +-> cancelled  +-> cancelled | failed

SENDING is committed before the first byte leaves. FETCHING means paid: the charge is posted, the bytes are being kept.
Images come with the answer to the order itself: SENDING, or an UNKNOWN whose answer came late, -> FETCHING.
UNKNOWN means that the relay may have it: the hold is kept and nothing sends it again but a person's word.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _


class State(models.TextChoices):
    AWAITING_APPROVAL = "awaiting_approval", _("Awaiting approval")
    QUEUED = "queued", _("Queued")
    SENDING = "sending", _("Sending")
    RUNNING = "running", _("Running")
    FETCHING = "fetching", _("Fetching")
    SUCCEEDED = "succeeded", _("Ready")
    FAILED = "failed", _("Failed")
    CANCELLED = "cancelled", _("Cancelled")
    UNKNOWN = "unknown", _("Outcome unknown")


MOVES: dict[State, frozenset[State]] = {
    State.AWAITING_APPROVAL: frozenset({State.QUEUED, State.CANCELLED}),
    State.QUEUED: frozenset({State.SENDING, State.FAILED, State.CANCELLED}),
    State.SENDING: frozenset({State.RUNNING, State.FETCHING, State.QUEUED, State.FAILED, State.UNKNOWN}),
    State.RUNNING: frozenset({State.FETCHING, State.FAILED, State.UNKNOWN}),
    State.FETCHING: frozenset({State.SUCCEEDED}),
    State.UNKNOWN: frozenset({State.RUNNING, State.FETCHING, State.FAILED, State.CANCELLED, State.QUEUED}),
    State.SUCCEEDED: frozenset(),
    State.FAILED: frozenset(),
    State.CANCELLED: frozenset(),
}
FINAL = frozenset(state for state, following in MOVES.items() if not following)
UNFINISHED = frozenset(MOVES) - FINAL


class Overtaken(Exception):
    """Somebody else moved the job first: stop, and change nothing."""


class ForbiddenMove(ValueError):
    """The table does not allow this move: a mistake in our code."""
