"""The board of unanswered questions: grouped, answered at the desk, checked, and told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from sqlalchemy import select, text, update
from sqlalchemy.orm.attributes import flag_modified

from handlers.actions.answers import told
from handlers.actions.desk_cards import as_card
from handlers.errors import ChangedMeanwhileError, DomainError
from handlers.types import REPLY, say
from models import audit
from models.application import new_number
from models.conversation import Conversation
from models.delivery import Delivery, Outgoing, Status, send_later
from models.job import TELL, enqueue
from models.member import Member
from models.policy import find_article
from models.question import (
    VECTOR,
    WORDS,
    CardStatus,
    CardWording,
    DeskCard,
    GroupState,
    Question,
    QuestionGroup,
    forget_skipped,
    questions_of,
    untold_groups,
)
from models.unit import Unit
from nlp.bunches import Wording, nearest_bunch, vector_bytes, vector_of
from nlp.cards import CardLines

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from handlers.actions.clauses import Clauses
    from handlers.actions.tickets import Staffer
    from models.db import Work
    from models.seal import KeyRing
    from nlp.cards import Card

SHANGHAI = ZoneInfo("Asia/Shanghai")
# Any number that no other lock of this database has; held while questions are grouped.
LOCK = 7_315_600_004
AT_ONCE = 200
# Questions of open groups that new ones are compared with, the newest first.
COMPARED = 2000
SHOWN = 60
# How long an answer waits for a person who has to write first.
WAITS = timedelta(days=60)
TAKEN_BACK = "taken back"
# When an answer and a return that met are both committed.
SETTLED = timedelta(minutes=1)


class OwnWorkError(DomainError):
    """自己写的答案要请另一位同事来复核，这样才稳妥。"""


class ReasonMissingError(DomainError):
    """请写一句原因，别的同事才看得明白。"""


class WordingMissingError(DomainError):
    """请至少写一种问法，每行一种，2 到 200 个字。"""


@dataclass(frozen=True, slots=True)
class Draft:
    """An answer as it was written and validated; `unit` as in `nlp.cards.Card`."""

    law: str
    documents: tuple[str, ...]
    lines: CardLines
    unit: str


async def gather(work: Work, ring: KeyRing, clauses: Clauses, now: datetime) -> int:
    """Put new questions into the groups that ask the same, or into groups of their own; how many.

    One process does it at a time, so that two like questions never make two groups.
    """
    loose = select(Question).where(Question.group_id.is_(None)).order_by(Question.id)
    if await work.scalar(loose.with_only_columns(Question.id).limit(1)) is None:
        return 0
    await work.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
    rows = list(await work.scalars(loose.limit(AT_ONCE)))
    groups, bunches = await _open_bunches(work, ring, clauses)
    for row in rows:
        words = ring.open_text(row.words, WORDS)
        vector = await clauses.vector(words)
        if vector is not None:
            row.vector = ring.seal(vector_bytes(vector), VECTOR)
        wording = Wording(await clauses.likeness(words), vector)
        place = nearest_bunch(wording, bunches)
        if place is None:
            place = len(groups)
            groups.append((await _new_group(work, now)).id)
            bunches.append([])
        row.group_id = groups[place]
        bunches[place].append(wording)
    await work.flush()
    return len(rows)


async def write_answer(
    work: Work, group: QuestionGroup, draft: Draft, staffer: Staffer, now: datetime
) -> DeskCard:
    """Write the answer of a group, or write it anew, as a card that waits for a second person."""
    _expect(group, GroupState.OPEN, GroupState.WAITING)
    await _retire(work, group)
    card = await card_written(work, group)
    if card is None:
        card = DeskCard(slug=draft.lines.slug, group_id=group.id)
        work.add(card)
    card.law, card.documents, card.unit = draft.law, list(draft.documents), draft.unit
    lines = draft.lines.model_copy(update={"slug": card.slug})
    card.lines = lines.model_dump(mode="json")
    card.status = CardStatus.UNVERIFIED
    card.written_by, card.written_at = staffer.id, now
    card.checked_by = card.checked_at = None
    _wait(group, card.slug, staffer, now)
    await work.flush()
    audit.record(work, now, staffer.actor, "question.answer", group.number, about=card.slug)
    return card


async def link(
    work: Work,
    group: QuestionGroup,
    slug: str,
    wordings: Sequence[str],
    staffer: Staffer,
    now: datetime,
) -> None:
    """Say that a card answers already; the wordings will be sample questions of it."""
    _expect(group, GroupState.OPEN, GroupState.WAITING)
    if not wordings:
        raise WordingMissingError
    await _retire(work, group)
    _wait(group, slug, staffer, now)
    await _add(work, group, wordings, staffer, now, live=False)
    audit.record(work, now, staffer.actor, "question.link", group.number, about=slug)


async def add_wordings(
    work: Work, group: QuestionGroup, wordings: Sequence[str], staffer: Staffer, now: datetime
) -> None:
    """Add sample questions to the group's card; they count at once when it is verified."""
    _expect(group, GroupState.WAITING, GroupState.ANSWERED)
    if not wordings:
        raise WordingMissingError
    await _add(work, group, wordings, staffer, now, live=group.state == GroupState.ANSWERED)
    rows = str(len(wordings))
    audit.record(work, now, staffer.actor, "question.wordings", group.number, rows=rows)


async def verify(
    work: Work, ring: KeyRing, group: QuestionGroup, card: Card, staffer: Staffer, now: datetime
) -> int:
    """A second person finds the answer right: it is quoted from now on, and those who asked are
    told, in the same transaction; how many.

    OwnWorkError for who wrote or chose it.
    """
    _expect(group, GroupState.WAITING)
    written = await card_written(work, group)
    own = written is not None and written.slug == group.slug
    if group.answered_by == staffer.id:
        raise OwnWorkError
    if written is not None and own:
        written.status = CardStatus.VERIFIED
        written.checked_by, written.checked_at = staffer.id, now
    await _set_live(work, group, live=True)
    group.state = GroupState.ANSWERED
    group.checked_by, group.checked_at = staffer.id, now
    await work.flush()
    audit.record(work, now, staffer.actor, "question.check", group.number, about=card.slug)
    return await tell(work, ring, group, card, now)


async def tell_returned(
    work: Work, ring: KeyRing, clauses: Clauses, conversation_id: int, now: datetime
) -> int:
    """Tell who follows again the answers that came meanwhile, each once; how many.

    Only what may still be quoted on that day; groups are held until the commit.
    """
    await clauses.all_cards()
    count = 0
    for number in await untold_groups(work, conversation_id):
        group = await find_group(work, number)
        if group is None or group.state != GroupState.ANSWERED:
            continue
        card = await card_of_group(work, group, clauses)
        if card is None or not card.quotable(now.astimezone(SHANGHAI).date()):
            continue
        await forget_skipped(work, group.id, conversation_id)
        count += await tell(work, ring, group, card, now, only=conversation_id)
    return count


async def look_after(work: Work, conversation_id: int) -> None:
    """Somebody is back: what they have missed is told by a job of its own."""
    if await untold_groups(work, conversation_id):
        await enqueue(work, TELL, {"ids": [conversation_id]})


async def tell(
    work: Work,
    ring: KeyRing,
    group: QuestionGroup,
    card: Card,
    now: datetime,
    *,
    only: int | None = None,
) -> int:
    """Put the answer into the outbox for everybody of the group who has not got it; how many.

    Each person once, where they asked last; `only` in one conversation. Who does not follow any
    more is left out until they come back, and so are members of other units when the answer is a
    unit's own rule. The group must be held.
    """
    found = await find_article(work, card.documents[0], card.article)
    answer = told(card, None if found is None else found[1].body)
    by_person: dict[tuple[int, int], list[Question]] = {}
    for row in await questions_of(work, group.id):
        if row.told_at is None:
            person = (row.member_id or 0, 0 if row.member_id else row.conversation_id)
            by_person.setdefault(person, []).append(row)
    count, missed = 0, list[int]()
    for rows in by_person.values():
        newest = rows[0]
        if only not in {None, newest.conversation_id}:
            continue
        if not await _may_be_told(work, newest, card):
            missed.append(newest.conversation_id)
            continue
        opening = _opening(ring, newest, now)
        outgoing = Outgoing(
            newest.conversation_id,
            REPLY.dump_json(say(f"{opening}\n\n{answer}")),
            expiry=WAITS,
            member_id=newest.member_id,
        )
        delivery = await send_later(work, ring, outgoing, now)
        for row in rows:
            row.told_at, row.delivery_id = now, delivery.id
        count += 1
    if missed and only is None:
        # Who comes back while this is being decided may see no answer yet, and be seen as away.
        await enqueue(work, TELL, {"ids": missed}, after=SETTLED)
    await work.flush()
    return count


async def set_aside(
    work: Work, group: QuestionGroup, reason: str, staffer: Staffer, now: datetime
) -> None:
    """Leave a group without an answer, and say why."""
    _expect(group, GroupState.OPEN)
    if not reason.strip():
        raise ReasonMissingError
    group.state, group.reason = GroupState.ASIDE, reason.strip()
    audit.record(work, now, staffer.actor, "question.aside", group.number, reason=group.reason)


async def undo(work: Work, group: QuestionGroup, staffer: Staffer, now: datetime) -> None:
    """Take the last step back: the group is open again.

    Its card is not quoted any more, added wordings do not count, and answers that were not sent
    yet are not sent. Who has got the old answer is told the next one as a correction.
    """
    if group.state == GroupState.OPEN:
        raise ChangedMeanwhileError("这组问题已经在待回答里了。")
    await _retire(work, group)
    group.slug = group.answered_by = group.answered_at = None
    group.checked_by = group.checked_at = group.reason = None
    group.state = GroupState.OPEN
    audit.record(work, now, staffer.actor, "question.undo", group.number)
    rows = [row for row in await questions_of(work, group.id) if row.told_at is not None]
    kept_back = set(
        await work.scalars(
            update(Delivery)
            .where(
                Delivery.id.in_({row.delivery_id for row in rows}),
                Delivery.status.in_((Status.QUEUED, Status.HELD)),
            )
            .values(status=Status.SKIPPED, reason=TAKEN_BACK, ended_at=now)
            .returning(Delivery.id)
        )
    )
    for row in rows:
        row.told_at = None
        if row.delivery_id in kept_back:
            row.delivery_id = None
    await work.flush()


async def move(
    work: Work,
    question: Question,
    target: QuestionGroup | None,
    staffer: Staffer,
    now: datetime,
) -> QuestionGroup:
    """Put a question into another group, or into a new one of its own."""
    if target is None:
        target = await _new_group(work, now)
    question.group_id = target.id
    await work.flush()
    audit.record(work, now, staffer.actor, "question.move", target.number)
    return target


async def find_group(work: Work, number: str) -> QuestionGroup | None:
    """The group of this number, held until the commit; None when there is none."""
    return await work.scalar(
        select(QuestionGroup)
        .where(QuestionGroup.number == number)
        .with_for_update()
        .execution_options(populate_existing=True)
    )


async def card_written(work: Work, group: QuestionGroup) -> DeskCard | None:
    """The card that was written for a group, whatever its status."""
    query = select(DeskCard).where(DeskCard.group_id == group.id).order_by(DeskCard.id.desc())
    return await work.scalar(query.limit(1))


async def card_of_group(work: Work, group: QuestionGroup, clauses: Clauses) -> Card | None:
    """The card that answers a group: its own, or the one it was linked to; None for neither."""
    written = await card_written(work, group)
    if written is not None and written.slug == group.slug:
        return as_card(written)
    return next((card for card in clauses.cards if card.slug == group.slug), None)


async def _open_bunches(
    work: Work, ring: KeyRing, clauses: Clauses
) -> tuple[list[int], list[list[Wording]]]:
    """The ids of the groups that take new questions, and the wordings in each."""
    query = (
        select(Question)
        .join(QuestionGroup, QuestionGroup.id == Question.group_id)
        .where(QuestionGroup.state.in_((GroupState.OPEN, GroupState.WAITING)))
        .order_by(Question.id.desc())
        .limit(COMPARED)
    )
    bunches: dict[int, list[Wording]] = {}
    for row in await work.scalars(query):
        grams = await clauses.likeness(ring.open_text(row.words, WORDS))
        vector = None if row.vector is None else vector_of(ring.open(row.vector, VECTOR))
        if row.group_id is not None:
            bunches.setdefault(row.group_id, []).append(Wording(grams, vector))
    return list(bunches), list(bunches.values())


async def _new_group(work: Work, now: datetime) -> QuestionGroup:
    group = QuestionGroup(number=new_number("Q", now), state=GroupState.OPEN, opened_at=now)
    work.add(group)
    await work.flush()
    return group


def _expect(group: QuestionGroup, *states: GroupState) -> None:
    if group.state not in states:
        raise ChangedMeanwhileError("这组问题刚刚有了变化，请看过最新内容再处理。")


def _wait(group: QuestionGroup, slug: str, staffer: Staffer, now: datetime) -> None:
    group.state, group.slug = GroupState.WAITING, slug
    group.answered_by, group.answered_at = staffer.id, now
    # A new version whatever changed: who saw the older answer does not check this one.
    flag_modified(group, "answered_at")


async def _retire(work: Work, group: QuestionGroup) -> None:
    """What answered before counts no more."""
    written = await card_written(work, group)
    if written is not None:
        written.status = CardStatus.WITHDRAWN
    await _set_live(work, group, live=False)


async def _set_live(work: Work, group: QuestionGroup, *, live: bool) -> None:
    """Make the wordings count that were added for the group's card of now, or none."""
    query = select(CardWording).where(CardWording.group_id == group.id)
    for row in await work.scalars(query):
        row.live = live and row.slug == group.slug
    await work.flush()


async def _add(
    work: Work,
    group: QuestionGroup,
    wordings: Sequence[str],
    staffer: Staffer,
    now: datetime,
    *,
    live: bool,
) -> None:
    known = await work.scalars(select(CardWording).where(CardWording.slug == group.slug))
    rows = {row.words: row for row in known}
    for words in dict.fromkeys(wordings):
        row = rows.get(words)
        if row is None:
            row = CardWording(slug=group.slug, words=words, live=live)
            work.add(row)
        elif row.live:
            continue
        row.group_id, row.added_by, row.added_at = group.id, staffer.id, now
        row.live = live
    await work.flush()


async def _may_be_told(work: Work, question: Question, card: Card) -> bool:
    conversation = await work.get_one(Conversation, question.conversation_id)
    if not conversation.following:
        return False
    if not card.unit:
        return True
    path = await work.scalar(
        select(Unit.path)
        .join(Member, Member.unit_id == Unit.id)
        .where(Member.id == question.member_id)
    )
    return (path or "").startswith(card.unit)


def _opening(ring: KeyRing, question: Question, now: datetime) -> str:
    """When they asked, and what; that an earlier answer does not hold, where there was one."""
    asked = question.asked_at.astimezone(SHANGHAI)
    year = "" if asked.year == now.astimezone(SHANGHAI).year else f"{asked.year} 年 "
    words = ring.open_text(question.words, WORDS)
    words = words if len(words) <= SHOWN else f"{words[:SHOWN]}……"
    news = "现在有答案了：" if question.delivery_id is None else "之前的答复有更正，以这次为准："
    return f"您 {year}{asked.month} 月 {asked.day} 日问过：“{words}”\n{news}"
