"""Stored bytes over HTTP: any range is the slice of the whole, conditions are obeyed, headers are safe."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO, cast

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.signals import request_finished
from django.db import close_old_connections
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.test import RequestFactory
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pytest_django import Settings

from generations.media import serving
from generations.media.serving import OPEN_RANGE_BYTES, Span, read_range

CONTENT = bytes(range(256)) * 4 * 1024 * 3 + b"the end"  # 3 MiB and a little
SIZE = len(CONTENT)
NAME = "media/ab/abc.mp4"
any_data = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)


@pytest.fixture(autouse=True)
def stored(data: Path) -> Iterator[None]:
    """Closing an answer would also close the database, which no test here needs."""
    default_storage.save(NAME, ContentFile(CONTENT))
    request_finished.disconnect(close_old_connections)
    yield
    request_finished.connect(close_old_connections)


def ask(method: str = "GET", name: str = NAME, download_name: str | None = None, **headers: str) -> HttpResponseBase:
    """ask(if_range="…")"""
    request = RequestFactory().generic(
        method, "/", headers={key.replace("_", "-"): value for key, value in headers.items()}
    )
    return serving.serve(request, name, content_type="video/mp4", etag="abc", download_name=download_name)


def body(response: HttpResponseBase) -> bytes:
    if isinstance(response, StreamingHttpResponse):
        found = b"".join(cast(Iterator[bytes], response.streaming_content))
        response.close()
        return found
    return cast(HttpResponse, response).content


def test_whole_is_streamed_in_blocks() -> None:
    response = ask()
    blocks = list(cast(Any, response).streaming_content)
    response.close()
    assert (response.status_code, response["Content-Length"], b"".join(blocks)) == (200, str(SIZE), CONTENT)
    assert max(map(len, blocks)) == 256 * 1024


def test_headers_are_safe_and_cacheable_by_one_person() -> None:
    response = ask()
    response.close()
    assert dict(response.items()) == {
        "Content-Type": "video/mp4",
        "Content-Length": str(SIZE),
        "Content-Disposition": "inline",
        "ETag": '"abc"',
        "Cache-Control": "private, max-age=86400, immutable",
        "Accept-Ranges": "bytes",
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "sandbox; default-src 'none'",
        "Cross-Origin-Resource-Policy": "same-origin",
    }


@any_data
@given(st.integers(0, SIZE - 1), st.integers(0, SIZE * 2))
def test_any_range_is_the_slice(first: int, length: int) -> None:
    response = ask(range=f"bytes={first}-{first + length}")
    expected = CONTENT[first : first + length + 1]
    assert (response.status_code, body(response)) == (206, expected)
    assert response["Content-Range"] == f"bytes {first}-{first + len(expected) - 1}/{SIZE}"
    assert response["Content-Length"] == str(len(expected))


@any_data
@given(st.integers(1, SIZE * 2))
def test_any_suffix_is_the_end(length: int) -> None:
    response = ask(range=f"bytes=-{length}")
    expected = CONTENT[-length:]
    assert (response.status_code, body(response)) == (206, expected)
    assert response["Content-Range"] == f"bytes {SIZE - len(expected)}-{SIZE - 1}/{SIZE}"


@any_data
@given(st.integers(0, SIZE - 1))
def test_an_open_range_is_cut_and_a_download_is_not(first: int) -> None:
    cut, whole = ask(range=f"bytes={first}-"), ask(range=f"bytes={first}-", download_name="clip.mp4")
    assert body(cut) == CONTENT[first : first + OPEN_RANGE_BYTES]
    assert (whole.status_code, body(whole)) == (206, CONTENT[first:])


def test_a_player_that_asks_on_gets_everything() -> None:
    found = b""
    while len(found) < SIZE:
        found += body(ask(range=f"bytes={len(found)}-", if_range='"abc"'))
    assert found == CONTENT


@pytest.mark.parametrize("wanted", [f"bytes={SIZE}-", f"bytes={SIZE}-{SIZE + 5}", "bytes=-0", f"bytes={'9' * 29}-"])
def test_a_range_outside_is_416(wanted: str) -> None:
    response = ask(range=wanted)
    assert (response.status_code, response["Content-Range"], body(response)) == (416, f"bytes */{SIZE}", b"")
    assert response["Cache-Control"] == "private, no-store"


@pytest.mark.parametrize(
    "wanted",
    [
        "",
        "bytes",
        "bytes=",
        "bytes=-",
        "bytes=5-3",
        "bytes=a-b",
        "bytes=1-2-3",
        "bytes=+1-2",
        "bytes=1 - 2",
        "items=0-5",
        "bytes=0-1,5-6",
        "bytes=0-,-1",
        f"bytes=0-{'9' * 41}",
        "bytes=٠-٩",
        "bytes=-1-5",
        "0-5",
    ],
)
def test_a_range_that_is_malformed_or_several_is_ignored(wanted: str) -> None:
    assert read_range(wanted, SIZE) is None
    response = ask(range=wanted)
    response.close()
    assert (response.status_code, response["Content-Length"]) == (200, str(SIZE))


@pytest.mark.parametrize("wanted", ["bytes=2-5", "Bytes=2-5", "bytes= 2-5 ", "bytes=,2-5,", "bytes=\t2-5"])
def test_a_single_range_may_be_written_in_several_ways(wanted: str) -> None:
    assert read_range(wanted, SIZE) == Span(2, 6)


@given(st.text(max_size=40), st.integers(0, 10**12))
def test_read_range_never_leaves_the_file(wanted: str, size: int) -> None:
    span = read_range(f"bytes={wanted}", size)
    assert span is None or span.start >= span.end or (0 <= span.start < span.end <= size)


def test_head_is_get_without_bytes() -> None:
    head, get = ask("HEAD", range="bytes=0-5"), ask()
    get.close()
    assert (head.status_code, body(head)) == (200, b"")
    assert dict(head.items()) == dict(get.items())


@pytest.mark.parametrize("known", ['"abc"', 'W/"abc"', '"other", "abc"', "*"])
def test_what_the_browser_has_is_304(known: str) -> None:
    response = ask(if_none_match=known, range="bytes=0-5")
    assert (response.status_code, response["ETag"], body(response)) == (304, '"abc"', b"")
    assert "Content-Type" not in response
    assert "max-age" in response["Cache-Control"]


def test_other_bytes_in_the_browser_are_replaced() -> None:
    response = ask(if_none_match='"other"')
    response.close()
    assert response.status_code == 200


@pytest.mark.parametrize(
    ("tag", "status"), [('"abc"', 206), ('"other"', 200), ('W/"abc"', 200), ("Sun, 22 Nov 2026 20:00:00 GMT", 200)]
)
def test_if_range_asks_for_the_same_bytes(tag: str, status: int) -> None:
    response = ask(range="bytes=0-5", if_range=tag)
    response.close()
    assert response.status_code == status


@pytest.mark.parametrize(("tag", "status"), [('"abc"', 200), ("*", 200), ('"other"', 412), ('W/"abc"', 412)])
def test_if_match_asks_for_the_same_bytes(tag: str, status: int) -> None:
    response = ask(if_match=tag)
    response.close()
    assert response.status_code == status


@pytest.mark.parametrize(
    ("name", "header"),
    [
        ("dusk-2026-11-22-4k.mp4", 'attachment; filename="dusk-2026-11-22-4k.mp4"'),
        ("dämmerung.mp4", "attachment; filename*=utf-8''d%C3%A4mmerung.mp4"),
        ('a"b.mp4', 'attachment; filename="a\\"b.mp4"'),
    ],
)
def test_a_download_is_whole_and_named(name: str, header: str) -> None:
    response = ask(download_name=name)
    assert (response["Content-Disposition"], body(response)) == (header, CONTENT)


def test_bytes_that_are_lost_are_404() -> None:
    with pytest.raises(Http404):
        ask(name="media/ab/none.mp4")


def test_an_empty_file_is_whole_and_has_no_ranges() -> None:
    name = default_storage.save("media/ab/empty.mp4", ContentFile(b""))
    assert body(ask(name=name)) == b""
    assert [ask(name=name, range=f"bytes={wanted}").status_code for wanted in ("0-", "0-0", "-1")] == [416, 416, 416]


def test_a_file_that_shrank_ends_early() -> None:
    path = Path(default_storage.path(NAME))
    response = ask()
    path.write_bytes(CONTENT[:1000])
    assert body(response) == CONTENT[:1000]


def test_closing_an_unread_answer_closes_the_file() -> None:
    file = cast("Any", default_storage.open(NAME, "rb"))
    slice_ = serving.Slice(file, Span(0, 5))
    slice_.close()
    assert cast(BinaryIO, file.file).closed


def test_serve_works_with_a_storage_that_has_no_paths(settings: Settings) -> None:
    settings.STORAGES = settings.STORAGES | {"default": {"BACKEND": "django.core.files.storage.InMemoryStorage"}}
    default_storage.save(NAME, ContentFile(CONTENT))
    assert body(ask(range="bytes=1000000-1000009")) == CONTENT[1000000:1000010]
