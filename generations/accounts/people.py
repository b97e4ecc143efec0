"""Verbs on people: one added, switched off and on, given another seat."""

from __future__ import annotations

import datetime as dt
import secrets

from django.core.mail import send_mail
from django.db import transaction

from generations.accounts import audit, sessions
from generations.accounts.models import Seat, User

LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that can be taken for another


@transaction.atomic
def add_person(email: str, name: str, seat: Seat, now: dt.datetime) -> tuple[User, str]:
    """The person and a password made for them, kept nowhere. Raises IntegrityError when the address is taken."""
    password = made_password()
    person = User.objects.create_user(email, password, name=name, seat=seat)
    audit.record("person.added", about=person.email, after={"name": name, "seat": seat}, now=now)
    return person, password


def made_password() -> str:
    """Four groups of five, near 99 bits."""
    return "-".join("".join(secrets.choice(LETTERS) for _ in range(5)) for _ in range(4))


def mail_admins(subject: str, text: str, *, also: tuple[Seat, ...] = ()) -> int:
    """One mail to every active admin, and to those in the seats of `also`; how many were sent."""
    told = User.objects.filter(seat__in=[Seat.ADMIN, *also], is_active=True).values_list("email", flat=True)
    return sum(send_mail(subject, text, None, [address]) for address in told)


@transaction.atomic
def give_seat(user: User, seat: Seat, now: dt.datetime) -> None:
    before, user.seat = user.seat, seat
    user.save(update_fields=["seat"])
    audit.record("person.seat", about=user.email, before={"seat": before}, after={"seat": seat}, now=now)


@transaction.atomic
def switch(user: User, *, is_active: bool, now: dt.datetime) -> None:
    """Switches a person off (all their sessions end) or on again."""
    was, user.is_active = user.is_active, is_active
    user.save(update_fields=["is_active"])
    if not is_active:
        sessions.end_all(user, now)
    audit.record("person.switched", about=user.email, before={"active": was}, after={"active": is_active}, now=now)


@transaction.atomic
def sign_out_everywhere(user: User, now: dt.datetime, but: str | None = None) -> None:
    """Ends every session, but for the one with this key."""
    sessions.end_all(user, now, but)
    audit.record("person.signed_out", about=user.email, now=now)
