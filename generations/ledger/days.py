"""SpendDay: the figures behind the spend pages, kept in the transaction of the entries that they sum up."""

from __future__ import annotations

import datetime as dt
from itertools import batched

from django.db import transaction
from django.db.models import Count, F, Q, Sum
from django.db.models.functions import Coalesce, TruncDate

from generations.ledger.models import Entry, Hold, SpendDay

SPENDING = (Entry.Kind.CHARGE, Entry.Kind.EXCESS, Entry.Kind.OVERRUN)
KEY = ("hold__project_id", "hold__user_id", "hold__model", "hold__resolution")


def add_charge(hold: Hold, *, spent_micros: int, overrun_micros: int, now: dt.datetime) -> None:
    """Counts a hold that has just been charged, on the day of its charge."""
    row, _ = SpendDay.objects.get_or_create(
        day=now.astimezone(dt.UTC).date(),
        currency=hold.currency,
        project_id=hold.project_id,
        user_id=hold.user_id,
        model=hold.model,
        resolution=hold.resolution,
    )
    SpendDay.objects.filter(pk=row.pk).update(
        charges=F("charges") + 1,
        estimate_micros=F("estimate_micros") + hold.amount_micros,
        spent_micros=F("spent_micros") + spent_micros,
        overrun_micros=F("overrun_micros") + overrun_micros,
    )


@transaction.atomic
def rebuild() -> int:
    """Makes every row anew from the entries; how many there are. Nothing may be charged meanwhile."""
    SpendDay.objects.all().delete()
    sums = (
        Entry.objects.filter(kind__in=SPENDING)
        .annotate(day=TruncDate("at", tzinfo=dt.UTC))
        .values_list("day", "currency", *KEY)
        .annotate(
            charges=Count("pk", filter=Q(kind=Entry.Kind.CHARGE)),
            estimate=_sum(Q(kind=Entry.Kind.CHARGE), "hold__amount_micros"),
            spent=_sum(~Q(kind=Entry.Kind.OVERRUN), "amount_micros"),
            overrun=_sum(Q(kind=Entry.Kind.OVERRUN), "amount_micros"),
        )
        .order_by()
    )
    for rows in batched(sums.iterator(chunk_size=2000), 2000):
        SpendDay.objects.bulk_create([SpendDay(None, *row) for row in rows])
    return SpendDay.objects.count()


def _sum(which: Q, column: str) -> Coalesce:
    return Coalesce(Sum(column, filter=which), 0)
