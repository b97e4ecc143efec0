"""Money by hand: in budgets, entries and days at once; a second person above an amount; never more than was spent."""

from typing import Any

import pytest
from django.db import IntegrityError, transaction
from pytest_django import Settings

from generations.accounts.models import AuditEvent, User
from generations.jobs import invariants
from generations.jobs.models import Job
from generations.ledger import adjustments, budgets, days, holds
from generations.ledger.adjustments import Adjustment
from generations.ledger.models import BudgetMonth, Currency, Entry, SpendDay
from generations.projects.models import Project
from tests import builders
from tests.builders import NOW

SBX = Currency.SBX


@pytest.fixture
def paid(priced_project: Project, ben: User) -> Job:
    """One clip of ben's, charged one dollar."""
    budgets.set_project_limit(priced_project, SBX, 2_000_000, NOW)
    job = builders.job(priced_project, ben)
    with transaction.atomic():
        holds.charge(job.attempt.hold, 1_000_000, NOW)
    Job.objects.filter(pk=job.pk).update(state="fetching", next_action_at=NOW)
    return Job.objects.get(pk=job.pk)


def ask(project: Project, user: User, micros: int, actor: User, **more: Any) -> Adjustment:
    usual: dict[str, Any] = {"reason": "The relay gave it back", "key": str(Adjustment.objects.count()), "now": NOW}
    return adjustments.ask(
        project=project, user=user, currency=SBX, signed_micros=micros, actor=actor, **(usual | more)
    )


def spent() -> set[tuple[int, int]]:
    return set(BudgetMonth.objects.values_list("spent_micros", "overrun_micros"))


def broken() -> list[str]:
    """Invariants of money that do not hold; the jobs of these tests have never met a relay."""
    before = set(SpendDay.objects.values_list("day", "project", "user", "model", "spent_micros", "overrun_micros"))
    days.rebuild()
    after = set(SpendDay.objects.values_list("day", "project", "user", "model", "spent_micros", "overrun_micros"))
    assert before == after
    money = ("I1", "I2", "I3", "I5", "I6", "I15")
    return [found.name for found in invariants.violations(NOW) if found.name.split()[0] in money]


@pytest.mark.parametrize(("micros", "stands"), [(-400_000, 600_000), (250_000, 1_250_000)])
def test_adjustment_moves_budgets_entry_and_day_together(paid: Job, bill: User, micros: int, stands: int) -> None:
    ask(paid.project, paid.user, micros, bill)
    entry = Entry.objects.get(adjustment__isnull=False)
    assert (entry.kind, entry.amount_micros) == ("refund" if micros < 0 else "surcharge", abs(micros))
    assert spent() == {(stands, 0)}
    assert sum(SpendDay.objects.values_list("spent_micros", flat=True)) == stands
    assert broken() == []


def test_what_no_limit_has_room_for_is_an_overrun(paid: Job, bill: User) -> None:
    ask(paid.project, paid.user, 5_000_000, bill)
    assert (Entry.objects.latest("pk").kind, spent()) == ("overrun", {(1_000_000, 5_000_000)})
    assert broken() == []


@pytest.mark.parametrize("of_job", [True, False])
def test_no_more_is_given_back_than_was_spent(paid: Job, bill: User, of_job: bool) -> None:
    hold = paid.attempt.hold if of_job else None
    ask(paid.project, paid.user, -900_000, bill, hold=hold)
    with pytest.raises(adjustments.TooMuch) as refused:
        ask(paid.project, paid.user, -100_001, bill, hold=hold)
    assert (refused.value.left_micros, Adjustment.objects.count(), spent()) == (100_000, 1, {(100_000, 0)})
    assert broken() == []


def test_job_gives_back_no_more_than_its_own_charge(paid: Job, bill: User) -> None:
    other = builders.job(paid.project, paid.user, prompt="Another")
    with transaction.atomic():
        holds.charge(other.attempt.hold, 300_000, NOW)
    with pytest.raises(adjustments.TooMuch):
        ask(paid.project, paid.user, -300_001, bill, hold=other.attempt.hold)
    assert spent() == {(1_300_000, 0)}


def test_large_one_waits_for_somebody_else(paid: Job, bill: User, ada: User, settings: Settings) -> None:
    settings.SECOND_PERSON_ABOVE_MICROS = 500_000
    made = ask(paid.project, paid.user, -500_001, bill)
    assert (made.state, spent()) == ("waiting", {(1_000_000, 0)})
    with pytest.raises(adjustments.SamePerson):
        adjustments.confirm(made, actor=bill, now=NOW)
    adjustments.confirm(made, actor=ada, now=NOW)
    with pytest.raises(adjustments.Decided):
        adjustments.confirm(made, actor=ada, now=NOW)
    assert (spent(), broken()) == ({(499_999, 0)}, [])


def test_many_small_ones_of_a_day_are_one_large_one(paid: Job, bill: User, ada: User, settings: Settings) -> None:
    settings.SECOND_PERSON_ABOVE_MICROS = 500_000
    states = [str(ask(paid.project, paid.user, micros, bill).state) for micros in (300_000, -200_000, 1)]
    assert states == ["posted", "posted", "waiting"]
    assert ask(paid.project, paid.user, 1, ada).state == "posted"


def test_withdrawn_one_moves_nothing(paid: Job, bill: User, settings: Settings) -> None:
    settings.SECOND_PERSON_ABOVE_MICROS = 0
    made = ask(paid.project, paid.user, 7, bill)
    adjustments.withdraw(made, actor=bill, now=NOW)
    with pytest.raises(adjustments.Decided):
        adjustments.confirm(Adjustment.objects.get(), actor=paid.user, now=NOW)
    assert (Entry.objects.filter(adjustment__isnull=False).count(), broken()) == (0, [])


def test_same_key_is_the_same_adjustment(paid: Job, bill: User) -> None:
    assert len({ask(paid.project, paid.user, 5, bill, key="k").pk for _ in range(2)}) == 1
    assert list(AuditEvent.objects.filter(action__startswith="money").values_list("action", flat=True)) == [
        "money.adjusted"
    ]


def test_database_refuses_a_second_person_who_is_the_first(paid: Job, bill: User, settings: Settings) -> None:
    settings.SECOND_PERSON_ABOVE_MICROS = 0
    made = ask(paid.project, paid.user, 7, bill)
    with pytest.raises(IntegrityError), transaction.atomic():
        Adjustment.objects.filter(pk=made.pk).update(state="posted", decided_by=bill, decided_at=NOW)


@pytest.mark.parametrize("change", ["update", "delete"])
def test_entries_are_as_immutable_as_before(paid: Job, bill: User, change: str) -> None:
    ask(paid.project, paid.user, 7, bill)
    rows = Entry.objects.filter(adjustment__isnull=False)
    with pytest.raises(IntegrityError), transaction.atomic():
        rows.update(amount_micros=1) if change == "update" else rows._raw_delete(rows.db)


def test_invariant_finds_an_adjustment_without_its_entry(paid: Job, bill: User, settings: Settings) -> None:
    settings.SECOND_PERSON_ABOVE_MICROS = 0
    made = ask(paid.project, paid.user, 7, bill)
    Adjustment.objects.filter(pk=made.pk).update(state="posted", decided_by=paid.user, decided_at=NOW)
    assert [found.name for found in invariants.violations(NOW) if found.name[:3] == "I15"] == ["I15 by hand"]
