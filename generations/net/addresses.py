"""Which URLs and which IP addresses we go to. Names are resolved in guard.py, where the connection is made."""

import ipaddress
import re
from collections.abc import Collection

import httpx

from generations.net.errors import Forbidden

Origin = tuple[str, str, int]  # scheme, host, port
PORTS = {"http": 80, "https": 443}
LONGEST_URL = 8_192
HOST = re.compile(r"[a-z0-9._-]{1,253}|[0-9a-f.]*:[0-9a-f.:]*", re.IGNORECASE)  # a name, IPv4, or IPv6

# Addresses that Python calls global and that are not the open internet: 6to4 relays, a cloud's own services,
# and every block of IPv6 that carries an IPv4 address or is for protocols.
CLOSED = [
    ipaddress.ip_network(block)
    for block in ("192.88.99.0/24", "192.0.0.0/24", "168.63.129.16/32", "2001::/23", "2002::/16", "3fff::/20")
]
OPEN_IPV6 = ipaddress.ip_network("2000::/3")  # all of IPv6 that has been given out


def is_public(address: str) -> bool:
    """Whether an address is on the open internet. What is no address is not."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return False
    if ip.version == 6 and (ip not in OPEN_IPV6 or ip.scope_id is not None):
        return False
    is_closed = any(ip in block for block in CLOSED)
    return ip.is_global and not ip.is_multicast and not ip.is_reserved and not is_closed


def origin_of(url: str) -> Origin:
    """Raises Forbidden when `url` is not an absolute http or https one."""
    return _origin(_parsed(url))


def check_url(url: str, allow_origins: Collection[Origin]) -> httpx.URL:
    """The URL, normalised: https on port 443, or of an allowed origin. Raises Forbidden."""
    parsed = _parsed(url)
    if parsed.userinfo:
        raise Forbidden("the address carries a user name")
    origin = _origin(parsed)
    if origin not in allow_origins and (origin[0], origin[2]) != ("https", 443):
        raise Forbidden(f"{origin[1]}: only https on port 443")
    return parsed


def _parsed(url: str) -> httpx.URL:
    if len(url) > LONGEST_URL or not re.fullmatch(r"[^\s\\\x00-\x20\x7f]+", url):
        raise Forbidden("not an address")
    try:
        parsed = httpx.URL(url)
        is_whole = parsed.scheme in PORTS and bool(parsed.host and HOST.fullmatch(_host(parsed)))
    except (httpx.InvalidURL, ValueError):
        is_whole = False
    if not is_whole or parsed.port == 0:
        raise Forbidden("not an http or https address")
    return parsed


def _origin(url: httpx.URL) -> Origin:
    return url.scheme, _host(url), url.port or PORTS[url.scheme]


def _host(url: httpx.URL) -> str:
    """In ASCII, as it is asked of the resolver; IPv6 without its brackets."""
    return url.raw_host.decode().lower()
