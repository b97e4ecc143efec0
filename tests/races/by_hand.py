"""Money by hand at once: no more goes back than was charged, none moves alone beyond a day's limit; one decision."""

from __future__ import annotations

from functools import partial

from django.utils import timezone

from generations.accounts.models import User
from generations.jobs import observing
from generations.jobs.models import Job
from generations.ledger import adjustments
from generations.ledger.adjustments import Adjustment, Decided, TooMuch
from generations.ledger.models import Currency, Entry
from generations.relay.exchange import Exchange as Said
from generations.relay.wire import Task
from tests import builders
from tests.races.ground import Ground, need

CHARGED, REFUND = 1_000_000, 300_000
SAID = Said(method="GET", path="/", status=200)


def refund(ground: Ground, round_number: int) -> None:
    """Eight want 0.30 of a dollar back: three get it."""
    project = ground.project()
    job, task_id = ground.running_job(project)
    done = {"task_id": task_id, "status": "succeeded", "url": "https://cdn.example/clip.mp4", "quota": CHARGED // 2}
    observing.observe(Job.objects.get(pk=job.pk), Task.from_json(done), SAID, timezone.now())
    wants = [partial(ask, ground, job, -REFUND, f"{job.pk}:{number}") for number in range(8)]
    outcomes = ground.at_once(*wants)
    troubles = [said for said in outcomes if isinstance(said, BaseException) and not isinstance(said, TooMuch)]
    need(troubles == [], troubles)
    posted = Entry.objects.filter(kind="refund", adjustment__project=project).count()
    need(posted == CHARGED // REFUND, f"{posted} were given back")


def second(ground: Ground, round_number: int) -> None:
    """Two confirm and one withdraws what waits: it is decided once, and moved once or not at all."""
    project = ground.project()
    made = ask(ground, builders.job(project, ground.ben, now=timezone.now()), 200_000_000, f"large {project.pk}", False)
    one, other, third = (Adjustment.objects.get(pk=made.pk) for _ in range(3))
    outcomes = ground.at_once(
        lambda: adjustments.confirm(one, actor=ground.people[1], now=timezone.now()),
        lambda: adjustments.confirm(other, actor=ground.people[2], now=timezone.now()),
        lambda: adjustments.withdraw(third, actor=ground.people[1], now=timezone.now()),
    )
    need([type(said) for said in outcomes if said is not None] == [Decided] * 2, outcomes)
    entries = Entry.objects.filter(adjustment=made).count()
    made.refresh_from_db()
    need(entries == (made.state == "posted"), (made.state, entries))


def alone(ground: Ground, round_number: int) -> None:
    """Eight presses move 30 dollars each, all by one person: what goes beyond 100 waits for a second one."""
    project, teller = ground.project(), builders.user(f"teller{round_number}")
    job = builders.job(project, ground.ben, now=timezone.now())
    keys = [f"alone {job.pk} {number}" for number in range(8)]
    ground.at_once(*(partial(ask, ground, job, 30_000_000, key, False, teller) for key in keys))
    made = Adjustment.objects.filter(asked_by=teller)
    counts = made.count(), made.filter(needs_second=False).count()
    need(counts == (8, 3), counts)


def ask(
    ground: Ground, job: Job, signed_micros: int, key: str, of_job: bool = True, actor: User | None = None
) -> Adjustment:
    return adjustments.ask(
        project=job.project,
        user=job.user,
        currency=Currency.SBX,
        signed_micros=signed_micros,
        reason="a race",
        actor=actor or ground.people[0],
        key=key[-64:],
        now=timezone.now(),
        hold=job.attempt.hold if of_job else None,
    )
