"""A running studio and a real browser. Journeys look from outside: pages, and the ledger as it lies on the disk."""

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Request, sync_playwright

from tests.journeys.running import EMAIL, PASSWORD, PEOPLE, Studio

ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    if path is None:
        reason = "no Chromium on PATH: install one, or name it with CHROMIUM=…"
        pytest.fail(reason) if os.environ.get("CI") == "true" else pytest.skip(reason)
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield launched
        launched.close()


@pytest.fixture(scope="session")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    made = Studio(tmp_path_factory.mktemp("studio"))
    made.start()
    made.run(PEOPLE)
    yield made
    made.stop()


@dataclass
class Visitor:
    """Signed-in (or not) pages of one person, and everything that their browser complained about."""

    studio: Studio
    context: BrowserContext
    complaints: list[str] = field(default_factory=list)

    def open(self, path: str) -> Page:
        page = self.context.new_page()
        page.on("console", lambda said: self._hear(said.type, said.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", self._see)
        page.goto(self.studio.url + path)
        return page

    def _hear(self, kind: str, text: str) -> None:
        """A refused form is an answer, not an error of the page, though Chromium writes a line about it."""
        if kind in {"error", "warning"} and "status of 422" not in text:
            self.complaints.append(text)

    def _see(self, asked: Request) -> None:
        if "csp-report" in asked.url:
            self.complaints.append(str(asked.post_data))

    def sign_in(self, email: str = EMAIL) -> Page:
        page = self.open("/accounts/login/")
        page.fill("[name=login]", email)
        page.fill("[name=password]", PASSWORD)
        page.press("[name=password]", "Enter")
        page.wait_for_url("**/projects/")
        return page


Visit = Callable[..., Visitor]


@pytest.fixture
def visit(browser: Browser, studio: Studio) -> Iterator[Visit]:
    """visit(), visit(java_script_enabled=False), visit(color_scheme="light"): a visitor with a fresh browser context.

    Every visitor who did not say otherwise must end without a complaint.
    """
    visitors: list[Visitor] = []

    def arrive(of: Studio = studio, **options: object) -> Visitor:
        context = browser.new_context(**({"viewport": {"width": 1280, "height": 900}} | options))  # type: ignore[arg-type]
        context.set_default_timeout(15_000)
        visitors.append(Visitor(of, context))
        return visitors[-1]

    yield arrive
    for visitor in visitors:
        visitor.context.close()
    assert [visitor.complaints for visitor in visitors if visitor.complaints] == []


@pytest.fixture
def shots() -> Path | None:
    """Where to put pictures of pages, when somebody wants to look at them."""
    wanted = os.environ.get("SHOTS")
    return Path(wanted) if wanted else None
