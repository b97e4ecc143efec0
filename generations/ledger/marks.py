"""Soft marks: that half, four fifths or all of a month's limit is used, written down once each a month."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from generations.ledger.models import BudgetMark, BudgetMonth

PERCENTS = (50, 80, 100)


def note(months: Iterable[BudgetMonth], now: dt.datetime) -> None:
    """Writes the marks that these months have reached; those already written stay as they are."""
    limited = BudgetMonth.objects.filter(pk__in=[month.pk for month in months], limit_micros__gt=0)
    reached = [mark for month in limited for mark in _reached(month, now)]
    if reached:
        BudgetMark.objects.bulk_create(reached, ignore_conflicts=True)


def _reached(month: BudgetMonth, now: dt.datetime) -> list[BudgetMark]:
    limit, used = month.limit_micros or 0, month.used_micros
    return [
        BudgetMark(month=month, percent=percent, used_micros=used, limit_micros=limit, at=now)
        for percent in PERCENTS
        if used * 100 >= limit * percent
    ]
