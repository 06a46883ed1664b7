"""The queue of durable work: the only module that knows procrastinate."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import procrastinate
from procrastinate import PsycopgConnector

from models.job import DELIVER, IMPORT, TELL

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

RETRIES = procrastinate.RetryStrategy(max_attempts=5, exponential_wait=3)
CONCURRENCY = 2

log = logging.getLogger(__name__)


def create_jobs(
    url: str,
    deliver: Callable[[Sequence[int]], Awaitable[None]],
    import_uploads: Callable[[Sequence[int]], Awaitable[None]],
    tell_returned: Callable[[Sequence[int]], Awaitable[None]],
) -> procrastinate.App:
    """The queue on this database, with every job there is."""
    app = procrastinate.App(connector=PsycopgConnector(conninfo=url, max_size=CONCURRENCY + 3))

    @app.task(name=DELIVER, queue="default", retry=RETRIES)
    async def send(ids: list[int]) -> None:
        await deliver(ids)

    @app.task(name=IMPORT, queue="default", retry=RETRIES)
    async def read_uploads(ids: list[int]) -> None:
        await import_uploads(ids)

    @app.task(name=TELL, queue="default", retry=RETRIES)
    async def tell(ids: list[int]) -> None:
        await tell_returned(ids)

    return app


async def run_worker(app: procrastinate.App) -> None:
    """Work until cancelled; jobs that are running are finished first."""
    await app.run_worker_async(
        concurrency=CONCURRENCY,
        install_signal_handlers=False,
        delete_jobs="successful",
        fetch_job_polling_interval=1.0,
        shutdown_graceful_timeout=3.0,
    )


async def rescue_stalled(app: procrastinate.App) -> int:
    """Give back the jobs of workers that are gone; how many."""
    stalled = list(await app.job_manager.get_stalled_jobs())
    for job in stalled:
        await app.job_manager.retry_job(job)
    if stalled:
        log.warning("%s jobs of workers that are gone were given back", len(stalled))
    return len(stalled)
