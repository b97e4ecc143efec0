"""The money, seat by seat: billing bounds it, a member asks, a manager decides, and every figure is found again."""

import csv
import io
import re

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import Visit
from tests.journeys.running import Studio
from tests.journeys.test_first_clip import PATIENCE, balanced, generate

pytestmark = pytest.mark.journey
BILL = """
from generations.accounts.models import User
bill, _ = User.objects.get_or_create(email="bill@example.com", defaults={"name": "Bill", "seat": "billing"})
bill.set_password("correct horse battery"); bill.save()
"""


@pytest.fixture(scope="module")
def project_budget(studio: Studio) -> str:
    studio.run(BILL)
    ((number,),) = studio.query("SELECT id FROM generations_project WHERE slug = 'first-steps'")
    return f"{studio.url}/spend/budgets/project/{number}/"


def set_budget(page: Page, address: str, limit: str, ask_above: str) -> None:
    page.goto(address)
    page.get_by_label("Monthly limit").fill(limit)
    page.get_by_label("Ask above").fill(ask_above)
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved.")).to_be_visible()


@pytest.mark.parametrize("java_script_enabled", [True, False])
def test_dear_clip_is_asked_for_approved_made_and_found_in_the_figures(
    visit: Visit, studio: Studio, project_budget: str, java_script_enabled: bool
) -> None:
    prompt = f"A crane shot over the bay, scripts {java_script_enabled}"
    bill = visit(java_script_enabled=java_script_enabled).sign_in("bill@example.com")
    set_budget(bill, project_budget, "50", "0.10")

    ben = visit().sign_in("ben@example.com")
    ben.goto(f"{studio.url}/projects/first-steps/")
    expect(ben.get_by_role("button", name=re.compile("^Ask"))).to_be_visible()
    ben.fill("[name=prompt]", prompt)
    ben.select_option("[name=resolution]", "480p")
    ben.fill("[name=seconds]", "4")
    ben.get_by_role("button", name=re.compile("^Ask")).click()
    card = ben.locator("[id^=job-]", has_text=prompt).first
    expect(card).to_have_attribute("data-state", "awaiting_approval")

    ann = visit(java_script_enabled=java_script_enabled).sign_in("ann@example.com")
    ann.goto(f"{studio.url}/approvals/")
    expect(ann.get_by_text(prompt, exact=True)).to_be_visible()
    ann.get_by_role("button", name="Approve").click()
    expect(ann.get_by_text("1 clip is approved.")).to_be_visible()
    expect(card).to_have_attribute("data-state", "succeeded", timeout=PATIENCE)

    set_budget(bill, project_budget, "", "")
    bill.goto(f"{studio.url}/spend/jobs/?project=first-steps")
    shown = bill.locator("tbody tr").count()
    address = bill.get_by_role("link", name="All of them, CSV").get_attribute("href")
    text = bill.context.request.get(f"{studio.url}{address}").text()
    assert len(list(csv.reader(io.StringIO(text)))) == shown + 1
    assert prompt not in text  # billing sees what it cost, not what it shows
    assert balanced(studio)


def test_rejected_clip_says_why_and_costs_nothing(visit: Visit, studio: Studio, project_budget: str) -> None:
    bill = visit().sign_in("bill@example.com")
    set_budget(bill, project_budget, "", "0.10")
    ben = visit().sign_in("ben@example.com")
    ben.goto(f"{studio.url}/projects/first-steps/")
    ben.fill("[name=prompt]", "A whale in a bathtub")
    ben.get_by_role("button", name=re.compile("^Ask")).click()
    ann = visit().sign_in("ann@example.com")
    ann.goto(f"{studio.url}/approvals/")
    ann.fill("[name=reason]", "Draft it at 480p first")
    ann.get_by_role("button", name="Reject").click()
    card = ben.locator("[id^=job-]", has_text="A whale in a bathtub").first
    expect(card).to_contain_text("Draft it at 480p first", timeout=PATIENCE)
    set_budget(bill, project_budget, "", "")
    assert balanced(studio)


def test_chart_shows_what_the_table_says(visit: Visit, studio: Studio) -> None:
    page = visit().sign_in()
    page.goto(f"{studio.url}/projects/first-steps/")
    card = generate(page, "Counted in a bar of the chart")
    expect(card).to_have_attribute("data-state", "succeeded", timeout=PATIENCE)
    page.goto(f"{studio.url}/spend/?by=model")
    expect(page.locator("spend-chart canvas")).to_be_visible()
    drawn = page.evaluate(
        "Chart.getChart(document.querySelector('spend-chart canvas'))"
        ".data.datasets.flatMap(series => series.data).reduce((one, other) => one + other)"
    )
    told = page.evaluate(
        "[...document.querySelectorAll('spend-chart tfoot td')].map(cell => Number(cell.dataset.micros)).at(-1)"
    )
    assert round(drawn * 1_000_000) == told > 0


def test_started_player_is_a_first_play(visit: Visit, studio: Studio) -> None:
    page = visit().sign_in()
    page.goto(f"{studio.url}/projects/first-steps/")
    card = generate(page, "Looked at before it is played")
    expect(card).to_have_attribute("data-state", "succeeded", timeout=PATIENCE)
    card.locator("a[href^='/jobs/']").first.click()
    video = page.locator("video").first
    video.evaluate("v => v.readyState > 0 || new Promise(done => { v.onloadedmetadata = done })")
    plays = "SELECT u.kind FROM generations_firstuse u JOIN generations_output o ON o.id = u.output_id JOIN"
    plays += " generations_job j ON j.id = o.job_id WHERE j.prompt = 'Looked at before it is played'"
    assert studio.query(plays) == []
    with page.expect_response("**/played"):
        video.evaluate("v => { v.muted = true; return v.play() }")
    assert studio.query(plays) == [("play",)]
