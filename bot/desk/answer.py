"""Answering a group of questions: a new card, or one that is there already."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Annotated, Literal, get_args

from aiohttp import web
from pydantic import Field, ValidationError
from sqlalchemy import or_, select

from bot.desk.candidates import candidates
from bot.desk.forms import Form, Line, Query, Words, first_time, read_form, read_query
from bot.desk.group import Held, find, read_by_members, said_in, wordings
from bot.desk.parts import PARTS
from bot.desk.rights import VISITOR, Right, needs
from bot.desk.view import go, page
from handlers.actions import board
from handlers.actions.board import Draft
from handlers.actions.questions import near
from handlers.errors import DomainError
from models.policy import Document, find_article
from nlp.cards import WHOLE, CardLines, Scope, Theme
from nlp.statute import StatuteError, article_number, article_ordinal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.desk.parts import DeskParts
    from bot.desk.rights import Visitor
    from models.db import Work
    from models.question import DeskCard, QuestionGroup
    from nlp.cards import Card

OWN = "本单位"
WIDE_SCOPES = tuple(scope for scope in get_args(Scope) if scope != OWN)
THEMES = get_args(Theme)
BINDS: Mapping[str, str] = {
    "binds_enterprise": "企业",
    "binds_office": "机关",
    "binds_institution": "事业",
}
BOUND: Mapping[str, str] = {
    "binds_enterprise": "企业职工",
    "binds_office": "机关工作人员",
    "binds_institution": "事业单位人员",
}
WRONG: Mapping[str, str] = {
    "plain": "请用大白话写出答案，先说是或不是，再说多少、怎么办。",
    "quote_key": "请抄一句原文里最关键的话。",
    "questions": "请写 4 到 16 种问法，一行一种，照会员平时的说法写。",
    "in_force_from": "请填生效的日期，例如 2026-01-01。",
    "in_force_to": "失效的日期不对，要写成 2026-12-31 这样；不知道就空着。",
    "theme": "请选一个主题。",
    "scope": "请选适用的地方。",
    "": "失效的日期比生效的日期还早，请核对。",
}
Tick = Literal["", "1"]


class AnswerForm(Form):
    """A card as it is typed; `basis` is an article of a law, or a rule of one's own unit."""

    basis: Literal["law", "own"] = "law"
    document: Line = ""
    article: Line = ""
    source: Line = ""
    issued: Line = ""
    own_article: Line = ""
    quote_key: Words = ""
    plain: Words = ""
    exceptions: Words = ""
    do: Words = ""
    theme: Line = ""
    scope: Line = ""
    binds_enterprise: Tick = ""
    binds_office: Tick = ""
    binds_institution: Tick = ""
    in_force_from: Line = ""
    in_force_to: Line = ""
    questions: Words = ""
    version: Annotated[int, Field(ge=1)]


class LinkQuery(Query):
    """The card that was picked, or words to look for one."""

    slug: Line = ""
    q: Line = ""


class LinkForm(Form):
    """The card, and the wordings that it shall be found by."""

    slug: Line
    wordings: Words = ""
    version: Annotated[int, Field(ge=1)]


@dataclass(frozen=True, slots=True)
class Basis:
    """Where an answer stands; `body` is the imported text, "" when there is none."""

    law: str
    documents: tuple[str, ...]
    article: str
    body: str = ""
    in_force_from: date | None = None


class WrongFormError(Exception):
    """What is wrong with a form, a sentence for each field."""

    def __init__(self, **fields: str) -> None:
        super().__init__()
        self.fields = fields


@needs(Right.KNOWLEDGE)
async def show(request: web.Request) -> web.StreamResponse:
    """The form, filled in with what was written before, or with the questions."""
    read_query(request, Query)
    parts = request.app[PARTS]
    async with parts.sessions() as work:
        held = await find(work, request[VISITOR], request.match_info["number"])
        written = await board.card_written(work, held.group)
        typed = _first_form(parts, held) if written is None else _form_of(written)
        return await _form(request, work, held, typed, {})


@needs(Right.KNOWLEDGE)
async def write(request: web.Request) -> web.StreamResponse:
    """Keep the answer for a second person to check; what was typed stays when it is wrong."""
    parts, visitor, now = request.app[PARTS], request[VISITOR], request.app[PARTS].clock()
    form = await read_form(request, AnswerForm)
    number = request.match_info["number"]
    try:
        async with parts.sessions.begin() as work:
            group = (await find(work, visitor, number, hold=True)).group
            draft = await _draft(work, parts, visitor, form)
            if await first_time(request, work, form, now):
                _expect(group, form.version)
                await board.write_answer(work, group, draft, visitor.staffer, now)
    except WrongFormError as exc:
        wrong = exc.fields
    except DomainError as exc:
        wrong = {"form": exc.sentence}
    else:
        return go(f"/desk/board/{number}?done=answer")
    async with parts.sessions() as work:
        held = await find(work, visitor, number)
        typed = {**form.model_dump(), "version": held.group.version}
        return await _form(request, work, held, typed, wrong)


@needs(Right.KNOWLEDGE)
async def show_link(request: web.Request) -> web.StreamResponse:
    """Cards near the question or the words looked for; with one picked, its wordings."""
    query = read_query(request, LinkQuery)
    async with request.app[PARTS].sessions() as work:
        held = await find(work, request[VISITOR], request.match_info["number"])
        return await _link_page(request, work, held, query, {})


@needs(Right.KNOWLEDGE)
async def link(request: web.Request) -> web.StreamResponse:
    """Say that this card answers; a second person checks it."""
    parts, visitor, now = request.app[PARTS], request[VISITOR], request.app[PARTS].clock()
    form = await read_form(request, LinkForm)
    number = request.match_info["number"]
    if _card(parts, form.slug) is None:
        raise web.HTTPNotFound
    try:
        async with parts.sessions.begin() as work:
            group = (await find(work, visitor, number, hold=True)).group
            lines = wordings(form.wordings)
            if await first_time(request, work, form, now):
                _expect(group, form.version)
                await board.link(work, group, form.slug, lines, visitor.staffer, now)
    except WrongFormError as exc:
        wrong = exc.fields["form"]
    except DomainError as exc:
        wrong = exc.sentence
    else:
        return go(f"/desk/board/{number}?done=answer")
    async with parts.sessions() as work:
        held = await find(work, visitor, number)
        said = {"wrong": wrong, "typed": form.wordings}
        return await _link_page(request, work, held, LinkQuery(slug=form.slug), said)


def _expect(group: QuestionGroup, version: int) -> None:
    """WrongFormError when the group is not as the visitor saw it."""
    if group.version != version:
        raise WrongFormError(form="这组问题刚刚有了变化。请看过最新内容，再决定要不要提交。")


async def _draft(work: Work, parts: DeskParts, visitor: Visitor, form: AnswerForm) -> Draft:
    """The form as a card, by the rules of cards in files; WrongFormError tells what is wrong."""
    basis = _own_rule(form) if form.basis == "own" else await _article(work, parts, form)
    if basis.body and form.quote_key not in basis.body:
        raise WrongFormError(quote_key=f"这句话要和原文一字不差。原文是：{basis.body}")
    since = form.in_force_from or (basis.in_force_from or "")
    try:
        lines = CardLines.model_validate(
            {
                "slug": f"desk-{secrets.token_hex(4)}",
                "article": basis.article,
                "in_force_from": since,
                "in_force_to": form.in_force_to or None,
                "scope": OWN if form.basis == "own" else form.scope,
                "theme": form.theme,
                "binds": tuple(b for key, b in BINDS.items() if getattr(form, key)) or ("all",),
                "plain": form.plain,
                "exceptions": form.exceptions,
                "do": form.do,
                "quote_key": form.quote_key,
                "questions": tuple(line for line in form.questions.splitlines() if line.strip()),
                "status": "unverified",
            }
        )
    except ValidationError as exc:
        fields = [str(error["loc"][0]) if error["loc"] else "" for error in exc.errors()]
        raise WrongFormError(**{each or "in_force_to": WRONG[each] for each in fields}) from exc
    unit = visitor.path if form.basis == "own" else ""
    return Draft(basis.law, basis.documents, lines, unit)


def _own_rule(form: AnswerForm) -> Basis:
    """A rule of one's own unit, with the day it was issued; it may have articles or none."""
    if not form.source:
        raise WrongFormError(source="请写规定的全名，例如：省财政厅考勤管理办法。")
    try:
        issued = date.fromisoformat(form.issued)
    except ValueError as exc:
        raise WrongFormError(issued="请填印发的日期，例如 2026-01-01。") from exc
    article = _number(form.own_article, "own_article") if form.own_article else WHOLE
    source = form.source.strip("《》")
    return Basis(source, (f"{source}({issued})",), article, in_force_from=issued)


async def _article(work: Work, parts: DeskParts, form: AnswerForm) -> Basis:
    """The article of a law, from the imported texts, else from the cards there are."""
    article = _number(form.article, "article")
    name = form.document.strip("《》")
    document = await work.scalar(
        select(Document)
        .where(or_(Document.stem == name, Document.title == name))
        .order_by(Document.issued.desc())
        .limit(1)
    )
    if document is not None:
        found = await find_article(work, document.stem, article)
        if found is None:
            raise WrongFormError(article=f"《{document.title}》里没有{article}，请核对。")
        body = found[1].body
        return Basis(document.title, (document.stem,), article, body, document.in_force_from)
    for card in parts.clauses.cards:
        if name in {card.law, *card.documents} and card.article == article:
            return Basis(card.law, card.documents, article, "", card.in_force_from)
    raise WrongFormError(document="没有找到这部法的这一条。请从列表里选法名，或者先导入它的原文。")


def _number(typed: str, name: str) -> str:
    """“3”, “第3条” and “第三条” as the law writes it."""
    digits = typed.removeprefix("第").removesuffix("条").strip()
    try:
        number = article_number(int(digits)) if digits.isdecimal() else typed
        article_ordinal(number)
    except (StatuteError, ValueError, IndexError) as exc:
        raise WrongFormError(**{name: "请写成“第三条”或者“3”。"}) from exc
    return number


def _first_form(parts: DeskParts, held: Held) -> dict[str, object]:
    """An empty form that holds the questions already, masked."""
    empty = AnswerForm(version=held.group.version, scope=WIDE_SCOPES[0])
    return {**empty.model_dump(), "questions": "\n".join(said_in(parts.ring, held)[:16])}


def _form_of(row: DeskCard) -> dict[str, object]:
    """The form of a card that was written before."""
    lines = CardLines.model_validate(row.lines)
    own = lines.scope == OWN
    article = "" if lines.article == WHOLE else lines.article
    form = AnswerForm(
        basis="own" if own else "law",
        document="" if own else row.documents[0],
        article="" if own else article,
        source=row.law if own else "",
        issued=row.documents[0][-11:-1] if own else "",
        own_article=article if own else "",
        quote_key=lines.quote_key,
        plain=lines.plain,
        exceptions=lines.exceptions,
        do=lines.do,
        theme=lines.theme,
        scope=lines.scope,
        binds_enterprise="1" if "企业" in lines.binds else "",
        binds_office="1" if "机关" in lines.binds else "",
        binds_institution="1" if "事业" in lines.binds else "",
        in_force_from=lines.in_force_from.isoformat(),
        in_force_to="" if lines.in_force_to is None else lines.in_force_to.isoformat(),
        questions="\n".join(lines.questions),
        version=1,
    )
    return form.model_dump()


async def _form(
    request: web.Request,
    work: Work,
    held: Held,
    typed: Mapping[str, object],
    wrong: Mapping[str, str],
) -> web.Response:
    parts = request.app[PARTS]
    stems = set(await work.scalars(select(Document.stem)))
    known = {card.documents[0] for card in parts.clauses.cards if card.scope != OWN}
    values = {
        "group": held.group,
        "said": said_in(parts.ring, held),
        "typed": {**typed, "version": held.group.version},
        "wrong": wrong,
        "documents": sorted(stems | known),
        "themes": THEMES,
        "scopes": WIDE_SCOPES,
        "bound": BOUND,
    }
    return page(request, "answer.html", values, status=409 if wrong else 200)


def _card(parts: DeskParts, slug: str) -> Card | None:
    return next((card for card in parts.clauses.cards if card.slug == slug), None)


async def _link_page(
    request: web.Request, work: Work, held: Held, query: LinkQuery, said: Mapping[str, str]
) -> web.Response:
    parts = request.app[PARTS]
    card = _card(parts, query.slug)
    asked = said_in(parts.ring, held)
    judged = await parts.clauses.judge(query.q or asked[0], None, request[VISITOR].path)
    values = {
        "group": held.group,
        "said": asked,
        "search": query,
        "card": card,
        "answer": "" if card is None else await read_by_members(work, card),
        "near": candidates([near(each) for each in judged.found if each.card is not None]),
        "typed": "\n".join(asked),
        "wrong": "",
    }
    return page(request, "link.html", {**values, **said}, status=409 if said else 200)
