"""The door of the platform's HTTP API: every call passes the same checks in the same order."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from aiohttp import web
from aiohttp.multipart import BodyPartReader, MultipartReader

from bot.simulator.api import (
    codes,
    credentials,
    limits,
    media,
    menus,
    messages,
    notices,
    tags,
    users,
    visits,
)
from bot.simulator.api.received import File, Json, Received, Upload
from bot.simulator.exchanges import Exchange
from bot.simulator.platform import PLATFORM, Platform
from bot.simulator.refusal import Refusal

if TYPE_CHECKING:
    from bot.simulator.faults import Fault

LARGEST = 12 << 20
HTML = "<html><head><title>502</title></head><body><center>Bad Gateway</center></body></html>"
POST, GET, EITHER = "POST", "GET", ""
Answering = Callable[[Platform, Received], Json | File]


@dataclass(frozen=True, slots=True)
class Call:
    """One call of the API; customer messages count against their quota only when all is well."""

    method: str
    answer: Answering
    needs_token: bool = True
    counts_itself: bool = False


CALLS: Mapping[str, Call] = {
    "/cgi-bin/token": Call(GET, credentials.token, needs_token=False),
    "/cgi-bin/stable_token": Call(POST, credentials.stable_token, needs_token=False),
    messages.PATH: Call(POST, messages.send, counts_itself=True),
    "/cgi-bin/message/custom/typing": Call(POST, messages.typing),
    "/cgi-bin/message/template/send": Call(POST, notices.send_template),
    "/cgi-bin/message/subscribe/bizsend": Call(POST, notices.send_subscribed),
    "/cgi-bin/template/get_all_private_template": Call(GET, notices.list_templates),
    "/cgi-bin/user/info": Call(GET, users.info),
    "/cgi-bin/user/info/batchget": Call(POST, users.batch_get),
    "/cgi-bin/user/info/updateremark": Call(POST, users.update_remark),
    "/cgi-bin/user/get": Call(GET, users.get),
    "/cgi-bin/user/tag/get": Call(EITHER, tags.people_of_tag),
    "/cgi-bin/tags/create": Call(POST, tags.create),
    "/cgi-bin/tags/get": Call(GET, tags.get),
    "/cgi-bin/tags/update": Call(POST, tags.update),
    "/cgi-bin/tags/delete": Call(POST, tags.delete),
    "/cgi-bin/tags/getidlist": Call(POST, tags.tags_of_person),
    "/cgi-bin/tags/members/batchtagging": Call(POST, tags.tag_people),
    "/cgi-bin/tags/members/batchuntagging": Call(POST, tags.untag_people),
    "/cgi-bin/tags/members/getblacklist": Call(POST, tags.blacklist),
    "/cgi-bin/tags/members/batchblacklist": Call(POST, tags.put_on_blacklist),
    "/cgi-bin/tags/members/batchunblacklist": Call(POST, tags.take_off_blacklist),
    "/cgi-bin/menu/create": Call(POST, menus.create),
    "/cgi-bin/menu/get": Call(GET, menus.get),
    "/cgi-bin/menu/delete": Call(GET, menus.delete),
    "/cgi-bin/qrcode/create": Call(POST, codes.create),
    "/cgi-bin/media/upload": Call(POST, media.upload),
    "/cgi-bin/media/get": Call(GET, media.get),
    "/cgi-bin/clear_quota": Call(POST, limits.clear_quota),
    "/cgi-bin/clear_quota/v2": Call(POST, limits.clear_quota_by_secret, needs_token=False),
    "/cgi-bin/openapi/quota/get": Call(POST, limits.get_quota),
    "/cgi-bin/openapi/rid/get": Call(POST, limits.get_rid),
    "/cgi-bin/getcallbackip": Call(GET, limits.addresses),
    "/cgi-bin/get_api_domain_ip": Call(GET, limits.addresses),
    "/sns/oauth2/access_token": Call(GET, visits.access_token, needs_token=False),
    "/sns/userinfo": Call(GET, visits.user_info, needs_token=False),
}


async def answer(request: web.Request) -> web.StreamResponse:
    """One call of api.weixin.qq.com; business errors are HTTP 200 too."""
    platform = request.app[PLATFORM]
    path = "/" + request.match_info["path"]
    if path not in CALLS:
        raise web.HTTPNotFound
    loop = asyncio.get_running_loop()
    at, began = platform.clock(), loop.time()
    received = await _receive(request, platform, path)
    rid = platform.rid()
    fault = platform.faults.on_call(path)
    response = await _answer(platform, request.method, received, rid, fault)
    took = round((loop.time() - began) * 1000)
    platform.exchanges.add(
        Exchange(
            direction="call",
            title=path.removeprefix("/cgi-bin/"),
            url=_masked(platform, received, str(request.rel_url)),
            request=_words(platform, received),
            response=_shown(response),
            status=response.status,
            took=took,
            at=at,
            verdict=_verdict(response, fault),
            rid=rid,
            number=platform.exchanges.next_number(),
        )
    )
    if fault is not None and fault.switch.fault == "reset" and request.transport is not None:
        request.transport.abort()
    return response


async def _answer(
    platform: Platform, method: str, received: Received, rid: str, fault: Fault | None
) -> web.Response:
    if fault is not None and fault.seconds:
        with suppress(TimeoutError):
            await asyncio.wait_for(platform.closing.wait(), fault.seconds)
    if fault is not None and not fault.kind.accepted:
        return _refused(fault, rid)
    try:
        given = _open(platform, method, received)
    except Refusal as exc:
        given = _error(exc, rid)
    if isinstance(given, File):
        name = {"Content-Disposition": f'attachment; filename="{given.name}"'}
        response = web.Response(body=given.content, content_type=given.content_type, headers=name)
    else:
        response = _json(given)
    return response if fault is None else _spoilt(response, fault)


def _open(platform: Platform, method: str, received: Received) -> Json | File:
    """Method, token, quota, then the call itself."""
    call = CALLS[received.path]
    if call.method not in {EITHER, method}:
        raise Refusal(43002 if call.method == POST else 43001)
    if call.needs_token:
        platform.tokens.check(received.query.get("access_token", ""), received.now)
    if not call.counts_itself:
        platform.quotas.spend(received.path, received.now)
    given = call.answer(platform, received)
    if isinstance(given, File) or (given and call.method == GET):
        return given
    bare = received.path in {"/cgi-bin/stable_token", "/cgi-bin/media/upload"}
    return given if bare else {"errcode": 0, "errmsg": "ok", **given}


def _error(refusal: Refusal, rid: str) -> Json:
    return {"errcode": refusal.code, "errmsg": f"{refusal.words} rid: {rid}"}


def _refused(fault: Fault, rid: str) -> web.Response:
    """The call never reaches the platform's inside."""
    if fault.kind.code is not None:
        return _json(_error(Refusal(fault.kind.code), rid))
    status = 200 if fault.switch.fault == "html" else 502
    return web.Response(text=HTML, content_type="text/html", status=status)


def _spoilt(response: web.Response, fault: Fault) -> web.Response:
    """The call has taken effect, but its answer does not arrive whole."""
    if fault.switch.fault not in {"cut", "empty"}:
        return response
    whole = _bytes(response)
    body = whole[: len(whole) // 2] if fault.switch.fault == "cut" else b""
    return web.Response(body=body, content_type=response.content_type)


def _bytes(response: web.Response) -> bytes:
    return response.body if isinstance(response.body, bytes) else b""


async def _receive(request: web.Request, platform: Platform, path: str) -> Received:
    upload, body = None, b""
    if request.content_type == "multipart/form-data":
        upload = await read_file(request, "media")
    else:
        body = await _read(request)
    return Received(
        path=path,
        query=request.query,
        body=body,
        upload=upload,
        now=platform.limits_now(),
        base=base_url(request),
        strict_escapes=platform.settings.strict_escapes,
    )


async def _read(request: web.Request) -> bytes:
    """The body, larger than the mounting application would allow for its own pages."""
    body = bytearray()
    async for chunk in request.content.iter_any():
        body += chunk
        if len(body) > LARGEST:
            raise web.HTTPRequestEntityTooLarge(LARGEST)
    return bytes(body)


async def read_file(request: web.Request, name: str) -> Upload | None:
    """The file of this name in a multipart form, any name if empty; it must have a file name."""
    reader = MultipartReader(
        request.headers,
        request.content,
        client_max_size=LARGEST,
        max_size_error_cls=web.HTTPRequestEntityTooLarge,
    )
    found = None
    while (part := await reader.next()) is not None:
        if isinstance(part, BodyPartReader) and part.filename and name in {"", part.name}:
            found = Upload(part.filename, bytes(await part.read()))
    return found


def base_url(request: web.Request) -> str:
    """Where the simulator was reached, with a slash at the end."""
    path = request.path.partition("/api.weixin.qq.com/")[0].partition("/people/")[0]
    return f"{request.url.origin()}{path}/"


def _json(given: Json) -> web.Response:
    body = json.dumps(given, ensure_ascii=False).encode()
    return web.Response(body=body, content_type="application/json", charset="utf-8")


def _masked(platform: Platform, received: Received, words: str) -> str:
    """Without the token, but for its last four characters, and without the secret."""
    token = received.query.get("access_token", "")
    masked = words.replace(token, f"…{token[-4:]}") if len(token) > 4 else words
    return masked.replace(platform.account.app_secret, "***")


def _words(platform: Platform, received: Received) -> str:
    if received.upload is not None:
        return f"[{received.upload.name}, {len(received.upload.content)} bytes]"
    return _masked(platform, received, received.body.decode("utf-8", "replace"))


def _shown(response: web.Response) -> str:
    """The answer as the inspector shows it; a token keeps its last four characters only."""
    body = _bytes(response)
    if response.content_type not in {"application/json", "text/html"}:
        return f"[{response.content_type}, {len(body)} bytes]"
    words = body.decode("utf-8", "replace")
    try:
        given = json.loads(words)
    except ValueError:
        return words
    for name in given.keys() & {"access_token", "refresh_token"}:
        given[name] = f"…{given[name][-4:]}"
    return json.dumps(given, ensure_ascii=False)


def _verdict(response: web.Response, fault: Fault | None) -> str:
    """What went wrong, by the switch or by the code; empty when nothing did."""
    if fault is not None:
        return fault.kind.label
    if response.content_type != "application/json":
        return ""
    code = json.loads(_bytes(response)).get("errcode", 0)
    return str(code) if code else ""
