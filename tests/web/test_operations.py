"""Operations, for admins; and the banner that everybody sees while nothing is sent."""

from __future__ import annotations

import datetime as dt

import httpx
import pytest
from django.test import Client
from django.utils import timezone

from generations.accounts.models import User
from generations.health import alerts, checks
from generations.jobs import breaker, sending
from generations.jobs.models import Breaker, JobEvent, Output
from generations.projects.models import Project
from tests import wakeups
from tests.builders import answering, job, running_job
from tests.jobs.test_observing import DONE, observe
from tests.web.conftest import Browse

PATH = "/operations/"


@pytest.mark.parametrize("path", ["", "try", "check"])
def test_only_an_admin(project: Project, ann: User, browse: Browse, path: str) -> None:
    browser = browse(ann)
    assert (browser.post if path else browser.get)(PATH + path).status_code == 403


@pytest.mark.parametrize("path", ["try", "check"])
def test_actions_refuse_get(ada: User, browse: Browse, path: str) -> None:
    assert browse(ada).get(PATH + path).status_code == 405


def test_empty_studio_has_nothing_to_worry_about(ada: User, browse: Browse) -> None:
    page = browse(ada).get(PATH).text
    for words in ("Jobs are sent as they come", "of every job it is known", "Every clip that was paid is kept"):
        assert words in page, words


def test_everything_that_wants_an_eye_is_there(priced_project: Project, ben: User, ada: User, browse: Browse) -> None:
    now = timezone.now()
    sending.send(job(priced_project, ben, prompt="Lost one"), answering(httpx.ReadError("reset")), timezone.now)
    fetching = observe(running_job(priced_project, ben, prompt="Fetched one"), DONE, now)
    Output.objects.update(expires_at=now + dt.timedelta(minutes=5))
    fetching.record(JobEvent.Name.ANOMALY, now=now, text="The relay now says “failed”.")
    late = observe(running_job(priced_project, ben, prompt="Gone one", task_id="task_2"), DONE | {"task_id": "task_2"})
    late.outputs.update(archive_reason="expired")
    checks.record("invariants", ["I2 held: 3 rows"], now)
    page = browse(ada).get(PATH).text
    for words in (
        "Lost one",
        "Fetched one",
        "expires in 4:5",
        "The relay now says “failed”.",
        "Gone one",
        "I2 held: 3 rows",
    ):
        assert words in page, words


def test_banner_tells_everybody_what_since_when_and_what_next(
    priced_project: Project, vic: User, browse: Browse
) -> None:
    breaker.open_for(True, "The relay refuses the studio's key: invalid", timezone.now())
    for path in ("/projects/", "/projects/dusk/", "/account/"):
        page = browse(vic).get(path).text
        for words in ("Sending is paused.", "refuses the studio&#x27;s key", "Since ", "Tried again at "):
            assert words in page, (path, words)


def test_banner_goes_with_its_reason(project: Project, vic: User, browse: Browse) -> None:
    breaker.open_for(True, "away", timezone.now())
    breaker.close(True, timezone.now())
    assert "Sending is paused" not in browse(vic).get("/projects/").text


def test_banner_is_not_for_strangers(client: Client, db: None) -> None:
    breaker.open_for(True, "away", timezone.now())
    assert "Sending is paused" not in client.get("/accounts/login/").text


def test_alerts_stand_above_every_page_of_an_admin_only(project: Project, ada: User, ann: User, browse: Browse) -> None:
    alerts.sound("expiry", "1 paid clip(s) not kept yet", timezone.now())
    seen = ["1 paid clip(s)" in browse(person).get("/projects/").text for person in (ada, ann)]
    assert seen == [True, False]


def test_try_now_makes_the_probe_due_and_twice_is_harmless(ada: User, browse: Browse) -> None:
    breaker.open_for(True, "away", timezone.now())
    for _ in range(2):
        assert browse(ada).post(PATH + "try")["Location"] == PATH
    assert Breaker.objects.get().probe_at <= timezone.now()  # type: ignore[operator]


def test_check_now_wakes_a_run(ada: User, browse: Browse) -> None:
    browse(ada).post(PATH + "check")
    assert wakeups.names() == ["check_invariants"]


def test_restored_studio_says_so(ada: User, browse: Browse) -> None:
    breaker.hold_for_restore(timezone.now(), timezone.now())
    page = browse(ada).get(PATH).text
    assert ("restored from a backup" in page, "manage.py restored --finish" in page) == (True, True)
