"""A push to many: one row a campaign and period, its recipients in the outbox."""

from __future__ import annotations

from sqlalchemy import UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from models.db import Base, Id, Moment


class Campaign(Base):
    """One run of one yearly campaign; `audience` counts the people it was made for."""

    __tablename__ = "campaign"
    __table_args__ = (UniqueConstraint("slug", "period"),)

    id: Mapped[Id]
    slug: Mapped[str]
    period: Mapped[str]
    title: Mapped[str]
    due_at: Mapped[Moment]
    started_at: Mapped[Moment]
    audience: Mapped[int] = mapped_column(server_default=text("0"))
