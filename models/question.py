"""Questions without an answer, their groups, the cards written for them, and who was answered."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from pydantic import ConfigDict, TypeAdapter
from pydantic.dataclasses import dataclass
from sqlalchemy import ForeignKey, Index, LargeBinary, UniqueConstraint, or_, select, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from models.db import Base, Id, Moment, Work
from models.delivery import NOT_FOLLOWING, Delivery, Status

if TYPE_CHECKING:
    from collections.abc import Sequence

WORDS, VECTOR, ASKED = "question.words", "question.vector", "given_answer.words"


class Reason(StrEnum):
    """Why a question is on the board: nothing was found, or what was found was of no use."""

    REFUSED = "refused"
    NOT_HELPFUL = "not_helpful"


class GroupState(StrEnum):
    """open → waiting (an answer is there, a second person has to check it) → answered.

    open → aside. Every step can be taken back to open.
    """

    OPEN = "open"
    WAITING = "waiting"
    ANSWERED = "answered"
    ASIDE = "aside"


class CardStatus(StrEnum):
    """Only a verified card is found and quoted."""

    UNVERIFIED = "unverified"
    VERIFIED = "verified"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True, config=ConfigDict(extra="forbid"))
class Near:
    """One article that was a candidate; `slug` "" for an article without a card.

    `passage` is 0 too where it was kept before articles had vectors.
    """

    slug: str
    cited: str
    score: float
    sample: float
    samples: float
    text: float
    meaning: float
    nearest: str
    passage: float = 0.0
    governs: bool = False


NEAR: TypeAdapter[tuple[Near, ...]] = TypeAdapter(tuple[Near, ...])


class QuestionGroup(Base):
    """Questions that ask the same thing.

    `slug` names the card that answers, `answered_by` who wrote or chose it, `checked_by` the other
    person who found it right. `reason` says why it was set aside.
    """

    __tablename__ = "question_group"

    id: Mapped[Id]
    number: Mapped[str] = mapped_column(unique=True)
    state: Mapped[str] = mapped_column(server_default=text("'open'"), index=True)
    opened_at: Mapped[Moment]
    slug: Mapped[str | None]
    answered_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    answered_at: Mapped[Moment | None]
    checked_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    checked_at: Mapped[Moment | None]
    reason: Mapped[str | None]
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}


class Question(Base):
    """One question of one person, sealed; without a group until it was compared with others.

    `words_index` finds the same words of the same person. `delivery_id` is the answer that was
    sent; `told_at` is empty again when that answer was taken back. `near` are the candidates.
    """

    __tablename__ = "question"
    __table_args__ = (
        UniqueConstraint("message_id"),
        Index("ix_question_group_id", "group_id"),
        Index("ix_question_conversation_id", "conversation_id", "words_index"),
        Index("ix_question_loose", "id", postgresql_where=text("group_id IS NULL")),
    )

    id: Mapped[Id]
    public_id: Mapped[str] = mapped_column(unique=True)
    group_id: Mapped[int | None] = mapped_column(ForeignKey("question_group.id"))
    asked_at: Mapped[Moment]
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversation.id"))
    member_id: Mapped[int | None] = mapped_column(ForeignKey("member.id"), index=True)
    message_id: Mapped[int] = mapped_column(ForeignKey("message.id"))
    reason: Mapped[str]
    unit_kind: Mapped[str | None]
    words: Mapped[bytes] = mapped_column(LargeBinary)
    words_index: Mapped[bytes] = mapped_column(LargeBinary)
    vector: Mapped[bytes | None] = mapped_column(LargeBinary)
    near: Mapped[list[dict[str, object]]] = mapped_column(JSONB)
    told_at: Mapped[Moment | None]
    delivery_id: Mapped[int | None] = mapped_column(ForeignKey("delivery.id"))


class DeskCard(Base):
    """A card written at the desk.

    `lines` is a `nlp.cards.CardLines` as JSON; its status there is not used, `status` is. `unit`
    is the path of the unit whose own rule it is, "" for everybody.
    """

    __tablename__ = "desk_card"

    id: Mapped[Id]
    slug: Mapped[str] = mapped_column(unique=True)
    group_id: Mapped[int | None] = mapped_column(ForeignKey("question_group.id"), index=True)
    law: Mapped[str]
    documents: Mapped[list[str]] = mapped_column(JSONB)
    lines: Mapped[dict[str, object]] = mapped_column(JSONB)
    unit: Mapped[str] = mapped_column(server_default=text("''"))
    status: Mapped[str]
    written_by: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    written_at: Mapped[Moment]
    checked_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    checked_at: Mapped[Moment | None]
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}


class CardWording(Base):
    """One more sample question of a card, whether it is from a file or from the desk.

    It counts while `live`.
    """

    __tablename__ = "card_wording"
    __table_args__ = (UniqueConstraint("slug", "words"),)

    id: Mapped[Id]
    slug: Mapped[str]
    words: Mapped[str]
    group_id: Mapped[int | None] = mapped_column(ForeignKey("question_group.id"), index=True)
    added_by: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    added_at: Mapped[Moment]
    live: Mapped[bool]
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}


class GivenAnswer(Base):
    """One answer that was given with a clause; `useful` is what the person said of it.

    `words` is the question, sealed: the message itself may have been a tap on a number.
    """

    __tablename__ = "given_answer"
    __table_args__ = (
        UniqueConstraint("message_id"),
        Index("ix_given_answer_conversation_id", "conversation_id", "id"),
        Index("ix_given_answer_slug", "slug"),
    )

    id: Mapped[Id]
    message_id: Mapped[int] = mapped_column(ForeignKey("message.id"))
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversation.id"))
    member_id: Mapped[int | None] = mapped_column(ForeignKey("member.id"))
    slug: Mapped[str]
    words: Mapped[bytes] = mapped_column(LargeBinary)
    at: Mapped[Moment]
    useful: Mapped[bool | None]
    rated_at: Mapped[Moment | None]


DESK_MARK = text(
    "SELECT coalesce((SELECT md5(string_agg(id || ':' || version, ',' ORDER BY id))"
    " FROM desk_card WHERE status = 'verified'), '-') || ' ' ||"
    " coalesce((SELECT md5(string_agg(id || ':' || version, ',' ORDER BY id))"
    " FROM card_wording WHERE live), '-')"
)
NO_DESK = "- -"


async def desk_mark(work: Work) -> str:
    """What changes when a card that is quoted or a wording that counts does; NO_DESK for none."""
    return str(await work.scalar(DESK_MARK))


async def untold_groups(work: Work, conversation_id: int) -> list[str]:
    """The numbers of the groups whose answer did not reach who asked here.

    It came while the person did not follow, or was skipped because of that.
    """
    skipped = select(Delivery.id).where(
        Delivery.id == Question.delivery_id,
        Delivery.status == Status.SKIPPED,
        Delivery.reason == NOT_FOLLOWING,
    )
    query = (
        select(QuestionGroup.number)
        .where(
            QuestionGroup.state == GroupState.ANSWERED,
            select(Question.id)
            .where(
                Question.group_id == QuestionGroup.id,
                Question.conversation_id == conversation_id,
                or_(Question.told_at.is_(None), skipped.exists()),
            )
            .exists(),
        )
        .order_by(QuestionGroup.id)
    )
    return list(await work.scalars(query))


async def forget_skipped(work: Work, group_id: int, conversation_id: int) -> None:
    """What was not sent because the person did not follow counts as not told."""
    skipped = select(Delivery.id).where(
        Delivery.conversation_id == conversation_id,
        Delivery.status == Status.SKIPPED,
        Delivery.reason == NOT_FOLLOWING,
    )
    rows = await work.scalars(
        select(Question).where(Question.group_id == group_id, Question.delivery_id.in_(skipped))
    )
    for row in rows:
        row.told_at = row.delivery_id = None
    await work.flush()


async def questions_of(work: Work, group_id: int) -> Sequence[Question]:
    """The questions of a group, the newest first."""
    query = select(Question).where(Question.group_id == group_id)
    return list(await work.scalars(query.order_by(Question.asked_at.desc(), Question.id.desc())))
