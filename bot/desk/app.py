"""The desk: every page of it, and the gate before them."""

from __future__ import annotations

import asyncio
from pathlib import Path

from aiohttp import web

from bot.desk import (
    alarm,
    answer,
    board,
    card,
    card_list,
    case,
    cases,
    comparison,
    document,
    documents,
    evidence,
    gate,
    group,
    inbox,
    running,
    sign_in,
    ticket,
    trail,
    try_it,
    uploads,
)
from bot.desk.parts import PARTS, DeskParts, Shown
from bot.desk.rights import VISITOR, Handler, Right, needs
from bot.desk.view import go, home, prepare

__all__ = ["DeskParts", "Shown", "create_desk"]

STATIC = Path(__file__).parent / "static"
ID = r"{id:[0-9]{1,18}}"
NUMBER = r"{number:[A-Za-z0-9-]{1,40}}"
SLUG = r"{slug:[a-z][a-z0-9-]{1,80}}"

GET: tuple[tuple[str, Handler], ...] = (
    ("/", inbox.show),
    ("/tickets", inbox.rows),
    ("/alarm", alarm.show),
    (f"/tickets/{NUMBER}", ticket.show),
    (f"/tickets/{NUMBER}/thread", ticket.thread),
    ("/cases", cases.show),
    ("/cases/next", case.show_next),
    (f"/cases/{NUMBER}", case.show),
    (r"/evidence/{name:[A-Za-z0-9_-]{1,80}}", evidence.show),
    ("/documents", documents.show),
    ("/documents/compare", comparison.show),
    ("/documents/upload", uploads.show),
    (f"/documents/uploads/{ID}", uploads.progress),
    (f"/documents/uploads/{ID}/files", uploads.files),
    (f"/documents/{ID}", document.show),
    ("/board", board.show),
    (f"/board/{NUMBER}", group.show),
    (f"/board/{NUMBER}/check", group.check_again),
    (f"/board/{NUMBER}/write", answer.show),
    (f"/board/{NUMBER}/link", answer.show_link),
    ("/cards", card_list.show),
    ("/cards/try", try_it.show),
    (f"/cards/{SLUG}", card.show),
    ("/audit", trail.show),
    ("/running", running.show),
    ("/sign-in", sign_in.show),
)
POST: tuple[tuple[str, Handler], ...] = (
    ("/tickets.csv", inbox.export),
    (f"/tickets/{NUMBER}/reply", ticket.reply),
    (f"/tickets/{NUMBER}/act", ticket.act),
    (f"/tickets/{NUMBER}/phone", ticket.phone),
    ("/cases.csv", cases.export),
    (f"/cases/{NUMBER}/decide", case.decide),
    (f"/cases/{NUMBER}/open", case.open_answers),
    ("/documents.csv", documents.export),
    ("/documents/compare", comparison.keep),
    ("/documents/upload", uploads.receive),
    (f"/documents/{ID}/register", document.register),
    (f"/documents/{ID}/expire", document.expire),
    (f"/documents/{ID}/withdraw", document.withdraw),
    (f"/documents/{ID}/restore", document.restore),
    (f"/documents/{ID}/undo", document.undo),
    ("/board.csv", board.export),
    (f"/board/{NUMBER}/act", group.act),
    (f"/board/{NUMBER}/open", group.open_words),
    (f"/board/{NUMBER}/move", group.move),
    (f"/board/{NUMBER}/wordings", group.add_wordings),
    (f"/board/{NUMBER}/write", answer.write),
    (f"/board/{NUMBER}/link", answer.link),
    ("/cards/try", try_it.ask),
    ("/audit", trail.check),
    ("/sign-in", sign_in.sign_in),
    ("/sign-out", sign_in.sign_out),
    ("/print", sign_in.print_large),
)


def create_desk(parts: DeskParts) -> web.Application:
    """The application to mount at "/desk/"."""
    app = web.Application(middlewares=[gate.dress, gate.recognise, gate.permit])
    app[PARTS] = parts
    app[sign_in.CHECKS] = asyncio.Semaphore(sign_in.AT_ONCE)
    sign_in.nobody()
    prepare(app)
    app.router.add_get("", enter, allow_head=False)
    for path, handler in GET:
        app.router.add_get(path, handler, allow_head=False)
    for path, handler in POST:
        app.router.add_post(path, handler)
    app.router.add_get(r"/static/{name:desk\.(?:css|js)}", static, allow_head=False)
    return app


@needs(Right.SIGNED_IN)
async def enter(request: web.Request) -> web.StreamResponse:
    """The address without its last slash."""
    return go(home(request[VISITOR].role))


@needs(Right.ANYONE)
async def static(request: web.Request) -> web.StreamResponse:
    """Our own style and script; fresh after an update, as the browser asks each time."""
    headers = {"Cache-Control": "no-cache"}
    return web.FileResponse(STATIC / request.match_info["name"], headers=headers)
