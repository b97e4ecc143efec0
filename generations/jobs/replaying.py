"""Estimate replay: what a month's paid jobs would have cost by another price list. Changes nothing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any, cast

from django.db.models import Count, F, OuterRef, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce

from generations.catalog import pricing
from generations.catalog.models import Price, PriceList
from generations.jobs.estimate import amount_micros
from generations.jobs.inputs import Input
from generations.jobs.models import Job
from generations.jobs.states import State
from generations.ledger.models import Currency
from generations.ledger.reports import midnight, next_month
from generations.media.models import MediaFile

PAID = (State.FETCHING, State.SUCCEEDED)
KIND = ("sku__relay_model", "kind", "images", "resolution", "ratio", "seconds", "input_ms")


@dataclass(frozen=True, slots=True)
class Line:
    """One model's jobs of the month; `unpriced` of them have no price on that list and count in neither sum."""

    model: str
    jobs: int = 0
    unpriced: int = 0
    estimate_micros: int = 0  # by the lists at which they were asked for
    cost_micros: int = 0
    replayed_micros: int = 0

    @property
    def difference_micros(self) -> int:
        return self.replayed_micros - self.estimate_micros


def replay(month: dt.date, currency: Currency, price_list: PriceList) -> list[Line]:
    """A line for each model, the dearest first."""
    prices = {price.relay_model: price for price in price_list.prices.all()}
    lines: dict[str, Line] = {}
    for row in _kinds(month, currency):
        name = row["model__label"]
        lines[name] = _with(lines.get(name, Line(name)), row, prices.get(row["sku__relay_model"]))
    return sorted(lines.values(), key=lambda line: (-line.cost_micros, line.model))


def added(lines: Iterable[Line], name: str) -> Line:
    total = Line(name)
    for line in lines:
        total = replace(
            total,
            jobs=total.jobs + line.jobs,
            unpriced=total.unpriced + line.unpriced,
            estimate_micros=total.estimate_micros + line.estimate_micros,
            cost_micros=total.cost_micros + line.cost_micros,
            replayed_micros=total.replayed_micros + line.replayed_micros,
        )
    return total


def _kinds(month: dt.date, currency: Currency) -> Iterable[dict[str, Any]]:
    """The paid jobs asked for in the month, those alike in price together."""
    shown = Input.objects.filter(job=OuterRef("pk"), media__kind=MediaFile.Kind.VIDEO).values("job").order_by()
    shown = cast(QuerySet[Input, Any], shown.annotate(ms=Sum("media__duration_ms")).values("ms"))
    paid = Job.objects.filter(is_sandbox=currency == Currency.SBX, state__in=PAID, cost_micros__isnull=False)
    paid = paid.filter(created_at__gte=midnight(month), created_at__lt=midnight(next_month(month)))
    kinds = paid.annotate(input_ms=Coalesce(Subquery(shown), Value(0))).values("model__label", *KIND)
    sums = {"estimate": Sum("estimate_micros"), "cost": Sum("cost_micros"), "jobs": Count("pk")}
    return cast(Iterable[dict[str, Any]], kinds.annotate(**sums).order_by(F("model__label")))


def _with(line: Line, row: dict[str, Any], price: Price | None) -> Line:
    each = _each_micros(row, price)
    if each is None:
        return replace(line, unpriced=line.unpriced + row["jobs"])
    return replace(
        line,
        jobs=line.jobs + row["jobs"],
        estimate_micros=line.estimate_micros + row["estimate"],
        cost_micros=line.cost_micros + row["cost"],
        replayed_micros=line.replayed_micros + each * row["jobs"],
    )


def _each_micros(row: dict[str, Any], price: Price | None) -> int | None:
    if price is None:
        return None
    try:
        return amount_micros(
            price,
            kind=row["kind"],
            images=row["images"],
            seconds=row["seconds"],
            resolution=row["resolution"],
            ratio=row["ratio"],
            input_seconds=Fraction(row["input_ms"], 1000),
        )
    except pricing.NoPrice:
        return None
