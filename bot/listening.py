"""Hearing of changes in the database as they are committed, by any process."""

from __future__ import annotations

import asyncio
import logging
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING

import psycopg
from psycopg import sql

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

PAUSE = 2.0  # seconds before the connection is tried again

log = logging.getLogger(__name__)


@asynccontextmanager
async def listening(url: str, channel: str, heard: Callable[[], None]) -> AsyncIterator[None]:
    """Call `heard` for each notice of a channel while inside.

    It is called too whenever the connection is there anew, as notices may have been missed.
    """
    task = asyncio.create_task(_listen(url, channel, heard))
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _listen(url: str, channel: str, heard: Callable[[], None]) -> None:
    while True:
        try:
            async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
                await connection.execute(sql.SQL("LISTEN {}").format(sql.Identifier(channel)))
                heard()
                async for _ in connection.notifies():
                    heard()
        except psycopg.OperationalError as exc:
            log.warning("notices of %s are not heard: %s", channel, type(exc).__name__)
        await asyncio.sleep(PAUSE)
