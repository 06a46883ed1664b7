"""When: the only module that knows APScheduler.

It ticks; whether something is due is decided by the job itself, from the clock it is given, and
that it happens once by the row it claims.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, timedelta

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from handlers.errors import where

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Tick:
    """A piece of work done every so often; runs of one tick never overlap."""

    name: str
    every: timedelta
    run: Callable[[], Awaitable[None]]


def start(ticks: tuple[Tick, ...]) -> Callable[[], None]:
    """Begin to tick; the returned function stops it.

    A tick that was missed while the process was busy or asleep runs once as soon as it can:
    without a grace time it would vanish in silence.
    """
    scheduler = AsyncIOScheduler(timezone=UTC)
    for tick in ticks:
        scheduler.add_job(
            _guarded,
            "interval",
            args=(tick,),
            id=tick.name,
            seconds=tick.every.total_seconds(),
            coalesce=True,
            max_instances=1,
            misfire_grace_time=None,
        )
    scheduler.start()

    def stop() -> None:
        scheduler.shutdown(wait=False)

    return stop


async def _guarded(tick: Tick) -> None:
    try:
        await tick.run()
    except Exception as exc:  # noqa: BLE001 - one of the three boundaries
        log.error("tick %s failed: %s", tick.name, where(exc))  # noqa: TRY400 - see `where`
