"""The audit log's page and CSV: for admins, filtered, with no formula in a cell."""

from __future__ import annotations

import pytest

from generations.accounts import audit
from generations.accounts.models import AuditEvent, Seat, User
from generations.accounts.people import give_seat
from tests.builders import NOW
from tests.web.conftest import Browse

PAGE, CSV = "/people/audit/", "/people/audit.csv"


@pytest.fixture
def events(ada: User, ben: User) -> None:
    give_seat(ben, Seat.BILLING, NOW)
    audit.record("person.added", about="=1+1", after={"name": "<b>x</b>"}, actor=ada, now=NOW)


def csv(answer: object) -> list[str]:
    return b"".join(answer.streaming_content).decode().splitlines()  # type: ignore[attr-defined]


def test_page_shows_what_who_and_both_sides(events: None, ada: User, browse: Browse) -> None:
    page = browse(ada).get(PAGE).text
    for words in ("Seat changed", "ben@example.com", "billing", "&lt;b&gt;x", "Ada"):
        assert words in page


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("", {"ben@example.com", "=1+1"}),
        ("?action=person.seat", {"ben@example.com"}),
        ("?about=1%2B1", {"=1+1"}),
        ("?first=2026-11-22&last=2026-11-22", {"ben@example.com", "=1+1"}),
        ("?first=2026-11-23", set()),
        ("?last=2026-11-21", set()),
        ("?first=never&action=nothing&before=x", {"ben@example.com", "=1+1"}),
    ],
)
def test_filters_hold_for_page_and_csv(events: None, ada: User, browse: Browse, query: str, shown: set[str]) -> None:
    page, lines = browse(ada).get(f"{PAGE}{query}").text, "\n".join(csv(browse(ada).get(f"{CSV}{query}")))
    for about in ("ben@example.com", "=1+1"):
        assert (f"<td>{about}</td>" in page, about in lines) == (about in shown, about in shown)


def test_person_filter(events: None, ada: User, browse: Browse) -> None:
    page = browse(ada).get(f"{PAGE}?who={ada.pk}").text
    assert ("<td>=1+1</td>" in page, "<td>ben@example.com</td>" in page) == (True, False)


def test_csv_has_no_formula(events: None, ada: User, browse: Browse) -> None:
    lines = csv(browse(ada).get(CSV))
    assert len(lines) == 3
    assert ",'=1+1," in lines[1]


def test_older_events_are_behind_a_link(ada: User, browse: Browse) -> None:
    for number in range(60):
        audit.record("person.added", about=f"person {number:02}", now=NOW)
    first = browse(ada).get(PAGE).text
    tenth = AuditEvent.objects.get(about="person 10").pk
    assert ("person 59" in first, "person 09" in first, "person 10" in first) == (True, False, True)
    assert "person 09" in browse(ada).get(f"{PAGE}?before={tenth}").text


def test_only_admins_read_it(events: None, ann: User, bill: User, browse: Browse) -> None:
    assert [browse(who).get(path).status_code for who in (ann, bill) for path in (PAGE, CSV)] == [403] * 4
