"""Access tokens: the ordinary kind, the stable kind, and what makes either useless."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.simulator.refusal import Refusal

LIFE = timedelta(seconds=7200)
OVERLAP = timedelta(seconds=300)
FORCE_PAUSE = timedelta(seconds=30)
REMEMBERED = 200
SHAPE = re.compile(r"\d{1,6}_[A-Za-z0-9_-]{100,}")


@dataclass(slots=True)
class Token:
    """One token; from `void_at` on it is refused as not the latest, from `expires_at` as late."""

    value: str
    expires_at: datetime
    void_at: datetime


@dataclass(slots=True)
class Tokens:
    """All tokens given out since the start; the two kinds do not touch each other."""

    fresh: Callable[[int], str]
    known: dict[str, Token] = field(default_factory=dict)
    ordinary: Token | None = None
    stable: Token | None = None
    forced_at: datetime | None = None
    number: int = 0

    def issue(self, now: datetime) -> Token:
        """A new ordinary token; the one before it stays good for five minutes."""
        if self.ordinary is not None:
            self.ordinary.void_at = min(self.ordinary.void_at, now + OVERLAP)
        self.ordinary = self._make(now)
        return self.ordinary

    def issue_stable(self, now: datetime) -> Token:
        """The current stable token, or a new one in its last five minutes."""
        if self.stable is None or self.stable.expires_at - now < OVERLAP:
            self.stable = self._make(now)
        return self.stable

    def may_force(self, now: datetime) -> bool:
        """Whether a forced refresh would take effect: 30 s after the last one."""
        return self.forced_at is None or now - self.forced_at >= FORCE_PAUSE

    def force_stable(self, now: datetime) -> Token:
        """A new stable token; the one before it is void at once."""
        self.forced_at = now
        if self.stable is not None:
            self.stable.void_at = min(self.stable.void_at, now)
        self.stable = self._make(now)
        return self.stable

    def steal(self, now: datetime) -> None:
        """Someone else fetched tokens by force: all that were given out are void."""
        for token in self.known.values():
            token.void_at = min(token.void_at, now)
        self.ordinary = None
        self.stable = None

    def check(self, value: str, now: datetime) -> None:
        """Raise Refusal unless `value` opens the API at `now`."""
        if not value:
            raise Refusal(41001)
        if SHAPE.fullmatch(value) is None:
            raise Refusal(40014)
        token = self.known.get(value)
        if token is None or token.void_at <= now:
            raise Refusal(40001)
        if token.expires_at <= now:
            raise Refusal(42001)

    def _make(self, now: datetime) -> Token:
        self.number += 1
        expires = now + LIFE
        token = Token(
            f"{self.number}_{self.fresh(128)}", expires, datetime.max.replace(tzinfo=now.tzinfo)
        )
        self.known[token.value] = token
        if len(self.known) > REMEMBERED:
            del self.known[next(iter(self.known))]
        return token
