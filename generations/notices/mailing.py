"""Notices by mail: each at most once, and a digest instead of a flood.

At most three mails go to one person in ten minutes; what comes beyond waits, and goes together as one. A mail is
written down with its notices before it goes out: should the worker die in between, it is not sent again.
"""

from __future__ import annotations

import datetime as dt
import logging
import smtplib
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import ngettext

from generations import queue
from generations.accounts.models import User
from generations.notices import words
from generations.notices.models import Notice, NoticeMail, NoticeQuerySet

log = logging.getLogger(__name__)
MOST_AT_ONCE, WINDOW = 3, dt.timedelta(minutes=10)
MOST_LINES = 50
LEASE = dt.timedelta(minutes=1)
Clock = Callable[[], dt.datetime]


def sweep(now: dt.datetime) -> int:
    """Wakes a worker for everybody to whom a mail is due; how many. Losing such a wake-up only costs its lease."""
    due = Notice.objects.filter(mail_at__lte=now)
    people = list(due.order_by("user").values_list("user", flat=True).distinct())
    for user_id in people:
        if due.filter(user=user_id).update(mail_at=now + LEASE):
            queue.wake("mail_notices", user_id)
    return len(people)


def send(user: User, clock: Clock) -> bool:
    """One mail with all that waits for this person; False when nothing went out, or not yet."""
    now = clock()
    if free_at := _full_until(user, now):
        _waiting(user).update(mail_at=free_at)
        return False
    mail = _take(user, now)
    if mail is None:
        return False
    notices = list(mail.notices.visible_to(user).unread().for_showing())
    if not notices:
        _end(mail, NoticeMail.Outcome.DROPPED)
        return False
    try:
        _message(user, notices).send()
    except (smtplib.SMTPException, OSError) as problem:
        log.error("a mail to person %s could not be sent: %s", user.pk, problem)
        _end(mail, NoticeMail.Outcome.FAILED, str(problem))
        return False
    _end(mail, NoticeMail.Outcome.SENT)
    return True


def _waiting(user: User) -> NoticeQuerySet:
    return Notice.objects.filter(user=user, mail_at__isnull=False)


def _full_until(user: User, now: dt.datetime) -> dt.datetime | None:
    """When the next mail may go, while this person has had enough of them; a clock that was set back blocks nobody."""
    lately = NoticeMail.objects.filter(user=user, at__gt=now - WINDOW, at__lte=now)
    sent = list(lately.exclude(outcome=NoticeMail.Outcome.DROPPED).order_by("-at").values_list("at", flat=True))
    return sent[MOST_AT_ONCE - 1] + WINDOW if len(sent) >= MOST_AT_ONCE else None


def _take(user: User, now: dt.datetime) -> NoticeMail | None:
    """The mail with all that waits, committed before it goes; None when another worker has taken that."""
    with transaction.atomic():
        mail = NoticeMail.objects.create(user=user, at=now)
        mail.told = _waiting(user).update(mail=mail, mail_at=None)
        mail.save(update_fields=["told"])
        transaction.set_rollback(not mail.told)
    return mail if mail.told else None


def _end(mail: NoticeMail, outcome: NoticeMail.Outcome, problem: str = "") -> None:
    NoticeMail.objects.filter(pk=mail.pk).update(outcome=outcome, problem=problem[:300])


def _message(user: User, notices: list[Notice]) -> EmailMultiAlternatives:
    lines = [
        {
            "said": words.said(notice),
            "detail": words.detail(notice),
            "url": f"{url('notice')}?notice={notice.pk}",
            "at": notice.at,
        }
        for notice in notices[:MOST_LINES]
    ]
    told = {
        "user": user,
        "lines": lines,
        "more": len(notices) - len(lines),
        "all_url": url("notices"),
        "choices_url": url("notice_choices"),
    }
    message = EmailMultiAlternatives(
        _subject(str(lines[0]["said"]), len(notices)),
        render_to_string("emails/notices.txt", told),
        None,
        [user.email],
        headers={"Auto-Submitted": "auto-generated"},
    )
    message.attach_alternative(render_to_string("emails/notices.html", told), "text/html")
    return message


def _line(notice: Notice) -> dict[str, Any]:
    leads_to = f"{url('notice')}?notice={notice.pk}"
    return {"said": words.said(notice), "detail": words.detail(notice), "url": leads_to, "at": notice.at}


def _subject(first: str, count: int) -> str:
    if count == 1:
        return f"relayweb: {first}"
    return "relayweb: " + ngettext("%d notice", "%d notices", count) % count


def url(name: str) -> str:
    """The whole address of a page: mail stands outside of the studio."""
    return (settings.PUBLIC_URL or f"http://{settings.HOST}:{settings.PORT}") + reverse(name)
