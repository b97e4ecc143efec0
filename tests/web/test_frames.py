"""A frame of a clip taken up in the composer, extended from its end; upscale and family on the job's page."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from generations.accounts.models import User
from generations.catalog.models import Price, PriceList
from generations.jobs.models import Job, Output
from generations.media import archive, frames
from generations.media.models import Asset
from generations.projects.models import Project
from tests.builders import job, ready_job
from tests.media.clips import FASTSTART, H264, render
from tests.web.conftest import HTMX, Browse, form

BOARD = "/projects/dusk/"


@pytest.fixture
def browser(priced_project: Project, ben: User, browse: Browse) -> Client:
    return browse(ben)


@pytest.fixture
def output(priced_project: Project, ben: User, tmp_path: Path, settings: Settings) -> Output:
    """A clip of two seconds, with its bytes."""
    settings.DATA_DIR, settings.MEDIA_ROOT = tmp_path / "data", tmp_path / "data" / "media"
    kept = render(tmp_path / "clip.mp4", *H264, *FASTSTART, size="640x360", seconds=2)
    made = job(priced_project, ben, prompt="A tide comes in")
    return Output.objects.create(job=made, media=archive.keep(kept, motion=False), created_at=timezone.now())


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("use", "tag"), [("add", "image1"), ("first", "first"), ("last", "last")])
def test_frame_lands_in_the_tray(browser: Client, output: Output, use: str, tag: str) -> None:
    answer = browser.post(f"/outputs/{output.pk}/frame", {"at": "1.25", "as": use})
    asset = Asset.objects.get()
    assert asset.name.endswith("1.25 s")
    assert f'value="{tag}:{asset.pk}"' in browser.get(answer["Location"]).text


@pytest.mark.django_db(transaction=True)
def test_frame_joins_what_was_typed(browser: Client, output: Output) -> None:
    typed = form(prompt="Half a sentence @image1", chip="image1:x") | {"at": "0.5", "as": "first"}
    answer = browser.post(f"/outputs/{output.pk}/frame", typed, headers=HTMX)
    assert (answer.status_code, answer["HX-Retarget"]) == (200, "#tray")
    assert f"first:{Asset.objects.get().pk}" in answer.text


@pytest.mark.django_db(transaction=True)
def test_extend_begins_with_the_last_frame_and_keeps_its_parent(browser: Client, output: Output) -> None:
    answer = browser.post(f"/outputs/{output.pk}/frame", {"at": "0.5", "as": "extend"})
    page = browser.get(answer["Location"]).text
    assert output.media
    assert Asset.objects.get().media == frames.frame_at(output.media, 2)
    assert f'value="first:{Asset.objects.get().pk}"' in page
    assert f'name="parent" value="{output.job_id}"' in page
    assert "A tide comes in" in page
    again = browser.post(f"/outputs/{output.pk}/frame", form(prompt="x") | {"as": "extend"}, headers=HTMX)
    assert again["HX-Retarget"] == "#composer"
    assert f'name="parent" value="{output.job_id}"' in again.text


@pytest.mark.django_db(transaction=True)
def test_no_frame_at_that_time_is_said(browser: Client, output: Output) -> None:
    sent = {"at": "99", "as": "first"}
    answer = browser.post(f"/outputs/{output.pk}/frame", sent, headers=HTMX)
    assert (answer.status_code, "There is no frame at this time" in answer.text) == (422, True)
    assert browser.post(f"/outputs/{output.pk}/frame", sent, follow=True).status_code == 200
    assert Asset.objects.count() == 0


def test_upscale_makes_one_job_and_leads_to_it(browser: Client, priced_project: Project, ben: User) -> None:
    Price.objects.create(
        price_list=PriceList.objects.latest("number"),
        relay_model="seedance-upscale-720p",
        unit="per_million_tokens",
        amount_micros=2_000_000,
    )
    parent = ready_job(priced_project, ben)
    page = browser.get(f"/jobs/{parent.pk}/").text
    assert re.search(r'name="resolution" value="720p"', page)
    assert "announced: the relay does not serve it yet" in page
    sent = {"resolution": "720p", "key": "one"}
    answers = [browser.post(f"/jobs/{parent.pk}/upscale", sent) for _ in range(2)]
    made = Job.objects.get(kind="upscale")
    assert [answer["Location"] for answer in answers] == [made.get_absolute_url()] * 2
    assert "Upscale to 720p" in browser.get(made.get_absolute_url()).text


def test_upscale_without_price_says_so(browser: Client, priced_project: Project, ben: User) -> None:
    parent = ready_job(priced_project, ben)
    assert "no price yet" in browser.get(f"/jobs/{parent.pk}/").text
    answer = browser.post(f"/jobs/{parent.pk}/upscale", {"resolution": "720p"})
    assert (answer.status_code, Job.objects.count()) == (422, 1)


def test_upscale_is_for_members(browse: Browse, priced_project: Project, ben: User, vic: User, cat: User) -> None:
    path = f"/jobs/{ready_job(priced_project, ben).pk}/upscale"
    assert [browse(who).post(path, {"resolution": "720p"}).status_code for who in (vic, cat)] == [403, 404]
    assert browse(ben).get(path).status_code == 405


def test_page_shows_the_family(browser: Client, priced_project: Project, ben: User) -> None:
    parent = ready_job(priced_project, ben, prompt="The first of all")
    browser.post(f"{BOARD}generate", form(prompt="<b>second</b>", parent=str(parent.pk)))
    page = browser.get(f"/jobs/{parent.pk}/").text
    assert "&lt;b&gt;second&lt;/b&gt;" in page
    assert "with its branch" in page
