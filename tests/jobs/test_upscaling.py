"""Upscales: offered with their price or the reason against it; the same clip, larger, as a job with its parent."""

from collections.abc import Callable
from fractions import Fraction
from math import ceil
from typing import Any

import pytest

from generations.accounts.models import User
from generations.catalog import pricing
from generations.catalog.models import Price, PriceList, Sku
from generations.jobs import upscaling
from generations.jobs.models import Job
from generations.jobs.upscaling import Offer
from generations.projects.models import Project
from generations.relay.frames import seedance_tokens
from generations.sandbox.listener import Listener
from tests.builders import NOW, clip, job, ready_job

Drive = Callable[[Job, str], Job]


def set_price() -> None:
    Price.objects.create(
        price_list=PriceList.objects.latest("number"),
        relay_model="seedance-upscale-720p",
        unit="per_million_tokens",
        amount_micros=2_000_000,
    )


def offers(made: Job) -> dict[str, Offer]:
    return {offer.sku.resolution: offer for offer in upscaling.offers(made.outputs.get())}


def test_without_a_price_nothing_is_open(project: Project, ben: User) -> None:
    found = offers(ready_job(project, ben))
    assert [(name, offer.sku.is_live, offer.is_open) for name, offer in found.items()] == [
        ("720p", True, False),
        ("1080p", False, False),
        ("2k", False, False),
        ("4k", False, False),
    ]


def test_price_is_by_the_seconds_that_are_shown(project: Project, ben: User) -> None:
    set_price()
    offer = offers(ready_job(project, ben))["720p"]
    assert offer.quote is not None
    assert offer.quote.amount_micros == ceil(Fraction(seedance_tokens(4, 0, 1280, 720) * 2_000_000, 1_000_000))
    assert (offer.is_open, offer.quote.is_exact) == (True, False)


@pytest.mark.parametrize(
    "changes", [{"width_px": 1280, "height_px": 720}, {"duration_ms": 16_000}, {"duration_ms": 900}]
)
def test_clip_that_does_not_fit_is_not_taken(project: Project, ben: User, changes: dict[str, Any]) -> None:
    set_price()
    made = ready_job(project, ben, media=clip(**changes))
    assert not offers(made)["720p"].is_open
    with pytest.raises(upscaling.NoClip):
        upscaling.upscale(made.outputs.get(), "720p", user=ben, key="k", now=NOW)


def test_announced_one_is_refused(project: Project, ben: User) -> None:
    Price.objects.create(
        price_list=PriceList.objects.latest("number"),
        relay_model="seedance-upscale-4k",
        unit="per_second",
        amount_micros=1,
    )
    assert Sku.objects.filter(is_live=False).count() == 3
    with pytest.raises(pricing.NoSku):
        upscaling.upscale(ready_job(project, ben).outputs.get(), "4k", user=ben, key="k", now=NOW)


@pytest.mark.django_db(transaction=True)
def test_clip_comes_back_larger_and_is_charged(project: Project, ben: User, relay: Listener, drive: Drive) -> None:
    set_price()
    parent = drive(job(project, ben, prompt="a quiet harbour"), "succeeded")
    asked = upscaling.upscale(parent.outputs.get(), "720p", user=ben, key="k", now=NOW)
    made = drive(asked, "succeeded")
    media = made.outputs.get().media
    assert media is not None
    assert (made.parent, media.height_px, media.duration_ms) == (parent, 720, 4000)
    assert made.cost_micros is not None
    assert 0 < made.cost_micros <= made.estimate_micros
    body = made.attempt.request_body or {}
    assert (body["model"], body["seconds"], "prompt" in body) == ("seedance-upscale-720p", "4", False)
