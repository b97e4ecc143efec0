"""Two images into the tray, one mentioned, sorted by keyboard: the relay gets the right numbers."""

import json
import re
import urllib.request
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import Visit
from tests.journeys.running import Studio
from tests.journeys.test_every_page import look
from tests.journeys.test_first_clip import PATIENCE
from tests.journeys.test_library import give
from tests.media import samples

pytestmark = pytest.mark.journey
BOARD = "/projects/first-steps/"


def upload(page: Page, studio: Studio, folder: Path) -> None:
    page.goto(f"{studio.url}{BOARD}media/")
    files = [samples.image(folder / f"{name}.png", width, 480) for name, width in (("fox", 640), ("owl", 500))]
    page.set_input_files("[name=files]", files)
    expect(page.locator("#assets .asset", has_text="owl")).to_be_visible()
    page.goto(studio.url + BOARD)


def sent(studio: Studio, prompt: str) -> dict[str, object]:
    address = f"http://127.0.0.1:{studio.sandbox_port}/sandbox/tasks"
    asked = urllib.request.Request(address, headers={"Authorization": "Bearer sbx-look"})
    with urllib.request.urlopen(asked) as answer:
        return next(task["request"] for task in json.load(answer)["tasks"] if task["prompt"] == prompt)


def test_mention_reaches_the_relay_by_its_number(visit: Visit, studio: Studio, tmp_path: Path) -> None:
    page = visit(color_scheme="dark").sign_in()
    upload(page, studio, tmp_path)
    page.select_option("[name=model]", "seedance-2.0")
    page.locator("#picker summary").click()
    for name, tag in (("fox", "image1"), ("owl", "image2")):
        page.get_by_role("button", name=re.compile(f"Add {name}")).click()
        expect(page.locator(f"#chip-{tag}")).to_be_visible()
    page.locator("#prompt").press_sequentially("Close on @")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator("#prompt")).to_have_value("Close on @image2 ")
    page.locator("#left-image2").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#tray-chips > li").first).to_have_id("chip-image2")
    assert page.evaluate("document.activeElement.id") == "left-image2"
    expect(page.locator("#tray-note")).to_contain_text("@image1 is not mentioned")
    look(page, "tray-dark")
    page.fill("[name=seconds]", "4")
    page.select_option("[name=resolution]", "480p")
    page.locator("#generate").click()
    card = page.locator("[id^=job-]", has_text="Close on @image2").first
    expect(card).to_have_attribute("data-state", "succeeded", timeout=PATIENCE)
    body = sent(studio, "Close on @image1")
    assert len(body["metadata"]["content"]) == 2  # type: ignore[index]
    card.locator("a[href^='/jobs/']").first.click()
    expect(page.locator(".prompt", has_text="Close on @image1")).to_be_visible()
    look(page, "tray-job-dark")


@pytest.mark.parametrize("size", [(1280, 900), (390, 844)])
def test_tray_without_javascript(visit: Visit, studio: Studio, size: tuple[int, int]) -> None:
    page = visit(java_script_enabled=False, viewport={"width": size[0], "height": size[1]}).sign_in()
    page.goto(studio.url + BOARD)
    page.select_option("[name=model]", "seedance-2.0")
    page.get_by_role("button", name="Use this model").click()
    page.fill("[name=prompt]", "The owl and @image1 wait")
    page.locator("#picker summary").click()
    page.get_by_role("button", name=re.compile("Add fox")).click()
    expect(page.locator("#chip-image1")).to_be_visible()
    assert page.input_value("[name=prompt]") == "The owl and @image1 wait"
    page.get_by_role("button", name="Take out image1").click()
    expect(page.locator("#chip-image1")).to_have_count(0)


TWICE = """names => names.forEach(name => document.querySelector(`[aria-label="${name}"]`).click())"""


def open_tray(visit: Visit, studio: Studio, **options: object) -> Page:
    """The board with Seedance chosen and the library's files to pick from."""
    page = visit(**options).sign_in()
    page.goto(studio.url + BOARD)
    page.select_option("[name=model]", "seedance-2.0")
    page.locator("#picker summary").click()
    expect(page.get_by_role("button", name=re.compile("Add fox"))).to_be_enabled()
    return page


def test_full_tray_is_clear_by_light_on_a_phone(visit: Visit, studio: Studio, tmp_path: Path) -> None:
    """Two presses before the first is answered: both count. What stands beside the other is then greyed, with why."""
    page = open_tray(visit, studio, color_scheme="light", viewport={"width": 390, "height": 844})
    page.evaluate(TWICE, ["Add fox.png", "First frame: owl.png"])
    expect(page.locator("#problem-tray")).to_contain_text("one or the other")
    expect(page.locator("#chip-image1")).to_be_visible()
    page.get_by_role("button", name="Take out first").click()
    expect(page.get_by_role("button", name=re.compile("First frame: owl"))).to_be_disabled()
    expect(page.locator("#picks-note")).to_contain_text("A frame can't stand beside references")
    page.locator("#picks").evaluate("list => list.scrollIntoView({block: 'center'})")  # not under the sticky foot
    look(page, "tray-light")


def test_dropped_and_pasted_files_stand_in_the_tray_and_outlive_a_reload(
    visit: Visit, studio: Studio, tmp_path: Path
) -> None:
    page = open_tray(visit, studio)
    give(page, "drop", samples.image(tmp_path / "drop", 720, 480), "hare.png", "#composer")
    give(page, "paste", samples.image(tmp_path / "paste", 730, 480), "lynx.png", "#prompt")
    expect(page.locator("#chip-image2 [title='lynx.png']")).to_be_visible()
    page.fill("#prompt", "@image2 meets @image1")
    page.get_by_role("button", name="Take out image1").click()
    expect(page.locator("#problem-prompt")).to_contain_text("@image1")
    page.reload()
    expect(page.locator("#chip-image2 [title='lynx.png']")).to_be_visible()
    expect(page.locator("#chip-image1")).to_have_count(0)
    assert page.input_value("#prompt") == "@image2 meets @image1"
