"""Item: one kept output as the gallery knows it, with the figures that it is found by. Reading: a cursor of events.

What people say and decide about an item has its own modules; their verbs keep the figures here true.
"""

from __future__ import annotations

from typing import ClassVar, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from generations.accounts.models import User
from generations.catalog.models import VideoModel
from generations.jobs.models import Job, Output
from generations.ledger.models import Currency
from generations.media.models import MediaFile
from generations.projects.models import Project

TITLE_LENGTH = 120
TITLE_WORDS = 8
BY_AGE = ("-created_at", "-id")
FIXED = ("kind", "ratio", "resolution", "seconds", "has_sound")  # what filters ask and never changes


class Shelf(models.TextChoices):
    """Where an item lies."""

    SHOWN = "shown", _("Gallery")
    ARCHIVED = "archived", _("Archive")
    BIN = "bin", _("Bin")  # deleted; may be restored for 30 days
    GONE = "gone", _("Gone")  # its bytes are given up; the row says that it was


class Review(models.TextChoices):
    NONE = "", _("Not reviewed")
    IN_REVIEW = "in_review", _("In review")
    APPROVED = "approved", _("Approved")
    NEEDS_CHANGES = "needs_changes", _("Needs changes")
    REJECTED = "rejected", _("Rejected")


class ItemQuerySet(models.QuerySet["Item"]):
    def visible_to(self, user: User) -> Self:
        """Those of their projects, wherever they lie; of open galleries what is shown."""
        mine = Q(project__in=Project.objects.visible_to(user))
        opened = Q(project__in=Project.objects.with_gallery_for(user), shelf=Shelf.SHOWN)
        return self.exclude(shelf=Shelf.GONE).filter(mine | opened)

    def shown(self) -> Self:
        return self.filter(shelf=Shelf.SHOWN)

    def for_tile(self) -> Self:
        return self.select_related("project", "user", "model", "output__media", "job")


class Item(models.Model):
    """One kept output. Its address is that of the output: `output_id` is random, `id` only keeps the order."""

    output = models.OneToOneField(Output, models.PROTECT, related_name="item")
    job = models.ForeignKey(Job, models.PROTECT, related_name="items")
    project = models.ForeignKey(Project, models.PROTECT, related_name="items")
    user = models.ForeignKey(User, models.PROTECT, related_name="items")
    model = models.ForeignKey(VideoModel, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=5, choices=MediaFile.Kind)  # video, image
    ratio = models.CharField(max_length=10)
    resolution = models.CharField(max_length=10)
    seconds = models.PositiveSmallIntegerField()  # 0: an image
    has_sound = models.BooleanField()
    cost_micros = models.BigIntegerField()  # its share of what the job cost
    currency = models.CharField(max_length=3, choices=Currency)
    created_at = models.DateTimeField()

    title = models.CharField(_("title"), max_length=TITLE_LENGTH, blank=True)  # '': the prompt's first words
    tags = models.JSONField(default=list)  # in small letters, each once, in the order that they were given
    shelf = models.CharField(max_length=8, choices=Shelf, default=Shelf.SHOWN)
    shelved_at = models.DateTimeField(null=True)  # since when it lies there; None: it never lay elsewhere
    shelved_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")  # None: by the project's policy

    review = models.CharField(max_length=13, choices=Review, default=Review.NONE, blank=True)
    rating_hundredths = models.PositiveSmallIntegerField(default=0)  # the mean of its stars; 0: none
    rating_count = models.PositiveIntegerField(default=0)
    favourite_count = models.PositiveIntegerField(default=0)
    comment_count = models.PositiveIntegerField(default=0)

    objects: ClassVar[ItemQuerySet] = ItemQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        indexes = (
            # what follows the key in these is read in the index itself, when a filter leaves few of many
            models.Index(fields=["shelf", *BY_AGE, "project", *FIXED], name="item_by_age"),
            models.Index(fields=["project", "shelf", *BY_AGE, *FIXED], name="item_project_by_age"),
            models.Index(fields=["user", "shelf", *BY_AGE, "project", *FIXED], name="item_user_by_age"),
            models.Index(fields=["model", "shelf", *BY_AGE, "project", *FIXED], name="item_model_by_age"),
            models.Index(fields=["shelf", "-rating_hundredths", "-id"], name="item_rating"),
            models.Index(fields=["shelf", "-cost_micros", "-id"], name="item_cost"),
            models.Index(fields=["project", "shelf", "-rating_hundredths", "-id"], name="item_project_rating"),
            models.Index(fields=["project", "shelf", "-cost_micros", "-id"], name="item_project_cost"),
            models.Index(
                fields=["review", "-created_at", "-id"], condition=~Q(review=Review.NONE), name="item_review_new"
            ),
            models.Index(fields=["project", "currency"], condition=Q(review=Review.APPROVED), name="item_approved"),
            models.Index(
                fields=[*BY_AGE, "shelf", "project", "rating_hundredths"],
                condition=Q(comment_count__gt=0),
                name="item_commented_by_age",
            ),
        )
        constraints = (
            models.CheckConstraint(condition=Q(shelf__in=Shelf.values), name="item_shelf_known"),
            models.CheckConstraint(condition=Q(review__in=Review.values), name="item_review_known"),
            models.CheckConstraint(condition=Q(rating_hundredths__lte=500), name="item_rating_in_stars"),
        )

    def __str__(self) -> str:
        return self.heading

    def get_absolute_url(self) -> str:
        return f"/gallery/{self.output_id}/"

    @property
    def heading(self) -> str:
        """Its title, or the prompt's first words."""
        words = self.job.prompt.split()
        return self.title or " ".join(words[:TITLE_WORDS])[:80] + ("…" if len(words) > TITLE_WORDS else "")

    @property
    def is_video(self) -> bool:
        return self.kind == MediaFile.Kind.VIDEO

    @property
    def media(self) -> MediaFile:
        """Its bytes. Raises LookupError once they are given up."""
        if self.output.media is None:
            raise LookupError(str(self.output_id))
        return self.output.media


class Reading(models.Model):
    """How far a reader of events has come."""

    name = models.CharField(max_length=20, primary_key=True)  # shelving
    last_event_id = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.name} at {self.last_event_id}"
