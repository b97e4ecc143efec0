"""What a job shows: sent to the relay once, numbered by its order, sent anew when its address works no more."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from django.utils import timezone

from generations.accounts.models import User
from generations.composer.ask import Given
from generations.jobs import lifecycle, line, sending, showing
from generations.jobs.estimate import quote
from generations.jobs.inputs import RelayFile, given_of
from generations.jobs.models import Job
from generations.jobs.states import Overtaken
from generations.media import library
from generations.media.models import MediaFile
from generations.projects.models import Project
from generations.relay.client import Relay
from generations.sandbox.listener import Listener
from tests.builders import NOW, answering, ask, job, relay_says
from tests.media import samples

FILE = {"id": "file_1", "url": "https://relay.example/files/one.png"}
TASK = {"task_id": "task_1", "status": "submitted"}
BAD_FILE = {"error": {"message": "resource download failed: content[0].image_url", "code": "InvalidParameter"}}


@pytest.fixture(autouse=True)
def media_root(tmp_path: Path, settings: object) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"  # type: ignore[attr-defined]
    settings.DATA_DIR = tmp_path  # type: ignore[attr-defined]


def shown(folder: Path, project: Project, user: User, tag: str, width: int = 640) -> Given:
    path = samples.image(folder / f"sent{width}", width, 480)
    asset = library.add(path, project=project, user=user, name=f"{tag}.png", now=timezone.now())
    assert asset.media
    return given_of(asset.media, tag=tag, role="reference_image")


def send(made: Job, *answers: httpx.Response | Exception) -> Job:
    sending.send(Job.objects.get(pk=made.pk), answering(*answers), lambda: NOW)
    return Job.objects.get(pk=made.pk)


def test_file_is_sent_once_and_its_address_kept(tmp_path: Path, project: Project, ben: User) -> None:
    given = (shown(tmp_path, project, ben, "image1"),)
    one, two = (job(project, ben, prompt="@image1 walks", given=given) for _ in range(2))
    assert send(one, relay_says(FILE), relay_says(TASK)).state == "running"
    assert send(two, relay_says(TASK | {"task_id": "task_2"})).state == "running"
    body = one.attempt.request_body or {}
    assert body["metadata"]["content"] == [
        {"type": "image_url", "image_url": {"url": FILE["url"]}, "role": "reference_image"}
    ]


@pytest.mark.parametrize("answer", [httpx.ReadTimeout("slow"), httpx.ConnectError("no"), relay_says({}, 502)])
def test_file_that_did_not_arrive_puts_the_job_off(
    tmp_path: Path, project: Project, ben: User, answer: httpx.Response | Exception
) -> None:
    made = send(job(project, ben, given=(shown(tmp_path, project, ben, "image1"),)), answer)
    assert (made.state, made.tries, made.attempt.sending_at, RelayFile.objects.count()) == ("queued", 1, None, 0)


def test_limit_met_by_a_file_gives_no_turn_back(tmp_path: Path, project: Project, ben: User) -> None:
    """Its job took none: the turn that ben had with an earlier one stays taken."""
    line.take_turn(ben.pk, NOW)
    send(job(project, ben, given=(shown(tmp_path, project, ben, "image1"),)), relay_says({}, 429))
    assert list(line.Turn.objects.values_list("user", "at")) == [(ben.pk, NOW)]


def test_refused_file_ends_the_job_for_nothing(tmp_path: Path, project: Project, ben: User) -> None:
    made = job(project, ben, given=(shown(tmp_path, project, ben, "image1"),))
    made = send(made, relay_says({"error": {"message": "not an image", "code": "invalid_file"}}, 400))
    assert (made.state, made.failure_code, made.attempt.hold.state) == ("failed", "invalid_file", "released")


def test_file_that_stopped_working_is_sent_anew_once(tmp_path: Path, project: Project, ben: User) -> None:
    made = job(project, ben, given=(shown(tmp_path, project, ben, "image1"),))
    made = send(made, relay_says(FILE), relay_says(BAD_FILE, 400))
    assert (made.state, RelayFile.objects.filter(failed_at=None).count()) == ("queued", 0)
    made = send(made, relay_says(FILE), relay_says(BAD_FILE, 400))
    assert (made.state, made.attempt.hold.state) == ("failed", "released")


def test_retry_keeps_what_was_shown_and_order_makes_another_request(
    tmp_path: Path, project: Project, ben: User
) -> None:
    given = tuple(shown(tmp_path, project, ben, tag, width) for tag, width in (("image1", 640), ("image2", 500)))
    made = job(project, ben, given=given)
    lifecycle.cancel_job(made, actor=ben, now=NOW)
    again = lifecycle.retry_job(made, user=ben, key="again", now=NOW)
    assert (lifecycle.ask_of(again).given, again.request_hash) == (given, made.request_hash)
    assert lifecycle.request_hash(ask(given=given[::-1])) != made.request_hash


def test_input_video_is_priced_and_named_a_guess(project: Project, ben: User) -> None:
    clip = Given(tag="video1", role="reference_video", kind="video", media_id=0, sha256="", milliseconds=4000)
    model = job(project, ben).model
    plain, with_video = (quote(asked, model) for asked in (ask(), ask(given=(clip,))))
    assert abs(with_video.amount_micros - 2 * plain.amount_micros) <= 10
    assert (plain.is_exact, with_video.is_exact) == (True, False)


@pytest.mark.parametrize(("role", "input"), [("reference_image", "r2v"), ("first_frame", "i2v")])
def test_input_chooses_the_sku(tmp_path: Path, project: Project, ben: User, role: str, input: str) -> None:  # noqa: A002
    media = MediaFile.objects.get(pk=shown(tmp_path, project, ben, "image1").media_id)
    given = (given_of(media, tag="image1", role=role),)
    made = job(project, ben, model="happyhorse-1.0", resolution="720p", seconds=5, audio=True, given=given)
    assert made.sku.relay_model == f"happyhorse-1.0-{input}"


def test_sandbox_renders_what_it_is_shown(
    tmp_path: Path, project: Project, ben: User, relay: Listener, drive: Callable[[Job, str], Job]
) -> None:
    given = tuple(shown(tmp_path, project, ben, tag, width) for tag, width in (("image2", 500), ("image1", 640)))
    made = drive(job(project, ben, prompt="@image2 meets @image1", given=given), "succeeded")
    body = made.attempt.request_body or {}
    assert (body["prompt"], len(body["metadata"]["content"])) == ("@image1 meets @image2", 2)
    assert RelayFile.objects.filter(failed_at=None, is_sandbox=True).count() == 2


def test_file_that_another_job_brought_meanwhile_is_used(tmp_path: Path, project: Project, ben: User) -> None:
    given = shown(tmp_path, project, ben, "image1")
    made = job(project, ben, prompt="@image1 walks", given=(given,))

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/files"):
            RelayFile.objects.create(media_id=given.media_id, is_sandbox=True, url="https://first.example", kept_at=NOW)
            return relay_says(FILE)
        return relay_says(TASK)

    sending.send(made, Relay("https://relay.example/v1", "sbx-test", httpx.MockTransport(answer)), lambda: NOW)
    assert (Job.objects.get().state, RelayFile.objects.get().url) == ("running", "https://first.example")


def test_address_that_has_just_stopped_working_stops_the_send(tmp_path: Path, project: Project, ben: User) -> None:
    made = job(project, ben, prompt="@image1 walks", given=(shown(tmp_path, project, ben, "image1"),))
    with pytest.raises(Overtaken):
        showing.content(made)
