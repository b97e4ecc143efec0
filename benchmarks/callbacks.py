"""How fast a running studio takes callbacks at 200 a second: p50 and p99 in ms, by kind, in one run.

Run: python -m benchmarks.callbacks [--rate 200] [--seconds 10] [--new 20]
Forged ones have a token of nobody's. The attack repeats true tokens, each seen before. Among others sends --new first
ones a second (each is written down, and a worker asks the relay) between the repeated ones.
Latency counts from the moment at which a callback was due, so that waiting behind slow ones shows.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import queue
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from tests.journeys.running import Studio

ATTEMPTS = 400
THREADS = 24
REST_SECONDS = 5  # the workers end what the last kind has woken

SEED = """
from django.utils import timezone
from generations.accounts.models import User
from generations.composer.ask import VideoAsk
from generations.jobs import lifecycle
from generations.jobs.models import Attempt
from generations.jobs.sending import hash_token
from generations.jobs.states import State
from generations.projects.models import Project
now, project, user = timezone.now(), Project.objects.get(), User.objects.get()
form = {"resolution": "480p", "ratio": "16:9", "seconds": 4, "audio": False, "seed": 7}
ask = VideoAsk(prompt="A lighthouse", model="seedance-2.0", **form)
from django.db import transaction
with transaction.atomic():
    for number in range(ATTEMPTS):
        job = lifecycle.queue_job(project=project, user=user, ask=ask, key=f"bench-{number}", now=now)
        job.advance(State.SENDING, now=now)
        job.advance(State.UNKNOWN, now=now, next_action_at=None)
        Attempt.objects.filter(job=job).update(token_hash=hash_token(f"bench-{number}"), sending_at=now)
"""


def _posted(connection: http.client.HTTPConnection, token: str, body: str) -> http.client.HTTPResponse:
    connection.request("POST", f"/callbacks/{token}/", body, {"Content-Type": "application/json"})
    answer = connection.getresponse()
    answer.read()
    return answer


def callback_to(port: int, due: queue.SimpleQueue[tuple[float, str] | None], taken: list[float], status: int) -> None:
    """Sends what is due over one kept connection, until None comes."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    while (wanted := due.get()) is not None:
        at, token = wanted
        time.sleep(max(0.0, at - time.perf_counter()))
        body = json.dumps({"task_id": f"task_{token}", "status": "succeeded", "url": "https://cdn.example/x.mp4"})
        try:
            answer = _posted(connection, token, body)
        except (ConnectionError, http.client.HTTPException):  # closed after an answer that left our body unread
            connection.close()
            answer = _posted(connection, token, body)
        taken.append(time.perf_counter() - at)
        assert answer.status == status, answer.status


def measure(port: int, rate: int, tokens: Sequence[str], status: int) -> list[float]:
    """The latencies, in seconds and sorted, of callbacks to these at `rate` a second."""
    due: queue.SimpleQueue[tuple[float, str] | None] = queue.SimpleQueue()
    taken: list[float] = []
    arguments = (port, due, taken, status)
    threads = [threading.Thread(target=callback_to, args=arguments) for _ in range(THREADS)]
    start = time.perf_counter() + 0.2
    for number, token in enumerate(tokens):
        due.put((start + number / rate, token))
    for thread in threads:
        due.put(None)
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(taken)


def percentile(taken: list[float], share: float) -> float:
    """In milliseconds."""
    return 1000 * taken[min(len(taken) - 1, int(len(taken) * share))]


def attacks(rate: int, seconds: int, new: int) -> Iterator[tuple[str, list[str], int]]:
    """name -> tokens in their order -> status."""
    count = rate * seconds
    known = [f"bench-{number}" for number in range(ATTEMPTS - new * seconds)]
    fresh = iter([f"bench-{number}" for number in range(len(known), ATTEMPTS)])
    yield "forged", [f"nobody-{number}" for number in range(count)], 404
    yield "all for the first time", known, 200
    again = [known[number % len(known)] for number in range(count)]
    yield "repeated", again, 200
    every = max(1, rate // new)
    mixed = [next(fresh, token) if number % every == 0 else token for number, token in enumerate(again)]
    yield f"repeated, {new}/s of them for the first time", mixed, 200


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rate", type=int, default=200)
    parser.add_argument("--seconds", type=int, default=10)
    parser.add_argument("--new", type=int, default=20)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="relayweb-benchmark-") as directory:
        studio = Studio(Path(directory))
        try:
            studio.start()
            studio.run(SEED.replace("ATTEMPTS", str(ATTEMPTS)))
            for label, tokens, status in attacks(given.rate, given.seconds, given.new):
                tell(label, measure(studio.port, given.rate, tokens, status), given.rate)
                time.sleep(REST_SECONDS)
            ((hints,),) = studio.query("SELECT COUNT(*) FROM generations_attempt WHERE hints <> '[]'")
            ((moved,),) = studio.query("SELECT COUNT(*) FROM generations_job WHERE state <> 'unknown'")
            print(f"{hints} of {ATTEMPTS} attempts have a hint, {moved} jobs moved by what nobody confirmed")
        finally:
            studio.stop()


def tell(label: str, taken: list[float], rate: int) -> None:
    p50, p99, load = percentile(taken, 0.5), percentile(taken, 0.99), os.getloadavg()[0]
    print(
        f"{label}: {len(taken)} at {rate}/s, p50 {p50:.1f} ms, p99 {p99:.1f} ms, "
        f"slowest {1000 * taken[-1]:.1f} ms (load {load:.1f})",
        flush=True,
    )


if __name__ == "__main__":
    main()
