"""Vectors of texts, each kept once for all processes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import LargeBinary, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, mapped_column

from models.db import Base, Work

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

# Any number that no other program uses in this database; held while some vectors are made.
MAKING = 7_315_600_003


class TextVector(Base):
    """The vector of the text with this digest, as one encoder makes it: half floats in a row."""

    __tablename__ = "text_vector"

    encoder: Mapped[str] = mapped_column(primary_key=True)
    digest: Mapped[str] = mapped_column(primary_key=True)
    halves: Mapped[bytes] = mapped_column(LargeBinary)


async def find_vectors(work: Work, encoder: str, digests: Collection[str]) -> dict[str, bytes]:
    """Those that are kept, by digest."""
    query = select(TextVector.digest, TextVector.halves).where(
        TextVector.encoder == encoder, TextVector.digest == func.any(list(digests))
    )
    return {row.digest: row.halves for row in await work.execute(query)}


async def count_vectors(work: Work, encoder: str, digests: Collection[str]) -> int:
    """How many of them are kept."""
    query = select(func.count()).where(
        TextVector.encoder == encoder, TextVector.digest == func.any(list(digests))
    )
    return await work.scalar(query) or 0


async def keep_vectors(work: Work, encoder: str, made: Mapping[str, bytes]) -> None:
    """Keep vectors by digest; one that is kept already stays."""
    rows = [
        {"encoder": encoder, "digest": digest, "halves": halves} for digest, halves in made.items()
    ]
    await work.execute(insert(TextVector).on_conflict_do_nothing(), rows)


async def take_turn(work: Work) -> None:
    """Wait until nobody else makes vectors, and keep others waiting until this work ends."""
    await work.execute(select(func.pg_advisory_xact_lock(MAKING)))
