"""A lost answer, and the ways out of it, by hand and by callback; and a studio that can not send, seen by everybody."""

from __future__ import annotations

import json
import re
import urllib.request
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import Visit
from tests.journeys.running import PEOPLE, Studio
from tests.journeys.test_every_page import SIZES, look
from tests.journeys.test_first_clip import PATIENCE, balanced, generate

pytestmark = pytest.mark.journey
BOARD = "/projects/first-steps/"


@pytest.fixture(scope="module")
def apart(tmp_path_factory: pytest.TempPathFactory, browser: object) -> Iterator[Studio]:
    """A studio of its own: what is done here is seen on every page."""
    studio = Studio(tmp_path_factory.mktemp("unknown"))
    studio.start()
    studio.run(PEOPLE)
    yield studio
    studio.stop()


def relay_tasks(studio: Studio, prompt: str) -> list[dict[str, Any]]:
    """What the relay has on record of this prompt."""
    asked = urllib.request.Request(
        f"http://127.0.0.1:{studio.sandbox_port}/sandbox/tasks", headers={"Authorization": "Bearer sbx-studio"}
    )
    with urllib.request.urlopen(asked, timeout=10) as answer:
        return [task for task in json.load(answer)["tasks"] if task["prompt"] == prompt]


def lose(page: Page, studio: Studio, prompt: str) -> str:
    """Generates it, the answer is lost; its page of ways out is open. Returns the job's id."""
    page.goto(studio.url + BOARD)
    card = generate(page, prompt)
    expect(card).to_have_attribute("data-state", "unknown", timeout=PATIENCE)
    card.get_by_role("link", name="What can be done").click()
    expect(page.get_by_role("heading", name="Outcome unknown")).to_be_visible()
    return str(uuid.UUID(page.url.split("/")[-3]))


def state_of(studio: Studio, job_id: str) -> str:
    ((state,),) = studio.query("SELECT state FROM generations_job WHERE id = ?", uuid.UUID(job_id).hex)
    return str(state)


def holds(studio: Studio, prompt: str) -> list[tuple[object, ...]]:
    return studio.query(
        "SELECT h.state FROM generations_hold h JOIN generations_attempt a ON a.hold_id = h.id "
        "JOIN generations_job j ON j.id = a.job_id WHERE j.prompt = ? ORDER BY a.number",
        prompt,
    )


def test_task_found_in_the_console_is_attached_and_becomes_the_clip(visit: Visit, apart: Studio) -> None:
    prompt = "[lost-answer] A ferry leaves without its last passenger"
    page = visit(apart).sign_in("ann@example.com")
    job_id = lose(page, apart, prompt)
    page.get_by_role("button", name="I look after it").click()
    expect(page.get_by_text("Ann", exact=True).first).to_be_visible()
    page.fill("[name=task_id]", "task_nobody_knows")
    page.get_by_role("button", name="Ask the relay").click()
    expect(page.get_by_text("Refused: the relay does not know this task.")).to_be_visible()
    (task,) = relay_tasks(apart, prompt)
    page.fill("[name=task_id]", task["task_id"])
    page.get_by_role("button", name="Ask the relay").click()
    expect(page.get_by_text("It is known now")).to_be_visible()
    page.goto(f"{apart.url}/jobs/{job_id}/")
    expect(page.locator("#job")).to_have_attribute("data-state", "succeeded", timeout=PATIENCE)
    assert (len(relay_tasks(apart, prompt)), balanced(apart)) == (1, True)


def test_not_made_takes_two_steps_and_costs_nothing(visit: Visit, apart: Studio) -> None:
    prompt = "[502] Rain on the roof of an empty tram"
    page = visit(apart, java_script_enabled=False).sign_in("ann@example.com")
    page.goto(apart.url + BOARD)
    card = generate(page, prompt)
    for _ in range(60):
        if card.get_attribute("data-state") == "unknown":
            break
        page.wait_for_timeout(500)
        page.reload()
    card.get_by_role("link", name="What can be done").click()
    page.get_by_role("link", name="Confirm that it was not made").click()
    page.get_by_role("button", name="It was not made").click()
    assert page.url.endswith("/not-made")
    page.fill("[name=reason]", "The console has no such task")
    page.check("[name=is_sure]")
    page.get_by_role("button", name="It was not made").click()
    expect(page.get_by_text("Settled as not made")).to_be_visible()
    assert (relay_tasks(apart, prompt), holds(apart, prompt)) == ([], [("released",)])


def test_sent_again_knowingly_pays_and_keeps_both(visit: Visit, apart: Studio) -> None:
    """The sandbox loses the answer each time, so both attempts end with a task attached by hand."""
    prompt = "[lost-answer] Two moths and one lamp"
    page = visit(apart).sign_in("ann@example.com")
    job_id = lose(page, apart, prompt)
    page.get_by_role("link", name="Send it again").click()
    page.check("[name=is_sure]")
    page.get_by_role("button", name="Send it again").click()
    expect(page.locator("#job")).to_have_attribute("data-state", "unknown", timeout=PATIENCE)
    first, second = sorted(relay_tasks(apart, prompt), key=lambda task: float(task["created_at"]))
    for task, number in ((second, 2), (first, 1)):
        page.goto(f"{apart.url}/jobs/{job_id}/unknown/")
        panel = page.locator("section", has=page.get_by_role("heading", name=f"Attempt {number}"))
        panel.locator("[name=task_id]").fill(task["task_id"])
        panel.get_by_role("button", name="Ask the relay").click()
        expect(page.locator("section", has_text=f"Attempt {number}").get_by_text("It is this one")).to_be_visible()
    page.goto(f"{apart.url}/jobs/{job_id}/")
    expect(page.locator("#job")).to_have_attribute("data-state", "succeeded", timeout=PATIENCE)
    kept = "SELECT COUNT(*) FROM generations_output WHERE job_id = ? AND media_id IS NOT NULL"
    for _ in range(60):
        ((clips,),) = apart.query(kept, uuid.UUID(job_id).hex)
        if clips == 2:
            break
        page.wait_for_timeout(500)
    assert (clips, holds(apart, prompt), balanced(apart)) == (2, [("charged",), ("charged",)], True)


def test_callback_resolves_it_without_anybody(visit: Visit, tmp_path: Path) -> None:
    studio = Studio(tmp_path / "studio")
    studio.more["PUBLIC_URL"] = studio.url
    studio.start()
    try:
        page = visit(studio).sign_in()
        page.goto(studio.url + BOARD)
        card = generate(page, "[lost-answer] It comes back by itself")
        expect(card).to_have_attribute("data-state", "succeeded", timeout=PATIENCE)
        assert balanced(studio)
    finally:
        studio.stop()


def test_refused_key_is_said_to_everybody_and_ends_by_a_probe(visit: Visit, apart: Studio) -> None:
    ann, ada = visit(apart).sign_in("ann@example.com"), visit(apart).sign_in()
    ann.goto(apart.url + BOARD)
    card = generate(ann, "[401] Nobody opens the door")
    expect(card).to_contain_text("key", timeout=PATIENCE)
    ann.goto(apart.url + "/account/")
    expect(ann.get_by_text("Sending is paused.")).to_be_visible()
    ada.goto(apart.url + "/operations/")
    expect(ada.get_by_role("button", name="Try now")).to_be_visible()
    ann.goto(apart.url + BOARD)
    ann.locator("[id^=job-]", has_text="Nobody opens").get_by_role("button", name="Cancel").click()
    expect(ann.locator("[id^=job-]", has_text="Nobody opens")).to_have_attribute("data-state", "cancelled")
    ada.get_by_role("button", name="Try now").click()
    for _ in range(40):
        if not ada.locator(".banners").is_visible():
            break
        ada.wait_for_timeout(500)
        ada.goto(apart.url + "/operations/")
    expect(ada.get_by_text("Jobs are sent as they come.")).to_be_visible()
    ((mails,),) = apart.query("SELECT COUNT(*) FROM generations_alert WHERE mailed_at IS NOT NULL")
    told = [mail for mail in (apart.data / "mail").iterdir() if "Sending is paused" in mail.read_text()]
    assert (mails, len(told)) == (1, 1)


@pytest.mark.parametrize("scheme", ["dark", "light"])
@pytest.mark.parametrize("size", SIZES)
def test_pages_are_sound(visit: Visit, apart: Studio, size: str, scheme: str) -> None:
    visitor = visit(apart, viewport=SIZES[size], color_scheme=scheme)
    page = visitor.sign_in()
    job_id = lose(page, apart, f"[lost-answer] A look at {size} in {scheme}")
    paths = ["/operations/", "/unknowns/", f"/jobs/{job_id}/unknown/"]
    paths += [f"/jobs/{job_id}/unknown/1/{step}" for step in ("not-made", "again")]
    for path in paths:
        page.goto(apart.url + path)
        look(page, f"unknown{re.sub('[^a-z-]+', '-', path.replace(job_id, 'job'))}{size}-{scheme}")


def test_books_agree_with_the_relay_when_all_is_resolved(visit: Visit, apart: Studio) -> None:
    told = apart.run("from django.core.management import call_command as c; c('invariants'); c('verify_archive')")
    assert ("invariants hold" in told, "all as they were kept" in told) == (True, True)
