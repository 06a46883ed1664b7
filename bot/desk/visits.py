"""Visits of staff: begun by a sign-in, ended by signing out, by resting, or by their length."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select, update

from bot.desk.rights import Visitor
from models.staff import Role, Staff, StaffSession

if TYPE_CHECKING:
    from bot.config import Desk
    from models.db import Work

COOKIE = "lianxin_desk"
PATH = "/desk"


@dataclass(frozen=True, slots=True)
class Lengths:
    """How long a visit lasts without a page being opened, and at most."""

    idle: timedelta
    absolute: timedelta

    @classmethod
    def of(cls, settings: Desk) -> Lengths:
        """From the settings."""
        return cls(timedelta(seconds=settings.idle), timedelta(seconds=settings.absolute))


async def begin(work: Work, staff: Staff, now: datetime) -> str:
    """Begin a visit and return the value of its cookie, of which only the hash is kept."""
    token = secrets.token_urlsafe(32)
    visit = StaffSession(
        token=_hash(token),
        staff_id=staff.id,
        csrf=secrets.token_urlsafe(24),
        created_at=now,
        seen_at=now,
    )
    work.add(visit)
    await work.flush()
    return token


async def find(work: Work, token: str, now: datetime, lengths: Lengths) -> Visitor | None:
    """Who the cookie belongs to; None when the visit has ended or the account is closed."""
    query = (
        select(StaffSession, Staff)
        .join(Staff, Staff.id == StaffSession.staff_id)
        .where(
            StaffSession.token == _hash(token),
            StaffSession.ended_at.is_(None),
            StaffSession.seen_at > now - lengths.idle,
            StaffSession.created_at > now - lengths.absolute,
            Staff.disabled_at.is_(None),
        )
    )
    row = (await work.execute(query)).one_or_none()
    if row is None:
        return None
    visit, staff = row
    return Visitor(
        visit.id, staff.id, staff.login, staff.name, Role(staff.role), staff.path, visit.csrf
    )


async def extend(work: Work, visitor: Visitor, now: datetime, lengths: Lengths) -> None:
    """The visitor opened a page; written down only now and then, to spare the row."""
    await work.execute(
        update(StaffSession)
        .where(
            StaffSession.id == visitor.session_id,
            StaffSession.seen_at < now - lengths.idle / 20,
        )
        .values(seen_at=now)
    )


async def end(work: Work, session_id: int, now: datetime) -> None:
    """End one visit; its cookie is worth nothing from now on."""
    await work.execute(
        update(StaffSession)
        .where(StaffSession.id == session_id, StaffSession.ended_at.is_(None))
        .values(ended_at=now)
    )


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "replace")).digest()
