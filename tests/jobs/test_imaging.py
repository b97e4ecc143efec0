"""Images as jobs: charged for what came, kept each by itself, and unknown when the answer is lost."""

import base64
import datetime as dt
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from django.core.files.storage import default_storage
from django.db import connection
from PIL import Image
from pytest_django import Settings

from generations.accounts.models import User
from generations.jobs import fetcher, imaging, invariants, lifecycle, poller, sending, superseded, unknowns
from generations.jobs.models import Job, JobEvent, Output
from generations.jobs.states import Overtaken
from generations.ledger import budgets
from generations.ledger.models import Currency, Entry, Hold
from generations.media import aside
from generations.media.models import MediaFile
from generations.net import errors as net
from generations.projects.models import Project
from generations.relay.exchange import Exchange
from generations.sandbox.listener import Listener
from tests.builders import NOW, answering, job, relay_says
from tests.wakeups import take

PRICE = 18_000  # of one image
Drive = Callable[[Job, str], Job]
IMAGES: dict[str, Any] = {
    "kind": "image",
    "model": "grok-imagine-image",
    "resolution": "1024x1024",
    "ratio": "1:1",
    "seconds": 0,
    "seed": None,
    "images": 3,
}
SAID = Exchange(method="POST", path="/v1/images/generations", status=200)


def images_job(project: Project, user: User, **changes: Any) -> Job:
    return job(project, user, **(IMAGES | changes))


def send(made: Job, *answers: httpx.Response | Exception) -> Job:
    sending.send(Job.objects.get(pk=made.pk), answering(*answers), lambda: NOW)
    return Job.objects.get(pk=made.pk)


def urls(count: int) -> httpx.Response:
    return relay_says({"data": [{"url": f"https://relay.example/{index}.png"} for index in range(count)]})


def picture() -> bytes:
    drawn = io.BytesIO()
    Image.new("RGB", (320, 320), "teal").save(drawn, "PNG")
    return drawn.getvalue()


def spent(project: Project) -> tuple[int, int]:
    month = budgets.month_of(project, Currency.SBX, NOW)
    return month.held_micros, month.spent_micros


def broken() -> list[str]:
    return [violation.name for violation in invariants.violations(NOW)]


def test_images_are_held_by_their_number(project: Project, ben: User) -> None:
    made = images_job(project, ben)
    assert (made.estimate_micros, made.images, made.kind) == (3 * PRICE, 3, "image")
    assert spent(project) == (3 * PRICE, 0)


def test_same_request_of_another_number_is_another_request(project: Project, ben: User) -> None:
    images_job(project, ben, key="one")
    with pytest.raises(lifecycle.KeyReused):
        images_job(project, ben, key="one", images=2)


def test_answer_moves_straight_to_fetching_and_is_charged(project: Project, ben: User) -> None:
    made = send(images_job(project, ben), urls(3))
    assert (made.state, made.cost_micros, made.running_at) == ("fetching", 3 * PRICE, NOW)
    assert [output.source_url[-5:] for output in made.outputs.all()] == ["0.png", "1.png", "2.png"]
    assert spent(project) == (0, 3 * PRICE)
    assert broken() == []


def test_request_is_the_contracts(project: Project, ben: User) -> None:
    made = send(images_job(project, ben), urls(3))
    body = {"model": "grok-imagine-image", "prompt": made.prompt, "n": 3, "size": "1024x1024"}
    assert made.attempt.request_body == body


def test_fewer_than_asked_cost_less(project: Project, ben: User) -> None:
    made = send(images_job(project, ben), urls(2))
    assert (made.cost_micros, made.outputs.count()) == (2 * PRICE, 2)
    assert spent(project) == (0, 2 * PRICE)


@pytest.mark.parametrize(
    "answer",
    [httpx.ReadTimeout("late"), httpx.Response(504, text="<html>"), relay_says({"data": []}), relay_says({"id": "x"})],
)
def test_lost_answer_is_unknown_with_its_hold(project: Project, ben: User, answer: httpx.Response | Exception) -> None:
    made = send(images_job(project, ben), answer)
    assert (made.state, made.next_action_at) == ("unknown", None)
    assert spent(project) == (3 * PRICE, 0)
    assert broken() == []


def test_refusal_costs_nothing(project: Project, ben: User) -> None:
    made = send(images_job(project, ben), relay_says({"error": {"message": "no", "code": "x"}}, 400))
    assert (made.state, spent(project)) == ("failed", (0, 0))


def late(made: Job, count: int = 3) -> None:
    """The worker that had asked comes back with the answer."""
    arrived = [imaging.Arrived(url=f"https://relay.example/{index}.png") for index in range(count)]
    attempt = made.attempts.get(number=1)
    imaging.made(Job.objects.get(pk=made.pk), attempt, arrived, SAID, NOW)


def test_late_answer_resolves_an_unknown_outcome(project: Project, ben: User) -> None:
    made = send(images_job(project, ben), httpx.ReadTimeout("late"))
    for _ in range(2):
        late(made)
    assert (Job.objects.get().state, Output.objects.count(), spent(project)) == ("fetching", 3, (0, 3 * PRICE))


def test_late_answer_of_what_was_sent_again_is_paid_beside(project: Project, ben: User, ann: User) -> None:
    made = send(images_job(project, ben), httpx.ReadTimeout("late"))
    unknowns.send_again(made.attempt, actor=ann, now=NOW)
    late(made)
    send(made, urls(3))
    made.refresh_from_db()
    assert (made.state, made.cost_micros, Hold.objects.filter(state="charged").count()) == ("fetching", 6 * PRICE, 2)
    assert sorted(made.outputs.values_list("position", flat=True)) == [100, 101, 102, 200, 201, 202]
    assert broken() == []


def test_late_answer_of_what_was_confirmed_as_not_made_is_an_anomaly(project: Project, ben: User, ann: User) -> None:
    made = send(images_job(project, ben), httpx.ReadTimeout("late"))
    unknowns.confirm_not_made(made.attempt, actor=ann, reason="looked", now=NOW)
    late(made)
    assert (Job.objects.get().state, spent(project)) == ("failed", (0, 0))
    assert made.events.filter(name=JobEvent.Name.ANOMALY).count() == 1


def test_task_can_not_be_attached_to_images(project: Project, ben: User, ann: User) -> None:
    made = send(images_job(project, ben), httpx.ReadTimeout("late"))
    with pytest.raises(unknowns.NotATaskId):
        unknowns.attach(made.attempt, task_id="task_1", actor=ann, now=NOW)


def test_bytes_of_the_answer_survive_it(project: Project, ben: User, settings: Settings, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"
    encoded = base64.b64encode(picture()).decode()
    made = send(images_job(project, ben, images=1), relay_says({"data": [{"b64_json": encoded}]}))
    name = made.outputs.get().arrived_name
    assert (settings.MEDIA_ROOT / name).read_bytes() == picture()


@pytest.mark.django_db(transaction=True)
class TestWholeWay:
    @pytest.mark.parametrize("word", ["", "[b64]", "[jpeg]", "[429]", "[500]"])
    def test_images_become_kept_bytes(
        self, project: Project, ben: User, relay: Listener, drive: Drive, word: str
    ) -> None:
        made = drive(images_job(project, ben, prompt=f"{word} a quiet harbour"), "succeeded")
        kept = list(MediaFile.objects.filter(outputs__job=made))
        assert [(media.kind, media.width_px, media.height_px) for media in kept] == [("image", 1024, 1024)] * 3
        assert all(media.poster_name for media in kept)
        assert Entry.objects.filter(kind="charge").count() == 1
        assert broken() == []

    def test_pixels_are_the_relays(self, project: Project, ben: User, relay: Listener, drive: Drive) -> None:
        made = drive(images_job(project, ben, prompt="[b64] a kite", images=2), "succeeded")
        names = [output.media.storage_name for output in made.outputs.all() if output.media]
        with default_storage.open(names[0]) as first, default_storage.open(names[1]) as second:
            one, other = Image.open(first).copy(), Image.open(second).copy()
        assert one.size == (1024, 1024)
        assert one.tobytes() != other.tobytes()
        assert default_storage.listdir("arrived")[1] == []

    def test_fewer_come_and_cost_less(self, project: Project, ben: User, relay: Listener, drive: Drive) -> None:
        made = drive(images_job(project, ben, prompt="[fewer] a quiet harbour"), "succeeded")
        assert (made.outputs.count(), made.cost_micros) == (2, 2 * PRICE)

    def test_gone_images_are_paid_and_said_so(
        self, project: Project, ben: User, relay: Listener, drive: Drive, run_queue: Callable[[], int]
    ) -> None:
        made = drive(images_job(project, ben, prompt="[gone] a quiet harbour", images=1), "fetching")
        run_queue()
        Output.objects.update(created_at=NOW - dt.timedelta(days=9))
        made = drive(made, "succeeded")
        assert made.outputs.get().archive_reason == "expired"

    def test_spare_images_are_kept_too(
        self, project: Project, ben: User, ann: User, settings: Settings, tmp_path: Path
    ) -> None:
        settings.MEDIA_ROOT = tmp_path / "media"
        made = send(images_job(project, ben, images=1), httpx.ReadTimeout("late"))
        unknowns.send_again(made.attempt, actor=ann, now=NOW)
        arrived = [imaging.Arrived(name=aside.put(picture()))]
        imaging.made(Job.objects.get(), made.attempts.get(number=1), arrived, SAID, NOW)
        superseded.fetch_spare(Output.objects.get(), answering(), lambda: NOW)
        assert [(each.kind, each.width_px) for each in MediaFile.objects.all()] == [("image", 320)]


def test_crashing_images_are_given_up(project: Project, ben: User) -> None:
    made = send(images_job(project, ben), urls(3))
    made.change(claims=3)
    fetcher.fetch(made, answering(), lambda: NOW)
    made.refresh_from_db()
    assert (made.state, set(made.outputs.values_list("archive_reason", flat=True))) == ("succeeded", {"crashed"})
    assert take()
    assert poller.sweep(NOW) == 0


def test_all_images_together_end_before_the_queue_ends_their_worker(
    project: Project, ben: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, granted = send(images_job(project, ben), urls(3)), []

    def silent(*_: object, deadline_seconds: float, **rest: object) -> None:
        granted.append(deadline_seconds)
        raise net.Stalled("past the deadline")

    monkeypatch.setattr(fetcher, "download", silent)
    fetcher.fetch(made, answering(), lambda: NOW)
    assert (len(granted), sum(granted)) == (3, fetcher.DOWNLOAD_SECONDS)


def test_image_that_can_not_be_put_down_is_paid_and_said_to_be_lost(
    project: Project, ben: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(aside, "put", full)
    data = base64.b64encode(picture()).decode()
    made = send(images_job(project, ben, images=1), relay_says({"data": [{"b64_json": data}]}))
    assert (made.state, made.outputs.get().archive_reason) == ("fetching", "lost")


def test_answer_is_written_down_however_often_somebody_is_faster(project: Project, ben: User) -> None:
    rivals = iter([Overtaken("job")] * 5)

    def rival(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
        if sql.startswith('UPDATE "generations_attempt"') and "answered_at" in sql and (faster := next(rivals, None)):
            raise faster
        return execute(sql, *rest)

    with connection.execute_wrapper(rival):
        made = send(images_job(project, ben), urls(3))
    assert (made.state, made.outputs.count()) == ("fetching", 3)


def test_answer_that_was_taken_before_is_not_paid_again(project: Project, ben: User) -> None:
    made = send(images_job(project, ben), urls(3))
    with pytest.raises(Overtaken):
        imaging._settle(made.attempt, [], PRICE, NOW)
