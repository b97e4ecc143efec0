"""The sandbox's sockets: a threaded HTTP/1.1 server in front of Sandbox.answer, and the same as an httpx transport."""

import contextlib
import logging
import socket
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import parse_qsl, urlsplit

import httpx

from generations.sandbox.messages import BrokenOff, Request, Response, as_json
from generations.sandbox.server import Sandbox
from generations.sandbox.uploads import BODY_BYTES as FILE_BYTES

BODY_BYTES = 2 * 1024 * 1024
FILES = "/v1/files"
IDLE_SECONDS = 30

log = logging.getLogger(__name__)


class Listener:
    """The sandbox on an address of this machine. Port 0 takes a free one. Raises OSError when the port is taken."""

    def __init__(self, sandbox: Sandbox, host: str = "127.0.0.1", port: int = 0) -> None:
        self._sandbox = sandbox
        self._server = _Server((host, port), sandbox)
        self._thread = Thread(target=self._server.serve_forever, args=(0.1,), name="listener", daemon=True)
        shown = f"[{host}]" if ":" in host else host
        self.url = f"http://{shown}:{self._server.server_address[1]}"

    def __enter__(self) -> "Listener":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        self._sandbox.start()
        self._thread.start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._sandbox.stop()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 512

    def __init__(self, address: tuple[str, int], sandbox: Sandbox) -> None:
        self.address_family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
        self.sandbox = sandbox
        super().__init__(address, _Handler)

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that went away is no news."""
        log.debug("a connection ended", exc_info=True)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version, sys_version = "sandbox", ""
    timeout = IDLE_SECONDS
    disable_nagle_algorithm = True
    server: _Server

    def do_GET(self) -> None:
        self._answer(b"")

    def do_POST(self) -> None:
        length = self.headers.get("Content-Length", "")
        if not length.isdecimal():
            self._refuse(411, "Content-Length is required")
        elif int(length) > (most := FILE_BYTES if urlsplit(self.path).path.rstrip("/") == FILES else BODY_BYTES):
            self._refuse(413, f"the body is larger than {most} bytes")
        else:
            self._answer(self.rfile.read(int(length)))

    def _refuse(self, status: int, message: str) -> None:
        self.close_connection = True
        self._send(as_json({"error": {"message": message, "type": "invalid_request_error", "code": ""}}, status))

    def _answer(self, body: bytes) -> None:
        parts = urlsplit(self.path)
        request = Request(
            method=self.command,
            path=parts.path,
            query=dict(parse_qsl(parts.query)),
            headers={name.lower(): value for name, value in self.headers.items()},
            body=body,
        )
        try:
            response = self.server.sandbox.answer(request)
        except Exception:
            log.exception("answering %s %s", self.command, parts.path)
            error = {"message": "the sandbox failed", "type": "api_error", "code": "internal_error"}
            response = as_json({"error": error}, 500)
        self._send(response)

    def _send(self, response: Response) -> None:
        if response.is_lost:
            self.close_connection = True
            return
        self.send_response(response.status)
        for name, value in response.headers.items():
            self.send_header(name, value)
        if response.stream is not None:
            self._stream(response.stream)
            return
        self.send_header("Content-Length", str(response.length_bytes))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        for block in response.blocks():
            self.wfile.write(block)
        self.close_connection = self.close_connection or response.sent_bytes is not None

    def _stream(self, blocks: Iterator[bytes]) -> None:
        """In chunks, each sent at once. Ends where the client goes away, and closes when it breaks off."""
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        try:
            with contextlib.closing(blocks) as open_blocks:  # type: ignore[type-var]
                for block in open_blocks:
                    self.wfile.write(b"%x\r\n%s\r\n" % (len(block), block))
            self.wfile.write(b"0\r\n\r\n")
        except (BrokenOff, OSError):
            self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the base class names it)
        log.debug(format, *args)


def transport(sandbox: Sandbox) -> httpx.MockTransport:
    """The sandbox without sockets, for an httpx client of a test."""

    def answer(asked: httpx.Request) -> httpx.Response:
        request = Request(
            method=asked.method,
            path=asked.url.path,
            query=dict(asked.url.params),
            headers=dict(asked.headers),
            body=asked.read(),
        )
        response = sandbox.answer(request)
        if response.is_lost or response.sent_bytes is not None:
            raise httpx.ReadError("the connection was closed", request=asked)
        return httpx.Response(response.status, headers=dict(response.headers), content=b"".join(response.blocks()))

    return httpx.MockTransport(answer)
