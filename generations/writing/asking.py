"""A proposal asked for, stopped, looked after. Between it and the relay: talking.py."""

from __future__ import annotations

import datetime as dt
import uuid

from django.conf import settings
from django.db import IntegrityError, transaction

from generations import queue
from generations.accounts.models import User
from generations.catalog import pricing
from generations.catalog.models import Price, Unit
from generations.catalog.pricing import NoPrice
from generations.jobs import approvals
from generations.jobs.lifecycle import KeyReused, ProjectArchived
from generations.jobs.states import Overtaken
from generations.ledger import budgets, holds
from generations.ledger.models import Currency
from generations.projects.models import Project
from generations.relay.chat import Usage
from generations.writing import instructions
from generations.writing.instructions import Purpose
from generations.writing.models import Proposal

State = Proposal.State
MOST_TOKENS = 1_500  # of an answer: more than the longest prompt that we send
FRAME_TOKENS = 64  # what a chat adds around its messages, and some
MOST_AT_ONCE = 3  # of one person
WAKE_UP_GRACE = dt.timedelta(seconds=5)
LEASE = dt.timedelta(seconds=150)  # longer than the relay may be silent between two words


class MustAsk(Exception):
    """It costs more than this person may spend without asking: nothing was held."""


class TooMany(Exception):
    """This person has as many under way as one may have: nothing was held."""


REFUSALS = (KeyReused, ProjectArchived, NoPrice, MustAsk, TooMany)


def price() -> Price:
    """The text model that is asked, by its price: the cheapest that the newest list has. Raises NoPrice."""
    texts = [price for price in pricing.in_force().values() if price.output_amount_micros is not None]
    able = [price for price in texts if price.unit == Unit.PER_MILLION_TOKENS]
    if not able:
        raise NoPrice("a text model")
    return min(able, key=lambda price: (price.output_amount_micros or 0, price.relay_model))


def cost_micros(price: Price, usage: Usage) -> int:
    return usage.cost_micros(price.amount_micros, price.output_amount_micros or 0)


def most_micros(price: Price, told: str, prompt: str) -> int:
    """What it can cost at most: no token is shorter than a byte, and no answer longer than what is asked for."""
    read = len((told + prompt).encode()) + FRAME_TOKENS
    return cost_micros(price, Usage(prompt_tokens=read, completion_tokens=MOST_TOKENS))


def ask(*, key: uuid.UUID, project: Project, user: User, prompt: str, purpose: Purpose, now: dt.datetime) -> Proposal:
    """Holds what it can cost and has a worker ask the relay. The same key gives the same proposal again.

    Raises one of REFUSALS, budgets.OverBudget and budgets.Paused: nothing has moved.
    """
    if same := _same(key, project, user):
        return same
    if project.is_archived:
        raise ProjectArchived(project.slug)
    try:
        with transaction.atomic():
            return _insert(key, project, user, prompt, purpose, now)
    except (IntegrityError, budgets.OverBudget, budgets.Paused, TooMany):
        if same := _same(key, project, user):  # another press of the same button was first, and took the room
            return same
        raise


def _same(key: uuid.UUID, project: Project, user: User) -> Proposal | None:
    found = Proposal.objects.filter(pk=key).select_related("price", "hold").first()
    if found and (found.project_id, found.user_id) != (project.pk, user.pk):
        raise KeyReused(str(key))
    return found


def _insert(key: uuid.UUID, project: Project, user: User, prompt: str, purpose: Purpose, now: dt.datetime) -> Proposal:
    currency = Currency.SBX if settings.IS_SANDBOX else Currency.USD
    if Proposal.objects.unfinished().filter(user=user).count() >= MOST_AT_ONCE:
        raise TooMany
    asked, told = price(), instructions.told(purpose)
    amount_micros = most_micros(asked, told, prompt)
    if approvals.needed(project, user, currency, amount_micros):
        raise MustAsk
    hold = holds.place_hold(
        project=project, user=user, currency=currency, amount_micros=amount_micros, model=asked.relay_model, now=now
    )
    made = Proposal.objects.create(
        pk=key,
        project=project,
        user=user,
        is_sandbox=settings.IS_SANDBOX,
        hold=hold,
        price=asked,
        prompt=prompt,
        model=purpose.model,
        tags=purpose.tags,
        told=told,
        look_at=now + WAKE_UP_GRACE,
        created_at=now,
    )
    queue.wake("write_words", str(made.pk))
    return made


def stop(proposal: Proposal, now: dt.datetime) -> None:
    """Nothing more of it is shown. Before it was sent it costs nothing; after that the relay ends in its own time.

    The worker hears it to its end, unseen: only there the relay says what it bills.
    """
    with transaction.atomic():
        Proposal.objects.unfinished().filter(pk=proposal.pk, stop_requested_at=None).update(stop_requested_at=now)
        proposal.refresh_from_db()
        if proposal.state == State.QUEUED:
            give_back(proposal, "Stopped before it was sent.", now)


def give_back(proposal: Proposal, problem: str, now: dt.datetime) -> None:
    """It costs nothing: surely not sent, or surely not accepted. Raises Overtaken."""
    with transaction.atomic():
        proposal.move(State.FAILED, problem=problem[:300], finished_at=now)
        holds.release(proposal.hold, now)


def give_up(proposal: Proposal, problem: str, now: dt.datetime) -> None:
    """It may be billed and nobody knows how much: what is held stays held until a person settles it."""
    proposal.move(State.UNKNOWN, problem=problem[:300], finished_at=now)


def sweep(now: dt.datetime) -> int:
    """Wakes a worker for what waits, gives up what a dead worker was writing; how many there were."""
    due = list(Proposal.objects.filter(look_at__lte=now).order_by("look_at")[:200])
    for proposal in due:
        if proposal.state == State.QUEUED:
            again = Proposal.objects.filter(pk=proposal.pk, state=State.QUEUED, look_at__lte=now)
            if again.update(look_at=now + LEASE):
                queue.wake("write_words", str(proposal.pk))
        else:
            _unless_overtaken(proposal, now)
    return len(due)


def _unless_overtaken(proposal: Proposal, now: dt.datetime) -> None:
    try:
        give_up(proposal, "The studio stopped while it was being written.", now)
    except Overtaken:
        return
