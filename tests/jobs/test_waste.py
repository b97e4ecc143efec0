"""Waste: each job in its kinds, whose it is, and that the sums are those of the jobs behind them."""

import datetime as dt

import pytest
from django.utils import timezone

from generations.accounts.models import User
from generations.jobs import approvals, first_uses, waste
from generations.jobs.first_uses import FirstUse
from generations.jobs.models import Job
from generations.ledger import budgets
from generations.ledger.models import Budget, Currency
from generations.projects.models import Project
from tests import builders
from tests.builders import NOW
from tests.jobs.test_duplicates import ready


def counts(user: User, **more: object) -> dict[str, int]:
    wanted = waste.Wanted(user=user, currency=Currency.SBX, month=NOW.date().replace(day=1), **more)  # type: ignore[arg-type]
    total = waste.added(None, waste.lines(wanted))
    assert total.counts == {kind: wanted.wasted(kind).count() for kind in waste.KINDS}
    for kind in waste.PAID:
        assert total.micros[kind] == sum(job.cost_micros or 0 for job in wanted.wasted(kind))
    return {kind: count for kind, count in total.counts.items() if count}


def over(job: Job, state: str, code: str = "", message: str = "") -> None:
    Job.objects.filter(pk=job.pk).update(
        state=state, failure_code=code, failure_message=message, finished_at=timezone.now(), next_action_at=None
    )


@pytest.mark.parametrize(
    ("code", "message", "kind"),
    [
        ("InternalError", "it broke", "failed"),
        ("OutputVideoSensitiveContentDetected", "", "refused"),
        ("", "content blocked", "refused"),
    ],
)
def test_failed_and_refused_are_apart(
    project: Project, ben: User, ada: User, code: str, message: str, kind: str
) -> None:
    over(builders.job(project, ben), "failed", code, message)
    assert counts(ada) == {kind: 1}


def test_rejected_is_waste_and_cancelled_is_not(project: Project, ben: User, ann: User, ada: User) -> None:
    over(builders.job(project, ben, prompt="Cancelled"), "cancelled")
    budgets.set_ask_above(budgets.budget_of(Budget.Scope.STUDIO, Currency.SBX), 0, NOW)
    approvals.reject(builders.job(project, ben), actor=ann, why="no", now=NOW)
    assert counts(ada) == {"rejected": 1}


def test_played_and_downloaded(project: Project, ben: User, ada: User) -> None:
    one, other = (ready(builders.job(project, ben, prompt=prompt)) for prompt in ("One", "Other"))
    assert counts(ada) == {"unplayed": 2, "unloaded": 2}
    first_uses.note(one.outputs.get(), FirstUse.Kind.PLAY, ben, NOW)
    assert counts(ada) == {"unplayed": 1, "unloaded": 2}
    first_uses.note(other.outputs.get(), FirstUse.Kind.DOWNLOAD, ben, NOW)
    assert counts(ada) == {"unloaded": 1}


def test_clip_that_was_not_kept_is_not_unplayed(project: Project, ben: User, ada: User) -> None:
    ready(builders.job(project, ben), is_kept=False)
    assert counts(ada) == {}


def test_same_request_again_counts_from_the_second(project: Project, ben: User, ann: User, ada: User) -> None:
    for number, user in enumerate((ben, ann, ben)):
        job = ready(builders.job(project, user, now=NOW + dt.timedelta(hours=number)))
        first_uses.note(job.outputs.get(), FirstUse.Kind.DOWNLOAD, ben, NOW)
    assert counts(ada) == {"repeated": 2}


def test_month_and_money_are_kept_apart(project: Project, ben: User, ada: User) -> None:
    over(builders.job(project, ben, now=dt.datetime(2026, 10, 31, 23, 59, tzinfo=dt.UTC)), "failed")
    over(builders.job(project, ben, now=dt.datetime(2026, 11, 30, 23, 59, tzinfo=dt.UTC)), "failed")
    over(builders.job(project, ben, now=dt.datetime(2026, 12, 1, tzinfo=dt.UTC)), "failed")
    Job.objects.filter(created_at__month=12).update(is_sandbox=False)
    assert counts(ada) == {"failed": 1}


@pytest.mark.parametrize(("who", "sees"), [("ada", 2), ("bill", 2), ("ann", 2), ("ben", 1), ("vic", 0), ("cat", 0)])
def test_everybody_sees_their_share(
    project: Project, ben: User, ann: User, request: pytest.FixtureRequest, who: str, sees: int
) -> None:
    over(builders.job(project, ben), "failed")
    over(builders.job(project, ann), "failed")
    assert counts(request.getfixturevalue(who)).get("failed", 0) == sees


def test_groups_add_up(project: Project, ben: User, ann: User, ada: User) -> None:
    dawn = builders.project("Dawn", manager=ann, member=ben)
    for where, user in ((project, ben), (dawn, ben), (dawn, ann)):
        over(builders.job(where, user), "failed")
    every = waste.lines(waste.Wanted(user=ada, currency=Currency.SBX, month=NOW.date().replace(day=1)))
    by_project = {line.key: line.counts["failed"] for line in waste.grouped(every, 0)}
    by_person = {line.key: line.counts["failed"] for line in waste.grouped(every, 1)}
    assert (by_project, by_person) == ({project.pk: 1, dawn.pk: 2}, {ben.pk: 2, ann.pk: 1})
