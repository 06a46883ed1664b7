"""One ticket: the conversation, who it is with, and the answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Literal

from aiohttp import web
from pydantic import Field
from sqlalchemy import func, select

from bot.desk import words
from bot.desk.forms import Form, Line, Query, Words, first_time, read_form, read_query
from bot.desk.parts import PARTS
from bot.desk.people import Opening, is_open, open_up, person_of
from bot.desk.rights import VISITOR, Right, needs, tickets_in_reach
from bot.desk.thread import STEP, read_thread
from bot.desk.view import Live, go, live, next_look, page
from handlers.actions import tickets
from handlers.errors import DomainError
from models.conversation import Conversation
from models.member import Member
from models.staff import Staff
from models.ticket import Ticket
from models.unit import Unit

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from bot.desk.parts import DeskParts
    from bot.desk.rights import Visitor
    from models.db import Work

REASONS = ("核实身份", "电话回访", "情况紧急，需要马上联系")


class ThreadQuery(Query):
    """How much of the conversation."""

    length: Annotated[int, Field(ge=STEP, le=600)] = STEP


class ReplyForm(Form):
    """What staff write to the member."""

    sentence: Words


class ActForm(Form):
    """To close or to open again."""

    act: Literal["close", "reopen"]


class PhoneForm(Form):
    """Why the phone number is needed."""

    reason: Line


@dataclass(frozen=True, slots=True)
class Held:
    """A ticket with what hangs on it; `member` is None while nobody is bound."""

    ticket: Ticket
    conversation: Conversation
    member: Member | None
    unit: Unit | None


@dataclass(frozen=True, slots=True)
class Meter:
    """What may still be sent to the person now: `left` of `most`, in words; none when shut."""

    left: int
    most: int
    words: str


def meter(conversation: Conversation, now: datetime) -> Meter:
    """The window of customer messages as it stands.

    Source: the platform's rule; every send counts in each open window, the larger rest counts.
    """
    if not conversation.following:
        return Meter(0, 5, "对方没有关注公众号，现在发不出去")
    windows = [
        (left, most, until)
        for left, most, until in (
            (conversation.msg_left, 5, conversation.msg_until),
            (conversation.tap_left, 3, conversation.tap_until),
        )
        if until is not None and until > now and left > 0
    ]
    if not windows:
        return Meter(0, 5, "现在发不出去，写好后会在对方下次来信时送达")
    left, most, until = max(windows, key=lambda window: window[0])
    return Meter(left, most, f"还能发 {left} 条，到 {words.day(until)}")


@needs(Right.TICKETS)
async def show(request: web.Request) -> web.StreamResponse:
    """The page of one ticket; a counsellor's look at hidden words is written down."""
    parts, visitor, now = request.app[PARTS], request[VISITOR], request.app[PARTS].clock()
    async with parts.sessions.begin() as work:
        held = await find(work, visitor, request.match_info["number"])
        await _note_words(work, visitor, held.ticket, now)
        return await _page(request, work, held, {})


async def _note_words(work: Work, visitor: Visitor, ticket: Ticket, now: datetime) -> None:
    """A counsellor's look at hidden words is written down, once for as long as it lasts."""
    number = ticket.number
    if not ticket.urgent or not visitor.may(Right.WORDS):
        return
    if not await is_open(work, visitor, "ticket.words", number, now):
        open_up(work, visitor, Opening("ticket.words", number, "处理紧急工单", number), now)


@needs(Right.TICKETS)
async def thread(request: web.Request) -> web.StreamResponse:
    """The conversation alone, when the browser looks again."""
    query = read_query(request, ThreadQuery)
    visitor = request[VISITOR]
    async with request.app[PARTS].sessions.begin() as work:
        held = await find(work, visitor, request.match_info["number"])
        await _note_words(work, visitor, held.ticket, request.app[PARTS].clock())
        piece = await _thread(request, work, held, query.length)
    return next_look(request, piece, query.seen)


@needs(Right.TICKETS)
async def reply(request: web.Request) -> web.StreamResponse:
    """Answer the member; what was typed stays in the box when it cannot be done."""
    parts, visitor, now = request.app[PARTS], request[VISITOR], request.app[PARTS].clock()
    form = await read_form(request, ReplyForm)
    number = request.match_info["number"]
    try:
        async with parts.sessions.begin() as work:
            held = await find(work, visitor, number, hold=True)
            if await first_time(request, work, form, now):
                staffer = visitor.staffer
                await tickets.reply(work, parts.ring, held.ticket, staffer, form.sentence, now)
    except DomainError as exc:
        return await _again(request, {"wrong": exc.sentence, "typed": form.sentence})
    return go(f"/desk/tickets/{number}?done=reply#reply")


@needs(Right.TICKETS)
async def act(request: web.Request) -> web.StreamResponse:
    """Close the ticket, or take the closing back."""
    parts, visitor, now = request.app[PARTS], request[VISITOR], request.app[PARTS].clock()
    form = await read_form(request, ActForm)
    number = request.match_info["number"]
    try:
        async with parts.sessions.begin() as work:
            ticket = (await find(work, visitor, number, hold=True)).ticket
            if await first_time(request, work, form, now):
                if form.act == "close":
                    await tickets.close(work, parts.ring, ticket, visitor.staffer, now)
                else:
                    await tickets.reopen(work, ticket, visitor.staffer, now)
    except DomainError as exc:
        return await _again(request, {"wrong": exc.sentence})
    return go(f"/desk/tickets/{number}?done={form.act}")


@needs(Right.TICKETS)
async def phone(request: web.Request) -> web.StreamResponse:
    """Open the phone number, for a reason that is written down."""
    parts, visitor, now = request.app[PARTS], request[VISITOR], request.app[PARTS].clock()
    form = await read_form(request, PhoneForm)
    number = request.match_info["number"]
    if not form.reason:
        return await _again(request, {"wrong_reason": "请先写一下为什么要看电话。"})
    async with parts.sessions.begin() as work:
        member = (await find(work, visitor, number)).member
        if member is None:
            raise web.HTTPNotFound
        opening = Opening("member.read", member.public_id, form.reason, number)
        open_up(work, visitor, opening, now)
    return go(f"/desk/tickets/{number}#member")


async def find(work: Work, visitor: Visitor, number: str, *, hold: bool = False) -> Held:
    """The ticket, held until the commit if asked; 404 when it is not in the visitor's reach."""
    member_id = func.coalesce(Ticket.member_id, Conversation.member_id)
    query = (
        select(Ticket, Conversation, Member, Unit)
        .join(Conversation, Conversation.id == Ticket.conversation_id)
        .outerjoin(Member, Member.id == member_id)
        .outerjoin(Unit, Unit.id == Member.unit_id)
        .where(Ticket.number == number, tickets_in_reach(visitor))
    )
    if hold:
        query = query.with_for_update(of=Ticket)
    row = (await work.execute(query)).one_or_none()
    if row is None:
        raise web.HTTPNotFound
    return Held(*row)


async def _again(request: web.Request, said: Mapping[str, str]) -> web.Response:
    """The page once more, saying what was wrong."""
    async with request.app[PARTS].sessions() as work:
        held = await find(work, request[VISITOR], request.match_info["number"])
        return await _page(request, work, held, said)


async def _page(
    request: web.Request, work: Work, held: Held, said: Mapping[str, str]
) -> web.Response:
    parts, visitor = request.app[PARTS], request[VISITOR]
    query = read_query(request, ThreadQuery)
    values = {
        "ticket": held.ticket,
        "why": words.WHY[held.ticket.why],
        "person": person_of(parts.ring, held.member, held.unit),
        "phone": await _phone(work, parts, visitor, held.member),
        "holder": await _holder(work, held.ticket),
        "service_has_word": held.conversation.ticket_id is None,
        "live": await _thread(request, work, held, query.length),
        "reasons": REASONS,
        "wrong": "",
        "wrong_reason": "",
        "typed": "",
    }
    return page(request, "ticket.html", {**values, **said}, status=409 if said else 200)


async def _thread(request: web.Request, work: Work, held: Held, length: int) -> Live:
    parts, visitor = request.app[PARTS], request[VISITOR]
    said = await read_thread(work, parts.ring, visitor, held.conversation.id, length)
    number = held.ticket.number
    values = {
        "thread": said,
        "meter": meter(held.conversation, parts.clock()),
        "person": person_of(parts.ring, held.member, held.unit),
        "older": f"/desk/tickets/{number}?length={length + STEP}" if said.more else "",
    }
    address = f"/desk/tickets/{number}/thread?length={length}"
    return live(request, "thread.html", values, address)


async def _phone(
    work: Work, parts: DeskParts, visitor: Visitor, member: Member | None
) -> str | None:
    """The number, once this visit has opened it; "" when there is none, None while it is shut."""
    if member is None:
        return None
    opened = await is_open(work, visitor, "member.read", member.public_id, parts.clock())
    return member.plain_phone(parts.ring) if opened else None


async def _holder(work: Work, ticket: Ticket) -> str:
    if ticket.staff_id is None:
        return ""
    return (await work.get_one(Staff, ticket.staff_id)).name
