"""Everything that is served: callback, health, pages, desk, simulator, libraries."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from aiohttp import web

from bot.config import HERE
from bot.web.callback import Callback
from bot.web.health import health

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.app import Parts

ROOM = Path(__file__).parent
LIBRARIES = ("@tabler/core", "echarts", "htmx.org", "weui")
SECURITY = {
    "Content-Security-Policy": "default-src 'self'; img-src 'self' data:; base-uri 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}


def create_app(parts: Parts, rooms: Mapping[str, web.Application]) -> web.Application:
    """The whole site; `rooms` are mounted at their prefixes ("/desk/": …)."""
    app = web.Application()
    callback = Callback(
        parts.wechat,
        parts.dispatch,
        parts.in_time,
        parts.clock,
        parts.settings.web.body_limit,
    )
    app.router.add_get("/wechat", callback.verify)
    app.router.add_post("/wechat", callback.receive)
    services = parts.services
    app.router.add_get(
        "/health",
        health(parts.sessions, services.language, services.clauses, services.phrasing),
    )
    app.router.add_get("/favicon.ico", _mark)
    if "/simulator/" in rooms:
        app.router.add_get("/", _to_the_phone)
    app.router.add_static("/static", ROOM / "static")
    for library in LIBRARIES:
        folder = HERE / "node_modules" / library
        if folder.is_dir():
            app.router.add_static(f"/assets/{library}", folder)
    for prefix, room in rooms.items():
        app.add_subapp(prefix, room)
    app.on_response_prepare.append(_secure)
    return app


async def _to_the_phone(_: web.Request) -> web.Response:
    raise web.HTTPFound("/simulator/")


async def _mark(_: web.Request) -> web.FileResponse:
    return web.FileResponse(ROOM / "static" / "mark.svg")


async def _secure(request: web.Request, response: web.StreamResponse) -> None:
    """Headers for every page; a room may have set stricter ones of its own."""
    if request.path == "/wechat":
        return
    for name, value in SECURITY.items():
        response.headers.setdefault(name, value)
