"""Links for people outside: made, revoked, opened, counted. A link that opens nothing never says why.

A link rests on the rights of whoever made it: it shows what that person manages now, in projects that are not archived.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
from dataclasses import dataclass

from django.contrib.auth.hashers import check_password, make_password
from django.core.signing import BadSignature, TimestampSigner
from django.db import transaction
from django.db.models import F, Q, QuerySet

from generations.accounts import audit
from generations.accounts.models import User
from generations.gallery.collections import Collection
from generations.gallery.comments import Comment
from generations.gallery.models import Item, Shelf
from generations.gallery.shares import ShareLink
from generations.projects.models import Membership, Project, Role

TOKEN_BYTES = 24  # 192 bits
USUAL_DAYS, MOST_DAYS = 30, 365
MOST_TRIES, TRIES_WITHIN = 10, dt.timedelta(minutes=10)
MOST_GUEST_COMMENTS = 100  # a link and day
UNLOCKED_FOR = dt.timedelta(hours=12)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What whoever makes a link chose for it."""

    name: str = ""
    days: int = USUAL_DAYS
    password: str = ""
    shows_prompt: bool = False
    shows_cost: bool = False
    shows_names: bool = False
    takes_comments: bool = False


def make(target: Item | Collection, wishes: Wishes, by: User, now: dt.datetime) -> tuple[ShareLink, str]:
    """The link and its token, which nobody can read again. `wishes.days`: 1 to MOST_DAYS."""
    token = secrets.token_urlsafe(TOKEN_BYTES)
    about = {"item": target} if isinstance(target, Item) else {"collection": target}
    with transaction.atomic():
        share = ShareLink.objects.create(
            token_hash=hash_token(token),
            name=wishes.name,
            created_by=by,
            created_at=now,
            expires_at=now + dt.timedelta(days=max(1, min(wishes.days, MOST_DAYS))),
            password=make_password(wishes.password) if wishes.password else "",
            shows_prompt=wishes.shows_prompt,
            shows_cost=wishes.shows_cost,
            shows_names=wishes.shows_names,
            takes_comments=wishes.takes_comments,
            **about,
        )
        audit.record("share.made", about=target, now=now, actor=by, after={"share": str(share.pk), "for": wishes.name})
    return share, token


def revoke(share: ShareLink, by: User, now: dt.datetime) -> None:
    """From this moment it opens nothing; twice is harmless."""
    with transaction.atomic():
        if ShareLink.objects.filter(pk=share.pk, revoked_at=None).update(revoked_at=now, revoked_by=by):
            about = share.item or share.collection
            audit.record("share.revoked", about=about, now=now, actor=by, after={"share": str(share.pk)})


def hash_token(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def find(token: str, now: dt.datetime) -> ShareLink | None:
    """The link that this token opens now, if there is still something to see behind it."""
    known = ShareLink.objects.live(now).filter(token_hash=hash_token(token))
    share = known.select_related("item", "collection", "created_by").first()
    return share if share and items_of(share).exists() else None


def items_of(share: ShareLink) -> QuerySet[Item]:
    """What it shows: nothing that was deleted, and nothing that its maker does not manage any more."""
    rows = Item.objects.filter(shelf__in=(Shelf.SHOWN, Shelf.ARCHIVED), project__in=_managed(share.created_by))
    if share.item_id:
        return rows.filter(pk=share.item_id)
    gathered = rows.filter(entries__collection=share.collection, entries__collection__deleted_at=None)
    return gathered.order_by("entries__position", "entries__pk")


def _managed(user: User) -> QuerySet[Project]:
    projects = Project.objects.active()
    if not user.is_active:
        return projects.none()
    manages = Membership.objects.filter(user=user, role=Role.MANAGER).values("project")
    return projects if user.is_admin else projects.filter(pk__in=manages)


def may_share(target: Item | Collection, user: User) -> bool:
    """A clip by the managers of its project, a project's collection by those of it; of another one it shows what
    its maker manages."""
    project = target.project
    role = project.role_of(user) if project else Role.MANAGER
    return role is not None and role.covers(Role.MANAGER)


def count_view(share: ShareLink, now: dt.datetime) -> None:
    ShareLink.objects.filter(pk=share.pk).update(views=F("views") + 1, viewed_at=now)


# ----------------------------------------------------------------- password


def may_try(share: ShareLink, now: dt.datetime) -> bool:
    """Counts a try before it is made: at most MOST_TRIES in TRIES_WITHIN, however many come at once."""
    same = ShareLink.objects.filter(pk=share.pk)
    is_over = Q(wrong_since=None) | Q(wrong_since__lte=now - TRIES_WITHIN)
    if same.filter(is_over).update(wrong_since=now, wrong_passwords=1):
        return True
    return bool(same.filter(wrong_passwords__lt=MOST_TRIES).update(wrong_passwords=F("wrong_passwords") + 1))


def fits(share: ShareLink, password: str) -> bool:
    return bool(share.password) and check_password(password, share.password)


def key_for(share: ShareLink) -> str:
    """What a browser keeps that has said the password."""
    return _signer().sign(f"{share.pk}.{hash_token(share.password)[:16]}")


def is_unlocked(share: ShareLink, key: str) -> bool:
    if not share.password:
        return True
    try:
        told = _signer().unsign(key, max_age=UNLOCKED_FOR)
    except BadSignature:
        return False
    return told == f"{share.pk}.{hash_token(share.password)[:16]}"


def _signer() -> TimestampSigner:
    return TimestampSigner(salt="share")


# ----------------------------------------------------------------- guests


def takes_more_comments(share: ShareLink, now: dt.datetime) -> bool:
    today = Comment.objects.filter(share=share, created_at__gt=now - dt.timedelta(days=1))
    return share.takes_comments and today.count() < MOST_GUEST_COMMENTS


def said_by(share: ShareLink, item: Item) -> QuerySet[Comment]:
    """What guests said of it by this link; the team's own words stay inside."""
    return Comment.objects.present().filter(share=share, item=item)
