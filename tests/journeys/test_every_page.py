"""Every page, light and dark, desk and phone: nothing for axe to find, nothing for the browser to complain of."""

import os
import re
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.journeys.conftest import Visit
from tests.journeys.running import PEOPLE, Studio
from tests.journeys.test_first_clip import PATIENCE, generate

pytestmark = pytest.mark.journey

# Colours on their way from one scheme or state to another are nobody's to judge.
COLOURS_ARRIVED = """() => Promise.allSettled(
  document.getAnimations().filter((each) => each instanceof CSSTransition).map((each) => each.finished))"""
SIZES = {"desk": {"width": 1280, "height": 900}, "phone": {"width": 390, "height": 844}}
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa", "best-practice"]}
PROMPTS = {
    "succeeded": "A heron lifts off a foggy lake at sunrise, long lens, 35mm grain",
    "failed": "[blocked] A masked crowd in a burning street",
    "unknown": "[lost-answer] Paper boats in a gutter after the storm",
    "running": "[stuck] Endless stairs that lead nowhere",
}
SIGNED_OUT = ["/accounts/login/", "/accounts/password/reset/", "/accounts/password/reset/done/"]
SIGNED_IN = [
    "/projects/",
    "/projects/first-steps/",
    "/projects/first-steps/?kind=image",
    "/projects/first-steps/settings/",
    "/projects/first-steps/templates/",
    "/projects/first-steps/media/",
    "/projects/first-steps/settings/gallery/",
    "/gallery/",
    "/gallery/?q=heron&stars=1",
    "/gallery/?shelf=bin",
    "/gallery/compare/",
    "/collections/",
    "/feed/",
    "/spend/",
    "/spend/jobs/",
    "/spend/waste/",
    "/spend/waste/jobs/?kind=unplayed",
    "/spend/prices/",
    "/spend/prices/1/",
    "/spend/prices/1/replay/",
    "/spend/truth/",
    "/spend/adjustments/",
    "/spend/budgets/",
    "/spend/budgets/studio/0/",
    "/approvals/",
    "/people/",
    "/instructions/",
    "/key/",
    "/people/rights/",
    "/people/audit/",
    "/account/",
    "/account/notices/",
    "/notices/",
    "/queue/",
    "/accounts/password/change/",
    "/accounts/2fa/",
    "/accounts/logout/",
    "/no-such-page/",
]


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory, browser: object) -> Iterator[Studio]:
    """A studio of its own, empty until a test fills it."""
    studio = Studio(tmp_path_factory.mktemp("pages"))
    studio.start()
    studio.run(PEOPLE)
    yield studio
    studio.stop()


def problems_of(page: Page, name: str) -> list[tuple[str, str, list[str]]]:
    """What axe finds, and sideways scrolling; keeps a picture where SHOTS says."""
    if shots := os.environ.get("SHOTS"):
        page.screenshot(path=Path(shots) / f"{name}.png", full_page=True)
    page.evaluate(COLOURS_ARRIVED)
    found = Axe().run(page, options=RULES).response["violations"]
    problems = [(name, rule["id"], [node["html"] for node in rule["nodes"]]) for rule in found]
    is_wide = not page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    return problems + ([(name, "scrolls sideways", [])] if is_wide else [])


def look(page: Page, name: str) -> None:
    assert problems_of(page, name) == []


def walk(visit: Visit, studio: Studio, label: str, paths: list[str], size: str, scheme: str) -> None:
    """Through all of them, and only then fails, so that one run tells everything."""
    visitor = visit(studio, viewport=SIZES[size], color_scheme=scheme)
    page, problems = visitor.sign_in(), []
    for path in paths:
        page.goto(studio.url + path)
        problems += problems_of(page, f"{label}{re.sub('[^a-z0-9]+', '-', path)}{size}-{scheme}")
    visitor.complaints[:] = [said for said in visitor.complaints if "status of 404" not in said]
    assert problems == []


def item_pages(studio: Studio) -> list[str]:
    rows = studio.query("SELECT output_id FROM generations_item ORDER BY id LIMIT 1")
    return [f"/gallery/{uuid.UUID(str(output_id))}/" for (output_id,) in rows]


def job_pages(studio: Studio) -> list[str]:
    rows = studio.query("SELECT id FROM generations_job ORDER BY created_at")
    return [f"/jobs/{uuid.UUID(str(job_id))}/" for (job_id,) in rows]


@pytest.mark.parametrize("scheme", ["dark", "light"])
@pytest.mark.parametrize("size", SIZES)
def test_signed_out_pages(visit: Visit, full: Studio, size: str, scheme: str) -> None:
    visitor = visit(full, viewport=SIZES[size], color_scheme=scheme)
    for path in SIGNED_OUT:
        look(visitor.open(path), f"out{path.replace('/', '-')}{size}-{scheme}")


@pytest.mark.parametrize(("size", "scheme"), [("desk", "light"), ("phone", "dark")])
def test_empty_pages(visit: Visit, full: Studio, size: str, scheme: str) -> None:
    walk(visit, full, "empty", SIGNED_IN, size, scheme)


def test_pages_are_filled(visit: Visit, full: Studio) -> None:
    """One job of each kind; every later test of this file looks at them."""
    page = visit(full).sign_in()
    page.goto(f"{full.url}/projects/first-steps/")
    for state, prompt in PROMPTS.items():
        card = generate(page, prompt)
        expect(card).to_have_attribute("data-state", state, timeout=PATIENCE)
    page.goto(f"{full.url}/projects/first-steps/?kind=image")
    page.fill("[name=prompt]", "A paper moon over a paper sea")
    page.select_option("[name=images]", "3")
    page.get_by_role("button", name=re.compile("^Generate")).click()
    card = page.locator("[id^=job-]", has_text="A paper moon").first
    expect(card.locator(".pictures img")).to_have_count(3, timeout=PATIENCE)


@pytest.mark.parametrize("scheme", ["dark", "light"])
@pytest.mark.parametrize("size", SIZES)
def test_full_pages(visit: Visit, full: Studio, size: str, scheme: str) -> None:
    walk(visit, full, "full", [*SIGNED_IN, *job_pages(full), *item_pages(full)], size, scheme)


@pytest.mark.parametrize("scheme", ["dark", "light"])
def test_refused_form_keeps_everything_and_is_clear(visit: Visit, full: Studio, scheme: str) -> None:
    page = visit(full, color_scheme=scheme).sign_in()
    page.goto(f"{full.url}/projects/first-steps/")
    page.fill("[name=prompt]", "Kept words --rs 1080p")
    page.fill("[name=seconds]", "99")
    page.get_by_role("button", name=re.compile("^Generate")).click()
    expect(page.locator("#problem-seconds")).to_contain_text("15")
    expect(page.locator("#problem-prompt")).to_contain_text("--rs")
    assert (page.input_value("[name=prompt]"), page.input_value("[name=seconds]")) == ("Kept words --rs 1080p", "99")
    look(page, f"refused-{scheme}")


def test_whole_way_by_keyboard_alone(visit: Visit, full: Studio) -> None:
    page = visit(full).open("/accounts/login/")
    page.focus("[name=login]")
    page.keyboard.type("ada@example.com")
    page.keyboard.press("Tab")
    page.keyboard.type("correct horse battery")
    page.keyboard.press("Enter")
    page.wait_for_url("**/projects/")
    page.goto(f"{full.url}/projects/first-steps/")
    page.focus("[name=prompt]")
    page.keyboard.type("Typed without a mouse")
    page.keyboard.press("Control+Enter")
    card = page.locator("[id^=job-]", has_text="Typed without a mouse").first
    expect(card).to_have_attribute("data-state", "succeeded", timeout=PATIENCE)
    assert page.evaluate("document.activeElement !== document.body")
    card.get_by_role("link", name="Typed without a mouse").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/jobs/**")
