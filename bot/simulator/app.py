"""A local WeChat for one service account: its HTTP API, its pushes, and phones in the browser."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING

import aiohttp
import aiohttp_jinja2
import jinja2
from aiohttp import web

from bot.simulator import inspector, pages, phone
from bot.simulator.account import Account, loopback
from bot.simulator.api import door
from bot.simulator.people import DEMO, Person
from bot.simulator.platform import PLATFORM, Platform, first_followers
from bot.simulator.store import Store

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence
    from datetime import datetime
    from pathlib import Path

__all__ = ["DEMO", "Account", "Person", "create_simulator"]


def create_simulator(
    account: Account,
    callback_url: str | Callable[[], str],
    *,
    clock: Callable[[], datetime],
    store: Path | None,
    people: Sequence[Person] = DEMO,
) -> web.Application:
    """The platform as an application, to be mounted with `add_subapp("/simulator/", …)`.

    `callback_url` is where pushes go, always on this machine (NotLoopbackError otherwise).
    `clock` gives aware UTC. `store` is the file that followers, chats, tags, menu and media are
    kept in; without it nothing outlives the process.
    """
    if isinstance(callback_url, str):
        fixed = loopback(callback_url)
        callback: Callable[[], str] = lambda: fixed  # noqa: E731
    else:
        callback = callback_url
    keeper = None if store is None else Store(store)
    platform = Platform(
        account=account,
        callback=callback,
        clock=clock,
        people={person.openid: person for person in people},
        changed=(lambda: None) if keeper is None else keeper.touched.set,
        followers=first_followers(people, clock()),
    )
    if keeper is not None:
        keeper.load(platform)
    app = web.Application(middlewares=[phone.impossible])
    app[PLATFORM] = platform
    loader = jinja2.FileSystemLoader(pages.HERE / "templates")
    aiohttp_jinja2.setup(app, loader=loader, autoescape=True)
    app.add_routes([*pages.routes, *phone.routes, *inspector.routes])
    app.router.add_static("/static", pages.HERE / "static")
    app.router.add_route("*", "/api.weixin.qq.com/{path:.*}", door.answer)
    app.on_response_prepare.append(pages.guard)
    app.on_shutdown.append(_stop)
    app.cleanup_ctx.append(_session)
    if keeper is not None:
        app.cleanup_ctx.append(_keeping(keeper))
    return app


async def _session(app: web.Application) -> AsyncIterator[None]:
    connector = aiohttp.TCPConnector(limit=0, force_close=True)
    async with aiohttp.ClientSession(connector=connector) as session:
        app[PLATFORM].session = session
        yield
        await app[PLATFORM].stop()


def _keeping(keeper: Store) -> Callable[[web.Application], AsyncIterator[None]]:
    async def keep(app: web.Application) -> AsyncIterator[None]:
        task = asyncio.create_task(keeper.keep_up(app[PLATFORM]))
        yield
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        await keeper.write(app[PLATFORM])

    return keep


async def _stop(app: web.Application) -> None:
    await app[PLATFORM].stop()
