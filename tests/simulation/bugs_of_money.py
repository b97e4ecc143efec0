"""Bugs with money, planted like those of bugs.py, which holds the list."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from contextlib import nullcontext
from typing import Any
from unittest import mock

from django.db import transaction

from generations.catalog import pricing
from generations.catalog.models import VideoModel
from generations.composer.ask import VideoAsk
from generations.jobs import fetcher, lifecycle, observing
from generations.jobs.estimate import quote
from generations.jobs.models import Job
from generations.ledger import budgets, holds
from generations.ledger.models import BudgetMonth, Hold
from generations.relay.wire import Task
from tests.simulation.bugs import Patch, bug
from tests.simulation.stage import currency


@bug
def naive_budget() -> Iterable[Patch]:
    """Whether there is room is asked before the money is moved, not by the statement that moves it."""

    def reserve(months: Iterable[BudgetMonth], amount_micros: int, column: str) -> None:
        budgets.move(months, **{column.removesuffix("_micros"): amount_micros})

    queue_job = lifecycle.queue_job

    def asked_before(*, project: Any, user: Any, ask: VideoAsk, now: dt.datetime, **others: Any) -> Job:
        needed = quote(ask, VideoModel.objects.get(name=ask.model)).amount_micros
        for month in budgets.months_for(project, user, currency(), budgets.month_start(now)):
            if month.left_micros is not None and month.left_micros < needed:
                raise budgets.OverBudget(month, needed)
        return queue_job(project=project, user=user, ask=ask, now=now, **others)

    yield budgets, "reserve", reserve
    yield lifecycle, "queue_job", asked_before


@bug
def charge_twice() -> Iterable[Patch]:
    """The job is charged when the relay is done and again when its bytes are kept."""
    end = fetcher._end

    def end_and_charge(job: Job, *others: Any) -> None:
        end(job, *others)
        hold = job.attempt.hold
        budgets.move(budgets.months_of(hold), spent=hold.charged_micros or 0)

    yield fetcher, "_end", end_and_charge


@bug
def lost_remainder() -> Iterable[Patch]:
    """What a cheaper clip leaves of its hold is never given back."""
    move = budgets.move

    def keep_the_rest(months: Any, **amounts: int) -> None:
        if amounts.get("spent", 0) and amounts.get("held", 0):
            amounts["held"] = -amounts["spent"]
        move(months, **amounts)

    yield budgets, "move", keep_the_rest


@bug
def overrun_ignored() -> Iterable[Patch]:
    """What the relay settles above the hold is nobody's money."""
    charge = holds.charge
    yield holds, "charge", lambda hold, cost, now: charge(hold, min(cost, hold.amount_micros), now)


@bug
def charges_the_estimate() -> Iterable[Patch]:
    """What the relay says that it settled is not read."""
    yield observing, "cost_of", lambda job, task: job.estimate_micros


@bug
def price_not_pinned() -> Iterable[Patch]:
    """A job under way is reckoned at the newest price."""
    cost_of = observing.cost_of

    def cost_now(job: Job, task: Task) -> int:
        job.price = pricing.price_of(job.sku)
        return cost_of(job, task)

    yield observing, "cost_of", cost_now


@bug
def releases_on_cancel() -> Iterable[Patch]:
    """A cancel gives the money back though the relay has the job."""
    cancel = lifecycle._cancel

    def cancel_and_release(job: Job, actor: Any, now: dt.datetime, note: str) -> bool:
        done = cancel(job, actor, now, note)
        if not done and job.attempt.hold.state == Hold.State.OPEN:
            holds.release(job.attempt.hold, now)
        return done

    yield lifecycle, "_cancel", cancel_and_release


@bug
def hold_outside_the_transaction() -> Iterable[Patch]:
    """The money is held first, and the job made then."""
    place_hold = holds.place_hold

    def at_once(**values: Any) -> Hold:
        with transaction.atomic():
            return place_hold(**values)

    yield lifecycle, "transaction", mock.Mock(atomic=nullcontext)
    yield holds, "place_hold", at_once
