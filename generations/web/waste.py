"""The waste pages: what brought nobody anything in a month, by kind, project and person; the jobs behind it; CSV."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator

from django.db.models import Q, QuerySet
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from generations.jobs import waste as rules
from generations.jobs.models import Job
from generations.jobs.waste import KINDS, PAID, Line
from generations.ledger.exports import amount, csv_lines
from generations.ledger.money import show
from generations.ledger.reports import Dimension
from generations.projects.models import Project
from generations.web import waste_filters
from generations.web.requests import Request
from generations.web.spend_tables import Cell, Names, Table, title_of
from generations.web.waste_filters import Filters, kind_meaning, kind_title

JOBS_A_PAGE = 50
ROWS_AT_ONCE = 2000
GROUPS: tuple[Dimension, ...] = ("project", "user")


@require_safe
def waste(request: Request) -> HttpResponse:
    filters = waste_filters.read(request, timezone.now())
    after = waste_filters.month_after(filters)
    every = rules.lines(filters.wanted)
    page = {
        "filters": filters,
        "all": rules.added(None, every),
        "tables": [(table, filters.url("waste_csv", table=table.name)) for table in _tables(filters, every)],
        "before": filters.url("waste", month=f"{waste_filters.month_before(filters.wanted.month):%Y-%m}"),
        "after": filters.url("waste", month=f"{after:%Y-%m}") if after else "",
    }
    return render(request, "spend/waste.html", page)


def _tables(filters: Filters, every: list[Line]) -> list[Table]:
    return [_by_kind(filters, rules.added(None, every)), *(_by_group(filters, every, group) for group in GROUPS)]


def _by_kind(filters: Filters, line: Line) -> Table:
    rows = [
        [
            Cell(kind_title(kind), kind_title(kind), is_figure=False),
            _count(filters, line.counts[kind], kind),
            _money(filters, line.micros.get(kind)),
            Cell(kind_meaning(kind), kind_meaning(kind), is_figure=False),
        ]
        for kind in KINDS
    ]
    return Table("kind", _("By kind"), [_("Kind"), _("Jobs"), _("Cost"), _("What it means")], rows, [])


def _by_group(filters: Filters, every: list[Line], by: Dimension) -> Table:
    lines = rules.grouped(every, GROUPS.index(by))
    names = Names(by, [line.key for line in lines])
    rows = [_group_row(filters, names, line) for line in lines]
    head = [title_of(by), _("Jobs"), *(kind_title(kind) for kind in KINDS), _("Cost of what nobody played")]
    return Table(by, _("By %(what)s") % {"what": title_of(by).lower()}, head, rows, [])


def _group_row(filters: Filters, names: Names, line: Line) -> list[Cell]:
    label, only = names.label(line.key), names.address(line.key) or {}
    return [
        Cell(label, label, filters.url("waste", **only), is_figure=False),
        Cell(f"{line.jobs:,}", str(line.jobs)),
        *(_count(filters, line.counts[kind], kind, **only) for kind in KINDS),
        _money(filters, line.micros["unplayed"]),
    ]


def _count(filters: Filters, count: int, kind: str, **only: str) -> Cell:
    return Cell(
        f"{count:,}" if count else "–", str(count), filters.url("waste_jobs", kind=kind, **only) if count else ""
    )


def _money(filters: Filters, micros: int | None) -> Cell:
    text = show(micros, filters.wanted.currency) if micros else "–"
    return Cell(text, amount(micros or 0), micros=micros or 0)


@require_safe
def waste_csv(request: Request) -> StreamingHttpResponse:
    """One table of the page, cell for cell."""
    filters = waste_filters.read(request, timezone.now())
    name = request.GET.get("table", "")
    for table in _tables(filters, rules.lines(filters.wanted)):
        if table.name == name:
            return _csv(filters, name, table.raw_head(filters.wanted.currency), table.raw())
    raise Http404


@require_safe
def jobs(request: Request) -> HttpResponse:
    """The jobs behind a figure, the newest first."""
    filters = _of_a_kind(request)
    found = _before(_found(filters), request.GET.get("before", ""))
    several = list(found[: JOBS_A_PAGE + 1])
    shown, last = several[:JOBS_A_PAGE], several[JOBS_A_PAGE - 1] if len(several) > JOBS_A_PAGE else None
    seen = _seen(filters)
    page = {
        "filters": filters,
        "title": kind_title(filters.kind),
        "meaning": kind_meaning(filters.kind),
        "costs": filters.kind in PAID,
        "count": filters.wanted.wasted(filters.kind).count(),
        "jobs": [(job, job.project_id in seen) for job in shown],
        "back": filters.url("waste", kind=""),
        "csv": filters.url("waste_jobs_csv"),
        "more": filters.url("waste_jobs", before=str(last.pk)) if last else "",
        "newest": filters.url("waste_jobs") if request.GET.get("before") else "",
    }
    return render(request, "spend/waste_jobs.html", page)


def _of_a_kind(request: Request) -> Filters:
    filters = waste_filters.read(request, timezone.now())
    if not filters.kind:
        raise Http404
    return filters


def _found(filters: Filters) -> QuerySet[Job]:
    found = filters.wanted.wasted(filters.kind).select_related("project", "user", "model")
    return found.order_by("-created_at", "-pk")


def _before(jobs: QuerySet[Job], before: str) -> QuerySet[Job]:
    """Those that come after this one in the list, which the address names."""
    try:
        last = Job.objects.filter(pk=uuid.UUID(before)).values_list("created_at", "pk").first()
    except ValueError:
        last = None
    return jobs.filter(Q(created_at__lt=last[0]) | Q(created_at=last[0], pk__lt=last[1])) if last else jobs


def _seen(filters: Filters) -> set[int]:
    """The projects whose clips this person may see, not only their cost."""
    return set(Project.objects.visible_to(filters.wanted.user).values_list("pk", flat=True))


JOB_FIELDS = (
    "created_at",
    "project_id",
    "prompt",
    "failure_message",
    "pk",
    "project__name",
    "user__email",
    "model__name",
    "resolution",
    "seconds",
    "estimate_micros",
    "cost_micros",
)
JOB_COLUMNS = ("Asked (UTC)", "Prompt", "Why", "Job", "Project", "Person", "Model", "Resolution", "Seconds")


@require_safe
def jobs_csv(request: Request) -> StreamingHttpResponse:
    filters = _of_a_kind(request)
    currency = filters.wanted.currency
    return _csv(filters, filters.kind, [*JOB_COLUMNS, f"Estimate ({currency})", f"Cost ({currency})"], _rows(filters))


def _rows(filters: Filters) -> Iterator[list[object]]:
    seen = _seen(filters)
    found = _found(filters).select_related(None).values_list(*JOB_FIELDS)
    for at, project, prompt, why, *rest, estimate, cost in found.iterator(chunk_size=ROWS_AT_ONCE):
        told = [prompt, why] if project in seen else ["", ""]
        yield [f"{at:%Y-%m-%d %H:%M:%S}", *told, *rest, amount(estimate), amount(cost or 0)]


def _csv(
    filters: Filters, name: str, head: Iterable[object], rows: Iterable[Iterable[object]]
) -> StreamingHttpResponse:
    response = StreamingHttpResponse(csv_lines(head, rows), content_type="text/csv; charset=utf-8")
    ends = f"{filters.wanted.month:%Y-%m}-{filters.wanted.currency}"
    response["Content-Disposition"] = f'attachment; filename="waste-{name}-{ends}.csv"'
    return response
