"""The tray: chips added, sorted and taken out by buttons of the form; what is refused; the job that is made of it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from generations.accounts.models import User
from generations.jobs.models import Job
from generations.media import library
from generations.media.models import Asset
from generations.projects.models import Project
from tests import builders
from tests.media import samples
from tests.web.conftest import HTMX, Browse, form

BOARD = "/projects/dusk/"
TRAY = f"{BOARD}tray"


@pytest.fixture(autouse=True)
def data(tmp_path: Path, settings: Settings) -> None:
    settings.DATA_DIR = tmp_path / "data"
    settings.MEDIA_ROOT = tmp_path / "data" / "media"


@pytest.fixture
def browser(priced_project: Project, ben: User, browse: Browse) -> Client:
    return browse(ben)


@pytest.fixture
def assets(tmp_path: Path, priced_project: Project, ben: User) -> list[Asset]:
    return [
        library.add(
            samples.image(tmp_path / f"sent{width}", width, 480),
            project=priced_project,
            user=ben,
            name=f"{width}.png",
            now=timezone.now(),
        )
        for width in (640, 500)
    ]


def chips(page: str) -> list[str]:
    return re.findall(r'name="chip"\s+value="([^"]+)"', page)


def press(browser: Client, do: str, sent: list[str], **changes: Any) -> str:
    return browser.post(TRAY, form(**changes) | {"chip": sent, "do": do}, headers=HTMX).text


def two(assets: list[Asset]) -> list[str]:
    return [f"image1:{assets[0].pk}", f"image2:{assets[1].pk}"]


def test_chips_are_added_in_order_and_once(browser: Client, assets: list[Asset]) -> None:
    sent: list[str] = []
    for asset in (*assets, assets[0]):
        sent = chips(press(browser, f"add:{asset.pk}", sent))
    assert sent == two(assets)


def test_sorting_keeps_what_each_mention_means(browser: Client, assets: list[Asset]) -> None:
    first, second = two(assets)
    assert chips(press(browser, "left:image2", [first, second])) == [second, first]
    assert chips(press(browser, "left:image1", [first, second])) == [first, second]


def test_tag_that_is_mentioned_goes_to_no_other_chip(browser: Client, assets: list[Asset]) -> None:
    left = chips(press(browser, "remove:image1", two(assets)[:1], prompt="@image1 walks"))
    assert left == [f"image1:-{assets[0].pk}"]
    assert chips(press(browser, f"add:{assets[1].pk}", left, prompt="@image1 walks"))[0] == f"image2:{assets[1].pk}"
    assert chips(press(browser, f"add:{assets[0].pk}", left, prompt="@image1 walks")) == two(assets)[:1]


def test_tray_works_without_htmx(browser: Client, assets: list[Asset]) -> None:
    page = browser.post(TRAY, form(prompt="Kept words") | {"do": f"first:{assets[0].pk}"}).text
    assert chips(page) == [f"first:{assets[0].pk}"]
    assert "Kept words</textarea>" in page


def test_job_is_shown_the_tray_and_numbered_by_its_order(browser: Client, assets: list[Asset]) -> None:
    sent = form(prompt="@image2 meets @image1") | {"chip": two(assets)[::-1]}
    assert browser.post(f"{BOARD}generate", sent).status_code == 302
    job = Job.objects.get()
    assert [(each.tag, each.media) for each in job.inputs.all()] == [
        ("image2", assets[1].media),
        ("image1", assets[0].media),
    ]
    page = browser.get(job.get_absolute_url()).text
    assert "@image1 meets @image2" in page
    assert all(asset.media and asset.media.sha256 in page for asset in assets)


def test_same_form_with_its_tray_twice_is_one_job(browser: Client, assets: list[Asset]) -> None:
    sent = form() | {"chip": two(assets)}
    assert [browser.post(f"{BOARD}generate", sent).status_code for _ in range(2)] == [302, 302]
    assert Job.objects.count() == 1


@pytest.mark.parametrize(
    ("changes", "tags", "field", "words"),
    [
        ({"prompt": "@image3 walks"}, ["image1"], "prompt", "@image3"),
        ({}, ["first", "image2"], "tray", "one or the other"),
        ({}, ["last"], "tray", "needs a first one"),
        ({"model": "seedance-1.5-pro"}, ["image1"], "tray", "takes no references"),
        (
            {"model": "grok-imagine-video", "seed": None, "seconds": "6"},
            ["image1", "image2"],
            "tray",
            "1 at most, not 2",
        ),
    ],
)
def test_refusal_says_the_rule_at_its_field(
    browser: Client, assets: list[Asset], changes: dict[str, Any], tags: list[str], field: str, words: str
) -> None:
    sent = [f"{tag}:{asset.pk}" for tag, asset in zip(tags, assets, strict=False)]
    answer = browser.post(f"{BOARD}generate", form(**changes) | {"chip": sent})
    said = re.search(rf'id="problem-{field}"[^>]*>(.*?)</p>', answer.text, re.DOTALL)
    assert answer.status_code == 422
    assert said
    assert words in said[1]
    assert chips(answer.text) == sent
    assert not Job.objects.exists()


def test_unmentioned_chip_is_said_and_sent(browser: Client, assets: list[Asset]) -> None:
    assert "@image1 is not mentioned" in press(browser, f"add:{assets[0].pk}", [])


@pytest.mark.parametrize(
    ("tag", "changes", "greyed", "why"),
    [
        ("image1", {}, {"first", "last"}, "A frame can&#x27;t stand beside references"),
        ("first", {}, {"add"}, "References can&#x27;t stand beside a first or last frame"),
        ("", {"model": "seedance-1.5-pro"}, {"add"}, "takes no images as references"),
        ("", {}, set(), ""),
    ],
)
def test_what_cannot_be_added_is_greyed_with_the_reason(
    browser: Client, assets: list[Asset], tag: str, changes: dict[str, Any], greyed: set[str], why: str
) -> None:
    page = press(browser, "", [f"{tag}:{assets[0].pk}"] if tag else [], **changes)
    buttons = re.findall(rf'id="(add|first|last)-{assets[1].pk}".*?title="[^"]*"\s*(disabled)?\s*>', page, re.DOTALL)
    note = re.search(r'id="picks-note"[^>]*>(.*?)</p>', page)
    assert {name for name, is_greyed in buttons if is_greyed} == greyed
    assert note
    assert note[1].startswith(why) if not changes else why in note[1]


def test_asset_of_another_project_is_none(browser: Client, assets: list[Asset], cat: User) -> None:
    other = builders.project("Other", manager=cat)
    Asset.objects.filter(pk=assets[0].pk).update(project=other)
    assert chips(press(browser, f"add:{assets[0].pk}", [])) == []
    answer = browser.post(f"{BOARD}generate", form() | {"chip": two(assets)[:1]})
    assert (answer.status_code, "left the library" in answer.text) == (422, True)


def test_edit_prompt_brings_the_tray_back(browser: Client, assets: list[Asset]) -> None:
    browser.post(f"{BOARD}generate", form(prompt="@image2 walks") | {"chip": two(assets)})
    page = browser.get(f"{BOARD}?from={Job.objects.get().pk}").text
    assert chips(page) == two(assets)


def test_change_of_model_keeps_the_tray_and_says_what_it_takes(browser: Client, assets: list[Asset]) -> None:
    page = browser.post(f"{BOARD}model", form(model="seedance-1.5-pro") | {"chip": two(assets)}, headers=HTMX).text
    assert chips(page) == two(assets)
    assert "takes no references, only frames" in page


def test_asset_in_use_stays_until_the_job_has_ended(browser: Client, assets: list[Asset]) -> None:
    browser.post(f"{BOARD}generate", form() | {"chip": two(assets)})
    assert "A job under way needs it." in browser.post(f"/assets/{assets[0].pk}/delete").text
    browser.post(f"/jobs/{Job.objects.get().pk}/cancel")
    assert browser.post(f"/assets/{assets[0].pk}/delete").status_code == 302


def test_library_is_searched_for_the_tray(browser: Client, assets: list[Asset]) -> None:
    page = press(browser, "find", [], find="500")
    assert (f"add:{assets[1].pk}" in page, f"add:{assets[0].pk}" in page) == (True, False)


def test_tray_is_for_members(browse: Browse, priced_project: Project, vic: User, cat: User) -> None:
    assert browse(vic).post(TRAY, form()).status_code == 403
    assert browse(cat).post(TRAY, form()).status_code == 404
    assert browse(vic).get(TRAY).status_code == 405


def test_picture_of_an_input_is_for_who_sees_the_job(
    browser: Client, browse: Browse, assets: list[Asset], vic: User, cat: User
) -> None:
    browser.post(f"{BOARD}generate", form() | {"chip": two(assets)})
    address = f"/jobs/{Job.objects.get().pk}/inputs/1"
    answer = browse(vic).get(address)
    assert (answer["Content-Type"], bool(b"".join(answer.streaming_content))) == ("image/webp", True)  # type: ignore[attr-defined]
    assert [browse(cat).get(address).status_code, browser.get(address[:-1] + "7").status_code] == [404, 404]
