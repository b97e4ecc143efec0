"""Heartbeat, Check, Alert: whether processes work, what the studio found wrong with itself, what admins must know."""

from django.db import models

# Alerts that billing is told of too, and where each is dealt with; all others are for admins, at Operations.
MONEY_ALERTS = {"prices": "/spend/prices/", "truth": "/spend/truth/"}


class Heartbeat(models.Model):
    name = models.CharField(max_length=60, primary_key=True)  # workers@node, polls@node, files@node, pulse@node
    at = models.DateTimeField(null=True)  # None: never yet
    pid = models.PositiveIntegerField(default=0)
    asked_at = models.DateTimeField(null=True)  # when pulse last asked this cluster for a beat

    def __str__(self) -> str:
        return f"{self.name} at {self.at}"

    @property
    def part(self) -> str:
        return self.name.partition("@")[0]

    @property
    def node(self) -> str:
        """The studio whose part it is, of all that work on this database."""
        return self.name.partition("@")[2]


class Check(models.Model):
    """A check of the studio's own state: when it last ran, and what it found."""

    name = models.CharField(max_length=20, primary_key=True)  # invariants, archive
    asked_at = models.DateTimeField(null=True)  # when pulse last asked for a run
    at = models.DateTimeField(null=True)  # None: never yet
    problems = models.JSONField(default=list)  # one line each; none while all is well
    broken_since = models.DateTimeField(null=True)
    summary = models.CharField(max_length=200, blank=True)

    def __str__(self) -> str:
        return f"{self.name} {'broken' if self.broken_since else 'well'}"


class Alert(models.Model):
    """Something that an admin must know; sounded once, and mailed once, while it stands."""

    key = models.CharField(max_length=60)  # "breaker:relay", "invariants", "expiry"
    text = models.CharField(max_length=500)
    at = models.DateTimeField()
    mailed_at = models.DateTimeField(null=True)
    cleared_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-id",)
        constraints = (
            models.UniqueConstraint(fields=["key"], condition=models.Q(cleared_at=None), name="alert_stands_once"),
        )

    def __str__(self) -> str:
        return f"{self.key}: {self.text}"

    @property
    def is_about_money(self) -> bool:
        return self.key in MONEY_ALERTS

    @property
    def page(self) -> str:
        """Where it is dealt with."""
        return MONEY_ALERTS.get(self.key, "/operations/")
