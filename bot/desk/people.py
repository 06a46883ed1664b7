"""Finding people and what is theirs, and opening what is sealed about them, on record."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import ColumnElement, select

from models import audit
from models.audit import AuditEntry
from models.member import NAME, Member

if TYPE_CHECKING:
    from sqlalchemy.orm import InstrumentedAttribute

    from bot.desk.rights import Visitor
    from models.db import Work
    from models.seal import KeyRing
    from models.unit import Unit

# How long what was opened stays readable for the visit that opened it.
OPEN_FOR = timedelta(minutes=10)
UNBOUND = "还没有核对身份"


@dataclass(frozen=True, slots=True)
class Person:
    """Whom a row is about, as staff see it at first."""

    name: str
    unit: str
    public_id: str = ""


def person_of(ring: KeyRing, member: Member | None, unit: Unit | None) -> Person:
    """Name and unit, opened; a stranger when nobody is bound."""
    if member is None or unit is None:
        return Person(UNBOUND, "")
    return Person(member.plain_name(ring), unit.name, member.public_id)


def sought(
    ring: KeyRing, words: str, number: InstrumentedAttribute[str]
) -> ColumnElement[bool] | None:
    """What was typed into a search box: a number, with or without its dashes, or an exact name."""
    if not words:
        return None
    plain = re.sub(r"[\s\-－—]", "", words).upper()
    if plain.isascii() and len(plain) > 8:
        return number == f"{plain[:-8]}-{plain[-8:-4]}-{plain[-4:]}"
    return Member.name_index == ring.index(words, NAME)


@dataclass(frozen=True, slots=True)
class Opening:
    """An act of opening: what kind, whose, and why; `about` is the ticket or case at hand."""

    action: str
    subject: str
    reason: str
    about: str


def open_up(work: Work, visitor: Visitor, opening: Opening, now: datetime) -> None:
    """Write an opening down; for the visit that did it, this is also what opens."""
    audit.record(
        work,
        now,
        visitor.staffer.actor,
        opening.action,
        opening.subject,
        reason=opening.reason,
        about=opening.about,
        visit=str(visitor.session_id),
    )


async def is_open(work: Work, visitor: Visitor, action: str, subject: str, now: datetime) -> bool:
    """Whether this visit opened it a short while ago."""
    query = select(AuditEntry.id).where(
        AuditEntry.subject == subject,
        AuditEntry.action == action,
        AuditEntry.actor == visitor.staffer.actor,
        AuditEntry.at > now - OPEN_FOR,
        AuditEntry.data["visit"].astext == str(visitor.session_id),
    )
    return await work.scalar(query.limit(1)) is not None
