"""The platform's access token: one for all processes, fetched by one of them at a time."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy.dialects.postgresql import insert

from models.token import TOKEN, PlatformToken

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from datetime import datetime

    from bot.clock import Clock
    from models.db import Sessions, Work
    from models.seal import KeyRing

# In the last five minutes of a token the platform gives a new one, and both are good. A little
# later than that, or a fetch at that very moment is answered with the old one.
MARGIN = timedelta(minutes=4, seconds=50)
# After a failed fetch nobody asks again for this long; the callers get the same error.
REST = timedelta(seconds=5)


class TokenHolder:
    """Hands out the token of one account; `fetch` gets a new one with its life from the platform.

    The database row is held while fetching, so that of all processes one asks the platform and
    the others read what it got. A process that dies lets the row go.
    """

    def __init__(
        self,
        account: str,
        sessions: Sessions,
        ring: KeyRing,
        clock: Clock,
        fetch: Callable[[], Awaitable[tuple[str, timedelta]]],
    ) -> None:
        self._account = account
        self._sessions = sessions
        self._ring = ring
        self._clock = clock
        self._fetch = fetch
        self._lock = asyncio.Lock()
        self._value = ""
        self._expires: datetime | None = None
        self._failure: tuple[datetime, Exception] | None = None
        # When the platform last answered a fetch with the token it had just refused.
        self._fruitless: datetime | None = None

    async def get(self, *, stale: str = "") -> str:
        """The token; `stale` is one the platform has refused.

        It is handed out again only when the platform has no other: asking once more at once
        would bring the same.
        """
        if self._usable(stale):
            return self._value
        async with self._lock:
            if self._usable(stale):
                return self._value
            self._rest_after_failure()
            async with self._sessions.begin() as work:
                await self._refresh(work, stale)
        return self._value

    def _usable(self, stale: str) -> bool:
        return (
            bool(self._value)
            and (self._value != stale or self._asked_in_vain())
            and self._expires is not None
            and self._clock() < self._expires - MARGIN
        )

    def _asked_in_vain(self) -> bool:
        return self._fruitless is not None and self._clock() < self._fruitless + REST

    def _rest_after_failure(self) -> None:
        if self._failure is not None and self._clock() < self._failure[0] + REST:
            raise self._failure[1]

    async def _refresh(self, work: Work, stale: str) -> None:
        await work.execute(
            insert(PlatformToken).values(account=self._account).on_conflict_do_nothing()
        )
        row = await work.get_one(PlatformToken, self._account, with_for_update=True)
        if row.value is not None:
            self._value, self._expires = self._ring.open_text(row.value, TOKEN), row.expires_at
            if self._usable(stale):
                return
        try:
            value, life = await self._fetch()
        except Exception as exc:
            self._failure = (self._clock(), exc)
            raise
        self._failure = None
        self._fruitless = self._clock() if value == stale else None
        self._value, self._expires = value, self._clock() + life
        row.value = self._ring.seal_text(value, TOKEN)
        row.expires_at = self._expires
