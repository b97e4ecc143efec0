"""A passkey, made and used in a real browser with an authenticator of its own: no password is typed the second time."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import Visit, Visitor
from tests.journeys.running import EMAIL, PASSWORD, Studio

pytestmark = pytest.mark.journey

DEVICE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture(scope="module")
def forced(tmp_path_factory: pytest.TempPathFactory, browser: object) -> Iterator[Studio]:
    """A studio that lets admins do nothing before they have a second factor."""
    studio = Studio(tmp_path_factory.mktemp("forced"), more={"REQUIRE_MFA": "1"})
    studio.start()
    yield studio
    studio.stop()


def with_device(visitor: Visitor, page: Page) -> None:
    device = visitor.context.new_cdp_session(page)
    device.send("WebAuthn.enable")
    device.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})


def test_admin_makes_a_passkey_and_signs_in_with_it(visit: Visit, forced: Studio, shots: Path | None) -> None:
    visitor, home = visit(forced), forced.url.replace("127.0.0.1", "localhost")
    page = visitor.context.new_page()
    with_device(visitor, page)
    page.goto(f"{home}/accounts/login/")
    page.fill("[name=login]", EMAIL)
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_url("**/accounts/2fa/")
    page.get_by_role("link", name="Make a passkey").click()
    page.fill("[name=password]", PASSWORD)
    page.get_by_role("button", name="Confirm").click()
    page.get_by_role("button", name="Make the passkey").click()
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()
    expect(page.locator(".recovery li")).to_have_count(10)
    page.goto(f"{home}/projects/")
    expect(page.get_by_role("heading", name="Projects")).to_be_visible()
    page.get_by_role("button", name="Sign out").click()
    page.goto(f"{home}/accounts/login/")
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.wait_for_url("**/projects/")
    if shots:
        page.goto(f"{home}/accounts/2fa/")
        page.screenshot(path=shots / "second-factor.png", full_page=True)
    assert visitor.complaints == []
