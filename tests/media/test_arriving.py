"""Files that come from an address: fetched once, through the gate, kept or refused, the address forgotten."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from pytest_django import Settings

from generations.accounts.models import User
from generations.media import arriving, library
from generations.media.models import Asset
from generations.media.rules import Refused, Rule
from generations.net.addresses import origin_of
from generations.projects.models import Project
from tests import wakeups
from tests.builders import NOW
from tests.media import samples
from tests.net.files import FileServer
from tests.net.puppet import Puppet, answer

ADDRESS = "https://pictures.example/holiday/dusk%20walk.png?token=URL-CANARY"


def begin(project: Project, user: User, url: str = ADDRESS, now: dt.datetime = NOW) -> Asset:
    return arriving.begin(url, project=project, user=user, now=now)


def bring(asset: Asset, server: Puppet, now: dt.datetime = NOW) -> Asset:
    """One look of a worker, at an address on this machine that the guard is told to allow."""
    Asset.objects.filter(pk=asset.pk).update(source_url=f"{server.origin}/dusk.png?token=URL-CANARY")
    arriving.fetch(asset.pk, lambda: now, allow_origins=[origin_of(server.origin)])
    asset.refresh_from_db()
    return asset


def served(content: bytes, status: str = "200 OK") -> Puppet:
    return Puppet(lambda connection, request, number: connection.sendall(answer(content, status)))


def test_begin_notes_the_address_and_wakes_a_worker(project: Project, ben: User) -> None:
    asset = begin(project, ben)
    assert (asset.name, asset.state, asset.fetch_at) == ("dusk walk.png", "arriving", NOW)
    assert len(wakeups.waiting()) == 1


@pytest.mark.parametrize(
    "url",
    [
        "",
        "dusk.png",
        "file:///etc/passwd",
        "http://pictures.example/a.png",
        "https://pictures.example:8443/a.png",
        "https://ann:secret@pictures.example/a.png",
        "javascript:alert(1)",
    ],
)
def test_begin_refuses_what_is_no_open_address(project: Project, ben: User, url: str) -> None:
    with pytest.raises(Refused) as caught:
        begin(project, ben, url)
    assert caught.value.rule == Rule.ADDRESS
    assert not Asset.objects.exists()


def test_begin_takes_twenty_at_a_time(project: Project, ben: User) -> None:
    for number in range(20):
        begin(project, ben, f"https://pictures.example/{number}.png")
    with pytest.raises(Refused) as caught:
        begin(project, ben)
    assert caught.value.rule == Rule.COUNT


def test_file_arrives_and_its_address_is_forgotten(tmp_path: Path, data: Path, project: Project, ben: User) -> None:
    with Puppet(FileServer(samples.photo(tmp_path / "photo").read_bytes(), cuts=[5000])) as server:
        asset = bring(begin(project, ben), server)
    assert (asset.state, asset.source_url, asset.fetch_at) == ("ready", "", None)
    assert asset.media
    assert (asset.media.width_px, asset.media.height_px) == (640, 480)
    assert list((data / "tmp").iterdir()) == []


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (samples.HTML, "Not a JPEG, PNG"),
        (b"\xff\xd8\xff\xe0" + bytes(30_000_001), "Images may have 30 MB at most."),
        (b"GIF89a", "Not a JPEG, PNG"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(400), "Not a JPEG, PNG"),
        (b"ID3\x04\x00\x00\x00\x00\x00\x00" + samples.HTML, "damaged"),
    ],
)
def test_file_that_breaks_a_rule_is_refused(
    project: Project, ben: User, data: Path, content: bytes, words: str
) -> None:
    with served(content) as server:
        asset = bring(begin(project, ben), server)
    assert (asset.state, asset.source_url, asset.media) == ("refused", "", None)
    assert words in asset.refusal
    assert [path for path in data.rglob("*") if path.is_file()] == []


@pytest.mark.parametrize("status", ["404 Not Found", "403 Forbidden", "410 Gone", "401 Unauthorized"])
def test_address_without_a_file_is_refused_at_once(project: Project, ben: User, status: str) -> None:
    with served(b"no", status) as server:
        asset = bring(begin(project, ben), server)
    assert (asset.state, asset.refusal) == ("refused", f"The address answered with {status[:3]}.")


def test_passing_trouble_is_tried_three_times(project: Project, ben: User) -> None:
    asset, now = begin(project, ben), NOW
    with served(b"busy", "503 Service Unavailable") as server:
        for tries in (1, 2):
            asset = bring(asset, server, now)
            assert (asset.state, asset.tries) == ("arriving", tries)
            assert asset.fetch_at
            now = asset.fetch_at
        asset = bring(asset, server, now)
    assert (asset.state, asset.refusal) == ("refused", "The address could not be read, 3 times over.")


def test_address_inside_is_refused(project: Project, ben: User) -> None:
    asset = begin(project, ben, "https://127.0.0.1/a.png")
    arriving.fetch(asset.pk, lambda: NOW)
    asset.refresh_from_db()
    assert asset.state == "refused"
    assert "open internet" in asset.refusal


def test_redirect_inside_is_refused(project: Project, ben: User) -> None:
    away = answer(b"", "302 Found", location="https://169.254.169.254/latest/meta-data/")
    with Puppet(lambda connection, request, number: connection.sendall(away)) as server:
        asset = bring(begin(project, ben), server)
    assert asset.state == "refused"


def test_second_worker_leaves_it_alone(tmp_path: Path, project: Project, ben: User) -> None:
    asset = begin(project, ben)
    Asset.objects.filter(pk=asset.pk).update(fetch_at=NOW + arriving.LEASE, tries=1)
    with pytest.raises(arriving.NotArriving):
        arriving.fetch(asset.pk, lambda: NOW)


def test_killed_worker_is_followed_by_another(tmp_path: Path, project: Project, ben: User) -> None:
    asset = begin(project, ben)
    Asset.objects.filter(pk=asset.pk).update(fetch_at=NOW + arriving.LEASE, tries=1)
    later = NOW + arriving.LEASE
    wakeups.forget()
    assert (arriving.sweep(NOW), arriving.sweep(later), len(wakeups.waiting())) == (0, 1, 1)
    with Puppet(FileServer(samples.photo(tmp_path / "photo").read_bytes())) as server:
        assert bring(asset, server, later).state == "ready"


def test_deleted_meanwhile_stays_deleted(tmp_path: Path, project: Project, ben: User) -> None:
    asset = begin(project, ben)
    library.delete(asset, ben, NOW)
    with pytest.raises(arriving.NotArriving):
        arriving.fetch(asset.pk, lambda: NOW)
    assert arriving.sweep(NOW) == 0


def test_file_that_is_there_already_says_so(tmp_path: Path, project: Project, ben: User) -> None:
    photo = samples.photo(tmp_path / "photo")
    library.add(photo, project=project, user=ben, name="first.jpg", now=NOW)
    with Puppet(FileServer(photo.read_bytes())) as server:
        asset = bring(begin(project, ben), server)
    assert (asset.state, asset.refusal) == ("refused", "The library has this file already, as first.jpg.")


def test_full_quota_refuses_on_arrival(tmp_path: Path, project: Project, ben: User, settings: Settings) -> None:
    asset = begin(project, ben)
    settings.MEDIA_PERSON_MB = 0
    with Puppet(FileServer(samples.wav(tmp_path / "tone").read_bytes())) as server:
        assert "may hold 0 MB" in bring(asset, server).refusal


def test_full_disk_waits_and_counts_no_try(
    tmp_path: Path, project: Project, ben: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    tone = samples.wav(tmp_path / "tone").read_bytes()
    monkeypatch.setattr("generations.media.disk.MIN_FREE_BYTES", 2**60)
    with served(tone) as server:
        asset = bring(begin(project, ben), server)
    assert (asset.state, asset.tries) == ("arriving", 0)
    assert asset.fetch_at
    assert asset.fetch_at > NOW


def test_old_refusals_are_forgotten(project: Project, ben: User) -> None:
    asset = begin(project, ben, "https://127.0.0.1/a.png")
    arriving.fetch(asset.pk, lambda: NOW)
    arriving.sweep(NOW + dt.timedelta(days=6))
    assert Asset.objects.count() == 1
    arriving.sweep(NOW + dt.timedelta(days=8))
    assert Asset.objects.count() == 0
