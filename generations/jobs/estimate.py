"""What a job will cost and how long it usually takes, before anything moves."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from django.db.models import F

from generations.catalog import pricing
from generations.catalog.models import Kind, Price, Sku, Unit, VideoModel
from generations.composer.ask import VideoAsk
from generations.jobs.models import Job
from generations.jobs.states import State

RUNS_LOOKED_AT = 50


@dataclass(frozen=True, slots=True)
class Usual:
    """How long such a job took lately, sent to ready: the median and the ninth of ten."""

    low_seconds: float
    high_seconds: float


@dataclass(frozen=True, slots=True)
class Quote:
    sku: Sku
    price: Price
    amount_micros: int
    is_exact: bool  # False: the relay publishes no formula, it is our best guess
    usual: Usual | None


def quote(ask: VideoAsk, model: VideoModel) -> Quote:
    """The price of `ask` by the newest list. Raises pricing.NoSku and pricing.NoPrice."""
    sku = pricing.sku_for(model, resolution=ask.resolution, audio=ask.audio, input=ask.input)
    price = pricing.price_of(sku)
    amount = amount_micros(
        price,
        kind=ask.kind,
        images=ask.images,
        seconds=ask.seconds,
        resolution=ask.resolution,
        ratio=ask.ratio,
        input_seconds=ask.input_seconds,
    )
    # "adaptive" is reckoned as 16:9; with a video to look at, the relay bills a minimum that it does not publish.
    is_exact = pricing.is_exact(sku) and ask.ratio != "adaptive" and not ask.input_seconds
    return Quote(sku, price, amount, is_exact, usual_seconds(sku, ask.seconds))


def amount_micros(
    price: Price, *, kind: str, images: int, seconds: int, resolution: str, ratio: str, input_seconds: Fraction
) -> int:
    """What a request of this kind costs by this price. Raises pricing.NoPrice."""
    if kind == Kind.IMAGE:
        return pricing.images_cost_micros(price, images)
    # An upscale renders no second of its own: by tokens it is billed for those that it is shown.
    is_by_input = kind == Kind.UPSCALE and price.unit == Unit.PER_MILLION_TOKENS
    rendered = 0 if is_by_input else seconds
    return pricing.cost_micros(price, seconds=rendered, resolution=resolution, ratio=ratio, input_seconds=input_seconds)


def usual_seconds(sku: Sku, seconds: int) -> Usual | None:
    """From the last runs of this sku at this length; None while there are fewer than three."""
    runs = (
        Job.objects.filter(sku=sku, seconds=seconds, state=State.SUCCEEDED, running_at__isnull=False)
        .order_by("-finished_at")
        .annotate(took=F("finished_at") - F("running_at"))
        .values_list("took", flat=True)[:RUNS_LOOKED_AT]
    )
    lengths = sorted(run.total_seconds() for run in runs)
    if len(lengths) < 3:
        return None
    return Usual(lengths[len(lengths) // 2], lengths[min(len(lengths) - 1, len(lengths) * 9 // 10)])
