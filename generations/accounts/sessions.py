"""Sessions: where a person is signed in; ended one by one or all at once, and by themselves after twelve idle hours."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.models import Session

from generations.accounts.models import User

IDLE = dt.timedelta(hours=12)
NOTED_EVERY = dt.timedelta(minutes=5)
SEEN = "seen"  # in a session: when its person last did something, from which address and browser
AGENT_CHARACTERS = 200
# What browsers call themselves; the first that is found counts, since most claim to be others too.
BROWSERS = (("Edg", "Edge"), ("OPR", "Opera"), ("Firefox", "Firefox"), ("Chrome", "Chrome"), ("Safari", "Safari"))
SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS", "macOS"),
    ("Linux", "Linux"),
)


@dataclass(frozen=True, slots=True)
class Seen:
    """A session as its person is shown it. `name` stands for its key, which nobody is shown."""

    name: str
    at: dt.datetime | None
    ip: str
    agent: str
    is_this: bool

    @property
    def title(self) -> str:
        """'Firefox on Linux'; the browser's own words where they are not known."""
        browser, system = (
            next((word for mark, word in known if mark in self.agent), "") for known in (BROWSERS, SYSTEMS)
        )
        return f"{browser} on {system}" if browser and system else self.agent[:60]


def keep(session: SessionBase, *, ip: str, agent: str, now: dt.datetime, is_poll: bool) -> bool:
    """Notes that its person is here, now and then; False when they were away too long, and nothing is noted."""
    seen = session.get(SEEN)
    at = dt.datetime.fromisoformat(seen["at"]) if seen else None
    if at and now - at > IDLE:
        return False
    if at is None or (not is_poll and now - at > NOTED_EVERY):  # a page that asks by itself is nobody's doing
        session[SEEN] = {"at": now.isoformat(), "ip": ip, "agent": agent[:AGENT_CHARACTERS]}
    return True


def of(user: User, this: str | None, now: dt.datetime) -> list[Seen]:
    """Where this person is signed in, the latest first; `this` is the key of the session that asks."""
    found = []
    for row in _rows(user, now):
        seen = row.get_decoded().get(SEEN) or {"at": None, "ip": "", "agent": ""}
        at = dt.datetime.fromisoformat(seen["at"]) if seen["at"] else None
        found.append(Seen(_name(row), at, seen["ip"], seen["agent"], row.session_key == this))
    return sorted(
        found, key=lambda each: (each.is_this, each.at or dt.datetime.min.replace(tzinfo=dt.UTC)), reverse=True
    )


def end(user: User, name: str, now: dt.datetime) -> None:
    """Ends the session of this name; one that has gone already stays gone."""
    for row in _rows(user, now):
        if _name(row) == name:
            row.delete()


def end_all(user: User, now: dt.datetime, but: str | None = None) -> None:
    """Signs out everywhere, but for the session with this key."""
    for row in _rows(user, now):
        if row.session_key != but:
            row.delete()


def _rows(user: User, now: dt.datetime) -> Iterator[Session]:
    for row in Session.objects.filter(expire_date__gt=now).iterator():
        if row.get_decoded().get("_auth_user_id") == str(user.pk):
            yield row


def _name(row: Session) -> str:
    return hashlib.sha256(row.session_key.encode()).hexdigest()[:32]
