"""The audit log: who did what, and whether the record is whole."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import Select, func, select

from bot.desk import words
from bot.desk.forms import Form, Line, Search, read_form, read_query
from bot.desk.parts import PARTS
from bot.desk.rights import VISITOR, Right, needs
from bot.desk.view import SHORT, page, paging
from models import audit
from models.audit import AuditEntry

if TYPE_CHECKING:
    from aiohttp import web


class TrailSearch(Search):
    """Entries about exactly this subject, by exactly this actor."""

    subject: Line = ""
    actor: Line = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One entry."""

    id: int
    at: datetime
    actor: str
    what: str
    subject: str
    data: Mapping[str, str]


@needs(Right.AUDIT)
async def show(request: web.Request) -> web.StreamResponse:
    """The newest entries first."""
    return await _page(request, read_query(request, TrailSearch), {})


@needs(Right.AUDIT)
async def check(request: web.Request) -> web.StreamResponse:
    """Follow the chain from its first entry, and write down that this was done."""
    parts, visitor = request.app[PARTS], request[VISITOR]
    await read_form(request, Form)
    async with parts.sessions.begin() as work:
        broken = await audit.first_broken(work)
        count = await work.scalar(select(func.count(AuditEntry.id))) or 0
        result = "whole" if broken is None else f"broken at {broken}"
        actor = visitor.staffer.actor
        audit.record(work, parts.clock(), actor, "audit.check", "audit", result=result)
    if broken is None:
        said = {"whole": f"检查了 {count} 条记录，一条不缺，也没有被改过。"}
    else:
        said = {"broken": f"第 {broken} 条记录对不上，可能被改过或删过。请马上告诉安全负责人。"}
    return await _page(request, TrailSearch(), said)


async def _page(
    request: web.Request, search: TrailSearch, said: Mapping[str, str]
) -> web.Response:
    query = _entries(search)
    async with request.app[PARTS].sessions() as work:
        total = await work.scalar(query.with_only_columns(func.count(AuditEntry.id))) or 0
        start = (search.page - 1) * SHORT
        entries = await work.scalars(
            query.order_by(AuditEntry.id.desc()).offset(start).limit(SHORT)
        )
        rows = [_row(entry) for entry in entries]
    pages = paging(search, total, subject=search.subject, actor=search.actor)
    values = {"search": search, "rows": rows, "paging": pages, "whole": "", "broken": ""}
    return page(request, "audit.html", {**values, **said})


def _entries(search: TrailSearch) -> Select[AuditEntry]:
    query = select(AuditEntry)
    if search.subject:
        query = query.where(AuditEntry.subject == search.subject)
    if search.actor:
        query = query.where(AuditEntry.actor.in_((search.actor, f"staff:{search.actor}")))
    return query


def _row(entry: AuditEntry) -> Row:
    data = {key: value for key, value in entry.data.items() if value and key != "visit"}
    what = words.ACTION.get(entry.action, entry.action)
    return Row(entry.id, entry.at, entry.actor, what, entry.subject, data)
