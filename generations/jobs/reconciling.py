"""Reconciliation: a day's attempts and charges against the relay's own record. Changes nothing; says what to do."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from generations.catalog.models import Unit
from generations.jobs.models import Attempt
from generations.jobs.statements import Told
from generations.jobs.states import State
from generations.ledger import adjustments
from generations.ledger.models import Hold
from generations.ledger.money import show
from generations.relay.errors import RelayFault, UnknownTask
from generations.relay.exchange import Exchange as Said
from generations.relay.wire import Phase, Task

SETTLES_WITHIN = dt.timedelta(minutes=10)  # the relay's verdict and our books may be apart for so long

KINDS = ("charge", "cost", "overrun", "unsettled", "unknown", "unmatched", "unread")

Reading = tuple[Task, Said] | RelayFault
Ask = Callable[[list[str]], Mapping[str, Reading]]


@dataclass(frozen=True, slots=True)
class Difference:
    """Something in which the relay and our books are not one; amounts where they are known."""

    kind: str  # one of KINDS
    what: str
    to_do: str
    task_id: str = ""
    job_id: str = ""
    ours_micros: int | None = None
    relay_micros: int | None = None


@dataclass(slots=True)
class Report:
    day: dt.date
    differences: list[Difference] = field(default_factory=list)
    attempts: int = 0
    charged_micros: int = 0
    by_hand: dict[int, int] = field(default_factory=dict)  # hold -> by how much it was put right since
    relay_micros: int = 0  # of the tasks for which the relay tells a cost, ours where it does not

    def ours(self, attempt: Attempt) -> int:
        """What we count as spent on it, put right by hand or not."""
        return (attempt.hold.charged_micros or 0) + self.by_hand.get(attempt.hold_id, 0)

    def add(self, kind: str, what: str, to_do: str, attempt: Attempt | None = None, told: Told | None = None) -> None:
        own = str(attempt.relay_task_id or "") if attempt else ""
        self.differences.append(
            Difference(
                kind,
                what,
                to_do,
                told.task_id if told else own,
                str(attempt.job_id) if attempt else "",
                self.ours(attempt) if attempt else None,
                told.cost_micros if told else None,
            )
        )


def reconcile(day: dt.date, record: list[Told] | None, ask: Ask, now: dt.datetime, *, is_sandbox: bool) -> Report:
    """`record` is the relay's list of tasks, where there is one; a task that is not in it is read with `ask`."""
    report, known = Report(day), {told.task_id: told for told in record or []}
    attempts = list(_sent_on(day, is_sandbox))
    report.attempts = len(attempts)
    report.by_hand = adjustments.net_micros([attempt.hold_id for attempt in attempts])
    wanted = [str(attempt.relay_task_id) for attempt in attempts if attempt.relay_task_id]
    readings = ask([task_id for task_id in wanted if task_id not in known])
    for attempt in attempts:
        _compare(attempt, known, readings, report, now, has_record=record is not None)
    for told in record or []:
        _find_ours(told, day, report)
    return report


def _sent_on(day: dt.date, is_sandbox: bool) -> Iterable[Attempt]:
    begins = dt.datetime.combine(day, dt.time(), dt.UTC)
    sent = Attempt.objects.filter(sending_at__gte=begins, sending_at__lt=begins + dt.timedelta(days=1))
    return sent.filter(job__is_sandbox=is_sandbox).select_related("job__price", "job__sku", "hold").order_by("pk")


def _compare(
    attempt: Attempt,
    known: Mapping[str, Told],
    readings: Mapping[str, Reading],
    report: Report,
    now: dt.datetime,
    *,
    has_record: bool,
) -> None:
    report.charged_micros += report.ours(attempt)
    task_id = attempt.relay_task_id
    if task_id is None:
        _without_task(attempt, known, report)
        return
    if has_record and task_id not in known and attempt.hold.state == Hold.State.CHARGED and report.ours(attempt):
        report.add(
            "unmatched",
            f"charged {_money(attempt)}, and not on the relay's record",
            "ask the relay; if it never billed the task, this is money that we count as spent and is not",
            attempt,
        )
    told = known.get(task_id) or _as_told(attempt, readings[task_id])
    if isinstance(told, Told):
        _compare_told(attempt, told, report, now)
    elif isinstance(told, UnknownTask):
        report.add(
            "unmatched", "the relay does not know the task (any more)", "look for it in the relay's console", attempt
        )
    else:
        report.add("unread", f"could not be compared: {told.message}", "run this again when the relay answers", attempt)


def _as_told(attempt: Attempt, reading: Reading) -> Told | RelayFault:
    if isinstance(reading, RelayFault):
        return reading
    task: Task = reading[0]
    price = attempt.job.price
    per_token = price.amount_micros if price.unit == Unit.PER_MILLION_TOKENS else None
    return Told(task_id=str(task.task_id), phase=task.phase, cost_micros=task.cost_micros(per_token))


def _compare_told(attempt: Attempt, told: Told, report: Report, now: dt.datetime) -> None:
    hold, is_over, ours = attempt.hold, told.phase in {Phase.DONE, Phase.FAILED}, report.ours(attempt)
    if told.phase is not Phase.FAILED:
        report.relay_micros += ours if told.cost_micros is None else told.cost_micros
    if hold.state == Hold.State.RELEASED and told.phase is Phase.DONE:
        report.add(
            "charge",
            "the relay made and billed it; here it was released",
            "fetch the clip at the relay, tell who pays",
            attempt,
            told,
        )
    elif hold.state == Hold.State.CHARGED and told.phase is Phase.FAILED and ours:
        report.add(
            "charge",
            f"charged {_money(attempt)}; the relay says that it failed",
            "claim the refund at the relay",
            attempt,
            told,
        )
    elif hold.state == Hold.State.CHARGED and told.phase is not Phase.FAILED and told.cost_micros not in (None, ours):
        report.add(
            "cost",
            f"charged {_money(attempt)}; the relay says {show(told.cost_micros or 0, hold.currency)}",
            "correct the price list if it is old; claim the difference if it is the relay's mistake",
            attempt,
            told,
        )
    elif hold.state == Hold.State.OPEN and is_over and not _is_fresh(attempt, now):
        report.add(
            "unsettled",
            f"the relay says {told.phase}; here the job is {attempt.job.state} and nothing is settled",
            f"see that polls run; if the job is unknown, resolve it at {attempt.job.get_absolute_url()}unknown/",
            attempt,
        )


def _is_fresh(attempt: Attempt, now: dt.datetime) -> bool:
    """Whether polling may simply not have come to it yet."""
    is_followed = attempt.job.state in {State.RUNNING, State.SENDING} or attempt.look_at is not None
    return is_followed and now - (attempt.sending_at or now) < dt.timedelta(hours=24) and not _is_late(attempt, now)


def _is_late(attempt: Attempt, now: dt.datetime) -> bool:
    due = attempt.look_at or attempt.job.next_action_at
    return due is not None and now - due > SETTLES_WITHIN


def _without_task(attempt: Attempt, known: Mapping[str, Told], report: Report) -> None:
    """Sent, and without the relay's id: of an open hold nobody knows what became of it."""
    if attempt.hold.state != Hold.State.OPEN or attempt.job.state in {State.SENDING, State.QUEUED}:
        return
    like = next((told for told in known.values() if is_like(attempt, told) and not _is_ours(told)), None)
    hint = f"attach {like.task_id}, which looks like it" if like else "resolve it"
    report.add(
        "unknown", "nobody knows what became of it", f"{hint}, at {attempt.job.get_absolute_url()}unknown/", attempt
    )


def _find_ours(told: Told, day: dt.date, report: Report) -> None:
    """A task of this day that the relay has and we have not."""
    if told.at is None or told.at.astimezone(dt.UTC).date() != day or told.phase is Phase.FAILED or _is_ours(told):
        return
    cost = "an unknown amount" if told.cost_micros is None else show(told.cost_micros)
    report.relay_micros += told.cost_micros or 0
    report.add(
        "unmatched",
        f"the relay made it ({told.model}, {cost}) and the studio has no attempt for it",
        "attach it to a job of unknown outcome, if it is that; else another uses the key, or a backup was restored",
        told=told,
    )


def is_like(attempt: Attempt, told: Told) -> bool:
    """Whether this task can be what the attempt asked for, by all that the record tells."""
    same_model = told.model in ("", attempt.job.sku.relay_model)
    return same_model and told.prompt == attempt.job.prompt


def _is_ours(told: Told) -> bool:
    return Attempt.objects.filter(relay_task_id=told.task_id).exists()


def _money(attempt: Attempt) -> str:
    return show(attempt.hold.charged_micros or 0, attempt.hold.currency)
