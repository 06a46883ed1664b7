"""Two versions of a text side by side: what changed, what that touches, and a notice about it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from aiohttp import web
from pydantic import Field, StringConstraints
from sqlalchemy import func, select

from bot.desk import words
from bot.desk.cases import title_of
from bot.desk.document import find
from bot.desk.forms import Form, Query, first_time, read_form, read_query
from bot.desk.parts import PARTS
from bot.desk.rights import VISITOR, Right, members_in_reach, needs
from bot.desk.view import go, page
from handlers.actions import documents
from handlers.catalogue.mentions import Mention, mentions_of
from handlers.errors import DomainError
from models.application import Application, CaseStatus
from models.member import Member
from models.policy import Document, standings, versions_of
from models.unit import Unit
from nlp.amendment import Change, Kind
from nlp.cards import Card

if TYPE_CHECKING:
    from datetime import date

    from bot.desk.rights import Visitor
    from models.db import Work

Number = Annotated[str, Field(pattern=r"^[0-9]{1,18}$")]
OPEN = (CaseStatus.SENT, CaseStatus.RETURNED)


class Pair(Query):
    """Two versions by their ids."""

    older: Number
    newer: Number


class NoticeForm(Form):
    """The draft as it was edited, and the version of the draft that it came from."""

    older: Number
    newer: Number
    version: Annotated[int, Field(ge=0)]
    words: Annotated[str, StringConstraints(strip_whitespace=True, max_length=20_000)] = ""


class EmptyNoticeError(DomainError):
    """草稿是空的。请写上内容再保存，或者刷新页面，用系统起草的文字。"""


@dataclass(frozen=True, slots=True)
class Row:
    """One change with the cards and the places of the catalogue that rest on what stood there."""

    change: Change
    label: words.Label
    cards: Sequence[Card]
    mentions: Sequence[Mention]


@dataclass(frozen=True, slots=True)
class Aid:
    """An aid programme that names the law; its open cases are None for who may not see them."""

    title: str
    open_cases: int | None


@needs(Right.DOCUMENTS)
async def show(request: web.Request) -> web.StreamResponse:
    """What changed from the older version to the newer one."""
    pair = read_query(request, Pair)
    async with request.app[PARTS].sessions() as work:
        return await _page(request, work, (pair.older, pair.newer), {})


@needs(Right.EDIT_DOCUMENTS)
async def keep(request: web.Request) -> web.StreamResponse:
    """Keep the draft of the notice; it is sent to nobody."""
    form, parts = await read_form(request, NoticeForm), request.app[PARTS]
    pair, now = (form.older, form.newer), parts.clock()
    try:
        if not form.words:
            raise EmptyNoticeError
        async with parts.sessions.begin() as work:
            versions = (await find(work, form.older), await find(work, form.newer))
            if await first_time(request, work, form, now):
                notice = documents.Notice(form.words, form.version)
                staffer = request[VISITOR].staffer
                await documents.keep_notice(work, versions, notice, staffer, now)
    except DomainError as exc:
        said = {"wrong": exc.sentence, "typed": form.words}
        async with parts.sessions() as work:
            return await _page(request, work, pair, said, status=409)
    return go(f"/desk/documents/compare?older={pair[0]}&newer={pair[1]}&done=notice#notice")


async def _page(
    request: web.Request,
    work: Work,
    pair: tuple[str, str],
    said: Mapping[str, str],
    *,
    status: int = 200,
) -> web.Response:
    parts, visitor = request.app[PARTS], request[VISITOR]
    older, newer = await find(work, pair[0]), await find(work, pair[1])
    if older.id == newer.id:
        raise web.HTTPNotFound
    changes = await documents.compare_versions(work, older, newer)
    mentions = mentions_of(older.title)
    rows = [_row(change, older, parts.clauses.cards, mentions) for change in changes]
    draft = await documents.find_notice(work, older, newer)
    written = documents.draft_notice(older, newer, changes) if draft is None else draft.words
    values = {
        "older": older,
        "newer": newer,
        "standing": await _standing(work, newer, words.local(parts.clock()).date()),
        "rows": rows,
        "counts": [
            (words.CHANGE[kind], sum(change.kind is kind for change in changes)) for kind in Kind
        ],
        "cards": {card.slug: card for row in rows for card in row.cards}.values(),
        "aids": await _aids(request, work, rows),
        "mentions": list(dict.fromkeys(each for row in rows for each in row.mentions)),
        "draft": draft,
        "typed": said.get("typed") or written,
        "wrong": said.get("wrong", ""),
        "may_edit": visitor.may(Right.EDIT_DOCUMENTS),
    }
    return page(request, "comparison.html", values, status=status)


async def _standing(work: Work, document: Document, today: date) -> words.Label:
    versions = await versions_of(work, document.title, document.scope)
    return words.STANDING[standings(versions, today)[document.id]]


def _row(
    change: Change, older: Document, cards: Sequence[Card], mentions: Sequence[Mention]
) -> Row:
    named = [each for each in mentions if change.older and each.names(change.older)]
    touched = documents.cards_touched(change, older, cards)
    return Row(change, words.CHANGE[change.kind], touched, named)


async def _aids(request: web.Request, work: Work, rows: Sequence[Row]) -> list[Aid]:
    """The programmes that name a touched article, with the open cases in the visitor's reach."""
    visitor = request[VISITOR]
    slugs = sorted({each.programme for row in rows for each in row.mentions} - {""})
    return [
        Aid(title_of(request.app[PARTS], slug), await _open_cases(work, visitor, slug))
        for slug in slugs
    ]


async def _open_cases(work: Work, visitor: Visitor, slug: str) -> int | None:
    if not visitor.may(Right.CASES):
        return None
    query = (
        select(func.count(Application.id))
        .join(Member, Member.id == Application.member_id)
        .join(Unit, Unit.id == Member.unit_id)
        .where(
            Application.programme == slug,
            Application.status.in_(OPEN),
            members_in_reach(visitor),
        )
    )
    return await work.scalar(query) or 0
