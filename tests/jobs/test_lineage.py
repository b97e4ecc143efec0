"""The family of a job: parents, children, siblings that a person may see, and what each branch cost."""

from uuid import uuid4

from generations.accounts.models import User
from generations.jobs import lifecycle, lineage
from generations.jobs.models import Job
from generations.projects.models import Project
from tests.builders import NOW, ask, job

ONE = 336_263


def child(parent: Job, user: User) -> Job:
    return lifecycle.queue_job(project=parent.project, user=user, ask=ask(), key=uuid4().hex, now=NOW, parent=parent)


def test_lone_job_has_no_family(project: Project, ben: User) -> None:
    assert lineage.tree_of(job(project, ben), ben) is None


def test_whole_family_is_seen_from_every_member(project: Project, ben: User) -> None:
    root = job(project, ben)
    left, right = child(root, ben), child(root, ben)
    leaf = child(left, ben)
    for member in (root, left, right, leaf):
        tree = lineage.tree_of(member, ben)
        assert tree is not None
        assert tree.job == root
        grandchildren = {node.job: [below.job for below in node.children] for node in tree.children}
        assert grandchildren == {left: [leaf], right: []}


def test_branches_are_summed_and_what_was_released_costs_nothing(project: Project, ben: User) -> None:
    root = job(project, ben)
    left = child(root, ben)
    Job.objects.filter(pk=root.pk).update(cost_micros=500)
    Job.objects.filter(pk=left.pk).update(state="failed", finished_at=left.created_at)
    child(left, ben)
    tree = lineage.tree_of(left, ben)
    assert tree is not None
    assert (tree.cost_micros, tree.children[0].cost_micros) == (500, 0)
    assert (tree.branch_micros, tree.children[0].branch_micros) == (500 + ONE, ONE)


def test_family_ends_where_sight_ends(project: Project, ben: User, cat: User) -> None:
    assert lineage.tree_of(child(job(project, ben), ben), cat) is None
