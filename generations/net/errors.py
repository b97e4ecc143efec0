"""What can go wrong with fetching, by what may be done next.

NetFault
 ├─ Forbidden     a place where we do not go: scheme, port, address, or a redirect there. Never try again.
 ├─ Gone          403, 404, 410: the link has expired or never was. Ask for a fresh one.
 ├─ TooLarge      longer than allowed. Never try again.
 ├─ DiskFull      no room here. Try again when there is.
 ├─ HttpProblem   any other answer that is not the file. Try again later.
 ├─ Unreachable   no connection: DNS, refused, TLS. Try again later.
 └─ Cut           the connection broke off, after as many resumptions as were allowed. Try again.
     └─ Stalled   too slow, silent, or past the deadline
"""


class NetFault(Exception):
    """The root. `message` names no secret: of an address only the host is quoted."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class Forbidden(NetFault):
    """A place where we do not go."""


class Gone(NetFault):
    """The link has expired, or never was."""

    def __init__(self, message: str, *, status: int) -> None:
        super().__init__(message)
        self.status = status


class TooLarge(NetFault):
    """More bytes than allowed."""


class DiskFull(NetFault):
    """No room for the bytes."""


class HttpProblem(NetFault):
    """An answer that is not the file."""

    def __init__(self, message: str, *, status: int) -> None:
        super().__init__(message)
        self.status = status


class Unreachable(NetFault):
    """No connection came about."""


class Cut(NetFault):
    """The bytes ended before the file did."""


class Stalled(Cut):
    """The bytes came too slowly, or not at all."""
