"""The phones by remote control: the JSON API that the page and the tests both use."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Literal, TypeVar

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bot.simulator import acts, courier, transcript
from bot.simulator.acts import CannotActError
from bot.simulator.api.door import base_url, read_file
from bot.simulator.media import recognise
from bot.simulator.platform import PLATFORM, Platform
from bot.simulator.pushes import Element, Place, Push

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from bot.simulator.courier import Outcome

routes = web.RouteTableDef()


class Act(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Say(Act):
    text: str = Field(min_length=1, max_length=4000)
    tapped_id: str = Field(default="", max_length=128)


class Voice(Act):
    text: str = Field(default="", max_length=2000)


class Location(Act):
    latitude: float = Field(ge=-90, le=90)
    longitude: float = Field(ge=-180, le=180)
    label: str = Field(default="", max_length=200)
    scale: int = Field(default=16, ge=1, le=20)
    key: str = Field(default="", max_length=128)


class Menu(Act):
    key: str = Field(min_length=1, max_length=1024)
    scanned: str = Field(default="", max_length=1024)


class Follow(Act):
    scene: str | None = Field(default=None, min_length=1, max_length=64)


class Scan(Act):
    scene: str = Field(min_length=1, max_length=64)


class Notice(Act):
    template_id: str = Field(min_length=1, max_length=64)


class Article(Act):
    title: str = Field(default="", max_length=200)
    description: str = Field(default="", max_length=500)
    url: str = Field(min_length=1, max_length=1024)


class Position(Act):
    latitude: float = Field(ge=-90, le=90)
    longitude: float = Field(ge=-180, le=180)


class Authorisation(Act):
    event: Literal[
        "user_info_modified", "user_authorization_revoke", "user_authorization_cancellation"
    ]


class Receive(Act):
    on: bool


class Raw(Act):
    elements: dict[str, str | int]


S = TypeVar("S", bound=BaseModel)


@routes.get("/people")
async def people(request: web.Request) -> web.Response:
    platform = request.app[PLATFORM]
    return web.json_response({"people": [_describe(platform, each) for each in platform.people]})


@routes.get("/people/{openid}/transcript")
async def read_transcript(request: web.Request) -> web.Response:
    """Lines with a number above `after`."""
    platform, openid = _person(request)
    lines = platform.transcript.after(openid, number(request, "after"))
    return web.json_response({"lines": [transcript.as_json(line) for line in lines]})


@routes.post("/people/{openid}/say")
async def say(request: web.Request) -> web.Response:
    platform, openid = _person(request)
    body = await read(request, Say)
    return await _send(request, [acts.say(platform, openid, body.text, body.tapped_id)])


@routes.post("/people/{openid}/photo")
async def photo(request: web.Request) -> web.Response:
    """A multipart form with one file; `?key=` names the menu button that took it."""
    platform, openid = _person(request)
    upload = await read_file(request, "")
    if upload is None or not recognise(upload.content)[0].startswith("image/"):
        raise web.HTTPUnsupportedMediaType(text="请选择一张图片")
    key = request.query.get("key", "")
    base = base_url(request)
    return await _send(request, acts.send_picture(platform, openid, upload.content, base, key))


@routes.post("/people/{openid}/video")
async def video(request: web.Request) -> web.Response:
    """A multipart form with one file; `?short=1` for the old short kind."""
    platform, openid = _person(request)
    upload = await read_file(request, "")
    if upload is None:
        raise web.HTTPUnsupportedMediaType(text="请选择一段视频")
    kind = "shortvideo" if request.query.get("short") == "1" else "video"
    return await _send(request, [acts.send_video(platform, openid, upload.content, kind)])


@routes.post("/people/{openid}/voice")
async def voice(request: web.Request) -> web.Response:
    platform, openid = _person(request)
    return await _send(request, [acts.speak(platform, openid, (await read(request, Voice)).text)])


@routes.post("/people/{openid}/location")
async def location(request: web.Request) -> web.Response:
    platform, openid = _person(request)
    body = await read(request, Location)
    place = Place(body.latitude, body.longitude, body.label, body.scale)
    return await _send(request, acts.send_location(platform, openid, place, body.key))


@routes.post("/people/{openid}/link")
async def link(request: web.Request) -> web.Response:
    platform, openid = _person(request)
    body = await read(request, Article)
    push = acts.share_link(platform, openid, body.title, body.description, body.url)
    return await _send(request, [push])


@routes.post("/people/{openid}/menu")
async def menu(request: web.Request) -> web.Response:
    platform, openid = _person(request)
    body = await read(request, Menu)
    return await _send(request, [acts.tap_menu(platform, openid, body.key, body.scanned)])


@routes.post("/people/{openid}/follow")
async def follow(request: web.Request) -> web.Response:
    platform, openid = _person(request)
    body = await read(request, Follow)
    return await _send(request, [acts.follow(platform, openid, body.scene)])


@routes.post("/people/{openid}/unfollow")
async def unfollow(request: web.Request) -> web.Response:
    platform, openid = _person(request)
    return await _send(request, [acts.unfollow(platform, openid)])


@routes.post("/people/{openid}/scan")
async def scan(request: web.Request) -> web.Response:
    platform, openid = _person(request)
    return await _send(request, [acts.scan(platform, openid, (await read(request, Scan)).scene)])


@routes.post("/people/{openid}/accept-notice")
async def accept_notice(request: web.Request) -> web.Response:
    platform, openid = _person(request)
    template_id = (await read(request, Notice)).template_id
    return await _send(request, [acts.answer_notice(platform, openid, template_id, accept=True)])


@routes.post("/people/{openid}/reject-notice")
async def reject_notice(request: web.Request) -> web.Response:
    platform, openid = _person(request)
    template_id = (await read(request, Notice)).template_id
    return await _send(request, [acts.answer_notice(platform, openid, template_id, accept=False)])


@routes.post("/people/{openid}/refuse-notices")
async def refuse_notices(request: web.Request) -> web.Response:
    platform, openid = _person(request)
    template_id = (await read(request, Notice)).template_id
    return await _send(request, [acts.refuse_notices(platform, openid, template_id)])


@routes.post("/people/{openid}/position")
async def position(request: web.Request) -> web.Response:
    platform, openid = _person(request)
    body = await read(request, Position)
    push = acts.report_location(platform, openid, body.latitude, body.longitude)
    return await _send(request, [push])


@routes.post("/people/{openid}/authorisation")
async def authorisation(request: web.Request) -> web.Response:
    platform, openid = _person(request)
    body = await read(request, Authorisation)
    return await _send(request, [acts.change_authorisation(platform, openid, body.event)])


@routes.post("/people/{openid}/receive")
async def receive(request: web.Request) -> web.Response:
    platform, openid = _person(request)
    acts.receive(platform, openid, on=(await read(request, Receive)).on)
    return web.json_response(_describe(platform, openid))


@routes.post("/people/{openid}/repeat")
async def repeat(request: web.Request) -> web.Response:
    """The last push of the person again, with the same MsgId and time."""
    platform, openid = _person(request)
    return await _send(request, [acts.repeat(platform, openid)])


@routes.post("/people/{openid}/raw")
async def raw(request: web.Request) -> web.Response:
    """Any elements behind the common ones; MsgType must be among them."""
    platform, openid = _person(request)
    given = (await read(request, Raw)).elements
    if "MsgType" not in given:
        raise web.HTTPBadRequest(text="缺少 MsgType")
    elements = tuple(Element(name, value) for name, value in given.items())
    return await _send(request, [acts.send_raw(platform, openid, elements)])


async def read(request: web.Request, shape: type[S]) -> S:
    """The JSON body in its shape; 400 with the first wrong field when it does not fit."""
    body = await request.read()
    try:
        return shape.model_validate_json(body or b"{}")
    except ValidationError as exc:
        wrong = exc.errors(include_url=False, include_context=False, include_input=False)[0]
        words = json.dumps({"error": wrong["msg"], "field": wrong["loc"]}, ensure_ascii=False)
        raise web.HTTPBadRequest(text=words, content_type="application/json") from exc


def number(request: web.Request, name: str) -> int:
    """A whole number of the query; nought when it is missing."""
    words = request.query.get(name, "0")
    if not words.isdecimal():
        raise web.HTTPBadRequest(text=f"{name} is not a number")
    return int(words)


def _person(request: web.Request) -> tuple[Platform, str]:
    platform, openid = request.app[PLATFORM], request.match_info["openid"]
    if openid not in platform.people:
        raise web.HTTPNotFound(text="没有这个人")
    return platform, openid


def _describe(platform: Platform, openid: str) -> dict[str, object]:
    person, follower = platform.people[openid], platform.followers[openid]
    lines = platform.transcript.lines.get(openid, [])
    return {
        "openid": openid,
        "name": person.name,
        "note": person.note,
        "avatar": person.avatar,
        "following": follower.following,
        "receives": follower.receives,
        "notices": dict(follower.notices),
        "last": transcript.as_json(lines[-1]) if lines else None,
    }


async def _send(request: web.Request, pushes: Sequence[Push]) -> web.Response:
    """Deliver in order in the background; with `?wait=1` answer when the pushes have ended."""
    platform = request.app[PLATFORM]
    platform.changed()
    task = platform.spawn(_deliver(platform, pushes))
    ids = [str(e.value) for push in pushes for e in push.elements if e.name == "MsgId"]
    sent: dict[str, object] = {"msg_id": ids[-1] if ids else ""}
    if request.query.get("wait") != "1":
        return web.json_response(sent, status=202)
    outcomes = await asyncio.shield(task)
    last = outcomes[-1]
    sent["delivered"] = all(outcome.delivered for outcome in outcomes)
    sent["deliveries"] = last.deliveries
    sent["failures"] = list(last.failures)
    sent["line"] = transcript.as_json(last.line) if last.line else None
    return web.json_response(sent)


async def _deliver(platform: Platform, pushes: Sequence[Push]) -> list[Outcome]:
    return [await courier.deliver(platform, push) for push in pushes]


@web.middleware
async def impossible(
    request: web.Request,
    handler: Callable[[web.Request], Awaitable[web.StreamResponse]],
) -> web.StreamResponse:
    """What the phone does not offer is a conflict, said in words."""
    try:
        return await handler(request)
    except CannotActError as exc:
        return web.json_response({"error": str(exc)}, status=409)
