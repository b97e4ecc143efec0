"""Notice, its mail, what a person wants to be told, and how far the events have been read. Verbs: reading.py and on."""

from __future__ import annotations

from typing import ClassVar, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from generations.accounts.models import User
from generations.health.models import Alert
from generations.jobs.models import Inquiry, Job
from generations.ledger import sight
from generations.ledger.models import BudgetMark
from generations.projects.models import Membership, Project, Role


class Kind(models.TextChoices):
    READY = "ready", _("Your clip is ready")
    FAILED = "failed", _("Your clip failed, or was cancelled by somebody else")
    BLOCKED = "blocked", _("Your clip was refused by policy")
    APPROVED = "approved", _("Your clip was approved")
    REJECTED = "rejected", _("Your clip was rejected")
    LAPSED = "lapsed", _("Nobody decided on your clip in time")
    UNKNOWN = "unknown", _("Nobody knows what became of a clip")
    ANSWERED = "answered", _("The relay answered about a task that you attached")
    ASKED = "asked", _("Somebody asks for your approval")
    MARK = "mark", _("A budget has reached 50, 80 or 100 %")
    PAUSED = "paused", _("Sending is paused")
    RESUMED = "resumed", _("Sending goes on again")
    EXPIRING = "expiring", _("A paid clip is about to expire before it is kept")
    ALERT = "alert", _("Something is wrong with the studio")


class NoticeMail(models.Model):
    """One mail: written down before it goes out, so that it goes at most once."""

    class Outcome(models.TextChoices):
        BEGUN = "begun"  # and if it stays so: nobody knows, and it is not sent again
        SENT = "sent"
        FAILED = "failed"
        DROPPED = "dropped"  # all of it was read meanwhile, or may not be seen any more

    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    at = models.DateTimeField()
    outcome = models.CharField(max_length=7, choices=Outcome, default=Outcome.BEGUN)
    told = models.PositiveIntegerField(default=0)  # how many notices stand in it
    problem = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ("-id",)
        indexes = (models.Index(fields=["user", "-at"], name="notice_mail_lately"),)

    def __str__(self) -> str:
        return f"{self.user} at {self.at}: {self.outcome}"


class NoticeQuerySet(models.QuerySet["Notice"]):
    def visible_to(self, user: User) -> Self:
        """This person's notices, without those of a job, a budget or an alert that they may not see now."""
        if not user.is_active:
            return self.none()
        of_job = Q(job=None) | Q(job__project__in=Project.objects.visible_to(user))
        return self.filter(of_job, _mark_seen_by(user), Q() if user.is_admin else Q(alert=None), user=user)

    def on_page(self) -> Self:
        return self.filter(on_page=True)

    def unread(self) -> Self:
        return self.filter(read_at=None)

    def for_showing(self) -> Self:
        related = ("job__project", "job__user", "mark__month__budget__project", "mark__month__budget__user")
        return self.select_related(*related, "alert", "inquiry").prefetch_related("job__outputs")


def _mark_seen_by(user: User) -> Q:
    if sight.sees_all(user):
        return Q()
    managed = Membership.objects.filter(user=user, role=Role.MANAGER).values("project")
    budget = "mark__month__budget__"
    return Q(mark=None) | Q(**{f"{budget}user": user}) | Q(**{f"{budget}project__in": managed})


class Notice(models.Model):
    """Something that one person is told, once. What it says is put in words when it is shown: words.py."""

    user = models.ForeignKey(User, models.CASCADE, related_name="notices")
    kind = models.CharField(max_length=10, choices=Kind)
    key = models.CharField(max_length=60)  # the row that it was made of: "event:7", "alert:3:over"
    at = models.DateTimeField()
    job = models.ForeignKey(Job, models.CASCADE, null=True, related_name="+")
    mark = models.ForeignKey(BudgetMark, models.CASCADE, null=True, related_name="+")
    alert = models.ForeignKey(Alert, models.CASCADE, null=True, related_name="+")
    inquiry = models.ForeignKey(Inquiry, models.CASCADE, null=True, related_name="+")
    on_page = models.BooleanField()
    in_browser = models.BooleanField()
    read_at = models.DateTimeField(null=True)
    mail_at = models.DateTimeField(null=True)  # when its mail must be looked at; None: none is wanted, or it is taken
    mail = models.ForeignKey(NoticeMail, models.SET_NULL, null=True, related_name="notices")

    objects: ClassVar[NoticeQuerySet] = NoticeQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        ordering = ("-at", "-id")
        indexes = (
            models.Index(fields=["user", "-at", "-id"], name="notice_list"),
            models.Index(fields=["user"], condition=Q(read_at=None, on_page=True), name="notice_unread"),
            models.Index(fields=["mail_at"], condition=Q(mail_at__isnull=False), name="notice_mail_due"),
        )
        constraints = (models.UniqueConstraint(fields=["key", "user"], name="notice_once"),)

    def __str__(self) -> str:
        return f"{self.kind} for {self.user_id}"


class NoticeChoice(models.Model):
    """How one person wants to be told of one kind; without a row the usual way holds: choices.py."""

    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    kind = models.CharField(max_length=10, choices=Kind)
    on_page = models.BooleanField()
    by_mail = models.BooleanField()
    in_browser = models.BooleanField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=["user", "kind"], name="notice_choice_once"),)

    def __str__(self) -> str:
        return f"{self.kind} for {self.user_id}"


class NoticeCursor(models.Model):
    """How far the jobs' events have been read; one row."""

    name = models.CharField(max_length=10, primary_key=True)
    settled_id = models.BigIntegerField(default=0)  # nothing before it can still be committed
    seen_id = models.BigIntegerField(default=0)  # what stands between the two is read again
    asked_at = models.DateTimeField(null=True)  # when a read was last asked for

    def __str__(self) -> str:
        return f"{self.name} {self.settled_id}…{self.seen_id}"
