"""A page that is left open while everything restarts under it goes on by itself, and so does its job."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import Visit
from tests.journeys.running import Studio
from tests.journeys.test_first_clip import balanced

pytestmark = pytest.mark.journey


def test_open_page_survives_a_restart_of_everything(visit: Visit, tmp_path: Path) -> None:
    studio = Studio(tmp_path / "studio", {"SANDBOX_WAIT_SECONDS": "6"})
    studio.start()
    try:
        visitor = visit(studio)
        page = visitor.sign_in()
        page.goto(f"{studio.url}/projects/first-steps/")
        page.fill("[name=prompt]", "Left open over a restart")
        page.get_by_role("button", name=re.compile("^Generate")).click()
        card = page.locator("[id^=job-]", has_text="Left open").first
        expect(card).to_have_attribute("data-state", re.compile("running|queued|sending"))
        studio.stop()
        page.wait_for_timeout(3000)
        studio.start()
        expect(card).to_have_attribute("data-state", "succeeded", timeout=90_000)
        assert balanced(studio)
        visitor.complaints.clear()  # the browser tells of each request that found nobody at home
    finally:
        studio.stop()
