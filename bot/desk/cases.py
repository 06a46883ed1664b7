"""Applications in a list: what waits for a decision, and what became of the rest."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Literal, cast

from pydantic import Field
from sqlalchemy import Select, func, select

from bot.desk import words
from bot.desk.forms import Form, Line, Search, read_form, read_query
from bot.desk.parts import PARTS
from bot.desk.people import Person, person_of, sought
from bot.desk.rights import VISITOR, Right, Visitor, members_in_reach, needs
from bot.desk.sheet import LONGEST, sheet
from bot.desk.view import SHORT, page, paging
from models import audit
from models.application import Application, CaseStatus
from models.member import Member
from models.staff import Staff
from models.unit import Unit

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aiohttp import web

    from bot.desk.parts import DeskParts
    from models.db import Work
    from models.seal import KeyRing

State = Literal["sent", "returned", "approved", "refused", "withdrawn", "all"]
Slug = Annotated[str, Field(pattern=r"^[a-z0-9_]*$", max_length=60)]
HEAD = ("编号", "姓名", "单位", "项目", "状态", "提交时间", "决定时间", "决定人")

Found = tuple[Application, Member, Unit, str | None]
Cases = Select[Application, Member, Unit, str | None]


class CaseSearch(Search):
    """Which cases; `programme` is a slug, "" for every one."""

    state: State = "sent"
    programme: Slug = ""


class CaseExport(Form):
    """Which cases go into the file."""

    q: Line = ""
    state: State = "sent"
    programme: Slug = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One case in the list."""

    number: str
    person: Person
    title: str
    status: words.Label
    waiting: bool
    sent_at: datetime
    decided_at: datetime | None
    decided_by: str


@dataclass(frozen=True, slots=True)
class Tab:
    """One state with how many cases are in it."""

    state: str
    title: str
    count: int


@needs(Right.CASES)
async def show(request: web.Request) -> web.StreamResponse:
    """The list."""
    parts, visitor = request.app[PARTS], request[VISITOR]
    search = read_query(request, CaseSearch)
    query = _cases(parts.ring, visitor, search)
    async with parts.sessions() as work:
        counts = await _counts(work, query)
        total = sum(counts.values()) if search.state == "all" else counts.get(search.state, 0)
        start = (search.page - 1) * SHORT
        ordered = _ordered(_in_state(query, search), search).offset(start).limit(SHORT)
        found = (await work.execute(ordered)).all()
    values = {
        "search": search,
        "tabs": _tabs(counts),
        "programmes": {slug: each.title for slug, each in parts.programmes.items()},
        "rows": [_row(parts, row) for row in found],
        "paging": paging(search, total, state=search.state, programme=search.programme),
    }
    return page(request, "cases.html", values)


@needs(Right.CASES)
async def export(request: web.Request) -> web.StreamResponse:
    """The list as a file, without answers; on record, as it leaves the desk."""
    parts, visitor = request.app[PARTS], request[VISITOR]
    form, now = await read_form(request, CaseExport), parts.clock()
    search = CaseSearch(q=form.q, state=form.state, programme=form.programme)
    query = _in_state(_cases(parts.ring, visitor, search), search)
    async with parts.sessions.begin() as work:
        found = (await work.execute(_ordered(query, search).limit(LONGEST))).all()
        audit.record(
            work,
            now,
            visitor.staffer.actor,
            "case.export",
            visitor.login,
            rows=str(len(found)),
            state=search.state,
        )
    return sheet("cases", HEAD, [_cells(parts, row) for row in found])


def title_of(parts: DeskParts, slug: str) -> str:
    """The programme's title; its slug when the programme has been taken out of the catalogue."""
    programme = parts.programmes.get(slug)
    return slug if programme is None else programme.title


def _cases(ring: KeyRing, visitor: Visitor, search: CaseSearch) -> Cases:
    joined = (
        select(Application, Member, Unit, Staff.name)
        .join(Member, Member.id == Application.member_id)
        .join(Unit, Unit.id == Member.unit_id)
        .outerjoin(Staff, Staff.id == Application.decided_by)
        .where(members_in_reach(visitor))
    )
    # The types of SQLAlchemy do not know that an outer join may find nothing.
    query = cast("Cases", joined)
    if search.programme:
        query = query.where(Application.programme == search.programme)
    wanted = sought(ring, search.q, Application.number)
    return query if wanted is None else query.where(wanted)


def _in_state(query: Cases, search: CaseSearch) -> Cases:
    return query if search.state == "all" else query.where(Application.status == search.state)


def _ordered(query: Cases, search: CaseSearch) -> Cases:
    """What waits is worked off from the oldest; the rest is looked up from the newest."""
    if search.state == "sent":
        return query.order_by(Application.sent_at, Application.id)
    return query.order_by(Application.sent_at.desc(), Application.id.desc())


async def _counts(work: Work, query: Cases) -> dict[str, int]:
    counted = query.with_only_columns(Application.status, func.count()).group_by(
        Application.status
    )
    return dict((await work.execute(counted)).all())


def _tabs(counts: Mapping[str, int]) -> list[Tab]:
    tabs = [Tab(state, label.words, counts.get(state, 0)) for state, label in words.CASE.items()]
    return [*tabs, Tab("all", "全部", sum(counts.values()))]


def _row(parts: DeskParts, row: Found) -> Row:
    case, member, unit, decider = row
    return Row(
        case.number,
        person_of(parts.ring, member, unit),
        title_of(parts, case.programme),
        words.CASE[case.status],
        case.status == CaseStatus.SENT,
        case.sent_at,
        case.decided_at,
        decider or "",
    )


def _cells(parts: DeskParts, found: Found) -> tuple[str, ...]:
    row = _row(parts, found)
    return (
        row.number,
        row.person.name,
        row.person.unit,
        row.title,
        row.status.words,
        words.stamp(row.sent_at),
        words.stamp(row.decided_at) if row.decided_at else "",
        row.decided_by,
    )
