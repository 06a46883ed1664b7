"""The inspector's own calls: exchanges, faults, settings, the clock, and the live feed."""

from __future__ import annotations

import asyncio
import json
from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bot.simulator import courier, exchanges, faults
from bot.simulator.api.menus import as_json as menu_json
from bot.simulator.faults import KINDS, Switch
from bot.simulator.notices import TEMPLATES
from bot.simulator.phone import number, read
from bot.simulator.platform import PLATFORM, Platform
from bot.simulator.refusal import Refusal
from bot.simulator.settings import Settings

if TYPE_CHECKING:
    from bot.simulator.feed import News, Watch

routes = web.RouteTableDef()
HEARTBEAT = 15.0


class Advance(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    advance: int = Field(ge=0, le=366 * 86400, description="seconds")


class UseUp(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    path: str


@routes.get("/exchanges")
async def read_exchanges(request: web.Request) -> web.Response:
    """Exchanges with a number above `after`."""
    found = request.app[PLATFORM].exchanges.after(number(request, "after"))
    return web.json_response({"exchanges": [exchanges.as_json(each) for each in found]})


@routes.get("/state")
async def state(request: web.Request) -> web.Response:
    """All that the page must know besides people and exchanges."""
    platform = request.app[PLATFORM]
    return web.json_response(
        {
            "account": {"name": platform.account.name, "app_id": platform.account.app_id},
            "menu": menu_json(platform.menu or ()),
            "settings": platform.settings.model_dump(),
            "faults": _faults(platform),
            "kinds": [
                {"fault": name, "label": kind.label, "where": kind.where, "seconds": kind.seconds}
                for name, kind in KINDS.items()
            ],
            "clock": _clock(platform),
            "templates": [{"id": each.template_id, "title": each.title} for each in TEMPLATES],
            "scenes": _scenes(platform),
        }
    )


@routes.get("/faults")
async def read_faults(request: web.Request) -> web.Response:
    return web.json_response({"faults": _faults(request.app[PLATFORM])})


@routes.post("/faults")
async def switch_on(request: web.Request) -> web.Response:
    platform = request.app[PLATFORM]
    switch = await read(request, Switch)
    if switch.fault not in KINDS:
        raise web.HTTPBadRequest(text=f"fault must be one of {', '.join(KINDS)}")
    if switch.fault == "stolen":
        platform.tokens.steal(platform.limits_now())
        return web.json_response({"number": 0})
    fault = platform.faults.switch_on(switch)
    platform.feed.tell("faults", {"faults": _faults(platform)})
    return web.json_response(faults.as_json(fault))


@routes.delete("/faults")
async def all_off(request: web.Request) -> web.Response:
    return _off(request.app[PLATFORM], None)


@routes.delete(r"/faults/{number:\d+}")
async def switch_off(request: web.Request) -> web.Response:
    return _off(request.app[PLATFORM], int(request.match_info["number"]))


@routes.get("/settings")
async def read_settings(request: web.Request) -> web.Response:
    return web.json_response(request.app[PLATFORM].settings.model_dump())


@routes.post("/settings")
async def change_settings(request: web.Request) -> web.Response:
    """Only what is named changes."""
    platform = request.app[PLATFORM]
    try:
        changes = json.loads(await request.read())
        wanted = Settings.model_validate({**platform.settings.model_dump(), **changes})
    except (ValueError, TypeError, ValidationError) as exc:
        raise web.HTTPBadRequest(text=str(exc)) from exc
    platform.apply(wanted)
    return web.json_response(wanted.model_dump())


@routes.get("/clock")
async def read_clock(request: web.Request) -> web.Response:
    return web.json_response(_clock(request.app[PLATFORM]))


@routes.post("/clock")
async def advance(request: web.Request) -> web.Response:
    """Let windows, tokens, media and quotas age; what is signed keeps the real time."""
    platform = request.app[PLATFORM]
    platform.ahead += timedelta(seconds=(await read(request, Advance)).advance)
    platform.feed.tell("clock", _clock(platform))
    return web.json_response(_clock(platform))


@routes.post("/quotas")
async def use_up(request: web.Request) -> web.Response:
    """Leave nothing of today's quota for one call."""
    platform = request.app[PLATFORM]
    path = (await read(request, UseUp)).path
    try:
        platform.quotas.use_up(path, platform.limits_now())
    except Refusal as exc:
        raise web.HTTPNotFound(text=exc.words) from exc
    return web.json_response({"path": path})


@routes.post("/verify")
async def verify(request: web.Request) -> web.Response:
    """The check that the console makes when a server address is saved."""
    problem = await courier.verify(request.app[PLATFORM])
    return web.json_response({"passed": not problem, "problem": problem})


@routes.get("/events")
async def events(request: web.Request) -> web.StreamResponse:
    """Everything that happens from now on, as server-sent events."""
    platform = request.app[PLATFORM]
    response = web.StreamResponse(
        headers={"Content-Type": "text/event-stream; charset=utf-8", "Cache-Control": "no-store"}
    )
    watch = platform.feed.join()
    try:
        with suppress(ConnectionResetError):
            await response.prepare(request)
            await response.write(b"retry: 1000\n\n")
            await _pass_on(watch, response)
    finally:
        platform.feed.leave(watch)
    return response


async def _pass_on(watch: Watch, response: web.StreamResponse) -> None:
    while True:
        try:
            news = await asyncio.wait_for(watch.get(), HEARTBEAT)
        except TimeoutError:
            await response.write(b": still here\n\n")
            continue
        if news is None:
            return
        await response.write(_event(news))


def _event(news: News) -> bytes:
    body = json.dumps(news.body, ensure_ascii=False)
    return f"event: {news.name}\ndata: {body}\n\n".encode()


def _off(platform: Platform, number: int | None) -> web.Response:
    platform.faults.switch_off(number)
    platform.feed.tell("faults", {"faults": _faults(platform)})
    return web.json_response({"faults": _faults(platform)})


def _faults(platform: Platform) -> list[dict[str, object]]:
    return [faults.as_json(fault) for fault in platform.faults.active]


def _clock(platform: Platform) -> dict[str, object]:
    return {
        "now": platform.clock().isoformat(),
        "ahead": int(platform.ahead.total_seconds()),
    }


def _scenes(platform: Platform) -> list[dict[str, str]]:
    now = platform.limits_now()
    good = (code for code in platform.qrcodes.codes.values() if code.is_good(now))
    return [{"scene": code.scene, "ticket": code.ticket} for code in good]
