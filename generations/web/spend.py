"""The spend pages: the overview, the jobs behind a figure, and both as CSV, with the ledger itself for bookkeeping."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from django.db.models import QuerySet
from django.db.models.functions import Coalesce
from django.http import Http404, StreamingHttpResponse
from django.http.response import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from generations.ledger import reports
from generations.ledger.adjustments import Adjustment
from generations.ledger.exports import amount, csv_lines
from generations.ledger.models import Budget, Hold
from generations.ledger.reports import Wanted
from generations.projects.models import Project
from generations.web import spend_filters
from generations.web.requests import Request
from generations.web.spend_filters import Filters
from generations.web.spend_tables import Table, breakdown, stacked, title_of

JOBS_A_PAGE = 50
ROWS_AT_ONCE = 2000


@require_safe
def overview(request: Request) -> HttpResponse:
    now = timezone.now()
    filters = spend_filters.read(request, now)
    month = reports.month(filters.wanted, now)
    page = _shared(filters) | {
        "month": month,
        "limit_title": _limit_title(month.budget, filters.wanted),
        "total": reports.total(filters.wanted),
        "stacked": stacked(filters),
        "dimensions": [(title_of(by), filters.url("spend", by=by), by == filters.by) for by in reports.DIMENSIONS],
        "breakdowns": [breakdown(filters, by) for by in reports.DIMENSIONS],
    }
    return render(request, "spend/overview.html", page)


def _limit_title(budget: Budget | None, wanted: Wanted) -> str:
    """Whose limit stands beside the figures."""
    if budget is None:
        return _("Limit")
    if budget.scope == Budget.Scope.STUDIO:
        return _("Limit of the studio")
    if budget.user_id == wanted.user.pk:
        return _("Your own limit")
    return _("Limit of %(name)s") % {"name": wanted.project or wanted.person}


def _shared(filters: Filters) -> dict[str, Any]:
    return {
        "filters": filters,
        "wanted": filters.wanted,
        "currency": filters.wanted.currency,
        "csv_of": {name: filters.url("spend_table_csv", table=name) for name in ("days", *reports.DIMENSIONS)},
        "jobs_csv": filters.url("spend_jobs_csv"),
        "ledger_csv": filters.url("spend_ledger_csv"),
    }


@require_safe
def table_csv(request: Request) -> StreamingHttpResponse:
    """One table of the overview, cell for cell."""
    filters = spend_filters.read(request, timezone.now())
    table = _table(filters, request.GET.get("table", ""))
    return _csv(filters, table.name, table.raw_head(filters.wanted.currency), table.raw())


def _table(filters: Filters, name: str) -> Table:
    if name == "days":
        return stacked(filters)
    for by in reports.DIMENSIONS:
        if by == name:
            return breakdown(filters, by)
    raise Http404


@require_safe
def jobs(request: Request) -> HttpResponse:
    """What was charged, one by one, the newest first."""
    filters = spend_filters.read(request, timezone.now())
    found = _before(_charged(filters), request.GET.get("before", ""))
    holds = list(found[: JOBS_A_PAGE + 1])
    shown, last = holds[:JOBS_A_PAGE], holds[JOBS_A_PAGE - 1] if len(holds) > JOBS_A_PAGE else None
    seen = _seen(filters)
    page = _shared(filters) | {
        "total": reports.total(filters.wanted),
        "adjustments": [] if request.GET.get("before") else _adjusted(filters)[:JOBS_A_PAGE],
        "holds": [(hold, hold.project_id in seen) for hold in shown],
        "more": filters.url("spend_jobs", before=str(last.pk)) if last else "",
        "newest": filters.url("spend_jobs") if request.GET.get("before") else "",
    }
    return render(request, "spend/jobs.html", page)


def _adjusted(filters: Filters) -> QuerySet[Adjustment]:
    """Money put right by hand; it stands on the first page, and in the file below all jobs."""
    found = filters.wanted.adjustments().select_related("project", "user", "asked_by", "hold__attempt")
    return found.order_by("-pk")


def _charged(filters: Filters) -> QuerySet[Hold]:
    charged = filters.wanted.charged().select_related("project", "user", "attempt__job__model", "proposal")
    return charged.order_by("-settled_at", "-pk")


def _before(holds: QuerySet[Hold], before: str) -> QuerySet[Hold]:
    """Those that come after this one in the list, which the address names."""
    if not (before.isascii() and before.isdigit() and len(before) < 19):
        return holds
    at = Hold.objects.filter(pk=before).values_list("settled_at", flat=True).first()
    if at is None:
        return holds
    return holds.filter(settled_at__lte=at).exclude(settled_at=at, pk__gte=before)


def _seen(filters: Filters) -> set[int]:
    """The projects whose clips this person may see, not only their cost."""
    return set(Project.objects.visible_to(filters.wanted.user).values_list("pk", flat=True))


JOB_FIELDS = (
    "settled_at",
    "project_id",
    "attempt__job_id",
    "words",
    "project__name",
    "user__email",
    "model",
    "resolution",
    "attempt__job__seconds",
    "amount_micros",
    "charged_micros",
)
JOB_COLUMNS = ("Charged (UTC)", "Job", "Prompt", "Project", "Person", "Model", "Resolution", "Seconds")


@require_safe
def jobs_csv(request: Request) -> StreamingHttpResponse:
    """Every job that the page leads through, however many."""
    filters = spend_filters.read(request, timezone.now())
    currency = filters.wanted.currency
    head = [*JOB_COLUMNS, f"Estimate ({currency})", f"Cost ({currency})"]
    return _csv(filters, "jobs", head, _job_rows(filters))


def _job_rows(filters: Filters) -> Iterator[list[object]]:
    seen = _seen(filters)
    words = Coalesce("attempt__job__prompt", "proposal__prompt")
    holds = _charged(filters).select_related(None).annotate(words=words).values_list(*JOB_FIELDS)
    for at, project, job, prompt, *rest, estimate, cost in holds.iterator(chunk_size=ROWS_AT_ONCE):
        told = prompt if project in seen else ""
        yield [f"{at:%Y-%m-%d %H:%M:%S}", job, told, *rest, amount(estimate), amount(cost)]
    for made in _adjusted(filters):
        yield _adjusted_row(made)


def _adjusted_row(made: Adjustment) -> list[object]:
    """Money put right by hand, below the jobs: a refund is below zero."""
    hold = made.hold
    job, told = (hold.attempt.job_id if hold else ""), f"{_('By hand')}: {made.reason}"
    where = [made.project.name, made.user.email, made.model, made.resolution, ""]
    return [f"{made.decided_at:%Y-%m-%d %H:%M:%S}", job, told, *where, amount(None), amount(made.signed_micros)]


OF_EITHER = {
    f"of_{name}": Coalesce(f"hold__{field}", f"adjustment__{path}")
    for name, field, path in (
        ("job", "attempt__job_id", "hold__attempt__job_id"),
        ("project", "project__name", "project__name"),
        ("person", "user__email", "user__email"),
        ("model", "model", "model"),
        ("resolution", "resolution", "resolution"),
    )
}
ENTRY_FIELDS = (
    "pk",
    "at",
    "kind",
    "source__kind",
    "target__kind",
    "amount_micros",
    "currency",
    "hold_id",
    *OF_EITHER,
    "adjustment__reason",
)
ENTRY_HEAD = (
    "Entry",
    "At (UTC)",
    "Kind",
    "From",
    "To",
    "Amount",
    "Currency",
    "Hold",
    "Job",
    "Project",
    "Person",
    "Model",
    "Resolution",
    "Reason",
)


@require_safe
def ledger_csv(request: Request) -> StreamingHttpResponse:
    """Every entry of the ledger in that time: holds and releases too."""
    filters = spend_filters.read(request, timezone.now())
    return _csv(filters, "ledger", ENTRY_HEAD, _entry_rows(filters))


def _entry_rows(filters: Filters) -> Iterator[list[object]]:
    entries = filters.wanted.entries().annotate(**OF_EITHER).order_by("at", "pk").values_list(*ENTRY_FIELDS)
    for number, at, kind, source, target, micros, *rest in entries.iterator(chunk_size=ROWS_AT_ONCE):
        yield [number, f"{at:%Y-%m-%d %H:%M:%S.%f}", kind, source, target, amount(micros), *rest]


def _csv(
    filters: Filters, name: str, head: Iterable[object], rows: Iterable[Iterable[object]]
) -> StreamingHttpResponse:
    response = StreamingHttpResponse(csv_lines(head, rows), content_type="text/csv; charset=utf-8")
    ends = f"{filters.wanted.first:%Y-%m-%d}-{filters.wanted.last:%Y-%m-%d}"
    response["Content-Disposition"] = f'attachment; filename="spend-{name}-{ends}-{filters.wanted.currency}.csv"'
    return response
