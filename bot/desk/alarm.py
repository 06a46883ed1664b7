"""The alarm on every page: members in danger whom nobody has answered yet."""

from __future__ import annotations

from typing import TYPE_CHECKING

import aiohttp_jinja2
from sqlalchemy import select

from bot.desk.parts import PARTS
from bot.desk.rights import VISITOR, Right, needs, tickets_in_reach
from models.conversation import Conversation
from models.member import Member
from models.ticket import Ticket
from models.unit import Unit

if TYPE_CHECKING:
    from aiohttp import web

MOST = 5


@needs(Right.TICKETS)
async def show(request: web.Request) -> web.StreamResponse:
    """The banner; empty when nobody waits. The browser asks every ten seconds."""
    parts, visitor = request.app[PARTS], request[VISITOR]
    waiting = (
        select(Ticket)
        .join(Conversation, Conversation.id == Ticket.conversation_id)
        .outerjoin(Member, Member.id == Conversation.member_id)
        .outerjoin(Unit, Unit.id == Member.unit_id)
        .where(
            Ticket.urgent,
            Ticket.closed_at.is_(None),
            Ticket.answered_at.is_(None),
            tickets_in_reach(visitor),
        )
        .order_by(Ticket.opened_at)
        .limit(MOST)
    )
    async with parts.sessions() as work:
        tickets = list(await work.scalars(waiting))
    values = {"tickets": tickets, "now": parts.clock()}
    return aiohttp_jinja2.render_template("alarm.html", request, values)
