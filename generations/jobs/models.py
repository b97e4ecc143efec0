"""Job, Attempt, Exchange, Inquiry; and the Breaker. Events and outputs have their files. Verbs: lifecycle.py and on."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any, ClassVar, Self

from django.db import models, transaction
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from generations.accounts.models import User
from generations.catalog.models import Kind, Price, Sku, VideoModel
from generations.jobs.events import JobEvent as JobEvent
from generations.jobs.outputs import Output as Output
from generations.jobs.states import FINAL, MOVES, UNFINISHED, ForbiddenMove, Overtaken, State
from generations.ledger.models import Currency, Hold
from generations.projects.models import Project


class JobQuerySet(models.QuerySet["Job"]):
    def visible_to(self, user: User) -> Self:
        """The jobs that this person may see: those of the projects that they may see."""
        return self.filter(project__in=Project.objects.visible_to(user))

    def due(self, now: dt.datetime) -> Self:
        """Jobs at which somebody must look now."""
        return self.filter(next_action_at__lte=now)

    def for_card(self) -> Self:
        return self.select_related("project", "user", "model", "sku").prefetch_related("outputs__media")


class Job(models.Model):
    """What a person asks for. It moves only through `advance`."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    project = models.ForeignKey(Project, models.PROTECT, related_name="jobs")
    user = models.ForeignKey(User, models.PROTECT, related_name="jobs")
    parent = models.ForeignKey("self", models.SET_NULL, null=True, related_name="children")
    key = models.CharField(max_length=64)  # the form's own id: the same form twice is the same job
    request_hash = models.CharField(max_length=64)  # of what is asked for, whoever asks
    kind = models.CharField(max_length=8, choices=Kind, default=Kind.CLIP, db_default=Kind.CLIP)
    is_sandbox = models.BooleanField()  # which relay it is for; never sent to the other

    prompt = models.TextField(_("prompt"))
    model = models.ForeignKey(VideoModel, models.PROTECT, related_name="+")
    sku = models.ForeignKey(Sku, models.PROTECT, related_name="+")
    price = models.ForeignKey(Price, models.PROTECT, related_name="+")
    resolution = models.CharField(max_length=10)  # of images: their size, "1024x1024"
    ratio = models.CharField(max_length=10)
    seconds = models.PositiveSmallIntegerField()
    audio = models.BooleanField()
    seed = models.BigIntegerField(null=True)
    images = models.PositiveSmallIntegerField(default=0, db_default=0)  # how many are asked for; 0 of a clip

    state = models.CharField(max_length=20, choices=State)
    version = models.PositiveIntegerField(default=0)
    next_action_at = models.DateTimeField(null=True)  # when somebody must look; None when final
    ready_at = models.DateTimeField(null=True)  # put off until then; unlike a lease, nothing is sent before
    tries = models.PositiveSmallIntegerField(default=0)  # looks in a row that were begun and led nowhere
    claims = models.PositiveSmallIntegerField(default=0)  # begun in a row and never ended: their workers died
    unanswered_since = models.DateTimeField(null=True)  # first of the reads in a row that said nothing
    cancel_requested_at = models.DateTimeField(null=True)
    owner = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")  # looks after its unknown outcome
    last_event_hash = models.CharField(max_length=64, blank=True)  # the end of its chain of events
    progress = models.PositiveSmallIntegerField(null=True)  # percent, only where the relay gives it
    relay_status = models.CharField(max_length=40, blank=True)
    estimate_micros = models.BigIntegerField()
    cost_micros = models.BigIntegerField(null=True)
    failure_code = models.CharField(max_length=120, blank=True)
    failure_message = models.TextField(blank=True)
    waiting_reason = models.CharField(max_length=200, blank=True)  # why it does not go on just now
    created_at = models.DateTimeField()
    running_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    objects: ClassVar[JobQuerySet] = JobQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        indexes = (
            models.Index(fields=["project", "-created_at", "-id"], name="job_board"),
            models.Index(fields=["next_action_at"], condition=Q(next_action_at__isnull=False), name="job_due"),
            models.Index(fields=["sku", "state", "-finished_at"], name="job_usual_length"),
            models.Index(fields=["project"], condition=Q(state="awaiting_approval"), name="job_awaiting"),
            models.Index(fields=["project", "request_hash"], name="job_same_request"),
            models.Index(fields=["user", "created_at"], condition=Q(state="queued"), name="job_in_line"),
        )
        constraints = (
            models.UniqueConstraint(fields=["project", "key"], name="job_key_once"),
            models.CheckConstraint(condition=Q(state__in=sorted(MOVES)), name="job_state_known"),
            models.CheckConstraint(
                condition=Q(state__in=sorted(FINAL), finished_at__isnull=False)
                | Q(state__in=sorted(UNFINISHED), finished_at=None),
                name="job_finished_when_final",
            ),
        )

    def __str__(self) -> str:
        return f"{self.id} {self.state}"

    def get_absolute_url(self) -> str:
        return f"/jobs/{self.id}/"

    @property
    def is_final(self) -> bool:
        return self.state in FINAL

    @property
    def currency(self) -> Currency:
        return Currency.SBX if self.is_sandbox else Currency.USD

    @property
    def attempt(self) -> Attempt:
        """The newest attempt; every job has at least one from the moment it is asked for."""
        return self.attempts.latest("number")

    def advance(
        self, to: State, *, now: dt.datetime, actor: User | None = None, note: str = "", **changes: Any
    ) -> None:
        """Moves to `to` with its event, in one transaction.

        Raises Overtaken when somebody moved the job since it was read, ForbiddenMove when the table forbids it.
        """
        if to not in MOVES[State(self.state)]:
            raise ForbiddenMove(f"{self.state} -> {to}")
        old = self.state
        changes = {"tries": 0, "claims": 0, "waiting_reason": "", "unanswered_since": None, "owner": None} | changes
        changes |= {"finished_at": now, "next_action_at": None} if to in FINAL else {}
        with transaction.atomic():
            self.change(state=to, **changes)
            self.record(JobEvent.Name.STATE, now=now, old_state=old, actor=actor, text=note)

    def change(self, **changes: Any) -> None:
        """Writes these columns if nobody changed the job since it was read. Raises Overtaken."""
        same = Job.objects.filter(pk=self.pk, state=self.state, version=self.version)
        if same.update(version=F("version") + 1, **changes) != 1:
            raise Overtaken(str(self.pk))
        self.version += 1
        for field, value in changes.items():
            setattr(self, field, value)

    def record(
        self,
        name: JobEvent.Name,
        *,
        now: dt.datetime,
        text: str = "",
        old_state: str | None = None,
        actor: User | None = None,
    ) -> JobEvent:
        """Adds an event to the end of the chain. The lock on the job's row keeps the chain from forking."""
        event = JobEvent(
            job=self,
            name=name,
            old_state=self.state if old_state is None else old_state,
            new_state=self.state,
            at=now,
            actor=actor,
            text=text,
        )
        with transaction.atomic():
            end = Job.objects.select_for_update().filter(pk=self.pk).values_list("last_event_hash", flat=True)
            event.previous_hash = end.get()
            event.hash = self.last_event_hash = event.digest()
            event.save(force_insert=True)
            Job.objects.filter(pk=self.pk).update(last_event_hash=event.hash)
        return event


class Attempt(models.Model):
    """One POST of a job to the relay, with the money held for it."""

    job = models.ForeignKey(Job, models.PROTECT, related_name="attempts")
    number = models.PositiveSmallIntegerField()
    hold = models.OneToOneField(Hold, models.PROTECT, related_name="attempt")
    approved_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    token_hash = models.CharField(max_length=64, unique=True, null=True)  # sha256 of the callback token
    relay_task_id = models.CharField(max_length=200, unique=True, null=True)
    hints = models.JSONField(default=list)  # task ids that callbacks claimed; nothing rests on them
    request_body = models.JSONField(null=True)  # as sent; the callback address is left out
    sending_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    woken_at = models.DateTimeField(null=True)  # when a callback last had it looked at
    callbacks = models.PositiveSmallIntegerField(default=0)  # how many are kept as exchanges
    superseded_at = models.DateTimeField(null=True)  # sent again over by a person: superseded.py follows it
    look_at = models.DateTimeField(null=True)  # when a superseded one must be looked at

    class Meta:
        ordering = ("number",)
        indexes = (
            models.Index(fields=["look_at"], condition=Q(look_at__isnull=False), name="attempt_due"),
            models.Index(fields=["sending_at"], condition=Q(sending_at__isnull=False), name="attempt_sent"),
        )
        constraints = (models.UniqueConstraint(fields=["job", "number"], name="attempt_number_once"),)

    def __str__(self) -> str:
        return f"{self.job_id} #{self.number}"


class Exchange(models.Model):
    """One exchange with the relay, kept for the receipt: every submit, and each read that changed something."""

    attempt = models.ForeignKey(Attempt, models.CASCADE, related_name="exchanges")
    at = models.DateTimeField()
    method = models.CharField(max_length=8)
    path = models.CharField(max_length=300)
    status = models.PositiveSmallIntegerField(null=True)  # None: no answer
    milliseconds = models.PositiveIntegerField()
    request_id = models.CharField(max_length=120, blank=True)
    body = models.TextField(blank=True)  # the answer, at most 64 KB, without keys

    class Meta:
        ordering = ("id",)

    def __str__(self) -> str:
        return f"{self.method} {self.path} {self.status}"


class Inquiry(models.Model):
    """A task id that a person says is an attempt's of unknown outcome: the relay is asked, then it is decided."""

    class Verdict(models.TextChoices):
        ASKED = "", _("The relay is being asked.")
        BOUND = "bound", _("It is this one: the job goes on.")
        TAKEN = "taken", _("Refused: this task belongs to another attempt.")
        DIFFERS = "differs", _("Refused: it is not what was sent.")
        NO_SUCH_TASK = "no_such_task", _("Refused: the relay does not know this task.")
        NO_ANSWER = "no_answer", _("The relay gave no answer for ten minutes. Try again later.")
        TOO_LATE = "too_late", _("It was resolved otherwise in the meantime.")

    attempt = models.ForeignKey(Attempt, models.CASCADE, related_name="inquiries")
    task_id = models.CharField(max_length=200)
    actor = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    look_at = models.DateTimeField(null=True)  # None when decided
    decided_at = models.DateTimeField(null=True)
    verdict = models.CharField(max_length=12, choices=Verdict, blank=True)
    text = models.CharField(max_length=300, blank=True)  # what the relay said

    class Meta:
        ordering = ("-id",)
        verbose_name_plural = "inquiries"
        indexes = (models.Index(fields=["look_at"], condition=Q(look_at__isnull=False), name="inquiry_due"),)
        constraints = (
            models.UniqueConstraint(fields=["attempt", "task_id"], condition=Q(decided_at=None), name="inquiry_once"),
        )

    def __str__(self) -> str:
        return f"{self.task_id}: {self.verdict or 'asked'}"


class Breaker(models.Model):
    """Whether jobs may be sent to a relay just now; one row a relay (`relay`, `sandbox`)."""

    name = models.CharField(max_length=10, primary_key=True)
    failures = models.PositiveIntegerField(default=0)  # in a row
    opened_at = models.DateTimeField(null=True)  # None: closed, jobs are sent
    reason = models.CharField(max_length=300, blank=True)
    probe_at = models.DateTimeField(null=True)  # when an open breaker is tried again
    paused_until = models.DateTimeField(null=True)  # the relay asked us to slow down
    restored_to = models.DateTimeField(null=True)  # a backup of this moment was restored: nothing is sent

    def __str__(self) -> str:
        return f"{self.name} {'open' if self.opened_at else 'closed'}"
