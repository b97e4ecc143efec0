"""Account: where the relay is and the key to it, and what every request says of itself."""

from urllib.parse import urlsplit

from generations.relay.secrets import Hider


class Account:
    """Where the relay is and the key to it. Shows neither the key nor what is made of it."""

    def __init__(self, base_url: str, api_key: str) -> None:
        """Raises ValueError for an address or a key that cannot be used; never quotes the key."""
        parts = urlsplit(base_url)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.username or parts.query:
            raise ValueError("the relay's base URL must look like https://relay.example/v1")
        self.base_url = base_url.rstrip("/")
        self.hider = Hider(api_key)
        self._authorization = f"Bearer {api_key}"

    def __repr__(self) -> str:
        return f"Account({self.base_url!r})"

    def url(self, path: str) -> str:
        return self.base_url + path

    def root_url(self, path: str) -> str:
        return self.base_url.removesuffix("/v1") + path

    def headers(self) -> dict[str, str]:
        return {"Authorization": self._authorization, **anonymous_headers()}

    def is_own(self, url: str) -> bool:
        """Whether `url` is on the relay's own origin."""
        return _origin(url) == _origin(self.base_url)


def anonymous_headers() -> dict[str, str]:
    """What every request of ours says, with no key in it."""
    return {"Accept": "*/*", "Accept-Encoding": "identity", "User-Agent": "relayweb"}


def _origin(url: str) -> tuple[str, str | None, int | None]:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return "", None, None
    return parts.scheme, parts.hostname, port or {"http": 80, "https": 443}.get(parts.scheme)
