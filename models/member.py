"""Members: the roster, sealed, and the ways to find one person in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import ForeignKey, Index, LargeBinary, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.db import Base, Id, Moment, Work
from models.unit import Unit

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from models.seal import KeyRing

NAME, PHONE, ID_NUMBER, BORN = "member.name", "member.phone", "member.id_number", "member.born"
LAST_FOUR = "member.last_four"


class Member(Base):
    """One person on the roster; everything that names the person is sealed.

    `last_four_index` is blind over name and the last four of the ID number together, so that four
    digits alone find nobody. `sex` is "F" or "M".
    """

    __tablename__ = "member"
    __table_args__ = (
        Index("ix_member_binding", "unit_id", "name_index", "last_four_index"),
        Index("ix_member_name_index", "name_index"),
    )

    id: Mapped[Id]
    public_id: Mapped[str] = mapped_column(unique=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), index=True)
    sex: Mapped[str]
    joined_at: Mapped[Moment]
    left_at: Mapped[Moment | None]
    name: Mapped[bytes] = mapped_column(LargeBinary)
    name_index: Mapped[bytes] = mapped_column(LargeBinary)
    id_number: Mapped[bytes] = mapped_column(LargeBinary)
    id_number_index: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    last_four_index: Mapped[bytes] = mapped_column(LargeBinary)
    phone: Mapped[bytes | None] = mapped_column(LargeBinary)
    born: Mapped[bytes] = mapped_column(LargeBinary)
    version: Mapped[int] = mapped_column()

    unit: Mapped[Unit] = relationship(lazy="raise")

    __mapper_args__ = {"version_id_col": version}

    def plain_name(self, ring: KeyRing) -> str:
        """The name, opened."""
        return ring.open_text(self.name, NAME)

    def plain_phone(self, ring: KeyRing) -> str:
        """The phone number, opened; "" when none is known."""
        return "" if self.phone is None else ring.open_text(self.phone, PHONE)


def enrol(
    ring: KeyRing, *, name: str, id_number: str, phone: str, born: date
) -> dict[str, object]:
    """The sealed columns of one person, to be given to `Member` beside unit and dates."""
    return {
        "name": ring.seal_text(name, NAME),
        "name_index": ring.index(name, NAME),
        "id_number": ring.seal_text(id_number, ID_NUMBER),
        "id_number_index": ring.index(id_number, ID_NUMBER),
        "last_four_index": ring.index(f"{name}\0{id_number[-4:].upper()}", LAST_FOUR),
        "phone": ring.seal_text(phone, PHONE) if phone else None,
        "born": ring.seal_text(born.isoformat(), BORN),
    }


async def find_for_binding(
    work: Work, ring: KeyRing, name: str, unit_ids: Sequence[int], last_four: str
) -> list[Member]:
    """Present members of these units with this name and these last four."""
    index = ring.index(f"{name}\0{last_four.upper()}", LAST_FOUR)
    query = select(Member).where(
        Member.unit_id.in_(unit_ids),
        Member.name_index == ring.index(name, NAME),
        Member.last_four_index == index,
        Member.left_at.is_(None),
    )
    return list(await work.scalars(query))


async def find_by_name(work: Work, ring: KeyRing, name: str) -> list[Member]:
    """Every present member of exactly this name."""
    query = select(Member).where(
        Member.name_index == ring.index(name, NAME), Member.left_at.is_(None)
    )
    return list(await work.scalars(query.order_by(Member.id)))
