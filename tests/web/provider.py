"""An OpenID provider for tests: signs in whoever it is told to, on a port of its own."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt

CLIENT, SECRET = "relayweb", "secret-of-the-client"


@dataclass
class Provider:
    """`claims` are of who signs in next; `asked` holds what the studio sent when it came for the token."""

    url: str
    claims: dict[str, Any] = field(default_factory=dict)
    asked: list[dict[str, str]] = field(default_factory=list)
    nonce: str = ""

    def answer(self, path: str, form: dict[str, str]) -> tuple[int, dict[str, str], bytes]:
        """(status, headers, body) of one request."""
        parts = urlsplit(path)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        if parts.path == "/authorize":
            back = urlencode({"code": "code-1", "state": query["state"]})
            return 302, {"Location": f"{query['redirect_uri']}?{back}"}, b""
        return 200, {"Content-Type": "application/json"}, json.dumps(self._said(parts.path, form)).encode()

    def _said(self, path: str, form: dict[str, str]) -> dict[str, Any]:
        if path.startswith("/.well-known/"):
            names = {"authorization": "authorize", "token": "token", "userinfo": "userinfo"}
            ends = {f"{name}_endpoint": f"{self.url}/{at}" for name, at in names.items()}
            return ends | {"issuer": self.url, "jwks_uri": f"{self.url}/keys"}
        if path == "/token":
            self.asked.append(form)
            now = int(time.time())
            told = {"iss": self.url, "aud": CLIENT, "iat": now, "exp": now + 60} | self.claims
            return {"access_token": "access", "token_type": "Bearer", "id_token": jwt.encode(told, "k" * 32)}
        return self.claims


@contextmanager
def running() -> Iterator[Provider]:
    """A provider on a free port of this machine, until the block ends."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._reply({})

        def do_POST(self) -> None:
            sent = self.rfile.read(int(self.headers["Content-Length"])).decode()
            self._reply({name: values[0] for name, values in parse_qs(sent).items()})

        def _reply(self, form: dict[str, str]) -> None:
            status, headers, body = provider.answer(self.path, form)
            self.send_response(status)
            for name, value in (headers | {"Content-Length": str(len(body))}).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    provider = Provider(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
