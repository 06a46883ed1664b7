"""Company for single items: what arrives while the database is busy goes in one batch."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import psycopg

from handlers.errors import where

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

MOST = 64
AGAIN = 0.2  # seconds until a lost connection is tried again

log = logging.getLogger(__name__)

Item = TypeVar("Item")
Result = TypeVar("Result")
Connection = psycopg.AsyncConnection[Any]


class Batcher(Generic[Item, Result]):
    """Collects items and hands them to `flush`, at most 64 at a time, on connections of its own.

    An item never waits for company: a free flusher takes what is there. `greet` is called with
    each new connection.
    """

    def __init__(
        self,
        url: str,
        flush: Callable[[Connection, list[Item]], Awaitable[list[Result]]],
        *,
        flushers: int,
        greet: Callable[[Connection], Awaitable[None]] | None = None,
    ) -> None:
        self._url = url
        self._flush = flush
        self._greet = greet
        self._queue: asyncio.Queue[tuple[Item, asyncio.Future[Result]]] = asyncio.Queue()
        self._flushers = flushers
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Start the flushers; they connect by themselves, and again after a loss."""
        self._tasks = [asyncio.create_task(self._run()) for _ in range(self._flushers)]

    async def stop(self) -> None:
        """Stop the flushers; items still waiting are refused."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        while not self._queue.empty():
            self._queue.get_nowait()[1].cancel()

    async def put(self, item: Item) -> Result:
        """The result for one item; psycopg.Error when the database did not take it."""
        future: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        self._queue.put_nowait((item, future))
        return await future

    async def _run(self) -> None:
        lost = False
        while True:
            try:
                async with await psycopg.AsyncConnection.connect(
                    self._url, autocommit=True
                ) as connection:
                    lost = False
                    if self._greet is not None:
                        await self._greet(connection)
                    await self._serve(connection)
            except psycopg.Error as exc:
                if not lost:
                    log.warning("database connection lost: %s", type(exc).__name__)
                lost = True
                self._refuse(exc)
                await asyncio.sleep(AGAIN)

    async def _serve(self, connection: Connection) -> None:
        while True:
            batch = [await self._queue.get()]
            while len(batch) < MOST and not self._queue.empty():
                batch.append(self._queue.get_nowait())
            await self._try(connection, batch)

    async def _try(
        self, connection: Connection, batch: list[tuple[Item, asyncio.Future[Result]]]
    ) -> None:
        """Flush a batch; one that is refused goes again item by item, so that one item fails."""
        try:
            results = await self._flush(connection, [item for item, _ in batch])
        except Exception as exc:  # whatever it was, the flusher goes on
            if connection.closed:
                _fail(batch, exc)
                raise psycopg.OperationalError("the connection is lost") from exc
            log.error("a batch of %s was refused: %s", len(batch), where(exc))  # noqa: TRY400 - see `where`
            if len(batch) == 1:
                _fail(batch, exc)
        else:
            _settle(batch, results)
            return
        if len(batch) > 1:
            for alone in batch:
                await self._try(connection, [alone])

    def _refuse(self, exc: psycopg.Error) -> None:
        """Answer at once what waits for a database that is gone."""
        waiting = []
        while not self._queue.empty():
            waiting.append(self._queue.get_nowait())
        _fail(waiting, exc)


def _fail(batch: list[tuple[Item, asyncio.Future[Result]]], exc: Exception) -> None:
    for _, future in batch:
        if not future.done():
            future.set_exception(exc)


def _settle(batch: list[tuple[Item, asyncio.Future[Result]]], results: list[Result]) -> None:
    for (_, future), result in zip(batch, results, strict=True):
        if not future.done():
            future.set_result(result)
