"""Notices: the bell of every page, the list with read and unread, and each person's choice of how to be told."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django.contrib import messages
from django.db.models import Max, Q
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from generations.accounts.models import User
from generations.notices import choices, words
from generations.notices.choices import MAILED_ANYWAY, Ways
from generations.notices.models import Kind, Notice, NoticeQuerySet
from generations.web.requests import Request

A_PAGE = 50
MOST_COUNTED = 100
MOST_SAID = 5  # by the browser at once
SAID_WITHIN = dt.timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Bell:
    """How many are unread, a hundred at most; the newest notice that this page knows of."""

    count: int
    last: int

    @property
    def shown(self) -> str:
        return f"{MOST_COUNTED - 1}+" if self.count >= MOST_COUNTED else str(self.count)


@dataclass(frozen=True, slots=True)
class Line:
    notice: Notice

    @property
    def said(self) -> str:
        return words.said(self.notice)

    @property
    def detail(self) -> str:
        return words.detail(self.notice)

    @property
    def icon(self) -> str:
        return words.icon(self.notice)

    @property
    def is_bad(self) -> bool:
        return words.is_bad(self.notice)


def bell(request: HttpRequest) -> dict[str, Any]:
    """Context of every page; looked up only where a template shows it."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {}
    return {"bell": SimpleLazyObject(lambda: _bell(user))}


def _bell(user: User) -> Bell:
    return Bell(_unread(user), Notice.objects.filter(user=user).aggregate(last=Max("pk"))["last"] or 0)


def _unread(user: User) -> int:
    return _own(user).unread()[:MOST_COUNTED].count()


def _own(user: User) -> NoticeQuerySet:
    return Notice.objects.visible_to(user).on_page()


@require_safe
def notices(request: Request) -> HttpResponse:
    """Newest first, by day; `unread` leaves out the rest, `before` is where the page before ended."""
    only_unread = request.GET.get("unread") == "1"
    shown = _own(request.user).unread() if only_unread else _own(request.user)
    rows = list(_older(shown, request.GET.get("before", "")).for_showing()[: A_PAGE + 1])
    newest = Notice.objects.filter(user=request.user).aggregate(last=Max("pk"))["last"] or 0
    page = {
        "days": _by_day(rows[:A_PAGE]),
        "only_unread": only_unread,
        "before": f"{rows[A_PAGE - 1].at.isoformat()}_{rows[A_PAGE - 1].pk}" if len(rows) > A_PAGE else "",
        "until": newest,
        "now": timezone.now(),
    }
    return render(request, "notices/list.html", page)


def _older(shown: NoticeQuerySet, before: str) -> NoticeQuerySet:
    at, _bar, number = before.partition("_")
    try:
        moment, last = dt.datetime.fromisoformat(at), int(number)
    except ValueError:
        return shown
    return shown.filter(Q(at__lt=moment) | Q(at=moment, pk__lt=last)) if moment.tzinfo else shown


def _by_day(rows: Iterable[Notice]) -> list[tuple[dt.date, list[Line]]]:
    days = groupby(rows, key=lambda notice: notice.at.astimezone(dt.UTC).date())
    return [(day, [Line(notice) for notice in same]) for day, same in days]


@require_safe
def notice(request: Request) -> HttpResponseRedirect:
    """To the thing that `notice` tells of; it is read from then on."""
    found = _named(request.user, request.GET.get("notice", ""))
    if found is None:
        return redirect("notices")
    if request.method == "GET":
        Notice.objects.filter(pk=found.pk, read_at=None).update(read_at=timezone.now())
    return redirect(words.address(found))


@require_POST
def mark(request: Request) -> HttpResponseRedirect:
    """`notice` is read or unread, as `read` says: 1 or 0."""
    found = _named(request.user, request.POST.get("notice", ""))
    if found:
        read_at = timezone.now() if request.POST.get("read") == "1" else None
        Notice.objects.filter(pk=found.pk, read_at__isnull=read_at is not None).update(read_at=read_at)
    return _back(request)


def _named(user: User, number: str) -> Notice | None:
    """None when no notice is named. Raises Http404 when it is not this person's to see."""
    seen = Notice.objects.visible_to(user).for_showing()
    return get_object_or_404(seen, pk=_number(number)) if _number(number) else None


def _number(text: str) -> int:
    """0 when it is none."""
    return int(text) if text.isdecimal() and len(text) < 19 else 0


@require_POST
def mark_all(request: Request) -> HttpResponseRedirect:
    """Read, up to the notice that the page knew of: what came in between stays unread."""
    known = Notice.objects.filter(user=request.user, pk__lte=_number(request.POST.get("until", "")), read_at=None)
    known.update(read_at=timezone.now())
    return _back(request)


def _back(request: Request) -> HttpResponseRedirect:
    return redirect("/notices/?unread=1" if request.POST.get("unread") == "1" else "/notices/")


@require_safe
def news(request: Request) -> HttpResponse:
    """For the bell: 204, or the new count and what the browser may say; `after` and `count` are what it knows."""
    count, fresh = _unread(request.user), _to_say(request.user, _number(request.GET.get("after", "")))
    if not fresh and request.GET.get("count") == str(count):
        return HttpResponse(status=204)
    said = [{"id": row.pk, "text": words.said(row), "url": address(row)} for row in fresh if row.in_browser]
    last = max((row.pk for row in fresh), default=0)
    shown = Bell(count, last).shown
    return JsonResponse({"count": count, "shown": shown, "last": last, "notices": said[:MOST_SAID]})


def address(notice: Notice) -> str:
    return f"{reverse('notice')}?notice={notice.pk}"


def _to_say(user: User, after: int) -> list[Notice]:
    fresh = Notice.objects.visible_to(user).unread().filter(pk__gt=after, at__gt=timezone.now() - SAID_WITHIN)
    return list(fresh.for_showing().order_by("-pk")[: MOST_SAID * 4])


@require_http_methods(["GET", "HEAD", "POST"])
def notice_choices(request: Request) -> HttpResponse:
    """A table of kinds and ways; POST keeps it."""
    if request.method == "POST":
        choices.choose(request.user, {kind: _chosen(request, kind) for kind in choices.kinds_for(request.user)})
        messages.success(request, _("Saved."))
        return redirect("notice_choices")
    rows = [(kind, ways, kind in MAILED_ANYWAY) for kind, ways in choices.of(request.user).items()]
    return render(request, "notices/choices.html", {"rows": rows})


def _chosen(request: Request, kind: Kind) -> Ways:
    boxes = set(request.POST.getlist(kind.value))
    return Ways("page" in boxes, "mail" in boxes, "browser" in boxes)
