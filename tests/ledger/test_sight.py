"""Whose money a person sees: the studio's, their projects', their own; nothing once they may not sign in."""

import pytest
from django.db import transaction

from generations.accounts.models import User
from generations.ledger import holds
from generations.ledger.models import Currency, Hold
from generations.projects.models import Project
from tests.builders import NOW


@pytest.fixture
def hold(project: Project, ben: User) -> Hold:
    with transaction.atomic():
        return holds.place_hold(project=project, user=ben, currency=Currency.SBX, amount_micros=5, now=NOW)


def test_admin_billing_manager_and_oneself_see_it(
    hold: Hold, ada: User, bill: User, ann: User, ben: User, vic: User, cat: User
) -> None:
    people = (ada, bill, ann, ben, vic, cat)
    assert [Hold.objects.visible_to(person).count() for person in people] == [1, 1, 1, 1, 0, 0]


def test_who_may_not_sign_in_any_more_sees_nothing(hold: Hold, ada: User, ben: User) -> None:
    for person in (ada, ben):
        person.is_active = False
        assert not Hold.objects.visible_to(person).exists()
