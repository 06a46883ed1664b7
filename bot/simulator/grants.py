"""How many customer messages a person's own act allows, and for how long."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.simulator.refusal import Refusal


@dataclass(frozen=True, slots=True)
class Allowance:
    """So many messages within so long after the act."""

    count: int
    life: timedelta


MESSAGE = Allowance(5, timedelta(hours=48))
TAP = Allowance(3, timedelta(minutes=1))
FOLLOW = Allowance(3, timedelta(minutes=1))
SCAN = Allowance(3, timedelta(minutes=1))


@dataclass(frozen=True, slots=True)
class Grant:
    """What is left of one allowance."""

    count: int
    expires_at: datetime


def grant(grants: list[Grant], allowance: Allowance, now: datetime) -> list[Grant]:
    """The grants after one more act; counts never add up, the largest one open counts."""
    return [*unexpired(grants, now), Grant(allowance.count, now + allowance.life)]


def remaining(grants: list[Grant], now: datetime) -> int:
    """Messages that may still be sent at `now`; raises 45015 outside every window."""
    still_open = unexpired(grants, now)
    if not still_open:
        raise Refusal(45015)
    return max(each.count for each in still_open)


def spend(grants: list[Grant], now: datetime) -> list[Grant]:
    """The grants after one message was sent: it counts against all of them."""
    return [Grant(max(each.count - 1, 0), each.expires_at) for each in unexpired(grants, now)]


def unexpired(grants: list[Grant], now: datetime) -> list[Grant]:
    """The grants whose time has not run out."""
    return [each for each in grants if now < each.expires_at]
