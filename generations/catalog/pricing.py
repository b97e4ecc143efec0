"""From a model to its sku, from the sku to its price, from the price to the cost of a clip: integers of millionths."""

from __future__ import annotations

from fractions import Fraction
from math import ceil

from django.db.models import Q

from generations.catalog.models import Kind, Price, PriceList, Sku, Sound, Unit, VideoModel
from generations.relay.frames import frame_size, seedance_tokens

# Whose tokens follow the published formula; for others it is our best guess. Source: contract, Money; catalog.json.
PUBLISHED_FORMULA = frozenset({"ByteDance"})
CLIP_UNITS = frozenset({Unit.PER_MILLION_TOKENS, Unit.PER_SECOND})
IMAGE_UNITS = frozenset({Unit.PER_IMAGE})
UNITS_IN_WORDS = {
    Unit.PER_MILLION_TOKENS: "per million tokens",
    Unit.PER_SECOND: "per second",
    Unit.PER_IMAGE: "per image",
    Unit.UNKNOWN: "per unit",
}


class NoSku(LookupError):
    """The model has nothing at this resolution, sound and kind of input."""


class NoPrice(LookupError):
    """The newest price list has no price by which a clip of this sku can be reckoned."""

    def __init__(self, relay_model: str) -> None:
        super().__init__(f"{relay_model} has no price")
        self.relay_model = relay_model


def sku_for(model: VideoModel, *, resolution: str, audio: bool, input: str = "t2v") -> Sku:  # noqa: A002
    """The sku that the relay is asked for. Raises NoSku."""
    sound = Sound.WITH if audio else Sound.WITHOUT
    offered = model.skus.filter(is_listed=True, is_live=True)
    fitting = offered.filter(Q(sound=Sound.ANY) | Q(sound=sound), input__in=("", input), resolution=resolution)
    sku = fitting.first()
    if sku is None:
        raise NoSku(f"{model.name} has no sku for {input} at {resolution}, {sound} sound")
    return sku


def price_of(sku: Sku) -> Price:
    """The price in force. Raises NoPrice."""
    price = Price.objects.filter(price_list=newest_list(), relay_model=sku.relay_model).first()
    if price is None or not is_usable(price, Kind(sku.model.kind)):
        raise NoPrice(sku.relay_model)
    return price


def newest_list() -> PriceList | None:
    return PriceList.objects.order_by("-number").first()


def in_force() -> dict[str, Price]:
    """Every price of the newest list by the relay's name of the model."""
    return {price.relay_model: price for price in Price.objects.filter(price_list=newest_list())}


def is_usable(price: Price | None, kind: Kind = Kind.CLIP) -> bool:
    """Whether the cost of what such a model makes can be reckoned from it."""
    return price is not None and price.unit in (IMAGE_UNITS if kind == Kind.IMAGE else CLIP_UNITS)


def is_exact(sku: Sku) -> bool:
    """Whether the relay publishes how it reckons: if not, what it settles can differ from the estimate."""
    if sku.model.kind == Kind.UPSCALE:
        return False
    return sku.unit in (Unit.PER_SECOND, Unit.PER_IMAGE) or sku.model.vendor in PUBLISHED_FORMULA


def images_cost_micros(price: Price, images: int) -> int:
    """What so many images cost. Raises NoPrice when the price is not one for images."""
    if price.unit != Unit.PER_IMAGE:
        raise NoPrice(price.relay_model)
    return images * price.amount_micros


def cost_micros(price: Price, *, seconds: int, resolution: str, ratio: str, input_seconds: float | Fraction = 0) -> int:
    """What a clip costs, rounded up to a whole micro. Raises NoPrice when the price is not one for clips."""
    if price.unit == Unit.PER_SECOND:
        return seconds * price.amount_micros
    if price.unit == Unit.PER_MILLION_TOKENS:
        tokens = seedance_tokens(float(input_seconds), seconds, *frame_size(resolution, ratio))
        return ceil(Fraction(tokens * price.amount_micros, 1_000_000))
    raise NoPrice(price.relay_model)
