"""Binding a conversation to a member of the roster, with as little asked as can be."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import update

from handlers.errors import BindingPausedError
from models import audit
from models.conversation import Conversation
from models.member import Member, find_for_binding
from models.unit import Unit, all_units

if TYPE_CHECKING:
    from models.db import Work
    from models.seal import KeyRing
    from nlp.names import Names


@dataclass(frozen=True, slots=True)
class Told:
    """What a person said of themselves; `last_four` of the ID number."""

    name: str
    unit_ids: tuple[int, ...]
    last_four: str


@dataclass(frozen=True, slots=True)
class Guessing:
    """How many wrong bindings are allowed, and how long the pause is then."""

    attempts: int
    pause: timedelta


async def units_named(work: Work, names: Names, words: str) -> tuple[list[Unit], str]:
    """The units whose full, short or shortened name stands in the words, longest names first.

    Beside them the words without these names.
    """
    every = await all_units(work)
    known = names.with_places({unit.name: (unit.short_name,) for unit in every}, ())
    spans = list(known.units(words))
    read = {official for _, _, official in spans}
    units = [
        unit
        for unit in every
        if unit.name in read or unit.short_name in words or _without_province(unit) in words
    ]
    rest = words
    for start, end, _ in reversed(spans):
        rest = f"{rest[:start]} {rest[end:]}"
    for unit in sorted(units, key=lambda unit: -len(unit.name)):
        for name in (unit.name, unit.short_name, _without_province(unit)):
            rest = rest.replace(name, " ")
    return sorted(units, key=lambda unit: -len(unit.short_name)), rest


def _without_province(unit: Unit) -> str:
    return unit.short_name.removeprefix("省")


async def bind(
    work: Work, ring: KeyRing, conversation_id: int, told: Told, now: datetime, guessing: Guessing
) -> Member | None:
    """Bind when exactly one person on the roster fits; None when nobody does.

    Wrong tries are counted for each conversation, and forgotten only by a pause;
    BindingPausedError after too many.
    """
    conversation = await work.get_one(Conversation, conversation_id)
    paused = conversation.bind_paused_until
    if paused is not None and paused > now:
        minutes = math.ceil((paused - now).total_seconds() / 60)
        raise BindingPausedError(
            f"试的次数有点多，为了保护您的信息，请过 {minutes} 分钟再试，"
            "或者联系单位工会干部核对名册。"
        )
    found = await find_for_binding(work, ring, told.name, told.unit_ids, told.last_four)
    if len(found) != 1:
        await _count_failure(work, conversation, now, guessing)
        return None
    member = found[0]
    await work.execute(
        update(Conversation).where(Conversation.id == conversation_id).values(member_id=member.id)
    )
    audit.record(work, now, "member", "member.bind", member.public_id)
    return member


async def _count_failure(
    work: Work, conversation: Conversation, now: datetime, guessing: Guessing
) -> None:
    failures = conversation.bind_failures + 1
    pausing = failures >= guessing.attempts
    await work.execute(
        update(Conversation)
        .where(Conversation.id == conversation.id)
        .values(
            bind_failures=0 if pausing else failures,
            bind_paused_until=now + guessing.pause if pausing else None,
        )
    )


async def unbind(work: Work, conversation_id: int, member: Member, now: datetime) -> None:
    """Loosen the conversation from the member; drafts and cases stay with the member."""
    await work.execute(
        update(Conversation).where(Conversation.id == conversation_id).values(member_id=None)
    )
    audit.record(work, now, "member", "member.unbind", member.public_id)
