"""Stars, Favourite, ReviewChange: what each person thinks of an item, and what was decided. Verbs: reviewing.py."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from generations.accounts.models import User
from generations.gallery.models import Item, Review


class Stars(models.Model):
    """One person's rating of an item, 1 to 5; their mean stands in the item."""

    item = models.ForeignKey(Item, models.CASCADE, related_name="stars")
    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    count = models.PositiveSmallIntegerField()
    at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "stars"
        constraints = (
            models.UniqueConstraint(fields=["item", "user"], name="stars_once_a_person"),
            models.CheckConstraint(condition=Q(count__gte=1, count__lte=5), name="stars_one_to_five"),
        )

    def __str__(self) -> str:
        return f"{self.count} by {self.user_id}"


class Favourite(models.Model):
    item = models.ForeignKey(Item, models.CASCADE, related_name="favourites")
    user = models.ForeignKey(User, models.CASCADE, related_name="favourites")
    at = models.DateTimeField()

    class Meta:
        indexes = (models.Index(fields=["user", "-item"], name="favourite_of"),)
        constraints = (models.UniqueConstraint(fields=["item", "user"], name="favourite_once_a_person"),)

    def __str__(self) -> str:
        return f"{self.item_id} of {self.user_id}"


class ReviewChange(models.Model):
    """One step of an item's review: who moved it from what to what, when, and what they said of it."""

    item = models.ForeignKey(Item, models.CASCADE, related_name="review_changes")
    actor = models.ForeignKey(User, models.PROTECT, related_name="+")
    old = models.CharField(max_length=13, choices=Review, blank=True)
    new = models.CharField(max_length=13, choices=Review, blank=True)
    note = models.CharField(max_length=300, blank=True)
    at = models.DateTimeField()

    class Meta:
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"{self.old or 'none'} -> {self.new or 'none'}"
