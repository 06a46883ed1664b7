"""A picture from the sealed store, to whoever may see the case, each opening on record."""

from __future__ import annotations

import logging

from aiohttp import web
from sqlalchemy import select

from bot.desk.parts import PARTS
from bot.desk.people import Opening, open_up
from bot.desk.rights import VISITOR, Right, members_in_reach, needs
from handlers.actions import evidence
from models.application import Evidence
from models.member import Member
from models.seal import SealError
from models.unit import Unit

log = logging.getLogger(__name__)


@needs(Right.CASES)
async def show(request: web.Request) -> web.StreamResponse:
    """The picture; 404 when it is not in reach, deleted, or not to be opened any more."""
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
        opening = Opening("evidence.read", row.name, "", member)
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
