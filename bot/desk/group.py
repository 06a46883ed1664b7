"""One group of questions: who asked what, what was near, the answer, its check, who was told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Literal, cast

import aiohttp_jinja2
from aiohttp import web
from pydantic import Field
from sqlalchemy import select

from bot.desk import words
from bot.desk.board import BoardSearch, find_rows
from bot.desk.candidates import candidates
from bot.desk.case import history
from bot.desk.forms import Form, Line, Query, Words, first_time, read_form, read_query
from bot.desk.parts import PARTS
from bot.desk.people import Opening, Person, is_open, open_up, person_of
from bot.desk.rights import VISITOR, Right, askers_in_reach, needs
from bot.desk.view import go, page
from handlers.actions import board
from handlers.actions.answers import told
from handlers.errors import ChangedMeanwhileError, DomainError
from models.conversation import Conversation
from models.delivery import Delivery
from models.member import Member
from models.policy import find_article
from models.question import (
    NEAR,
    WORDS,
    GroupState,
    Question,
    QuestionGroup,
    desk_mark,
)
from models.staff import Staff
from models.unit import Unit
from nlp.masked import MASK, masked

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.desk.parts import DeskParts
    from bot.desk.rights import Visitor
    from models.db import Work
    from models.seal import KeyRing
    from nlp.cards import Card

REASONS = ("核对会员的原话", "需要联系会员", "复核答案")
SHORTEST, LONGEST = 2, 200
# Questions of a group that the check asks again.
ASKED_AGAIN = 20
TARGETS = 100


class ActForm(Form):
    """What to do with the group as the visitor saw it."""

    act: Literal["aside", "undo", "check"]
    reason: Line = ""
    version: Annotated[int, Field(ge=1)]


class OpenForm(Form):
    """Why the questions are needed word for word."""

    reason: Line


class MoveForm(Form):
    """Which question, and the number of the group it belongs to; "" for one of its own."""

    question: Line
    to: Line = ""


class WordingsForm(Form):
    """More sample questions, one a line."""

    wordings: Words


@dataclass(frozen=True, slots=True)
class Held:
    """A group with its questions in the visitor's reach, the newest first."""

    group: QuestionGroup
    questions: Sequence[tuple[Question, Member | None, Unit | None]]


@dataclass(frozen=True, slots=True)
class Asked:
    """One question as staff read it; `person` only once the words were opened."""

    id: str
    said: str
    at: datetime
    why: words.Label
    unit_kind: str
    person: Person | None


@dataclass(frozen=True, slots=True)
class Reached:
    """One person, and what became of the answer to them."""

    person: Person
    state: words.Label
    reason: str


@dataclass(frozen=True, slots=True)
class Tried:
    """One question asked again: whether its card comes first, in each way of searching."""

    words: str
    characters: bool
    meaning: bool | None


@dataclass(frozen=True, slots=True)
class Check:
    """The check; not `settled` while this process has not taken the card over yet."""

    settled: bool
    rows: Sequence[Tried]

    @property
    def missed(self) -> int:
        """How many questions do not find their card first."""
        return sum(not (row.characters and row.meaning is not False) for row in self.rows)


@needs(Right.KNOWLEDGE)
async def show(request: web.Request) -> web.StreamResponse:
    """The page of one group."""
    read_query(request, Query)
    async with request.app[PARTS].sessions() as work:
        held = await find(work, request[VISITOR], request.match_info["number"])
        return await _page(request, work, held, {})


@needs(Right.KNOWLEDGE)
async def check_again(request: web.Request) -> web.StreamResponse:
    """The check alone, while the browser waits for the card to be taken over."""
    parts = request.app[PARTS]
    async with parts.sessions() as work:
        held = await find(work, request[VISITOR], request.match_info["number"])
        card = await board.card_of_group(work, held.group, parts.clauses)
        check = await _check(work, parts, held, card)
    if check is None:
        raise web.HTTPNotFound
    values = {"group": held.group, "check": check}
    return aiohttp_jinja2.render_template("group_check.html", request, values)


@needs(Right.KNOWLEDGE)
async def act(request: web.Request) -> web.StreamResponse:
    """Set aside, take back, or find the answer right as a second person."""
    parts, visitor, now = request.app[PARTS], request[VISITOR], request.app[PARTS].clock()
    form = await read_form(request, ActForm)
    number = request.match_info["number"]
    try:
        async with parts.sessions.begin() as work:
            group = (await find(work, visitor, number, hold=True)).group
            if await first_time(request, work, form, now):
                await _act(work, parts, visitor, group, form)
    except DomainError as exc:
        return await _again(request, {f"wrong_{form.act}": exc.sentence, "typed": form.reason})
    return go(f"/desk/board/{number}?done={form.act}")


@needs(Right.KNOWLEDGE)
async def open_words(request: web.Request) -> web.StreamResponse:
    """Open the questions word for word, for a reason that is written down."""
    parts, visitor, now = request.app[PARTS], request[VISITOR], request.app[PARTS].clock()
    form = await read_form(request, OpenForm)
    number = request.match_info["number"]
    if not form.reason:
        return await _again(request, {"wrong_reason": "请先写一下为什么要看原话。"})
    async with parts.sessions.begin() as work:
        await find(work, visitor, number)
        open_up(work, visitor, Opening("question.read", number, form.reason, number), now)
    return go(f"/desk/board/{number}#questions")


@needs(Right.KNOWLEDGE)
async def move(request: web.Request) -> web.StreamResponse:
    """Put one question into another group; who asked it is told when that one is answered."""
    parts, visitor, now = request.app[PARTS], request[VISITOR], request.app[PARTS].clock()
    form = await read_form(request, MoveForm)
    number = request.match_info["number"]
    async with parts.sessions.begin() as work:
        target = (await find(work, visitor, form.to, hold=True)).group if form.to else None
        held = await find(work, visitor, number)
        question = next(
            (row for row, *_ in held.questions if row.public_id == form.question), None
        )
        if question is None:
            raise web.HTTPNotFound
        if await first_time(request, work, form, now):
            target = await board.move(work, question, target, visitor.staffer, now)
            if target.state == GroupState.ANSWERED:
                card = await board.card_of_group(work, target, parts.clauses)
                if card is not None:
                    await board.tell(work, parts.ring, target, card, now)
    return go(f"/desk/board/{number if target is None else target.number}?done=move")


@needs(Right.KNOWLEDGE)
async def add_wordings(request: web.Request) -> web.StreamResponse:
    """Add sample questions to the card, where a question does not find it yet."""
    parts, visitor, now = request.app[PARTS], request[VISITOR], request.app[PARTS].clock()
    form = await read_form(request, WordingsForm)
    number = request.match_info["number"]
    try:
        async with parts.sessions.begin() as work:
            group = (await find(work, visitor, number, hold=True)).group
            if await first_time(request, work, form, now):
                lines = wordings(form.wordings)
                await board.add_wordings(work, group, lines, visitor.staffer, now)
    except DomainError as exc:
        said = {"wrong_wordings": exc.sentence, "typed_wordings": form.wordings}
        return await _again(request, said)
    return go(f"/desk/board/{number}?done=wordings#check")


def wordings(typed: str) -> list[str]:
    """One wording a line; WordingMissingError when one is too short or too long."""
    lines = [line.strip() for line in typed.splitlines() if line.strip()]
    if any(not SHORTEST <= len(line) <= LONGEST for line in lines):
        raise board.WordingMissingError
    return lines


async def find(work: Work, visitor: Visitor, number: str, *, hold: bool = False) -> Held:
    """The group, held until the commit if asked; 404 without a question in the visitor's reach."""
    query = select(QuestionGroup).where(QuestionGroup.number == number)
    if hold:
        group = await board.find_group(work, number)
    else:
        group = await work.scalar(query)
    if group is None:
        raise web.HTTPNotFound
    questions = (
        select(Question, Member, Unit)
        .outerjoin(Member, Member.id == Question.member_id)
        .outerjoin(Unit, Unit.id == Member.unit_id)
        .where(Question.group_id == group.id, askers_in_reach(visitor))
        .order_by(Question.asked_at.desc(), Question.id.desc())
    )
    rows = (await work.execute(questions)).all()
    if not rows:
        raise web.HTTPNotFound
    # The types of SQLAlchemy do not know that an outer join may find nothing.
    found = cast("Sequence[tuple[Question, Member | None, Unit | None]]", rows)
    return Held(group, found)


def said_in(ring: KeyRing, held: Held) -> list[str]:
    """The different questions of a group, masked: those without a mask first, else the newest."""
    said = dict.fromkeys(masked(ring.open_text(row.words, WORDS)) for row, *_ in held.questions)
    return sorted(said, key=lambda words: MASK in words)


async def read_by_members(work: Work, card: Card) -> str:
    """The answer as a member reads it."""
    found = await find_article(work, card.documents[0], card.article)
    return told(card, None if found is None else found[1].body)


async def _act(
    work: Work, parts: DeskParts, visitor: Visitor, group: QuestionGroup, form: ActForm
) -> None:
    now, staffer = parts.clock(), visitor.staffer
    if group.version != form.version:
        raise ChangedMeanwhileError("这组问题刚刚有了变化，请看过最新内容再处理。")
    if form.act == "aside":
        await board.set_aside(work, group, form.reason, staffer, now)
    elif form.act == "undo":
        await board.undo(work, group, staffer, now)
    else:
        card = await board.card_of_group(work, group, parts.clauses)
        if card is None:
            raise ChangedMeanwhileError("这张卡已经撤回了，请先退回到待回答，再换一张。")
        await board.verify(work, parts.ring, group, card, staffer, now)


async def _again(request: web.Request, said: Mapping[str, str]) -> web.Response:
    """The page once more, saying what was wrong."""
    async with request.app[PARTS].sessions() as work:
        held = await find(work, request[VISITOR], request.match_info["number"])
        return await _page(request, work, held, said, status=409)


async def _page(
    request: web.Request,
    work: Work,
    held: Held,
    said: Mapping[str, str],
    *,
    status: int = 200,
) -> web.Response:
    parts, visitor, group = request.app[PARTS], request[VISITOR], held.group
    opened = await is_open(work, visitor, "question.read", group.number, parts.clock())
    card = await board.card_of_group(work, group, parts.clauses)
    newest = held.questions[0][0]
    values = {
        "group": group,
        "state": words.GROUP[group.state],
        "sample": said_in(parts.ring, held)[0],
        "asked": [_asked(parts.ring, row, opened=opened) for row in held.questions],
        "opened": opened,
        "near": candidates(NEAR.validate_python(newest.near)),
        "card": card,
        "answer": "" if card is None else await read_by_members(work, card),
        "own": group.answered_by == visitor.staff_id,
        "people": await _names(work, group),
        "check": await _check(work, parts, held, card),
        "reached": await _reached(work, parts.ring, held, card),
        "targets": await _targets(work, parts, visitor, group),
        "history": await history(work, group.number),
        "reasons": REASONS,
        "wrong_reason": "",
        "wrong_aside": "",
        "wrong_undo": "",
        "wrong_check": "",
        "wrong_wordings": "",
        "typed": "",
        "typed_wordings": "",
    }
    return page(request, "group.html", {**values, **said}, status=status)


def _asked(
    ring: KeyRing, row: tuple[Question, Member | None, Unit | None], *, opened: bool
) -> Asked:
    question, member, unit = row
    said = ring.open_text(question.words, WORDS)
    return Asked(
        question.public_id,
        said if opened else masked(said),
        question.asked_at,
        words.ASKED[question.reason],
        question.unit_kind or "",
        person_of(ring, member, unit) if opened else None,
    )


async def _names(work: Work, group: QuestionGroup) -> dict[str, str]:
    """Who answered and who checked, by name."""
    ids = {"answered": group.answered_by, "checked": group.checked_by}
    rows = await work.execute(select(Staff.id, Staff.name).where(Staff.id.in_(ids.values())))
    names = dict(rows.all())
    return {what: "" if row is None else names[row] for what, row in ids.items()}


async def _check(work: Work, parts: DeskParts, held: Held, card: Card | None) -> Check | None:
    """Ask the group's questions again, as those whom the answer is for; None without one."""
    group = held.group
    if group.state != GroupState.ANSWERED or card is None:
        return None
    if not parts.clauses.taken_over.endswith(await desk_mark(work)):
        return Check(settled=False, rows=())
    rows = []
    for question, _, unit in held.questions[:ASKED_AGAIN]:
        said = parts.ring.open_text(question.words, WORDS)
        path = "" if unit is None else unit.path
        if not path.startswith(card.unit):
            continue
        found = await parts.clauses.first_cards(said, path)
        hits = [slug == group.slug for slug in found]
        rows.append(Tried(masked(said), hits[0], hits[1] if len(hits) > 1 else None))
    return Check(settled=True, rows=rows)


async def _reached(work: Work, ring: KeyRing, held: Held, card: Card | None) -> list[Reached]:
    """What became of the answer, a line for each person; empty before there is one."""
    if held.group.state != GroupState.ANSWERED or card is None:
        return []
    ids = [row.delivery_id for row, *_ in held.questions if row.told_at is not None]
    sent = {
        row.id: row for row in await work.scalars(select(Delivery).where(Delivery.id.in_(ids)))
    }
    people: dict[tuple[int | None, int], Reached] = {}
    for question, member, unit in held.questions:
        key = (question.member_id, 0 if question.member_id else question.conversation_id)
        if key in people:
            continue
        person = person_of(ring, member, unit)
        if question.told_at is not None and question.delivery_id is not None:
            row = sent[question.delivery_id]
            state = words.DELIVERY[row.status]
            people[key] = Reached(person, state, words.reason(row.reason))
            continue
        conversation = await work.get_one(Conversation, question.conversation_id)
        why = "等对方下次来信时告诉"
        if not conversation.following:
            why = f"{words.REASONS['not following']}，再关注时告诉"
        elif card.unit:
            why = "这是别的单位的规定"
        people[key] = Reached(person, words.Label("没有告诉", "secondary"), why)
    return list(people.values())


async def _targets(
    work: Work, parts: DeskParts, visitor: Visitor, group: QuestionGroup
) -> dict[str, str]:
    """The groups that a question can be moved to, by number."""
    rows = await find_rows(work, parts, visitor, BoardSearch(state="all"))
    return {
        row.number: row.sample
        for row in rows[:TARGETS]
        if row.number != group.number and row.state != GroupState.ASIDE
    }
