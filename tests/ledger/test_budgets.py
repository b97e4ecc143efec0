"""Limits set and lowered, marks written once a month, pauses."""

import datetime as dt

import pytest
from django.db import transaction

from generations.accounts.models import User
from generations.ledger import budgets, holds
from generations.ledger.models import Budget, BudgetMark, Currency, Hold
from generations.projects.models import Project

NOW = dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)
DOLLAR = 1_000_000
SCOPES = ["studio", "project", "user"]


def hold(project: Project, user: User, dollars: float = 1, now: dt.datetime = NOW) -> Hold:
    with transaction.atomic():
        return holds.place_hold(
            project=project, user=user, currency=Currency.USD, amount_micros=int(dollars * DOLLAR), now=now
        )


def budget(scope: str, project: Project, user: User) -> Budget:
    return budgets.budgets_for(project, user, Currency.USD)[SCOPES.index(scope)]


def marks() -> list[tuple[str, int, int]]:
    return list(BudgetMark.objects.order_by("id").values_list("month__budget__scope", "percent", "used_micros"))


@pytest.mark.parametrize("scope", SCOPES)
def test_each_of_the_three_limits_binds(project: Project, ben: User, scope: str) -> None:
    budgets.set_limit(budget(scope, project, ben), DOLLAR, NOW)
    hold(project, ben, 0.6)
    with pytest.raises(budgets.OverBudget) as refusal:
        hold(project, ben, 0.5)
    problem = refusal.value
    assert (problem.scope, problem.left_micros, problem.limit_micros) == (scope, 400_000, DOLLAR)


def test_marks_are_written_once_a_month(project: Project, ben: User) -> None:
    budgets.set_limit(budget("project", project, ben), 10 * DOLLAR, NOW)
    for _ in range(10):
        hold(project, ben)
    assert marks() == [
        ("project", 50, 5 * DOLLAR),
        ("project", 80, 8 * DOLLAR),
        ("project", 100, 10 * DOLLAR),
    ]
    hold(project, ben, 6, NOW + dt.timedelta(days=20))
    assert marks()[3:] == [("project", 50, 6 * DOLLAR)]


def test_overrun_reaches_a_mark(project: Project, ben: User) -> None:
    budgets.set_limit(budget("user", project, ben), 10 * DOLLAR, NOW)
    first = hold(project, ben, 4)
    holds.charge(first, 11 * DOLLAR, NOW)
    assert marks() == [("user", percent, 11 * DOLLAR) for percent in (50, 80, 100)]


def test_lowered_limit_reaches_a_mark(project: Project, ben: User) -> None:
    hold(project, ben, 4)
    budgets.set_limit(budget("studio", project, ben), 5 * DOLLAR, NOW)
    assert marks() == [("studio", 50, 4 * DOLLAR), ("studio", 80, 4 * DOLLAR)]


@pytest.mark.parametrize("scope", SCOPES)
def test_paused_budget_holds_nothing_new(project: Project, ben: User, ann: User, scope: str) -> None:
    running = hold(project, ben)
    for _ in range(2):
        budgets.pause(budget(scope, project, ben), ann, NOW)
    with pytest.raises(budgets.Paused) as refusal:
        hold(project, ben)
    assert refusal.value.scope == scope
    holds.charge(running, DOLLAR, NOW)
    for _ in range(2):
        budgets.resume(budget(scope, project, ben), NOW)
    hold(project, ben)


def test_pause_of_one_leaves_others_alone(project: Project, ben: User, ann: User) -> None:
    budgets.pause(budget("user", project, ben), ann, NOW)
    hold(project, ann)
    assert Hold.objects.get().user == ann


def test_lowest_amount_is_the_rule(project: Project, ben: User) -> None:
    assert budgets.ask_above(project, ben, Currency.USD) is None
    for scope, amount in zip(SCOPES, (3, 1, 2), strict=True):
        budgets.set_ask_above(budget(scope, project, ben), amount, NOW)
    rule = budgets.ask_above(project, ben, Currency.USD)
    assert rule
    assert rule.scope == "project"
