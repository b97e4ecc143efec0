"""The bytes of outputs, for those who may see the job."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone

from generations.accounts.models import User
from generations.jobs.first_uses import FirstUse
from generations.jobs.models import Job, Output
from generations.media.models import MediaFile
from generations.projects.models import Project
from tests import builders
from tests.web.conftest import Browse

BYTES = bytes(range(256)) * 40
KINDS = ["clip", "download", "poster", "preview", "strip"]


@pytest.fixture
def output(priced_project: Project, ben: User, settings: Any, tmp_path: Any) -> Output:
    settings.MEDIA_ROOT = tmp_path
    names = {kind: default_storage.save(f"media/ab/{kind}", ContentFile(kind.encode())) for kind in KINDS[2:]}
    media = MediaFile.objects.create(
        sha256="ab" * 32,
        size_bytes=len(BYTES),
        kind="video",
        content_type="video/mp4",
        storage_name=default_storage.save("media/ab/clip.mp4", ContentFile(BYTES)),
        width_px=854,
        height_px=480,
        **{f"{kind}_name": name for kind, name in names.items()},
    )
    job = builders.job(priced_project, ben)
    return Output.objects.create(job=job, media=media, created_at=timezone.now())


def body(answer: Any) -> bytes:
    return b"".join(answer.streaming_content)


@pytest.mark.parametrize("kind", KINDS)
def test_viewer_reads_it_and_a_stranger_finds_nothing(
    output: Output, vic: User, cat: User, browse: Browse, kind: str
) -> None:
    answer = browse(vic).get(f"/outputs/{output.pk}/{kind}")
    assert (answer.status_code, body(answer)[:7]) == (200, (BYTES if kind in KINDS[:2] else kind.encode())[:7])
    assert browse(cat).get(f"/outputs/{output.pk}/{kind}").status_code == 404
    assert browse(vic).post(f"/outputs/{output.pk}/{kind}").status_code == 405
    assert browse(vic).get(f"/outputs/{uuid.uuid4()}/{kind}").status_code == 404


def test_clip_is_served_in_ranges(output: Output, ben: User, browse: Browse) -> None:
    answer = browse(ben).get(f"/outputs/{output.pk}/clip", headers={"Range": "bytes=100-199"})
    assert (answer.status_code, body(answer)) == (206, BYTES[100:200])


def uses() -> list[tuple[str, str]]:
    return list(FirstUse.objects.order_by("pk").values_list("kind", "user__name"))


def test_first_play_and_first_download_are_noted_once(output: Output, ben: User, vic: User, browse: Browse) -> None:
    address = f"/outputs/{output.pk}"
    body(browse(ben).get(f"{address}/clip?look", headers={"Range": "bytes=0-"}))
    body(browse(ben).get(f"{address}/clip", headers={"Range": "bytes=5000-"}))
    assert uses() == []
    for person in (vic, ben):
        body(browse(person).get(f"{address}/clip", headers={"Range": "bytes=0-"}))
        body(browse(person).get(f"{address}/download"))
    assert uses() == [("play", "Vic"), ("download", "Vic")]


def test_player_says_that_it_was_started(output: Output, vic: User, cat: User, browse: Browse) -> None:
    address = f"/outputs/{output.pk}/played"
    assert (browse(cat).post(address).status_code, browse(vic).get(address).status_code) == (404, 405)
    assert [browse(vic).post(address).status_code for _ in range(2)] == [204, 204]
    assert uses() == [("play", "Vic")]


def test_range_is_never_compressed(output: Output, ben: User, browse: Browse) -> None:
    headers = {"Accept-Encoding": "gzip", "Range": "bytes=0-999"}
    answer = browse(ben).get(f"/outputs/{output.pk}/clip", headers=headers)
    body(answer)
    assert (answer.status_code, "Content-Encoding" in answer, answer["Content-Length"]) == (206, False, "1000")


def test_download_has_a_readable_name(output: Output, ben: User, browse: Browse) -> None:
    answer = browse(ben).get(f"/outputs/{output.pk}/download")
    assert 'filename="dusk-walk-over-the-harbour-2026-11-22-480p.mp4"' in answer["Content-Disposition"]
    assert body(answer) == BYTES


def test_output_without_bytes_is_not_found(output: Output, ben: User, browse: Browse) -> None:
    Output.objects.update(media=None)
    assert browse(ben).get(f"/outputs/{output.pk}/clip").status_code == 404


def test_card_and_page_are_the_player(output: Output, ben: User, browse: Browse) -> None:
    Job.objects.update(state="succeeded", finished_at=timezone.now(), next_action_at=None, cost_micros=400_000)
    board, page = (browse(ben).get(path).text for path in ("/projects/dusk/", f"/jobs/{output.job_id}/"))
    for text, preload, look in ((board, "none", ""), (page, "metadata", "?look")):
        assert f'src="/outputs/{output.pk}/clip{look}"' in text
        assert f'preload="{preload}"' in text
        assert f'poster="/outputs/{output.pk}/poster"' in text
        assert "SBX 0.40" in text
    assert "ab" * 32 in page
