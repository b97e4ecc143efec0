"""The truth board: each day of a month, ours against the relay's record; a day's lines, each with its remedy; CSV."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from generations import queue
from generations.jobs.truths import TruthDay, TruthLine
from generations.ledger.budgets import month_start
from generations.ledger.exports import amount, csv_lines
from generations.ledger.reports import DAY, next_month
from generations.projects.models import Project
from generations.web.composer_form import studio_currency
from generations.web.requests import Request
from generations.web.waste_filters import read_month

KINDS = TruthLine.Kind


@dataclass(frozen=True, slots=True)
class Row:
    """A day of the board; `found` None when it was never compared."""

    day: dt.date
    found: TruthDay | None
    counts: list[int]

    @property
    def difference_micros(self) -> int:
        return self.found.charged_micros - self.found.relay_micros if self.found else 0

    @property
    def is_clean(self) -> bool:
        return self.found is not None and not any(self.counts)


@require_safe
def truth(request: Request) -> HttpResponse:
    now = timezone.now()
    today, this_month = now.astimezone(dt.UTC).date(), month_start(now)
    month = read_month(request.GET.get("month", ""), this_month)
    following = next_month(month)
    rows = _rows(month, min(following - DAY, today))
    page = {
        "now": now,
        "currency": studio_currency(),
        "month": month,
        "rows": rows,
        "kinds": [str(kind.label) for kind in KINDS],
        "before": f"{(month - DAY):%Y-%m}",
        "after": f"{following:%Y-%m}" if following <= this_month else "",
    }
    return render(request, "truth/board.html", page)


def _rows(first: dt.date, last: dt.date) -> list[Row]:
    """Newest first; two queries."""
    found = TruthDay.objects.filter(is_sandbox=settings.IS_SANDBOX, day__gte=first, day__lte=last)
    by_day = {row.day: row for row in found.prefetch_related("lines")}
    days = [last - number * DAY for number in range((last - first).days + 1)]
    return [Row(day, by_day.get(day), _counts(by_day.get(day))) for day in days]


def _counts(found: TruthDay | None) -> list[int]:
    kinds = [line.kind for line in found.lines.all()] if found else []
    return [kinds.count(kind.value) for kind in KINDS]


@require_safe
def day(request: Request, day: str) -> HttpResponse:
    """One day's lines, each with its job and what to do."""
    wanted = _day(day)
    row = _rows(wanted, wanted)[0]
    seen = set(Project.objects.visible_to(request.user).values_list("pk", flat=True))
    lines = row.found.lines.select_related("job__project") if row.found else []
    page = {
        "now": timezone.now(),
        "currency": studio_currency(),
        "row": row,
        "lines": [(line, line.job is not None and line.job.project_id in seen, _remedy(line)) for line in lines],
        "month": f"{wanted:%Y-%m}",
    }
    return render(request, "truth/day.html", page)


def _day(text: str) -> dt.date:
    try:
        found = dt.date.fromisoformat(text)
    except ValueError:
        raise Http404 from None
    if found > timezone.now().astimezone(dt.UTC).date():
        raise Http404
    return found


def _remedy(line: TruthLine) -> tuple[str, str] | None:
    """(address, label) of where it is put right; None where that is outside of the studio."""
    if line.kind == KINDS.UNKNOWN and line.job_id:
        return reverse("unknown", args=[line.job_id]), _("Resolve it")
    if line.kind in {KINDS.CHARGE, KINDS.COST} and line.job_id:
        return f"{reverse('adjustments')}?job={line.job_id}", _("Adjust by hand")
    if line.kind == KINDS.COST:
        return reverse("prices"), _("Prices")
    if line.kind == KINDS.OVERRUN:
        return reverse("budgets"), _("Budgets")
    if line.kind == KINDS.UNMATCHED:
        return reverse("unknowns"), _("Unknown outcomes")
    return None


@require_safe
def truth_csv(request: Request) -> StreamingHttpResponse:
    """Every line of the month."""
    this_month = month_start(timezone.now())
    month = read_month(request.GET.get("month", ""), this_month)
    currency = studio_currency()
    head = ["Day", "Kind", "What", "To do", "Task", "Job", f"Ours ({currency})", f"The relay ({currency})"]
    response = StreamingHttpResponse(csv_lines(head, _csv_rows(month)), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="truth-{month:%Y-%m}-{currency}.csv"'
    return response


def _csv_rows(month: dt.date) -> Iterator[list[Any]]:
    lines = TruthLine.objects.filter(
        day__is_sandbox=settings.IS_SANDBOX, day__day__gte=month, day__day__lt=next_month(month)
    )
    fields = ("day__day", "kind", "what", "to_do", "task_id", "job_id", "ours_micros", "relay_micros")
    for *told, ours, relay in lines.order_by("day__day", "pk").values_list(*fields).iterator(chunk_size=2000):
        yield [*told, amount(ours), amount(relay)]


@require_POST
def compare(request: Request, day: str) -> HttpResponseRedirect:
    """Has a worker compare this day; pressed twice it is compared twice, to the same end."""
    wanted = _day(day)
    queue.wake("compare_day", wanted.isoformat())
    messages.success(request, _("The day is being compared; this page tells when it is done."))
    return redirect("truth_day", wanted.isoformat())
