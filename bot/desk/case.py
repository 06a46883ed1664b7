"""One application: what was answered, the evidence, and the decision."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Literal

from aiohttp import web
from pydantic import Field
from sqlalchemy import func, select, tuple_

from bot.desk import words
from bot.desk.cases import title_of
from bot.desk.forms import Form, Line, Query, Words, first_time, read_form, read_query
from bot.desk.parts import PARTS
from bot.desk.people import Opening, is_open, open_up, person_of
from bot.desk.rights import VISITOR, Right, members_in_reach, needs
from bot.desk.view import go, page
from handlers.actions import cases
from handlers.errors import DomainError
from models import audit
from models.application import Application, CaseStatus
from models.conversation import Conversation
from models.member import Member
from models.staff import Staff
from models.unit import Unit

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import ColumnElement

    from bot.desk.parts import DeskParts, Shown
    from bot.desk.rights import Visitor
    from models.audit import AuditEntry
    from models.db import Work

REASONS = ("审核申请材料", "核实身份", "复核")


@dataclass(frozen=True, slots=True)
class Phrase:
    """A ready sentence to the member, to be picked and changed."""

    decision: str
    words: str


DECISIONS: Mapping[str, str] = {
    CaseStatus.RETURNED: "退回补充",
    CaseStatus.APPROVED: "审核通过",
    CaseStatus.REFUSED: "不予通过",
}
PHRASES = (
    Phrase(CaseStatus.RETURNED, "照片看不清，请在光线好的地方重新拍一张，字要能看清楚。"),
    Phrase(CaseStatus.RETURNED, "材料少了一页，请把缺的那一页补拍上来，其他的不用重填。"),
    Phrase(CaseStatus.RETURNED, "填写的内容和材料对不上，请核对后改一下再提交。"),
    Phrase(CaseStatus.APPROVED, "材料齐全，符合条件。"),
    Phrase(
        CaseStatus.REFUSED,
        "这次的情况还不符合申请条件。有不清楚的地方，可以在这里发“人工”，我们当面跟您说。",
    ),
)


class CaseQuery(Query):
    """`phrase` is the place of a ready sentence that fills the box, from 1."""

    phrase: Annotated[int, Field(ge=0, le=len(PHRASES))] = 0


class NextQuery(Query):
    """The case that was open just now; "" begins with the first that waits."""

    after: Annotated[str, Field(max_length=40)] = ""


class DecisionForm(Form):
    """The decision on the case as the reviewer saw it."""

    decision: Literal["", "returned", "approved", "refused"] = ""
    sentence: Words
    version: Annotated[int, Field(ge=1)]


class OpenForm(Form):
    """Why the sensitive answers are needed."""

    reason: Line


@dataclass(frozen=True, slots=True)
class Held:
    """A case with its member."""

    case: Application
    member: Member
    unit: Unit


@dataclass(frozen=True, slots=True)
class Past:
    """One act on the case."""

    at: datetime
    who: str
    what: str
    reason: str


@needs(Right.CASES)
async def show(request: web.Request) -> web.StreamResponse:
    """The page of one case."""
    query = read_query(request, CaseQuery)
    filled: Mapping[str, str] = {}
    if query.phrase:
        phrase = PHRASES[query.phrase - 1]
        filled = {"typed": phrase.words, "decision": phrase.decision}
    async with request.app[PARTS].sessions() as work:
        held = await find(work, request[VISITOR], request.match_info["number"])
        return await _page(request, work, held, filled)


@needs(Right.CASES)
async def show_next(request: web.Request) -> web.StreamResponse:
    """The next case that waits, from the one that was open on; after the last comes the first."""
    query, visitor = read_query(request, NextQuery), request[VISITOR]
    async with request.app[PARTS].sessions() as work:
        number = None
        if query.after:
            case = (await find(work, visitor, query.after)).case
            number = await _waiting(work, visitor, _later(case), forward=True)
        number = number or await _waiting(work, visitor, None, forward=True)
    if number is None or number == query.after:
        return go("/desk/cases?done=none")
    return go(f"/desk/cases/{number}")


@needs(Right.CASES)
async def decide(request: web.Request) -> web.StreamResponse:
    """Return, approve or refuse; what was typed stays in the box when it cannot be done."""
    parts, visitor, now = request.app[PARTS], request[VISITOR], request.app[PARTS].clock()
    form = await read_form(request, DecisionForm)
    number = request.match_info["number"]
    typed = {"typed": form.sentence, "decision": form.decision}
    if not form.decision:
        return await _again(request, {**typed, "wrong": "请先选一个处理结果。"})
    try:
        async with parts.sessions.begin() as work:
            held = await find(work, visitor, number, hold=True)
            if await first_time(request, work, form, now):
                decision = cases.Decision(
                    CaseStatus(form.decision),
                    form.sentence,
                    title_of(parts, held.case.programme),
                    form.version,
                )
                staffer = visitor.staffer
                await cases.decide(work, parts.ring, held.case, staffer, decision, now)
    except DomainError as exc:
        return await _again(request, {**typed, "wrong": exc.sentence})
    return go(f"/desk/cases/{number}?done=decide")


@needs(Right.CASES)
async def open_answers(request: web.Request) -> web.StreamResponse:
    """Open the sensitive answers, for a reason that is written down."""
    parts, visitor, now = request.app[PARTS], request[VISITOR], request.app[PARTS].clock()
    form = await read_form(request, OpenForm)
    number = request.match_info["number"]
    if not form.reason:
        return await _again(request, {"wrong_reason": "请先写一下为什么要看这些内容。"})
    async with parts.sessions.begin() as work:
        await find(work, visitor, number)
        open_up(work, visitor, Opening("case.read", number, form.reason, number), now)
    return go(f"/desk/cases/{number}#answers")


async def find(work: Work, visitor: Visitor, number: str, *, hold: bool = False) -> Held:
    """The case, held until the commit if asked; 404 when it is not in the visitor's reach."""
    query = (
        select(Application, Member, Unit)
        .join(Member, Member.id == Application.member_id)
        .join(Unit, Unit.id == Member.unit_id)
        .where(Application.number == number, members_in_reach(visitor))
    )
    if hold:
        query = query.with_for_update(of=Application)
    row = (await work.execute(query)).one_or_none()
    if row is None:
        raise web.HTTPNotFound
    return Held(*row)


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
    parts, visitor = request.app[PARTS], request[VISITOR]
    case = held.case
    answers = _answers(parts, case)
    values = {
        "case": case,
        "waiting": case.status == CaseStatus.SENT,
        "status": words.CASE[case.status],
        "title": title_of(parts, case.programme),
        "person": person_of(parts.ring, held.member, held.unit),
        "answers": answers,
        "shut": any(answer.sensitive for answer in answers)
        and not await is_open(work, visitor, "case.read", case.number, parts.clock()),
        "sentence": cases.sentence_of(case, parts.ring),
        "reached": await _reached(work, held.member),
        "history": await history(work, case.number),
        "next": await _waiting(work, visitor, _later(case), forward=True),
        "previous": await _waiting(work, visitor, _earlier(case), forward=False),
        "decisions": DECISIONS,
        "phrases": PHRASES,
        "reasons": REASONS,
        "wrong": "",
        "wrong_reason": "",
        "typed": "",
        "decision": "",
    }
    return page(request, "case.html", {**values, **said}, status=status)


def _answers(parts: DeskParts, case: Application) -> Sequence[Shown]:
    """The answers as rows; none when the programme is not in the catalogue any more."""
    if case.programme not in parts.programmes:
        return ()
    return parts.describe(case.programme, cases.answers_of(case, parts.ring))


async def _reached(work: Work, member: Member) -> bool:
    """Whether a sentence to the member has a way to them at all."""
    query = select(func.count()).where(Conversation.member_id == member.id, Conversation.following)
    return bool(await work.scalar(query))


async def history(work: Work, number: str) -> list[Past]:
    """What was done to one subject, the newest first."""
    entries = await audit.about(work, number)
    logins = {entry.actor.removeprefix("staff:") for entry in entries}
    names = await work.execute(select(Staff.login, Staff.name).where(Staff.login.in_(logins)))
    known = dict(names.all())
    return [_past(entry, known) for entry in reversed(entries)]


def _past(entry: AuditEntry, names: Mapping[str, str]) -> Past:
    login = entry.actor.removeprefix("staff:")
    who = "申请人" if entry.actor.startswith("member") else names.get(login, entry.actor)
    what = words.ACTION.get(entry.action, entry.action)
    return Past(entry.at, who, what, entry.data.get("reason", ""))


def _place(case: Application) -> tuple[datetime, int]:
    return case.sent_at, case.id


def _later(case: Application) -> ColumnElement[bool]:
    return tuple_(Application.sent_at, Application.id) > _place(case)


def _earlier(case: Application) -> ColumnElement[bool]:
    return tuple_(Application.sent_at, Application.id) < _place(case)


async def _waiting(
    work: Work, visitor: Visitor, beyond: ColumnElement[bool] | None, *, forward: bool
) -> str | None:
    """The nearest waiting case in one direction."""
    place = (Application.sent_at, Application.id)
    order = place if forward else tuple(column.desc() for column in place)
    query = (
        select(Application.number)
        .join(Member, Member.id == Application.member_id)
        .join(Unit, Unit.id == Member.unit_id)
        .where(members_in_reach(visitor), Application.status == CaseStatus.SENT)
        .order_by(*order)
    )
    if beyond is not None:
        query = query.where(beyond)
    number: str | None = await work.scalar(query.limit(1))
    return number
