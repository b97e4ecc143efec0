"""Approve, reject, cancel and send at once: one of them decides, and the money follows it."""

from __future__ import annotations

import random
import time

from django.utils import timezone

from generations.jobs import approvals, lifecycle, sending
from generations.jobs.models import Job
from generations.jobs.states import Overtaken
from generations.ledger import budgets
from generations.ledger.models import Budget, Currency, Entry
from tests import builders
from tests.races.ground import Ground, counting, need
from tests.races.sends import accepted

WAYS = {
    ("awaiting_approval", "queued"): "",
    ("awaiting_approval", "queued", "cancelled"): "release",
    ("awaiting_approval", "cancelled"): "release",
}


def decide(ground: Ground, round_number: int) -> None:
    """The manager twice, and the asker."""
    job, asker = asked(ground), ground.people[1]
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


def reject(ground: Ground, round_number: int) -> None:
    """One manager approves and a worker sends at once, another rejects: refused and never posted, or posted once."""
    job = asked(ground)
    mine, theirs = (Job.objects.get(pk=job.pk) for _ in range(2))
    relay, seen = counting(lambda: accepted(job))
    pauses = random.uniform(0, 0.006), random.uniform(0, 0.006)

    def approve_and_send() -> None:
        time.sleep(pauses[0])
        approvals.approve(mine, actor=ground.ben, now=timezone.now())
        sending.send(Job.objects.get(pk=job.pk), relay, timezone.now)

    def refuse() -> None:
        time.sleep(pauses[1])
        approvals.reject(theirs, actor=ground.people[2], why="no", now=timezone.now())

    sent, refused = ground.at_once(approve_and_send, refuse)
    made = Job.objects.get(pk=job.pk)
    outcome = (made.state, len(seen), made.attempt.hold.state, type(sent), type(refused))
    ways = {
        ("running", 1, "open", type(None), Overtaken),
        ("cancelled", 0, "released", Overtaken, type(None)),
    }
    need(outcome in ways, outcome)


def asked(ground: Ground) -> Job:
    """A job of a member that waits for approval, in a project with two managers."""
    project = ground.project()
    project.memberships.filter(user=ground.people[2]).update(role="manager")
    budgets.set_ask_above(budgets.budget_of(Budget.Scope.PROJECT, Currency.SBX, project=project), 0, timezone.now())
    return builders.job(project, ground.people[1])
