"""The board: what members asked in vain, like questions together, the most asked first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Literal

from sqlalchemy import Select, func, select

from bot.desk import words
from bot.desk.forms import Form, Line, Search, read_form, read_query
from bot.desk.parts import PARTS
from bot.desk.rights import VISITOR, Right, Visitor, askers_in_reach, needs
from bot.desk.sheet import LONGEST, sheet
from bot.desk.view import SHORT, page, paging
from handlers.actions.board import gather
from models import audit
from models.member import Member
from models.question import WORDS, GroupState, Question, QuestionGroup
from models.unit import Unit
from nlp.masked import masked

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from aiohttp import web

    from bot.desk.parts import DeskParts
    from models.db import Work
    from models.seal import KeyRing

State = Literal["open", "waiting", "answered", "aside", "all"]
Sort = Literal["count", "newest"]
SORTS: Mapping[str, str] = {"count": "问得最多的在前", "newest": "最近问的在前"}
HEAD = ("编号", "问题", "问过几次", "最早", "最近", "状态")


class BoardSearch(Search):
    """Which groups, in which order."""

    state: State = "open"
    sort: Sort = "count"


class BoardExport(Form):
    """Which groups go into the file."""

    q: Line = ""
    state: State = "open"
    sort: Sort = "count"


@dataclass(frozen=True, slots=True)
class Row:
    """One group with its questions in the visitor's reach; `sample` is the newest, masked."""

    number: str
    state: str
    sample: str
    count: int
    oldest: datetime
    newest: datetime

    @property
    def label(self) -> words.Label:
        """The state in words."""
        return words.GROUP[self.state]


@dataclass(frozen=True, slots=True)
class Tab:
    """One state with how many groups are in it."""

    state: str
    title: str
    count: int


@needs(Right.KNOWLEDGE)
async def show(request: web.Request) -> web.StreamResponse:
    """The list; what came in since the last look is put into its groups first."""
    parts, visitor = request.app[PARTS], request[VISITOR]
    search = read_query(request, BoardSearch)
    async with parts.sessions.begin() as work:
        await gather(work, parts.ring, parts.clauses, parts.clock())
    async with parts.sessions() as work:
        rows = await find_rows(work, parts, visitor, search)
        counts = await _counts(work, visitor)
    start = (search.page - 1) * SHORT
    values = {
        "search": search,
        "sorts": SORTS,
        "tabs": _tabs(counts),
        "rows": rows[start : start + SHORT],
        "paging": paging(search, len(rows), state=search.state, sort=search.sort),
    }
    return page(request, "board.html", values)


@needs(Right.KNOWLEDGE)
async def export(request: web.Request) -> web.StreamResponse:
    """The list as a file, masked as on the page; on record, as it leaves the desk."""
    parts, visitor = request.app[PARTS], request[VISITOR]
    form, now = await read_form(request, BoardExport), parts.clock()
    search = BoardSearch(q=form.q, state=form.state, sort=form.sort)
    async with parts.sessions.begin() as work:
        rows = (await find_rows(work, parts, visitor, search))[:LONGEST]
        audit.record(
            work,
            now,
            visitor.staffer.actor,
            "question.export",
            visitor.login,
            rows=str(len(rows)),
            state=search.state,
        )
    return sheet("questions", HEAD, [_cells(row) for row in rows])


async def find_rows(
    work: Work, parts: DeskParts, visitor: Visitor, search: BoardSearch
) -> list[Row]:
    """Every group that is searched for, in order."""
    query = _groups(visitor)
    if search.state != "all":
        query = query.where(QuestionGroup.state == search.state)
    found = (await work.execute(query)).all()
    samples = await _words(work, parts.ring, [newest_id for *_, newest_id in found])
    rows = [
        Row(number, state, samples[newest_id], count, oldest, newest)
        for number, state, count, oldest, newest, newest_id in found
    ]
    if search.q:
        wanted = await _numbers_saying(work, parts.ring, visitor, search.q)
        rows = [row for row in rows if row.number in wanted]
    return sorted(rows, key=lambda row: _order(row, search.sort), reverse=True)


def _order(row: Row, sort: str) -> tuple[float, float]:
    newest = row.newest.timestamp()
    return (row.count, newest) if sort == "count" else (newest, row.count)


def _groups(visitor: Visitor) -> Select[str, str, int, datetime, datetime, int]:
    return (
        select(
            QuestionGroup.number,
            QuestionGroup.state,
            func.count(Question.id),
            func.min(Question.asked_at),
            func.max(Question.asked_at),
            func.max(Question.id),
        )
        .join(Question, Question.group_id == QuestionGroup.id)
        .outerjoin(Member, Member.id == Question.member_id)
        .outerjoin(Unit, Unit.id == Member.unit_id)
        .where(askers_in_reach(visitor))
        .group_by(QuestionGroup.id)
    )


async def _words(work: Work, ring: KeyRing, ids: Sequence[int]) -> dict[int, str]:
    rows = await work.execute(select(Question.id, Question.words).where(Question.id.in_(ids)))
    return {row: masked(ring.open_text(sealed, WORDS)) for row, sealed in rows.all()}


async def _numbers_saying(work: Work, ring: KeyRing, visitor: Visitor, wanted: str) -> set[str]:
    """The groups with a question that holds these words, or whose number it is."""
    query = (
        select(QuestionGroup.number, Question.words)
        .join(Question, Question.group_id == QuestionGroup.id)
        .outerjoin(Member, Member.id == Question.member_id)
        .outerjoin(Unit, Unit.id == Member.unit_id)
        .where(askers_in_reach(visitor))
    )
    return {
        number
        for number, sealed in (await work.execute(query)).all()
        if wanted.upper() == number or wanted in masked(ring.open_text(sealed, WORDS))
    }


async def _counts(work: Work, visitor: Visitor) -> Mapping[str, int]:
    groups = _groups(visitor).subquery()
    query = select(groups.c.state, func.count()).group_by(groups.c.state)
    return dict((await work.execute(query)).all())


def _tabs(counts: Mapping[str, int]) -> list[Tab]:
    tabs = [Tab(state, words.GROUP[state].words, counts.get(state, 0)) for state in GroupState]
    return [*tabs, Tab("all", "全部", sum(counts.values()))]


def _cells(row: Row) -> tuple[str, ...]:
    return (
        row.number,
        row.sample,
        str(row.count),
        words.stamp(row.oldest),
        words.stamp(row.newest),
        row.label.words,
    )
