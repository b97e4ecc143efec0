"""Writes what a catalogue or the relay's price list says, in one transaction, and tells what changed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import transaction

from generations.catalog import pricing
from generations.catalog.fields import MICROS
from generations.catalog.models import Kind, Price, PriceList, Sku, Unit, VideoModel
from generations.catalog.reading import (
    RELAY_BASIS,
    Catalogue,
    ModelRow,
    PriceRow,
    SkuRow,
    read_catalogue,
    read_relay_prices,
)


@dataclass(frozen=True, slots=True)
class Report:
    """One line for each change, and remarks on what was deliberately left as it is."""

    changes: tuple[str, ...]
    remarks: tuple[str, ...] = ()


def import_catalogue(text: str, *, source: str, now: dt.datetime) -> Report:
    """Models, skus and prices of a catalogue file; a model that it lacks is unlisted, never deleted.

    A price that the relay itself gave later than the file's stands. Raises fields.BadFile, with nothing changed.
    """
    catalogue = read_catalogue(text)
    with transaction.atomic():
        changes = [*_write_models(catalogue.models)]
        old = _rows_in_force()
        new, remarks = _prices_after(catalogue, old)
        changes += _write_list(old, new, source=source, now=now)
    return Report(tuple(changes), tuple(remarks))


def import_relay_prices(body: object, *, source: str, now: dt.datetime) -> Report:
    """The relay's price list; prices that it does not name stand. Raises fields.BadFile, with nothing changed."""
    with transaction.atomic():
        old, named, remarks = _read_beside_ours(body, now)
        served = _serve(named)
        changes = served + _write_list(old, old | named, source=source, now=now)
    return Report(tuple(changes), remarks)


def compare_relay_prices(body: object, *, now: dt.datetime) -> Report:
    """What `import_relay_prices` would change. Raises fields.BadFile."""
    old, named, remarks = _read_beside_ours(body, now)
    return Report(tuple(_differences(old, old | named)), remarks)


def _read_beside_ours(
    body: object, now: dt.datetime
) -> tuple[dict[str, PriceRow], dict[str, PriceRow], tuple[str, ...]]:
    """Our prices in force, the relay's of the same models, and a remark on each that it does not name."""
    old = _rows_in_force()
    skus = Sku.objects.filter(is_listed=True, model__is_listed=True)
    units: dict[str, str] = dict(skus.values_list("relay_model", "unit"))
    known = units | {name: row.unit for name, row in old.items()}
    clips = set(skus.exclude(model__kind=Kind.IMAGE).values_list("relay_model", flat=True))
    named = read_relay_prices(body, known, clips, day=now.date().isoformat())
    missing = sorted(old.keys() - named.keys())
    return old, named, tuple(f"not in the relay's list, left as it is: {name}" for name in missing)


def _serve(named: Collection[str]) -> list[str]:
    """What was only announced and now has a price at the relay is served."""
    announced = list(Sku.objects.filter(is_live=False, relay_model__in=named))
    Sku.objects.filter(pk__in=[sku.pk for sku in announced]).update(is_live=True)
    return [f"served now: {sku}" for sku in announced]


# ----------------------------------------------------------------- models and skus


def _write_models(rows: Iterable[ModelRow]) -> list[str]:
    kept = {model.name: model for model in VideoModel.objects.prefetch_related("skus")}
    lines = []
    for row in rows:
        model = kept.pop(row.name, None)
        lines += _add_model(row) if model is None else _change_model(model, row)
    for gone in (model for model in kept.values() if model.is_listed):
        VideoModel.objects.filter(pk=gone.pk).update(is_listed=False)
        lines.append(f"removed model {gone.name}: no longer listed, its jobs stay")
    return lines


def _add_model(row: ModelRow) -> list[str]:
    model = VideoModel.objects.create(name=row.name, **row.columns)
    _write_skus(model, row.skus)
    return [f"added model {row.name}, {len(row.skus)} skus"]


def _change_model(model: VideoModel, row: ModelRow) -> list[str]:
    said = row.columns | {"is_listed": True}
    changed = {name: value for name, value in said.items() if getattr(model, name) != value}
    lines = [f"changed model {row.name}: {name} {getattr(model, name)} -> {value}" for name, value in changed.items()]
    if changed:
        VideoModel.objects.filter(pk=model.pk).update(**changed)
    return lines + [f"{line} of {row.name}" for line in _write_skus(model, row.skus)]


def _write_skus(model: VideoModel, rows: Iterable[SkuRow]) -> list[str]:
    kept = {(sku.relay_model, sku.resolution, sku.sound, sku.input): sku for sku in model.skus.all()}
    lines = []
    for position, row in enumerate(rows):
        sku = kept.pop((row.relay_model, row.resolution, row.sound, row.input), None)
        lines += _write_sku(model, sku, row, position)
    for gone in (sku for sku in kept.values() if sku.is_listed):
        Sku.objects.filter(pk=gone.pk).update(is_listed=False)
        lines.append(f"removed sku {gone}")
    return lines


def _write_sku(model: VideoModel, sku: Sku | None, row: SkuRow, position: int) -> list[str]:
    is_live = row.is_live or (sku is not None and sku.is_live)  # the relay's word is kept
    said: dict[str, Any] = {"unit": row.unit, "position": position, "is_listed": True, "is_live": is_live}
    if sku is None:
        made = Sku.objects.create(
            model=model,
            relay_model=row.relay_model,
            resolution=row.resolution,
            sound=row.sound,
            input=row.input,
            **said,
        )
        return [f"added sku {made}"]
    changed = {name: value for name, value in said.items() if getattr(sku, name) != value}
    if changed:
        Sku.objects.filter(pk=sku.pk).update(**changed)
    return [f"changed sku {sku}: {name} {getattr(sku, name)} -> {value}" for name, value in changed.items()]


# ----------------------------------------------------------------- prices


def _rows_in_force() -> dict[str, PriceRow]:
    return {name: _row(price) for name, price in pricing.in_force().items()}


def _row(price: Price) -> PriceRow:
    return PriceRow(
        relay_model=price.relay_model,
        unit=price.unit,
        amount_micros=price.amount_micros,
        output_amount_micros=price.output_amount_micros,
        captured=price.captured,
        basis=price.basis,
    )


def _prices_after(catalogue: Catalogue, old: Mapping[str, PriceRow]) -> tuple[dict[str, PriceRow], list[str]]:
    """The file's prices, but for those where the relay's own word is newer or the only one."""
    from_relay = {name: row for name, row in old.items() if row.basis == RELAY_BASIS and name in catalogue.named}
    stands = {
        name: row
        for name, row in from_relay.items()
        if name not in catalogue.prices or row.captured > catalogue.prices[name].captured
    }
    differing = [
        row for name, row in stands.items() if name in catalogue.prices and row.terms != catalogue.prices[name].terms
    ]
    remarks = [
        f"kept price of {row.relay_model}, {in_words(row)}: the relay gave it on {row.captured}, after the file's"
        for row in differing
    ]
    return catalogue.prices | stands, remarks


def _write_list(
    old: Mapping[str, PriceRow], new: Mapping[str, PriceRow], *, source: str, now: dt.datetime
) -> list[str]:
    """A new list when any price differs, none otherwise."""
    lines = _differences(old, new)
    if lines:
        newest = pricing.newest_list()
        made = PriceList.objects.create(number=newest.number + 1 if newest else 1, source=source[:200], created_at=now)
        Price.objects.bulk_create(_price(made, _same_or_new(old.get(name), row)) for name, row in new.items())
    return lines


def _differences(old: Mapping[str, PriceRow], new: Mapping[str, PriceRow]) -> list[str]:
    lines = [f"added price of {name}: {in_words(row)}" for name, row in new.items() if name not in old]
    lines += [f"removed price of {name}: {in_words(row)}" for name, row in old.items() if name not in new]
    return lines + [
        f"changed price of {name}: {in_words(old[name])} -> {in_words(row)}"
        for name, row in new.items()
        if name in old and row.terms != old[name].terms
    ]


def _same_or_new(old: PriceRow | None, new: PriceRow) -> PriceRow:
    """An unchanged price is carried over whole, with the day on which it was first read."""
    return old if old is not None and old.terms == new.terms else new


def _price(made: PriceList, row: PriceRow) -> Price:
    return Price(
        price_list=made,
        relay_model=row.relay_model,
        unit=row.unit,
        amount_micros=row.amount_micros,
        output_amount_micros=row.output_amount_micros,
        captured=row.captured,
        basis=row.basis,
    )


def in_words(row: PriceRow) -> str:
    """'8.75 USD per million tokens'"""
    output = "" if row.output_amount_micros is None else f", output {_dollars(row.output_amount_micros)}"
    return f"{_dollars(row.amount_micros)}{output} USD {pricing.UNITS_IN_WORDS[Unit(row.unit)]}"


def _dollars(micros: int) -> str:
    """Every digit that counts, and at least two decimals: 8750000 -> '8.75', 2083400 -> '2.0834'."""
    exact = format(Decimal(micros) / MICROS, "f")
    units, _, decimals = exact.partition(".")
    return f"{units}.{decimals.rstrip('0').ljust(2, '0')}"
