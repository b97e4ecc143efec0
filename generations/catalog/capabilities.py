"""Capabilities: what a model can do, as plain values for forms and checks. Money: pricing.py."""

from __future__ import annotations

from dataclasses import dataclass

from generations.catalog import pricing
from generations.catalog.models import Audio, Kind, Price, Sku, VideoModel

USUAL_RESOLUTION = "720p"
USUAL_RATIO = "16:9"
TEXT = "t2v"  # the kind of input that a prompt alone is


@dataclass(frozen=True, slots=True, kw_only=True)
class Capabilities:
    """What one model renders. Every tuple is in the catalogue's order; `name` is what forms and the API send.

    The resolutions of an image model are its sizes in px.
    """

    name: str
    label: str
    vendor: str
    min_seconds: int
    max_seconds: int
    default_seconds: int
    ratios: tuple[str, ...]
    resolutions: tuple[str, ...]
    audio: str  # one of models.Audio
    takes_seed: bool
    takes_first_frame: bool = False
    takes_last_frame: bool = False
    references: tuple[tuple[str, int], ...] = ()  # how many of each kind it may be shown, and of all ("total")
    note: str = ""
    kind: str = Kind.CLIP
    most_images: int = 0  # of an image model: in one request
    unpriced: tuple[str, ...] = ()  # of the resolutions, those that no price is known for
    from_micros: int | None = None  # the cheapest clip of the default length in 16:9, or one image; None: no price

    @property
    def has_price(self) -> bool:
        return set(self.unpriced) != set(self.resolutions)

    @property
    def priced_resolutions(self) -> tuple[str, ...]:
        return tuple(name for name in self.resolutions if name not in self.unpriced)

    @property
    def default_ratio(self) -> str:
        return USUAL_RATIO if USUAL_RATIO in self.ratios else next(iter(self.ratios), "")

    @property
    def default_resolution(self) -> str:
        usable = self.priced_resolutions or self.resolutions
        return USUAL_RESOLUTION if USUAL_RESOLUTION in usable else next(iter(usable), "")

    @property
    def default_audio(self) -> bool:
        """With sound where it costs nothing more."""
        return self.audio in (Audio.OPTIONAL, Audio.ALWAYS)

    @property
    def takes_references(self) -> bool:
        return any(most for _kind, most in self.references)

    @property
    def most_references(self) -> int:
        return self.most_of("total")

    def most_of(self, kind: str) -> int:
        """How many images, videos or sounds it may be shown."""
        return dict(self.references).get(kind, 0)

    @property
    def has_audio_choice(self) -> bool:
        return self.audio in (Audio.OPTIONAL, Audio.SELECTS_SKU)


def of(model: VideoModel) -> Capabilities:
    """What this model can do by the newest price list."""
    return _of(model, pricing.in_force())


def listed(kind: Kind = Kind.CLIP) -> list[Capabilities]:
    """Every listed model that makes this, in the catalogue's order; four queries however many there are."""
    prices = pricing.in_force()
    return [_of(model, prices) for model in VideoModel.objects.listed(kind).prefetch_related("skus")]


def _of(model: VideoModel, prices: dict[str, Price]) -> Capabilities:
    skus = [sku for sku in model.skus.all() if sku.is_listed and sku.is_live and sku.input in ("", TEXT)]
    resolutions = tuple(dict.fromkeys(sku.resolution for sku in skus))
    costs = {
        (sku.resolution, sku.sound): _from_micros(model, sku, prices[sku.relay_model])
        for sku in skus
        if pricing.is_usable(prices.get(sku.relay_model), Kind(model.kind))
    }
    priced = {resolution for resolution, _ in costs}
    return Capabilities(
        name=model.name,
        label=model.label,
        vendor=model.vendor,
        min_seconds=model.min_seconds,
        max_seconds=model.max_seconds,
        default_seconds=model.default_seconds,
        ratios=tuple(model.ratios),
        resolutions=resolutions,
        audio=model.audio,
        takes_seed=model.takes_seed,
        takes_first_frame=model.takes_first_frame,
        takes_last_frame=model.takes_last_frame,
        references=tuple((model.references or {}).items()),
        note=model.note,
        kind=model.kind,
        most_images=model.most_images,
        unpriced=tuple(name for name in resolutions if name not in priced),
        from_micros=min(costs.values(), default=None),
    )


def _from_micros(model: VideoModel, sku: Sku, price: Price) -> int:
    if model.kind == Kind.IMAGE:
        return pricing.images_cost_micros(price, 1)
    return pricing.cost_micros(price, seconds=model.default_seconds, resolution=sku.resolution, ratio=USUAL_RATIO)
