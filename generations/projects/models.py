"""Project, Membership, Invitation: what belongs together, who may see it, who is asked in. Budgets live in ledger/."""

from __future__ import annotations

import datetime as dt
from typing import ClassVar, Self

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from generations.accounts.models import Seat, User


class Role(models.TextChoices):
    VIEWER = "viewer", _("Viewer")
    MEMBER = "member", _("Member")
    MANAGER = "manager", _("Manager")

    @property
    def rank(self) -> int:
        return [Role.VIEWER, Role.MEMBER, Role.MANAGER].index(self)

    def covers(self, needed: Role) -> bool:
        """Whether a person with this role may do what `needed` may."""
        return self.rank >= needed.rank


class ProjectQuerySet(models.QuerySet["Project"]):
    def visible_to(self, user: User) -> Self:
        """The projects that this person may see; the only source for pages, media and API."""
        if not user.is_active:
            return self.none()
        if user.is_admin:
            return self
        return self.filter(models.Exists(Membership.objects.filter(project=models.OuterRef("pk"), user=user)))

    def with_gallery_for(self, user: User) -> Self:
        """The projects whose clips this person may watch: their own, and those that are open to the whole studio."""
        if not user.is_active or user.is_admin:
            return self.visible_to(user)
        mine = models.Exists(Membership.objects.filter(project=models.OuterRef("pk"), user=user))
        return self.filter(mine | models.Q(gallery_open=True))

    def active(self) -> Self:
        return self.filter(archived_at=None)


class Project(models.Model):
    name = models.CharField(_("name"), max_length=80)
    slug = models.SlugField(max_length=90, unique=True)
    created_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    archived_at = models.DateTimeField(null=True, blank=True)
    gallery_open = models.BooleanField(default=False, db_default=False)  # its clips are seen by the whole studio
    keep_days = models.PositiveIntegerField(null=True, blank=True)  # then its clips go to the bin; None: never
    plain_downloads = models.BooleanField(default=False, db_default=False)  # downloads carry no metadata
    members: models.ManyToManyField[User, Membership] = models.ManyToManyField(
        User, through="Membership", related_name="projects"
    )

    objects: ClassVar[ProjectQuerySet] = ProjectQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return f"/projects/{self.slug}/"

    @property
    def is_archived(self) -> bool:
        return self.archived_at is not None

    def role_of(self, user: User) -> Role | None:
        """This person's role here: an admin is a manager everywhere, a stranger has none, billing only watches."""
        if not user.is_active:
            return None
        if user.is_admin:
            return Role.MANAGER
        role = Membership.objects.filter(project=self, user=user).values_list("role", flat=True).first()
        if role and user.seat == Seat.BILLING:
            return Role.VIEWER
        return Role(role) if role else None


class Membership(models.Model):
    project = models.ForeignKey(Project, models.CASCADE, related_name="memberships")
    user = models.ForeignKey(User, models.CASCADE, related_name="memberships")
    role = models.CharField(_("role"), max_length=10, choices=Role, default=Role.MEMBER)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("user__email",)
        constraints = (models.UniqueConstraint(fields=["project", "user"], name="membership_once"),)

    def __str__(self) -> str:
        return f"{self.user} · {self.project} · {self.role}"


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def open(self, now: dt.datetime) -> Self:
        """Those that can still be accepted."""
        return self.filter(accepted_at=None, revoked_at=None, expires_at__gt=now)


class Invitation(models.Model):
    """An address asked into the studio, or into one project of it. Its token is in the link and nowhere else."""

    email = models.EmailField(_("e-mail"), max_length=254)
    token_hash = models.CharField(max_length=64, unique=True)
    seat = models.CharField(_("seat"), max_length=10, choices=Seat, default=Seat.NONE, blank=True)
    project = models.ForeignKey(Project, models.CASCADE, null=True, blank=True, related_name="invitations")
    role = models.CharField(_("role"), max_length=10, choices=Role, default=Role.MEMBER)
    invited_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)
    accepted_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    revoked_at = models.DateTimeField(null=True)

    objects: ClassVar[InvitationQuerySet] = InvitationQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        ordering = ("-created_at",)

    def __str__(self) -> str:
        return self.email
