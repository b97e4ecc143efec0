"""Where a job came from and what was made of it: a tree, each node with its own cost and that of its branch."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field

from generations.accounts.models import User
from generations.jobs.models import Job, JobQuerySet

MOST_UP = 50
MOST_NODES = 200


@dataclass(slots=True)
class Node:
    job: Job
    children: list[Node] = field(default_factory=list)

    @property
    def cost_micros(self) -> int:
        """What it cost, or what is held for it; nothing when that was given back."""
        return _cost(self.job)

    @property
    def branch_micros(self) -> int:
        """Itself and all that was made of it, as far as it can be seen."""
        return self.cost_micros + sum(child.branch_micros for child in self.children)


def tree_of(job: Job, user: User) -> Node | None:
    """The whole family from its oldest visible ancestor down; None of a job that stands alone."""
    seen = Job.objects.visible_to(user).select_related("model", "user")
    root = _oldest(job, seen)
    nodes = {root.pk: Node(root)}
    level = [root.pk]
    while level and len(nodes) < MOST_NODES:
        children = list(seen.filter(parent__in=level).order_by("created_at", "pk")[: MOST_NODES - len(nodes)])
        level = [child.pk for child in children if child.pk not in nodes]
        _hang(children, nodes)
    return nodes[root.pk] if len(nodes) > 1 else None


def _hang(children: list[Job], nodes: dict[uuid.UUID, Node]) -> None:
    for child in children:
        if child.pk not in nodes and child.parent_id:
            nodes[child.pk] = Node(child)
            nodes[child.parent_id].children.append(nodes[child.pk])


def _oldest(job: Job, seen: JobQuerySet) -> Job:
    for _ in range(MOST_UP):
        parent = seen.filter(pk=job.parent_id).first() if job.parent_id else None
        if parent is None:
            break
        job = parent
    return job


def _cost(job: Job) -> int:
    if job.cost_micros is not None:
        return job.cost_micros
    return 0 if job.is_final else job.estimate_micros
