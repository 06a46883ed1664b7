"""One person on one channel: who is bound, what is open, what may still be sent."""

from __future__ import annotations

from sqlalchemy import BigInteger, ForeignKey, Index, LargeBinary, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from models.db import Base, Id, Moment

STATE = "conversation.state"


class Conversation(Base):
    """A sender on an account of a channel.

    `lease_message` is the message being handled now, by the process that holds the advisory lock
    (LEASE, `lease_owner`), until `lease_until` at the latest. `msg_left` messages may be sent
    until `msg_until` because the person wrote, `tap_left` until `tap_until` because of a tap.
    `ticket_id` is set while staff have the word. `held` says to look after the outbox when the
    person writes: something waits there for that, an answer is there that the next one must not
    overtake, or they did not follow for a while.
    """

    __tablename__ = "conversation"
    __table_args__ = (
        UniqueConstraint("channel", "account", "sender"),
        Index("ix_conversation_member_id", "member_id"),
    )

    id: Mapped[Id]
    channel: Mapped[str]
    account: Mapped[str]
    sender: Mapped[str]
    created_at: Mapped[Moment]
    member_id: Mapped[int | None] = mapped_column(ForeignKey("member.id"))
    following: Mapped[bool] = mapped_column(server_default=text("true"))
    state: Mapped[bytes | None] = mapped_column(LargeBinary)
    ticket_id: Mapped[int | None] = mapped_column(ForeignKey("ticket.id", use_alter=True))
    lease_message: Mapped[int | None] = mapped_column(BigInteger)
    lease_owner: Mapped[int | None]
    lease_until: Mapped[Moment | None]
    last_inbound_at: Mapped[Moment | None]
    msg_left: Mapped[int] = mapped_column(server_default=text("0"))
    msg_until: Mapped[Moment | None]
    tap_left: Mapped[int] = mapped_column(server_default=text("0"))
    tap_until: Mapped[Moment | None]
    held: Mapped[bool] = mapped_column(server_default=text("false"))
    bind_failures: Mapped[int] = mapped_column(server_default=text("0"))
    bind_paused_until: Mapped[Moment | None]
