"""Notices made of facts: the events after a cursor, and the few rows that have none. Each person is told once.

An event may be committed after a later one: so the last minute is read again, and what was told is known by its key.
Two hosts may read at once; the unique key of a notice settles it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.db import transaction
from django.db.models import Q

from generations.jobs.models import JobEvent
from generations.notices import choices, facts
from generations.notices.choices import MAILED_ANYWAY, USUAL
from generations.notices.facts import Fact
from generations.notices.models import Notice, NoticeCursor

SETTLES_WITHIN = dt.timedelta(minutes=1)  # no transaction lasts longer
STARTS_BEFORE = dt.timedelta(hours=1)  # a studio that has never told anybody does not begin with its past
READ_EVERY, READ_AT_MOST_EVERY = dt.timedelta(seconds=30), dt.timedelta(seconds=2)
MOST_EVENTS = 5000
KEPT_FOR = dt.timedelta(days=90)


def is_due(now: dt.datetime) -> bool:
    """True for the one caller who is to have them read: an event is new, or half a minute has passed."""
    cursor = _cursor(now)
    is_fresh = JobEvent.objects.filter(pk__gt=cursor.seen_id).exists()
    rested = Q(asked_at=None) | Q(asked_at__lte=now - (READ_AT_MOST_EVERY if is_fresh else READ_EVERY))
    was_set_back = Q(asked_at__gt=now + READ_EVERY)  # the clock
    return NoticeCursor.objects.filter(rested | was_set_back, pk=cursor.pk).update(asked_at=now) == 1


def read(now: dt.datetime) -> int:
    """Writes what is new; how many notices that made."""
    cursor, newest = _cursor(now), JobEvent.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    events = list(_events(cursor))
    seen_id = events[-1].pk if len(events) == MOST_EVENTS else newest
    crew = facts.crew()
    told = [*facts.of_events(events, crew), *facts.of_marks(crew, now), *facts.of_alerts(crew, now)]
    made = _made([*told, *facts.of_inquiries(now)], now)
    with transaction.atomic():
        Notice.objects.bulk_create(made, ignore_conflicts=True)
        _move_on(cursor, seen_id, now)
    return len(made)


def _cursor(now: dt.datetime) -> NoticeCursor:
    try:
        return NoticeCursor.objects.get(pk="events")
    except NoticeCursor.DoesNotExist:
        first = _last_before(now - STARTS_BEFORE)
        return NoticeCursor.objects.get_or_create(pk="events", defaults={"settled_id": first, "seen_id": first})[0]


def _last_before(at: dt.datetime) -> int:
    return JobEvent.objects.filter(at__lte=at).order_by("-pk").values_list("pk", flat=True).first() or 0


def _events(cursor: NoticeCursor) -> Iterable[JobEvent]:
    told = JobEvent.objects.filter(name=JobEvent.Name.STATE, new_state__in=facts.TOLD_STATES)
    return told.filter(pk__gt=cursor.settled_id).select_related("job").order_by("pk")[:MOST_EVENTS]


def _move_on(cursor: NoticeCursor, seen_id: int, now: dt.datetime) -> None:
    """Never back: another host may have read further."""
    settled_id = min(seen_id, _last_before(now - SETTLES_WITHIN))
    same = NoticeCursor.objects.filter(pk=cursor.pk)
    same.filter(seen_id__lt=seen_id).update(seen_id=seen_id)
    same.filter(settled_id__lt=settled_id).update(settled_id=settled_id)


def _made(found: list[Fact], now: dt.datetime) -> list[Notice]:
    """The notices of these facts that are not written yet."""
    keys = [fact.key for fact in found]
    known = set(Notice.objects.filter(key__in=keys).values_list("key", "user"))
    chosen = choices.of_all({user_id for fact in found for user_id in fact.people})
    wanted = ((fact, user_id) for fact in found for user_id in sorted(fact.people) if (fact.key, user_id) not in known)
    return [_notice(fact, user_id, chosen.get((user_id, fact.kind), USUAL[fact.kind]), now) for fact, user_id in wanted]


def _notice(fact: Fact, user_id: int, ways: choices.Ways, now: dt.datetime) -> Notice:
    return Notice(
        user_id=user_id,
        kind=fact.kind,
        key=fact.key,
        at=fact.at,
        on_page=ways.on_page,
        in_browser=ways.in_browser,
        mail_at=now if ways.by_mail and fact.kind not in MAILED_ANYWAY else None,
        **fact.about,
    )


def forget_old(now: dt.datetime) -> int:
    """Drops what was told a quarter of a year ago."""
    return int(Notice.objects.filter(at__lt=now - KEPT_FOR).delete()[0])
