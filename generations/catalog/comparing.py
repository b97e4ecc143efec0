"""The relay's price list beside ours: compared daily, taken over on a word; and what two lists differ in."""

from __future__ import annotations

import datetime as dt
import logging
from dataclasses import dataclass

from django.db import transaction

from generations.accounts import audit
from generations.accounts.models import User
from generations.catalog.fields import BadFile
from generations.catalog.importing import compare_relay_prices, import_relay_prices
from generations.catalog.models import Price, PriceList
from generations.health import checks
from generations.relay.client import Relay
from generations.relay.errors import RelayFault

log = logging.getLogger(__name__)
CHECK = "prices"


@dataclass(frozen=True, slots=True)
class Change:
    """One price that two lists do not agree on; None: the list has none."""

    relay_model: str
    old: Price | None
    new: Price | None

    @property
    def percent(self) -> float | None:
        """By how much it went up; None where that says nothing."""
        if self.old is None or self.new is None or self.old.unit != self.new.unit or not self.old.amount_micros:
            return None
        return 100 * (self.new.amount_micros - self.old.amount_micros) / self.old.amount_micros


def changes(old: PriceList | None, new: PriceList) -> list[Change]:
    """What changed from the one list to the other, by name."""
    before = {price.relay_model: price for price in old.prices.all()} if old else {}
    after = {price.relay_model: price for price in new.prices.all()}
    pairs = [Change(name, before.get(name), after.get(name)) for name in sorted(before.keys() | after.keys())]
    return [pair for pair in pairs if _terms(pair.old) != _terms(pair.new)]


def _terms(price: Price | None) -> tuple[str, int, int | None] | None:
    return (price.unit, price.amount_micros, price.output_amount_micros) if price else None


def compare(relay: Relay, now: dt.datetime) -> None:
    """Keeps what the relay's list says otherwise than ours, as a check; the first difference sounds an alert, once."""
    try:
        report = compare_relay_prices(relay.pricing(), now=now)
    except (RelayFault, BadFile) as problem:
        log.warning("the relay gave no price list: %s", problem)
        checks.say(CHECK, f"The relay gave no price list: {problem}", now)
        return
    checks.record(CHECK, report.changes, now, f"{len(report.remarks)} prices of ours are not in the relay's list")


def take(relay: Relay, actor: User, now: dt.datetime) -> None:
    """Makes the relay's prices a new list of ours; jobs keep the price at which they were asked for."""
    try:
        body = relay.pricing()
        with transaction.atomic():
            report = import_relay_prices(body, source="the relay's price list", now=now)
            if report.changes:
                audit.record("prices.taken", about="price list", after=_told(report.changes), actor=actor, now=now)
    except (RelayFault, BadFile) as problem:
        log.warning("the relay gave no price list: %s", problem)
        checks.say(CHECK, f"The relay gave no price list: {problem}", now)
        return
    checks.record(CHECK, (), now, f"{len(report.changes)} prices taken over from the relay")


def _told(lines: tuple[str, ...]) -> dict[str, str]:
    return {str(number): line[:200] for number, line in enumerate(lines[:20], start=1)}
