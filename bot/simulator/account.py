"""The service account that the simulated platform knows, and the address it delivers to."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from urllib.parse import urlsplit


class NotLoopbackError(ValueError):
    """The simulator only delivers to this machine."""


@dataclass(frozen=True, slots=True)
class Account:
    """What the console of the platform would show.

    `original_id` begins with "gh_". `encoding_aes_keys` are 43 characters each; the first one
    encrypts, unless keys rotate.
    """

    app_id: str
    app_secret: str
    token: str
    encoding_aes_keys: tuple[str, ...]
    original_id: str
    name: str


def loopback(url: str) -> str:
    """Return `url` when it leads to this machine; raise NotLoopbackError when it does not."""
    if not is_loopback(urlsplit(url).hostname or ""):
        raise NotLoopbackError(f"{url} is not an address of this machine")
    return url


def is_loopback(host: str) -> bool:
    """Whether `host` is localhost or a loopback address; no name is looked up."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
