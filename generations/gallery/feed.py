"""What happened in one's projects, the newest first: from the jobs' events, and from what was said and decided."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field

from django.db.models import Max, QuerySet
from django.utils.translation import gettext_lazy as _

from generations.accounts.models import User
from generations.gallery.comments import Comment
from generations.gallery.models import Item, Shelf
from generations.gallery.reviews import ReviewChange
from generations.jobs.models import Job, JobEvent
from generations.jobs.states import State
from generations.projects.models import Project

LOOKED_THROUGH = 50_000  # the studio's newest events: the feed does not reach further back
MOST_TOGETHER = 12
WITHIN = dt.timedelta(hours=1)

TOLD = {
    State.SUCCEEDED: ("made", "circle-check", _("made")),
    State.FAILED: ("failed", "circle-x", _("tried in vain")),
    State.AWAITING_APPROVAL: ("asks", "hand", _("asks to make")),
    State.UNKNOWN: ("unknown", "circle-question-mark", _("does not know what became of")),
}


@dataclass
class Happening:
    """One line: who did what, and where it is seen. Clips that one person made in a row stand together."""

    at: dt.datetime
    kind: str
    icon: str
    said: object  # the verb
    who: str
    project: Project
    job: Job
    text: str = ""
    address: str = ""
    items: list[Item] = field(default_factory=list)

    @property
    def key(self) -> tuple[str, str, int]:
        return (self.kind, self.who, self.project.pk)


def happenings(user: User, before: dt.datetime, limit: int) -> list[Happening]:
    """The newest before that moment; at most `limit` lines."""
    projects = Project.objects.visible_to(user)
    streams = (*_events(projects, before, limit), *_comments(user, before, limit), *_reviews(user, before, limit))
    newest = sorted(streams, key=lambda one: one.at, reverse=True)[:limit]
    return list(_together(newest))


def _events(projects: QuerySet[Project], before: dt.datetime, limit: int) -> Iterator[Happening]:
    last = JobEvent.objects.aggregate(last=Max("pk"))["last"] or 0
    events = JobEvent.objects.filter(pk__gt=last - LOOKED_THROUGH, name=JobEvent.Name.STATE, new_state__in=TOLD)
    seen = events.filter(job__project__in=projects, at__lt=before).order_by("-pk")
    for event in seen.select_related("job__project", "job__user").prefetch_related("job__items__output__media")[:limit]:
        kind, icon, said = TOLD[State(event.new_state)]
        job = event.job
        items = [item for item in job.items.all() if item.shelf == Shelf.SHOWN] if kind == "made" else []
        yield Happening(
            event.at, kind, icon, said, str(job.user), job.project, job, job.prompt, job.get_absolute_url(), items
        )


def _comments(user: User, before: dt.datetime, limit: int) -> Iterator[Happening]:
    said = Comment.objects.present().filter(created_at__lt=before, item__in=_items(user)).order_by("-created_at")
    for comment in said.select_related("author", "item__project", "item__job", "item__output__media")[:limit]:
        item = comment.item
        yield Happening(
            comment.created_at, "said", "message-circle", _("said of"), comment.who, item.project, item.job,
            comment.text, comment.get_absolute_url(), [item],
        )  # fmt: skip


def _reviews(user: User, before: dt.datetime, limit: int) -> Iterator[Happening]:
    changes = ReviewChange.objects.filter(at__lt=before, item__in=_items(user)).order_by("-pk")
    for change in changes.select_related("actor", "item__project", "item__job", "item__output__media")[:limit]:
        item, words = change.item, change.get_new_display()
        yield Happening(
            change.at, "review", "stamp", words, str(change.actor), item.project, item.job,
            change.note, item.get_absolute_url(), [item],
        )  # fmt: skip


def _items(user: User) -> QuerySet[Item]:
    """What is shown of the projects that this person is in."""
    return Item.objects.shown().filter(project__in=Project.objects.visible_to(user))


def _together(newest: list[Happening]) -> Iterator[Happening]:
    """Clips made in a row by one person, within an hour, as one line."""
    open_line: Happening | None = None
    for one in newest:
        if (
            open_line
            and one.kind == "made"
            and one.key == open_line.key
            and open_line.at - one.at < WITHIN
            and len(open_line.items) + len(one.items) <= MOST_TOGETHER
        ):
            open_line.items += one.items
            continue
        if open_line:
            yield open_line
        open_line = one
    if open_line:
        yield open_line
