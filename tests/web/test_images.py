"""Images in the composer, on their card and page: asked for, shown, taken up, and unknown."""

from __future__ import annotations

import re
from typing import Any

import httpx
import pytest
from django.test import Client

from generations.accounts.models import User
from generations.jobs.models import Job, Output
from generations.jobs.states import State
from generations.media.models import Asset, MediaFile
from generations.projects.models import Project
from tests.builders import NOW
from tests.jobs.test_imaging import images_job, send, urls
from tests.web.conftest import HTMX, Browse, form

BOARD = "/projects/dusk/"
NOT_SENT: dict[str, Any] = dict.fromkeys(("ratio", "seconds", "audio", "seed"))


def images_form(**changes: Any) -> dict[str, Any]:
    usual = {"kind": "image", "model": "grok-imagine-image", "resolution": "1280x720", "images": "3"}
    return form(**(NOT_SENT | usual | changes))


@pytest.fixture
def browser(priced_project: Project, ben: User, browse: Browse) -> Client:
    return browse(ben)


def picture(sha256: str = "ab" * 32) -> MediaFile:
    return MediaFile.objects.create(
        sha256=sha256,
        kind="image",
        size_bytes=1000,
        content_type="image/png",
        storage_name=f"media/ab/{sha256}.png",
        poster_name=f"media/ab/{sha256}-poster.webp",
        width_px=1024,
        height_px=1024,
    )


@pytest.fixture
def ready(priced_project: Project, ben: User) -> Job:
    """Two images, kept."""
    made = send(images_job(priced_project, ben, images=2), urls(2))
    for output, letter in zip(made.outputs.all(), "ab", strict=True):
        Output.objects.filter(pk=output.pk).update(media=picture(letter * 64))
    made.advance(State.SUCCEEDED, now=NOW)
    return made


def test_link_opens_the_composer_for_images(browser: Client) -> None:
    page = browser.get(f"{BOARD}?kind=image").text
    assert re.search(r'name="kind" value="image"', page)
    assert "Grok Imagine Image · SBX 0.0180 an image" in page
    assert "1024x1024" in page
    assert 'name="seconds"' not in page
    assert re.search(r'aria-current="true">.*?Image', page, re.DOTALL)


def test_switch_keeps_what_was_typed(browser: Client) -> None:
    sent = form(kind="image", prompt="A red kite", switch="1")
    page = browser.post(f"{BOARD}model", sent, headers=HTMX)
    assert page["HX-Retarget"] == "#composer"
    assert "A red kite" in page.text
    assert 'name="images"' in page.text


def test_estimate_is_exact_and_by_number(browser: Client) -> None:
    page = browser.post(f"{BOARD}estimate", images_form(images="3"), headers=HTMX).text
    assert re.search(r'id="quote".*?est\..*?SBX 0\.0540', page, re.DOTALL)


def test_generate_queues_one_job_of_images(browser: Client) -> None:
    sent = images_form()
    for _ in range(2):
        assert browser.post(f"{BOARD}generate", sent).status_code == 302
    made = Job.objects.get()
    asked = (made.kind, made.images, made.resolution, made.ratio, made.seconds, made.estimate_micros)
    assert asked == ("image", 3, "1280x720", "16:9", 0, 54_000)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"images": "5"}, "1 to 4 images at once"),
        ({"images": "x"}, "1 to 4 images at once"),
        ({"resolution": "8x8"}, "renders at 1024x1024, 1280x720 or 720x1280"),
        ({"model": "seedance-2.0"}, "Choose one of the models"),
        ({"prompt": " "}, "Describe"),
        ({"prompt": "like @image1"}, "Nothing in the tray is called @image1"),
    ],
)
def test_wrong_field_is_named(browser: Client, changes: dict[str, str], said: str) -> None:
    answer = browser.post(f"{BOARD}generate", images_form(**changes))
    assert (answer.status_code, said in answer.text, Job.objects.count()) == (422, True, 0)


def test_card_shows_every_image(browser: Client, ready: Job) -> None:
    page = browser.get(BOARD).text
    assert page.count("/poster") == 2
    assert "1024 × 1024 · 2 images" in page
    assert "<video" not in page


def test_page_shows_every_image_and_its_file(browser: Client, ready: Job) -> None:
    page = browser.get(f"/jobs/{ready.pk}/").text
    assert [f'src="/outputs/{output.pk}/clip"' in page for output in ready.outputs.all()] == [True, True]
    assert all(letter * 64 in page for letter in "ab")


@pytest.mark.parametrize(("use", "tray"), [("add", "image1"), ("first", "first"), ("last", "last")])
def test_image_is_taken_into_the_tray(browser: Client, ready: Job, use: str, tray: str) -> None:
    output = ready.outputs.all()[1]
    answer = browser.post(f"/outputs/{output.pk}/frame", {"as": use})
    asset = Asset.objects.get()
    assert (answer.status_code, asset.media_id) == (302, output.media_id)
    page = browser.get(answer["Location"]).text
    assert f'value="{tray}:{asset.pk}"' in page
    assert re.search(r'name="kind" value="clip"', page)


def test_image_goes_into_the_composer_as_it_stands(browser: Client, ready: Job) -> None:
    output = ready.outputs.all()[0]
    typed = form(prompt="Half a sentence", model="seedance-2.0") | {"as": "add", "chip": "image4:-x"}
    answer = browser.post(f"/outputs/{output.pk}/frame", typed, headers=HTMX)
    assert answer["HX-Retarget"] == "#tray"
    assert f"image5:{Asset.objects.get().pk}" in answer.text


def test_composer_of_images_becomes_one_of_clips(browser: Client, ready: Job) -> None:
    output = ready.outputs.all()[0]
    answer = browser.post(f"/outputs/{output.pk}/frame", images_form(prompt="Kept") | {"as": "first"}, headers=HTMX)
    assert answer["HX-Retarget"] == "#composer"
    assert "Kept" in answer.text
    assert f"first:{Asset.objects.get().pk}" in answer.text


def test_taking_up_is_for_members(browse: Browse, vic: User, cat: User, ready: Job) -> None:
    path = f"/outputs/{ready.outputs.all()[0].pk}/frame"
    assert [browse(who).post(path, {"as": "add"}).status_code for who in (vic, cat)] == [403, 404]
    assert browse(vic).get(path).status_code == 405


def test_remix_of_images_fills_the_composer(browser: Client, ready: Job) -> None:
    page = browser.get(f"{BOARD}?from={ready.pk}").text
    assert re.search(r'name="kind" value="image"', page)
    assert ready.prompt in page
    assert re.search(r'<option value="2"\s+selected', page)


def test_unknown_images_offer_no_task(browse: Browse, ann: User, priced_project: Project, ben: User) -> None:
    made = send(images_job(priced_project, ben), httpx.ReadTimeout("late"))
    page = browse(ann).get(f"/jobs/{made.pk}/unknown/").text
    assert "Ask the relay and attach it" not in page
    assert "Confirm that it was not made" in page
    assert "Send it again" in page
    answer = browse(ann).post(f"/jobs/{made.pk}/unknown/1/attach", {"task_id": "task_1"})
    assert (answer.status_code, Job.objects.get().state) == (422, "unknown")


def test_html_in_a_prompt_stays_text(browser: Client, ready: Job) -> None:
    Job.objects.update(prompt="<img src=x onerror=alert(1)>")
    for path in (BOARD, f"/jobs/{ready.pk}/"):
        assert "<img src=x" not in browser.get(path).text


def test_switch_says_nothing_of_changes(browser: Client) -> None:
    page = browser.post(f"{BOARD}model", form(kind="image", switch="1"), headers=HTMX).text
    assert "Changed for" not in page
