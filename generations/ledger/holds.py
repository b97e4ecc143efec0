"""A hold's life: placed before anything is sent, then settled once, by a charge or by a release.

Every function belongs inside the caller's transaction, so that money and job move together or not at all.
"""

from __future__ import annotations

import datetime as dt

from django.db import connection, transaction

from generations.accounts.models import User
from generations.ledger import budgets, days, marks
from generations.ledger.models import Account, BudgetMonth, Currency, Entry, Hold
from generations.projects.models import Project

AVAILABLE, HELD, SPENT = Account.Kind.AVAILABLE, Account.Kind.HELD, Account.Kind.SPENT
PATHS = {
    Entry.Kind.HOLD: (AVAILABLE, HELD),
    Entry.Kind.RELEASE: (HELD, AVAILABLE),
    Entry.Kind.CHARGE: (HELD, SPENT),
    Entry.Kind.REMAINDER: (HELD, AVAILABLE),
    Entry.Kind.EXCESS: (AVAILABLE, SPENT),
    Entry.Kind.OVERRUN: (AVAILABLE, SPENT),
}


class AlreadySettled(Exception):
    """The hold was charged or released before: nothing was changed."""


def place_hold(
    *,
    project: Project,
    user: User,
    currency: Currency,
    amount_micros: int,
    now: dt.datetime,
    model: str = "",
    resolution: str = "",
) -> Hold:
    """Sets the amount aside in the three months that bound it. Raises OverBudget and Paused: then roll back.

    `model` and `resolution` say what it is for: the spend pages sum by them.
    """
    _need_transaction()
    months = budgets.months_for(project, user, currency, budgets.month_start(now))
    budgets.refuse_paused(months)
    budgets.reserve(months, amount_micros, "held_micros")
    marks.note(months, now)
    hold = Hold.objects.create(
        project=project,
        user=user,
        currency=currency,
        month=months[0].month,
        model=model,
        resolution=resolution,
        amount_micros=amount_micros,
        placed_at=now,
    )
    _enter(hold, Entry.Kind.HOLD, amount_micros, now)
    return hold


def release(hold: Hold, now: dt.datetime) -> None:
    """Gives the whole hold back: nothing was charged. Raises AlreadySettled."""
    _settle(hold, Hold.State.RELEASED, now, charged_micros=None)
    budgets.move(budgets.months_of(hold), held=-hold.amount_micros)
    _enter(hold, Entry.Kind.RELEASE, hold.amount_micros, now)


def charge(hold: Hold, cost_micros: int, now: dt.datetime) -> None:
    """Charges what the relay settled; less than held gives the rest back, more is charged too.

    What exceeds the hold counts as spent where the budgets have room, else as an overrun. Raises AlreadySettled.
    """
    _settle(hold, Hold.State.CHARGED, now, charged_micros=cost_micros)
    within = min(cost_micros, hold.amount_micros)
    months = budgets.months_of(hold)
    budgets.move(months, held=-hold.amount_micros, spent=within)
    _enter(hold, Entry.Kind.CHARGE, within, now)
    if within < hold.amount_micros:
        _enter(hold, Entry.Kind.REMAINDER, hold.amount_micros - within, now)
    overrun = 0
    if cost_micros > within:
        kind = _charge_beyond(months, cost_micros - within)
        _enter(hold, kind, cost_micros - within, now)
        overrun = cost_micros - within if kind == Entry.Kind.OVERRUN else 0
        marks.note(months, now)
    days.add_charge(hold, spent_micros=cost_micros - overrun, overrun_micros=overrun, now=now)


def _charge_beyond(months: list[BudgetMonth], excess_micros: int) -> Entry.Kind:
    try:
        with transaction.atomic():
            budgets.reserve(months, excess_micros, "spent_micros")
    except budgets.OverBudget:
        budgets.move(months, overrun=excess_micros)
        return Entry.Kind.OVERRUN
    return Entry.Kind.EXCESS


def _settle(hold: Hold, state: Hold.State, now: dt.datetime, charged_micros: int | None) -> None:
    _need_transaction()
    still_open = Hold.objects.filter(pk=hold.pk, state=Hold.State.OPEN)
    if still_open.update(state=state, settled_at=now, charged_micros=charged_micros) != 1:
        raise AlreadySettled(str(hold.pk))


def _enter(hold: Hold, kind: Entry.Kind, amount_micros: int, now: dt.datetime) -> None:
    source, target = (_account(hold, end) for end in PATHS[kind])
    Entry.objects.create(
        hold=hold,
        kind=kind,
        source=source,
        target=target,
        currency=hold.currency,
        amount_micros=amount_micros,
        at=now,
    )


def _account(hold: Hold, kind: Account.Kind) -> Account:
    found = Account.objects.get_or_create(project_id=hold.project_id, kind=kind, currency=hold.currency)
    return found[0]


def _need_transaction() -> None:
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("money moves only inside a transaction")
