"""The platform's access token, one for all processes."""

from __future__ import annotations

from sqlalchemy import LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from models.db import Base, Moment

TOKEN = "token.value"  # noqa: S105 - the place name of a sealed column


class PlatformToken(Base):
    """One account's token, sealed. Whoever refreshes holds the row; the others wait and read."""

    __tablename__ = "platform_token"

    account: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[bytes | None] = mapped_column(LargeBinary)
    expires_at: Mapped[Moment | None]
