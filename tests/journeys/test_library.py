"""The library in a browser: files dropped, pasted, chosen, sent without JavaScript, and brought from an address."""

from __future__ import annotations

import base64
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import Visit
from tests.journeys.running import Studio
from tests.journeys.test_every_page import SIZES, look
from tests.media import samples
from tests.media.clips import FASTSTART, H264, render

pytestmark = pytest.mark.journey
LIBRARY = "/projects/first-steps/media/"
PATIENCE = 30_000

GIVE = """([kind, name, type, content, at]) => {
  const bytes = Uint8Array.from(atob(content), (letter) => letter.charCodeAt(0));
  const data = new DataTransfer();
  data.items.add(new File([bytes], name, { type }));
  const event = kind === "paste"
    ? new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true })
    : new DragEvent(kind, { dataTransfer: data, bubbles: true, cancelable: true });
  document.querySelector(at).dispatchEvent(event);
}"""


def give(page: Page, kind: str, path: Path, name: str, at: str = "main") -> None:
    """A file dropped on the page, or pasted into it."""
    content = base64.b64encode(path.read_bytes()).decode()
    page.evaluate(GIVE, [kind, name, "application/octet-stream", content, at])


def open_library(visit: Visit, studio: Studio, **options: object) -> Page:
    page = visit(**options).sign_in("ben@example.com")
    page.goto(studio.url + LIBRARY)
    return page


def test_files_are_chosen_dropped_and_pasted(visit: Visit, studio: Studio, tmp_path: Path, shots: Path | None) -> None:
    page = open_library(visit, studio)
    clip = render(tmp_path / "walk.mp4", *H264, *FASTSTART, size="640x360", seconds=2)
    lie = samples.written(tmp_path / "page.png", samples.HTML)
    page.set_input_files("[name=files]", [samples.photo(tmp_path / "chosen.jpg"), lie, clip])
    give(page, "drop", samples.image(tmp_path / "drop", 700, 500), "dropped.png")
    give(page, "paste", samples.wav(tmp_path / "paste"), "pasted.wav")
    for name in ("chosen.jpg", "walk.mp4", "dropped.png", "pasted.wav"):
        expect(page.get_by_role("heading", name=name, exact=True)).to_be_visible(timeout=PATIENCE)
    expect(page.locator("#answers")).to_contain_text("page.png: Not a JPEG, PNG, WebP")
    shown = page.locator(".asset img[alt='chosen.jpg']")
    expect(shown).to_have_js_property("naturalWidth", 640)
    if shots:
        page.screenshot(path=shots / "library.png", full_page=True)


def test_large_file_is_refused_before_it_is_sent(visit: Visit, studio: Studio, tmp_path: Path) -> None:
    page = open_library(visit, studio)
    sent: list[str] = []
    page.on("request", lambda asked: sent.append(asked.url) if asked.method == "POST" else None)
    page.set_input_files("[name=files]", samples.written(tmp_path / "huge.mp4", bytes(50_000_001)))
    expect(page.locator("#answers .bad")).to_contain_text("up to 50 MB")
    assert sent == []


def test_upload_search_rename_and_delete_without_javascript(visit: Visit, studio: Studio, tmp_path: Path) -> None:
    page = open_library(visit, studio, java_script_enabled=False)
    lie = samples.written(tmp_path / "list.mp4", samples.PLAYLIST)
    page.set_input_files("[name=files]", [samples.image(tmp_path / "plain.png", 640, 400), lie])
    page.get_by_role("button", name="Upload").click()
    expect(page.locator("#answers .bad")).to_contain_text("list.mp4: Not a JPEG, PNG")
    page.get_by_role("searchbox").fill("PLAIN")
    page.get_by_role("button", name="Search").click()
    expect(page.locator(".asset")).to_have_count(1)
    page.locator(".asset summary").click()
    page.get_by_label("Name", exact=True).fill("renamed.png")
    page.get_by_role("button", name="Rename").click()
    page.locator(".asset", has_text="renamed.png").locator("summary").click()
    page.locator(".asset", has_text="renamed.png").get_by_role("button", name="Delete").click()
    expect(page.get_by_text("renamed.png is deleted.")).to_be_visible()
    expect(page.locator(".asset", has_text="renamed.png")).to_have_count(0)


def test_address_inside_is_fetched_by_nobody(visit: Visit, studio: Studio, shots: Path | None) -> None:
    page = open_library(visit, studio)
    page.get_by_label("Address").fill("https://127.0.0.1/secret.png")
    page.get_by_role("button", name="Fetch").click()
    found = page.locator(".asset", has_text="secret.png")
    expect(found).to_have_attribute("data-state", "refused", timeout=PATIENCE)
    expect(found).to_contain_text("does not lead to the open internet")
    if shots:
        page.screenshot(path=shots / "library-refused.png", full_page=True)
    found.locator("summary").click()
    found.get_by_role("button", name="Take away").click()
    expect(found).to_have_count(0)


def test_renaming_stays_on_the_page(visit: Visit, studio: Studio, tmp_path: Path, shots: Path | None) -> None:
    page = open_library(visit, studio)
    give(page, "drop", samples.image(tmp_path / "drop", 720, 500), "before.png")
    found = page.locator(".asset", has_text=re.compile("before|after"))
    expect(found).to_have_count(1, timeout=PATIENCE)
    found.locator("summary").click()
    if shots:
        page.screenshot(path=shots / "library-menu.png", caret="initial")
    found.get_by_label("Name", exact=True).fill("after.png")
    found.get_by_role("button", name="Rename").click()
    expect(page.get_by_role("heading", name="after.png")).to_be_visible()
    expect(found.locator("summary")).to_be_focused()
    found.locator("summary").press("Enter")
    found.get_by_role("button", name="Delete").press("Enter")
    expect(found).to_have_count(0)
    expect(page.get_by_role("heading", name="Media", exact=True)).to_be_focused()


@pytest.mark.parametrize("scheme", ["dark", "light"])
@pytest.mark.parametrize("size", SIZES)
def test_library_with_everything_in_it_is_clear(
    visit: Visit, studio: Studio, tmp_path: Path, size: str, scheme: str
) -> None:
    page = open_library(visit, studio, viewport=SIZES[size], color_scheme=scheme)
    give(page, "drop", samples.wav(tmp_path / "tone", 4), "tone.wav")
    give(page, "drop", samples.written(tmp_path / "page", samples.HTML), "page.png")
    page.get_by_label("Address").fill("https://127.0.0.1/secret.png")
    page.get_by_role("button", name="Fetch").click()
    refused = page.locator(".asset[data-state=refused]").first
    expect(refused).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_text("page.png: Not a")).to_be_visible(timeout=PATIENCE)
    refused.locator("summary").click()
    look(page, f"library-{size}-{scheme}")


def test_viewer_looks_only(visit: Visit, studio: Studio) -> None:
    page = visit().sign_in("vic@example.com")
    page.goto(f"{studio.url}/projects/first-steps/")
    page.get_by_role("link", name="Media").click()
    expect(page.get_by_role("heading", name="Media", exact=True)).to_be_visible()
    expect(page.locator("[type=file], .asset summary")).to_have_count(0)
