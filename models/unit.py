"""The organisation tree: units by materialised path."""

from __future__ import annotations

from sqlalchemy import ForeignKey, select
from sqlalchemy.orm import Mapped, mapped_column

from models.db import Base, Id, Work


class Unit(Base):
    """One unit; `path` is "/1/7/" from the root down to and including itself.

    `kind` is 机关, 事业, 企业 or 社团 and decides which law binds its people.
    """

    __tablename__ = "unit"

    id: Mapped[Id]
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"))
    path: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str] = mapped_column(unique=True)
    short_name: Mapped[str]
    kind: Mapped[str]


async def all_units(work: Work) -> list[Unit]:
    """Every unit, parents before children."""
    return list(await work.scalars(select(Unit).order_by(Unit.path)))
