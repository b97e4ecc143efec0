"""Fifty threads on one budget, and on three at once: exactly what fits is let in, nobody is turned away for nothing."""

from __future__ import annotations

import random
from functools import partial
from itertools import product
from typing import Any

from generations.jobs.models import Job
from generations.ledger.budgets import OverBudget
from tests import builders
from tests.races.ground import MOST_THREADS, PRICE_MICROS, Ground, month, months_at, need, set_limit


def one_budget(ground: Ground, round_number: int) -> None:
    """The studio, a project or a person has room for so many of fifty: so many get in."""
    project, now, room = ground.project(), month(round_number), random.Random(round_number).randrange(MOST_THREADS)
    scopes: list[tuple[str, dict[str, Any]]] = [
        ("studio", {}),
        (f"project:{project.pk}", {"project": project}),
        (f"user:{ground.ben.pk}", {"user": ground.ben}),
    ]
    key, owner = scopes[round_number % 3]
    set_limit(key, room * PRICE_MICROS + PRICE_MICROS - 1, **owner)
    outcomes = ground.at_once(*[partial(builders.job, project, ground.ben, now=now) for _ in range(MOST_THREADS)])
    set_limit(key, None, **owner)
    judge(outcomes)
    admitted = sum(isinstance(outcome, Job) for outcome in outcomes)
    need(admitted == room, f"{admitted} were let in where {room} fit")
    held = {found.budget.key: found.held_micros for found in months_at(now)}
    need(held.get(f"{key}:SBX", 0) == room * PRICE_MICROS, held)


def three_scopes(ground: Ground, round_number: int) -> None:
    """Studio, projects and people have limits of their own; whoever was refused would be refused now as well."""
    draw, now = random.Random(round_number), month(round_number)
    projects = [ground.project(), ground.project()]
    set_limit("studio", draw.randrange(10, 45) * PRICE_MICROS)
    for project in projects:
        set_limit(f"project:{project.pk}", draw.randrange(5, 30) * PRICE_MICROS, project=project)
    for person in ground.people:
        set_limit(f"user:{person.pk}", draw.randrange(3, 25) * PRICE_MICROS, user=person)
    wanted = (list(product(projects, ground.people)) * 9)[:MOST_THREADS]
    outcomes = ground.at_once(*(partial(builders.job, project, person, now=now) for project, person in wanted))
    judge(outcomes)
    left = {found.budget.key: found.left_micros or 0 for found in months_at(now)}
    need(min(left.values()) >= 0, left)
    for (project, person), outcome in zip(wanted, outcomes, strict=True):
        if isinstance(outcome, OverBudget):
            keys = ("studio:SBX", f"project:{project.pk}:SBX", f"user:{person.pk}:SBX")
            least = min((left[key] for key in keys if key in left), default=PRICE_MICROS)  # no month: nothing was held
            need(least < PRICE_MICROS, f"refused, though there is room: {left}")
    for key in ["studio", *(f"user:{person.pk}" for person in ground.people)]:
        set_limit(key, None)


def judge(outcomes: list[Any]) -> None:
    strange = [outcome for outcome in outcomes if not isinstance(outcome, Job | OverBudget)]
    need(strange == [], strange)
