"""Whose money a person may see: the one rule behind every `visible_to` of this room."""

from __future__ import annotations

from django.db.models import Q

from generations.accounts.models import Seat, User
from generations.projects.models import Membership, Project, Role


def sees_all(user: User) -> bool:
    """Admins and the billing seat see the whole studio's money, members of its projects or not."""
    return user.is_active and user.seat in {Seat.ADMIN, Seat.BILLING}


def of(user: User, path: str = "") -> Q:
    """On rows with a project and a user: all, those of the projects that one manages, and one's own.

    One's own only in projects that one still sees. `path` leads to the row that has the two: "hold__".
    """
    if not user.is_active:
        return Q(pk__in=[])
    if sees_all(user):
        return Q()
    managed = Membership.objects.filter(user=user, role=Role.MANAGER).values("project")
    mine = Q(**{f"{path}user": user, f"{path}project__in": Project.objects.visible_to(user)})
    return Q(**{f"{path}project__in": managed}) | mine
