"""The tables of the spend pages: what is shown is what the CSV holds."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from generations.accounts.models import User
from generations.catalog.models import VideoModel
from generations.ledger import reports
from generations.ledger.exports import amount
from generations.ledger.money import show
from generations.ledger.reports import DAY, Dimension
from generations.projects.models import Project
from generations.web.spend_filters import Filters

ADDRESSED = {"project": "project", "user": "person", "model": "model", "resolution": "resolution"}


@dataclass(frozen=True, slots=True)
class Cell:
    """`text` for people, `raw` for the CSV; `micros` of a sum of money, which the chart reads."""

    text: str
    raw: str
    url: str = ""
    micros: int | None = None
    is_figure: bool = True


@dataclass(frozen=True, slots=True)
class Table:
    """`name` names it in addresses; the first cell of a row is its head."""

    name: str
    caption: str
    head: list[str]
    rows: list[list[Cell]]
    foot: list[Cell]

    @property
    def figures(self) -> list[int]:
        """The columns of figures."""
        return [at for at, cell in enumerate(self.rows[0]) if cell.is_figure] if self.rows else []

    @property
    def when_empty(self) -> str:
        return _("Nothing in this time.")

    @property
    def lines(self) -> list[list[Cell]]:
        return [*self.rows, *([self.foot] if self.foot else [])]

    def raw_head(self, currency: str) -> list[str]:
        """Sums of money name their currency here, since their cells do not."""
        first = self.lines[0] if self.lines else []
        sums = [cell.micros is not None for cell in first] or [False] * len(self.head)
        return [f"{name} ({currency})" if is_sum else name for name, is_sum in zip(self.head, sums, strict=True)]

    def raw(self) -> Iterator[list[str]]:
        return ([cell.raw for cell in row] for row in self.lines)


def title_of(by: Dimension) -> str:
    return {"project": _("Project"), "user": _("Person"), "model": _("Model"), "resolution": _("Resolution")}[by]


class Names:
    """What keys are called; each kind is looked up once for a whole table."""

    def __init__(self, by: Dimension, keys: Iterable[Any]) -> None:
        self.by = by
        found: dict[Any, Any] = {}
        if by == "project":
            found = {project.pk: project for project in Project.objects.filter(pk__in=list(keys))}
        elif by == "user":
            found = {user.pk: user for user in User.objects.filter(pk__in=list(keys))}
        elif by == "model":
            found = {model.name: model.label for model in VideoModel.objects.all()}
        self.found = found

    def label(self, key: Any) -> str:
        return str(self.found.get(key, key)) or _("(none)")

    def address(self, key: Any) -> dict[str, str] | None:
        """The filter that leaves only this key; None where there is no such filter."""
        if not key:
            return None
        found = self.found.get(key, key)
        value = found.slug if isinstance(found, Project) else str(key)
        return {ADDRESSED[self.by]: value}


def stacked(filters: Filters) -> Table:
    """A row a day or month, a column for each of the dearest and for the others."""
    stack = reports.stack(filters.wanted, filters.by)
    names = Names(filters.by, stack.keys)
    columns = [names.label(key) for key in stack.keys] + ([_("Others")] if stack.has_others else [])
    narrowing = [names.address(key) for key in stack.keys] + ([None] if stack.has_others else [])
    rows = [_period_row(filters, row, narrowing) for row in stack.rows]
    sums = [sum(row[1][number] for row in stack.rows) for number in range(len(columns))]
    foot = [Cell(_("Sum"), _("Sum"), is_figure=False), *(_money(filters, cost) for cost in [*sums, sum(sums)])]
    period = _("Month") if filters.wanted.is_by_month else _("Day")
    caption = _("Cost by %(period)s and %(what)s") % {"period": period.lower(), "what": title_of(filters.by).lower()}
    return Table("days", caption, [period, *columns, _("All")], rows, foot)


def _period_row(
    filters: Filters, row: tuple[dt.date, list[int], int], narrowing: list[dict[str, str] | None]
) -> list[Cell]:
    day, costs, whole = row
    wanted = filters.wanted
    ends = (day, reports.next_month(day) - DAY if wanted.is_by_month else day)
    between = {"from": max(ends[0], wanted.first).isoformat(), "to": min(ends[1], wanted.last).isoformat()}
    text = date_format(day, "M Y" if wanted.is_by_month else "D j M")
    raw = f"{day:%Y-%m}" if wanted.is_by_month else day.isoformat()
    cells = [_money(filters, cost, only and between | only) for cost, only in zip(costs, narrowing, strict=True)]
    return [Cell(text, raw, is_figure=False), *cells, _money(filters, whole, between)]


def _money(filters: Filters, micros: int, narrowed: dict[str, str] | None = None) -> Cell:
    """A sum, and where there is a filter for just this sum a link to its jobs."""
    text = show(micros, filters.wanted.currency) if micros else "–"
    return Cell(text, amount(micros), filters.url("spend_jobs", **narrowed) if micros and narrowed else "", micros)


def breakdown(filters: Filters, by: Dimension) -> Table:
    """A row for each project, person, model or resolution: charges, estimate, cost and the one against the other."""
    lines = reports.lines(filters.wanted, by)
    names = Names(by, [line.key for line in lines])
    rows = [_line_row(filters, names, line) for line in lines]
    what = title_of(by)
    head = [what, _("Charges"), _("Estimate"), _("Cost"), _("Cost ÷ estimate")]
    return Table(by, _("Cost by %(what)s") % {"what": what.lower()}, head, rows, [])


def _line_row(filters: Filters, names: Names, line: reports.Line) -> list[Cell]:
    label, only = names.label(line.key), names.address(line.key)
    return [
        Cell(label, label, filters.url("spend", **only) if only else "", is_figure=False),
        Cell(f"{line.charges:,}", str(line.charges)),
        _money(filters, line.estimate_micros),
        _money(filters, line.cost_micros, only),
        _percent(line.per_estimate),
    ]


def _percent(value: float | None) -> Cell:
    return Cell("–", "") if value is None else Cell(f"{value:.1f} %", f"{value:.1f}")
