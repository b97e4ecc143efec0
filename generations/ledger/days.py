"""SpendDay: the figures behind the spend pages, kept in the transaction of the entries that they sum up."""

from __future__ import annotations

import datetime as dt
from itertools import batched
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import BigIntegerField, Case, Count, F, Q, Sum, When
from django.db.models.functions import Coalesce, TruncDate

from generations.ledger.models import Entry, Hold, SpendDay

if TYPE_CHECKING:
    from generations.ledger.adjustments import Adjustment

SPENDING = (Entry.Kind.CHARGE, Entry.Kind.EXCESS, Entry.Kind.OVERRUN, Entry.Kind.SURCHARGE, Entry.Kind.REFUND)
KEY = {
    f"of_{name}": Coalesce(f"hold__{name}", f"adjustment__{name}")
    for name in ("project_id", "user_id", "model", "resolution")
}
SIGNED = Case(
    When(kind=Entry.Kind.REFUND, then=-F("amount_micros")), default=F("amount_micros"), output_field=BigIntegerField()
)


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


def add_adjustment(adjustment: Adjustment, *, is_overrun: bool, now: dt.datetime) -> None:
    """Counts money put right by hand, on the day on which it was posted; it is no clip."""
    row, _ = SpendDay.objects.get_or_create(
        day=now.astimezone(dt.UTC).date(),
        currency=adjustment.currency,
        project_id=adjustment.project_id,
        user_id=adjustment.user_id,
        model=adjustment.model,
        resolution=adjustment.resolution,
    )
    column = "overrun_micros" if is_overrun else "spent_micros"
    SpendDay.objects.filter(pk=row.pk).update(**{column: F(column) + adjustment.signed_micros})


@transaction.atomic
def rebuild() -> int:
    """Makes every row anew from the entries; how many there are. Nothing may be charged meanwhile."""
    SpendDay.objects.all().delete()
    sums = (
        Entry.objects.filter(kind__in=SPENDING)
        .annotate(day=TruncDate("at", tzinfo=dt.UTC), **KEY)
        .values_list("day", "currency", *KEY)
        .annotate(
            charges=Count("pk", filter=Q(kind=Entry.Kind.CHARGE)),
            estimate=_sum(Q(kind=Entry.Kind.CHARGE), F("hold__amount_micros")),
            spent=_sum(~Q(kind=Entry.Kind.OVERRUN), SIGNED),
            overrun=_sum(Q(kind=Entry.Kind.OVERRUN), F("amount_micros")),
        )
        .order_by()
    )
    for rows in batched(sums.iterator(chunk_size=2000), 2000):
        SpendDay.objects.bulk_create([SpendDay(None, *row) for row in rows])
    return SpendDay.objects.count()


def _sum(which: Q, column: F | Case) -> Coalesce:
    return Coalesce(Sum(column, filter=which), 0)
