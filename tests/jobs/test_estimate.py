"""How long a clip usually takes: said once three of its kind have run."""

import datetime as dt

import pytest

from generations.accounts.models import User
from generations.jobs.estimate import Usual, usual_seconds
from generations.jobs.models import Job
from generations.projects.models import Project
from tests.builders import NOW, running_job


@pytest.mark.parametrize(
    ("lengths", "usual"), [((), None), ((60, 70), None), ((60, 80, 70), Usual(70, 80)), ((9,) * 10, Usual(9, 9))]
)
def test_usual_length_is_of_the_last_runs(
    project: Project, ben: User, lengths: tuple[int, ...], usual: Usual | None
) -> None:
    for number, seconds in enumerate(lengths):
        made = running_job(project, ben, task_id=f"task_{number}")
        ended = NOW + dt.timedelta(seconds=seconds)
        Job.objects.filter(pk=made.pk).update(state="succeeded", running_at=NOW, finished_at=ended)
    made = made if lengths else running_job(project, ben)
    assert usual_seconds(made.sku, 4) == usual
