"""What people do: ask, press twice, cancel, try again, leave, pause, decide, and resolve what nobody knows."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

from django.db.models import Max

from generations.accounts.models import User
from generations.catalog.models import Price, PriceList
from generations.jobs import approvals, lifecycle, unknowns
from generations.jobs.models import Job
from generations.ledger import budgets
from generations.ledger.models import Budget, BudgetMonth
from generations.projects import membership
from generations.projects.models import Membership, Project, Role
from tests import builders
from tests.simulation import stage
from tests.simulation.workers import Broken
from tests.simulation.world import World

MOST_ASKED = 4  # more jobs make a schedule slower, not worse
LIMITS = (None, None, None, 450_000, 900_000, 2_000_000)  # the cheapest clip costs 334,000


@dataclass
class Asked:
    """A press of Generate, to be pressed again."""

    project: Project
    user: User
    key: str
    changes: dict[str, object]
    job_id: object = None


@dataclass
class People:
    world: World
    asked: list[Asked] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.rng: random.Random = self.world.rng
        self.users, self.projects = stage.people(), stage.projects()
        self._set_limits()

    def submit(self) -> None:
        if len(self.asked) >= MOST_ASKED:
            return
        changes = dict(self.rng.choice(stage.ASKS)) | {"prompt": f"clip {len(self.asked) + 1}"}
        project, user = self.rng.choice(self.projects), self.rng.choice(self.users)
        self.asked.append(Asked(project, user, f"key-{len(self.asked) + 1}", changes))
        self._press(self.asked[-1])

    def press_again(self) -> None:
        """A double click, or the same form with another text in it."""
        if not self.asked:
            return
        asked = self.rng.choice(self.asked)
        if self.rng.random() < 0.2:
            changed = Asked(asked.project, asked.user, asked.key, asked.changes | {"seconds": 7})
            self._press(changed)
        else:
            self._press(asked)

    def _press(self, asked: Asked) -> None:
        def press() -> None:
            project = Project.objects.get(pk=asked.project.pk)
            ask = builders.ask(**asked.changes)
            job = lifecycle.queue_job(project=project, user=asked.user, ask=ask, key=asked.key, now=self.world.now)
            if asked.job_id not in (None, job.pk):
                raise Broken(f"{asked.key} was pressed twice and made two jobs")
            asked.job_id = job.pk

        self.world.run(f"{asked.user.name} asks for {asked.changes['prompt']} in {asked.project} ({asked.key})", press)

    def _job(self) -> Job | None:
        with self.world.workers.unwatched():
            jobs = list(Job.objects.order_by("created_at", "prompt").select_related("project", "user", "model"))
        return self.rng.choice(jobs) if jobs else None

    def cancel(self) -> None:
        if job := self._job():
            cancel = lifecycle.cancel_job
            self.world.run(f"cancel {job.prompt}", lambda: cancel(job, actor=job.user, now=self.world.now))

    def retry(self) -> None:
        if job := self._job():
            again, key = lifecycle.retry_job, f"again-{self.rng.randrange(5)}-{job.prompt}"
            self.world.run(f"retry {job.prompt}", lambda: again(job, user=job.user, key=key, now=self.world.now))

    def archive(self) -> None:
        project, is_archived = self.rng.choice(self.projects), self.rng.random() < 0.5
        fresh = Project.objects.get(pk=project.pk)
        self.world.run(
            f"{'archive' if is_archived else 'take out'} {project}",
            lambda: membership.set_archived(fresh, is_archived, self.world.now),
        )

    def move_member(self) -> None:
        """Somebody is removed, or comes back."""
        user, project = self.rng.choice(self.users), self.rng.choice(self.projects)

        def move() -> None:
            member = Membership.objects.filter(user=user, project=project).first()
            if member:
                membership.remove_member(member, self.world.now)
            else:
                membership.add_member(project, user, Role.MEMBER, self.world.now)

        self.world.run(f"{user.name} joins or leaves {project}", move)

    def price_step(self) -> None:
        """A new price list; jobs under way keep theirs."""

        def step() -> None:
            newest = PriceList.objects.aggregate(number=Max("number"))["number"]
            prices = [price for price in stage.prices_used() if price.price_list.number == newest]
            made = PriceList.objects.create(number=newest + 1, source="a step", created_at=self.world.now)
            factor = self.rng.choice((3, 4))
            for price in prices:
                price.pk, price.price_list, price.amount_micros = None, made, price.amount_micros * factor // 2
            Price.objects.bulk_create(prices)

        self.world.run("prices rise", step, is_fated=False)

    def set_limit(self) -> None:
        project, limit = self.rng.choice(self.projects), self.rng.choice(LIMITS)
        self.world.run(
            f"limit of {project}: {limit}",
            lambda: budgets.set_project_limit(project, stage.currency(), limit, self.world.now),
        )

    # ------------------------------------------------------------------ who looks after things

    def decide(self) -> None:
        """Somebody approves or rejects a job that waits for it; perhaps one who may not, or too late."""
        job, actor = self._job(), self.rng.choice(self.users)
        if job is None:
            return
        if self.rng.random() < 0.6:
            self.world.run(
                f"{actor.name} approves {job.prompt}", lambda: approvals.approve(job, actor=actor, now=self.world.now)
            )
        else:
            self.world.run(
                f"{actor.name} rejects {job.prompt}",
                lambda: approvals.reject(job, actor=actor, why="no", now=self.world.now),
            )

    def pause(self) -> None:
        """The money of a project, a person or the studio is paused, or goes on."""
        bounding = budgets.budgets_for(self.rng.choice(self.projects), self.rng.choice(self.users), stage.currency())
        budget, actor = self.rng.choice(bounding), self.users[0]
        if budget.paused_at:
            self.world.run(f"{budget.key} goes on", lambda: budgets.resume(budget, self.world.now))
        else:
            self.world.run(f"{budget.key} is paused", lambda: budgets.pause(budget, actor, self.world.now))

    def resolve(self) -> None:
        """An admin looks at the relay's console and ends an unknown outcome, in one of the three ways."""
        with self.world.workers.unwatched():
            opened = list(unknowns.open_attempts())
        if not opened:
            return
        attempt, admin, now = self.rng.choice(opened), self.users[-1], self.world.now
        name, made = f"attempt {attempt.number} of {attempt.job.prompt}", self._made(attempt.pk)
        way = self.rng.choice(("attach", "attach", "again", "confirm"))
        if way == "attach":
            tasks = self.world.double.tasks
            wrong = [self.world.double.another(tasks[task_id]) for task_id in made]
            task_id = self.rng.choice([*made, *wrong, *self.world.bound(), "task_999"])
            attach = unknowns.attach
            self.world.run(
                f"{task_id} is attached to {name}", lambda: attach(attempt, task_id=task_id, actor=admin, now=now)
            )
        elif way == "again":
            self.world.run(f"{name} is sent again", lambda: unknowns.send_again(attempt, actor=admin, now=now))
        elif not made:
            self.world.run(
                f"{name} was not made",
                lambda: unknowns.confirm_not_made(attempt, actor=admin, reason="console", now=now),
            )

    def _made(self, attempt_id: int) -> list[str]:
        """What the relay's console shows of this attempt: the truth."""
        tasks = self.world.double.tasks.values()
        return [task.task_id for task in tasks if task.sender.attempt_id == attempt_id]

    def _set_limits(self) -> None:
        """The limits that the schedule begins with, in all three scopes."""
        now, currency = self.world.now, stage.currency()
        for budget in budgets.budgets_for(self.projects[0], self.users[0], currency):
            limit = self.rng.choice(LIMITS)
            rule = self.rng.choice((None, None, None, None, None, 350_000))
            Budget.objects.filter(pk=budget.pk).update(limit_micros=limit, ask_above_micros=rule)
            BudgetMonth.objects.create(budget=budget, month=budgets.month_start(now), limit_micros=limit)
