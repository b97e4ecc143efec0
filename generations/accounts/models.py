"""User: a person of the studio. AuditEvent: what somebody did. Project membership lives in projects/, above."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Seat(models.TextChoices):
    """A person's role in the studio as a whole; roles in a project are projects.models.Role."""

    ADMIN = "admin", _("Admin")
    BILLING = "billing", _("Billing")
    NONE = "", _("Team member")


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> User:
        return self.create_user(email, password, seat=Seat.ADMIN, is_superuser=True, **fields)


class User(AbstractBaseUser, PermissionsMixin):
    class Theme(models.TextChoices):
        SYSTEM = "", _("As the system")
        LIGHT = "light", _("Light")
        DARK = "dark", _("Dark")

    email = models.EmailField(_("e-mail"), max_length=254, unique=True)
    name = models.CharField(_("name"), max_length=80, blank=True)
    seat = models.CharField(_("seat"), max_length=10, choices=Seat, default=Seat.NONE, blank=True)
    theme = models.CharField(_("theme"), max_length=5, choices=Theme, default=Theme.SYSTEM, blank=True)
    has_single_keys = models.BooleanField(
        _("single keys"),
        default=True,
        db_default=True,
        help_text=_("Such as / to search and g g for the gallery; ? lists them."),
    )
    is_active = models.BooleanField(_("active"), default=True)
    created_at = models.DateTimeField(default=timezone.now)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        constraints = (models.UniqueConstraint(Lower("email"), name="user_email_unique_any_case"),)

    def __str__(self) -> str:
        return self.name or self.email

    @property
    def is_admin(self) -> bool:
        return self.is_active and self.seat == Seat.ADMIN

    @property
    def is_staff(self) -> bool:
        return self.is_admin

    @property
    def initials(self) -> str:
        words = (self.name or self.email.split("@")[0]).replace(".", " ").split()
        return "".join(word[0] for word in words[:2]).upper() or "?"


class AuditEvent(models.Model):
    """One thing that somebody did; never edited. Written by audit.record, in the transaction of the change itself."""

    at = models.DateTimeField()
    action = models.CharField(max_length=40)  # a key of audit.ACTIONS
    actor = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")  # None: nobody who is signed in
    about = models.CharField(max_length=200)  # whom or what it changed, in words that stay true
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    ip = models.CharField(max_length=45, blank=True)  # '' when no request asked for it
    previous_hash = models.CharField(max_length=64, blank=True, unique=True)  # '' for the first: no chain has a fork
    hash = models.CharField(max_length=64)

    class Meta:
        ordering = ("-id",)
        indexes = (
            models.Index(fields=["action", "-id"], name="audit_by_action"),
            models.Index(fields=["actor", "-id"], name="audit_by_actor"),
        )

    def __str__(self) -> str:
        return f"{self.action} {self.about}"

    def digest(self) -> str:
        """sha256 of everything that it says, and of the hash before it."""
        at = self.at.astimezone(dt.UTC).isoformat(timespec="microseconds")
        said = [self.previous_hash, at, self.action, self.actor_id, self.about, self.before, self.after, self.ip]
        return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()
