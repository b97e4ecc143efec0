import io
import socket
import time

import httpcore
import pytest

from generations.net.addresses import check_url, is_public, origin_of
from generations.net.errors import Forbidden, Unreachable
from generations.net.fetch import download
from generations.net.guard import GuardedBackend, resolve
from tests.net.places import NAMES, URLS, addresses, forbidden
from tests.net.puppet import Puppet

HERE = "127.0.0.1"


@pytest.fixture
def dialled(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Whoever is dialled is written down, and does not answer."""
    calls: list[object] = []

    def connect(self: socket.socket, address: object) -> None:
        calls.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(socket.socket, "connect", connect)
    return calls


def lookup(host: str, port: int) -> list[str]:
    """Numbers by the system, names from a table: no DNS server is asked."""
    if host in NAMES:
        return NAMES[host]
    flags = socket.AI_NUMERICHOST
    return [str(found[4][0]) for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=flags)]


def backend(*answers: list[str], allow: int | None = None) -> GuardedBackend:
    """Every name has the first of the answers, the next time the second, and so on."""
    left = list(answers)
    allowed = [] if allow is None else [("relay.example", allow)]
    return GuardedBackend(allowed, lambda host, port: left.pop(0), time.monotonic() + 2)


def test_there_are_more_than_three_hundred_forbidden_places() -> None:
    assert len(set(forbidden())) > 300


@pytest.mark.parametrize("url", forbidden())
def test_forbidden_place_is_never_dialled(url: str, dialled: list[object]) -> None:
    with pytest.raises(Forbidden):
        download(url, io.BytesIO(), resolver=lookup)
    assert dialled == []


@pytest.mark.parametrize("url", [url for url in URLS if "secret" in url or "user" in url])
def test_refusal_does_not_quote_the_user_name(url: str) -> None:
    with pytest.raises(Forbidden) as caught:
        check_url(url, [])
    assert "secret" not in str(caught.value)


def test_refusal_leaves_an_older_file_alone() -> None:
    kept = io.BytesIO(b"older")
    with pytest.raises(Forbidden):
        download("http://clip.example/x", kept)
    assert kept.getvalue() == b"older"


def test_public_address_is_dialled_as_resolved(dialled: list[object]) -> None:
    with pytest.raises(Unreachable):
        download("https://clip.example/x", io.BytesIO(), resolver=lambda host, port: ["93.184.216.34", "1.1.1.1"])
    assert dialled == [("93.184.216.34", 443), ("1.1.1.1", 443)]


@pytest.mark.parametrize("address", ["8.8.8.8", "1.1.1.1", "93.184.216.34", "172.15.0.1", "172.32.0.1", "11.0.0.1"])
def test_address_of_the_internet_is_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize("address", ["2606:4700:4700::1111", "2a00:1450:4001::1", "2400:cb00::1"])
def test_ipv6_address_of_the_internet_is_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize("address", [host.strip("[]") for host in addresses()])
def test_forbidden_address_is_not_public(address: str) -> None:
    assert not is_public(address)


def test_name_is_resolved_once_and_the_connection_pinned() -> None:
    with socket.create_server((HERE, 0)) as server:
        port = server.getsockname()[1]
        stream = backend([HERE], ["127.0.0.9"], allow=port).connect_tcp("relay.example", port)
        assert stream.get_extra_info("server_addr") == (HERE, port)
        stream.close()


def test_rebinding_between_two_connections_is_seen(dialled: list[object]) -> None:
    guard = backend(["93.184.216.34"], [HERE])
    with pytest.raises(httpcore.ConnectError):
        guard.connect_tcp("clip.example", 443)
    with pytest.raises(Forbidden):
        guard.connect_tcp("clip.example", 443)
    assert dialled == [("93.184.216.34", 443)]


def test_next_address_is_tried_when_one_is_dead() -> None:
    with socket.create_server((HERE, 0)) as server:
        port = server.getsockname()[1]
        stream = backend(["::1", HERE], allow=port).connect_tcp("RELAY.example", port, timeout=1)
        assert stream.get_extra_info("server_addr") == (HERE, port)
        stream.close()


def test_allowed_origin_is_one_port_of_one_host(dialled: list[object]) -> None:
    for host, port in (("relay.example", 8800), ("other.example", 8799)):
        with pytest.raises(Forbidden):
            backend([HERE], allow=8799).connect_tcp(host, port)
    assert dialled == []


def test_name_without_an_address_is_unreachable() -> None:
    with pytest.raises(Unreachable, match="no address"):
        backend([]).connect_tcp("clip.example", 443)


@pytest.mark.parametrize("fault", [socket.gaierror("none"), UnicodeError("label too long")])
def test_name_that_nobody_knows_is_unreachable(fault: Exception) -> None:
    def unknown(host: str, port: int) -> list[str]:
        raise fault

    with pytest.raises(Unreachable, match="no such host"):
        GuardedBackend([], unknown, time.monotonic() + 2).connect_tcp("clip.example", 443)


def test_sockets_of_this_machine_are_forbidden() -> None:
    with pytest.raises(Forbidden):
        backend().connect_unix_socket("/var/run/docker.sock")


def test_nothing_is_dialled_past_the_deadline(dialled: list[object]) -> None:
    late = GuardedBackend([], lambda host, port: ["1.1.1.1"], time.monotonic())
    with pytest.raises(httpcore.ConnectTimeout):
        late.connect_tcp("clip.example", 443)
    assert dialled == []


def test_nothing_is_read_or_written_past_the_deadline() -> None:
    def play(connection: socket.socket, request: bytes, number: int) -> None:
        """Say nothing."""

    with Puppet(play) as server:
        soon = GuardedBackend([(HERE, server.port)], resolve, time.monotonic() + 0.1)
        stream = soon.connect_tcp(HERE, server.port)
        with pytest.raises(httpcore.ReadTimeout):
            stream.read(1, timeout=9)
        with pytest.raises(httpcore.WriteTimeout):
            stream.write(b"x")
        stream.close()


def test_resolve_names_each_address_once() -> None:
    assert resolve("127.0.0.1", 443) == ["127.0.0.1"]


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://Relay.Example/v1", ("https", "relay.example", 443)),
        ("http://127.0.0.1:8799/v1", ("http", "127.0.0.1", 8799)),
        ("http://[::1]/x", ("http", "::1", 80)),
    ],
)
def test_origin_is_scheme_host_and_port(url: str, origin: tuple[str, str, int]) -> None:
    assert origin_of(url) == origin
    assert str(check_url(url, [origin])).startswith(url[:4])


def test_name_in_any_script_is_normalised() -> None:
    assert check_url("https://bücher.example:443/ä?q=1#part", []).raw_host == b"xn--bcher-kva.example"
