"""JobEvent: the record of a job's changes, each sealed with the hash of the one before it. Written by `Job.record`."""

from __future__ import annotations

import datetime as dt
import hashlib
import json

from django.db import models
from django.utils.translation import gettext_lazy as _

from generations.accounts.models import User
from generations.jobs.states import State


class JobEvent(models.Model):
    """The record of a change, or of something strange; never edited."""

    class Name(models.TextChoices):
        STATE = "state"
        CANCEL_REQUESTED = "cancel_requested", _("Cancel asked for")
        ANOMALY = "anomaly", _("Odd answer")  # the relay said something that contradicts what stands
        CLAIMED = "claimed", _("Taken on")  # somebody looks after its unknown outcome
        RESOLVED = "resolved", _("Resolved")  # what became of an attempt that was sent again over

    job = models.ForeignKey("generations.Job", models.CASCADE, related_name="events")
    name = models.CharField(max_length=20, choices=Name)
    old_state = models.CharField(max_length=20, blank=True)  # '' for the first
    new_state = models.CharField(max_length=20)
    at = models.DateTimeField()
    actor = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    text = models.TextField(blank=True)
    previous_hash = models.CharField(max_length=64, blank=True)  # '' for the first
    hash = models.CharField(max_length=64)

    class Meta:
        ordering = ("id",)
        indexes = (models.Index(fields=["-at"], condition=models.Q(name="anomaly"), name="event_anomalies"),)
        constraints = (models.UniqueConstraint(fields=["job", "previous_hash"], name="event_chain_has_no_fork"),)

    def __str__(self) -> str:
        return f"{self.old_state} -> {self.new_state}"

    def get_old_state_display(self) -> str:
        return str(State(self.old_state).label) if self.old_state else ""

    def get_new_state_display(self) -> str:
        return str(State(self.new_state).label)

    def digest(self) -> str:
        """sha256 of everything that it says, and of the hash before it."""
        at = self.at.astimezone(dt.UTC).isoformat(timespec="microseconds")
        moved = [self.name, self.old_state, self.new_state, at, self.actor_id, self.text]
        return hashlib.sha256(json.dumps([str(self.job_id), self.previous_hash, *moved]).encode()).hexdigest()


def altered(limit: int) -> list[tuple[int, str]]:
    """(event, job) of events that no longer say what they were sealed with, at most `limit`; reads every event."""
    found = []
    for event in JobEvent.objects.order_by("id").iterator(chunk_size=2000):
        if event.hash != event.digest():
            found.append((event.pk, str(event.job_id)))
            if len(found) == limit:
                break
    return found
