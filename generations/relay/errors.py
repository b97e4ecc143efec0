"""Everything that can go wrong with the relay, by what may be done next.

RelayFault
 ├─ NotSent            surely never delivered: refused, DNS, connect or pool timeout. May be sent again.
 │   └─ RateLimited    429: delivered, not accepted. May be sent again after `retry_after_seconds`.
 ├─ Refused            the relay said no; nothing is billed. Sending the same again gives the same answer.
 │   ├─ KeyRefused     401: no job can be sent with this key
 │   ├─ BalanceTooLow  402, or a 403 that speaks of money: no job can be sent until the account is filled
 │   └─ UnknownTask    a read: the relay does not know the task (now). Not a verdict on the task.
 ├─ NotAccepted        an order: 500, 502, 503 in the relay's own words. Not billed, may be tried again.
 ├─ Unknown            an order: sent, and nobody can know what became of it. Never sent again by itself.
 └─ Unreadable         a read, or an upload, that gave no usable answer. Means "no answer", and changes nothing.

An order is whatever may be billed: a video task, images, words.

Malformed (not a RelayFault) is what wire.py raises on JSON that is not what it should be.
"""

from generations.relay.exchange import Exchange


class Malformed(ValueError):
    """A body that is not what the contract says. `param` names the field, where one is to blame."""

    def __init__(self, message: str, param: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.param = param


class RelayFault(Exception):
    """The root. `exchange` is what was said, without keys."""

    def __init__(self, message: str, *, exchange: Exchange) -> None:
        super().__init__(message)
        self.message = message
        self.exchange = exchange


class NotSent(RelayFault):
    """Surely not accepted: the same request may be sent again."""


class RateLimited(NotSent):
    """429. `retry_after_seconds` is None when the relay named no time."""

    def __init__(self, message: str, *, exchange: Exchange, retry_after_seconds: float | None = None) -> None:
        super().__init__(message, exchange=exchange)
        self.retry_after_seconds = retry_after_seconds


class Refused(RelayFault):
    """The relay's no: `message` in its own words, `code` where it gave one."""

    def __init__(self, message: str, *, exchange: Exchange, status: int, code: str = "") -> None:
        super().__init__(message, exchange=exchange)
        self.status = status
        self.code = code
        self.body = exchange.body


class KeyRefused(Refused):
    """The key is missing, wrong or revoked."""


class BalanceTooLow(Refused):
    """The account at the relay has too little money."""


class UnknownTask(Refused):
    """The relay does not know this task under our key."""


class NotAccepted(RelayFault):
    """The relay itself failed before it accepted: not billed, may be tried again."""


class Unknown(RelayFault):
    """Sent, outcome unknown: it may be rendering, it may be billed. `raw` is what came back, if anything."""

    def __init__(self, message: str, *, exchange: Exchange) -> None:
        super().__init__(message, exchange=exchange)
        self.raw = exchange.body


class Unreadable(RelayFault):
    """A read without a usable answer."""
