"""One version of a text: its articles, its dates, and what may be done to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import TYPE_CHECKING, Annotated

from aiohttp import web
from pydantic import Field
from sqlalchemy import select

from bot.desk import words
from bot.desk.forms import Form, Line, Query, first_time, read_form, read_query
from bot.desk.parts import PARTS
from bot.desk.rights import VISITOR, Right, needs
from bot.desk.view import go, page
from handlers.actions import documents
from handlers.errors import ChangedMeanwhileError, DomainError
from models import audit
from models.policy import Document, articles_of, standings, versions_of
from models.staff import Staff
from nlp.full_text import SCOPES, Scope

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from handlers.actions.tickets import Staffer
    from models.audit import AuditEntry
    from models.db import Work
    from nlp.cards import Card

    Act = Callable[[Work, Document, Staffer, datetime], None]


class WrongDateError(DomainError):
    """日期请写成“2024-05-06”这样，并核对年、月、日。"""


class ActForm(Form):
    """One act; `seen` is when the version last changed as the page showed it."""

    seen: Annotated[str, Field(max_length=40)]


class RegisterForm(ActForm):
    """What is known about the version; a date is "" when it is not known."""

    issuer: Line = ""
    scope: Scope
    source: Line = ""
    in_force_from: Line = ""
    in_force_to: Line = ""


class ExpireForm(ActForm):
    """The last day in force."""

    last: Line = ""


class UndoForm(Form):
    """Which change to take back, by its entry."""

    entry: int


@dataclass(frozen=True, slots=True)
class Past:
    """One act on the version; `undoes` is what the form to take it back sends, None for others."""

    at: datetime
    who: str
    what: str
    details: Sequence[str]
    undoes: int | None


@needs(Right.DOCUMENTS)
async def show(request: web.Request) -> web.StreamResponse:
    """The page."""
    read_query(request, Query)
    async with request.app[PARTS].sessions() as work:
        return await _page(request, work, await find(work, request.match_info["id"]), {})


@needs(Right.EDIT_DOCUMENTS)
async def register(request: web.Request) -> web.StreamResponse:
    """Put down issuer, scope, source and dates."""
    form = await read_form(request, RegisterForm)

    def act(work: Work, document: Document, staffer: Staffer, now: datetime) -> None:
        entry = documents.Register(
            form.issuer, form.scope, form.source, day(form.in_force_from), day(form.in_force_to)
        )
        documents.register(work, document, entry, staffer, now)

    return await _act(request, form, act, "register")


@needs(Right.EDIT_DOCUMENTS)
async def expire(request: web.Request) -> web.StreamResponse:
    """Mark a version as expired."""
    form = await read_form(request, ExpireForm)

    def act(work: Work, document: Document, staffer: Staffer, now: datetime) -> None:
        last = day(form.last)
        if last is None:
            raise WrongDateError
        documents.expire(work, document, last, staffer, now)

    return await _act(request, form, act, "expire")


@needs(Right.EDIT_DOCUMENTS)
async def withdraw(request: web.Request) -> web.StreamResponse:
    """Take a version out of use."""
    form = await read_form(request, ActForm)
    return await _act(request, form, documents.withdraw, "withdraw")


@needs(Right.EDIT_DOCUMENTS)
async def restore(request: web.Request) -> web.StreamResponse:
    """Bring it back."""
    form = await read_form(request, ActForm)
    return await _act(request, form, documents.restore, "restore")


@needs(Right.EDIT_DOCUMENTS)
async def undo(request: web.Request) -> web.StreamResponse:
    """Take the last change back."""
    form, parts = await read_form(request, UndoForm), request.app[PARTS]
    staffer, now = request[VISITOR].staffer, parts.clock()
    number = request.match_info["id"]
    try:
        async with parts.sessions.begin() as work:
            document = await find(work, number, hold=True)
            if await first_time(request, work, form, now):
                await documents.undo(work, document, form.entry, staffer, now)
    except DomainError as exc:
        return await _again(request, exc.sentence, form)
    return go(f"/desk/documents/{number}?done=back")


def day(text: str) -> date | None:
    """A day as a form sends it, None for ""; WrongDateError."""
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as exc:
        raise WrongDateError from exc


async def find(work: Work, number: str, *, hold: bool = False) -> Document:
    """The version, held until the commit if asked; 404 when there is none."""
    query = select(Document).where(Document.id == int(number))
    found = await work.scalar(query.with_for_update() if hold else query)
    if found is None:
        raise web.HTTPNotFound
    return found


async def _act(request: web.Request, form: ActForm, act: Act, done: str) -> web.StreamResponse:
    parts, number = request.app[PARTS], request.match_info["id"]
    now = parts.clock()
    try:
        async with parts.sessions.begin() as work:
            document = await find(work, number, hold=True)
            if await first_time(request, work, form, now):
                if form.seen != document.changed_at.isoformat():
                    raise ChangedMeanwhileError
                act(work, document, request[VISITOR].staffer, now)
    except DomainError as exc:
        return await _again(request, exc.sentence, form)
    return go(f"/desk/documents/{number}?done={done}")


async def _again(request: web.Request, wrong: str, form: Form) -> web.Response:
    """The page once more, saying what was wrong, with what was typed."""
    typed = {key: value for key, value in form.model_dump().items() if key in Entries.__slots__}
    async with request.app[PARTS].sessions() as work:
        document = await find(work, request.match_info["id"])
        return await _page(request, work, document, {"wrong": wrong, **typed}, status=409)


@dataclass(frozen=True, slots=True)
class Entries:
    """What stands in the boxes of the page."""

    issuer: str
    scope: str
    source: str
    in_force_from: str
    in_force_to: str
    last: str


async def _page(
    request: web.Request,
    work: Work,
    document: Document,
    said: Mapping[str, str],
    *,
    status: int = 200,
) -> web.Response:
    parts = request.app[PARTS]
    today = words.local(parts.clock()).date()
    versions = await versions_of(work, document.title, document.scope)
    stand = standings(versions, today)
    state = documents.state_of(document)
    boxes = {**{key: state[key] for key in Entries.__slots__ if key in state}, "last": ""}
    boxes["last"] = state["in_force_to"] or today.isoformat()
    boxes |= {key: value for key, value in said.items() if key in boxes}
    values = {
        "document": document,
        "seen": document.changed_at.isoformat(),
        "stand": stand[document.id].value,
        "standing": words.STANDING[stand[document.id]],
        "versions": [(each, words.STANDING[stand[each.id]]) for each in versions],
        "before": next((each for each in versions if _is_earlier(each, document)), None),
        "chapters": await _chapters(work, document, parts.clauses.cards),
        "history": await _history(work, document),
        "boxes": Entries(**boxes),
        "scopes": SCOPES,
        "may_edit": request[VISITOR].may(Right.EDIT_DOCUMENTS),
        "wrong": said.get("wrong", ""),
    }
    return page(request, "document.html", values, status=status)


def _is_earlier(other: Document, document: Document) -> bool:
    return (other.issued, other.revision) < (document.issued, document.revision)


@dataclass(frozen=True, slots=True)
class Shown:
    """One article as staff read it, with how many clause cards rest on it."""

    number: str
    lines: Sequence[str]
    cards: int


async def _chapters(
    work: Work, document: Document, cards: Sequence[Card]
) -> list[tuple[str, list[Shown]]]:
    """The articles under their headings."""
    articles = await articles_of(work, document.id)
    resting = [card.article for card in cards if document.stem in card.documents]
    return [
        (
            heading,
            [
                Shown(each.number, each.body.splitlines(), resting.count(each.number))
                for each in group
            ],
        )
        for heading, group in groupby(articles, key=lambda article: article.heading)
    ]


async def _history(work: Work, document: Document) -> list[Past]:
    entries = await audit.about(work, document.name)
    logins = {entry.actor.removeprefix("staff:") for entry in entries}
    found = await work.execute(select(Staff.login, Staff.name).where(Staff.login.in_(logins)))
    names = dict(found.all())
    last = documents.last_change(entries)
    return [_past(entry, names, undoable=entry is last) for entry in reversed(entries)]


def _past(entry: AuditEntry, names: Mapping[str, str], *, undoable: bool) -> Past:
    login = entry.actor.removeprefix("staff:")
    who = names.get(login, "命令行" if login == entry.actor else login)
    what = words.ACTION.get(entry.action, entry.action)
    details = [
        f"{words.DATA[key]}：{entry.data[f'was_{key}'] or '空'} → {value or '空'}"
        for key, value in entry.data.items()
        if f"was_{key}" in entry.data and key != documents.WITHDRAWN_AT
    ]
    return Past(entry.at, who, what, details, entry.id if undoable else None)
