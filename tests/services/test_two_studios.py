"""Two whole studios side by side on one PostgreSQL, one Redis and one bucket: every clip is made once, and kept."""

from __future__ import annotations

import json
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tests.journeys.running import Studio

JOBS = 8
READY_SECONDS = 180

ASK = f"""
from django.utils import timezone
from generations.accounts.models import User
from generations.composer.ask import VideoAsk
from generations.jobs import lifecycle
from generations.projects.models import Project
project, user = Project.objects.get(), User.objects.get()
for number in range({JOBS}):
    ask = VideoAsk(prompt=f"Harbour {{number}}", model="seedance-2.0", resolution="480p", ratio="16:9", seconds=4,
                   audio=False, seed=number)
    lifecycle.queue_job(project=project, user=user, ask=ask, key=str(number), now=timezone.now())
"""
CHECK = """
from django.core.files.storage import default_storage
from django.utils import timezone
from generations.jobs import invariants
from generations.media import store
from generations.media.models import MediaFile
kept = [(media.sha256, default_storage.open(media.storage_name)) for media in MediaFile.objects.all()]
whole = [sha256 for sha256, file in kept if store.digest(file) == sha256]
print(store.is_bucket(), len(whole), invariants.violations(timezone.now()))
"""
NODES = """
from django.utils import timezone
from generations.health import nodes
print(list(nodes.words(timezone.now()).values()))
"""


@pytest.fixture
def studios(
    tmp_path_factory: pytest.TempPathFactory, postgres_url: str, redis_url: str, bucket_url: str
) -> Iterator[tuple[Studio, Studio]]:
    shared = {"DATABASE_URL": postgres_url, "REDIS_URL": redis_url, "MEDIA_S3_URL": f"{bucket_url}/two"}
    shared["SECRET_KEY"] = "for-two-studios-" * 5
    first = Studio(tmp_path_factory.mktemp("first"), dict(shared))
    relay = {"RELAY_BASE_URL": f"http://127.0.0.1:{first.sandbox_port}/v1"}
    second = Studio(tmp_path_factory.mktemp("second"), shared | relay)
    started: list[Studio] = []
    try:
        for made in (first, second):
            started.append(made)
            made.start()
        yield first, second
    finally:
        for made in started:
            made.stop()


def states(url: str) -> list[str]:
    with psycopg.connect(url) as database:
        return [str(row[0]) for row in database.execute("SELECT state FROM generations_job").fetchall()]


def relay_tasks(studio: Studio) -> int:
    address = f"http://127.0.0.1:{studio.sandbox_port}/sandbox/tasks"
    asked = urllib.request.Request(address, headers={"Authorization": "Bearer sbx-studio"})
    with urllib.request.urlopen(asked, timeout=10) as answer:
        return len(json.load(answer)["tasks"])


def test_two_studios_share_the_work_and_make_each_clip_once(studios: tuple[Studio, Studio], postgres_url: str) -> None:
    first, second = studios
    first.run(ASK)
    ends_at = time.monotonic() + READY_SECONDS
    while (found := states(postgres_url)) != ["succeeded"] * JOBS and time.monotonic() < ends_at:
        time.sleep(0.5)
    assert found == ["succeeded"] * JOBS
    assert relay_tasks(first) == JOBS
    assert second.run(CHECK).split() == ["True", str(JOBS), "[]"]
    assert not Path(first.data / "media").exists()
    for studio in studios:
        studio.wait_until_well()
    assert second.run(NODES).strip() == "['ok', 'ok']"
