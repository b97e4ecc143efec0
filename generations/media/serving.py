"""Answers with kept bytes: ranges, validators, safe headers (RFC 9110). Who may see them is decided by the caller.

Web threads are few, and a paused player reads as slowly as it likes: an open-ended range (`bytes=0-`, what players
send) is therefore answered with its first 2 MiB only, which RFC 9110 15.3.7 allows; the player asks for more when it
needs it. A download is not cut, and may be resumed.

Bytes in a bucket are not handed through: the browser is sent there with an address signed for an hour.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from django.core.files import File
from django.core.files.storage import default_storage
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseNotModified,
    HttpResponseRedirect,
    StreamingHttpResponse,
)
from django.http.response import HttpResponseBase
from django.utils.http import content_disposition_header, parse_etags

from generations.media import store

BLOCK_BYTES = 256 * 1024
OPEN_RANGE_BYTES = 2 * 1024**2
CACHE_CONTROL = "private, max-age=86400, immutable"  # the address of these bytes never gets others
RANGE = re.compile(r"([0-9]{0,30})-([0-9]{0,30})", re.ASCII)
SAFE_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
}


class Span(NamedTuple):
    """Bytes from `start` up to, not including, `end`. Empty: the range cannot be satisfied."""

    start: int
    end: int


def serve(
    request: HttpRequest, storage_name: str, *, content_type: str, etag: str, download_name: str | None = None
) -> HttpResponseBase:
    """GET or HEAD of stored bytes. `etag` is their hash, or another name that changes when they do, without quotes.

    With `download_name` the browser saves it. Raises Http404 when the storage lacks them; a bucket says so itself.
    """
    if store.is_bucket():
        return _sent_to_bucket(request, storage_name, content_type, download_name)
    try:
        size_bytes = default_storage.size(storage_name)
    except FileNotFoundError:
        raise Http404(storage_name) from None
    tag = f'"{etag}"'
    response = _unmet(request, tag) or _content(request, storage_name, size_bytes, tag, cut=download_name is None)
    if response.status_code in (200, 206):
        response["Content-Type"] = content_type
        response["Content-Disposition"] = _disposition(download_name)
    if response.status_code != 412:
        response["ETag"] = tag
    return _with_headers(response)


def _sent_to_bucket(request: HttpRequest, name: str, content_type: str, download_name: str | None) -> HttpResponseBase:
    """302 to a signed address, made without asking anybody; the browser may use it again for five minutes."""
    told = {"ResponseContentType": content_type, "ResponseContentDisposition": _disposition(download_name)}
    url = default_storage.url(name, parameters=told, http_method=request.method)  # type: ignore[call-arg]
    return HttpResponseRedirect(url, headers={"Cache-Control": "private, max-age=300"})


def _unmet(request: HttpRequest, tag: str) -> HttpResponseBase | None:
    """412 or 304 by the request's own conditions (RFC 9110, 13.2.2)."""
    must = request.headers.get("If-Match")
    if must is not None and must.strip() != "*" and tag not in parse_etags(must):
        return HttpResponse(status=412)
    known = request.headers.get("If-None-Match")
    if known is not None and (known.strip() == "*" or tag in [item.removeprefix("W/") for item in parse_etags(known)]):
        return HttpResponseNotModified()
    return None


def _content(request: HttpRequest, name: str, size_bytes: int, tag: str, *, cut: bool) -> HttpResponseBase:
    """200, 206 or 416."""
    if request.method == "HEAD":  # ranges are defined for GET only
        return HttpResponse(headers={"Content-Length": str(size_bytes)})
    span = _wanted(request, size_bytes, tag, cut=cut)
    if span is None:
        return _stream(name, Span(0, size_bytes))
    if span.start >= span.end:
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{size_bytes}"})
    response = _stream(name, span)
    response.status_code = 206
    response["Content-Range"] = f"bytes {span.start}-{span.end - 1}/{size_bytes}"
    return response


def _wanted(request: HttpRequest, size_bytes: int, tag: str, *, cut: bool) -> Span | None:
    """The one range asked for, None for the whole: also when other bytes were meant (If-Range)."""
    if request.headers.get("If-Range", tag).strip() != tag:
        return None
    return read_range(request.headers.get("Range", ""), size_bytes, cut=cut)


def read_range(header: str, size_bytes: int, *, cut: bool = True) -> Span | None:
    """The single byte range of a Range header; None when it is absent, malformed, of another unit, or several.

    Those are ignored, as RFC 9110 14.2 allows: the answer is then the whole.
    """
    unit, _, ranges = header.partition("=")
    specs = [spec.strip(" \t") for spec in ranges.split(",") if spec.strip(" \t")]
    match = RANGE.fullmatch(specs[0]) if len(specs) == 1 else None
    if unit.strip().lower() != "bytes" or match is None or match[0] == "-":
        return None
    first, last = match.groups()
    if not first:
        return Span(max(0, size_bytes - int(last)), size_bytes)
    if not last:
        return Span(int(first), min(size_bytes, int(first) + OPEN_RANGE_BYTES) if cut else size_bytes)
    return Span(int(first), min(size_bytes, int(last) + 1)) if int(first) <= int(last) else None


def _stream(name: str, span: Span) -> HttpResponseBase:
    response = StreamingHttpResponse(Slice(default_storage.open(name, "rb"), span))
    response["Content-Length"] = str(span.end - span.start)
    return response


class Slice(Iterator[bytes]):
    """The blocks of a span. A class, not a generator: closing one that was never begun must close the file."""

    def __init__(self, file: "File[bytes]", span: Span) -> None:
        self.file = file
        self.left = span.end - span.start
        file.seek(span.start)

    def __next__(self) -> bytes:
        block: bytes = self.file.read(min(BLOCK_BYTES, self.left))
        if not block:
            raise StopIteration
        self.left -= len(block)
        return block

    def close(self) -> None:
        self.file.close()


def _disposition(download_name: str | None) -> str:
    return content_disposition_header(download_name is not None, download_name or "") or "inline"


def _with_headers(response: HttpResponseBase) -> HttpResponseBase:
    response["Cache-Control"] = CACHE_CONTROL if response.status_code in (200, 206, 304) else "private, no-store"
    response["Accept-Ranges"] = "bytes"
    for name, value in SAFE_HEADERS.items():
        response[name] = value
    return response
