"""Handing a conversation to staff, and taking it back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from sqlalchemy import select, update

from handlers.errors import ChangedMeanwhileError, DomainError
from handlers.types import REPLY, Reply, say
from models import audit
from models.application import new_number
from models.conversation import Conversation
from models.delivery import Outgoing, send_later
from models.ticket import Ticket, Why

if TYPE_CHECKING:
    from datetime import datetime

    from models.db import Work
    from models.seal import KeyRing


class NothingSaidError(DomainError):
    """请先写好回复的内容。"""


class _Asked(Protocol):
    """The part of a context that a ticket needs."""

    conversation_id: int
    member_id: int | None
    message_id: int


@dataclass(frozen=True, slots=True)
class Asking:
    """Whose conversation goes to staff, from which message on, and why."""

    conversation_id: int
    member_id: int | None
    message_id: int
    why: Why

    @classmethod
    def of(cls, asked: _Asked, why: Why) -> Asking:
        """From the context of the message."""
        return cls(asked.conversation_id, asked.member_id, asked.message_id, why)


async def open_ticket(work: Work, asking: Asking, now: datetime) -> Ticket:
    """Open a ticket, or return the one that is open already; from now on staff have the word.

    A reason that is urgent makes an open ticket urgent too.
    """
    ticket = await work.scalar(
        select(Ticket)
        .where(Ticket.conversation_id == asking.conversation_id, Ticket.closed_at.is_(None))
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    urgent = asking.why is Why.URGENT
    if ticket is None:
        ticket = Ticket(
            number=new_number("W", now),
            conversation_id=asking.conversation_id,
            member_id=asking.member_id,
            why=asking.why,
            urgent=urgent,
            opened_at=now,
            first_message_id=asking.message_id,
        )
        work.add(ticket)
        await work.flush()
        audit.record(work, now, "member", "ticket.open", ticket.number, why=asking.why)
    elif urgent and not ticket.urgent:
        ticket.urgent = True
        ticket.why = Why.URGENT
        audit.record(work, now, "member", "ticket.urgent", ticket.number)
    await _set_word(work, asking.conversation_id, ticket.id)
    return ticket


async def take_back(work: Work, ticket_id: int, now: datetime) -> None:
    """The member wants the service back: the ticket stays open for staff to read and close."""
    ticket = await work.get_one(Ticket, ticket_id)
    await _set_word(work, ticket.conversation_id, None)
    audit.record(work, now, "member", "ticket.return", ticket.number)


async def reply(
    work: Work, ring: KeyRing, ticket: Ticket, staff: Staffer, sentence: str, now: datetime
) -> None:
    """Answer the member through the outbox; the first who answers takes the ticket."""
    if not sentence.strip():
        raise NothingSaidError
    if ticket.closed_at is not None:
        raise ChangedMeanwhileError("这个工单已经结束了，不能再回复。可以重新打开后再回复。")
    ticket.staff_id = ticket.staff_id or staff.id
    ticket.answered_at = ticket.answered_at or now
    answer = REPLY.dump_json(say(sentence))
    outgoing = Outgoing(ticket.conversation_id, answer, staff_id=staff.id, hidden=ticket.urgent)
    await send_later(work, ring, outgoing, now)
    audit.record(work, now, staff.actor, "ticket.reply", ticket.number)


async def close(work: Work, ring: KeyRing, ticket: Ticket, staff: Staffer, now: datetime) -> None:
    """End the ticket; the member is told, and the service answers again."""
    if ticket.closed_at is not None:
        raise ChangedMeanwhileError("这个工单已经结束了。")
    ticket.closed_at = now
    ticket.staff_id = ticket.staff_id or staff.id
    await _set_word(work, ticket.conversation_id, None)
    outgoing = Outgoing(ticket.conversation_id, REPLY.dump_json(CLOSED), staff_id=staff.id)
    await send_later(work, ring, outgoing, now)
    audit.record(work, now, staff.actor, "ticket.close", ticket.number)


async def reopen(work: Work, ticket: Ticket, staff: Staffer, now: datetime) -> None:
    """Take a closing back: staff have the word again.

    ChangedMeanwhileError when the person has another ticket that is open.
    """
    if ticket.closed_at is None:
        return
    newer = await work.scalar(
        select(Ticket.number).where(
            Ticket.conversation_id == ticket.conversation_id, Ticket.closed_at.is_(None)
        )
    )
    if newer is not None:
        raise ChangedMeanwhileError(f"对方已经有新的工单（{newer}），请在那里处理。")
    ticket.closed_at = None
    await _set_word(work, ticket.conversation_id, ticket.id)
    audit.record(work, now, staff.actor, "ticket.reopen", ticket.number)


@dataclass(frozen=True, slots=True)
class Staffer:
    """Who acts at the desk."""

    id: int
    login: str
    name: str

    @property
    def actor(self) -> str:
        """As the audit log names them."""
        return f"staff:{self.login}"


CLOSED: Reply = say("工作人员已经处理完了。之后有事直接跟我说；还需要人工，随时发“人工”。")


async def set_following(work: Work, conversation_id: int, *, following: bool) -> None:
    """Keep whether the person follows the account; who comes back is looked after then."""
    values = {"following": following} | ({} if following else {"held": True})
    await work.execute(
        update(Conversation).where(Conversation.id == conversation_id).values(values)
    )


async def _set_word(work: Work, conversation_id: int, ticket_id: int | None) -> None:
    await work.execute(
        update(Conversation).where(Conversation.id == conversation_id).values(ticket_id=ticket_id)
    )
