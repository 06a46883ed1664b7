"""Pages from templates, and the pieces of them that stay fresh."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import aiohttp_jinja2
import jinja2
from aiohttp import web

from bot.desk import words
from bot.desk.forms import Search, csrf_token, fresh_mark
from bot.desk.parts import PARTS
from bot.desk.rights import ROLES, VISITOR, Right

if TYPE_CHECKING:
    from models.staff import Role

TEMPLATES = Path(__file__).parent / "templates"
LARGE_COOKIE = "lianxin_large"
SHORT = 20

NAVIGATION = (
    (Right.TICKETS, "/desk/", "收件箱"),
    (Right.CASES, "/desk/cases", "申请"),
    (Right.KNOWLEDGE, "/desk/board", "待答问题"),
    (Right.KNOWLEDGE, "/desk/cards", "政策卡"),
    (Right.AUDIT, "/desk/audit", "审计"),
    (Right.RUNNING, "/desk/running", "运行"),
    (Right.DOCUMENTS, "/desk/documents", "文件"),
)


def prepare(app: web.Application) -> None:
    """Load the templates; a name that a template misspells is an error, not a blank."""
    environment = aiohttp_jinja2.setup(
        app,
        loader=jinja2.FileSystemLoader(TEMPLATES),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(day=words.day, stamp=words.stamp, ago=words.ago, date=words.date_of)
    environment.globals.update(WORDS=words)


@dataclass(frozen=True, slots=True)
class Paging:
    """One page of a list; `page` counts from 1."""

    page: int
    total: int
    query: Mapping[str, str | int]

    @property
    def pages(self) -> int:
        """How many pages there are, at least one."""
        return max(1, -(-self.total // SHORT))

    def href(self, page: int) -> str:
        """The address of another page of the same list."""
        return f"?{urlencode({**self.query, 'page': page})}"


def paging(search: Search, total: int, **query: str) -> Paging:
    """The pages of what was searched for; `query` holds what else the address says."""
    chosen = {key: value for key, value in {"q": search.q, **query}.items() if value}
    return Paging(search.page, total, chosen)


def page(
    request: web.Request, template: str, values: Mapping[str, object], *, status: int = 200
) -> web.Response:
    """One whole page."""
    context = {**_common(request), **values}
    return aiohttp_jinja2.render_template(template, request, context, status=status)


def _common(request: web.Request) -> dict[str, object]:
    visitor = request.get(VISITOR)
    items = [item for item in NAVIGATION if visitor is not None and visitor.may(item[0])]
    return {
        "visitor": visitor,
        "csrf": csrf_token(request),
        "once": fresh_mark(),
        "navigation": [(path, title) for _, path, title in items],
        "here": request.path,
        "back": request.path_qs if request.method == "GET" else "/desk/",
        "large": request.cookies.get(LARGE_COOKIE) == "1",
        "now": request.app[PARTS].clock(),
        "done": words.DONE.get(request.query.get("done", ""), ""),
        "title": "",
    }


@dataclass(frozen=True, slots=True)
class Live:
    """A piece of a page that the browser asks for again every few seconds.

    `mark` changes when the piece does; `address` brings the piece, unless the mark is the same.
    """

    html: str
    mark: str
    address: str


def live(request: web.Request, template: str, values: Mapping[str, object], address: str) -> Live:
    """Render a piece once, for the page and for the browser's next look alike."""
    context = {"visitor": request.get(VISITOR), "now": request.app[PARTS].clock(), **values}
    html = aiohttp_jinja2.render_string(template, request, context)
    mark = hashlib.sha256(html.encode()).hexdigest()[:20]
    joint = "&" if "?" in address else "?"
    return Live(html, mark, f"{address}{joint}seen={mark}")


def next_look(request: web.Request, piece: Live, seen: str) -> web.Response:
    """What the browser gets when it asks again: nothing to do (204), or the piece."""
    if seen == piece.mark:
        return web.Response(status=204)
    return aiohttp_jinja2.render_template("live.html", request, {"live": piece})


def go(path: str) -> web.Response:
    """Send the browser to another page of the desk, to be opened with GET."""
    return web.Response(status=303, headers={"Location": path})


def home(role: Role) -> str:
    """The first page of the navigation that the role may open."""
    return next(path for right, path, _ in NAVIGATION if right in ROLES[role])
