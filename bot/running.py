"""The life of a process: database, signals, draining."""

from __future__ import annotations

import asyncio
import gc
import logging
import signal
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import psycopg
from aiohttp import web

from bot.app import Parts, clock_running, open_parts, worker_running
from bot.channels.wechat_api import ApiError
from bot.config import HERE
from bot.postgres import embedded
from bot.rooms import create_rooms
from bot.web.app import create_app
from handlers.catalogue.menu import load_menu
from models.migrations import newest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bot.clock import Clock
    from bot.config import Settings

OLDEST = 16  # PostgreSQL
BACKLOG = 1024

log = logging.getLogger(__name__)


class CannotRunError(Exception):
    """The command cannot go on; the text says what to do about it."""


@dataclass(frozen=True, slots=True)
class Duties:
    """What one process does."""

    web: bool = False
    worker: bool = False
    clock: bool = False


@contextmanager
def database(settings: Settings) -> Iterator[str]:
    """The address of the database: the one in the settings, or the embedded server's.

    CannotRunError when it does not answer or is too old.
    """
    if settings.database.url:
        _check(settings.database.url)
        yield settings.database.url
        return
    with embedded(settings.data_dir / "postgres") as url:
        yield url


def _check(url: str) -> None:
    try:
        with psycopg.connect(url, connect_timeout=10) as connection:
            version = connection.info.server_version // 10000
    except psycopg.OperationalError as exc:
        raise CannotRunError(f"the database does not answer: {exc}") from exc
    if version < OLDEST:
        raise CannotRunError(f"PostgreSQL {version} is too old: {OLDEST} or newer is needed")


def check_schema(url: str) -> None:
    """CannotRunError when the database is not in the shape this code expects."""
    with psycopg.connect(url) as connection:
        present = connection.execute("SELECT to_regclass('alembic_version')").fetchone()
        row = (
            connection.execute("SELECT version_num FROM alembic_version").fetchone()
            if present and present[0]
            else None
        )
    if row is None or row[0] != newest():
        raise CannotRunError("the database is not in its newest shape: run `lianxin migrate`")


async def run(
    settings: Settings,
    url: str,
    clock: Clock,
    duties: Duties,
    *,
    ready: Callable[[], None] | None = None,
) -> None:
    """Do the duties until SIGINT or SIGTERM, then finish what is under way and leave.

    `ready` is called once everything runs.
    """
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for sign in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(sign, stop.set)
    async with AsyncExitStack() as stack:
        parts = await stack.enter_async_context(open_parts(settings, url, clock))
        if duties.worker or duties.clock:
            await stack.enter_async_context(parts.jobs.open_async())
        if duties.worker:
            await stack.enter_async_context(worker_running(parts))
        if duties.clock:
            await stack.enter_async_context(clock_running(parts))
        if duties.web:
            runner = await _listen(parts)
            stack.push_async_callback(runner.cleanup)
            if settings.wechat.menu_on_start:
                await _set_menu(parts)
        _spare_the_collector()
        if ready is not None:
            ready()
        log.info("running: %s", duties)
        await stop.wait()
        log.info("stopping")


def _spare_the_collector() -> None:
    """What was loaded at the start stays: the collector need not look at it again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


async def _listen(parts: Parts) -> web.AppRunner:
    settings = parts.settings.web
    app = create_app(parts, create_rooms(parts))
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=3.0)
    await runner.setup()
    site = web.TCPSite(runner, settings.host, settings.port, backlog=BACKLOG)
    try:
        await site.start()
    except OSError as exc:
        await runner.cleanup()
        raise CannotRunError(
            f"port {settings.port} on {settings.host} cannot be used ({exc.strerror}): "
            "stop what uses it, or set LIANXIN_WEB__PORT"
        ) from exc
    return runner


async def _set_menu(parts: Parts) -> None:
    """Put the menu below the chat; without it everything can still be typed."""
    try:
        await parts.wechat.set_menu(load_menu(HERE / "handlers" / "catalogue" / "menu.yaml"))
    except ApiError as exc:
        log.warning("the menu was not set: %s", exc)
