"""Verbs: somebody asked in by a link that works once, for a week, for one address; and what the link opens."""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets

from django.db import transaction
from django.db.models import QuerySet

from generations.accounts import audit
from generations.accounts.models import Seat, User
from generations.projects.membership import add_member
from generations.projects.models import Invitation, Membership, Project, Role

LASTS = dt.timedelta(days=7)
TOKEN_BYTES = 32


class MayNotInvite(Exception):
    """More than this person may give: nothing was changed."""


class NotOpen(Exception):
    """Used, run out, taken back, for somebody else, or never made: nothing was changed, and nobody is told which."""


def may_invite(user: User, project: Project | None, seat: Seat) -> bool:
    """Admins give every seat and role, managers a role in their project."""
    if user.is_admin:
        return True
    return project is not None and seat == Seat.NONE and project.role_of(user) == Role.MANAGER


@transaction.atomic
def invite(
    email: str, *, actor: User, now: dt.datetime, project: Project | None = None, role: Role = Role.MEMBER, seat: Seat
) -> tuple[Invitation, str]:
    """The invitation and its token, which is kept nowhere. An open one to the same place is taken back.

    Raises MayNotInvite.
    """
    if not may_invite(actor, project, seat):
        raise MayNotInvite(email)
    email, token = email.strip().lower(), secrets.token_urlsafe(TOKEN_BYTES)
    Invitation.objects.open(now).filter(email=email, project=project).update(revoked_at=now)
    made = Invitation.objects.create(
        email=email,
        token_hash=hash_token(token),
        seat=seat,
        project=project,
        role=role,
        invited_by=actor,
        created_at=now,
        expires_at=now + LASTS,
    )
    audit.record("invitation.made", about=email, after=_given(made), actor=actor, now=now)
    return made, token


def hash_token(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


@transaction.atomic
def revoke(invitation: Invitation, now: dt.datetime) -> None:
    """Takes it back; twice, or after it was accepted, changes nothing."""
    if Invitation.objects.open(now).filter(pk=invitation.pk).update(revoked_at=now):
        audit.record("invitation.revoked", about=invitation.email, before=_given(invitation), now=now)


def _open(now: dt.datetime) -> QuerySet[Invitation]:
    return Invitation.objects.open(now).select_related("project", "invited_by")


def _still_stands(invitation: Invitation) -> bool:
    """Whether who made it may still give what it gives."""
    return may_invite(invitation.invited_by, invitation.project, Seat(invitation.seat))


def newest_for(email: str, now: dt.datetime) -> Invitation | None:
    """The newest open invitation of an address, for somebody whom another proof has shown to own it."""
    return next(filter(_still_stands, _open(now).filter(email=email)), None)


@transaction.atomic
def accept_by_sign_on(invitation: Invitation, user: User, now: dt.datetime) -> None:
    """Gives a new account the seat and role of its invitation. Raises NotOpen."""
    user.seat = Seat(invitation.seat)
    user.save(update_fields=["seat"])
    _accept(invitation, user, now)


def find(token: str, now: dt.datetime) -> Invitation:
    """The open invitation of this token, while who made it may still give what it gives. Raises NotOpen."""
    found = _open(now).filter(token_hash=hash_token(token)).first()
    if found is None or not _still_stands(found):
        raise NotOpen
    if User.objects.filter(email=found.email, is_active=False).exists():
        raise NotOpen
    return found


@transaction.atomic
def accept_as_new(token: str, *, name: str, password: str | None, now: dt.datetime) -> User:
    """Makes the account of the invited address and what was promised with it. Raises NotOpen."""
    invitation = find(token, now)
    if User.objects.filter(email=invitation.email).exists():
        raise NotOpen
    person = User.objects.create_user(invitation.email, password, name=name, seat=invitation.seat)
    _accept(invitation, person, now)
    return person


@transaction.atomic
def accept(token: str, *, user: User, now: dt.datetime) -> Invitation:
    """Gives somebody who has an account the role; never a lower one than they have. Raises NotOpen."""
    invitation = find(token, now)
    if invitation.email != user.email:
        raise NotOpen
    _accept(invitation, user, now)
    return invitation


def _accept(invitation: Invitation, user: User, now: dt.datetime) -> None:
    taken = Invitation.objects.open(now).filter(pk=invitation.pk).update(accepted_at=now, accepted_by=user)
    if taken != 1:  # somebody was faster
        raise NotOpen
    role = Role(invitation.role)
    if invitation.project and not _has_already(invitation.project, user, role):
        add_member(invitation.project, user, role, now)
    audit.record("invitation.accepted", about=invitation.email, after=_given(invitation), actor=user, now=now)


def _has_already(project: Project, user: User, role: Role) -> bool:
    had = Membership.objects.filter(project=project, user=user).values_list("role", flat=True).first()
    return had is not None and Role(had).covers(role)


def _given(invitation: Invitation) -> dict[str, str]:
    where = {"project": invitation.project.slug, "role": str(invitation.role)} if invitation.project else {}
    return ({"seat": str(invitation.seat)} if invitation.seat else {}) | where
