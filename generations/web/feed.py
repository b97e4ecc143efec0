"""The feed: what happened in the projects that one is in, a page at a time."""

from __future__ import annotations

import datetime as dt

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from generations.gallery import shelving
from generations.gallery.feed import happenings
from generations.web.requests import Request

LINES_A_PAGE = 50


@require_safe
def feed(request: Request) -> HttpResponse:
    now = timezone.now()
    shelving.shelve_new()
    lines = happenings(
        request.user, _moment(request.GET.get("before", "")) or now + dt.timedelta(minutes=1), LINES_A_PAGE
    )
    oldest = min((one.at for one in lines), default=None)
    following = "?" + urlencode({"before": oldest.isoformat()}) if oldest and len(lines) > 1 else ""
    return render(request, "feed/feed.html", {"lines": lines, "now": now, "next": following})


def _moment(text: str) -> dt.datetime | None:
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else None
