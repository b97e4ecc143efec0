"""Stars and favourites of a person, the review of an item; what an approved second has cost."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Avg, Count, Sum

from generations.accounts.models import User
from generations.gallery.models import Item, Review
from generations.gallery.reviews import Favourite, ReviewChange, Stars
from generations.ledger import reports
from generations.ledger.models import Currency, SpendDay
from generations.projects.models import Project, Role

# Who may move an item to which state.
NEEDED = {
    Review.NONE: Role.MEMBER,
    Review.IN_REVIEW: Role.MEMBER,
    Review.APPROVED: Role.MANAGER,
    Review.NEEDS_CHANGES: Role.MANAGER,
    Review.REJECTED: Role.MANAGER,
}


def role_needed(item: Item, to: Review) -> Role:
    """The role that may move this item there: what a manager decided only a manager undoes."""
    return max(NEEDED[Review(item.review)], NEEDED[to], key=lambda role: role.rank)


def rate(item: Item, user: User, count: int, now: dt.datetime) -> None:
    """1 to 5 stars of this person; 0 takes them back. Raises ValueError."""
    if count not in range(6):
        raise ValueError(count)
    with transaction.atomic():
        Item.objects.select_for_update().get(pk=item.pk)
        if count:
            Stars.objects.update_or_create(item=item, user=user, defaults={"count": count, "at": now})
        else:
            Stars.objects.filter(item=item, user=user).delete()
        found = Stars.objects.filter(item=item).aggregate(mean=Avg("count"), number=Count("pk"))
        hundredths = round(100 * (found["mean"] or 0))
        Item.objects.filter(pk=item.pk).update(rating_hundredths=hundredths, rating_count=found["number"])


def set_favourite(item: Item, user: User, wanted: bool, now: dt.datetime) -> None:
    with transaction.atomic():
        Item.objects.select_for_update().get(pk=item.pk)
        if wanted:
            Favourite.objects.get_or_create(item=item, user=user, defaults={"at": now})
        else:
            Favourite.objects.filter(item=item, user=user).delete()
        count = Favourite.objects.filter(item=item).count()
        Item.objects.filter(pk=item.pk).update(favourite_count=count)


def move(item: Item, to: Review, actor: User, now: dt.datetime, note: str = "") -> bool:
    """Moves the review there with its line in the history; False when it stands there already."""
    with transaction.atomic():
        old = Item.objects.select_for_update().values_list("review", flat=True).get(pk=item.pk)
        if old == to:
            return False
        Item.objects.filter(pk=item.pk).update(review=to)
        ReviewChange.objects.create(item=item, actor=actor, old=old, new=to, note=note[:300], at=now)
    item.review = to
    return True


def move_all(items: Iterable[Item], to: Review, actor: User, now: dt.datetime) -> int:
    """How many were moved; each in a transaction of its own."""
    return sum(move(item, to, actor, now) for item in items)


@dataclass(frozen=True, slots=True)
class Approved:
    """What a project's approved clips come to: their seconds, and what everything made there has cost."""

    seconds: int
    spent_micros: int

    @property
    def micros_a_second(self) -> int | None:
        """What an approved second has cost, with everything that led to it; None before the first."""
        return round(self.spent_micros / self.seconds) if self.seconds else None


def approved_of(project: Project, currency: Currency) -> Approved:
    found = Item.objects.filter(project=project, review=Review.APPROVED, currency=currency)
    seconds = found.aggregate(sum=Sum("seconds", default=0))["sum"]
    spent = SpendDay.objects.filter(project=project, currency=currency).aggregate(sum=reports.COST)["sum"]
    return Approved(seconds, spent or 0)
