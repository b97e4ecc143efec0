"""Media in an S3 bucket (moto's server): kept once, served by signed addresses, trouble named."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest
from django.core.files.storage import default_storage
from django.test import RequestFactory
from pytest_django import Settings

import relayweb.settings
from generations.accounts.models import User
from generations.jobs.models import Job, Output
from generations.media import archive, serving, store
from generations.media.errors import StorageDown
from generations.projects.models import Project
from tests.builders import NOW, running_job
from tests.media.clips import FASTSTART, H264, SOUND, render
from tests.services.servers import free_port


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return render(tmp_path_factory.mktemp("clips") / "clip.mp4", *SOUND, *H264, *FASTSTART)


@pytest.fixture
def bucket(bucket_url: str, settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Settings:
    """The studio's own reading of MEDIA_S3_URL, in a folder of the bucket for this test alone."""
    settings.DATA_DIR = tmp_path
    use(settings, monkeypatch, f"{bucket_url}/{tmp_path.name}?region=us-east-1")
    return settings


def use(settings: Settings, monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("MEDIA_S3_URL", url)
    settings.STORAGES = settings.STORAGES | {"default": relayweb.settings.media_storage()}


def served(name: str, method: str = "GET", **options: Any) -> str:
    request = RequestFactory().generic(method, "/")
    answer = serving.serve(request, name, content_type="video/mp4", etag="abc", **options)
    assert (answer.status_code, answer["Cache-Control"]) == (302, "private, max-age=300")
    return str(answer["Location"])


@pytest.mark.django_db(transaction=True)
def test_clip_is_kept_whole_with_its_pictures(bucket: Settings, clip: Path, tmp_path: Path) -> None:
    media = archive.keep(clip)
    assert store.holds(media.storage_name, clip)
    names = [media.storage_name, media.poster_name, media.preview_name, media.strip_name]
    assert [default_storage.exists(name) for name in names] == [True] * 4
    assert archive.keep(clip).pk == media.pk


def test_half_a_copy_is_replaced(bucket: Settings, clip: Path, tmp_path: Path) -> None:
    half = tmp_path / "half.mp4"
    half.write_bytes(clip.read_bytes()[:1000])
    store.put("media/ab/clip.mp4", half)
    store.put("media/ab/clip.mp4", clip)
    assert store.holds("media/ab/clip.mp4", clip)


def test_browser_is_sent_to_the_bytes(bucket: Settings, clip: Path) -> None:
    store.put("media/ab/clip.mp4", clip)
    answer = httpx.get(served("media/ab/clip.mp4"), headers={"Range": "bytes=100-199"}, trust_env=False)
    assert (answer.status_code, answer.content) == (206, clip.read_bytes()[100:200])
    assert (answer.headers["Content-Type"], answer.headers["Content-Disposition"]) == ("video/mp4", "inline")


def test_download_keeps_its_readable_name(bucket: Settings, clip: Path) -> None:
    store.put("media/ab/clip.mp4", clip)
    answer = httpx.get(served("media/ab/clip.mp4", download_name="dusk.mp4"), trust_env=False)
    assert (answer.content, answer.headers["Content-Disposition"]) == (
        clip.read_bytes(),
        'attachment; filename="dusk.mp4"',
    )


def test_head_is_signed_as_head(bucket: Settings, clip: Path) -> None:
    store.put("media/ab/clip.mp4", clip)
    answer = httpx.head(served("media/ab/clip.mp4", "HEAD"), trust_env=False)
    assert (answer.status_code, answer.headers["Content-Length"]) == (200, str(clip.stat().st_size))


def test_bucket_that_is_away_is_named(
    bucket: Settings, monkeypatch: pytest.MonkeyPatch, clip: Path, tmp_path: Path
) -> None:
    use(bucket, monkeypatch, f"http://key:secret@127.0.0.1:{free_port()}/studio-media")
    with pytest.raises(StorageDown):
        store.put("media/ab/clip.mp4", clip)
    with pytest.raises(StorageDown):
        store.get("media/ab/clip.mp4", tmp_path / "copy.mp4")


def test_bucket_that_refuses_us_is_named(bucket: Settings, monkeypatch: pytest.MonkeyPatch, clip: Path) -> None:
    use(bucket, monkeypatch, str(relayweb.settings.env_text("MEDIA_S3_URL")).replace("studio-media", "another"))
    with pytest.raises(StorageDown):
        store.put("media/ab/clip.mp4", clip)


def test_what_the_bucket_lacks_is_not_found(bucket: Settings, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        store.get("media/ab/none.mp4", tmp_path / "copy.mp4")


@pytest.mark.django_db
def test_viewer_is_sent_and_a_stranger_is_not(
    bucket: Settings, priced_project: Project, ben: User, cat: User, clip: Path, client: Any
) -> None:
    from generations.media.models import MediaFile

    store.put("media/ab/clip.mp4", clip)
    media = MediaFile.objects.create(
        sha256="ab" * 32, size_bytes=9, kind="video", content_type="video/mp4", storage_name="media/ab/clip.mp4"
    )
    made: Job = running_job(priced_project, ben)
    output = Output.objects.create(job=made, media=media, created_at=NOW)
    backend = "allauth.account.auth_backends.AuthenticationBackend"
    client.force_login(ben, backend=backend)
    assert client.get(f"/outputs/{output.pk}/clip").status_code == 302
    client.force_login(cat, backend=backend)
    assert client.get(f"/outputs/{output.pk}/clip").status_code == 404
