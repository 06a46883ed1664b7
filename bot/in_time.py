"""The platform's five seconds: answer in time, or let the work go on alone."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from handlers.types import Reply

# A commit that has begun in time is waited for this much longer, so that its reply is not lost.
COMMIT_GRACE = 0.5


@dataclass(slots=True)
class Patience:
    """Somebody waits for the answer until `until` (time of the event loop).

    The work sets `claimed` once the message is safe and `committing` once its reply is decided;
    `gone` is set when nobody waits any more, and the reply must find its own way.
    """

    until: float
    claimed: bool = False
    committing: bool = False
    gone: bool = False

    def over(self, now: float) -> bool:
        """Whether a reply decided now comes too late."""
        return self.gone or now >= self.until


class NotClaimedError(Exception):
    """The message is not safe yet: the platform has to deliver it again."""


class InTime:
    """Runs work within a budget of seconds and keeps hold of what goes on longer."""

    def __init__(self, budget: float) -> None:
        self._budget = budget
        self._running: set[asyncio.Task[object]] = set()

    def patience(self) -> Patience:
        """A fresh budget."""
        return Patience(asyncio.get_running_loop().time() + self._budget)

    async def answer(
        self, work: Coroutine[object, object, Reply | None], patience: Patience
    ) -> Reply | None:
        """The reply, or None when nothing is to be said now.

        NotClaimedError when the time ran out before the message was stored, or while its reply
        was being stored: another delivery then finds the one or the other.
        """
        task = asyncio.create_task(work)
        self._keep(task)
        await asyncio.wait({task}, timeout=self._budget)
        if not task.done() and patience.committing:
            await asyncio.wait({task}, timeout=COMMIT_GRACE)
        if task.done():
            return task.result()
        if not patience.claimed or patience.committing:
            raise NotClaimedError
        patience.gone = True
        return None

    def aside(self, work: Coroutine[object, object, None]) -> None:
        """Let work go on that nobody waits for."""
        self._keep(asyncio.create_task(work))

    async def drain(self, most: float) -> None:
        """Wait for what still runs, at most that many seconds."""
        if self._running:
            await asyncio.wait(set(self._running), timeout=most)

    def _keep(self, task: asyncio.Task[object]) -> None:
        self._running.add(task)
        task.add_done_callback(self._forget)

    def _forget(self, task: asyncio.Task[object]) -> None:
        self._running.discard(task)
        # A failure after everybody left is logged where it happens; reading it here keeps the
        # event loop from reporting it once more.
        if not task.cancelled():
            task.exception()
