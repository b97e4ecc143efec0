"""The bytes of a clip: ranges, addresses that expire, downloads that stop."""

import pytest

from generations.relay.wire import Task
from generations.sandbox.engine import RESULT_LIFE_SECONDS
from generations.sandbox.messages import Response
from generations.sandbox.rows import Row
from tests.sandbox.conftest import Clock
from tests.sandbox.talking import Talk

CLIP = bytes(range(200)) * 5


def path_of(talk: Talk, row: Row) -> str:
    return (Task.from_json(talk.read(row.id)).url or "").removeprefix("http://relay.test")


def sent(response: Response) -> bytes:
    return b"".join(response.blocks())


@pytest.mark.parametrize(
    ("header", "status", "part"),
    [
        ("", 200, CLIP),
        ("bytes=0-", 206, CLIP),
        ("bytes=10-19", 206, CLIP[10:20]),
        ("bytes=990-5000", 206, CLIP[990:]),
        ("bytes=-7", 206, CLIP[-7:]),
        ("bytes=-5000", 206, CLIP),
        ("bytes=1000-", 416, b""),
        ("bytes=5-4", 416, b""),
        ("bytes=-0", 416, b""),
        ("bytes=-", 200, CLIP),
        ("bytes=0-1,5-6", 200, CLIP),
        ("frames=1-2", 200, CLIP),
    ],
)
def test_result_answers_a_range(talk: Talk, header: str, status: int, part: bytes) -> None:
    row = talk.make_done(clip=CLIP)
    answer = talk.get(path_of(talk, row), range=header)
    assert (answer.status, sent(answer)) == (status, part)


def test_result_changed_since_is_sent_whole(talk: Talk) -> None:
    path = path_of(talk, talk.make_done(clip=CLIP))
    etag = talk.get(path).headers["ETag"]
    statuses = [talk.get(path, **{"range": "bytes=5-", "if-range": tag}).status for tag in (etag, '"other"')]
    assert statuses == [206, 200]


def test_result_needs_no_key_and_an_unknown_one_is_404(talk: Talk) -> None:
    path = path_of(talk, talk.make_done())
    assert [talk.ask("GET", where, key="").status for where in (path, "/results/guess.mp4")] == [200, 404]


def test_result_address_stays_the_same_while_it_works(talk: Talk) -> None:
    row = talk.make_done()
    assert path_of(talk, row) == path_of(talk, row)


def test_result_expires_after_its_life_and_its_bytes_go(talk: Talk, clock: Clock) -> None:
    row = talk.make_done()
    path = path_of(talk, row)
    clock.at += RESULT_LIFE_SECONDS
    talk.tick()
    assert talk.get(path).status == talk.get(path_of(talk, row)).status == 403
    assert not talk.sandbox.engine.clip_path(row.id).exists()


def test_result_that_expires_works_at_the_second_address(talk: Talk) -> None:
    row = talk.make_done("kite [expires]")
    first = path_of(talk, row)
    assert talk.get(first).status == 403
    second = path_of(talk, row)
    assert [talk.get(path).status for path in (first, second, second)] == [403, 200, 200]


def test_result_that_is_gone_stays_gone(talk: Talk) -> None:
    row = talk.make_done("kite [gone]")
    assert [talk.get(path_of(talk, row)).status for _ in range(3)] == [404] * 3


def test_result_that_is_cut_is_whole_by_ranges(talk: Talk) -> None:
    path = path_of(talk, talk.make_done("kite [cut]", clip=CLIP))
    got = sent(talk.get(path))
    assert got == CLIP[:500]
    got += sent(talk.get(path, range="bytes=500-"))
    assert got == CLIP[:750]
    assert got + sent(talk.get(path, range="bytes=750-")) == CLIP


def test_result_of_a_wrong_type_calls_itself_a_clip(talk: Talk) -> None:
    answer = talk.get(path_of(talk, talk.make_done("kite [wrong-type]")))
    assert answer.headers["Content-Type"] == "video/mp4"
    assert sent(answer).startswith(b"<html>")


def test_content_streams_the_clip_to_its_key(talk: Talk) -> None:
    path = f"/v1/videos/{talk.make_done(clip=CLIP).id}/content"
    assert sent(talk.get(path)) == CLIP
    assert talk.ask("GET", path, key="").status == 401


def test_content_before_the_end_is_not_ready(talk: Talk) -> None:
    assert talk.get(f"/v1/videos/{talk.make().id}/content").status == 400
