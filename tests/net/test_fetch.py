import hashlib
import io
import random
import socket
import ssl
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from generations.net.addresses import origin_of
from generations.net.errors import Cut, DiskFull, Forbidden, Gone, HttpProblem, NetFault, Stalled, TooLarge, Unreachable
from generations.net.fetch import Download, download
from tests.net.files import BODY, SHA256, FileServer
from tests.net.puppet import Puppet, answer, reset

Play = Callable[[socket.socket, bytes, int], None]
CERTIFICATE = Path(__file__).parent / "certificates" / "clip.example.pem"


def fetch(server: Puppet, to: Any = None, path: str = "/clip.mp4", **how: Any) -> Download:
    here: dict[str, Any] = {"stall_seconds": 2, "spare_bytes": 0, "allow_origins": [origin_of(server.origin)]}
    return download(server.origin + path, io.BytesIO() if to is None else to, **here | how)


def says(raw: bytes) -> Play:
    return lambda connection, request, number: connection.sendall(raw)


def listen(connection: socket.socket) -> None:
    connection.recv(1)


def moves(location: str, status: str = "302 Found") -> Play:
    return says(answer(b"", status, location=location))


def test_file_arrives_whole(tmp_path: Path) -> None:
    clip = tmp_path / "clip.mp4"
    with Puppet(FileServer()) as server:
        got = fetch(server, clip)
    assert got == Download(size_bytes=len(BODY), sha256=SHA256, content_type="video/mp4", etag='"v1"')
    assert clip.read_bytes() == BODY


def test_request_is_plain() -> None:
    with Puppet(FileServer()) as server:
        fetch(server, path="/a%20b.mp4?token=x%2Fy&z")
        lines = server.requests[0].decode().split("\r\n")
    assert lines[0] == "GET /a%20b.mp4?token=x%2Fy&z HTTP/1.1"
    assert sorted(lines[1:-2]) == [
        "Accept-Encoding: identity",
        "Accept: */*",
        f"Host: 127.0.0.1:{server.port}",
        "User-Agent: relayweb",
    ]


def test_body_without_a_length_arrives() -> None:
    chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"
    for raw in (chunked, b"HTTP/1.1 200 OK\r\n\r\nabcde"):
        with Puppet(says(raw)) as server:
            assert fetch(server).sha256 == hashlib.sha256(b"abcde").hexdigest()


def test_cut_is_resumed_at_its_offset() -> None:
    files, to = FileServer(cuts=[1_000, 70_000]), io.BytesIO()
    with Puppet(files) as server:
        got = fetch(server, to)
    assert files.ranges == [0, 1_000, 71_000]
    assert (got.sha256, got.size_bytes, to.getvalue() == BODY) == (SHA256, len(BODY), True)
    assert (got.content_type, got.etag) == ("video/mp4", '"v1"')


def test_a_thousand_cuts_are_survived() -> None:
    chance = random.Random(11)
    files, to = FileServer(cuts=[chance.randrange(1, 599) for _ in range(1_000)]), io.BytesIO()
    with Puppet(files) as server:
        got = fetch(server, to, resume=1_000)
    assert len(files.ranges) > 900
    assert (got.sha256, to.getvalue() == BODY) == (SHA256, True)


@pytest.mark.parametrize("offset", [1, 2, 65_535, 65_536, 65_537, 299_999])
@pytest.mark.parametrize(("how", "is_asked"), [({"etag": ""}, 0), ({"etag": 'W/"v1"'}, 0), ({"has_ranges": False}, 1)])
def test_cut_that_cannot_be_resumed_begins_anew(offset: int, how: dict[str, Any], is_asked: int) -> None:
    files, to = FileServer(cuts=[offset], **how), io.BytesIO()
    with Puppet(files) as server:
        got = fetch(server, to)
    assert files.ranges == [0, offset * is_asked]
    assert (got.sha256, to.getvalue() == BODY) == (SHA256, True)


@pytest.mark.parametrize(
    "how",
    [{"rest_etag": '"v2"'}, {"rest_shift": 7}, {"rest_shift": -7}, {"rest_shift": 10**6}],
    ids=["other file", "gap", "overlap", "not satisfiable"],
)
def test_rest_of_something_else_is_thrown_away(how: dict[str, Any]) -> None:
    files, to = FileServer(cuts=[50_000], **how), io.BytesIO()
    with Puppet(files) as server:
        got = fetch(server, to)
    assert files.ranges == [0, 50_000, 0]
    assert (got.sha256, to.getvalue() == BODY) == (SHA256, True)


def test_rest_of_something_else_is_a_cut_when_no_try_is_left() -> None:
    with Puppet(FileServer(cuts=[50_000], rest_shift=7)) as server, pytest.raises(Cut, match="changed"):
        fetch(server, resume=1)


def test_file_that_changes_between_two_tries_is_the_new_one() -> None:
    files, to = FileServer(cuts=[5_000]), io.BytesIO()

    def play(connection: socket.socket, request: bytes, number: int) -> None:
        if number == 2:
            files.body, files.etag = b"newer", '"v2"'
        files(connection, request, number)

    with Puppet(play) as server:
        got = fetch(server, to)
    assert (to.getvalue(), got.etag, got.size_bytes) == (b"newer", '"v2"', 5)


def test_link_that_expires_between_two_tries_is_gone() -> None:
    files = FileServer(cuts=[5_000])

    def play(connection: socket.socket, request: bytes, number: int) -> None:
        if number == 1:
            files(connection, request, number)
        connection.sendall(answer(b"", "403 Forbidden"))

    with Puppet(play) as server, pytest.raises(Gone):
        fetch(server)


def test_cuts_without_end_are_a_cut() -> None:
    files = FileServer(cuts=[100] * 50)
    with Puppet(files) as server, pytest.raises(Cut):
        fetch(server, resume=3)
    assert files.ranges == [0, 100, 200, 300]


def test_try_that_brings_nothing_is_the_last() -> None:
    files = FileServer(cuts=[100, 0, 0])
    with Puppet(files) as server, pytest.raises(Cut):
        fetch(server)
    assert files.ranges == [0, 100]


def test_length_that_promises_too_much_is_a_cut() -> None:
    lies = says(answer(b"short", content_length="5000"))
    with Puppet(lies) as server, pytest.raises(Cut):
        fetch(server, resume=2)


def test_reset_is_a_cut() -> None:
    with Puppet(lambda connection, request, number: reset(connection)) as server, pytest.raises(Cut):
        fetch(server)


@pytest.mark.parametrize("raw", [b"", b"SSH-2.0-OpenSSH\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n"])
def test_what_is_no_answer_is_a_cut(raw: bytes) -> None:
    with Puppet(says(raw)) as server, pytest.raises(Cut):
        fetch(server)


@pytest.mark.parametrize("status", ["403 Forbidden", "404 Not Found", "410 Gone"])
def test_expired_link_is_gone(status: str) -> None:
    with Puppet(says(answer(b"<Error>expired</Error>", status))) as server, pytest.raises(Gone) as caught:
        fetch(server)
    assert caught.value.status == int(status[:3])


@pytest.mark.parametrize(
    "status", ["201 Created", "204 No Content", "206 Partial Content", "400 Bad", "500 Oh", "304 No"]
)
def test_other_answer_is_a_problem(status: str) -> None:
    with Puppet(says(answer(b"", status))) as server, pytest.raises(HttpProblem) as caught:
        fetch(server)
    assert caught.value.status == int(status[:3])


def test_packed_body_is_refused() -> None:
    bomb = says(answer(b"\x1f\x8b", content_encoding="gzip"))
    with Puppet(bomb) as server, pytest.raises(HttpProblem, match="packed"):
        fetch(server)


def test_too_long_a_file_is_refused_by_its_length() -> None:
    with Puppet(says(answer(b"x", content_length="5001"))) as server, pytest.raises(TooLarge):
        fetch(server, max_bytes=5_000)


def test_too_long_a_body_is_cut_off_as_it_comes() -> None:
    def flood(connection: socket.socket, request: bytes, number: int) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            connection.sendall(b"x" * 65_536)

    to = io.BytesIO()
    with Puppet(flood) as server, pytest.raises(TooLarge):
        fetch(server, to, max_bytes=1_000_000)
    assert len(to.getvalue()) <= 1_000_000


def test_file_of_exactly_the_limit_is_taken() -> None:
    with Puppet(FileServer()) as server:
        assert fetch(server, max_bytes=len(BODY)).size_bytes == len(BODY)


def test_disk_without_room_is_found_out_before(tmp_path: Path) -> None:
    clip = tmp_path / "clip.mp4"
    with Puppet(FileServer()) as server, pytest.raises(DiskFull):
        fetch(server, clip, spare_bytes=10**18)
    assert clip.read_bytes() == b""


def test_disk_that_fills_up_is_told(tmp_path: Path) -> None:
    with Path("/dev/full").open("wb", buffering=0) as full, Puppet(FileServer()) as server, pytest.raises(DiskFull):
        fetch(server, Unseekable(full))


class Unseekable(io.RawIOBase):
    """Passes writes on, and no more: /dev/full and a closed file cannot be truncated."""

    def __init__(self, file: Any) -> None:
        self._file = file

    def write(self, piece: Any) -> int:
        return int(self._file.write(piece))

    def seek(self, offset: int, whence: int = 0) -> int:
        return 0

    def truncate(self, size: int | None = None) -> int:
        return 0


def test_disk_that_breaks_is_no_network_fault(tmp_path: Path) -> None:
    clip = tmp_path / "clip.mp4"
    clip.touch()
    with (
        clip.open("rb", buffering=0) as read_only,
        Puppet(FileServer()) as server,
        pytest.raises(OSError, match="File"),
    ):
        fetch(server, Unseekable(read_only))


def test_file_that_cannot_be_written_is_no_network_fault(tmp_path: Path) -> None:
    with Puppet(FileServer()) as server, pytest.raises(FileNotFoundError):
        fetch(server, tmp_path / "none" / "clip.mp4")


def test_silence_is_a_stall() -> None:
    with Puppet(lambda connection, request, number: listen(connection)) as server, pytest.raises(Stalled):
        fetch(server, stall_seconds=0.1)


@pytest.mark.parametrize("head", [b"", b"HTTP/1.1 200 OK\r\nX: ", b"HTTP/1.1 200 OK\r\nContent-Length: 99999\r\n\r\n"])
def test_drip_ends_at_the_deadline(head: bytes) -> None:
    with Puppet(drips(head)) as server, pytest.raises(Stalled):
        fetch(server, deadline_seconds=0.4, stall_seconds=0.3, min_bytes_per_second=0)


def test_drip_below_the_least_rate_is_a_stall() -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 99999\r\n\r\n"
    with Puppet(drips(head)) as server, pytest.raises(Stalled, match="bytes in"):
        fetch(server, deadline_seconds=60, stall_seconds=0.2, min_bytes_per_second=10_000, resume=0)


def drips(head: bytes) -> Play:
    """A few bytes now and then, for ever."""

    def play(connection: socket.socket, request: bytes, number: int) -> None:
        connection.sendall(head)
        while not threading.Event().wait(0.02):
            connection.sendall(b"xx")

    return play


def test_steady_stream_is_no_stall() -> None:
    def play(connection: socket.socket, request: bytes, number: int) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 20000\r\n\r\n")
        for _ in range(20):
            threading.Event().wait(0.02)
            connection.sendall(b"x" * 1_000)

    with Puppet(play) as server:
        assert fetch(server, stall_seconds=0.1, min_bytes_per_second=1_000).size_bytes == 20_000


def test_refused_connection_is_unreachable() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        origin = f"http://127.0.0.1:{taken.getsockname()[1]}"
    with pytest.raises(Unreachable):
        download(f"{origin}/x", io.BytesIO(), allow_origins=[origin_of(origin)])


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "303 See", "307 Temporary", "308 Permanent"])
def test_redirect_is_followed(status: str) -> None:
    def play(connection: socket.socket, request: bytes, number: int) -> None:
        target = FileServer() if b"GET /there" in request else moves("/there", status)
        target(connection, request, number)

    with Puppet(play) as server:
        assert fetch(server).sha256 == SHA256


def test_three_redirects_are_enough() -> None:
    def play(connection: socket.socket, request: bytes, number: int) -> None:
        target = FileServer() if number > 3 else moves("again")
        target(connection, request, number)

    with Puppet(play) as server:
        assert fetch(server).sha256 == SHA256


def test_fourth_redirect_is_one_too_many() -> None:
    with Puppet(moves("/round")) as server, pytest.raises(HttpProblem, match="too often"):
        fetch(server)
    assert len(server.requests) == 4


def test_redirect_without_a_place_is_a_problem() -> None:
    with Puppet(says(answer(b"", "302 Found"))) as server, pytest.raises(HttpProblem):
        fetch(server)


def test_redirect_to_a_private_address_is_forbidden() -> None:
    with Puppet(FileServer()) as inner, Puppet(moves(f"{inner.origin}/x")) as server:
        with pytest.raises(Forbidden):
            fetch(server)
        assert inner.connections == 0


@pytest.mark.parametrize(
    "location",
    [
        "https://169.254.169.254/latest",
        "https://[::1]/",
        "https://2130706433/",
        "file:///etc/passwd",
        "//10.0.0.1/x",
        "http://[",
        "http://clip.example/x",
        "https://clip.example:8443/",
        "https://u:p@clip.example/",
        "https://\u200b/",
        "data:,x",
    ],
)
def test_redirect_to_a_forbidden_place_is_forbidden(location: str) -> None:
    with Puppet(moves(location)) as server, pytest.raises(Forbidden):
        fetch(server)


def test_redirect_to_a_name_that_leads_inside_is_forbidden() -> None:
    answers = {"127.0.0.1": ["127.0.0.1"], "clip.example": ["93.184.216.34", "127.0.0.1"]}
    with Puppet(moves("https://clip.example/x")) as server, pytest.raises(Forbidden):
        fetch(server, resolver=lambda host, port: answers[host])


def test_second_answer_of_a_rebinding_name_is_checked_again() -> None:
    """The name is the relay's own the first time, then another port's: only the origin that is allowed is reached."""
    with Puppet(FileServer()) as inner, Puppet(moves(f"http://clip.example:{inner.port}/x")) as server:
        url = f"http://clip.example:{server.port}/x"
        with pytest.raises(Forbidden):
            download(url, io.BytesIO(), allow_origins=[origin_of(url)], resolver=lambda host, port: ["127.0.0.1"])
        assert (server.connections, inner.connections) == (1, 0)


def test_headers_go_to_the_first_origin_only() -> None:
    with Puppet(FileServer()) as other, Puppet(moves(f"{other.origin}/x")) as server:
        origins = [origin_of(server.origin), origin_of(other.origin)]
        fetch(server, allow_origins=origins, headers={"Authorization": "Bearer canary"})
        assert b"Bearer canary" in server.requests[0]
        assert b"canary" not in other.requests[0]


def test_key_is_in_no_fault() -> None:
    with Puppet(says(answer(b"", "500 Oh"))) as server, pytest.raises(NetFault) as caught:
        fetch(server, headers={"Authorization": "Bearer canary"}, path="/x?signature=canary")
    assert "canary" not in f"{caught.value!r} {caught.value.message}"


def test_proxy_of_the_environment_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    with Puppet(FileServer()) as server:
        assert fetch(server).sha256 == SHA256


@pytest.fixture
def tls_server() -> Any:
    """A server with a certificate for clip.example."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE)

    def play(connection: socket.socket, request: bytes, number: int) -> None:
        FileServer()(connection, request, number)

    with Puppet(play, tls=context) as server:
        yield server


def over_tls(server: Puppet, host: str, tls: ssl.SSLContext | None) -> Download:
    url = f"https://{host}:{server.port}/x"
    allowed = [origin_of(url)]
    return download(url, io.BytesIO(), allow_origins=allowed, resolver=lambda host, port: ["127.0.0.1"], tls=tls)


def test_certificate_is_checked_against_the_name_not_the_address(tls_server: Puppet) -> None:
    trusting = ssl.create_default_context(cafile=str(CERTIFICATE))
    assert over_tls(tls_server, "clip.example", trusting).sha256 == SHA256
    with pytest.raises(Unreachable):
        over_tls(tls_server, "other.example", trusting)


def test_certificate_that_nobody_vouches_for_is_refused(tls_server: Puppet) -> None:
    with pytest.raises(Unreachable):
        over_tls(tls_server, "clip.example", None)
