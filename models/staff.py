"""People at the desk: accounts, roles, sessions."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import ForeignKey, LargeBinary, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.db import Base, Id, Moment


class Role(StrEnum):
    """What a member of staff may do; the rights of each stand in `bot/desk/rights.py`."""

    OFFICER = "officer"
    COUNSELLOR = "counsellor"
    AUDITOR = "auditor"
    ADMIN = "admin"


class Staff(Base):
    """One account; `password` is an argon2 hash, `path` the unit whose tree it serves."""

    __tablename__ = "staff"

    id: Mapped[Id]
    login: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    role: Mapped[str]
    path: Mapped[str]
    password: Mapped[str]
    failures: Mapped[int] = mapped_column(server_default=text("0"))
    locked_until: Mapped[Moment | None]
    disabled_at: Mapped[Moment | None]


class StaffSession(Base):
    """One sign-in; only the hash of its cookie is kept. `csrf` goes into every form."""

    __tablename__ = "staff_session"

    id: Mapped[Id]
    token: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    csrf: Mapped[str]
    created_at: Mapped[Moment]
    seen_at: Mapped[Moment]
    ended_at: Mapped[Moment | None]

    staff: Mapped[Staff] = relationship(lazy="raise")
