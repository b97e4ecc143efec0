"""A notice in words: what it says, which icon stands before it, where it leads. Nothing is kept: it says what is."""

from __future__ import annotations

from django.urls import reverse
from django.utils.dateformat import format as format_date
from django.utils.text import Truncator
from django.utils.translation import gettext as _

from generations.jobs.models import Job
from generations.ledger import money
from generations.ledger.models import Budget, BudgetMark
from generations.notices.models import Kind, Notice

TITLE_WORDS, TITLE_CHARACTERS = 6, 60
ICONS = {
    Kind.READY: "circle-check",
    Kind.FAILED: "circle-x",
    Kind.BLOCKED: "shield-x",
    Kind.APPROVED: "thumbs-up",
    Kind.REJECTED: "thumbs-down",
    Kind.LAPSED: "clock-alert",
    Kind.UNKNOWN: "circle-question-mark",
    Kind.ANSWERED: "reply",
    Kind.ASKED: "hand",
    Kind.MARK: "gauge",
    Kind.PAUSED: "circle-pause",
    Kind.RESUMED: "circle-play",
    Kind.EXPIRING: "timer",
    Kind.ALERT: "triangle-alert",
}
BAD = {Kind.FAILED, Kind.BLOCKED, Kind.REJECTED, Kind.LAPSED, Kind.UNKNOWN, Kind.PAUSED, Kind.EXPIRING, Kind.ALERT}


def title_of(job: Job) -> str:
    """The first words of its prompt, on one line."""
    words = Truncator(" ".join(job.prompt.split())).words(TITLE_WORDS, truncate="…")
    return Truncator(words).chars(TITLE_CHARACTERS)


def said(notice: Notice) -> str:
    """One line of plain text."""
    if notice.mark:
        return _of_mark(notice.mark)
    if notice.kind == Kind.RESUMED:
        return _("Sending goes on again.")
    if notice.alert:
        return " ".join(notice.alert.text.split())
    return _of_job(notice) if notice.job else str(Kind(notice.kind).label)


def _of_job(notice: Notice) -> str:
    job: Job = notice.job  # type: ignore[assignment]
    told = {"title": title_of(job), "person": str(job.user), "amount": money.show(job.estimate_micros, job.currency)}
    return _pattern(notice, job) % told


def _pattern(notice: Notice, job: Job) -> str:
    match notice.kind:
        case Kind.READY if any(output.archive_reason for output in job.outputs.all()):
            return _("“%(title)s” was made and paid for, but could not be kept")
        case Kind.FAILED if job.state == "cancelled":
            return _("“%(title)s” was cancelled")
        case Kind.UNKNOWN:
            return _("Nobody knows what became of “%(title)s” by %(person)s")
        case Kind.ASKED:
            return _("%(person)s asks for your approval: “%(title)s”, %(amount)s")
        case Kind.ANSWERED if notice.inquiry:
            return "“%(title)s”: " + notice.inquiry.get_verdict_display().replace("%", "%%")
    return {
        Kind.READY: _("“%(title)s” is ready"),
        Kind.FAILED: _("“%(title)s” failed; it costs nothing"),
        Kind.BLOCKED: _("“%(title)s” was refused by policy; it costs nothing"),
        Kind.APPROVED: _("“%(title)s” was approved"),
        Kind.REJECTED: _("“%(title)s” was rejected"),
        Kind.LAPSED: _("Nobody decided on “%(title)s” in time"),
    }[Kind(notice.kind)]


def _of_mark(mark: BudgetMark) -> str:
    month, budget = mark.month, mark.month.budget
    told = {
        "percent": mark.percent,
        "month": format_date(month.month, "F"),
        "limit": money.show(mark.limit_micros, budget.currency),
        "whose": budget.project or budget.user or "",
    }
    if budget.scope == Budget.Scope.STUDIO:
        return _("%(percent)s %% of the studio's %(limit)s for %(month)s is used") % told
    return _("%(percent)s %% of %(whose)s's %(limit)s for %(month)s is used") % told


def detail(notice: Notice) -> str:
    """Why, where somebody has said so; '' otherwise."""
    job = notice.job
    if job is None or notice.kind not in {Kind.FAILED, Kind.BLOCKED, Kind.REJECTED}:
        return ""
    return Truncator(" ".join(job.failure_message.split())).chars(160)


def address(notice: Notice) -> str:
    """The page of the thing."""
    if notice.mark:
        return reverse("budgets")
    if notice.kind == Kind.ASKED:
        return reverse("approvals")
    if notice.job and notice.kind in {Kind.UNKNOWN, Kind.ANSWERED}:
        return reverse("unknown", args=[notice.job_id])
    return notice.job.get_absolute_url() if notice.job else reverse("operations")


def icon(notice: Notice) -> str:
    return ICONS[Kind(notice.kind)]


def is_bad(notice: Notice) -> bool:
    return notice.kind in BAD
