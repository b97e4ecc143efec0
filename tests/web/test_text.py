"""What people and the relay write is shown as text, in every field; and no template holds what the CSP forbids."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import timezone

from generations.accounts.models import User
from generations.jobs.models import Exchange, Job, JobEvent
from generations.jobs.states import State
from generations.projects.models import Project
from tests import builders
from tests.web.conftest import Browse, form

NASTY = "\"><img src=x onerror=alert(1)><script>alert(1)</script>{{ 7|add:7 }}'"
TEMPLATES = sorted(Path(settings.BASE_DIR, "templates").rglob("*.html"))
FORBIDDEN = re.compile(r"\sstyle=|\son[a-z]+=|hx-on|[\"']js:|javascript:|\|safe\b|autoescape off|<style", re.IGNORECASE)
INLINE_SCRIPT = re.compile(r"<script(?![^>]*\bsrc=)", re.IGNORECASE)


@pytest.fixture
def nasty_job(priced_project: Project, ben: User) -> Job:
    """A job in which every field that somebody else wrote is hostile."""
    User.objects.filter(pk=ben.pk).update(name=NASTY[:80])
    Project.objects.update(name=NASTY[:80])
    job = builders.running_job(priced_project, ben, prompt=NASTY)
    at = timezone.now()
    words = {"method": "GET", "path": NASTY, "milliseconds": 1, "body": NASTY, "request_id": NASTY}
    Exchange.objects.create(attempt=job.attempt, at=at, **words)
    job.record(JobEvent.Name.ANOMALY, now=at, text=NASTY)
    job.advance(State.FAILED, now=at, note=NASTY, failure_code=NASTY[:100], failure_message=NASTY)
    return job


def assert_harmless(text: str) -> None:
    assert "<img src=x" not in text
    assert "<script>" not in text
    assert "14'" not in text


@pytest.mark.parametrize("path", ["/projects/", "/projects/dusk/", "/projects/dusk/settings/", "/people/", "/account/"])
def test_pages_show_it_as_text(nasty_job: Job, ada: User, browse: Browse, path: str) -> None:
    User.objects.filter(pk=ada.pk).update(name=NASTY[:80])
    text = browse(ada).get(path).text
    assert "&lt;img src=x" in text
    assert_harmless(text)


def test_job_page_shows_it_as_text(nasty_job: Job, ada: User, browse: Browse) -> None:
    text = browse(ada).get(f"/jobs/{nasty_job.pk}/").text
    assert text.count("&lt;img src=x") >= 6
    assert_harmless(text)


@pytest.mark.parametrize(
    "name", ["prompt", "model", "resolution", "ratio", "seconds", "audio", "seed", "key", "parent"]
)
def test_composer_gives_back_what_was_typed_as_text(
    priced_project: Project, ben: User, browse: Browse, name: str
) -> None:
    for path in ("generate", "estimate", "model"):
        answer = browse(ben).post(f"/projects/dusk/{path}", form(seconds="x") | {name: NASTY})
        assert answer.status_code in (200, 422)
        assert_harmless(answer.text)


@pytest.mark.parametrize("name", ["prompt", "model", "seconds", "from", "before", "seed"])
def test_links_into_the_board_are_harmless(priced_project: Project, ben: User, browse: Browse, name: str) -> None:
    answer = browse(ben).get("/projects/dusk/", {name: NASTY})
    assert answer.status_code == 200
    assert_harmless(answer.text)


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_template_holds_nothing_that_the_csp_forbids(template: Path) -> None:
    text = template.read_text()
    assert not FORBIDDEN.findall(text)
    assert not INLINE_SCRIPT.findall(text)
    assert not re.findall(r'hx-trigger="[^"]*\[', text)
