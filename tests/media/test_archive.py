"""Keeping a clip: once, whole, with its pictures, through crashes and beside others."""

import datetime as dt
import errno
import hashlib
import os
import shutil
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from django.core.files.storage import default_storage
from django.db import transaction
from pytest_django import Settings

from generations.media import archive, disk, store
from generations.media.models import MediaFile
from tests.media.clips import write

ROOT = Path(__file__).parents[2]


def content(name: str) -> bytes:
    with default_storage.open(name, "rb") as file:
        return bytes(file.read())


@pytest.mark.django_db
def test_keep_stores_the_bytes_and_what_was_measured(clip: Path) -> None:
    media = archive.keep(clip, kind=MediaFile.Kind.VIDEO)
    sha256 = hashlib.sha256(clip.read_bytes()).hexdigest()
    assert media.storage_name == f"media/{sha256[:2]}/{sha256}.mp4"
    assert content(media.storage_name) == clip.read_bytes()
    media.refresh_from_db()
    assert (str(media), media.extension, media.has_sound) == (sha256[:12], "mp4", True)
    assert (media.sha256, media.size_bytes, media.content_type) == (sha256, clip.stat().st_size, "video/mp4")
    assert (media.width_px, media.height_px, media.duration_ms, media.video_codec) == (320, 180, 2000, "h264")


@pytest.mark.django_db
def test_keep_makes_poster_preview_and_strip(clip: Path) -> None:
    media = archive.keep(clip)
    base = media.storage_name.removesuffix(".mp4")
    assert media.poster_name == f"{base}-poster.webp"
    assert media.preview_name == f"{base}-preview.mp4"
    assert media.strip_name == f"{base}-strip.webp"
    assert content(media.poster_name)[8:12] == content(media.strip_name)[8:12] == b"WEBP"
    assert content(media.preview_name)[4:8] == b"ftyp"


@pytest.mark.django_db
def test_keep_twice_changes_nothing(clip: Path, tmp_path: Path, data: Path) -> None:
    first = archive.keep(clip)
    times = {path: path.stat().st_mtime_ns for path in data.rglob("*") if path.is_file()}
    again = archive.keep(write(tmp_path / "other name", clip.read_bytes()))
    assert again.pk == first.pk
    assert {path: path.stat().st_mtime_ns for path in data.rglob("*") if path.is_file()} == times


@pytest.mark.django_db
def test_keep_leaves_the_file_to_its_owner_and_no_temp_files(clip: Path, data: Path) -> None:
    before = clip.read_bytes()
    media = archive.keep(clip)
    assert clip.read_bytes() == before
    assert list((data / "tmp").iterdir()) == []
    with archive.temp_file() as copy:
        copy.write_bytes(before)
        archive.keep(copy)
    assert content(media.storage_name) == before


@pytest.mark.django_db
@pytest.mark.parametrize("lying_there", [b"", b"half a copy", None])
def test_keep_puts_right_what_lies_there_damaged(clip: Path, lying_there: bytes | None) -> None:
    path = Path(default_storage.path(archive.keep(clip).storage_name))
    path.unlink()
    if lying_there is not None:
        path.write_bytes(lying_there)
    assert content(archive.keep(clip).storage_name) == clip.read_bytes()
    assert len(list(path.parent.iterdir())) == 4


@pytest.mark.django_db
def test_keep_puts_right_damage_of_the_same_size(clip: Path) -> None:
    path = Path(default_storage.path(archive.keep(clip).storage_name))
    path.write_bytes(bytes(clip.stat().st_size))
    archive.keep(clip)
    assert path.read_bytes() == clip.read_bytes()


@pytest.mark.django_db
@pytest.mark.parametrize(("cut", "fault"), [(1.0, archive.BadType), (0.7, archive.Truncated)])
def test_keep_refuses_and_keeps_nothing(
    clip: Path, tmp_path: Path, data: Path, cut: float, fault: type[Exception]
) -> None:
    bad = clip.read_bytes()[: int(clip.stat().st_size * cut)] + (b"<html>junk</html>" if cut == 1 else b"")
    with pytest.raises(fault):
        archive.keep(write(tmp_path / "bad.mp4", bad))
    assert not MediaFile.objects.exists()
    assert not (data / "media").exists()


@pytest.mark.django_db
def test_keep_without_ffmpeg_keeps_the_clip_alone(clip: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IMAGEIO_FFMPEG_EXE", "/nowhere/ffmpeg")
    media = archive.keep(clip)
    assert (media.poster_name, media.preview_name, media.strip_name) == ("", "", "")
    assert content(media.storage_name) == clip.read_bytes()
    monkeypatch.undo()
    archive.illustrate(media)
    media.refresh_from_db()
    assert media.poster_name
    assert media.preview_name
    assert media.strip_name


@pytest.mark.django_db
def test_keep_may_leave_the_moving_pictures_for_later(clip: Path) -> None:
    media = archive.keep(clip, motion=False)
    assert (bool(media.poster_name), media.preview_name, media.strip_name) == (True, "", "")
    archive.illustrate(media)
    media.refresh_from_db()
    made = content(media.strip_name)
    archive.illustrate(media)
    assert content(media.strip_name) == made


@pytest.mark.django_db(transaction=True)
def test_keep_refuses_to_work_inside_a_transaction(clip: Path) -> None:
    with pytest.raises(RuntimeError), transaction.atomic():
        archive.keep(clip)


@pytest.mark.django_db
def test_keep_stops_when_the_disk_is_nearly_full(clip: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("generations.media.disk.MIN_FREE_BYTES", 2**62)
    assert not archive.free_space_ok()
    with pytest.raises(archive.DiskFull):
        archive.keep(clip)


@pytest.mark.parametrize(
    ("code", "fault"), [(errno.ENOSPC, archive.DiskFull), (errno.EDQUOT, archive.DiskFull), (errno.EIO, OSError)]
)
def test_a_full_disk_has_its_own_name(code: int, fault: type[Exception]) -> None:
    with pytest.raises(fault), disk.disk_full_named():
        raise OSError(code, os.strerror(code))


def test_holds_nothing_under_a_name_not_there(clip: Path) -> None:
    assert not store.holds("media/ab/none.mp4", clip)


def test_put_of_a_faster_other_leaves_one_copy(clip: Path) -> None:
    threads = [threading.Thread(target=store.put, args=("media/ab/abc.mp4", clip)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert default_storage.listdir("media/ab") == ([], ["abc.mp4"])
    assert store.holds("media/ab/abc.mp4", clip)


def test_put_works_with_a_storage_that_has_no_paths(clip: Path, tmp_path: Path, settings: Settings) -> None:
    settings.STORAGES = settings.STORAGES | {"default": {"BACKEND": "django.core.files.storage.InMemoryStorage"}}
    store.put("media/ab/abc.mp4", clip)
    store.get("media/ab/abc.mp4", tmp_path / "back.mp4")
    assert (tmp_path / "back.mp4").read_bytes() == clip.read_bytes()


def run_crash(clip: Path, data: Path, *words: str) -> subprocess.CompletedProcess[str]:
    environment = {"DATA_DIR": str(data), "PATH": "", "DJANGO_SETTINGS_MODULE": "tests.settings"}
    command = [sys.executable, "-m", "tests.media.crash", str(clip), *words]
    return subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)


@pytest.fixture(scope="module")
def empty_studio(clip: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    data = tmp_path_factory.mktemp("studio")
    assert run_crash(clip, data, "migrate", "count").stdout == "0\n"
    return data


@pytest.fixture
def studio(empty_studio: Path, tmp_path: Path) -> Path:
    """A DATA_DIR with a database of its own, for processes that are killed."""
    return shutil.copytree(empty_studio, tmp_path / "studio")


def test_keep_killed_between_store_and_row_is_adopted(clip: Path, studio: Path) -> None:
    killed = run_crash(clip, studio, "die")
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    stored = list((studio / "media").rglob("*.mp4"))
    before = stored[0].stat()
    assert [path.read_bytes() for path in stored] == [clip.read_bytes()]
    assert run_crash(clip, studio, "count").stdout.split() == ["0"]
    again = run_crash(clip, studio, "keep", "keep", "count")
    assert again.stdout.split() == ["1", "1", "1"], again.stderr
    assert (stored[0].stat().st_ino, stored[0].stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_keep_of_the_same_bytes_at_once_makes_one_row(clip: Path, studio: Path) -> None:
    found = run_crash(clip, studio, "together", "count")
    assert found.stdout.split() == ["1", "1", "1", "1", "1"], found.stderr
    assert len(list((studio / "media").rglob("*.mp4"))) == 1


def test_sweep_removes_only_what_is_old(data: Path) -> None:
    now = dt.datetime.now(dt.UTC)
    with archive.temp_file() as young, archive.temp_file() as old:
        long_ago = (now - dt.timedelta(hours=7)).timestamp()
        os.utime(old, (long_ago, long_ago))
        (data / "tmp" / "folder").mkdir()
        (data / "tmp" / "gone").symlink_to("nowhere")
        assert archive.sweep_temp(now) == 1
        assert young.exists()
        assert not old.exists()
    assert archive.sweep_temp(now + dt.timedelta(days=9)) == 0


def test_temp_file_is_ours_alone_and_gone_after_a_fault(data: Path) -> None:
    files = archive.temp_file(".mp4")
    path = files.__enter__()
    assert (path.parent, path.stat().st_mode & 0o777) == (data / "tmp", 0o600)
    assert not files.__exit__(KeyError, KeyError(), None)
    assert not path.exists()
