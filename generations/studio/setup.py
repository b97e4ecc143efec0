"""What a fresh data directory needs before the first page: tables, catalogue, static files, an admin, a project."""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.contrib.staticfiles.finders import get_finders
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.core.validators import validate_email
from django.db import transaction

from generations import catalog
from generations.accounts.models import Seat, User
from generations.accounts.people import made_password
from generations.catalog.models import VideoModel
from generations.health import nodes
from generations.projects.models import Membership, Project, Role
from generations.studio.children import Say

SHIPPED = Path(catalog.__file__).with_name("catalog.json")


class Unusable(Exception):
    """A setting with which no admin can be made; the text is the line to show."""


@dataclass(frozen=True, slots=True)
class SignIn:
    """How the person who starts the studio gets in; `password` only when it was made just now."""

    email: str
    password: str = ""
    is_new: bool = False

    def __str__(self) -> str:
        if self.password:
            return f"Sign in as {self.email} with the password {self.password} (shown only this once)."
        if self.is_new:
            return f"Sign in as {self.email} with the password in STUDIO_PASSWORD."
        return f"Sign in as {self.email}, or as anybody else you have added, with the password you know."


def prepare(say: Say) -> SignIn:
    """Idempotent: a second start on the same data changes nothing that is right already."""
    call_command("migrate", interactive=False, verbosity=0)
    nodes.leave()  # the last run's beats say nothing of this one's
    run_dir = settings.DATA_DIR / "run"
    import_catalogue(run_dir / "catalogue.sha256", say)
    collect_static(run_dir / "static.sha256")
    return first_admin(say)


def import_catalogue(stamp: Path, say: Say) -> None:
    """Only when there is none, or another one has been shipped: prices imported since then are not undone."""
    fingerprint, is_first = hashlib.sha256(SHIPPED.read_bytes()).hexdigest(), not VideoModel.objects.exists()
    if is_first or (stamp.exists() and stamp.read_text() != fingerprint):
        told = io.StringIO()
        call_command("import_catalog", str(SHIPPED), stdout=told)
        say(f"Catalogue: {VideoModel.objects.count()} video models." if is_first else told.getvalue().strip())
    stamp.write_text(fingerprint)


def collect_static(stamp: Path) -> bool:
    """Gathers the static files when one has changed since the last time; answers whether it did."""
    fingerprint = _static_fingerprint()
    if stamp.exists() and stamp.read_text() == fingerprint:
        return False
    call_command("collectstatic", interactive=False, clear=True, verbosity=0)
    stamp.write_text(fingerprint)
    return True


def _static_fingerprint() -> str:
    digest = hashlib.sha256(f"{settings.STATIC_ROOT} {settings.STORAGES['staticfiles']}".encode())
    for finder in get_finders():
        for name, storage in sorted(finder.list([]), key=lambda found: found[0]):
            status = Path(storage.path(name)).stat()
            digest.update(f"\0{name}\0{status.st_size}\0{status.st_mtime_ns}".encode())
    return digest.hexdigest()


@transaction.atomic
def first_admin(say: Say) -> SignIn:
    """The admin of settings and their first project, unless the studio has an admin already. Raises Unusable."""
    known = User.objects.filter(seat=Seat.ADMIN, is_active=True).order_by("pk").first()
    if known:
        return SignIn(known.email)
    email, password = _credentials(say)
    admin = _make_admin(email, password or (made := made_password()))
    if not Project.objects.exists():
        make_sample_project(admin)
    return SignIn(email, "" if password else made, is_new=True)


def _make_admin(email: str, password: str) -> User:
    """A person who has this e-mail already becomes the admin."""
    known = User.objects.filter(email=email).first()
    if known is None:
        return User.objects.create_superuser(email, password)
    known.seat, known.is_active, known.is_superuser = Seat.ADMIN, True, True
    known.set_password(password)
    known.save(update_fields=["seat", "is_active", "is_superuser", "password"])
    return known


def _credentials(say: Say) -> tuple[str, str]:
    email, password = settings.STUDIO_EMAIL.strip().lower(), settings.STUDIO_PASSWORD
    try:
        validate_email(email)
    except ValidationError:
        raise Unusable(f"STUDIO_EMAIL must be an e-mail address, not {email!r}.") from None
    if password:
        _warn_of_weak(password, User(email=email), say)
    return email, password


def _warn_of_weak(password: str, user: User, say: Say) -> None:
    """Whoever starts the studio may choose a short password, but is told."""
    try:
        validate_password(password, user)
    except ValidationError as problem:
        say(f"STUDIO_PASSWORD is weaker than the studio asks of people: {' '.join(problem.messages)}")


def make_sample_project(admin: User) -> Project:
    project = Project.objects.create(name="First steps", slug="first-steps", created_by=admin)
    Membership.objects.create(project=project, user=admin, role=Role.MANAGER)
    return project
