"""The audit log: who did what, from where, before and after. Appended only, each event sealed with the one before it.

Record last in the transaction of the change: until it commits, nobody else can record.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from itertools import islice
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from generations.accounts.models import AuditEvent, User

ACTIONS = {
    "sign_in": _("Signed in"),
    "sign_in.failed": _("Sign-in failed"),
    "password.changed": _("Password changed"),
    "second_factor": _("Second factor changed"),
    "person.added": _("Person added"),
    "person.seat": _("Seat changed"),
    "person.switched": _("Person switched off or on"),
    "person.signed_out": _("Signed out everywhere"),
    "invitation.made": _("Invitation made"),
    "invitation.revoked": _("Invitation taken back"),
    "invitation.accepted": _("Invitation accepted"),
    "project.made": _("Project made"),
    "project.renamed": _("Project renamed"),
    "project.archived": _("Project archived or taken back"),
    "member.added": _("Member added"),
    "member.role": _("Role changed"),
    "member.removed": _("Member removed"),
    "budget.limit": _("Limit set"),
    "budget.ask_above": _("Approval amount set"),
    "budget.pause": _("Paused or resumed"),
    "money.asked": _("Adjustment asked for"),
    "money.adjusted": _("Money adjusted by hand"),
    "money.withdrawn": _("Adjustment withdrawn"),
    "prices.taken": _("Relay's prices taken over"),
    "job.approved": _("Ask approved"),
    "job.rejected": _("Ask rejected"),
    "share.made": _("Link for people outside made"),
    "share.revoked": _("Link for people outside revoked"),
    "words.settled": _("Outcome of words settled"),
    "instructions.changed": _("Instructions changed"),
}
ONE_AT_A_TIME = 0x61756469  # PostgreSQL's advisory lock of this log


@dataclass(frozen=True, slots=True)
class Origin:
    """Who asks in the present request, and from where."""

    user: User | AnonymousUser | None = None
    ip: str = ""


NOBODY = Origin()
_origin: ContextVar[Origin] = ContextVar("origin", default=NOBODY)


@contextmanager
def coming_from(origin: Origin) -> Iterator[None]:
    """What is recorded inside was asked for by this person from there."""
    token = _origin.set(origin)
    try:
        yield
    finally:
        _origin.reset(token)


def present() -> Origin:
    return _origin.get()


def record(
    action: str,
    *,
    about: object,
    now: dt.datetime,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    actor: User | None = None,
) -> None:
    """Writes down one of ACTIONS; nothing when `before` and `after` say the same: pressed twice is one event.

    `actor` None: who asks in the present request. `before` and `after` hold plain text, whole numbers, true and false.
    """
    if action not in ACTIONS:
        raise ValueError(f"{action!r} is none of audit.ACTIONS")
    if before is not None and before == after:
        return
    event = AuditEvent(
        at=now,
        action=action,
        actor=actor or _present_user(),
        about=str(about)[:200],
        before=dict(before or {}),
        after=dict(after or {}),
        ip=present().ip,
    )
    with transaction.atomic():
        _append(event)


def _present_user() -> User | None:
    user = present().user
    return User.objects.get(pk=user.pk) if user is not None and user.is_authenticated else None


def _append(event: AuditEvent) -> None:
    if connection.vendor == "postgresql":  # SQLite has one writer anyway
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [ONE_AT_A_TIME])
    event.previous_hash = AuditEvent.objects.values_list("hash", flat=True).first() or ""
    event.hash = event.digest()
    event.save(force_insert=True)


def broken(limit: int) -> list[tuple[int, str]]:
    """(event, what is wrong) where the chain does not hold, at most `limit`; reads every event."""
    return list(islice(_faults(), limit))


def _faults() -> Iterator[tuple[int, str]]:
    before = ""
    for event in AuditEvent.objects.order_by("id").iterator(chunk_size=2000):
        if event.previous_hash != before:
            yield event.pk, "does not follow the one before it"
        if event.hash != event.digest():
            yield event.pk, "does not say what it was sealed with"
        before = event.hash
