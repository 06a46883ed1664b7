"""Applications for aid: drafts that last for weeks, cases, and the evidence they rest on."""

from __future__ import annotations

import secrets
from enum import StrEnum
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from sqlalchemy import ForeignKey, Index, LargeBinary, UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.db import Base, Id, Moment, Work
from models.member import Member

if TYPE_CHECKING:
    from datetime import datetime

ANSWERS, DRAFT, SENTENCE, FILE = "case.answers", "draft.body", "case.sentence", "evidence.file"

SHANGHAI = ZoneInfo("Asia/Shanghai")
# Without the letters and digits that are mistaken for each other on paper (0/O, 1/I/L, 2/Z, 5/S).
LETTERS = "346789ABCDEFGHJKMNPQRTUVWXY"


class WrongStatusError(Exception):
    """这一步现在不能做，情况可能已经变了，请刷新后再看。"""


class CaseStatus(StrEnum):
    """Where an application stands."""

    SENT = "sent"
    RETURNED = "returned"
    APPROVED = "approved"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


NEXT: dict[CaseStatus, frozenset[CaseStatus]] = {
    CaseStatus.SENT: frozenset(
        {CaseStatus.RETURNED, CaseStatus.APPROVED, CaseStatus.REFUSED, CaseStatus.WITHDRAWN}
    ),
    CaseStatus.RETURNED: frozenset({CaseStatus.SENT, CaseStatus.WITHDRAWN}),
    CaseStatus.APPROVED: frozenset(),
    CaseStatus.REFUSED: frozenset(),
    CaseStatus.WITHDRAWN: frozenset(),
}


class DraftRow(Base):
    """An open form of one member; the body is the engine's JSON, sealed."""

    __tablename__ = "draft"
    __table_args__ = (UniqueConstraint("member_id", "programme"),)

    id: Mapped[Id]
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"))
    programme: Mapped[str]
    version: Mapped[int] = mapped_column()
    body: Mapped[bytes] = mapped_column(LargeBinary)
    case_id: Mapped[int | None] = mapped_column(ForeignKey("application.id"))
    created_at: Mapped[Moment]
    updated_at: Mapped[Moment]


class Application(Base):
    """A case. `number` is random and is what people see; `answers` is sealed JSON by field key."""

    __tablename__ = "application"
    __table_args__ = (Index("ix_application_status", "status", "sent_at"),)

    id: Mapped[Id]
    number: Mapped[str] = mapped_column(unique=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"), index=True)
    programme: Mapped[str]
    schema_version: Mapped[int]
    answers: Mapped[bytes] = mapped_column(LargeBinary)
    status: Mapped[str]
    created_at: Mapped[Moment]
    sent_at: Mapped[Moment]
    decided_at: Mapped[Moment | None]
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    sentence: Mapped[bytes | None] = mapped_column(LargeBinary)
    version: Mapped[int] = mapped_column()

    member: Mapped[Member] = relationship(lazy="raise")

    __mapper_args__ = {"version_id_col": version}

    def move_to(self, status: CaseStatus) -> None:
        """Take one step; WrongStatusError when the table does not allow it."""
        if status not in NEXT[CaseStatus(self.status)]:
            raise WrongStatusError
        self.status = status.value


class Evidence(Base):
    """One stored picture: re-encoded, sealed, in a file of a random name outside the web root."""

    __tablename__ = "evidence"

    id: Mapped[Id]
    name: Mapped[str] = mapped_column(unique=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"), index=True)
    message_id: Mapped[int | None] = mapped_column(ForeignKey("message.id"))
    stored_at: Mapped[Moment]
    media_type: Mapped[str]
    size: Mapped[int]
    width: Mapped[int]
    height: Mapped[int]


def new_number(prefix: str, now: datetime) -> str:
    """A number such as "S26-7KM4-9QTR": unguessable, easy to read out; the year is Wuhan's."""
    letters = "".join(secrets.choice(LETTERS) for _ in range(8))
    return f"{prefix}{now.astimezone(SHANGHAI):%y}-{letters[:4]}-{letters[4:]}"


async def find_draft(work: Work, member_id: int, programme: str) -> DraftRow | None:
    """The member's open form of one programme."""
    query = select(DraftRow).where(
        DraftRow.member_id == member_id, DraftRow.programme == programme
    )
    return await work.scalar(query)


async def drafts_of(work: Work, member_id: int) -> list[DraftRow]:
    """The member's open forms, the latest first."""
    query = select(DraftRow).where(DraftRow.member_id == member_id)
    return list(await work.scalars(query.order_by(DraftRow.updated_at.desc())))


async def cases_of(work: Work, member_id: int) -> list[Application]:
    """The member's applications, the latest first."""
    query = select(Application).where(Application.member_id == member_id)
    return list(await work.scalars(query.order_by(Application.sent_at.desc())))
