"""One studio on a data directory, one listener on a port."""

import socket
from pathlib import Path

import pytest

from generations.studio.claims import Taken, check_port, claim_data


def test_data_directory_is_held_by_one(tmp_path: Path) -> None:
    with claim_data(tmp_path), pytest.raises(Taken, match=r"a studio already runs on .* \(process \d+\)"):
        claim_data(tmp_path)


def test_data_directory_is_free_again_after(tmp_path: Path) -> None:
    claim_data(tmp_path).close()
    claim_data(tmp_path).close()


def test_taken_port_is_named_with_its_setting() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with pytest.raises(Taken) as caught:
            check_port("127.0.0.1", port, "PORT")
    assert str(caught.value) == (f"port {port} on 127.0.0.1 is taken; stop what listens there, or set PORT to another.")


def test_free_port_passes() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    check_port("127.0.0.1", port, "PORT")


def test_foreign_address_can_not_be_listened_on() -> None:
    with pytest.raises(Taken, match=r"^192\.0\.2\.1:8000 can't be listened on"):
        check_port("192.0.2.1", 8000, "PORT")
