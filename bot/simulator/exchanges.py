"""Every request between the platform and the account's server, as the inspector shows it."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Literal

KEPT = 500


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and its answer.

    A "push" goes to the account's server, a "call" comes from it. `request` and `response` are
    readable, `wire` is what really went over for a sealed push. `verdict` is empty when all went
    well. `took` is milliseconds. Secrets are masked before an exchange is made.
    """

    direction: Literal["push", "call"]
    title: str
    url: str
    request: str
    response: str
    status: int
    took: int
    at: datetime
    openid: str = ""
    wire: str = ""
    verdict: str = ""
    rid: str = ""
    attempt: int = 1
    number: int = 0


@dataclass(slots=True)
class Exchanges:
    """The last five hundred of them."""

    listener: Callable[[Exchange], None]
    kept: deque[Exchange] = field(default_factory=lambda: deque(maxlen=KEPT))
    last: int = 0

    def next_number(self) -> int:
        self.last += 1
        return self.last

    def add(self, exchange: Exchange) -> None:
        self.kept.append(exchange)
        self.listener(exchange)

    def after(self, number: int) -> list[Exchange]:
        return [each for each in self.kept if each.number > number]

    def by_rid(self, rid: str) -> Exchange | None:
        """The call that was answered with this rid, while it is remembered."""
        return next((each for each in self.kept if each.rid == rid), None)


def as_json(exchange: Exchange) -> dict[str, object]:
    return {**asdict(exchange), "at": exchange.at.isoformat()}
