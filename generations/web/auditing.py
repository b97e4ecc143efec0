"""The audit log as admins read it: filtered, a page at a time, and as CSV."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.db.models import QuerySet
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from generations.accounts.audit import ACTIONS
from generations.accounts.models import AuditEvent, User
from generations.ledger.exports import csv_lines
from generations.web.requests import Request

EVENTS_A_PAGE = 50
HEAD = ("Event", "At (UTC)", "Action", "Who", "About", "Before", "After", "From", "Hash")


class AuditForm(forms.Form):
    action = forms.ChoiceField(label=_("What"), choices=[("", _("Everything")), *ACTIONS.items()], required=False)
    who = forms.ModelChoiceField(
        User.objects.order_by("email"), label=_("Who"), required=False, empty_label=_("Anybody")
    )
    about = forms.CharField(label=_("About"), max_length=200, required=False)
    first = forms.DateField(label=_("From"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    last = forms.DateField(label=_("To"), required=False, widget=forms.DateInput(attrs={"type": "date"}))


def _events(form: AuditForm) -> QuerySet[AuditEvent]:
    """What the filters leave, the newest first; a filter that makes no sense leaves nothing out."""
    form.is_valid()
    given: dict[str, Any] = form.cleaned_data
    events = AuditEvent.objects.select_related("actor")
    wanted = {
        "action": given.get("action"),
        "actor": given.get("who"),
        "about__icontains": given.get("about"),
        "at__gte": _midnight(given.get("first"), 0),
        "at__lt": _midnight(given.get("last"), 1),
    }
    return events.filter(**{name: value for name, value in wanted.items() if value})


def _midnight(day: dt.date | None, days_later: int) -> dt.datetime | None:
    return dt.datetime.combine(day + dt.timedelta(days_later), dt.time(), dt.UTC) if day else None


@require_safe
def audit_log(request: Request) -> HttpResponse:
    form = AuditForm(request.GET)
    events = _events(form)
    before = request.GET.get("before", "")
    if before.isascii() and before.isdigit() and len(before) < 19:
        events = events.filter(pk__lt=before)
    shown = list(events[: EVENTS_A_PAGE + 1])
    filters = {name: value for name, value in request.GET.items() if value and name in form.fields}
    more = shown[EVENTS_A_PAGE - 1].pk if len(shown) > EVENTS_A_PAGE else None
    page = {
        "form": form,
        "events": [(event, ACTIONS.get(event.action, event.action)) for event in shown[:EVENTS_A_PAGE]],
        "filters": urlencode(filters),
        "more": urlencode(filters | {"before": more}) if more else "",
    }
    return render(request, "people/audit.html", page)


@require_safe
def audit_csv(request: Request) -> StreamingHttpResponse:
    """Every event that the filters leave, however many."""
    lines = csv_lines(HEAD, _rows(_events(AuditForm(request.GET))))
    response = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="audit.csv"'
    return response


def _rows(events: QuerySet[AuditEvent]) -> Iterator[list[object]]:
    for event in events.iterator(chunk_size=2000):
        who = event.actor.email if event.actor else ""
        changed = (json.dumps(side, sort_keys=True) if side else "" for side in (event.before, event.after))
        at = f"{event.at:%Y-%m-%d %H:%M:%S}"
        yield [event.pk, at, event.action, who, event.about, *changed, event.ip, event.hash]
