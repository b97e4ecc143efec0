"""The audit log: what is written down, by whom, from where; that nothing of it can be changed unseen."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.test import Client

from generations.accounts import audit, people
from generations.accounts.models import AuditEvent, Seat, User
from generations.jobs import invariants
from generations.projects import membership
from generations.projects.models import Membership, Project, Role
from tests.builders import NOW, PASSWORD


@pytest.fixture
def three(ada: User, ben: User) -> list[AuditEvent]:
    for seat in (Seat.BILLING, Seat.ADMIN, Seat.NONE):
        people.give_seat(ben, seat, NOW)
    return list(AuditEvent.objects.order_by("id"))


def verify() -> str:
    said = io.StringIO()
    call_command("verify_audit", stdout=said)
    return said.getvalue()


def unprotected(sql: str) -> None:
    """As somebody does who has taken the trigger away first."""
    on = " ON generations_auditevent" if connection.vendor == "postgresql" else ""
    with connection.cursor() as cursor:
        for verb in ("update", "delete"):
            cursor.execute(f"DROP TRIGGER generations_auditevent_no_{verb}{on}")
        cursor.execute(sql)


def told() -> list[Any]:
    return list(AuditEvent.objects.order_by("id").values_list("action", "about", "before", "after"))


def test_each_event_carries_the_hash_of_the_one_before(three: list[AuditEvent]) -> None:
    assert [event.previous_hash for event in three] == ["", three[0].hash, three[1].hash]
    assert [event.hash for event in three] == [event.digest() for event in three]
    assert "3 events" in verify()


@pytest.mark.parametrize("sql", ["UPDATE generations_auditevent SET about = 'x'", "DELETE FROM generations_auditevent"])
def test_database_refuses_to_change_it(three: list[AuditEvent], sql: str) -> None:
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)
    assert AuditEvent.objects.count() == 3


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE generations_auditevent SET about = 'cat' WHERE id = (SELECT MIN(id) FROM generations_auditevent)",
        "UPDATE generations_auditevent SET ip = '192.0.2.9'",
        "UPDATE generations_auditevent SET actor_id = (SELECT MIN(id) FROM generations_user)",
        "DELETE FROM generations_auditevent WHERE id = (SELECT MIN(id) FROM generations_auditevent)",
    ],
)
def test_what_was_changed_is_found(three: list[AuditEvent], sql: str) -> None:
    unprotected(sql)
    with pytest.raises(CommandError):
        verify()
    assert "I14 audit" in {violation.name for violation in invariants.run(NOW)}


def test_same_again_is_written_down_once(ben: User) -> None:
    for _ in range(2):
        people.give_seat(ben, Seat.BILLING, NOW)
    assert told() == [("person.seat", "ben@example.com", {"seat": ""}, {"seat": "billing"})]


def test_action_that_nobody_knows_is_refused(ben: User) -> None:
    with pytest.raises(ValueError, match="is none of"):
        audit.record("person.eaten", about="ben", now=NOW)


def test_what_is_not_done_is_not_written_down(project: Project, ann: User) -> None:
    with pytest.raises(membership.LastManager):
        membership.remove_member(Membership.objects.get(project=project, user=ann), NOW)
    assert told() == []


def test_members_are_written_down(project: Project, cat: User) -> None:
    member = membership.add_member(project, cat, Role.VIEWER, NOW)
    membership.add_member(project, cat, Role.MEMBER, NOW)
    membership.remove_member(Membership.objects.get(pk=member.pk), NOW)
    who = "cat@example.com in dusk"
    assert told() == [
        ("member.added", who, {}, {"role": "viewer"}),
        ("member.role", who, {"role": "viewer"}, {"role": "member"}),
        ("member.removed", who, {"role": "member"}, {}),
    ]


def test_sign_ins_are_written_down_with_where_they_came_from(client: Client, ann: User, settings: Any) -> None:
    settings.TRUSTED_PROXIES = 1
    forged = {"X-Forwarded-For": "198.51.100.1, 203.0.113.7"}
    for password in ("wrong", PASSWORD):
        client.post("/accounts/login/", {"login": "ann@example.com", "password": password}, headers=forged)
    Client().post("/accounts/login/", {"login": "eve@example.com", "password": "wrong"}, headers=forged)
    rows = AuditEvent.objects.order_by("id").values_list("action", "about", "actor__name", "ip")
    assert list(rows) == [
        ("sign_in.failed", "ann@example.com", None, "203.0.113.7"),
        ("sign_in", "ann@example.com", "Ann", "203.0.113.7"),
        ("sign_in.failed", "eve@example.com", None, "203.0.113.7"),
    ]


@pytest.mark.parametrize(("proxies", "told_ip"), [(0, "127.0.0.1"), (1, "203.0.113.7"), (3, "127.0.0.1")])
def test_address_is_believed_only_from_trusted_proxies(
    client: Client, db: None, settings: Any, proxies: int, told_ip: str
) -> None:
    settings.TRUSTED_PROXIES = proxies
    headers = {"X-Forwarded-For": "198.51.100.1, 203.0.113.7"}
    client.post("/accounts/login/", {"login": "eve@example.com", "password": "wrong"}, headers=headers)
    assert AuditEvent.objects.get().ip == told_ip
