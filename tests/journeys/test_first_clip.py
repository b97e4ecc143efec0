"""Sign in, write a prompt, watch the card become a 4K player, with what it cost; or fail, and cost nothing."""

import re
from urllib.parse import parse_qs

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.journeys.conftest import Visit
from tests.journeys.running import Studio

pytestmark = pytest.mark.journey
PATIENCE = 60_000


def generate(page: Page, prompt: str, resolution: str = "480p") -> Locator:
    """Fills the composer and presses Generate; the new card."""
    page.select_option("[name=model]", "seedance-2.0")
    page.fill("[name=prompt]", prompt)
    page.select_option("[name=resolution]", resolution)
    page.fill("[name=seconds]", "4")
    page.get_by_role("button", name=re.compile("^Generate")).click()
    card = page.locator("[id^=job-]", has_text=prompt[:40]).first
    expect(card).to_be_visible()
    return card


def balanced(studio: Studio) -> bool:
    """Cached figures equal the entries, in every budget, and nothing is held."""
    months = "SELECT SUM(held_micros), SUM(spent_micros + overrun_micros) FROM generations_budgetmonth"
    spent = "SELECT 3 * SUM(amount_micros) FROM generations_entry WHERE kind IN ('charge', 'excess', 'overrun')"
    ((held, in_months),) = studio.query(months)
    ((in_entries,),) = studio.query(spent)
    return held == 0 and in_months == (in_entries or 0)


def test_4k_prompt_becomes_a_player_that_seeks(visit: Visit, studio: Studio) -> None:
    page = visit().sign_in()
    page.get_by_role("link", name=re.compile("First")).first.click()
    card = generate(page, "A lighthouse at dusk, slow dolly forward", "4k")
    expect(card).to_have_attribute("data-state", "succeeded", timeout=PATIENCE)
    expect(card).to_contain_text("SBX")
    card.locator("a[href^='/jobs/']").first.click()
    video = page.locator("video")
    video.evaluate("v => { v.muted = true; return v.play() }")
    page.wait_for_timeout(700)
    assert video.evaluate("v => [v.videoWidth, v.videoHeight, v.currentTime > 0, v.error]") == [3840, 2160, True, None]
    video.evaluate("v => new Promise(done => { v.onseeked = done; v.currentTime = v.duration - 0.2 })")
    assert video.evaluate("v => Math.abs(v.duration - 4) < 0.1 && v.currentTime > 3.7")
    assert balanced(studio)


def test_generate_pressed_before_the_models_answer_sends_what_was_chosen(visit: Visit, studio: Studio) -> None:
    page, held = visit().sign_in(), list[Route]()
    page.goto(f"{studio.url}/projects/first-steps/")
    page.route("**/model", lambda route: held.append(route))
    page.select_option("[name=model]", "seedance-2.0")
    page.fill("[name=prompt]", "[blocked] A tram turns into a narrow street")
    page.select_option("[name=resolution]", "1080p")
    page.get_by_role("button", name=re.compile("^Generate")).click()
    with page.expect_request("**/generate") as sent:
        held[0].continue_()
    assert parse_qs(sent.value.post_data or "")["resolution"] == ["1080p"]


def test_failed_job_says_why_and_costs_nothing(visit: Visit, studio: Studio) -> None:
    page = visit().sign_in()
    page.goto(f"{studio.url}/projects/first-steps/")
    card = generate(page, "[blocked] A quiet street in the rain")
    expect(card).to_have_attribute("data-state", "failed", timeout=PATIENCE)
    expect(card).to_contain_text(re.compile("costs nothing", re.IGNORECASE))
    assert balanced(studio)


def test_everything_works_without_javascript(visit: Visit, studio: Studio) -> None:
    page = visit(java_script_enabled=False).sign_in()
    page.goto(f"{studio.url}/projects/first-steps/")
    page.fill("[name=seconds]", "99")
    page.fill("[name=prompt]", "Kept through a refusal")
    page.get_by_role("button", name=re.compile("^Generate")).click()
    assert page.input_value("[name=prompt]") == "Kept through a refusal"
    card = generate(page, "Paper boats in a gutter after the storm")
    for _ in range(60):
        if card.get_attribute("data-state") == "succeeded":
            break
        page.wait_for_timeout(500)
        page.reload()
    card.locator("a[href^='/jobs/']").first.click()
    assert page.locator("video source, video").first.is_visible()


def test_double_click_makes_one_job(visit: Visit, studio: Studio) -> None:
    page = visit().sign_in()
    page.goto(f"{studio.url}/projects/first-steps/")
    page.fill("[name=prompt]", "Pressed twice in a hurry")
    page.get_by_role("button", name=re.compile("^Generate")).dblclick()
    expect(page.locator("[id^=job-]", has_text="Pressed twice").first).to_be_visible()
    page.wait_for_timeout(500)
    ((jobs,),) = studio.query("SELECT COUNT(*) FROM generations_job WHERE prompt = 'Pressed twice in a hurry'")
    assert jobs == 1


def test_two_people_share_a_board(visit: Visit, studio: Studio) -> None:
    ann, vic = visit().sign_in("ann@example.com"), visit().sign_in("vic@example.com")
    vic.goto(f"{studio.url}/projects/first-steps/")
    assert vic.get_by_role("button", name=re.compile("^Generate")).count() == 0
    ann.goto(f"{studio.url}/projects/first-steps/")
    generate(ann, "Two people look at one board")
    vic.evaluate("window.dispatchEvent(new Event('online'))")  # a look now instead of within the idle minute
    vic.get_by_role("link", name="1 new").click()
    card = vic.locator("[id^=job-]", has_text="Two people look").first
    expect(card).to_have_attribute("data-state", "succeeded", timeout=PATIENCE)


def test_stranger_sees_nothing(visit: Visit, studio: Studio) -> None:
    ((job_id,),) = studio.query("SELECT id FROM generations_job LIMIT 1")
    cat = visit()
    cat.sign_in("cat@example.com")
    for path in ("/projects/first-steps/", f"/jobs/{job_id}/", "/jobs/00000000-0000-4000-8000-000000000000/"):
        answer = cat.context.request.get(studio.url + path)
        assert answer.status == 404
