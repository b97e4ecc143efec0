"""Holds: placed, charged, released; budgets and entries agree at every step."""

import datetime as dt

import pytest
from django.db import IntegrityError, transaction
from django.db.models import Sum

from generations.accounts.models import User
from generations.ledger import budgets, holds
from generations.ledger.models import BudgetMonth, Currency, Entry, Hold
from generations.projects.models import Project

NOW = dt.datetime(2026, 11, 30, 23, 59, tzinfo=dt.UTC)
DOLLAR = 1_000_000


def place(project: Project, user: User, amount_micros: int = DOLLAR, now: dt.datetime = NOW) -> Hold:
    with transaction.atomic():
        return holds.place_hold(project=project, user=user, currency=Currency.USD, amount_micros=amount_micros, now=now)


def figures(project: Project, now: dt.datetime = NOW) -> tuple[int, int, int]:
    month = budgets.month_of(project, Currency.USD, now)
    return month.held_micros, month.spent_micros, month.overrun_micros


def entries(hold: Hold) -> list[tuple[str, str, str, int]]:
    rows = hold.entries.order_by("id").select_related("source", "target")
    return [(row.kind, row.source.kind, row.target.kind, row.amount_micros) for row in rows]


def test_hold_stands_in_all_three_budgets(project: Project, ben: User) -> None:
    place(project, ben)
    months = BudgetMonth.objects.values_list("budget__scope", "held_micros", "spent_micros")
    assert set(months) == {("studio", DOLLAR, 0), ("project", DOLLAR, 0), ("user", DOLLAR, 0)}


def test_charge_below_the_hold_gives_the_rest_back(project: Project, ben: User) -> None:
    hold = place(project, ben)
    holds.charge(hold, 700_000, NOW)
    assert figures(project) == (0, 700_000, 0)
    assert entries(hold) == [
        ("hold", "available", "held", DOLLAR),
        ("charge", "held", "spent", 700_000),
        ("remainder", "held", "available", 300_000),
    ]


def test_release_gives_everything_back(project: Project, ben: User) -> None:
    hold = place(project, ben)
    holds.release(hold, NOW)
    assert figures(project) == (0, 0, 0)
    assert entries(hold)[-1] == ("release", "held", "available", DOLLAR)


def test_charge_above_the_hold_is_spent_where_there_is_room(project: Project, ben: User) -> None:
    budgets.set_project_limit(project, Currency.USD, 2 * DOLLAR, NOW)
    hold = place(project, ben)
    holds.charge(hold, 1_500_000, NOW)
    assert figures(project) == (0, 1_500_000, 0)
    assert entries(hold)[-1] == ("excess", "available", "spent", 500_000)


def test_charge_above_the_hold_and_the_limit_is_an_overrun(project: Project, ben: User) -> None:
    budgets.set_project_limit(project, Currency.USD, DOLLAR, NOW)
    hold = place(project, ben)
    holds.charge(hold, 1_500_000, NOW)
    assert figures(project) == (0, DOLLAR, 500_000)
    assert entries(hold)[-1] == ("overrun", "available", "spent", 500_000)


def test_overrun_leaves_no_room_for_more(project: Project, ben: User) -> None:
    budgets.set_project_limit(project, Currency.USD, 2 * DOLLAR, NOW)
    first, second = place(project, ben), place(project, ben)
    holds.charge(first, 3 * DOLLAR, NOW)
    holds.release(second, NOW)
    with pytest.raises(budgets.OverBudget) as refusal:
        place(project, ben, 1)
    assert refusal.value.left_micros == 0


@pytest.mark.parametrize("settle_again", [lambda h: holds.charge(h, 1, NOW), lambda h: holds.release(h, NOW)])
def test_hold_is_settled_once(project: Project, ben: User, settle_again: object) -> None:
    hold = place(project, ben)
    holds.charge(hold, DOLLAR, NOW)
    with pytest.raises(holds.AlreadySettled):
        settle_again(hold)  # type: ignore[operator]
    assert figures(project) == (0, DOLLAR, 0)


def test_over_budget_says_what_is_left_and_changes_nothing(project: Project, ben: User) -> None:
    budgets.set_project_limit(project, Currency.USD, 5 * DOLLAR, NOW)
    place(project, ben, 1_800_000)
    with pytest.raises(budgets.OverBudget) as refusal:
        place(project, ben, 4_860_000)
    problem = refusal.value
    assert (problem.scope, problem.left_micros, problem.needed_micros) == ("project", 3_200_000, 4_860_000)
    assert BudgetMonth.objects.aggregate(held=Sum("held_micros"))["held"] == 3 * 1_800_000


def test_charge_stays_in_the_month_of_its_hold(project: Project, ben: User) -> None:
    december = NOW + dt.timedelta(days=1)
    hold = place(project, ben)
    holds.charge(hold, DOLLAR, december)
    assert figures(project) == (0, DOLLAR, 0)
    assert figures(project, december) == (0, 0, 0)


def test_limit_below_use_is_refused(project: Project, ben: User) -> None:
    place(project, ben, 3 * DOLLAR)
    with pytest.raises(budgets.LimitBelowUse) as refusal:
        budgets.set_project_limit(project, Currency.USD, 2 * DOLLAR, NOW)
    assert refusal.value.used_micros == 3 * DOLLAR
    assert budgets.limit_of(project, Currency.USD) is None


def test_limit_holds_for_the_next_month_too(project: Project, ben: User) -> None:
    budgets.set_project_limit(project, Currency.USD, DOLLAR, NOW)
    with pytest.raises(budgets.OverBudget):
        place(project, ben, 2 * DOLLAR, now=NOW + dt.timedelta(days=40))


def test_sandbox_money_does_not_mix(project: Project, ben: User) -> None:
    budgets.set_project_limit(project, Currency.USD, DOLLAR, NOW)
    with transaction.atomic():
        holds.place_hold(project=project, user=ben, currency=Currency.SBX, amount_micros=50 * DOLLAR, now=NOW)
    assert figures(project) == (0, 0, 0)


@pytest.mark.parametrize("verb", ["update", "delete"])
def test_entries_cannot_be_changed(project: Project, ben: User, verb: str) -> None:
    place(project, ben)
    change = {"update": lambda rows: rows.update(amount_micros=0), "delete": lambda rows: rows._raw_delete("default")}
    with pytest.raises(IntegrityError, match="immutable"), transaction.atomic():
        change[verb](Entry.objects.all())


@pytest.mark.parametrize(
    "bad",
    [{"held_micros": -1}, {"spent_micros": -1}, {"limit_micros": 999_999}],
)
def test_database_refuses_figures_that_cannot_be(project: Project, ben: User, bad: dict[str, int]) -> None:
    place(project, ben)
    with pytest.raises(IntegrityError), transaction.atomic():
        BudgetMonth.objects.filter(budget__scope="project").update(**bad)


def test_database_refuses_a_second_settlement(project: Project, ben: User) -> None:
    hold = place(project, ben)
    holds.charge(hold, DOLLAR, NOW)
    twin = Entry.objects.get(hold=hold, kind="charge")
    twin.pk, twin.kind = None, "release"
    with pytest.raises(IntegrityError), transaction.atomic():
        twin.save(force_insert=True)


@pytest.mark.django_db(transaction=True)
def test_money_moves_only_inside_a_transaction(project: Project, ben: User) -> None:
    with pytest.raises(transaction.TransactionManagementError):
        holds.place_hold(project=project, user=ben, currency=Currency.USD, amount_micros=1, now=NOW)
