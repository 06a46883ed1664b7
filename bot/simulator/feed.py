"""What happens, as it happens, for every page that watches."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

BACKLOG = 1000
HEARTBEAT = 15.0


@dataclass(frozen=True, slots=True)
class News:
    """One thing that happened; `body` is plain JSON."""

    name: str
    body: Mapping[str, object]


@dataclass(slots=True)
class Feed:
    """Hands news to all watchers; one that falls behind by a thousand is let go."""

    watchers: set[asyncio.Queue[News | None]] = field(default_factory=set)

    def tell(self, name: str, body: Mapping[str, object]) -> None:
        for queue in list(self.watchers):
            if queue.full():
                self.watchers.discard(queue)
                queue.get_nowait()
                queue.put_nowait(None)
            else:
                queue.put_nowait(News(name, body))

    async def watch(self) -> AsyncIterator[News | None]:
        """News from now on until the feed closes; None now and then when nothing happens."""
        queue: asyncio.Queue[News | None] = asyncio.Queue(BACKLOG)
        self.watchers.add(queue)
        try:
            while queue in self.watchers or not queue.empty():
                news = await _next(queue)
                if news is None and queue not in self.watchers:
                    return
                yield news
        finally:
            self.watchers.discard(queue)

    def close(self) -> None:
        """End every watch."""
        for queue in list(self.watchers):
            self.watchers.discard(queue)
            if queue.full():
                queue.get_nowait()
            queue.put_nowait(None)


async def _next(queue: asyncio.Queue[News | None]) -> News | None:
    try:
        return await asyncio.wait_for(queue.get(), HEARTBEAT)
    except TimeoutError:
        return None
