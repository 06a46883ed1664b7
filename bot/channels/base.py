"""What every channel can do, and how it says that something could not be sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from handlers.types import Reply


class RefusedError(Exception):
    """A request that is not a true delivery of the platform; `status` is the HTTP answer."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status = status


class Then(StrEnum):
    """What follows a failed send."""

    RETRY = "retry"
    HOLD = "hold"
    PAUSE = "pause"
    DROP = "drop"
    UNKNOWN = "unknown"
    ALARM = "alarm"


class SendError(Exception):
    """A message was not sent, or nobody knows whether it was.

    `then` says what follows: try again soon, hold until the person writes, pause all sending
    until `pause` seconds have passed, drop it, leave it as unknown, or call a human.
    `unreachable` says that the person does not follow any more.
    """

    def __init__(
        self, then: Then, reason: str, *, pause: float = 0.0, unreachable: bool = False
    ) -> None:
        super().__init__(reason)
        self.then = then
        self.reason = reason
        self.pause = pause
        self.unreachable = unreachable


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP delivery: the query, the body, and when it came."""

    query: Mapping[str, str]
    body: bytes
    now: datetime


class Channel(Protocol):
    """A way for members to write to us."""

    name: str
    # Whether messages that are not replies need a message of the person first.
    windowed: bool

    def split(self, reply: Reply) -> tuple[Reply, Reply]:
        """What can be said in the answer itself, and what must follow it as messages."""
        ...

    async def send(self, sender: str, reply: Reply) -> None:
        """Send messages that are not a reply; SendError when they were not all sent."""
        ...

    async def picture(self, media: str) -> bytes:
        """The bytes of a picture a person sent; SendError when it cannot be had."""
        ...
