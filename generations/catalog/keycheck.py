"""The relay's key: whether it is good, and which models it may use, against what the catalogue lists and prices."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import models
from django.db.models import Q

from generations import queue
from generations.catalog import pricing
from generations.catalog.models import Sku
from generations.relay.client import Relay
from generations.relay.errors import KeyRefused, RelayFault

ASKED_LASTS = dt.timedelta(minutes=2)  # pressed again within it, nobody is asked twice


class KeyCheck(models.Model):
    """The last answer of one relay (`relay`, `sandbox`) to what its key may use."""

    name = models.CharField(max_length=10, primary_key=True)
    asked_at = models.DateTimeField(null=True)  # None: nobody waits for an answer
    at = models.DateTimeField(null=True)  # None: never yet
    is_good = models.BooleanField(null=True)  # None: the relay gave no answer
    problem = models.CharField(max_length=300, blank=True)
    served = models.JSONField(default=list)  # of the last good answer

    def __str__(self) -> str:
        return f"{self.name}: {self.is_good}"


@dataclass(frozen=True, slots=True)
class Differences:
    """Names of the relay's models. `unpriced` are listed and served, and nobody can use them."""

    missing: list[str]
    extra: list[str]
    unpriced: list[str]


def of(is_sandbox: bool) -> KeyCheck:
    return KeyCheck.objects.get_or_create(name="sandbox" if is_sandbox else "relay")[0]


def ask(is_sandbox: bool, now: dt.datetime) -> bool:
    """Has a worker ask the relay; False when one does so already."""
    rested = Q(asked_at=None) | Q(asked_at__lte=now - ASKED_LASTS)
    if not KeyCheck.objects.filter(rested, pk=of(is_sandbox).pk).update(asked_at=now):
        return False
    queue.wake("check_key")
    return True


def run(relay: Relay, is_sandbox: bool, now: dt.datetime) -> None:
    """Asks for the models, which costs nothing, and keeps the answer."""
    check = of(is_sandbox)
    check.asked_at, check.at, check.problem = None, now, ""
    try:
        check.served, check.is_good = sorted(set(relay.models())), True
    except KeyRefused as refused:
        check.is_good, check.problem = False, refused.message[:300]
    except RelayFault as fault:
        check.is_good, check.problem = None, fault.message[:300]
    check.save()


def differences(served: Sequence[str]) -> Differences:
    """What the key may use against the catalogue; models that we only have a price for count as known."""
    skus = Sku.objects.filter(is_listed=True, model__is_listed=True)
    listed, priced = set(skus.values_list("relay_model", flat=True)), set(pricing.in_force())
    texts = {name for name, price in pricing.in_force().items() if price.output_amount_micros is not None}
    return Differences(
        missing=sorted((listed | texts) - set(served)),
        extra=sorted(set(served) - listed - priced),
        unpriced=sorted((listed & set(served)) - priced),
    )
