"""A picture from the sealed store, to whoever may see the case, each opening on record."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from aiohttp import web
from sqlalchemy import select

from bot.desk.parts import PARTS
from bot.desk.people import Opening, is_open, open_up
from bot.desk.rights import VISITOR, Right, members_in_reach, needs
from handlers.actions import evidence
from models.application import ANSWERS, Evidence, cases_of
from models.member import Member
from models.seal import SealError
from models.unit import Unit

if TYPE_CHECKING:
    from bot.desk.parts import DeskParts
    from models.db import Work

log = logging.getLogger(__name__)


@needs(Right.CASES)
async def show(request: web.Request) -> web.StreamResponse:
    """The picture of a case this visit has opened with a reason; 404 for every other."""
    parts, visitor = request.app[PARTS], request[VISITOR]
    query = (
        select(Evidence, Member.public_id)
        .join(Member, Member.id == Evidence.member_id)
        .join(Unit, Unit.id == Member.unit_id)
        .where(
            Evidence.name == request.match_info["name"],
            members_in_reach(visitor),
        )
    )
    async with parts.sessions.begin() as work:
        found = (await work.execute(query)).one_or_none()
        if found is None:
            raise web.HTTPNotFound
        row, member = found
        number = await _case_with(work, parts, row)
        if not await is_open(work, visitor, "case.read", number, parts.clock()):
            raise web.HTTPNotFound
        opening = Opening("evidence.read", row.name, number, member)
        open_up(work, visitor, opening, parts.clock())
    try:
        content = await evidence.read(parts.evidence, row)
    except (FileNotFoundError, SealError) as exc:
        log.warning("evidence %s cannot be opened: %s", row.id, type(exc).__name__)
        raise web.HTTPNotFound from exc
    return web.Response(
        body=content,
        content_type=row.media_type,
        headers={"Content-Disposition": "inline", "Cache-Control": "no-store"},
    )


async def _case_with(work: Work, parts: DeskParts, row: Evidence) -> str:
    """The number of the case that rests on this picture; "" while none was sent."""
    for case in await cases_of(work, row.member_id):
        if row.name in parts.ring.open_text(case.answers, ANSWERS):
            return case.number
    return ""
