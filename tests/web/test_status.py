"""The front door, health and browsers' reports."""

import pytest
from django.test import Client
from django.utils import timezone

from generations.health.status import NEEDED, beat


def test_healthz_names_what_is_silent(client: Client, db: None) -> None:
    answer = client.get("/healthz")
    assert answer.status_code == 503
    assert answer.json()["parts"]["pulse"] == "never seen"


def test_healthz_is_well_when_all_have_shown_up(client: Client, db: None) -> None:
    for name in NEEDED:
        beat(name, timezone.now())
    assert client.get("/healthz").status_code == 200


def test_csp_report_is_logged_in_one_capped_line(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    body = b'{"csp-report":"' + b"x\n" * 9000 + b'"}'
    answer = client.post("/csp-report/", body, content_type="application/csp-report")
    assert answer.status_code == 204
    assert len(caplog.messages) == 1
    assert len(caplog.messages[0]) < 2100
    assert "\n" not in caplog.messages[0]


def test_csp_report_refuses_get(client: Client) -> None:
    assert client.get("/csp-report/").status_code == 405


def test_unknown_address_is_told_in_our_words(client: Client, db: None) -> None:
    answer = client.get("/nope")
    assert answer.status_code == 404
    assert "Nothing here" in answer.text
