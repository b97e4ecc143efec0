"""What an answer of the relay means: what was asked for, or the fault that says what may be done."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from generations.relay.errors import (
    BalanceTooLow,
    KeyRefused,
    Malformed,
    NotAccepted,
    RateLimited,
    Refused,
    RelayFault,
    Unknown,
    UnknownTask,
    Unreadable,
)
from generations.relay.exchange import Exchange
from generations.relay.files import File
from generations.relay.secrets import hide_any
from generations.relay.wire import RelayError, Task

# A refusal by one of these can come from anybody on the way: in none of them was the request passed on.
REFUSALS = set(range(400, 500)) - {408, 409, 425, 429, 499}
MOVED = {301, 302, 307, 308}
MONEY = re.compile(r"quota|balance|insufficient|credit|top.?up|余额|额度", re.IGNORECASE)
LONGEST_WAIT = 86_400  # seconds that a Retry-After may name


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """An answer as it came. `problem` says why `text` is not the whole body, when it is not."""

    status: int
    text: str
    exchange: Exchange
    headers: dict[str, str] = field(default_factory=dict)
    problem: str = ""

    def said(self) -> object:
        """The body as JSON. Raises Malformed."""
        if self.problem:
            raise Malformed(self.problem)
        try:
            said: object = json.loads(self.text)
        except (ValueError, RecursionError):
            raise Malformed("the body is not JSON") from None
        return said

    def error(self) -> RelayError | None:
        """The relay's own words, or None when somebody else speaks."""
        try:
            error = RelayError.from_json(self.said())
        except Malformed:
            return None
        return replace(error, message=hide_any(error.message))


def judge_submit(reply: Reply) -> Task:
    """The accepted task. Raises RateLimited, Refused, NotAccepted, or Unknown for all that is not clear."""
    return judge_order(reply, _accepted)


def judge_order[T](reply: Reply, read: Callable[[object], T]) -> T:
    """What `read` makes of the answer to an order that costs money. Its Malformed means Unknown."""
    if not 200 <= reply.status < 300:
        raise fault_of_order(reply)
    try:
        return read(reply.said())
    except Malformed as problem:
        raise Unknown(f"accepted, but {problem.message}", exchange=reply.exchange) from None


def fault_of_order(reply: Reply) -> RelayFault:
    """What an answer to an order means that does not bring what was ordered."""
    if reply.status == 429:
        return _limit(reply)
    if reply.status in REFUSALS | MOVED:
        return _refusal(reply)
    if reply.status in (500, 502, 503) and (error := reply.error()):
        return NotAccepted(error.message or "the relay failed", exchange=reply.exchange)
    return Unknown(f"HTTP {reply.status}: nobody can know whether it was accepted", exchange=reply.exchange)


def judge_upload(reply: Reply) -> File:
    """The file as the relay keeps it: it costs nothing, so an answer that is none is Unreadable."""
    try:
        return judge_order(reply, File.from_json)
    except Unknown as unknown:
        raise Unreadable(unknown.message, exchange=unknown.exchange) from None


def judge_read(reply: Reply, task_id: str) -> Task:
    """The task as it stands. Raises UnknownTask, KeyRefused, RateLimited, or Unreadable for all else."""
    error = reply.error()
    if reply.status == 404 or (error and _is_unknown_task(reply.status, error)):
        raise _no(UnknownTask, reply)
    body = answer(reply)
    try:
        task = Task.from_json(body)
    except Malformed as problem:
        raise Unreadable(problem.message, exchange=reply.exchange) from None
    if task.task_id != task_id:
        raise Unreadable("the answer tells of another task", exchange=reply.exchange)
    return task


def answer(reply: Reply) -> object:
    """The JSON that a read brought. Raises KeyRefused, RateLimited or Unreadable."""
    if reply.status == 429:
        raise _limit(reply)
    if reply.status == 401:
        raise _no(KeyRefused, reply)
    if not 200 <= reply.status < 300:
        raise Unreadable(f"HTTP {reply.status}", exchange=reply.exchange)
    try:
        return reply.said()
    except Malformed as problem:
        raise Unreadable(problem.message, exchange=reply.exchange) from None


def retry_after_seconds(value: str, now: datetime) -> float | None:
    """A Retry-After header, in seconds or as a date; None when it is neither."""
    if re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,6})?", value.strip()):
        return min(float(value.strip()), LONGEST_WAIT)
    at = _date(value)
    return None if at is None else min(max((at - now).total_seconds(), 0.0), LONGEST_WAIT)


def _accepted(said: object) -> Task:
    task = Task.from_json(said)
    if task.task_id is None:
        raise Malformed("without a task id")
    return task


def _limit(reply: Reply) -> RateLimited:
    now = _date(reply.headers.get("date", "")) or datetime.now(UTC)
    wait = retry_after_seconds(reply.headers.get("retry-after", ""), now)
    return RateLimited(_words(reply)[0], exchange=reply.exchange, retry_after_seconds=wait)


def _refusal(reply: Reply) -> RelayFault:
    if reply.status in MOVED:
        return _no(Refused, reply, "the relay's address redirects elsewhere: set the one it redirects to")
    if reply.status == 401:
        return _no(KeyRefused, reply)
    if reply.status == 402 or (reply.status == 403 and MONEY.search(" ".join(_words(reply)))):
        return _no(BalanceTooLow, reply)
    return _no(Refused, reply)


def _no(kind: type[Refused], reply: Reply, message: str = "") -> Refused:
    words, code = _words(reply)
    return kind(message or words, exchange=reply.exchange, status=reply.status, code=code)


def _words(reply: Reply) -> tuple[str, str]:
    """Message and code: the relay's, else the status alone. A stranger's page is not quoted."""
    error = reply.error()
    if error is None:
        return f"HTTP {reply.status}", ""
    return error.message or f"HTTP {reply.status}", error.code


def _is_unknown_task(status: int, error: RelayError) -> bool:
    return status == 400 or (status == 200 and error.code == "task_not_exist")


def _date(value: str) -> datetime | None:
    try:
        at = parsedate_to_datetime(value)
    except (ValueError, OverflowError):
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)
