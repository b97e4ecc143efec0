"""Reads a catalogue file and the relay's price list into frozen rows; no database. Writing them: importing.py."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from generations.catalog.fields import BadFile, Fields, load, to_micros, whole
from generations.catalog.models import Audio, Kind, Sound, Unit
from generations.relay.errors import Malformed
from generations.relay.frames import frame_size
from generations.relay.images import MOST_IMAGES

RELAY_BASIS: Final = "the relay's price list"
LONGEST_CLIP_SECONDS = 3600
AUDIO_WORDS = {
    "optional": Audio.OPTIONAL,
    "always": Audio.ALWAYS,
    "selects the sku": Audio.SELECTS_SKU,
    "none": Audio.NONE,
}
FRAMES = {"true": (True, True), "false": (False, False), "first only": (True, False)}


@dataclass(frozen=True, slots=True, kw_only=True)
class SkuRow:
    relay_model: str
    resolution: str
    sound: Sound
    input: str
    unit: Unit
    is_live: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelRow:
    """One model that makes clips or images: `columns` are those of VideoModel."""

    name: str
    columns: dict[str, Any]
    skus: tuple[SkuRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceRow:
    relay_model: str
    unit: str
    amount_micros: int
    output_amount_micros: int | None = None
    captured: str = ""
    basis: str = ""

    @property
    def terms(self) -> tuple[str, int, int | None]:
        """What is paid: two rows with the same terms are the same price."""
        return self.unit, self.amount_micros, self.output_amount_micros


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    models: tuple[ModelRow, ...]
    prices: dict[str, PriceRow]
    named: frozenset[str]  # every sku of the file, priced or not


def read_catalogue(text: str) -> Catalogue:
    """The file's models and prices. Raises BadFile."""
    file = Fields.of(load(text), "")
    if not file.objects("video"):
        raise BadFile("the file lists no video models")
    models = tuple(
        read(entry, position)
        for kind, read in (("video", _model), ("image", _image_model), ("upscale", _upscale_model))
        for position, entry in enumerate(file.objects(kind))
    )
    if len({model.name for model in models}) != len(models):
        raise BadFile("the file lists a model twice")
    prices: dict[str, PriceRow] = {}
    named = set()
    for entry, name in _priced_entries(file):
        named.add(name)
        price = _price(entry, name)
        if price and prices.setdefault(name, price).terms != price.terms:
            raise entry.bad("price", f"differs from another price of {name}")
    return Catalogue(models=models, prices=prices, named=frozenset(named))


def read_relay_prices(
    body: object, known: Mapping[str, str], clips: Collection[str], *, day: str
) -> dict[str, PriceRow]:
    """The prices of the models in `known` (name -> unit now in force); `clips` are those that render clips.

    Raises BadFile. Source: contract, Money.
    """
    answer = Fields.of(body, "")
    if answer.get("success") is not True:
        raise BadFile("success is not true")
    group = Fields.of(answer.values.get("group_ratio", {}), "group_ratio").number("default", Decimal(1))
    rows = {}
    for entry in answer.objects("data"):
        name = entry.text("model_name", 200)
        if name in known:
            rows[name] = _relay_price(entry, name, known[name], name in clips, group, day)
    return rows


def _model(entry: Fields, position: int) -> ModelRow:
    name = entry.text("name", 80)
    audio = AUDIO_WORDS.get(entry.text("audio", 20, "none"))
    frames = _frames(entry)
    if audio is None:
        raise entry.bad("audio", f"must be one of: {', '.join(AUDIO_WORDS)}")
    ratios = entry.texts("ratios", 10)
    columns = {
        "kind": Kind.CLIP,
        "label": entry.text("label", 80),
        "vendor": entry.text("vendor", 80),
        "position": position,
        **_lengths(entry),
        "ratios": ratios,
        "audio": audio,
        "references": _references(entry),
        "takes_first_frame": frames[0],
        "takes_last_frame": frames[1],
        "takes_seed": entry.yes_or_no("seed"),
        "note": entry.text("note", 2000, ""),
    }
    return ModelRow(name=name, columns=columns, skus=_skus(entry, ratios, audio))


def _image_model(entry: Fields, position: int) -> ModelRow:
    """An image model: a sku for each of its sizes."""
    name, limits = entry.text("name", 80), entry.get("n")
    least, most = (whole(limit) for limit in limits) if isinstance(limits, list) and len(limits) == 2 else (None, None)
    if least != 1 or most is None or not 1 <= most <= MOST_IMAGES:
        raise entry.bad("n", f"must be 1 and the most images of a request, up to {MOST_IMAGES}, such as [1, 4]")
    sizes = entry.texts("sizes", 10)
    if not all(re.fullmatch(r"[1-9][0-9]{1,3}x[1-9][0-9]{1,3}", size) for size in sizes):
        raise entry.bad("sizes", 'must be in px, such as "1024x1024"')
    skus = tuple(
        SkuRow(relay_model=name, resolution=size, sound=Sound.ANY, input="", unit=_unit(entry)) for size in sizes
    )
    return _still_row(entry, position, Kind.IMAGE, skus, most_images=most)


def _upscale_model(entry: Fields, position: int) -> ModelRow:
    """What makes a clip larger: a sku for each size, some of them only announced."""
    if not entry.objects("skus"):
        raise entry.bad("skus", "must list at least one sku")
    for sku in entry.objects("skus"):
        _check_frames(sku, sku.text("resolution", 10), ["16:9"])
    skus = tuple(
        SkuRow(
            relay_model=sku.text("id", 80),
            resolution=sku.text("resolution", 10),
            sound=Sound.ANY,
            input="",
            unit=_unit(sku),
            is_live=sku.text("status", 20, "live") == "live",
        )
        for sku in entry.objects("skus")
    )
    return _still_row(entry, position, Kind.UPSCALE, skus)


def _still_row(entry: Fields, position: int, kind: Kind, skus: tuple[SkuRow, ...], most_images: int = 0) -> ModelRow:
    """A model whose only choice is a size."""
    columns = {
        "kind": kind,
        "label": entry.text("label", 80),
        "vendor": entry.text("vendor", 80),
        "position": position,
        **dict.fromkeys(("min_seconds", "max_seconds", "default_seconds"), 0),
        "ratios": [],
        "audio": Audio.NONE,
        "most_images": most_images,
        "note": entry.text("note", 2000, ""),
    }
    return ModelRow(name=entry.text("name", 80), columns=columns, skus=skus)


def _lengths(entry: Fields) -> dict[str, int]:
    limits = entry.get("seconds")
    low, high = (whole(limit) for limit in limits) if isinstance(limits, list) and len(limits) == 2 else (None, None)
    if low is None or high is None or not 1 <= low <= high <= LONGEST_CLIP_SECONDS:
        raise entry.bad("seconds", "must be the shortest and the longest length, such as [4, 15]")
    default = whole(entry.values.get("default_seconds", low))
    if default is None or not low <= default <= high:
        raise entry.bad("default_seconds", f"must be from {low} to {high}")
    return {"min_seconds": low, "max_seconds": high, "default_seconds": default}


def _frames(entry: Fields) -> tuple[bool, bool]:
    """Whether a first and whether a last frame can be given."""
    value = entry.values.get("first_last_frame", False)
    word = str(value).lower() if isinstance(value, bool) else value
    if not isinstance(word, str) or word not in FRAMES:
        raise entry.bad("first_last_frame", 'must be true, false or "first only"')
    return FRAMES[word]


def _references(entry: Fields) -> dict[str, int] | None:
    counts = entry.get("references")
    if counts is None:
        return None
    rule = "must be null or whole numbers of image, video, audio and total"
    if not isinstance(counts, dict) or set(counts) != {"image", "video", "audio", "total"}:
        raise entry.bad("references", rule)
    if any((whole(count) or 0) < 0 or whole(count) is None for count in counts.values()):
        raise entry.bad("references", rule)
    return counts


def _skus(entry: Fields, ratios: list[str], audio: Audio) -> tuple[SkuRow, ...]:
    skus = tuple(_sku(fields, ratios, audio) for fields in entry.objects("skus"))
    if not skus:
        raise entry.bad("skus", "must list at least one sku")
    if len(set(skus)) != len(skus):
        raise entry.bad("skus", "lists a sku twice")
    return skus


def _sku(entry: Fields, ratios: list[str], audio: Audio) -> SkuRow:
    resolution = entry.text("resolution", 10)
    _check_frames(entry, resolution, ratios)
    sound = Sound.ANY
    if audio == Audio.SELECTS_SKU:
        if "audio" not in entry.values:
            raise entry.bad("audio", "must be true or false where the model's audio selects the sku")
        sound = Sound.WITH if entry.yes_or_no("audio") else Sound.WITHOUT
    return SkuRow(
        relay_model=entry.text("id", 80),
        resolution=resolution,
        sound=sound,
        input=entry.text("input", 12, ""),
        unit=_unit(entry),
    )


def _check_frames(entry: Fields, resolution: str, ratios: list[str]) -> None:
    """Whether a size in px is known for each ratio: without it nothing can be estimated."""
    for ratio in ratios:
        try:
            frame_size(resolution, ratio)
        except Malformed as bad:
            raise entry.bad("resolution" if bad.param == "resolution" else "ratios", f"has {bad.message}") from None


def _unit(entry: Fields) -> Unit:
    word = entry.text("unit", 20)
    if word not in Unit.values:
        raise entry.bad("unit", f"must be one of: {', '.join(Unit.values)}")
    return Unit(word)


def _priced_entries(file: Fields) -> Iterator[tuple[Fields, str]]:
    """Whatever in the file can carry a price, with the relay's name of it."""
    for kind in ("video", "upscale"):
        for model in file.objects(kind):
            yield from ((sku, sku.text("id", 80)) for sku in model.objects("skus"))
    for kind in ("image", "text"):
        yield from ((model, model.text("name", 80)) for model in file.objects(kind))


def _price(entry: Fields, name: str) -> PriceRow | None:
    per_input = entry.micros("price_input")
    amount = per_input if per_input is not None else entry.micros("price")
    if amount is None:
        return None
    return PriceRow(
        relay_model=name,
        unit=_unit(entry),
        amount_micros=amount,
        output_amount_micros=entry.micros("price_output"),
        captured=entry.text("price_captured", 20, ""),
        basis=entry.text("basis", 200, ""),
    )


def _relay_price(entry: Fields, name: str, unit: str, is_clip: bool, group: Decimal, day: str) -> PriceRow:
    kind = entry.get("quota_type")
    if kind == 0:
        dollars = entry.number("model_ratio") * 2 * group
        output = None if is_clip else to_micros(dollars * entry.number("completion_ratio", Decimal(1)))
        terms = (Unit.PER_MILLION_TOKENS.value, to_micros(dollars), output)
    elif kind == 1:
        terms = (Unit.PER_SECOND.value if is_clip else unit, to_micros(entry.number("model_price") * group), None)
    else:
        raise entry.bad("quota_type", "must be 0 or 1")
    return PriceRow(
        relay_model=name,
        unit=terms[0],
        amount_micros=terms[1],
        output_amount_micros=terms[2],
        captured=day,
        basis=RELAY_BASIS,
    )
