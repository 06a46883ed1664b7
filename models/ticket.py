"""Questions that a person answers."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.conversation import Conversation
from models.db import Base, Id, Moment


class Why(StrEnum):
    """Why a conversation came to staff."""

    ASKED = "asked"
    NOT_UNDERSTOOD = "not_understood"
    URGENT = "urgent"
    FAILED = "failed"


class Ticket(Base):
    """One conversation with staff; open until `closed_at`. `urgent` ones come first."""

    __tablename__ = "ticket"
    __table_args__ = (
        Index("ix_ticket_closed_at", "closed_at", "urgent", "opened_at"),
        Index(
            "ix_ticket_open",
            "conversation_id",
            unique=True,
            postgresql_where=text("closed_at IS NULL"),
        ),
    )

    id: Mapped[Id]
    number: Mapped[str] = mapped_column(unique=True)
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversation.id"), index=True)
    member_id: Mapped[int | None] = mapped_column(ForeignKey("member.id"))
    why: Mapped[str]
    urgent: Mapped[bool]
    opened_at: Mapped[Moment]
    answered_at: Mapped[Moment | None]
    closed_at: Mapped[Moment | None]
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    first_message_id: Mapped[int | None] = mapped_column(ForeignKey("message.id", use_alter=True))
    version: Mapped[int] = mapped_column()

    conversation: Mapped[Conversation] = relationship(lazy="raise", foreign_keys=[conversation_id])

    __mapper_args__ = {"version_id_col": version}
