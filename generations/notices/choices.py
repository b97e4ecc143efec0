"""How each person wants to be told of each kind: in the page, by mail, by the browser."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from django.db import transaction

from generations.accounts.models import User
from generations.notices.models import Kind, NoticeChoice


class Ways(NamedTuple):
    on_page: bool
    by_mail: bool
    in_browser: bool


USUAL = {
    Kind.READY: Ways(True, False, True),
    Kind.FAILED: Ways(True, False, True),
    Kind.BLOCKED: Ways(True, False, True),
    Kind.APPROVED: Ways(True, True, True),
    Kind.REJECTED: Ways(True, True, True),
    Kind.LAPSED: Ways(True, True, False),
    Kind.UNKNOWN: Ways(True, True, True),
    Kind.ANSWERED: Ways(True, False, True),
    Kind.ASKED: Ways(True, True, True),
    Kind.MARK: Ways(True, True, False),
    Kind.PAUSED: Ways(True, False, True),
    Kind.RESUMED: Ways(True, False, False),
    Kind.EXPIRING: Ways(True, False, True),
    Kind.ALERT: Ways(True, False, True),
}
FOR_ADMINS = {Kind.PAUSED, Kind.RESUMED, Kind.EXPIRING, Kind.ALERT}
MAILED_ANYWAY = {Kind.PAUSED, Kind.EXPIRING, Kind.ALERT}  # as alerts, by the health room: once, to every admin


def kinds_for(user: User) -> list[Kind]:
    """The kinds of which this person can be told."""
    return [kind for kind in Kind if user.is_admin or kind not in FOR_ADMINS]


def of(user: User) -> dict[Kind, Ways]:
    chosen = of_all([user.pk])
    return {kind: chosen.get((user.pk, kind), USUAL[kind]) for kind in kinds_for(user)}


def of_all(user_ids: Iterable[int]) -> dict[tuple[int, str], Ways]:
    """(user, kind) -> what they have chosen; whoever has chosen nothing is not in it."""
    rows = NoticeChoice.objects.filter(user__in=user_ids)
    return {(row.user_id, row.kind): Ways(row.on_page, row.by_mail, row.in_browser) for row in rows}


@transaction.atomic
def choose(user: User, chosen: dict[Kind, Ways]) -> None:
    """From now on; what was told already stays as it is."""
    for kind, ways in chosen.items():
        NoticeChoice.objects.update_or_create(user=user, kind=kind, defaults=ways._asdict())
