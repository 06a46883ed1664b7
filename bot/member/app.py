"""The library in WeChat: policy by theme, whole laws, articles and a search, for everybody."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import aiohttp_jinja2
import jinja2
from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from bot.clock import Clock
from bot.member import words
from handlers.actions import library
from handlers.actions.clauses import Clauses
from models.db import Sessions

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

ROOM = Path(__file__).parent
PATH = "/policy"
LARGE_COOKIE = "lianxin_large_print"
YEAR = 365 * 24 * 3600
LONGEST_ADDRESS = 1000
HEADERS: Mapping[str, str] = {
    # The simulated phone shows the pages in a frame.
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'self' http://127.0.0.1:* http://localhost:*"
    ),
    "Cache-Control": "no-store",
}
SENTENCES: Mapping[int, tuple[str, str]] = {
    404: ("没有找到这一页", "网址可能不完整，也可能内容已经更新。"),
    405: ("不能这样打开", "请从页面上的按钮操作。"),
    503: ("系统暂时打不开", "内容都在，请过一分钟再打开这一页。"),
}
OTHERWISE = ("这一页没能打开", "网址或者表单不完整，请从页面上的按钮重新打开。")

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class LibraryParts:
    """What the pages are built from."""

    sessions: Sessions
    clauses: Clauses
    clock: Clock
    secure_cookies: bool


PARTS = web.AppKey("parts", LibraryParts)


class Query(BaseModel):
    """What stands behind the question mark; what a messenger adds there is not ours to refuse."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    q: str = ""
    page: Annotated[int, Field(ge=1, le=10_000)] = 1


class PrintForm(BaseModel):
    """The switch for large print, and the page that it was pressed on."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    large: bool
    next: Annotated[str, Field(max_length=LONGEST_ADDRESS)]


def create_library(parts: LibraryParts) -> web.Application:
    """The application to mount at "/policy/"."""
    app = web.Application(middlewares=[dress])
    app[PARTS] = parts
    environment = aiohttp_jinja2.setup(
        app,
        loader=jinja2.FileSystemLoader(ROOM / "templates"),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(unbroken=words.unbroken, marked=words.marked, day=words.day)
    app.router.add_get("", contents)
    app.router.add_get("/", contents)
    app.router.add_post("/print", print_large)
    app.router.add_get("/search", search)
    app.router.add_get("/theme/{name}", theme)
    app.router.add_get("/static/library.css", style)
    app.router.add_get("/{document}", law)
    app.router.add_get("/{document}/{article}", clause)
    return app


@web.middleware
async def dress(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Every answer is a page of ours, the refusing ones too, with the headers that protect it."""
    response = await _answer(request, handler)
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    return response


async def _answer(request: web.Request, handler: Handler) -> web.StreamResponse:
    try:
        return await handler(request)
    except web.HTTPException as exc:
        return _refusal(request, exc.status)
    except (OperationalError, InterfaceError, PoolTimeoutError) as exc:
        # The path names a law; what was searched for is behind the question mark.
        log.warning("%s %s: the database: %s", request.method, request.path, type(exc).__name__)
        return _refusal(request, 503)


def _refusal(request: web.Request, status: int) -> web.Response:
    heading, sentence = SENTENCES.get(status, OTHERWISE)
    return page(request, "refusal.html", {"heading": heading, "sentence": sentence}, status)


def page(
    request: web.Request, template: str, values: Mapping[str, object], status: int = 200
) -> web.Response:
    """One whole page, in the print that the reader chose."""
    here = request.path_qs if request.method == "GET" else PATH
    common = {
        "large": request.cookies.get(LARGE_COOKIE) == "1",
        "here": here if len(here) <= LONGEST_ADDRESS else PATH,
        "words": "",
    }
    return aiohttp_jinja2.render_template(template, request, {**common, **values}, status=status)


async def contents(request: web.Request) -> web.StreamResponse:
    """`/policy`: the themes and the laws."""
    parts = request.app[PARTS]
    async with parts.sessions() as work:
        found = await library.catalogue(work, parts.clauses, parts.clock())
    return page(request, "contents.html", {"catalogue": found})


async def theme(request: web.Request) -> web.StreamResponse:
    """`/policy/theme/{name}`: what is asked under a theme, page by page."""
    parts, query = request.app[PARTS], _query(request)
    name = request.match_info["name"]
    async with parts.sessions() as work:
        found = await library.theme(work, parts.clauses, name, query.page, parts.clock())
    if found is None:
        raise web.HTTPNotFound
    return page(request, "theme.html", {"theme": found})


async def law(request: web.Request) -> web.StreamResponse:
    """`/policy/{document}`: a whole law, or its articles that hold `q`."""
    parts, query = request.app[PARTS], _query(request)
    stem, problem = request.match_info["document"], ""
    async with parts.sessions() as work:
        try:
            found = await library.law(work, parts.clauses, stem, query.q, parts.clock())
        except library.TooMuchToSearchError as exc:
            problem = exc.sentence
            found = await library.law(work, parts.clauses, stem, "", parts.clock())
    if found is None:
        raise web.HTTPNotFound
    return page(request, "law.html", {"law": found, "typed": query.q, "problem": problem})


async def clause(request: web.Request) -> web.StreamResponse:
    """`/policy/{document}/{article}`: one article; `q` is what is marked in it."""
    parts, query = request.app[PARTS], _query(request)
    stem, number = request.match_info["document"], request.match_info["article"]
    async with parts.sessions() as work:
        found = await library.clause(work, parts.clauses, stem, number, parts.clock())
    if found is None:
        raise web.HTTPNotFound
    return page(request, "clause.html", {"clause": found, "sought": query.q[: library.LONGEST]})


async def search(request: web.Request) -> web.StreamResponse:
    """`/policy/search`: answers first, then the articles that hold the words."""
    parts, query = request.app[PARTS], _query(request)
    async with parts.sessions() as work:
        try:
            found = await library.search(work, parts.clauses, query.q, query.page, parts.clock())
        except library.TooMuchToSearchError as exc:
            values = {"found": None, "words": query.q, "problem": exc.sentence}
            return page(request, "search.html", values, 400)
    typed = found.words or query.q.replace("\0", "").strip()
    return page(request, "search.html", {"found": found, "words": typed, "problem": ""})


async def print_large(request: web.Request) -> web.StreamResponse:
    """Larger print for whoever wants it, remembered in the browser and nowhere else."""
    fields = {
        key: value for key, value in (await request.post()).items() if value.__class__ is str
    }
    try:
        form = PrintForm.model_validate(fields)
    except ValidationError as exc:
        raise web.HTTPBadRequest from exc
    response = web.Response(status=303, headers={"Location": _inside(form.next)})
    response.set_cookie(
        LARGE_COOKIE,
        "1" if form.large else "0",
        path=PATH,
        max_age=YEAR,
        httponly=True,
        secure=request.app[PARTS].secure_cookies,
        samesite="Lax",
    )
    return response


async def style(_: web.Request) -> web.StreamResponse:
    """Our own style; fresh after an update, as the browser asks each time."""
    headers = {"Cache-Control": "no-cache"}
    return web.FileResponse(ROOM / "static" / "library.css", headers=headers)


def _query(request: web.Request) -> Query:
    try:
        return Query.model_validate(dict(request.query))
    except ValidationError as exc:
        raise web.HTTPNotFound from exc


def _inside(address: str) -> str:
    """A page of the library, and nothing that leads away from it."""
    whole = address == PATH or address.startswith((f"{PATH}/", f"{PATH}?"))
    return address if whole and address.isascii() and address.isprintable() else PATH
