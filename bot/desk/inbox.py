"""The inbox: who waits for an answer, the urgent first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Literal, cast

from sqlalchemy import Select, func, select

from bot.desk import words
from bot.desk.forms import Form, Line, Search, read_form, read_query
from bot.desk.parts import PARTS
from bot.desk.people import Person, person_of, sought
from bot.desk.rights import VISITOR, Right, Visitor, needs, tickets_in_reach
from bot.desk.sheet import LONGEST, sheet
from bot.desk.thread import said_by
from bot.desk.veil import veils
from bot.desk.view import SHORT, Live, live, next_look, page, paging
from handlers.types import Kind
from models import audit
from models.conversation import Conversation
from models.delivery import Delivery
from models.member import Member
from models.message import Message
from models.staff import Staff
from models.ticket import Ticket
from models.unit import Unit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aiohttp import web

    from bot.desk.parts import DeskParts
    from models.db import Work
    from models.seal import KeyRing

SHOWS = {"open": "待处理", "mine": "我负责的", "closed": "已结束"}
HEAD = ("编号", "姓名", "单位", "原因", "紧急", "转来时间", "首次回复", "结束时间", "负责人")

Found = tuple[Ticket, Conversation, Member | None, Unit | None, str | None]
Tickets = Select[Ticket, Conversation, Member | None, Unit | None, str | None]


class InboxSearch(Search):
    """Which tickets."""

    show: Literal["open", "mine", "closed"] = "open"


class InboxExport(Form):
    """Which tickets go into the file."""

    q: Line = ""
    show: Literal["open", "mine", "closed"] = "open"


@dataclass(frozen=True, slots=True)
class Row:
    """One ticket in the list; `hidden` last words are not for a list: they are read in the ticket.

    `since` is when the person began to wait, None while it is their turn.
    """

    number: str
    person: Person
    why: words.Label
    urgent: bool
    since: datetime | None
    closed_at: datetime | None
    words: str
    hidden: bool
    holder: str


@dataclass(frozen=True, slots=True)
class Latest:
    """The newest message of a person, and when staff last wrote to them."""

    message: Message | None
    answered_at: datetime | None


@needs(Right.TICKETS)
async def show(request: web.Request) -> web.StreamResponse:
    """The inbox."""
    search = read_query(request, InboxSearch)
    piece = await _rows(request, search)
    return page(request, "inbox.html", {"search": search, "shows": SHOWS, "live": piece})


@needs(Right.TICKETS)
async def rows(request: web.Request) -> web.StreamResponse:
    """The list alone, when the browser looks again."""
    search = read_query(request, InboxSearch)
    return next_look(request, await _rows(request, search), search.seen)


@needs(Right.TICKETS)
async def export(request: web.Request) -> web.StreamResponse:
    """The list as a file, without anybody's words; on record, as it leaves the desk."""
    parts, visitor = request.app[PARTS], request[VISITOR]
    form, now = await read_form(request, InboxExport), parts.clock()
    search = InboxSearch(q=form.q, show=form.show)
    async with parts.sessions.begin() as work:
        query = _ordered(_tickets(parts.ring, visitor, search), search)
        found = (await work.execute(query.limit(LONGEST))).all()
        audit.record(
            work,
            now,
            visitor.staffer.actor,
            "ticket.export",
            visitor.login,
            rows=str(len(found)),
            show=search.show,
        )
    return sheet("tickets", HEAD, [_cells(parts.ring, row) for row in found])


async def _rows(request: web.Request, search: InboxSearch) -> Live:
    parts, visitor = request.app[PARTS], request[VISITOR]
    query = _tickets(parts.ring, visitor, search)
    async with parts.sessions() as work:
        total = await work.scalar(query.with_only_columns(func.count(Ticket.id))) or 0
        pages = paging(search, total, show=search.show)
        start = (search.page - 1) * SHORT
        found = (await work.execute(_ordered(query, search).offset(start).limit(SHORT))).all()
        listed = await _readable(work, parts, visitor, found)
    address = f"/desk/tickets{pages.href(search.page)}"
    values = {"rows": listed, "paging": pages, "searched": bool(search.q)}
    return live(request, "inbox_rows.html", values, address)


def _tickets(ring: KeyRing, visitor: Visitor, search: InboxSearch) -> Tickets:
    member_id = func.coalesce(Ticket.member_id, Conversation.member_id)
    joined = (
        select(Ticket, Conversation, Member, Unit, Staff.name)
        .join(Conversation, Conversation.id == Ticket.conversation_id)
        .outerjoin(Member, Member.id == member_id)
        .outerjoin(Unit, Unit.id == Member.unit_id)
        .outerjoin(Staff, Staff.id == Ticket.staff_id)
        .where(tickets_in_reach(visitor))
    )
    closed = Ticket.closed_at.is_not(None)
    # The types of SQLAlchemy do not know that an outer join may find nothing.
    query = cast("Tickets", joined).where(closed if search.show == "closed" else ~closed)
    if search.show == "mine":
        query = query.where(Ticket.staff_id == visitor.staff_id)
    wanted = sought(ring, search.q, Ticket.number)
    return query if wanted is None else query.where(wanted)


def _ordered(query: Tickets, search: InboxSearch) -> Tickets:
    if search.show == "closed":
        return query.order_by(Ticket.closed_at.desc(), Ticket.id)
    return query.order_by(Ticket.urgent.desc(), Ticket.opened_at, Ticket.id)


async def _readable(
    work: Work, parts: DeskParts, visitor: Visitor, found: Sequence[Found]
) -> list[Row]:
    ids = [conversation.id for _, conversation, *_ in found]
    covers = await veils(work, visitor, ids)
    latest = await _latest(work, ids)
    listed = []
    for ticket, conversation, member, unit, holder in found:
        newest = latest[conversation.id]
        message = newest.message
        hidden = message is not None and covers[conversation.id].is_hidden(message)
        readable = message is not None and not hidden and ticket.closed_at is None
        listed.append(
            Row(
                ticket.number,
                person_of(parts.ring, member, unit),
                words.WHY[ticket.why],
                ticket.urgent,
                _since(ticket, newest),
                ticket.closed_at,
                said_by(parts.ring, message) if message is not None and readable else "",
                hidden and ticket.closed_at is None,
                holder or "",
            )
        )
    return listed


def _since(ticket: Ticket, newest: Latest) -> datetime | None:
    if newest.answered_at is None or newest.answered_at < ticket.opened_at:
        return ticket.opened_at
    message = newest.message
    if message is None or message.received_at <= newest.answered_at:
        return None
    return message.received_at


async def _latest(work: Work, conversation_ids: Sequence[int]) -> dict[int, Latest]:
    newest = (
        select(func.max(Message.id))
        .where(Message.conversation_id.in_(conversation_ids), Message.kind != Kind.EVENT)
        .group_by(Message.conversation_id)
    )
    messages = {
        message.conversation_id: message
        for message in await work.scalars(select(Message).where(Message.id.in_(newest)))
    }
    answers = await work.execute(
        select(Delivery.conversation_id, func.max(Delivery.created_at))
        .where(Delivery.conversation_id.in_(conversation_ids), Delivery.staff_id.is_not(None))
        .group_by(Delivery.conversation_id)
    )
    answered = dict(answers.all())
    return {each: Latest(messages.get(each), answered.get(each)) for each in conversation_ids}


def _cells(ring: KeyRing, row: Found) -> tuple[str, ...]:
    ticket, _, member, unit, holder = row
    person = person_of(ring, member, unit)
    return (
        ticket.number,
        person.name,
        person.unit,
        words.WHY[ticket.why].words,
        "是" if ticket.urgent else "",
        words.stamp(ticket.opened_at),
        words.stamp(ticket.answered_at) if ticket.answered_at else "",
        words.stamp(ticket.closed_at) if ticket.closed_at else "",
        holder or "",
    )
