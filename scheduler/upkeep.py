"""What is put right without being asked: messages left behind, deliveries cut off, old records."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from handlers.actions import deliveries, evidence
from models.db import Sessions
from models.inbox import left_behind
from models.job import forget_old_runs

if TYPE_CHECKING:
    from datetime import datetime


ABANDONED = timedelta(minutes=2)
FORGOTTEN = timedelta(minutes=1)
KEEP_RUNS = timedelta(days=800)
KEEP_ORPHANS = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Upkeep:
    """`waited`: how long a message may be unfinished before it is taken up again.

    `channels` are those that this process can answer on.
    """

    sessions: Sessions
    resume: Callable[[int], Awaitable[None]]
    waited: timedelta
    evidence: Path
    channels: tuple[str, ...]

    async def messages(self, now: datetime) -> None:
        """Finish what a process that is gone left behind, each whatever becomes of the others."""
        async with self.sessions() as work:
            ids = await left_behind(work, now, self.waited, self.channels)
        results = await asyncio.gather(*map(self.resume, ids), return_exceptions=True)
        failed = [result for result in results if isinstance(result, Exception)]
        if failed:
            raise ExceptionGroup("messages that could not be finished", failed)

    async def outbox(self, now: datetime) -> None:
        """Settle what was cut off, give forgotten rows a job, let go of what is too late."""
        async with self.sessions.begin() as work:
            await deliveries.settle_abandoned(work, now, ABANDONED)
            await deliveries.requeue_forgotten(work, now, FORGOTTEN)
            await deliveries.expire_held(work, now)

    async def records(self, now: datetime, real: datetime) -> None:
        """Forget what nothing asks for any more; files have `real` times, whatever is played."""
        async with self.sessions.begin() as work:
            await forget_old_runs(work, now, KEEP_RUNS)
            before = (real - KEEP_ORPHANS).timestamp()
            for path in await evidence.orphans(work, self.evidence, before):
                path.unlink(missing_ok=True)
