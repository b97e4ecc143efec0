"""The expiry radar: what is paid and not kept, soonest first, and an alert before it goes."""

import datetime as dt

import pytest

from generations.accounts.models import User
from generations.health.models import Alert
from generations.jobs import poller, radar
from generations.jobs.models import Job, Output
from generations.projects.models import Project
from tests import wakeups
from tests.builders import NOW, running_job
from tests.jobs.test_observing import DONE, observe

MINUTE = dt.timedelta(minutes=1)


def fetching(project: Project, ben: User, task_id: str, expires_in: dt.timedelta | None) -> Job:
    expiry = {} if expires_in is None else {"expires_at": int((NOW + expires_in).timestamp())}
    return observe(running_job(project, ben, task_id=task_id), DONE | {"task_id": task_id} | expiry)


@pytest.fixture
def three(project: Project, ben: User) -> list[Job]:
    """Expiring in a day, never as far as is known, and in half an hour."""
    spans = (dt.timedelta(hours=24), None, 30 * MINUTE)
    jobs = [fetching(project, ben, f"task_{number}", span) for number, span in enumerate(spans)]
    wakeups.forget()
    return jobs


def test_soonest_to_expire_is_first(three: list[Job]) -> None:
    assert [blip.output.job for blip in radar.blips(NOW)] == [three[2], three[0], three[1]]


def test_sweep_wakes_for_the_soonest_first(three: list[Job]) -> None:
    poller.sweep(NOW + MINUTE)
    assert [wake_up.arguments[0] for wake_up in wakeups.waiting()] == [str(three[n].pk) for n in (2, 0, 1)]


@pytest.mark.parametrize(
    ("left", "wait"), [(None, 600), (24 * 60 * MINUTE, 600), (4 * MINUTE, 60), (MINUTE / 60, 2), (-MINUTE, 600)]
)
def test_tries_come_closer_as_the_end_does(left: dt.timedelta | None, wait: float) -> None:
    output = Output(expires_at=None if left is None else NOW + left)
    assert radar.longest_wait(output, NOW) == dt.timedelta(seconds=wait)


def test_alert_sounds_before_it_goes_and_ends_when_it_is_kept(three: list[Job]) -> None:
    radar.warn(NOW + 10 * MINUTE)
    assert Alert.objects.count() == 0
    for minutes in (16, 20):
        radar.warn(NOW + minutes * MINUTE)
    assert Alert.objects.get().text.startswith("1 paid clip(s) not kept yet")
    Output.objects.update(archive_reason="expired")
    radar.warn(NOW + 25 * MINUTE)
    assert Alert.objects.get().cleared_at == NOW + 25 * MINUTE


def test_clip_paid_a_moment_ago_is_no_alarm(project: Project, ben: User) -> None:
    fetching(project, ben, "task_1", 5 * MINUTE)
    radar.warn(NOW + MINUTE)
    assert Alert.objects.count() == 0


def test_only_what_is_about_to_go_is_urgent(three: list[Job]) -> None:
    assert [blip.is_urgent for blip in radar.blips(NOW + 20 * MINUTE)] == [True, False, False]
