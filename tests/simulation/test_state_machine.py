"""Ledger and lifecycle against a model of a few lines, under whatever sequence of acts hypothesis finds."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import count

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from generations.jobs import invariants, lifecycle, observing, sending
from generations.jobs.models import Breaker, Job
from generations.ledger import budgets
from generations.ledger.models import Currency
from generations.projects.models import Project
from generations.relay.exchange import Exchange
from generations.relay.wire import Task
from tests import builders
from tests.builders import NOW

NUMBERS = count(1)
PRICE = {4: 336_263, 5: 420_333}  # seconds -> 854 x 480 pixels x 24 a second / 1024 tokens, at 8.75 a million, up
SAID = Exchange(method="GET", path="/task")
ANSWERS = {
    "taken": lambda number: builders.relay_says({"task_id": f"task-{number}", "status": "submitted"}),
    "refused": lambda number: builders.relay_says({"error": {"message": "no"}}, 400),
    "busy": lambda number: builders.relay_says({"error": {"message": "slow down"}}, 429, **{"Retry-After": "1"}),
    "lost": lambda number: builders.relay_says("", 504),
}


@dataclass
class Model:
    """A job as a person would write it on paper."""

    state: str
    held: int
    spent: int = 0
    wants_cancel: bool = False


class Studio(RuleBasedStateMachine):
    """The model is `self.jobs` and `self.limit`; every act is done to both."""

    ids = Bundle("ids")

    @initialize()
    def open_doors(self) -> None:
        number = next(NUMBERS)
        self.user = builders.user(f"machine{number}")
        self.project: Project = builders.project(f"Machine {number}", manager=self.user)
        self.jobs: dict[str, Model] = {}
        self.limit: int | None = None

    @property
    def used(self) -> int:
        return sum(job.held + job.spent for job in self.jobs.values())

    @rule(target=ids, seconds=st.sampled_from([4, 5]), key=st.sampled_from("abcdefgh"))
    def ask(self, seconds: int, key: str) -> str:
        name, cost = f"{key}{seconds}", PRICE[seconds]
        fits = self.limit is None or self.used + cost <= self.limit
        try:
            builders.job(self.project, self.user, key=name, seconds=seconds)
        except budgets.OverBudget:
            assert not fits
            assert name not in self.jobs
            return name
        assert name in self.jobs or fits
        self.jobs.setdefault(name, Model("queued", held=cost))
        return name

    @rule(name=ids)
    def cancel(self, name: str) -> None:
        job, model = self.found(name)
        if job is None or model is None:
            return
        was_queued = model.state == "queued"
        lifecycle.cancel_job(job, actor=self.user, now=NOW)
        if was_queued:
            model.state, model.held = "cancelled", 0
        model.wants_cancel = True

    @rule(name=ids, answer=st.sampled_from(sorted(ANSWERS)))
    def send(self, name: str, answer: str) -> None:
        job, model = self.found(name)
        if job is None or model is None or model.state != "queued":
            return
        Breaker.objects.all().delete()  # it has tests of its own
        sending.send(job, builders.answering(ANSWERS[answer](job.pk)), lambda: NOW)
        model.state = {"taken": "running", "refused": "failed", "busy": "queued", "lost": "unknown"}[answer]
        model.held = 0 if answer == "refused" else model.held

    @rule(name=ids, status=st.sampled_from(["running", "succeeded", "failed"]), quota=st.integers(0, 400_000))
    def hear(self, name: str, status: str, quota: int) -> None:
        job, model = self.found(name)
        if job is None or model is None or job.attempt.relay_task_id is None:
            return
        task = Task.from_json({"task_id": job.attempt.relay_task_id, "status": status, "quota": quota})
        observing.observe(job, task, SAID, NOW)
        if model.state == "running" and status == "succeeded":
            model.state, model.held, model.spent = "fetching", 0, quota * 2
        elif model.state == "running" and status == "failed":
            model.state, model.held = "failed", 0

    @rule(name=ids, status=st.sampled_from(["succeeded", "failed"]))
    def hear_late(self, name: str, status: str) -> None:
        """A worker that read the job before somebody else moved it: it changes nothing."""
        job, model = self.found(name)
        if job is None or model is None or model.state != "running":
            return
        stale = Job.objects.get(pk=job.pk)
        self.hear(name, "failed", 0)
        observing.observe(stale, Task.from_json({"task_id": "x", "status": status, "quota": 1}), SAID, NOW)

    @rule(limit=st.one_of(st.none(), st.integers(0, 3_000_000)))
    def set_limit(self, limit: int | None) -> None:
        try:
            budgets.set_project_limit(self.project, Currency.SBX, limit, NOW)
        except budgets.LimitBelowUse:
            assert limit is not None
            assert limit < self.used
        else:
            self.limit = limit

    @invariant()
    def figures_are_the_models(self) -> None:
        if not hasattr(self, "jobs"):
            return
        month = budgets.month_of(self.project, Currency.SBX, NOW)
        assert month.held_micros == sum(job.held for job in self.jobs.values())
        assert month.spent_micros + month.overrun_micros == sum(job.spent for job in self.jobs.values())
        states = dict(Job.objects.filter(project=self.project).values_list("key", "state"))
        assert states == {name: job.state for name, job in self.jobs.items()}
        assert invariants.violations(NOW) == []

    def found(self, name: str) -> tuple[Job | None, Model | None]:
        return Job.objects.filter(project=self.project, key=name).first(), self.jobs.get(name)


@pytest.mark.usefixtures("priced_project")
def test_ledger_and_lifecycle_do_what_the_model_does() -> None:
    run_state_machine_as_test(
        Studio,
        settings=settings(
            max_examples=25, stateful_step_count=20, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
