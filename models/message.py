"""What came in, once each, with the reply it got."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import ForeignKey, Index, LargeBinary, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.conversation import Conversation
from models.db import Base, Id, Moment

BODY, REPLY, MEANING = "message.body", "message.reply", "message.meaning"


class Message(Base):
    """One inbound message. Its order within the conversation is the order of `id`.

    `done_at` is set in the same commit as the effects. `failed` names the error of a message that
    was given up. `hidden` keeps the words from ordinary staff. `late` says that the reply went out
    as a delivery, so that a repeat is not answered once more. `meaning` tells why it was
    understood as it was, sealed, because it holds words of the person.
    """

    __tablename__ = "message"
    __table_args__ = (
        Index(
            "ix_message_undone",
            "conversation_id",
            "id",
            postgresql_where=text("done_at IS NULL"),
        ),
        Index("ix_message_conversation_id", "conversation_id", "id"),
    )

    id: Mapped[Id]
    key: Mapped[UUID] = mapped_column(unique=True)
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversation.id"))
    received_at: Mapped[Moment]
    sent_at: Mapped[Moment]
    kind: Mapped[str]
    body: Mapped[bytes] = mapped_column(LargeBinary)
    reply: Mapped[bytes | None] = mapped_column(LargeBinary)
    done_at: Mapped[Moment | None]
    attempts: Mapped[int] = mapped_column(server_default=text("1"))
    failed: Mapped[str | None]
    route: Mapped[str | None]
    intent: Mapped[str | None]
    confidence: Mapped[float | None]
    meaning: Mapped[bytes | None] = mapped_column(LargeBinary)
    hidden: Mapped[bool] = mapped_column(server_default=text("false"))
    late: Mapped[bool] = mapped_column(server_default=text("false"))

    conversation: Mapped[Conversation] = relationship(lazy="raise")
