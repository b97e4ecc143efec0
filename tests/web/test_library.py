"""The library's page: uploads with an answer each, addresses, search, rename, delete, bytes, frames."""

from __future__ import annotations

import io
import uuid
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from generations.accounts.models import User
from generations.jobs.models import Output
from generations.media import archive, arriving, library
from generations.media.models import Asset, MediaFile
from generations.media.uses import Use, register
from generations.projects.models import Membership, Project
from tests import builders
from tests.media import samples
from tests.media.clips import FASTSTART, H264, render
from tests.web.conftest import HTMX, Browse, form

LIBRARY = "/projects/dusk/media/"
POSTS = ["upload", "fetch"]
ASSET_POSTS = ["rename", "delete"]
BYTES = ["file", "poster", "download"]


@pytest.fixture(autouse=True)
def data(tmp_path: Path, settings: Settings) -> Path:
    settings.DATA_DIR = tmp_path / "data"
    settings.MEDIA_ROOT = tmp_path / "data" / "media"
    return tmp_path / "data"


@pytest.fixture
def asset(tmp_path: Path, project: Project, ben: User) -> Asset:
    return kept(tmp_path, project, ben)


def kept(folder: Path, project: Project, user: User, name: str = "dusk.jpg", width: int = 640) -> Asset:
    path = samples.image(folder / "sent", width, 480)
    return library.add(path, project=project, user=user, name=name, now=timezone.now())


def photo(folder: Path, name: str = "dusk.png") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, samples.photo(folder / "photo").read_bytes(), "text/html")


def body(answer: Any) -> bytes:
    return b"".join(answer.streaming_content)


def left_behind(data: Path) -> list[Path]:
    return [path for path in data.rglob("*") if path.is_file()]


def test_file_is_uploaded(browse: Browse, ben: User, project: Project, tmp_path: Path, data: Path) -> None:
    answer = browse(ben).post(f"{LIBRARY}upload", {"files": photo(tmp_path)}, follow=True)
    assert answer.redirect_chain == [(LIBRARY, 302)]
    assert "dusk.png is in the library." in answer.text
    found = Asset.objects.get()
    assert (found.uploader, found.name, found.media and found.media.content_type) == (ben, "dusk.png", "image/jpeg")
    assert not list((data / "tmp").iterdir())


def test_each_file_has_its_own_answer(browse: Browse, ben: User, project: Project, tmp_path: Path, data: Path) -> None:
    files = [
        SimpleUploadedFile("page.png", samples.HTML, "image/png"),
        photo(tmp_path, "good.jpg"),
        SimpleUploadedFile("bomb.png", samples.bomb(tmp_path / "bomb").read_bytes(), "image/png"),
        SimpleUploadedFile("list.mp4", samples.PLAYLIST, "video/mp4"),
        SimpleUploadedFile("long.wav", samples.wav(tmp_path / "wav", 16).read_bytes(), "audio/wav"),
        SimpleUploadedFile("huge.jpg", b"\xff\xd8\xff\xe0" + bytes(31_000_000), "image/jpeg"),
        SimpleUploadedFile("last.wav", samples.wav(tmp_path / "wav", 2).read_bytes(), "audio/wav"),
    ]
    answer = browse(ben).post(f"{LIBRARY}upload", {"files": files})
    assert answer.status_code == 422
    for said in (
        "<b>page.png</b>: Not a JPEG, PNG",
        "good.jpg is in the library.",
        "<b>bomb.png</b>: Images may have 40 megapixels at most",
        "<b>list.mp4</b>: Not a JPEG, PNG",
        "<b>long.wav</b>: Sound may be 15 s long at most; this has 16.0 s.",
        "<b>huge.jpg</b>: Images may have 30 MB at most.",
        "last.wav is in the library.",
    ):
        assert said in answer.text
    assert {found.name for found in Asset.objects.all()} == {"good.jpg", "last.wav"}
    assert len(left_behind(data)) == 4


def test_refused_file_at_the_end_takes_none_with_it(
    browse: Browse, ben: User, project: Project, tmp_path: Path
) -> None:
    files = [photo(tmp_path, "good.jpg"), SimpleUploadedFile("page.png", samples.HTML, "image/png")]
    browse(ben).post(f"{LIBRARY}upload", {"files": files})
    assert [found.name for found in Asset.objects.all()] == ["good.jpg"]


def test_twenty_files_at_once_at_most(browse: Browse, ben: User, project: Project, data: Path) -> None:
    files = [SimpleUploadedFile(f"{number}.png", samples.HTML) for number in range(22)]
    answer = browse(ben).post(f"{LIBRARY}upload", {"files": files})
    assert answer.text.count("Not a JPEG, PNG") == 20
    assert answer.text.count("20 files at once at most.") == 2
    assert left_behind(data) == []


def test_no_file_is_said(browse: Browse, ben: User, project: Project) -> None:
    answer = browse(ben).post(f"{LIBRARY}upload", {})
    assert (answer.status_code, "Choose at least one file." in answer.text) == (422, True)


def test_too_large_a_form_is_not_read(browse: Browse, ben: User, project: Project) -> None:
    content = io.BytesIO(b"x")
    answer = browse(ben).generic("POST", f"{LIBRARY}upload", content.read(), CONTENT_LENGTH="300000000")
    assert answer.status_code == 413
    assert "All files of a form together may have 220 MB." in answer.text


def test_script_gets_the_tile_alone(browse: Browse, ben: User, project: Project, tmp_path: Path) -> None:
    answer = browse(ben).post(f"{LIBRARY}upload", {"files": photo(tmp_path)}, headers=HTMX)
    assert answer.status_code == 200
    assert 'hx-swap-oob="afterbegin:#assets"' in answer.text
    assert "<html" not in answer.text
    again = browse(ben).post(f"{LIBRARY}upload", {"files": photo(tmp_path, "other.png")}, headers=HTMX)
    assert "dusk.png is in the library already." in again.text
    assert "hx-swap-oob" not in again.text


def test_upload_needs_the_token(project: Project, ben: User, tmp_path: Path, data: Path) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(ben, backend="allauth.account.auth_backends.AuthenticationBackend")
    assert browser.post(f"{LIBRARY}upload", {"files": photo(tmp_path)}).status_code == 403
    token = browser.get(LIBRARY).cookies["csrftoken"].value
    sent = {"files": photo(tmp_path), "csrfmiddlewaretoken": token}
    assert browser.post(f"{LIBRARY}upload", sent).status_code == 302
    assert not list((data / "tmp").iterdir())


def test_other_pages_keep_no_file(browse: Browse, ben: User, priced_project: Project, tmp_path: Path) -> None:
    answer = browse(ben).post("/projects/dusk/generate", form() | {"files": photo(tmp_path)})
    assert answer.status_code == 302
    assert not Asset.objects.exists()


def test_archived_project_takes_no_file(browse: Browse, ben: User, project: Project, tmp_path: Path) -> None:
    Project.objects.update(archived_at=timezone.now())
    answer = browse(ben).post(f"{LIBRARY}upload", {"files": photo(tmp_path)})
    assert (answer.status_code, "This project is archived" in answer.text) == (422, True)
    assert 'type="file"' not in browse(ben).get(LIBRARY).text


def test_full_disk_is_said(
    browse: Browse, ben: User, project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("generations.media.disk.MIN_FREE_BYTES", 2**60)
    answer = browse(ben).post(f"{LIBRARY}upload", {"files": photo(tmp_path)})
    assert "disk is full" in answer.text.replace("&#x27;", "'")


def test_address_is_noted_and_shown_as_arriving(browse: Browse, ben: User, project: Project) -> None:
    answer = browse(ben).post(f"{LIBRARY}fetch", {"url": "https://a.example/dusk.png"}, follow=True)
    assert "dusk.png is on its way." in answer.text
    assert 'data-state="arriving"' in answer.text
    tile = f"/assets/{Asset.objects.get().pk}/tile"
    assert f'hx-get="{tile}"' in answer.text
    assert browse(ben).get(tile, headers=HTMX).status_code == 204


def test_refused_address_is_kept_in_the_form(browse: Browse, ben: User, project: Project) -> None:
    answer = browse(ben).post(f"{LIBRARY}fetch", {"url": "http://a.example/<b>.png"})
    assert (answer.status_code, "Not an https address" in answer.text) == (422, True)
    assert 'value="http://a.example/&lt;b&gt;.png"' in answer.text


def test_refused_tile_says_the_rule_and_asks_no_more(browse: Browse, ben: User, project: Project) -> None:
    now = timezone.now()
    found = arriving.begin("https://127.0.0.1/a.png", project=project, user=ben, now=now)
    arriving.fetch(found.pk, lambda: now)
    answer = browse(ben).get(f"/assets/{found.pk}/tile", headers=HTMX)
    assert "does not lead to the open internet" in answer.text
    assert "live-poll" not in answer.text


def test_search_by_name_and_kind(browse: Browse, vic: User, asset: Asset, tmp_path: Path, ben: User) -> None:
    tone = samples.wav(tmp_path / "tone")
    library.add(tone, project=asset.project, user=ben, name="rain.wav", now=timezone.now())
    for query, names in (
        ("?q=DUSK", ["dusk"]),
        ("?kind=audio", ["rain"]),
        ("?q=rain&kind=image", []),
        ("", ["dusk", "rain"]),
    ):
        text = browse(vic).get(LIBRARY + query).text
        assert [name for name in ("dusk", "rain") if f'title="{name}.' in text] == names


def test_pages_follow_one_another(
    browse: Browse, vic: User, project: Project, ben: User, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("generations.web.library_page.TILES_A_PAGE", 2)
    for number in range(3):
        kept(tmp_path, project, ben, f"{number}.png", 640 + number)
    first = browse(vic).get(LIBRARY)
    assert [f'title="{number}.png"' in first.text for number in range(3)] == [False, True, True]
    rest = browse(vic).get(LIBRARY + first.context["next"], headers=HTMX)
    assert [f'title="{number}.png"' in rest.text for number in range(3)] == [True, False, False]
    for before in ("x", "2026-11-22_y", f"2026-11-22T10:00:00_{uuid.uuid4()}"):
        assert browse(vic).get(f"{LIBRARY}?before={before}").status_code == 200


def test_library_asks_as_often_for_many_as_for_one(
    browse: Browse, vic: User, project: Project, ben: User, tmp_path: Path, django_assert_max_num_queries: Any
) -> None:
    for number in range(4):
        kept(tmp_path, project, ben, f"{number}.png", 640 + number)
    browser = browse(vic)
    browser.get(LIBRARY)  # the first one writes down that this session is in use
    with django_assert_max_num_queries(12):
        browser.get(LIBRARY)


def test_rename_and_delete(browse: Browse, ben: User, asset: Asset) -> None:
    for _ in range(2):
        assert browse(ben).post(f"/assets/{asset.pk}/rename", {"name": "dawn.jpg"})["Location"] == LIBRARY
    assert 'title="dawn.jpg"' in browse(ben).get(LIBRARY).text
    assert browse(ben).post(f"/assets/{asset.pk}/delete")["Location"] == LIBRARY
    assert browse(ben).post(f"/assets/{asset.pk}/delete").status_code == 404
    assert browse(ben).get(f"/assets/{asset.pk}/file").status_code == 404


def test_refusal_to_delete_leaves_the_tile_in_place(browse: Browse, ben: User, asset: Asset) -> None:
    needed = {asset.media_id}
    register(lambda media_ids: {key: Use(2, 1) for key in media_ids if key in needed})
    answer = browse(ben).post(f"/assets/{asset.pk}/delete", headers=HTMX)
    assert (answer["HX-Retarget"], answer["HX-Reswap"]) == ("#answers", "afterbegin")
    needed.clear()


def test_needed_asset_is_not_deleted(browse: Browse, ben: User, asset: Asset) -> None:
    needed = {asset.media_id}
    register(lambda media_ids: {key: Use(2, 1) for key in media_ids if key in needed})
    answer = browse(ben).post(f"/assets/{asset.pk}/delete")
    assert (answer.status_code, "A job under way needs it." in answer.text, "2 uses" in answer.text) == (
        422,
        True,
        True,
    )
    needed.clear()


@pytest.mark.parametrize("kind", BYTES)
def test_bytes_are_for_the_project(browse: Browse, vic: User, cat: User, asset: Asset, kind: str) -> None:
    answer = browse(vic).get(f"/assets/{asset.pk}/{kind}")
    assert (answer.status_code, len(body(answer)) > 100) == (200, True)
    assert (answer["X-Content-Type-Options"], "sandbox" in answer["Content-Security-Policy"]) == ("nosniff", True)
    assert answer["Content-Type"].startswith("image/")
    assert browse(cat).get(f"/assets/{asset.pk}/{kind}").status_code == 404
    assert browse(vic).post(f"/assets/{asset.pk}/{kind}").status_code == 405


def test_download_has_the_assets_name_and_its_own_ending(browse: Browse, ben: User, asset: Asset) -> None:
    library.rename(asset, "Dusk over the harbour.exe")
    answer = browse(ben).get(f"/assets/{asset.pk}/download")
    assert body(answer).startswith(b"\x89PNG")
    assert answer["Content-Disposition"] == 'attachment; filename="dusk-over-the-harbour.png"'


def test_names_are_shown_as_text(browse: Browse, ben: User, asset: Asset) -> None:
    library.rename(asset, "<img src=x onerror=alert(1)>")
    text = browse(ben).get(LIBRARY).text
    assert "<img src=x" not in text
    assert "&lt;img src=x" in text


def test_viewer_looks_and_a_stranger_finds_nothing(browse: Browse, vic: User, cat: User, asset: Asset) -> None:
    assert browse(vic).get(LIBRARY).status_code == 200
    assert 'type="file"' not in browse(vic).get(LIBRARY).text
    assert browse(cat).get(LIBRARY).status_code == 404
    for name in POSTS:
        assert browse(vic).post(LIBRARY + name).status_code == 403
        assert browse(cat).post(LIBRARY + name).status_code == 404
        assert browse(vic).get(LIBRARY + name).status_code == 405
    for name in ASSET_POSTS:
        assert browse(vic).post(f"/assets/{asset.pk}/{name}").status_code == 403
        assert browse(cat).post(f"/assets/{asset.pk}/{name}").status_code == 404
        assert browse(vic).get(f"/assets/{asset.pk}/{name}").status_code == 405


def test_signed_out_upload_goes_to_the_sign_in(client: Client, project: Project, tmp_path: Path, data: Path) -> None:
    answer = client.post(f"{LIBRARY}upload", {"files": photo(tmp_path)})
    assert (answer.status_code, answer["Location"].split("?")[0]) == (302, "/accounts/login/")
    assert left_behind(data) == []


def test_billing_seat_may_not_upload(browse: Browse, bill: User, project: Project, tmp_path: Path) -> None:
    Membership.objects.create(project=project, user=bill, role="manager")
    assert browse(bill).post(f"{LIBRARY}upload", {"files": photo(tmp_path)}).status_code == 403


@pytest.fixture
def output(priced_project: Project, ben: User, tmp_path: Path) -> Output:
    clip = render(tmp_path / "clip.mp4", *H264, *FASTSTART, size="640x360", seconds=2)
    job = builders.job(priced_project, ben)
    return Output.objects.create(job=job, media=archive.keep(clip, motion=False), created_at=timezone.now())


def test_frame_goes_into_the_library_once(browse: Browse, ben: User, output: Output) -> None:
    for _ in range(2):
        answer = browse(ben).post(f"/outputs/{output.pk}/frame", {"seconds": "1.25"})
        assert answer["Location"] == LIBRARY
    found = Asset.objects.get()
    assert found.name == "Frame of “Dusk walk over the harbour” 1.25 s"
    assert found.media
    assert (found.media.content_type, found.media.width_px, found.media.height_px) == ("image/png", 640, 360)
    assert MediaFile.objects.count() == 2


@pytest.mark.parametrize("seconds", ["", "x", "nan", "inf", "-1", "99"])
def test_frame_outside_the_clip_is_refused(browse: Browse, ben: User, output: Output, seconds: str) -> None:
    answer = browse(ben).post(f"/outputs/{output.pk}/frame", {"seconds": seconds})
    assert (answer.status_code, "There is no frame at this time" in answer.text) == (422, True)


def test_frame_is_cut_for_members_only(browse: Browse, vic: User, cat: User, output: Output) -> None:
    path = f"/outputs/{output.pk}/frame"
    assert browse(vic).post(path, {"seconds": "1"}).status_code == 403
    assert browse(cat).post(path, {"seconds": "1"}).status_code == 404
    assert browse(vic).get(path).status_code == 405
