"""Applications: sent by members, decided by staff, withdrawn or corrected by members."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import delete, select

from handlers.errors import ChangedMeanwhileError, DomainError
from handlers.types import REPLY, Choice, say
from models import audit
from models.application import (
    ANSWERS,
    SENTENCE,
    Application,
    CaseStatus,
    DraftRow,
    WrongStatusError,
    new_number,
)
from models.conversation import Conversation
from models.delivery import Outgoing, send_later

if TYPE_CHECKING:
    from datetime import datetime

    from handlers.actions.tickets import Staffer
    from handlers.catalogue.schema import Value
    from models.db import Work
    from models.seal import KeyRing


class SentenceMissingError(DomainError):
    """请写一句话告诉申请人：为什么这样处理，接下来怎么做。"""


class NoSuchCaseError(DomainError):
    """没有找到这份申请。发“我的申请”看看都有哪些。"""


@dataclass(frozen=True, slots=True)
class Filled:
    """A form filled to the end: `answers` is the engine's JSON object of answers."""

    programme: str
    title: str
    version: int
    answers: str


async def submit(
    work: Work, ring: KeyRing, member_id: int, filled: Filled, now: datetime
) -> Application:
    """Make a case of a filled form, or send a returned one again; the draft is gone then.

    Sending twice is one case: the draft that the second sending needs is no longer there.
    """
    draft = await work.scalar(
        select(DraftRow)
        .where(DraftRow.member_id == member_id, DraftRow.programme == filled.programme)
        .with_for_update()
    )
    if draft is None:
        raise ChangedMeanwhileError("这份申请已经提交过了。发“我的申请”可以看到进度。")
    sealed = ring.seal_text(filled.answers, ANSWERS)
    if draft.case_id is None:
        case = Application(
            number=new_number("S", now),
            member_id=member_id,
            programme=filled.programme,
            schema_version=filled.version,
            answers=sealed,
            status=CaseStatus.SENT,
            created_at=now,
            sent_at=now,
        )
        work.add(case)
    else:
        case = await work.get_one(Application, draft.case_id, with_for_update=True)
        _move(case, CaseStatus.SENT)
        case.answers, case.schema_version, case.sent_at = sealed, filled.version, now
    await work.execute(delete(DraftRow).where(DraftRow.id == draft.id))
    await work.flush()
    audit.record(work, now, f"member:{member_id}", "case.send", case.number)
    return case


@dataclass(frozen=True, slots=True)
class Decision:
    """What staff decided, and the sentence for the member; `title` is the programme's."""

    status: CaseStatus
    sentence: str
    title: str
    version: int


OPENINGS = {
    CaseStatus.RETURNED: "需要您补充或更正",
    CaseStatus.APPROVED: "审核通过了",
    CaseStatus.REFUSED: "这次没有通过",
}


async def decide(
    work: Work, ring: KeyRing, case: Application, staff: Staffer, decision: Decision, now: datetime
) -> None:
    """Return, approve or refuse a case; the member gets the sentence.

    ChangedMeanwhileError when the case is not as the reviewer saw it (`version`), or not waiting.
    """
    sentence = decision.sentence.strip()
    if not sentence:
        raise SentenceMissingError
    if case.version != decision.version:
        raise ChangedMeanwhileError("这份申请刚刚有了变化，请看过最新内容再决定。")
    _move(case, decision.status)
    case.decided_at, case.decided_by = now, staff.id
    case.sentence = ring.seal_text(sentence, SENTENCE)
    await work.flush()
    audit.record(work, now, staff.actor, f"case.{decision.status}", case.number)
    opening = OPENINGS[decision.status]
    choices: tuple[Choice, ...] = (Choice("看我的申请", "我的申请"),)
    if decision.status is CaseStatus.RETURNED:
        choices = (Choice("现在补充", f"补充 {case.number}"), *choices)
    news = say(f"您的{decision.title}申请（{case.number}）{opening}。\n{sentence}", *choices)
    await _tell(work, ring, case.member_id, REPLY.dump_json(news), now)


async def withdraw(work: Work, case: Application, now: datetime) -> None:
    """The member takes an application back; the record stays."""
    _move(case, CaseStatus.WITHDRAWN)
    await work.execute(delete(DraftRow).where(DraftRow.case_id == case.id))
    audit.record(work, now, f"member:{case.member_id}", "case.withdraw", case.number)


async def find_case(work: Work, number: str) -> Application:
    """The case with this number, held until the commit; NoSuchCaseError when there is none."""
    case = await work.scalar(
        select(Application)
        .where(Application.number == number)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if case is None:
        raise NoSuchCaseError
    return case


def answers_of(case: Application, ring: KeyRing) -> dict[str, Value]:
    """The answers, opened, by the key of their question."""
    answers: dict[str, Value] = json.loads(ring.open_text(case.answers, ANSWERS))
    return answers


def sentence_of(case: Application, ring: KeyRing) -> str:
    """What staff wrote with their decision; "" before there is one."""
    return "" if case.sentence is None else ring.open_text(case.sentence, SENTENCE)


def _move(case: Application, status: CaseStatus) -> None:
    try:
        case.move_to(status)
    except WrongStatusError as exc:
        raise ChangedMeanwhileError(exc.__doc__ or "") from exc


async def _tell(work: Work, ring: KeyRing, member_id: int, reply: bytes, now: datetime) -> None:
    conversations = await work.scalars(
        select(Conversation.id).where(Conversation.member_id == member_id, Conversation.following)
    )
    for conversation_id in conversations:
        await send_later(work, ring, Outgoing(conversation_id, reply, member_id=member_id), now)
