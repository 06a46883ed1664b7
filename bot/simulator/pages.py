"""What a browser opens: the phone, the login that forwards at once, pictures and QR codes."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import aiohttp_jinja2
from aiohttp import web

from bot.simulator import qrcodes
from bot.simulator.account import is_loopback
from bot.simulator.platform import PLATFORM, Platform
from bot.simulator.refusal import Refusal

HERE = Path(__file__).parent
PERSON_COOKIE = "simulator_person"
POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data: blob: http: https:",
        "media-src 'self'",
        "font-src 'self' data:",
        "connect-src 'self'",
        "frame-src 'self' http://127.0.0.1:* http://localhost:*",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)
SCOPES = frozenset({"snsapi_base", "snsapi_userinfo"})
HARMLESS = ("image/", "audio/", "video/")
routes = web.RouteTableDef()


@routes.get("/")
@aiohttp_jinja2.template("phone.html")
async def phone(request: web.Request) -> dict[str, object]:
    return {"account": request.app[PLATFORM].account}


@routes.get("/open.weixin.qq.com/connect/oauth2/authorize")
async def authorize(request: web.Request) -> web.Response:
    """Forward to the account's page with a code for the person whose phone is in hand."""
    platform = request.app[PLATFORM]
    problem = _problem(platform, request)
    if problem:
        context = {"account": platform.account, "problem": problem}
        return aiohttp_jinja2.render_template("problem.html", request, context, status=400)
    openid = request.cookies.get(PERSON_COOKIE, "")
    if openid not in platform.people:
        openid = next(iter(platform.people))
    code = platform.logins.code(openid, request.query["scope"], platform.limits_now())
    target = urlsplit(request.query["redirect_uri"])
    state = request.query.get("state", "")
    query = [*parse_qsl(target.query, keep_blank_values=True), ("code", code), ("state", state)]
    raise web.HTTPFound(urlunsplit(target._replace(query=urlencode(query))))


@routes.get("/mp.weixin.qq.com/cgi-bin/showqrcode")
async def show_qrcode(request: web.Request) -> web.Response:
    platform = request.app[PLATFORM]
    code = platform.qrcodes.codes.get(request.query.get("ticket", ""))
    if code is None or not code.is_good(platform.limits_now()):
        raise web.HTTPNotFound
    return web.Response(body=qrcodes.draw(code), content_type="image/png")


@routes.get("/pictures/{media_id}")
async def picture(request: web.Request) -> web.Response:
    """A medium as the phone shows it and as PicUrl names it; gone after three days."""
    platform = request.app[PLATFORM]
    try:
        medium = platform.media_library.find(request.match_info["media_id"], platform.limits_now())
    except Refusal as exc:
        raise web.HTTPNotFound from exc
    safe = medium.content_type.startswith(HARMLESS)
    kind = medium.content_type if safe else "application/octet-stream"
    headers = {"X-Content-Type-Options": "nosniff", "Cache-Control": "private, max-age=3600"}
    return web.Response(body=medium.content, content_type=kind, headers=headers)


async def guard(request: web.Request, response: web.StreamResponse) -> None:
    """Only our own scripts and styles run in these pages."""
    if response.content_type == "text/html" and "api.weixin.qq.com" not in request.path:
        response.headers["Content-Security-Policy"] = POLICY
        response.headers["Referrer-Policy"] = "no-referrer"


def _problem(platform: Platform, request: web.Request) -> str:
    """What is wrong with an authorize link, in the words the page shows; empty when nothing."""
    asked = request.query.get
    host = urlsplit(asked("redirect_uri", "")).hostname or ""
    if asked("appid", "") != platform.account.app_id:
        return "AppID 参数错误"
    if asked("response_type", "") != "code":
        return "response_type 参数错误"
    if asked("scope", "") not in SCOPES:
        return "Scope 参数错误或没有 Scope 权限"
    if len(asked("state", "").encode()) > 128:
        return "state 参数过长"
    if not is_loopback(host) and host != urlsplit(platform.callback_url()).hostname:
        return "redirect_uri 域名与后台配置不一致"
    return ""
