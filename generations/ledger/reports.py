"""What was spent: sums over SpendDay for the spend pages. No page and no CSV here; who sees what: sight.py."""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, Literal

from django.db.models import F, Q, QuerySet, Sum
from django.db.models.functions import TruncMonth

from generations.accounts.models import User
from generations.ledger.adjustments import Adjustment
from generations.ledger.budgets import month_start
from generations.ledger.models import Budget, BudgetMonth, Currency, Entry, Hold, SpendDay
from generations.ledger.sight import sees_all
from generations.projects.models import Project

Dimension = Literal["project", "user", "model", "resolution"]
DIMENSIONS: tuple[Dimension, ...] = ("project", "user", "model", "resolution")
SERIES = 6  # of a chart; what lies beyond them is one more: the others
MOST_DAYS = 62  # a longer range is shown by month
PACE_DAYS = 7
COST = Sum(F("spent_micros") + F("overrun_micros"), default=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Whose money, which, and from which day to which (both included, UTC)."""

    user: User
    currency: Currency
    first: dt.date
    last: dt.date
    project: Project | None = None
    person: User | None = None
    model: str = ""
    resolution: str = ""

    @property
    def narrowed(self) -> dict[str, Any]:
        """The filters that are set, by field."""
        every = {"project": self.project, "user": self.person, "model": self.model, "resolution": self.resolution}
        return {field: value for field, value in every.items() if value}

    def days(self) -> QuerySet[SpendDay]:
        mine = SpendDay.objects.visible_to(self.user).filter(currency=self.currency, **self.narrowed)
        return mine.filter(day__gte=self.first, day__lte=self.last)

    def charged(self) -> QuerySet[Hold]:
        """The charged holds whose sums the days are."""
        mine = Hold.objects.visible_to(self.user).filter(state="charged", currency=self.currency, **self.narrowed)
        return mine.filter(settled_at__gte=midnight(self.first), settled_at__lt=midnight(self.last + DAY))

    def entries(self) -> QuerySet[Entry]:
        """Every movement of money in that time, also holds and releases."""
        mine = Entry.objects.visible_to(self.user).filter(currency=self.currency)
        if self.narrowed:
            of_hold, by_hand = (
                Q(**{f"{path}__{field}": value for field, value in self.narrowed.items()})
                for path in ("hold", "adjustment")
            )
            mine = mine.filter(of_hold | by_hand)
        return mine.filter(at__gte=midnight(self.first), at__lt=midnight(self.last + DAY))

    def adjustments(self) -> QuerySet[Adjustment]:
        """The money put right by hand in that time."""
        mine = Adjustment.objects.posted().visible_to(self.user).filter(currency=self.currency, **self.narrowed)
        return mine.filter(decided_at__gte=midnight(self.first), decided_at__lt=midnight(self.last + DAY))

    @property
    def is_by_month(self) -> bool:
        return (self.last - self.first).days >= MOST_DAYS


DAY = dt.timedelta(days=1)


def midnight(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(), dt.UTC)


@dataclass(frozen=True, slots=True)
class Line:
    """One row: what it stands for, how many charges, what was estimated and what it cost."""

    key: Any
    charges: int
    estimate_micros: int
    cost_micros: int

    @property
    def per_estimate(self) -> float | None:
        """Percent of the estimate; None without one."""
        return 100 * self.cost_micros / self.estimate_micros if self.estimate_micros else None


def total(wanted: Wanted) -> Line:
    sums = wanted.days().aggregate(
        charges=Sum("charges", default=0), estimate=Sum("estimate_micros", default=0), cost=COST
    )
    return Line(None, sums["charges"], sums["estimate"], sums["cost"])


def lines(wanted: Wanted, by: Dimension) -> list[Line]:
    """The sums of each project, person, model or resolution, the dearest first."""
    rows = (
        wanted.days().values_list(by).annotate(Sum("charges"), Sum("estimate_micros"), cost=COST).order_by("-cost", by)
    )
    return [Line(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class Stack:
    """The table under the chart: a row a day (or month), a column for each of the dearest keys and for the others."""

    keys: list[Any]
    has_others: bool
    rows: list[tuple[dt.date, list[int], int]]  # day, micros of each column, their sum


def stack(wanted: Wanted, by: Dimension) -> Stack:
    """Every day of the range, also those without a charge."""
    period = TruncMonth("day") if wanted.is_by_month else F("day")
    sums = wanted.days().annotate(period=period).values_list("period", by).annotate(cost=COST).order_by()
    cells: dict[tuple[dt.date, Any], int] = {}
    whole: dict[Any, int] = {}
    for day, key, cost in sums:
        cells[day, key] = cost
        whole[key] = whole.get(key, 0) + cost
    dearest = sorted(whole, key=lambda key: (-whole[key], str(key)))
    keys, others = dearest[:SERIES], dearest[SERIES:]
    rows = [_row(cells, day, keys, others) for day in periods(wanted)]
    return Stack(keys, bool(others), rows)


def _row(
    cells: dict[tuple[dt.date, Any], int], day: dt.date, keys: list[Any], others: list[Any]
) -> tuple[dt.date, list[int], int]:
    columns = [cells.get((day, key), 0) for key in keys]
    if others:
        columns.append(sum(cells.get((day, key), 0) for key in others))
    return day, columns, sum(columns)


def periods(wanted: Wanted) -> Iterable[dt.date]:
    """The days, or the first days of the months, of the range."""
    if not wanted.is_by_month:
        return [wanted.first + DAY * number for number in range((wanted.last - wanted.first).days + 1)]
    months = [wanted.first.replace(day=1)]
    while (following := next_month(months[-1])) <= wanted.last:
        months.append(following)
    return months


def next_month(day: dt.date) -> dt.date:
    return (day.replace(day=1) + dt.timedelta(days=32)).replace(day=1)


@dataclass(frozen=True, slots=True)
class Month:
    """This month against the last one; `limit_micros` of the budget that bounds what is shown."""

    spent_micros: int
    last_micros: int
    last_so_far_micros: int  # of the last month, up to the same day
    held_micros: int
    forecast_micros: int
    budget: Budget | None
    limit_micros: int | None
    used_micros: int


def month(wanted: Wanted, now: dt.datetime) -> Month:
    """The figures on top of the page: the filters count, the range does not."""
    today, first = now.astimezone(dt.UTC).date(), month_start(now)
    before = (first - DAY).replace(day=1)
    same_day = before.replace(day=min(today.day, calendar.monthrange(before.year, before.month)[1]))

    def spent(start: dt.date, end: dt.date) -> int:
        return total(replace(wanted, first=start, last=end)).cost_micros

    this = spent(first, today)
    held = _held(wanted)
    pace = spent(today - PACE_DAYS * DAY, today - DAY) // PACE_DAYS
    days_left = (next_month(first) - today).days - 1
    budget = bounding(wanted)
    row = BudgetMonth.objects.filter(budget=budget, month=first).first() if budget else None
    return Month(
        spent_micros=this,
        last_micros=spent(before, first - DAY),
        last_so_far_micros=spent(before, same_day),
        held_micros=held,
        forecast_micros=this + held + pace * days_left,
        budget=budget,
        limit_micros=row.limit_micros if row else budget.limit_micros if budget else None,
        used_micros=row.used_micros if row else 0,
    )


def _held(wanted: Wanted) -> int:
    held = Hold.objects.visible_to(wanted.user).filter(state="open", currency=wanted.currency, **wanted.narrowed)
    return int(held.aggregate(held=Sum("amount_micros", default=0))["held"])


def bounding(wanted: Wanted) -> Budget | None:
    """The budget to set the figures against: the project's, a person's, the studio's; one's own for all others.

    Somebody else's only for who sees all money: it counts what they use in every project.
    """
    person = wanted.person if sees_all(wanted.user) else wanted.user
    if wanted.project:
        key = f"project:{wanted.project.pk}:{wanted.currency}"
    elif person:
        key = f"user:{person.pk}:{wanted.currency}"
    else:
        key = f"studio:{wanted.currency}"
    return Budget.objects.filter(key=key).first()
