"""Which words are kept from those who are not counsellors: all of a time of danger."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

from bot.desk.rights import Right, Visitor
from handlers.types import Kind
from models.ticket import Ticket

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from models.db import Work
    from models.delivery import Delivery
    from models.message import Message


@dataclass(frozen=True, slots=True)
class Veil:
    """The urgent tickets of one conversation, and who looks.

    Not only the message that raised the alarm is kept back: what is said until the ticket is
    closed belongs to it. One's own words are always readable.
    """

    tickets: Sequence[Ticket]
    visitor: Visitor

    def hides_message(self, message: Message) -> bool:
        """Whether the visitor may not read it."""
        return not self.visitor.may(Right.WORDS) and self.is_hidden(message)

    def is_hidden(self, message: Message) -> bool:
        """Whether it is kept from ordinary staff."""
        return message.hidden or (
            message.kind != Kind.EVENT and any(_holds(ticket, message) for ticket in self.tickets)
        )

    def hides_delivery(self, delivery: Delivery) -> bool:
        """Whether the visitor may not read it."""
        if self.visitor.may(Right.WORDS) or delivery.staff_id == self.visitor.staff_id:
            return False
        return delivery.hidden or any(
            ticket.opened_at <= delivery.created_at and _lasts(ticket, delivery.created_at)
            for ticket in self.tickets
        )


def _holds(ticket: Ticket, message: Message) -> bool:
    first = ticket.first_message_id
    return first is not None and message.id >= first and _lasts(ticket, message.received_at)


def _lasts(ticket: Ticket, at: datetime) -> bool:
    return ticket.closed_at is None or at <= ticket.closed_at


async def veils(
    work: Work, visitor: Visitor, conversation_ids: Collection[int]
) -> dict[int, Veil]:
    """The veil of each conversation."""
    query = select(Ticket).where(Ticket.conversation_id.in_(conversation_ids), Ticket.urgent)
    urgent = list(await work.scalars(query))
    return {
        conversation_id: Veil(
            [ticket for ticket in urgent if ticket.conversation_id == conversation_id], visitor
        )
        for conversation_id in conversation_ids
    }
