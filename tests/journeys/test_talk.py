"""Find, compare, comment, make again, approve, share, open the link signed out; two browsers see each other's words."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import Visit
from tests.journeys.running import Studio
from tests.journeys.test_every_page import SIZES, look
from tests.journeys.test_first_clip import PATIENCE, generate

pytestmark = pytest.mark.journey

HERON = "A heron lifts off a foggy lake"
FOX = "A fox lifts off a foggy lake"


def looked(page: Page, name: str) -> None:
    """Dark at a desk and light on a phone: nothing for axe to find."""
    for size, scheme in (("phone", "light"), ("desk", "dark")):
        page.set_viewport_size(SIZES[size])  # type: ignore[arg-type]
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        look(page, f"talk-{name}-{size}-{scheme}")


def made(page: Page, studio: Studio, *prompts: str) -> None:
    page.goto(f"{studio.url}/projects/first-steps/")
    for prompt in prompts:
        expect(generate(page, prompt)).to_have_attribute("data-state", "succeeded", timeout=PATIENCE)


def test_clip_is_found_discussed_made_again_approved_and_shared(visit: Visit, studio: Studio) -> None:
    page = visit().sign_in("ann@example.com")
    made(page, studio, HERON, FOX)

    # find, and compare by keyboard alone
    page.goto(f"{studio.url}/gallery/?q=foggy")
    for prompt in (HERON, FOX):
        page.locator(".tile", has_text=prompt).get_by_role("link").first.focus()
        page.keyboard.press("x")
    page.get_by_role("button", name="Compare").focus()
    page.keyboard.press("Enter")
    expect(page.locator("del, ins")).to_have_count(2)
    page.get_by_role("button", name="Play").click()
    page.wait_for_timeout(600)
    page.get_by_role("button", name="Pause").click()
    times = page.locator("video").evaluate_all("clips => clips.map(clip => clip.currentTime)")
    assert times[0] > 0.2
    assert abs(times[0] - times[1]) < 0.1
    page.get_by_label("Wipe", exact=True).check()

    # comment: typing pauses the player and takes its time
    page.goto(f"{studio.url}/gallery/?q=heron")
    page.locator(".tile", has_text=HERON).get_by_role("link").first.click()
    page.wait_for_url(re.compile("/gallery/[0-9a-f-]{36}/"))
    item = page.url.partition("?")[0]
    page.locator("video").first.evaluate("clip => { clip.muted = true; clip.currentTime = 1.5; return clip.play() }")
    page.locator("#comment-text").press_sequentially("@Ben slower here")
    assert page.locator("video").first.evaluate("clip => clip.paused")
    assert page.input_value("#comment-at").startswith("0:0")
    ben = visit().sign_in("ben@example.com")
    ben.goto(item)
    page.get_by_role("button", name="Say").click()
    expect(page.locator(".thread")).to_contain_text("@Ben slower here")
    assert page.input_value("#comment-text") == ""
    expect(page.locator("#marks > li")).to_have_count(1)
    expect(ben.locator(".thread")).to_contain_text("slower here", timeout=PATIENCE)  # without a reload

    # make again with this note: the new clip and the thread lead to one another
    ben.get_by_role("link", name="Make again with this note").click()
    assert ben.input_value("[name=prompt]") == f"{HERON}\n\n@Ben slower here"
    ben.fill("[name=prompt]", "A heron lifts off slowly")
    ben.get_by_role("button", name=re.compile("^Generate")).click()
    card = ben.locator("[id^=job-]", has_text="A heron lifts off slowly").first
    expect(card).to_have_attribute("data-state", "succeeded", timeout=PATIENCE)
    expect(page.locator(".remakes")).to_contain_text("Made again with this note", timeout=PATIENCE)

    # approve, and share
    page.goto(f"{studio.url}/gallery/?q=slowly")
    page.locator(".tile", has_text="slowly").get_by_role("link").first.click()
    expect(page.locator("#comments")).to_contain_text("Made again with a note of Ann")
    page.locator("#review").get_by_role("button", name="Approved").click()
    expect(page.locator("#review .chip").first).to_contain_text("Approved")
    page.get_by_role("button", name="4 stars").click()
    expect(page.get_by_role("button", name="4 stars")).to_have_attribute("aria-pressed", "true")
    page.get_by_role("link", name="Share outside").click()
    page.get_by_label("Let them comment").check()
    page.get_by_role("button", name="Make the link").click()
    link = page.locator("input.link").input_value()

    # open the link signed out
    guest = visit().open(link.removeprefix(studio.url))
    loaded = "clip => new Promise(done => { const tell = () => done(clip.duration); clip.readyState ? tell() : "
    seconds = guest.locator("video").evaluate(loaded + "clip.addEventListener('loadedmetadata', tell) })")
    assert abs(seconds - 4) < 0.2
    assert "heron" not in guest.content().lower()
    guest.fill("[name=name]", "Zoe")
    guest.fill("[name=text]", "We love it")
    guest.get_by_role("button", name="Say").click()
    expect(guest.locator(".thread")).to_contain_text("We love it")
    page.goto(page.url.replace("shares/", ""))
    expect(page.locator(".threads")).to_contain_text("We love it")


def test_talk_and_review_without_javascript(visit: Visit, studio: Studio) -> None:
    page = visit(java_script_enabled=False).sign_in("ann@example.com")
    page.goto(f"{studio.url}/gallery/?q=heron")
    page.locator(".tile").get_by_role("link").first.click()
    page.fill("#comment-text", "Said without scripts")
    page.fill("#comment-at", "0:01.5")
    page.get_by_role("button", name="Say").click()
    thread = page.locator(".thread", has_text="Said without scripts")
    expect(thread).to_contain_text("0:01.5")
    thread.get_by_role("button", name="Resolve").click()
    expect(page.locator(".thread.resolved", has_text="Said without scripts")).to_be_visible()
    page.get_by_role("button", name="Favourite").click()
    page.goto(f"{studio.url}/gallery/?favourite=1")
    boxes = page.locator("input[name=item]")
    expect(boxes).to_have_count(1)
    boxes.first.check()
    page.get_by_role("button", name="Gather").click()
    page.fill("[name=name]", "Kept without scripts")
    page.get_by_role("button", name="Make it").click()
    expect(page.get_by_role("heading", name="Kept without scripts")).to_be_visible()
    collection = page.url
    page.get_by_role("link", name="Present").click()
    expect(page.locator("video")).to_have_count(1)
    with_scripts = visit().sign_in("ann@example.com")
    for number, path in enumerate((collection, f"{collection}present", f"{studio.url}/collections/")):
        with_scripts.goto(path)
        looked(with_scripts, f"collection-{number}")
