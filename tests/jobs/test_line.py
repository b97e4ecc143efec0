"""Jobs leave round-robin over people when the relay's rate binds, and everybody is told their place."""

import datetime as dt
import random
from collections import Counter

import httpx
import pytest
from django.utils import timezone

from generations import queue, tasks
from generations.accounts.models import User
from generations.jobs import line, poller
from generations.jobs.models import Job
from generations.jobs.states import Overtaken, State
from generations.projects.models import Membership, Project, Role
from generations.relay.client import Relay
from tests import builders, wakeups
from tests.builders import NOW, relay_says

MINUTE = dt.timedelta(minutes=1)


class Limited:
    """A relay that takes so many tasks a minute, and a clock: each task of a worker takes a second."""

    def __init__(self, per_minute: int) -> None:
        self.per_minute = per_minute
        self.now = NOW
        self.accepted: list[dt.datetime] = []
        self.served: list[str] = []  # prompts
        self.relay = Relay("https://relay.example/v1", "sbx-test", httpx.MockTransport(self._answer))

    def _answer(self, request: httpx.Request) -> httpx.Response:
        lately = [at for at in self.accepted if self.now - at < MINUTE]
        if len(lately) >= self.per_minute:
            return relay_says({"error": {"message": "slow down"}}, 429, **{"Retry-After": "20"})
        self.accepted.append(self.now)
        self.served.append(str(httpx.Response(200, content=request.content).json()["prompt"]))
        return relay_says({"task_id": f"task_{len(self.accepted)}", "status": "submitted"})

    def work(self, seconds: int) -> None:
        """One worker and one pulse."""
        for _ in range(seconds):
            poller.sweep(self.now)
            waiting = wakeups.waiting()
            submits = [one for one in waiting if one.task == "submit_job"]
            wakeups.forget()
            if submits:
                submits[0].run()
            for one in submits[1:]:
                queue.wake(one.task, *one.arguments)
            self.now += dt.timedelta(seconds=1)


@pytest.fixture
def relay(project: Project, monkeypatch: pytest.MonkeyPatch) -> Limited:
    limited = Limited(per_minute=4)
    monkeypatch.setattr(timezone, "now", lambda: limited.now)
    monkeypatch.setattr(tasks, "relay", lambda: limited.relay)
    return limited


def ask(project: Project, user: User, count: int, now: dt.datetime) -> None:
    for number in range(count):
        builders.job(project, user, now=now + dt.timedelta(milliseconds=number), prompt=f"{user.name} {number}")


def test_one_clip_goes_next_though_another_has_thirty(project: Project, ann: User, ben: User, relay: Limited) -> None:
    ask(project, ann, 30, relay.now)
    relay.work(10)
    assert relay.served == ["Ann 0", "Ann 1", "Ann 2", "Ann 3"]
    ask(project, ben, 1, relay.now)
    relay.work(90)
    assert relay.served[4] == "Ben 0"


def test_each_ones_own_clips_go_oldest_first(project: Project, ann: User, ben: User, relay: Limited) -> None:
    ask(project, ann, 6, relay.now)
    ask(project, ben, 6, relay.now)
    relay.work(300)
    assert len(relay.served) == 12
    for name in ("Ann", "Ben"):
        assert [said for said in relay.served if said.startswith(name)] == [f"{name} {number}" for number in range(6)]


def test_whoever_meets_the_limit_does_not_lose_a_turn(project: Project, ann: User, ben: User, relay: Limited) -> None:
    """With one a window the 429 would else always meet the same person."""
    relay.per_minute = 1
    ask(project, ann, 5, relay.now)
    ask(project, ben, 5, relay.now)
    relay.work(6 * 80)
    first = Counter(said.split()[0] for said in relay.served[:4])
    assert first == {"Ann": 2, "Ben": 2}


@pytest.mark.parametrize("seed", range(6))
def test_nobody_is_served_twice_while_another_waits(project: Project, relay: Limited, seed: int) -> None:
    rng = random.Random(seed)
    people = [builders.user(f"p{number}") for number in range(rng.randint(2, 4))]
    for person in people:
        Membership.objects.create(project=project, user=person, role=Role.MEMBER)
    relay.per_minute = rng.randint(1, 6)
    came: dict[str, tuple[dt.datetime, int]] = {}
    for person in people:
        count = rng.choice((1, 3, 12))
        came[person.name] = (relay.now, count)
        ask(project, person, count, relay.now)
        relay.work(rng.randint(1, 40))
    relay.work(200)
    assert broken(relay, came) == []


def broken(relay: Limited, came: dict[str, tuple[dt.datetime, int]]) -> list[str]:
    """(who, at) of each second turn in a row past somebody who had waited since before the first of them."""
    left = {name: count for name, (_, count) in came.items()}
    served: dict[str, dt.datetime] = {}
    found = []
    for said, at in zip(relay.served, relay.accepted, strict=True):
        who = said.split()[0]
        for other, (came_at, _) in came.items():
            last = served.get(who)
            if last is None or other == who or not left[other]:
                continue
            if came_at < last and served.get(other, came_at) < last:
                found.append(f"{who} at {at} past {other}")
        served[who], left[who] = at, left[who] - 1
    return found


def test_wake_up_of_a_job_that_has_gone_serves_who_waits(project: Project, ann: User, ben: User) -> None:
    gone, waits = builders.job(project, ann), builders.job(project, ben)
    gone.advance(State.SENDING, now=NOW)
    assert line.whose_turn(str(gone.pk), NOW) == waits
    waits.advance(State.SENDING, now=NOW)
    with pytest.raises(Overtaken):
        line.whose_turn(str(waits.pk), NOW)


def test_who_is_passed_over_is_due_at_once(project: Project, ann: User, ben: User) -> None:
    first, second = builders.job(project, ann), builders.job(project, ben)
    line.take_turn(ann.pk, NOW)
    assert line.whose_turn(str(first.pk), NOW) == second
    assert Job.objects.get(pk=first.pk).next_action_at == NOW


def test_job_that_waits_for_its_next_try_is_not_taken_before(project: Project, ann: User, ben: User) -> None:
    first, second = builders.job(project, ann), builders.job(project, ben)
    first.change(ready_at=NOW + MINUTE, next_action_at=NOW + MINUTE)
    assert line.whose_turn(str(second.pk), NOW) == second


def test_job_under_a_workers_hands_is_not_taken(project: Project, ann: User, ben: User) -> None:
    first, second = builders.job(project, ann), builders.job(project, ben)
    first.change(claims=1, next_action_at=NOW + dt.timedelta(seconds=45))
    assert line.whose_turn(str(second.pk), NOW) == second


def test_other_relays_jobs_are_not_in_this_line(project: Project, ann: User, ben: User) -> None:
    first, second = builders.job(project, ann), builders.job(project, ben)
    Job.objects.filter(pk=first.pk).update(is_sandbox=False)
    assert (line.whose_turn(str(second.pk), NOW), line.order(True)) == (second, [second.pk])


def test_places_are_the_order_in_which_jobs_go(project: Project, ann: User, ben: User) -> None:
    jobs = [
        builders.job(project, user, now=NOW + dt.timedelta(seconds=n)) for n, user in enumerate((ann, ann, ann, ben))
    ]
    line.take_turn(ann.pk, NOW)
    assert line.order(True) == [jobs[3].pk, jobs[0].pk, jobs[1].pk, jobs[2].pk]
    places = line.places([(job.pk, job.created_at) for job in jobs], True, NOW + dt.timedelta(seconds=30))
    assert [places[job.pk].number for job in jobs] == [2, 3, 4, 1]


def test_place_of_a_job_that_is_on_its_way_is_not_told(project: Project, ben: User) -> None:
    job = builders.job(project, ben)
    builders.job(project, ben)
    told = [line.places([(job.pk, NOW)], True, NOW + dt.timedelta(seconds=seconds)) for seconds in (1, 10)]
    assert [list(each) for each in told] == [[], [job.pk]]


def test_wait_follows_how_the_line_went_lately(project: Project, ann: User, ben: User) -> None:
    for number in range(4):
        builders.running_job(project, ann, task_id=f"task_{number}")
    job, now = builders.job(project, ben), NOW + dt.timedelta(minutes=2)
    builders.job(project, ann, now=NOW)
    (place,) = line.places([(job.pk, NOW)], True, now).values()
    assert place.number == 1
    assert line.seconds_each(True, now) is None  # nothing went since they wait
    at = NOW + dt.timedelta(seconds=60)
    Job.objects.filter(state=State.RUNNING).first().attempts.update(sending_at=at)  # type: ignore[union-attr]
    assert line.seconds_each(True, now) == 120
