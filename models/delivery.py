"""The outbox: what must be said besides the reply, one row a recipient."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from sqlalchemy import (
    ForeignKey,
    Index,
    LargeBinary,
    UniqueConstraint,
    and_,
    or_,
    select,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.conversation import Conversation
from models.db import Base, Id, Moment, Work
from models.job import DELIVER, enqueue

if TYPE_CHECKING:
    from models.seal import KeyRing

BODY = "delivery.body"
# The reason of a row that was skipped because its person did not follow.
NOT_FOLLOWING = "not following"


class Status(StrEnum):
    """States of one delivery.

    queued → reserved → sent | failed | unknown; queued → held → queued when the person must write
    first; queued → skipped. `unknown` (a crash or a cut connection in the middle) is never sent
    again by machine.
    """

    QUEUED = "queued"
    RESERVED = "reserved"
    HELD = "held"
    SENT = "sent"
    FAILED = "failed"
    UNKNOWN = "unknown"
    SKIPPED = "skipped"


class Delivery(Base):
    """One message to one recipient; at most one for each campaign and member."""

    __tablename__ = "delivery"
    __table_args__ = (
        UniqueConstraint("campaign_id", "member_id"),
        Index("ix_delivery_conversation_id", "conversation_id", "id"),
        Index(
            "ix_delivery_open",
            "status",
            "not_before",
            postgresql_where=text("status IN ('queued', 'reserved', 'held')"),
        ),
    )

    id: Mapped[Id]
    conversation_id: Mapped[int | None] = mapped_column(ForeignKey("conversation.id"))
    member_id: Mapped[int | None] = mapped_column(ForeignKey("member.id"))
    campaign_id: Mapped[int | None] = mapped_column(ForeignKey("campaign.id"))
    message_id: Mapped[int | None] = mapped_column(ForeignKey("message.id"))
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    created_at: Mapped[Moment]
    not_before: Mapped[Moment]
    expires_at: Mapped[Moment]
    body: Mapped[bytes] = mapped_column(LargeBinary)
    status: Mapped[str] = mapped_column(server_default=text("'queued'"))
    reason: Mapped[str | None]
    attempts: Mapped[int] = mapped_column(server_default=text("0"))
    reserved_at: Mapped[Moment | None]
    ended_at: Mapped[Moment | None]
    hidden: Mapped[bool] = mapped_column(server_default=text("false"))

    conversation: Mapped[Conversation | None] = relationship(lazy="raise")


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One thing to say to one person: `reply` is the JSON of a `Reply`, unsealed.

    It is not sent before `after` has passed, nor once `expiry` has.
    """

    conversation_id: int
    reply: bytes
    after: timedelta = timedelta(0)
    expiry: timedelta = timedelta(days=3)
    message_id: int | None = None
    member_id: int | None = None
    staff_id: int | None = None
    hidden: bool = False


def turn_of(conversation_id: int) -> str:
    """The lock of the jobs that send to one person."""
    return f"conversation:{conversation_id}"


async def send_later(work: Work, ring: KeyRing, what: Outgoing, now: datetime) -> Delivery:
    """Put one message into the outbox with the job that sends it, if this transaction commits."""
    row = Delivery(
        conversation_id=what.conversation_id,
        message_id=what.message_id,
        member_id=what.member_id,
        staff_id=what.staff_id,
        hidden=what.hidden,
        created_at=now,
        not_before=now + what.after,
        expires_at=now + what.expiry,
        body=ring.seal(what.reply, BODY),
        status=Status.QUEUED,
    )
    work.add(row)
    await work.flush()
    lock = turn_of(what.conversation_id)
    await enqueue(work, DELIVER, {"ids": [row.id]}, after=what.after, lock=lock)
    return row


async def answers_waiting(work: Work, conversation_id: int) -> list[Delivery]:
    """What is still to be sent to a person, the oldest first; empty when no answer is among it."""
    rows = await work.scalars(
        select(Delivery)
        .where(
            Delivery.conversation_id == conversation_id,
            Delivery.status.in_((Status.QUEUED, Status.RESERVED)),
        )
        .order_by(Delivery.id)
    )
    waiting = list(rows)
    return waiting if any(row.message_id is not None for row in waiting) else []


async def answer_before(
    work: Work, row: Delivery, now: datetime, most: timedelta
) -> Delivery | None:
    """The earliest answer that has to leave before this one, or None.

    One that a process has been sending for longer than `most` is not waited for, nor one that the
    platform put off until after this one.
    """
    if row.message_id is None:
        return None
    return await work.scalar(
        select(Delivery)
        .where(
            Delivery.conversation_id == row.conversation_id,
            Delivery.id < row.id,
            Delivery.message_id.is_not(None),
            Delivery.not_before <= max(row.not_before, now + most),
            or_(
                Delivery.status == Status.QUEUED,
                and_(Delivery.status == Status.RESERVED, Delivery.reserved_at > now - most),
            ),
        )
        .order_by(Delivery.id)
        .limit(1)
    )
