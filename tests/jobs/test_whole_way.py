"""A job's whole way through the studio's own queue against a relay that renders real clips, fair weather and foul."""

from collections.abc import Callable

import pytest
from django.db import transaction

from generations.accounts.models import User
from generations.jobs.models import Attempt, Job
from generations.ledger import budgets
from generations.ledger.models import Currency, Entry
from generations.media.models import MediaFile
from generations.projects.models import Project
from generations.sandbox.listener import Listener
from tests.builders import NOW, job

pytestmark = pytest.mark.django_db(transaction=True)
Drive = Callable[[Job, str], Job]


def figures(project: Project) -> tuple[int, int]:
    month = budgets.month_of(project, Currency.SBX, NOW)
    return month.held_micros, month.spent_micros


@pytest.mark.parametrize("shape", ["", "[flat]", "[openai]", "[envelope]", "[bare]"])
def test_prompt_becomes_kept_bytes_in_every_shape(
    project: Project, ben: User, relay: Listener, drive: Drive, shape: str
) -> None:
    made = drive(job(project, ben, prompt=f"{shape} a quiet harbour"), "succeeded")
    media = MediaFile.objects.get()
    assert made.outputs.get().media == media
    assert (media.width_px, media.height_px, media.duration_ms, media.audio_codec) == (854, 480, 4000, "")
    assert figures(project) == (0, made.cost_micros)


@pytest.mark.parametrize("word", ["refuse", "fail", "blocked", "404"])
def test_failure_costs_nothing_and_says_why(
    project: Project, ben: User, relay: Listener, drive: Drive, word: str
) -> None:
    made = drive(job(project, ben, prompt=f"[{word}] a quiet harbour"), "failed")
    assert figures(project) == (0, 0)
    assert made.failure_message


@pytest.mark.parametrize(
    "word", ["429", "500", "404-read", "500-read", "bad-read", "no-url", "expires", "cut", "unknown-word"]
)
def test_passing_trouble_ends_well_and_is_paid_once(
    project: Project, ben: User, relay: Listener, drive: Drive, word: str
) -> None:
    made = drive(job(project, ben, prompt=f"[{word}] a quiet harbour"), "succeeded")
    assert made.outputs.get().media is not None
    assert Entry.objects.filter(kind="charge").count() == 1
    assert Attempt.objects.count() == 1


@pytest.mark.parametrize("word", ["lost-answer", "504", "502", "html", "no-id"])
def test_lost_answer_is_unknown_with_its_hold(
    project: Project, ben: User, relay: Listener, drive: Drive, word: str
) -> None:
    drive(job(project, ben, prompt=f"[{word}] a quiet harbour"), "unknown")
    assert figures(project) == (336_263, 0)


@pytest.mark.parametrize(("word", "cost_micros"), [("dearer", 420_322), ("cheaper", 252_192), ("no-cost", 336_263)])
def test_cost_is_what_the_relay_settles(
    project: Project, ben: User, relay: Listener, drive: Drive, word: str, cost_micros: int
) -> None:
    made = drive(job(project, ben, prompt=f"[{word}] a quiet harbour"), "succeeded")
    assert made.cost_micros == cost_micros
    assert figures(project) == (0, cost_micros)


def test_wrong_bytes_are_paid_for_and_said_so(project: Project, ben: User, relay: Listener, drive: Drive) -> None:
    made = drive(job(project, ben, prompt="[wrong-type] a quiet harbour"), "succeeded")
    output = made.outputs.get()
    assert (output.media, output.archive_reason) == (None, "bad_type")
    assert figures(project) == (0, made.cost_micros)


def test_same_wake_up_ten_times_makes_one_task(
    project: Project, ben: User, relay: Listener, drive: Drive, run_queue: Callable[[], int]
) -> None:
    from generations import queue

    made = job(project, ben, prompt="a quiet harbour, ten times asked")
    for _ in range(10):
        with transaction.atomic():
            queue.wake("submit_job", str(made.pk))
    drive(made, "succeeded")
    assert Attempt.objects.filter(relay_task_id__isnull=False).count() == 1
    assert Entry.objects.filter(kind="charge").count() == 1
