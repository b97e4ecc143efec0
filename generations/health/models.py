"""Heartbeat: when each kind of process last showed that it works."""

from django.db import models


class Heartbeat(models.Model):
    name = models.CharField(max_length=20, primary_key=True)  # workers, polls, files, pulse
    at = models.DateTimeField(null=True)  # None: never yet
    pid = models.PositiveIntegerField(default=0)
    asked_at = models.DateTimeField(null=True)  # when pulse last asked this cluster for a beat

    def __str__(self) -> str:
        return f"{self.name} at {self.at}"
