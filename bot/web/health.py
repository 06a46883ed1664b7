"""`/health`: whether this process can serve, and what it stands on."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from aiohttp import web
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from models.migrations import newest

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from handlers.actions.clauses import Clauses
    from handlers.actions.phrasing import Phrasing
    from handlers.language import Language
    from models.db import Sessions


def health(
    sessions: Sessions, language: Language, clauses: Clauses, phrasing: Phrasing | None
) -> Callable[[web.Request], Awaitable[web.Response]]:
    """200 with "ok" when the database answers in the shape this code expects, else 503.

    `language` tells what messages are understood with, `clauses` what questions are answered
    from; without the encoder the service still serves, and asks back more often. `phrasing` is
    null while no model puts answers into words, or counts what this process had of it.
    """

    def status(code: int, state: str, detail: str) -> web.Response:
        told = {
            "status": state,
            "detail": detail,
            "language": asdict(language.condition),
            "clauses": asdict(clauses.condition),
            "phrasing": None if phrasing is None else asdict(phrasing.condition),
        }
        return web.json_response(told, status=code)

    async def answer(_: web.Request) -> web.Response:
        try:
            async with sessions() as work:
                revision = await work.scalar(text("SELECT version_num FROM alembic_version"))
        except SQLAlchemyError as exc:
            return status(503, "database", type(exc).__name__)
        if revision != newest():
            return status(503, "schema", f"found {revision}, expected {newest()}")
        return status(200, "ok", str(revision))

    return answer
