"""Proposal: another wording of a prompt, as a text model writes it. Instruction: what such a model is told."""

from __future__ import annotations

import uuid
from typing import Any, ClassVar, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from generations.accounts.models import User
from generations.catalog.models import Price
from generations.jobs.states import Overtaken
from generations.ledger.models import Currency, Hold
from generations.projects.models import Project


class Instruction(models.Model):
    """What an admin has written in place of the default; `model` '' is what is said for every model."""

    model = models.CharField(max_length=80, unique=True, blank=True)
    text = models.TextField(_("instructions"))
    changed_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    changed_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.model or "every model"


class ProposalQuerySet(models.QuerySet["Proposal"]):
    def visible_to(self, user: User) -> Self:
        """A proposal is seen by who asked for it, while they see its project."""
        return self.filter(user=user, project__in=Project.objects.visible_to(user))

    def unfinished(self) -> Self:
        return self.filter(state__in=(Proposal.State.QUEUED, Proposal.State.WRITING))


class Proposal(models.Model):
    """It moves only through `move`. queued -> writing -> ready | ended | failed | unknown; unknown -> all three."""

    class State(models.TextChoices):
        QUEUED = "queued", _("Queued")  # held
        WRITING = "writing", _("Writing")  # held: the request is on its way, or the words come
        READY = "ready", _("Ready")  # charged: to be taken or left
        ENDED = "ended", _("Ended")  # charged, and there is nothing to take: stopped, or of no use
        FAILED = "failed", _("Failed")  # released: costs nothing
        UNKNOWN = "unknown", _("Outcome unknown")  # held: it may be billed, a person settles it

    id = models.UUIDField(
        primary_key=True, default=uuid.uuid4, editable=False
    )  # the form's: the same press is the same
    project = models.ForeignKey(Project, models.PROTECT, related_name="proposals")
    user = models.ForeignKey(User, models.PROTECT, related_name="+")
    is_sandbox = models.BooleanField()
    hold = models.OneToOneField(Hold, models.PROTECT, related_name="proposal")
    price = models.ForeignKey(Price, models.PROTECT, related_name="+")  # names the text model that is asked

    prompt = models.TextField()
    model = models.CharField(max_length=80)  # what the prompt is for
    tags = models.JSONField(default=list)  # the references that can be mentioned
    told = models.TextField()  # the instructions, as they were when it was asked for

    state = models.CharField(max_length=8, choices=State, default=State.QUEUED)
    look_at = models.DateTimeField(null=True)  # when somebody must look; None when nobody need
    stop_requested_at = models.DateTimeField(null=True)
    text = models.TextField(blank=True)  # what has come until now, as it came
    proposed = models.TextField(blank=True)  # what can be taken: mended, and a prompt by our rules
    problem = models.CharField(max_length=300, blank=True)  # why there is nothing to take, in words
    prompt_tokens = models.PositiveIntegerField(null=True)
    completion_tokens = models.PositiveIntegerField(null=True)
    is_reckoned = models.BooleanField(default=False)  # the relay told no tokens: they were counted from the letters
    request_id = models.CharField(max_length=120, blank=True)
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    settled_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")  # of an unknown outcome
    settled_because = models.CharField(max_length=300, blank=True)

    objects: ClassVar[ProposalQuerySet] = ProposalQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        indexes = (
            models.Index(fields=["look_at"], condition=Q(look_at__isnull=False), name="proposal_due"),
            models.Index(fields=["project"], condition=Q(state="unknown"), name="proposal_unknown"),
        )
        constraints = (
            models.CheckConstraint(
                condition=Q(state__in=("queued", "writing"), look_at__isnull=False)
                | (Q(state__in=("ready", "ended", "failed", "unknown"), look_at=None)),
                name="proposal_looked_at_while_open",
            ),
        )

    def __str__(self) -> str:
        return f"{self.id} {self.state}"

    @property
    def currency(self) -> Currency:
        return Currency.SBX if self.is_sandbox else Currency.USD

    @property
    def is_moving(self) -> bool:
        return self.state in {self.State.QUEUED, self.State.WRITING}

    def move(self, to: Proposal.State, **changes: Any) -> None:
        """Raises Overtaken when somebody moved it since it was read: then nothing has changed."""
        changes |= {} if to in {self.State.QUEUED, self.State.WRITING} else {"look_at": None}
        same = Proposal.objects.filter(pk=self.pk, state=self.state)
        if same.update(state=to, **changes) != 1:
            raise Overtaken(str(self.pk))
        for field, value in (changes | {"state": to}).items():
            setattr(self, field, value)
