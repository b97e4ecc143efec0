"""The client against real sockets that behave badly, on loopback."""

import asyncio
import json
import socket
import threading

import pytest

from generations.relay.alarm import Alarm
from generations.relay.client import AsyncRelay, Relay, Timeouts
from generations.relay.errors import NotSent, Refused, RelayFault, Unknown, Unreadable
from generations.relay.wire import Phase, Task, VideoRequest
from tests.net.puppet import Puppet, answer, reset
from tests.relay.samples import DONE, SUBMITTED

KEY = "sk-canary0123456789"
REQUEST = VideoRequest(model="m", prompt="p", seconds=5)
HASTY = Timeouts(connect=1, write=1, submit=0.2, read=0.2, deadline=0.3)
ACCEPTED = answer(json.dumps(SUBMITTED["flat"]).encode())
FINISHED = answer(json.dumps(DONE["openai"]).encode())


def ask(origin: str) -> Relay:
    return Relay(f"{origin}/v1", KEY, timeouts=HASTY)


def close(connection: socket.socket, request: bytes, number: int) -> None:
    """Go away without a word."""


def stall(connection: socket.socket, request: bytes, number: int) -> None:
    connection.recv(1)


def stall_in_body(connection: socket.socket, request: bytes, number: int) -> None:
    connection.sendall(ACCEPTED[:-5])
    connection.recv(1)


def half(connection: socket.socket, request: bytes, number: int) -> None:
    connection.sendall(ACCEPTED[:-5])


def half_a_head(connection: socket.socket, request: bytes, number: int) -> None:
    connection.sendall(ACCEPTED[:20])


def slam(connection: socket.socket, request: bytes, number: int) -> None:
    reset(connection)


def babble(connection: socket.socket, request: bytes, number: int) -> None:
    connection.sendall(b"SSH-2.0-OpenSSH_9.2\r\n\r\n")


def drip(connection: socket.socket, request: bytes, number: int) -> None:
    connection.sendall(answer(b"", content_length="99999"))
    drip_in_head(connection, request, number)


def drip_in_head(connection: socket.socket, request: bytes, number: int) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nX: ")
    while not threading.Event().wait(0.02):
        connection.sendall(b" ")


def flood(connection: socket.socket, request: bytes, number: int) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
    while True:
        connection.sendall(b" " * 65_536)


def accept(connection: socket.socket, request: bytes, number: int) -> None:
    connection.sendall(ACCEPTED)
    connection.recv(1)  # the connection is open for more, should anybody want it


@pytest.mark.parametrize(
    "play",
    [close, stall, stall_in_body, half, half_a_head, slam, babble, drip, drip_in_head, flood],
    ids=lambda play: play.__name__,
)
def test_lost_answer_is_unknown_and_never_sent_twice(play: object) -> None:
    with Puppet(play) as server:  # type: ignore[arg-type]
        with pytest.raises(RelayFault) as caught:
            ask(server.origin).create(REQUEST)
        assert type(caught.value) is Unknown
        assert len(server.requests) == 1
        assert caught.value.exchange.milliseconds < 2_000
        with pytest.raises(Unreadable):
            ask(server.origin).read("task_abc123")


def test_refused_connection_was_surely_not_sent() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(NotSent):
        ask(f"http://127.0.0.1:{port}").create(REQUEST)


def test_tls_that_is_none_was_surely_not_sent() -> None:
    with Puppet(accept) as server, pytest.raises(NotSent):
        ask(server.origin.replace("http:", "https:")).create(REQUEST)


def test_refusal_cut_in_its_body_is_still_a_refusal() -> None:
    def play(connection: socket.socket, request: bytes, number: int) -> None:
        connection.sendall(answer(b'{"error": ', "400 Bad Request", content_length="99"))

    with Puppet(play) as server, pytest.raises(Refused) as caught:
        ask(server.origin).create(REQUEST)
    assert (caught.value.status, caught.value.message) == (400, "HTTP 400")


def test_relays_error_cut_in_its_body_is_unknown() -> None:
    def play(connection: socket.socket, request: bytes, number: int) -> None:
        connection.sendall(answer(b'{"error": {"message": "x"}}', "500 Oh", content_length="99"))

    with Puppet(play) as server, pytest.raises(Unknown):
        ask(server.origin).create(REQUEST)


def test_each_submit_has_a_connection_of_its_own() -> None:
    with Puppet(accept) as server:
        ours = ask(server.origin)
        for _ in range(3):
            ours.create(REQUEST)
        assert (server.connections, len(server.requests)) == (3, 3)
    assert all(b"\r\nconnection: close\r\n" in request.lower() for request in server.requests)


def test_redirect_is_not_followed() -> None:
    with Puppet(accept) as target:

        def play(connection: socket.socket, request: bytes, number: int) -> None:
            connection.sendall(answer(b"", "307 Moved", location=f"{target.origin}/v1/video/generations"))

        with Puppet(play) as server, pytest.raises(Refused):
            ask(server.origin).create(REQUEST)
        assert target.connections == 0


def test_proxy_of_the_environment_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    with Puppet(accept) as server:
        task, _ = ask(server.origin).create(REQUEST)
    assert task.task_id == "task_abc123"


def test_async_reads_share_their_connections() -> None:
    def play(connection: socket.socket, request: bytes, number: int) -> None:
        for _ in range(50):
            connection.sendall(FINISHED)
            connection.recv(65_536)

    async def read_all(origin: str) -> list[Task]:
        async with AsyncRelay(f"{origin}/v1", KEY, pools=2, connections=3) as ours:
            answers = await asyncio.gather(*(ours.read("task_abc123") for _ in range(60)))
            return [task for task, _ in answers]

    with Puppet(play) as server:
        tasks = asyncio.run(read_all(server.origin))
        assert {task.phase for task in tasks} == {Phase.DONE}
        assert server.connections <= 6


@pytest.mark.parametrize(
    "play", [close, stall, half, slam, babble, drip, drip_in_head, flood], ids=lambda play: play.__name__
)
def test_async_read_of_a_bad_socket_is_no_answer(play: object) -> None:
    async def read(origin: str) -> None:
        async with AsyncRelay(f"{origin}/v1", KEY, timeouts=HASTY) as ours:
            await ours.read("task_abc123")

    with Puppet(play) as server, pytest.raises(Unreadable):  # type: ignore[arg-type]
        asyncio.run(read(server.origin))


def test_flood_is_cut_off_at_a_megabyte() -> None:
    with Puppet(flood) as server, pytest.raises(Unreadable, match="longer than 1 MB"):
        Relay(f"{server.origin}/v1", KEY).read("task_abc123")


def test_alarm_breaks_a_connection_that_comes_too_late() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs, Alarm(0) as alarm:
        while not alarm.has_rung:
            threading.Event().wait(0.001)
        alarm.trace("connection.connect_tcp.started", {})
        alarm.trace("connection.connect_tcp.complete", {"return_value": Stream(ours)})
        theirs.settimeout(5)
        assert theirs.recv(1) == b""


def test_alarm_takes_a_closed_connection_for_broken() -> None:
    ours, theirs = socket.socketpair()
    theirs.close()
    with Alarm(60) as alarm:
        alarm.trace("connection.start_tls.complete", {"return_value": Stream(ours)})
        ours.close()
        alarm._ring()
    assert alarm.has_rung


class Stream:
    """What httpcore hands over when it has connected."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection

    def get_extra_info(self, info: str) -> object:
        return self._connection if info == "socket" else None
