"""Words of unknown outcome: a person says whether the relay bills them. Nothing here happens by itself."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from generations.accounts import audit
from generations.accounts.models import User
from generations.jobs.states import Overtaken
from generations.ledger import holds
from generations.projects.models import Membership, Role
from generations.writing.models import Proposal, ProposalQuerySet


class Settled(Exception):
    """It has been settled in the meantime: nothing was changed."""


def open_to(user: User) -> ProposalQuerySet:
    """Those that this person may settle, the oldest first: all for an admin, those of their projects for a manager."""
    lost = Proposal.objects.filter(state=Proposal.State.UNKNOWN).order_by("created_at")
    lost = lost.select_related("project", "user", "hold", "price")
    if user.is_admin:
        return lost
    managed = Membership.objects.filter(user=user, role=Role.MANAGER, user__is_active=True).exclude(
        user__seat="billing"
    )
    return lost.filter(project__in=managed.values("project"))


def not_billed(proposal: Proposal, *, actor: User, reason: str, now: dt.datetime) -> None:
    """Gives back what was held. Raises Settled."""
    with transaction.atomic():
        _settle(proposal, Proposal.State.FAILED, actor, reason, now)
        holds.release(proposal.hold, now)
        _record(proposal, actor, {"cost_micros": 0, "because": reason}, now)


def billed(proposal: Proposal, *, actor: User, reason: str, cost_micros: int, now: dt.datetime) -> None:
    """Charges what the relay billed for it. Raises Settled."""
    with transaction.atomic():
        _settle(proposal, Proposal.State.ENDED, actor, reason, now)
        holds.charge(proposal.hold, cost_micros, now)
        _record(proposal, actor, {"cost_micros": cost_micros, "because": reason}, now)


def _record(proposal: Proposal, actor: User, after: dict[str, int | str], now: dt.datetime) -> None:
    about = f"{proposal.project.slug} {proposal.pk}"
    before = {"held_micros": proposal.hold.amount_micros}
    audit.record("words.settled", about=about, before=before, after=after, now=now, actor=actor)


def _settle(proposal: Proposal, to: Proposal.State, actor: User, reason: str, now: dt.datetime) -> None:
    if proposal.state != Proposal.State.UNKNOWN:
        raise Settled
    try:
        proposal.move(to, settled_by=actor, settled_because=reason[:300], finished_at=now)
    except Overtaken:
        raise Settled from None
