"""Notices by mail: once, three in ten minutes, a digest of the rest, nothing that was read or may not be seen."""

import datetime as dt
import smtplib
from typing import Any

import pytest
from django.core import mail
from django.core.mail import EmailMultiAlternatives
from pytest_django import Settings

from generations.accounts.models import User
from generations.notices import choices, mailing, reading
from generations.notices.models import Kind, Notice, NoticeMail
from generations.projects import membership
from generations.projects.models import Membership, Project
from tests import wakeups
from tests.builders import NOW
from tests.notices.conftest import ready

MINUTE = dt.timedelta(minutes=1)


@pytest.fixture
def mailed(project: Project, ben: User) -> User:
    """Ben wants a mail when a clip is ready."""
    choices.choose(ben, {Kind.READY: choices.Ways(True, True, True)})
    return ben


def clip(project: Project, user: User, now: dt.datetime = NOW, **changes: Any) -> None:
    ready(project, user, now, **changes)
    reading.read(now)


def outcomes() -> list[tuple[str, int]]:
    return list(NoticeMail.objects.order_by("id").values_list("outcome", "told"))


def test_mail_tells_and_leads_there(project: Project, mailed: User, settings: Settings) -> None:
    settings.PUBLIC_URL = "https://studio.example"
    clip(project, mailed, prompt="A heron <b>lifts</b> off")
    assert mailing.send(mailed, lambda: NOW)
    (sent,) = mail.outbox
    assert (sent.to, sent.subject) == (["ben@example.com"], "relayweb: “A heron <b>lifts</b> off” is ready")
    assert f"https://studio.example/notices/open?notice={Notice.objects.get().pk}" in sent.body
    assert isinstance(sent, EmailMultiAlternatives)
    assert "&lt;b&gt;lifts" in str(sent.alternatives[0])
    assert outcomes() == [("sent", 1)]


def test_nothing_is_mailed_twice(project: Project, mailed: User) -> None:
    clip(project, mailed)
    assert [mailing.send(mailed, lambda: NOW) for _ in range(2)] == [True, False]
    assert (len(mail.outbox), NoticeMail.objects.count()) == (1, 1)


def test_mail_that_could_not_go_is_written_down_and_not_tried_again(
    project: Project, mailed: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(self: EmailMultiAlternatives) -> int:
        raise smtplib.SMTPServerDisconnected("gone")

    monkeypatch.setattr(EmailMultiAlternatives, "send", refuse)
    clip(project, mailed)
    assert [mailing.send(mailed, lambda: NOW) for _ in range(2)] == [False, False]
    assert (outcomes(), NoticeMail.objects.get().problem) == ([("failed", 1)], "gone")


def test_flood_becomes_three_mails_and_a_digest(project: Project, mailed: User) -> None:
    for minute in range(8):
        clip(project, mailed, NOW + minute * MINUTE)
        mailing.send(mailed, lambda: NOW + minute * MINUTE)  # noqa: B023 - called at once
    assert len(mail.outbox) == 3
    assert not mailing.send(mailed, lambda: NOW + 9 * MINUTE)
    assert mailing.send(mailed, lambda: NOW + 10 * MINUTE)
    assert (mail.outbox[-1].subject, outcomes()[-1]) == ("relayweb: 5 notices", ("sent", 5))


def test_sweep_wakes_once_for_each_person_and_waits_with_the_digest(project: Project, mailed: User) -> None:
    clip(project, mailed)
    clip(project, mailed)
    wakeups.forget()
    assert [mailing.sweep(NOW), mailing.sweep(NOW)] == [1, 0]
    assert wakeups.names() == ["mail_notices"]
    assert mailing.sweep(NOW + 2 * mailing.LEASE) == 1


def test_what_was_read_is_not_mailed(project: Project, mailed: User) -> None:
    clip(project, mailed)
    Notice.objects.update(read_at=NOW)
    assert not mailing.send(mailed, lambda: NOW)
    assert (mail.outbox, outcomes()) == ([], [("dropped", 1)])


def test_who_may_not_see_it_any_more_is_not_mailed(project: Project, mailed: User) -> None:
    clip(project, mailed)
    membership.remove_member(Membership.objects.get(project=project, user=mailed), NOW)
    assert not mailing.send(mailed, lambda: NOW)
    assert mail.outbox == []


def test_who_is_switched_off_is_not_mailed(project: Project, mailed: User) -> None:
    clip(project, mailed)
    mailed.is_active = False
    mailed.save()
    assert not mailing.send(mailed, lambda: NOW)


def test_line_break_in_a_prompt_breaks_no_header(project: Project, mailed: User) -> None:
    clip(project, mailed, prompt="Dusk\r\nBcc: cat@example.com")
    assert mailing.send(mailed, lambda: NOW)
    assert mail.outbox[0].subject == "relayweb: “Dusk Bcc: cat@example.com” is ready"
