"""Who did what to what: a hash chain that the database itself extends."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from sqlalchemy import Index, LargeBinary, event, insert, select, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.db import Base, Id, Moment, Work

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import SessionTransaction


WAITING = "audit entries waiting for the commit"


class AuditEntry(Base):
    """One act. `previous` and `hash` are written by a trigger, under a lock, in commit order."""

    __tablename__ = "audit_entry"
    __table_args__ = (Index("ix_audit_entry_subject", "subject", "id"),)

    id: Mapped[Id]
    at: Mapped[Moment]
    actor: Mapped[str]
    action: Mapped[str]
    subject: Mapped[str]
    data: Mapped[dict[str, str]] = mapped_column(JSONB)
    previous: Mapped[bytes] = mapped_column(LargeBinary, server_default=text("''::bytea"))
    hash: Mapped[bytes] = mapped_column(LargeBinary, server_default=text("''::bytea"))


# The database composes the same text in its trigger; see the migration.
CANONICAL = (
    "concat_ws(chr(31), id, to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US'), "
    "actor, action, subject, data::text)"
)


def record(work: Work, at: datetime, actor: str, action: str, subject: str, **data: str) -> None:
    """Write one act into the chain, in the transaction of the act itself.

    It is written last, just before the commit, because the chain admits one writer at a time.
    """
    entry = {"at": at, "actor": actor, "action": action, "subject": subject, "data": data}
    session = work.sync_session
    if not session.in_transaction():
        session.begin()
    session.info.setdefault(WAITING, []).append(entry)


@event.listens_for(Session, "before_commit")
def _write(session: Session) -> None:
    entries = session.info.pop(WAITING, None)
    if entries:
        session.flush()
        session.execute(insert(AuditEntry), entries)


@event.listens_for(Session, "after_soft_rollback")
def _forget(session: Session, _: SessionTransaction) -> None:
    session.info.pop(WAITING, None)


async def first_broken(work: Work) -> int | None:
    """The id of the first entry that does not fit the chain; None when all fit."""
    query = text(
        f"SELECT id, {CANONICAL} AS canonical, previous, hash FROM audit_entry ORDER BY id"  # noqa: S608 - a constant
    )
    previous = b""
    rows = await work.stream(query)
    try:
        async for row in rows:
            expected = hashlib.sha256(previous + row.canonical.encode()).digest()
            if row.previous != previous or row.hash != expected:
                return int(row.id)
            previous = row.hash
    finally:
        await rows.close()
    return None


async def about(work: Work, subject: str) -> list[AuditEntry]:
    """Everything that was done to one subject, oldest first."""
    query = select(AuditEntry).where(AuditEntry.subject == subject).order_by(AuditEntry.id)
    return list(await work.scalars(query))
