"""The gallery by mouse and keys: tiles that load by themselves, one preview at a time, frames, the way to the next."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import Visit
from tests.journeys.running import Studio

pytestmark = pytest.mark.journey

CLIPS = """
import datetime as dt, pathlib, tempfile
from django.conf import settings
from django.utils import timezone
from generations.accounts.models import User
from generations.media import archive
from generations.projects.models import Project
from tests import builders
from tests.media.clips import FASTSTART, H264, render
project, ada, now = Project.objects.get(), User.objects.get(email="ada@example.com"), timezone.now()
path = pathlib.Path(tempfile.mkdtemp(dir=settings.DATA_DIR)) / "clip.mp4"
media = archive.keep(render(path, *H264, *FASTSTART))
for at in range(70):
    builders.item(project, ada, prompt=f"Heron number {at}", media=media, now=now - dt.timedelta(minutes=at))
"""


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory, browser: object) -> Iterator[Studio]:
    """A studio with seventy items."""
    studio = Studio(tmp_path_factory.mktemp("gallery"))
    studio.start()
    studio.run(CLIPS)
    yield studio
    studio.stop()


def test_tiles_load_by_themselves_and_one_preview_plays(visit: Visit, filled: Studio) -> None:
    page = visit(filled).sign_in()
    page.keyboard.type("gg")
    page.wait_for_url("**/gallery/")
    expect(page.locator(".tile")).to_have_count(60)
    expect(page.locator("video")).to_have_count(0)
    page.locator(".tile").nth(2).hover()
    expect(page.locator("video.plays")).to_have_count(1)
    page.locator(".tile-link").nth(5).focus()
    page.mouse.move(1, 1)
    expect(page.locator(".tile").nth(5).locator("video")).to_have_count(1)
    expect(page.locator("video")).to_have_count(1)
    page.locator("#next").scroll_into_view_if_needed()
    expect(page.locator(".tile")).to_have_count(70)
    expect(page.locator("#next a")).to_have_count(0)


def test_found_by_words_watched_by_frames_and_left_for_the_next(visit: Visit, filled: Studio) -> None:
    page = visit(filled).sign_in()
    page.goto(f"{filled.url}/gallery/")
    page.keyboard.press("/")
    page.keyboard.type("number 4*")
    page.keyboard.press("Enter")
    expect(page.locator(".tile")).to_have_count(11)
    page.locator(".tile-link").nth(1).press("Enter")
    heading = page.locator("h1")
    expect(heading).to_contain_text("Heron number")
    first = heading.text_content()
    expect(page.locator(".player-time")).to_have_text("0:00.00 · 0")
    for key, frame in ((".", 1), (".", 2), (",", 1)):
        page.keyboard.press(key)
        expect(page.locator(".player-time")).to_contain_text(f"· {frame}")
    page.keyboard.press("]")
    expect(heading).not_to_have_text(str(first))
    page.keyboard.press("[")
    expect(heading).to_have_text(str(first))


def test_still_without_motion_and_whole_without_scripts(visit: Visit, filled: Studio) -> None:
    still = visit(filled, reduced_motion="reduce").sign_in()
    still.goto(f"{filled.url}/gallery/")
    still.locator(".tile").nth(2).hover()
    still.wait_for_timeout(500)
    expect(still.locator("video")).to_have_count(0)
    plain = visit(filled, java_script_enabled=False).sign_in()
    plain.goto(f"{filled.url}/gallery/?q=heron")
    plain.get_by_role("link", name="More").click()
    expect(plain.locator(".tile")).to_have_count(10)
    plain.locator(".tile-link").first.click()
    expect(plain.locator("video[controls]")).to_have_count(1)
