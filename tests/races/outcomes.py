"""Poll, callback and a second poll settle one job together: it moves once, and is paid once."""

from __future__ import annotations

import threading

import httpx
from django.utils import timezone

from generations.jobs import poller
from generations.jobs.models import Attempt, Job, JobEvent, Output
from generations.ledger.models import Entry
from generations.relay.client import AsyncRelay, Relay
from tests import builders
from tests.races.ground import Ground, need

WAYS = 3
RELAY, KEY = "https://relay.example/v1", "sbx-test"


def settle(ground: Ground, round_number: int) -> None:
    """Every way hears that it is done."""
    made, said = together(ground, ["succeeded"] * WAYS)
    need((made.state, said.count("charge"), said.count("release")) == ("fetching", 1, 0), (made, said))
    need(Output.objects.filter(job=made).count() == 1, "more than one output")


def contradict(ground: Ground, round_number: int) -> None:
    """One way hears that it failed: whoever is first decides, and money follows the state."""
    words = ["succeeded", "succeeded", "failed"]
    made, said = together(ground, words[round_number % WAYS :] + words[: round_number % WAYS])
    paid = {"fetching": (1, 0), "failed": (0, 1)}.get(made.state)
    need((said.count("charge"), said.count("release")) == paid, (made, said))


def together(ground: Ground, words: list[str]) -> tuple[Job, list[str]]:
    """A running job after all ways have read an answer at the same moment, and the kinds of its money's entries."""
    made, task_id = ground.running_job(ground.project())
    all_have_asked = threading.Barrier(WAYS)
    answers = [heard(task_id, word, all_have_asked) for word in words]
    attempt = Attempt.objects.select_related("job__price", "job__sku").get(job=made)
    calls = [
        lambda: poll(made, answers[0]),
        lambda: poll(made, answers[1]),
        lambda: poller.observe_attempt(attempt, Relay(RELAY, KEY, answers[2]), timezone.now),
    ]
    troubles = [outcome for outcome in ground.at_once(*calls) if isinstance(outcome, BaseException)]
    need(troubles == [], troubles)
    moves = JobEvent.objects.filter(job=made, name="state", old_state="running").count()
    need(moves == 1, f"it moved {moves} times")
    return Job.objects.get(pk=made.pk), list(Entry.objects.filter(hold=attempt.hold_id).values_list("kind", flat=True))


def heard(task_id: str, word: str, all_have_asked: threading.Barrier) -> httpx.MockTransport:
    """A relay that answers once all have asked it: the writes then begin at the same moment."""
    body = {"task_id": task_id, "status": word, "url": "https://cdn.example/clip.mp4", "quota": 100_000}

    def answer(request: httpx.Request) -> httpx.Response:
        all_have_asked.wait(30)
        return builders.relay_says(body)

    return httpx.MockTransport(answer)


def poll(made: Job, answer: httpx.MockTransport) -> None:
    reader = poller.Reader(AsyncRelay(RELAY, KEY, answer, pools=1))
    try:
        poller.poll([str(made.pk)], reader, timezone.now)
    finally:
        reader.close()
