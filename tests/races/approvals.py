"""Approve, reject and cancel at once: one of them decides, and the money follows it."""

from __future__ import annotations

from django.utils import timezone

from generations.jobs import approvals, lifecycle
from generations.jobs.models import Job
from generations.jobs.states import Overtaken
from generations.ledger import budgets
from generations.ledger.models import Budget, Currency, Entry
from tests import builders
from tests.races.ground import Ground, need

WAYS = {
    ("awaiting_approval", "queued"): "",
    ("awaiting_approval", "queued", "cancelled"): "release",
    ("awaiting_approval", "cancelled"): "release",
}


def decide(ground: Ground, round_number: int) -> None:
    """The manager twice, and the asker."""
    project, asker = ground.project(), ground.people[1]
    budgets.set_ask_above(budgets.budget_of(Budget.Scope.PROJECT, Currency.SBX, project=project), 0)
    job = builders.job(project, asker)
    mine, theirs, askers = (Job.objects.get(pk=job.pk) for _ in range(3))
    outcomes = ground.at_once(
        lambda: approvals.approve(mine, actor=ground.ben, now=timezone.now()),
        lambda: approvals.reject(theirs, actor=ground.ben, why="no", now=timezone.now()),
        lambda: lifecycle.cancel_job(askers, actor=asker, now=timezone.now()),
    )
    troubles = [said for said in outcomes if isinstance(said, BaseException) and not isinstance(said, Overtaken)]
    need(troubles == [], troubles)
    moves = tuple(job.events.filter(name="state").order_by("id").values_list("new_state", flat=True))
    kinds = Entry.objects.filter(hold=job.attempt.hold_id).exclude(kind="hold").values_list("kind", flat=True)
    need(WAYS.get(moves) == "".join(kinds), (moves, list(kinds)))
