"""download: a file from an address that somebody else chose, through the guard, into a file of ours.

Every hop of a redirect is checked; a cut is resumed where the server can; nothing is unpacked.
"""

import functools
import re
import ssl
import time
from collections.abc import Collection, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO
from urllib.parse import urljoin

import httpcore
import httpx

from generations.net.addresses import Origin, check_url, origin_of
from generations.net.errors import Cut, Forbidden, Gone, HttpProblem, Stalled, Unreachable
from generations.net.guard import GuardedBackend, Resolver, resolve
from generations.net.sink import Sink, opened

MEGABYTE = 1_000_000
CONNECT_SECONDS = 10
REDIRECTS = (301, 302, 303, 307, 308)


@dataclass(frozen=True, slots=True, kw_only=True)
class Download:
    """What was fetched. `content_type` and `etag` are what the server says, empty when it says nothing."""

    size_bytes: int
    sha256: str
    content_type: str
    etag: str


def download(
    url: str,
    to: BinaryIO | Path,
    *,
    allow_origins: Collection[Origin] = (),
    max_bytes: int = 512 * MEGABYTE,
    deadline_seconds: float = 900,
    min_bytes_per_second: int = 10_000,
    stall_seconds: float = 15,
    max_redirects: int = 3,
    resume: int = 5,
    spare_bytes: int = 64 * MEGABYTE,
    headers: Mapping[str, str] | None = None,
    resolver: Resolver = resolve,
    tls: ssl.SSLContext | None = None,
) -> Download:
    """Fetch `url` into `to`, an empty file open for writing, or a path that is written anew.

    `allow_origins` may be private, and plain http. `headers` go to the origin of `url` only. A cut is resumed
    up to `resume` times, as long as each try brings something. Raises NetFault; what is in `to` is void then.
    """
    line = _Line(
        url=url,
        allow_origins=allow_origins,
        max_redirects=max_redirects,
        ends_at=time.monotonic() + deadline_seconds,
        stall_seconds=stall_seconds,
        min_bytes_per_second=min_bytes_per_second,
        headers=dict(headers or {}),
        resolver=resolver,
        tls=tls or _tls(),
    )
    check_url(url, allow_origins)
    with opened(to) as file:
        return _Fetch(line, Sink(file, max_bytes, spare_bytes)).run(resume)


@dataclass(frozen=True, kw_only=True, repr=False)
class _Line:
    """How to ask: one GET, through the guard, with its redirects."""

    url: str
    allow_origins: Collection[Origin]
    max_redirects: int
    ends_at: float
    stall_seconds: float
    min_bytes_per_second: int
    resolver: Resolver
    headers: dict[str, str]
    tls: ssl.SSLContext

    @contextmanager
    def get(self, more: Mapping[str, str]) -> Iterator[httpcore.Response]:
        """The answer at the end of the redirects. Raises NetFault for every way to fail."""
        try:
            with self._pool() as pool, self._followed(pool, more) as response:
                yield response
        except (httpcore.ConnectError, httpcore.ConnectTimeout) as fault:
            raise Unreachable(f"no connection ({type(fault).__name__})") from None
        except httpcore.TimeoutException:
            raise Stalled("nothing came for too long") from None
        except (httpcore.NetworkError, httpcore.ProtocolError) as fault:
            raise Cut(f"broken off ({type(fault).__name__})") from None

    @contextmanager
    def _followed(self, pool: httpcore.ConnectionPool, more: Mapping[str, str]) -> Iterator[httpcore.Response]:
        url = self.url
        for _ in range(self.max_redirects + 1):
            checked = check_url(url, self.allow_origins)
            with self._asked(pool, checked, more) as response:
                location = _header(response, "location")
                if response.status not in REDIRECTS or not location:
                    yield response
                    return
            url = _joined(checked, location)
        raise HttpProblem("redirected too often", status=response.status)

    def _pool(self) -> httpcore.ConnectionPool:
        allowed = {(host, port) for _, host, port in self.allow_origins}
        backend = GuardedBackend(allowed, self.resolver, self.ends_at)
        return httpcore.ConnectionPool(ssl_context=self.tls, network_backend=backend)

    def _asked(
        self, pool: httpcore.ConnectionPool, url: httpx.URL, more: Mapping[str, str]
    ) -> AbstractContextManager[httpcore.Response]:
        own = self.headers if origin_of(str(url)) == origin_of(self.url) else {}
        headers = {"User-Agent": "relayweb", "Accept": "*/*"} | own | dict(more)
        headers |= {"Host": url.netloc.decode(), "Accept-Encoding": "identity"}
        wait = self.stall_seconds
        timeouts = {"connect": CONNECT_SECONDS, "read": wait, "write": wait, "pool": wait}
        return pool.stream("GET", _raw(url), headers=list(headers.items()), extensions={"timeout": timeouts})


class _Fetch:
    """One file on its way: tries, resumes where it can, else begins anew."""

    def __init__(self, line: _Line, sink: Sink) -> None:
        self._line = line
        self._sink = sink
        self._etag = ""
        self._content_type = ""

    def run(self, resumes: int) -> Download:
        while True:
            resumes -= 1
            try:
                return self._try()
            except _Changed:
                if resumes < 0:
                    raise
                self._etag = ""
            except Cut:
                if resumes < 0 or not self._has_come or time.monotonic() >= self._line.ends_at:
                    raise

    def _try(self) -> Download:
        self._has_come = False
        with self._line.get(self._range()) as response:
            self._begin(response)
            pace = _Pace(self._line.min_bytes_per_second, self._line.stall_seconds)
            for piece in response.iter_stream():
                self._sink.write(piece)
                self._has_come = True
                pace.count(len(piece))
        return Download(
            size_bytes=self._sink.size_bytes,
            sha256=self._sink.sha256,
            content_type=self._content_type,
            etag=self._etag,
        )

    def _range(self) -> dict[str, str]:
        """What asks for the rest. Only a strong ETag says that the rest is of the same file."""
        if not self._sink.size_bytes or not self._etag or self._etag.startswith("W/"):
            return {}
        return {"Range": f"bytes={self._sink.size_bytes}-", "If-Range": self._etag}

    def _begin(self, response: httpcore.Response) -> None:
        is_resumed = bool(self._range())
        if is_resumed and response.status in (206, 416):
            self._check_rest(response)
        else:
            _check_status(response)
            self._sink.restart()
            self._etag = _header(response, "etag")[:500]
            self._content_type = _header(response, "content-type")[:200]
        self._sink.expect(_length(response))

    def _check_rest(self, response: httpcore.Response) -> None:
        starts = re.fullmatch(r"bytes ([0-9]{1,18})-[0-9]+/[0-9*]+", _header(response, "content-range"))
        is_rest = response.status == 206 and starts and int(starts[1]) == self._sink.size_bytes
        if not is_rest or _header(response, "etag") not in ("", self._etag):
            raise _Changed("the file changed under way")


class _Changed(Cut):
    """What comes is not the rest of what came before."""


class _Pace:
    """Raises Stalled when a window of time brought too little."""

    def __init__(self, min_bytes_per_second: int, window_seconds: float) -> None:
        self._min_bytes_per_second = min_bytes_per_second
        self._window_seconds = window_seconds
        self._since, self._bytes = time.monotonic(), 0

    def count(self, more_bytes: int) -> None:
        self._bytes += more_bytes
        passed = time.monotonic() - self._since
        if passed < self._window_seconds:
            return
        if self._bytes < self._min_bytes_per_second * passed:
            raise Stalled(f"{self._bytes} bytes in {passed:.0f} seconds")
        self._since, self._bytes = time.monotonic(), 0


def _check_status(response: httpcore.Response) -> None:
    status = response.status
    if status in (403, 404, 410):
        raise Gone(f"HTTP {status}", status=status)
    if status != 200:
        raise HttpProblem(f"HTTP {status}", status=status)
    if _header(response, "content-encoding").lower() not in ("", "identity"):
        raise HttpProblem("packed, though asked for as it is", status=status)


def _length(response: httpcore.Response) -> int:
    """How many bytes the server says that will come; 0 when it does not say."""
    said = _header(response, "content-length")
    return int(said) if re.fullmatch(r"[0-9]{1,18}", said) else 0


def _header(response: httpcore.Response, name: str) -> str:
    values = (value for key, value in response.headers if key.lower() == name.encode())
    return next(values, b"").decode("latin-1").strip()


def _joined(url: httpx.URL, location: str) -> str:
    try:
        return urljoin(str(url), location)
    except ValueError:
        raise Forbidden("redirected to what is no address") from None


def _raw(url: httpx.URL) -> httpcore.URL:
    return httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path)


@functools.cache
def _tls() -> ssl.SSLContext:
    return httpx.create_ssl_context(trust_env=False)
