"""Stars, favourites and states keep the item's figures true; what an approved second has cost."""

import pytest

from generations.accounts.models import User
from generations.gallery import reviewing
from generations.gallery.models import Item, Review
from generations.ledger import holds
from generations.ledger.models import Currency
from generations.projects.models import Project, Role
from tests.builders import NOW
from tests.gallery.conftest import Make

pytestmark = pytest.mark.django_db


@pytest.fixture
def item(make: Make) -> Item:
    return make()


def test_rating_is_the_mean_of_everybodys_stars(item: Item, ann: User, ben: User, vic: User) -> None:
    for person, count in ((ann, 5), (ben, 4), (vic, 4), (ann, 3)):
        reviewing.rate(item, person, count, NOW)
    item.refresh_from_db()
    assert (item.rating_hundredths, item.rating_count) == (367, 3)
    for person in (ann, ben, vic):
        reviewing.rate(item, person, 0, NOW)
    item.refresh_from_db()
    assert (item.rating_hundredths, item.rating_count) == (0, 0)


@pytest.mark.parametrize("count", [-1, 6])
def test_only_five_stars_are_given(item: Item, ann: User, count: int) -> None:
    with pytest.raises(ValueError):
        reviewing.rate(item, ann, count, NOW)


def test_favourite_twice_is_one(item: Item, ann: User, ben: User) -> None:
    for person in (ann, ann, ben):
        reviewing.set_favourite(item, person, True, NOW)
    reviewing.set_favourite(item, ben, False, NOW)
    item.refresh_from_db()
    assert (item.favourite_count, list(ann.favourites.values_list("item", flat=True))) == (1, [item.pk])


def test_review_moves_with_its_history(item: Item, ann: User, ben: User) -> None:
    assert reviewing.move(item, Review.IN_REVIEW, ben, NOW)
    assert reviewing.move(item, Review.NEEDS_CHANGES, ann, NOW, "Too fast")
    assert not reviewing.move(item, Review.NEEDS_CHANGES, ann, NOW)
    told = list(item.review_changes.values_list("old", "new", "actor", "note"))
    assert told == [("in_review", "needs_changes", ann.pk, "Too fast"), ("", "in_review", ben.pk, "")]


@pytest.mark.parametrize(
    ("stands", "to", "role"),
    [
        ("", "in_review", Role.MEMBER),
        ("in_review", "", Role.MEMBER),
        ("in_review", "approved", Role.MANAGER),
        ("approved", "in_review", Role.MANAGER),
        ("rejected", "", Role.MANAGER),
    ],
)
def test_who_decided_undoes(item: Item, stands: str, to: str, role: Role) -> None:
    item.review = stands
    assert reviewing.role_needed(item, Review(to)) == role


def test_approved_second_costs_what_everything_cost(make: Make, ann: User, priced_project: Project) -> None:
    first, second = make(), make()
    for item in (first, second):
        holds.charge(item.job.attempt.hold, item.cost_micros, NOW)
    assert reviewing.approved_of(priced_project, Currency.SBX).micros_a_second is None
    reviewing.move(first, Review.APPROVED, ann, NOW)
    approved = reviewing.approved_of(priced_project, Currency.SBX)
    assert (approved.seconds, approved.spent_micros) == (4, 2 * first.cost_micros)
    assert approved.micros_a_second == round(first.cost_micros / 2)
