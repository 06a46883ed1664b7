"""What members ask in vain: kept for the board, and what they say of the answers they get."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from sqlalchemy import select

from models.conversation import Conversation
from models.message import Message
from models.question import ASKED, WORDS, GivenAnswer, Near, Question, Reason
from models.ticket import Ticket
from nlp.retrieve import Found

if TYPE_CHECKING:
    from datetime import datetime

    from models.db import Work
    from models.seal import KeyRing


@dataclass(frozen=True, slots=True)
class Unanswered:
    """A question with who asked it, and the candidates that were found for it."""

    conversation_id: int
    member_id: int | None
    message_id: int
    words: str
    reason: Reason
    unit_kind: str | None
    found: Sequence[Found]


@dataclass(frozen=True, slots=True)
class Answered:
    """A question, and the card that answered it."""

    conversation_id: int
    member_id: int | None
    message_id: int
    words: str
    slug: str


class Said(StrEnum):
    """What became of a person's word on an answer."""

    COUNTED = "counted"
    COUNTED_BEFORE = "counted before"
    NOTHING_ASKED = "nothing asked"


async def note(work: Work, ring: KeyRing, asked: Unanswered, now: datetime) -> bool:
    """Keep a question for the board; True when whoever asked can be told the answer later.

    The same words of the same person are kept once. What belongs to a time of danger is not kept:
    it is read by counsellors only.
    """
    conversation = await work.get_one(Conversation, asked.conversation_id)
    if await _in_danger(work, asked):
        return False
    index = ring.index(asked.words, WORDS)
    known = await work.scalar(
        select(Question.id).where(
            Question.conversation_id == asked.conversation_id,
            Question.words_index == index,
            Question.told_at.is_(None),
        )
    )
    if known is None:
        work.add(
            Question(
                public_id=secrets.token_hex(6),
                asked_at=now,
                conversation_id=asked.conversation_id,
                member_id=asked.member_id,
                message_id=asked.message_id,
                reason=asked.reason,
                unit_kind=asked.unit_kind,
                words=ring.seal_text(asked.words, WORDS),
                words_index=index,
                near=[asdict(near(each)) for each in asked.found],
            )
        )
        await work.flush()
    return conversation.following


async def keep_given(work: Work, ring: KeyRing, answered: Answered, now: datetime) -> None:
    """Keep that a card answered, so that a word on it can be counted."""
    work.add(
        GivenAnswer(
            message_id=answered.message_id,
            conversation_id=answered.conversation_id,
            member_id=answered.member_id,
            slug=answered.slug,
            words=ring.seal_text(answered.words, ASKED),
            at=now,
        )
    )
    await work.flush()


@dataclass(frozen=True, slots=True)
class Rated:
    """The answer that was meant, None when there was none; `words` was the question."""

    said: Said
    given: GivenAnswer | None = None
    words: str = ""


async def rate(
    work: Work, ring: KeyRing, conversation_id: int, now: datetime, *, useful: bool
) -> Rated:
    """Count a person's word on the last answer they got, once."""
    given = await work.scalar(
        select(GivenAnswer)
        .where(GivenAnswer.conversation_id == conversation_id)
        .order_by(GivenAnswer.id.desc())
        .limit(1)
        .with_for_update()
    )
    if given is None:
        return Rated(Said.NOTHING_ASKED)
    if given.useful is not None:
        return Rated(Said.COUNTED_BEFORE, given)
    given.useful, given.rated_at = useful, now
    return Rated(Said.COUNTED, given, ring.open_text(given.words, ASKED))


async def _in_danger(work: Work, asked: Unanswered) -> bool:
    hidden = await work.scalar(select(Message.hidden).where(Message.id == asked.message_id))
    urgent = select(Ticket.id).where(
        Ticket.conversation_id == asked.conversation_id, Ticket.urgent, Ticket.closed_at.is_(None)
    )
    return bool(hidden) or await work.scalar(urgent) is not None


def near(found: Found) -> Near:
    """A candidate as it is kept."""
    card, why = found.card, found.why
    return Near(
        slug="" if card is None else card.slug,
        cited=f"{found.document} {found.article}" if card is None else card.cited,
        score=round(found.score, 3),
        sample=round(why.sample, 3),
        samples=round(why.samples, 3),
        text=round(why.text, 3),
        meaning=round(why.meaning, 3),
        nearest=why.nearest,
        passage=round(why.passage, 3),
        governs=why.governs,
    )
