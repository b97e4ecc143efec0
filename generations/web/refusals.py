"""Why nothing was queued, in words."""

from __future__ import annotations

from django.utils.translation import gettext as _

from generations.catalog.pricing import NoPrice, NoSku
from generations.jobs import lifecycle
from generations.ledger import budgets, money
from generations.ledger.budgets import OverBudget, Paused


def why_not(error: Exception) -> str:
    """Why nothing was queued, in words."""
    if isinstance(error, OverBudget):
        return over_budget(error)
    if isinstance(error, Paused):
        return is_paused(error)
    if isinstance(error, lifecycle.ProjectArchived):
        return _("This project is archived: it takes no new prompts.")
    if isinstance(error, lifecycle.NoRoom):
        return _("The studio's disk is full: nothing new is made until there is room again.")
    if isinstance(error, NoPrice | NoSku):
        return _("This model has no price for that any more.")
    return _("This job is not over yet, so it cannot be tried again.")


def is_paused(error: budgets.Paused) -> str:
    """Who looks after the money has stopped it; nothing that was typed is lost."""
    scopes = {
        "studio": _("The studio is paused: nothing new is made until that ends. Your words are kept."),
        "project": _("This project is paused: nothing new is made here until that ends. Your words are kept."),
        "user": _("You are paused: ask who looks after the money. Your words are kept."),
    }
    return scopes[str(error.scope)]


def over_budget(error: budgets.OverBudget) -> str:
    """ "This project: SBX 3.20 of SBX 5.00 left, this needs SBX 4.86." """
    amounts = {
        "left": money.show(error.left_micros, error.currency),
        "limit": money.show(error.limit_micros, error.currency),
        "needed": money.show(error.needed_micros, error.currency),
    }
    scopes = {
        "studio": _("The studio has %(left)s of %(limit)s left this month, this needs %(needed)s."),
        "project": _("This project: %(left)s of %(limit)s left, this needs %(needed)s."),
        "user": _("You have %(left)s of %(limit)s left this month, this needs %(needed)s."),
    }
    return scopes[str(error.scope)] % amounts
