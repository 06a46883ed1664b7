"""The outbox: what must be said besides the reply, one row a recipient."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from sqlalchemy import ForeignKey, Index, LargeBinary, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.conversation import Conversation
from models.db import Base, Id, Moment, Work
from models.job import DELIVER, enqueue

if TYPE_CHECKING:
    from models.seal import KeyRing

BODY = "delivery.body"


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
    lock = f"conversation:{what.conversation_id}"
    await enqueue(work, DELIVER, {"ids": [row.id]}, after=what.after, lock=lock)
    return row
