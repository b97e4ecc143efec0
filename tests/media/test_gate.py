"""What passes while bytes arrive: kinds by their first bytes, sizes by kind, however the pieces are cut."""

import pytest

from generations.media.gate import Gate, claimed
from generations.media.models import MediaFile
from generations.media.rules import Refused, Rule

Kind = MediaFile.Kind
HEADS = {
    b"\xff\xd8\xff\xe0\x00\x10JFIF": Kind.IMAGE,
    b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR": Kind.IMAGE,
    b"RIFF\x00\x00\x00\x00WEBPVP8 ": Kind.IMAGE,
    b"RIFF\x00\x00\x00\x00WAVEfmt ": Kind.AUDIO,
    b"\x00\x00\x00\x18ftypisom\x00\x00": Kind.VIDEO,
    b"\x00\x00\x00\x14ftypqt  \x00\x00": Kind.VIDEO,
    b"ID3\x04\x00\x00\x00\x00\x00\x00": Kind.AUDIO,
    b"\xff\xfb\x90\x64": Kind.AUDIO,
    b"\x00\x00\x00\x18ftypheic\x00\x00": None,
    b"\x00\x00\x00\x1cftypavif\x00\x00": None,
    b"\x00\x00\x00\x1cftypM4A \x00\x00": None,
    b"RIFF\x00\x00\x00\x00AVI LIST": None,
    b"\xff\xfe<\x00h\x00t\x00m\x00l": None,
    b"GIF89a": None,
    b"": None,
}


@pytest.mark.parametrize("head", HEADS)
def test_claimed_reads_the_first_bytes(head: bytes) -> None:
    assert claimed(head) == HEADS[head]


@pytest.mark.parametrize("step", [1, 7, 100_000])
def test_gate_stops_at_the_limit_of_the_kind(step: int) -> None:
    gate = Gate()
    first = (b"ID3" + bytes(20))[:20]
    for start in range(0, 20, step):
        gate.take(first[start : start + step])
    gate.take(bytes(15_000_000 - gate.size_bytes))
    with pytest.raises(Refused) as caught:
        gate.take(b"x")
    assert caught.value.rule == Rule.SIZE


def test_gate_refuses_another_kind_at_once() -> None:
    with pytest.raises(Refused) as caught:
        Gate().take(b"<!doctype html><html>")
    assert caught.value.rule == Rule.TYPE


def test_gate_refuses_a_few_bytes_at_the_end() -> None:
    gate = Gate()
    gate.take(b"GIF")
    with pytest.raises(Refused):
        gate.close()
