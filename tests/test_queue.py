"""Wake-ups that nobody acknowledges any more are dropped; those that may still run are not."""

import datetime as dt

import pytest
from django.utils import timezone
from django_q.models import OrmQ

from generations import queue


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("lock_minutes", "is_dropped"),
    [(-1, False), (5, True), (15, False), (29, False)],
    ids=["not taken", "taken 25 minutes ago", "taken 15 minutes ago", "taken just now"],
)
def test_only_wake_ups_that_no_task_can_still_be_running_are_dropped(lock_minutes: int, is_dropped: bool) -> None:
    now = timezone.now()
    OrmQ.objects.create(key="relayweb", payload="x", lock=now + dt.timedelta(minutes=lock_minutes))
    assert queue.forget_taken(now) == is_dropped
