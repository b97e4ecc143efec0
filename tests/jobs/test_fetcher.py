"""What became of a try to keep a clip: what is never tried again, what is, and for how long."""

import datetime as dt

import pytest

from generations.accounts.models import User
from generations.jobs import fetcher
from generations.jobs.models import Job, Output
from generations.jobs.states import Overtaken
from generations.media import errors as media_errors
from generations.net import errors as net
from generations.projects.models import Project
from tests.builders import NOW, answering, job, relay_says, running_job
from tests.jobs.test_observing import DONE, observe

HOUR = dt.timedelta(hours=1)
RUNNING = {"task_id": "task_1", "status": "succeeded"}


@pytest.fixture
def paid(project: Project, ben: User) -> Job:
    return observe(running_job(project, ben), DONE)


def test_job_that_is_not_paid_is_not_fetched(project: Project, ben: User) -> None:
    with pytest.raises(Overtaken):
        fetcher.fetch(job(project, ben), answering(), lambda: NOW)


@pytest.mark.parametrize(
    ("problem", "age", "reason"),
    [
        (net.Forbidden("inside"), HOUR * 0, "forbidden"),
        (net.TooLarge("513 MB"), HOUR * 0, "too_large"),
        (media_errors.BadType("a page"), HOUR * 0, "bad_type"),
        (media_errors.Truncated("half"), HOUR * 0, ""),
        (FileNotFoundError("aside"), HOUR * 0, "lost"),
        (net.DiskFull("no room"), HOUR * 25, ""),
        (media_errors.DiskFull("no room"), HOUR * 25, ""),
        (net.Gone("404", status=404), HOUR * 2, ""),
        (net.Gone("404", status=404), HOUR * 25, "expired"),
        (net.Unreachable("silence"), HOUR * 25, "expired"),
    ],
)
def test_fault_is_final_or_is_tried_again(paid: Job, problem: Exception, age: dt.timedelta, reason: str) -> None:
    assert fetcher.verdict(paid.outputs.get(), problem, NOW + age) == reason


@pytest.mark.parametrize(("age", "reason"), [(HOUR / 2, ""), (HOUR * 2, "no_url")])
def test_clip_that_never_had_a_link_is_given_up_after_an_hour(paid: Job, age: dt.timedelta, reason: str) -> None:
    Output.objects.update(source_url="")
    assert fetcher.verdict(paid.outputs.get(), net.Gone("404", status=404), NOW + age) == reason


def test_address_inside_our_network_is_never_asked(paid: Job) -> None:
    Output.objects.update(source_url="https://127.0.0.1/clip.mp4")
    fetcher.fetch(paid, answering(), lambda: NOW)
    made = Job.objects.get()
    assert (made.state, made.outputs.get().archive_reason) == ("succeeded", "forbidden")


def test_fresh_link_of_the_relay_is_kept(paid: Job) -> None:
    Output.objects.update(source_url="")
    fresh = RUNNING | {"url": "https://127.0.0.1/fresh.mp4"}
    fetcher.fetch(paid, answering(relay_says(fresh)), lambda: NOW)
    assert Output.objects.get().source_url == "https://127.0.0.1/fresh.mp4"
