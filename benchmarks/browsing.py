"""A real browser that is signed in and stands before the board of the sample project."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Page, sync_playwright

from tests.journeys.running import EMAIL, PASSWORD

ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
NAMES = ("chromium", "chromium-browser", "google-chrome")


def chromium() -> str | None:
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)


def sign_in(page: Page, url: str) -> None:
    """Leaves the page on the board."""
    page.goto(f"{url}/accounts/login/")
    page.fill("[name=login]", EMAIL)
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_url("**/projects/")
    page.goto(f"{url}/projects/first-steps/")


@contextmanager
def board(url: str) -> Iterator[Page]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=ARGUMENTS)
        page = browser.new_page()
        sign_in(page, url)
        yield page
        browser.close()


@contextmanager
def board_with_port(url: str, port: int) -> Iterator[Page]:
    """The same in a browser that another tool may drive at `port`, as the person who is signed in."""
    arguments = [*ARGUMENTS, f"--remote-debugging-port={port}"]
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as profile:
        context = playwright.chromium.launch_persistent_context(profile, executable_path=chromium(), args=arguments)
        page = context.pages[0]
        sign_in(page, url)
        yield page
        context.close()
