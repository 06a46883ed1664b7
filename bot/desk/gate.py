"""What every request of the desk passes: who it is, whether it may, and how it ends."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING
from urllib.parse import quote

from aiohttp import web
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from bot.desk import visits
from bot.desk.forms import START, START_COOKIE, carries_token, comes_from_us, fields
from bot.desk.parts import PARTS
from bot.desk.rights import RIGHTS, VISITOR, Handler, Right, Visitor
from bot.desk.view import go, home, page

if TYPE_CHECKING:
    from collections.abc import Mapping

HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
        "font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    ),
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    # Not `no-referrer`: browsers then send `Origin: null` with our own forms.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
SENTENCES: Mapping[int, tuple[str, str]] = {
    400: ("这个请求不完整", "网址或表单里有系统不认识的内容，请从页面上的按钮重新操作。"),
    403: ("没有权限", "您的账号没有这一页的权限。需要的话，请找管理员。"),
    404: ("没有找到", "这里没有您要找的内容，可能网址不对，也可能不在您负责的单位范围里。"),
    405: ("不能这样打开", "请从页面上的按钮操作。"),
    413: ("内容太长", "请缩短一些再提交。"),
}
OTHERWISE = ("没能完成", "请返回上一页再试一次。")
STALE_FORM = "页面放得太久，或者您在别处重新登录过。请返回上一页，刷新后再提交。"
ENDED = "登录已经到期，请重新登录后再提交。"
# A poll answered with this status ends the polling and shows the piece (htmx).
STOP_POLLING = 286

log = logging.getLogger(__name__)


@web.middleware
async def dress(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Every answer, the refusing ones too, is a page of ours with the headers that protect it."""
    response = await _answer(request, handler)
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if START in request:
        response.set_cookie(
            START_COOKIE,
            request[START],
            path=visits.PATH,
            httponly=True,
            secure=request.app[PARTS].secure_cookies,
            samesite="Lax",
        )
    return response


async def _answer(request: web.Request, handler: Handler) -> web.StreamResponse:
    try:
        return await handler(request)
    except web.HTTPException as exc:
        return await refusal(request, exc.status, *SENTENCES.get(exc.status, OTHERWISE))
    except (OperationalError, InterfaceError, PoolTimeoutError) as exc:
        log.warning("%s %s: the database: %s", request.method, request.path, type(exc).__name__)
        sentence = "数据库暂时连不上，内容都在，请过一分钟刷新再试。"
        return await refusal(request, 503, "系统暂时打不开", sentence)


async def refusal(request: web.Request, status: int, heading: str, sentence: str) -> web.Response:
    """A page that says why not, and gives back what had been typed."""
    typed = {} if status == 413 else await fields(request)
    values = {"heading": heading, "sentence": sentence, "kept": typed.get("sentence", "")}
    return page(request, "refusal.html", values, status=status)


@web.middleware
async def recognise(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Find the visit that the cookie belongs to; a browser's own polling does not extend it."""
    token = request.cookies.get(visits.COOKIE)
    if token:
        parts = request.app[PARTS]
        now, lengths = parts.clock(), visits.Lengths.of(parts.settings)
        async with parts.sessions.begin() as work:
            visitor = await visits.find(work, token, now, lengths)
            if visitor is not None and "HX-Request" not in request.headers:
                await visits.extend(work, visitor, now, lengths)
        if visitor is not None:
            request[VISITOR] = visitor
    return await handler(request)


@web.middleware
async def permit(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Only what a page names as its right opens it, and only our own pages send forms."""
    if request.match_info.http_exception is not None:
        return await handler(request)
    right = RIGHTS.get(request.match_info.handler)
    if right is None:
        raise web.HTTPForbidden
    if request.method != "GET" and not comes_from_us(request):
        raise web.HTTPForbidden
    if right is not Right.ANYONE:
        visitor = request.get(VISITOR)
        if visitor is None:
            return await _ask_to_sign_in(request)
        if not visitor.may(right):
            return _elsewhere(request, visitor)
    if request.method != "GET" and not await carries_token(request):
        return await refusal(request, 403, "请刷新后再提交", STALE_FORM)
    return await handler(request)


def _elsewhere(request: web.Request, visitor: Visitor) -> web.Response:
    """The bare address of the desk is everybody's; other pages without the right stay shut."""
    if request.path == "/desk/":
        return go(home(visitor.role))
    raise web.HTTPForbidden


async def _ask_to_sign_in(request: web.Request) -> web.Response:
    if "HX-Request" in request.headers:
        return page(request, "signed_out.html", {}, status=STOP_POLLING)
    if request.method != "GET":
        kept = (await fields(request)).get("sentence", "")
        values = {"login": "", "sentence": ENDED, "next": "", "kept": kept}
        return page(request, "sign_in.html", values, status=401)
    return go(f"/desk/sign-in?next={quote(request.path_qs, safe='')}")
