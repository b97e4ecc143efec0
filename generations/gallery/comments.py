"""Comment: a word about an item, at a time of it or not. Remake: a job asked for with one. Verbs: talking.py."""

from __future__ import annotations

import uuid
from typing import ClassVar, Self

from django.db import models
from django.db.models import F, Q

from generations.accounts.models import User
from generations.gallery.models import Item
from generations.gallery.shares import ShareLink
from generations.jobs.models import Job

LONGEST_TEXT = 4000


class CommentQuerySet(models.QuerySet["Comment"]):
    def visible_to(self, user: User) -> Self:
        return self.filter(item__in=Item.objects.visible_to(user))

    def present(self) -> Self:
        return self.filter(deleted_at=None)


class Comment(models.Model):
    """A thread's first word, or an answer in it (`root`). A deleted one keeps its place, not its words."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    item = models.ForeignKey(Item, models.CASCADE, related_name="comments")
    root = models.ForeignKey("self", models.CASCADE, null=True, related_name="replies")
    key = models.CharField(max_length=64)  # the form's own id: the same form twice is the same comment
    author = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")  # None: a guest
    guest_name = models.CharField(max_length=60, blank=True)
    share = models.ForeignKey(ShareLink, models.PROTECT, null=True, related_name="comments")  # by which the guest came
    text = models.TextField(max_length=LONGEST_TEXT)
    start_ms = models.PositiveIntegerField(null=True)  # None: about the whole
    end_ms = models.PositiveIntegerField(null=True)  # None: at one frame
    people: models.ManyToManyField[User, models.Model] = models.ManyToManyField(User, related_name="+")  # named by @
    change = models.PositiveBigIntegerField()  # rises with every change to any comment of the item
    created_at = models.DateTimeField()
    edited_at = models.DateTimeField(null=True)
    deleted_at = models.DateTimeField(null=True)
    resolved_at = models.DateTimeField(null=True)  # of the thread, kept in its first comment
    resolved_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")

    objects: ClassVar[CommentQuerySet] = CommentQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        ordering = ("created_at", "id")
        indexes = (
            models.Index(fields=["item", "-change"], name="comment_changed"),
            models.Index(fields=["-created_at"], name="comment_new"),
        )
        constraints = (
            models.UniqueConstraint(fields=["item", "key"], name="comment_key_once"),
            models.CheckConstraint(
                condition=Q(author__isnull=False, share=None) | Q(author=None, share__isnull=False),
                name="comment_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(end_ms=None) | Q(start_ms__isnull=False, end_ms__gt=F("start_ms")),
                name="comment_range_runs_on",
            ),
            models.CheckConstraint(
                condition=Q(root=None) | Q(start_ms=None, resolved_at=None), name="comment_answer_follows_its_thread"
            ),
        )

    def __str__(self) -> str:
        return f"{self.who}: {self.text[:40]}"

    @property
    def who(self) -> str:
        return str(self.author) if self.author else self.guest_name

    @property
    def is_resolved(self) -> bool:
        return self.resolved_at is not None

    @property
    def anchor(self) -> str:
        """Its address on the item's page, without the page."""
        return f"comment-{self.pk}"

    def get_absolute_url(self) -> str:
        return f"{self.item.get_absolute_url()}#{self.anchor}"


class Remake(models.Model):
    """A job made again with the note of a thread: the new clip leads back to what was said of the old one."""

    job = models.OneToOneField(Job, models.PROTECT, related_name="remake")
    comment = models.ForeignKey(Comment, models.CASCADE, related_name="remakes")

    def __str__(self) -> str:
        return f"{self.job_id} with {self.comment_id}"
