"""What happens, as it happens, for every page that watches."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field

BACKLOG = 1000


@dataclass(frozen=True, slots=True)
class News:
    """One thing that happened; `body` is plain JSON."""

    name: str
    body: Mapping[str, object]


Watch = asyncio.Queue[News | None]


@dataclass(slots=True)
class Feed:
    """Hands news to all watches; None in a watch says that it has ended."""

    watches: set[Watch] = field(default_factory=set)

    def join(self) -> Watch:
        """A watch that receives all news from now on."""
        watch: Watch = asyncio.Queue(BACKLOG)
        self.watches.add(watch)
        return watch

    def leave(self, watch: Watch) -> None:
        self.watches.discard(watch)

    def tell(self, name: str, body: Mapping[str, object]) -> None:
        """Hand on one piece of news; a watch that is a thousand behind ends."""
        for watch in list(self.watches):
            if watch.full():
                self._end(watch)
            else:
                watch.put_nowait(News(name, body))

    def close(self) -> None:
        """End every watch."""
        for watch in list(self.watches):
            self._end(watch)

    def _end(self, watch: Watch) -> None:
        self.watches.discard(watch)
        if watch.full():
            watch.get_nowait()
        watch.put_nowait(None)
