"""Comments said, changed, withdrawn, resolved; clips made again with one. Who may do so is the pages' matter.

Each verb is one transaction that holds the item's row: the item's changes are numbered without a twin, which is what a
page that waits for news compares.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from django.db import IntegrityError, transaction
from django.db.models import Max

from generations.accounts.models import User
from generations.gallery import search
from generations.gallery.comments import LONGEST_TEXT, Comment, Remake
from generations.gallery.mentions import Part, parts_of, people_in
from generations.gallery.models import Item
from generations.gallery.shares import ShareLink
from generations.jobs.models import Job


class NotSaid(Exception):
    """The text is empty or too long, or its time does not lie in the item."""


@dataclass(frozen=True, slots=True)
class Guest:
    """Somebody outside, who came by a link that takes comments."""

    name: str
    share: ShareLink


@dataclass(frozen=True, slots=True)
class Span:
    """When in the clip: at a frame, from one to another, or (without a start) about the whole."""

    start_ms: int | None = None
    end_ms: int | None = None


def say(
    item: Item,
    who: User | Guest,
    text: str,
    *,
    key: str,
    now: dt.datetime,
    span: Span | None = None,
    root: Comment | None = None,
) -> Comment:
    """A thread, or an answer in one; the same key is the same comment. Raises NotSaid."""
    text, span = _checked(text), _fitted(item, span or Span()) if root is None else Span()
    said = {"author": who} if isinstance(who, User) else {"guest_name": who.name, "share": who.share}
    try:
        with _changing(item) as change:
            comment = Comment.objects.create(
                item=item, root=root, key=key, text=text, start_ms=span.start_ms, end_ms=span.end_ms, change=change,
                created_at=now, **said,
            )  # fmt: skip
            comment.people.set(_named(item, text))
    except IntegrityError:
        return Comment.objects.get(item=item, key=key)
    return comment


def edit(comment: Comment, text: str, now: dt.datetime) -> None:
    """Raises NotSaid."""
    text = _checked(text)
    with _changing(comment.item) as change:
        same = Comment.objects.filter(pk=comment.pk, deleted_at=None)
        if same.exclude(text=text).update(text=text, edited_at=now, change=change):
            comment.people.set(_named(comment.item, text))


def withdraw(comment: Comment, now: dt.datetime) -> None:
    """Deletes the words and whom they named; answers to them stay."""
    with _changing(comment.item) as change:
        Comment.objects.filter(pk=comment.pk, deleted_at=None).update(text="", deleted_at=now, change=change)
        comment.people.clear()


def set_resolved(thread: Comment, resolved: bool, actor: User, now: dt.datetime) -> None:
    with _changing(thread.item) as change:
        same = Comment.objects.filter(pk=thread.pk, root=None, resolved_at__isnull=resolved)
        same.update(resolved_at=now if resolved else None, resolved_by=actor if resolved else None, change=change)


def link_remake(job: Job, comment: Comment) -> None:
    """The job was asked for with the words of this thread; pressed twice it is one job, and one link."""
    with _changing(comment.item) as change:
        Remake.objects.get_or_create(job=job, defaults={"comment": comment})
        Comment.objects.filter(pk=comment.pk).update(change=change)


def last_change(item: Item) -> int:
    """The number of the newest change, 0 before the first: one look into an index."""
    return Comment.objects.filter(item=item).aggregate(last=Max("change"))["last"] or 0


@contextmanager
def _changing(item: Item) -> Iterator[int]:
    """One change to the item's comments, with its number; the item's count is right when it ends."""
    with transaction.atomic():
        Item.objects.select_for_update().get(pk=item.pk)
        yield last_change(item) + 1
        present = Comment.objects.filter(item=item).present().count()
        Item.objects.filter(pk=item.pk).update(comment_count=present)
        search.index([item])


def _checked(text: str) -> str:
    text = text.strip()
    if not text or len(text) > LONGEST_TEXT:
        raise NotSaid
    return text


def _fitted(item: Item, span: Span) -> Span:
    """The span within the item; an image has no times."""
    length_ms = item.media.duration_ms or item.seconds * 1000
    if span.start_ms is None or not item.is_video:
        return Span()
    if span.start_ms > length_ms or (span.end_ms is not None and span.end_ms <= span.start_ms):
        raise NotSaid
    return Span(span.start_ms, None if span.end_ms is None else min(span.end_ms, max(length_ms, span.start_ms + 1)))


def _named(item: Item, text: str) -> list[User]:
    return people_in(text, item.project.members.filter(is_active=True))


# ----------------------------------------------------------------- read


@dataclass(frozen=True, slots=True)
class Said:
    """A comment as it is read."""

    comment: Comment
    parts: list[Part]


@dataclass(frozen=True, slots=True)
class Thread:
    said: Said
    answers: list[Said]
    remakes: list[Remake] = field(default_factory=list)

    @property
    def comment(self) -> Comment:
        return self.said.comment


def threads_of(item: Item) -> list[Thread]:
    """The item's threads, those about the whole first, then by their time; a deleted one only while it has answers."""
    rows = item.comments.select_related("author", "resolved_by").prefetch_related("people", "remakes__job")
    said = [Said(row, parts_of(row.text, list(row.people.all()))) for row in rows]
    answers: dict[object, list[Said]] = {}
    for each in said:
        if each.comment.root_id and not each.comment.deleted_at:
            answers.setdefault(each.comment.root_id, []).append(each)
    roots = [each for each in said if each.comment.root_id is None]
    shown = [each for each in roots if not each.comment.deleted_at or each.comment.pk in answers]
    shown.sort(key=lambda each: -1 if each.comment.start_ms is None else each.comment.start_ms)
    return [Thread(each, answers.get(each.comment.pk, []), list(each.comment.remakes.all())) for each in shown]
