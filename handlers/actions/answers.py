"""Answering a question on rules from clause cards and the imported texts."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast
from urllib.parse import quote
from zoneinfo import ZoneInfo

from sqlalchemy import select

from handlers.actions import unit_kinds
from handlers.actions.clauses import Judged
from handlers.reckon.outcome import spaced
from models.member import Member
from models.policy import Cited, Standing, find_cited, find_holding
from models.unit import Unit
from nlp.cards import Card, Kind
from nlp.retrieve import related
from nlp.statute import article_number

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime

    from handlers.actions.clauses import Clauses
    from handlers.reckon.figures import Clause
    from handlers.reckon.outcome import Result
    from models.db import Work

# “劳动合同法第三十九条”, “《工会法》第 2 条”
CITED = re.compile(
    r"(?P<law>[\u4e00-\u9fff]{1,24}?(?:法|条例|规定|办法))》?\s*第\s*"
    r"(?P<number>[零〇一二三四五六七八九十百]{1,9}|[0-9]{1,4})\s*条"
)
MOST_QUOTED = 500
LONGEST_QUOTE = 260
# A candidate whose score is this share of the first one's may be the answer for another unit.
UNDECIDED, RIVALS = 0.85, 4
SHANGHAI = ZoneInfo("Asia/Shanghai")
# How it stands, said behind the version; what is not in force is never quoted as if it were.
STANDINGS: Mapping[Standing, str] = {
    Standing.IN_FORCE: "，现行有效",
    Standing.UNDATED: "；施行日期没有登记，请向工作人员核实后再用",
    Standing.COMING: "，还没有施行",
    Standing.SUPERSEDED: "，已经被新的版本代替，不再适用；新版本里没有这一条",
    Standing.EXPIRED: "，已经失效，不再适用",
}


@dataclass(frozen=True, slots=True)
class Page:
    """The page with the full text of an article, as a link."""

    label: str
    path: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What is said, where it stands, and the pages with the full texts that are imported.

    `slug` is the card's that answered; "" for an article asked for by its number. `cards` are that
    card and the related ones; none where the words must stay as they are.
    """

    words: str
    document: str
    article: str
    likelihood: float
    pages: tuple[Page, ...]
    slug: str = ""
    cards: tuple[Card, ...] = ()


@dataclass(frozen=True, slots=True)
class Weighed:
    """A question with the kind of unit it is for, what was found, and the answer, if any."""

    kind: Kind | None
    judged: Judged
    answer: Answer | None


async def weigh(
    work: Work, clauses: Clauses, question: str, asker: Asker, now: datetime
) -> Weighed:
    """The answer for somebody of this unit, with what was found for the question.

    The answer is None when no clause in force clearly says it. Which law binds is known from the
    unit, or said in the question.
    """
    kind = unit_kinds.kind_said(question) or asker.kind
    judged = await clauses.judge(unit_kinds.without_unit(question), kind, asker.unit)
    named = CITED.search(question)
    if named is not None:
        found = await _cited(work, named, now.astimezone(SHANGHAI).date())
    else:
        found = await _from_card(work, judged, now) if judged.answered else None
    return Weighed(kind, judged, found)


async def _from_card(work: Work, judged: Judged, now: datetime) -> Answer | None:
    first = judged.found[0]
    card, today = first.card, now.astimezone(SHANGHAI).date()
    if card is None or not card.quotable(today):
        return None
    quoted = await find_holding(work, first.document, card.article, today)
    if quoted is not None and not quoted.holds:
        return None
    others = [
        each.card
        for each in related(judged.found)
        if each.card is not None and each.card.quotable(today)
    ]
    pages = [
        await _page(work, each, "条文全文" if each is card else "相关", today)
        for each in (card, *others)
    ]
    return Answer(
        told(card, None if quoted is None else quoted.article.body),
        first.document,
        card.article,
        judged.likelihood,
        tuple(page for page in pages if page is not None),
        card.slug,
        (card, *others),
    )


def told(card: Card, body: str | None) -> str:
    """The answer in words: what it means, whom it leaves out, what to do, the clause.

    With the text of the article the line that decides is quoted.
    """
    lines = [card.plain]
    if card.exceptions:
        lines.append(f"例外：{card.exceptions}")
    if card.do:
        lines.append(f"建议：{card.do}")
    if card.binds == ("机关",):
        lines.append(unit_kinds.BY_CONTRACT)
    lines.append(grounded(card, body))
    return "\n".join(lines)


def grounded(card: Card, body: str | None) -> str:
    """Where a card stands, with the line that decides when the text of the article is here."""
    own_rule = card.quote_key if card.scope == "本单位" else ""
    return _ground(card.cited, card, _quoted(body or own_rule, card.quote_key))


async def reckoned(work: Work, result: Result, day: date) -> Answer:
    """A calculation as an answer, with the pages of its clauses whose texts hold on the day."""
    bodies: dict[tuple[str, str], str] = {}
    for clause in result.clauses:
        found = await find_holding(work, clause.document, clause.article, day)
        if found is not None and found.holds:
            bodies[clause.document, clause.article] = found.article.body
    pages = tuple(
        Page(
            f"条文全文：《{clause.law}》{clause.article}",
            clause_path(clause.document, clause.article),
        )
        for clause in result.clauses
        if (clause.document, clause.article) in bodies
    )
    first = result.clauses[0] if result.clauses else None
    stem, article = ("", "") if first is None else (first.document, first.article)
    words = told_reckoning(result, bodies)
    return Answer(words, stem, article, 1.0, tuple(dict.fromkeys(pages)))


def told_reckoning(result: Result, bodies: Mapping[tuple[str, str], str]) -> str:
    """A calculation in words: the answer, its steps, what was assumed, and where it stands.

    `bodies` are the imported articles by stem and number.
    """
    lines = [result.head]
    if result.steps:
        counted = any(mark in step for step in result.steps for mark in "=→")
        lines.append("这样算的：" if counted else "要点：")
        lines.extend(f"{at}. {step}" for at, step in enumerate(result.steps, 1))
    if result.cautions:
        lines.extend(("注意：", *(f"· {caution}" for caution in result.cautions)))
    grounds = (
        _ground(
            f"《{clause.law}》{clause.article}",
            clause,
            _line_of(bodies.get((clause.document, clause.article), ""), clause.says),
        )
        for clause in result.clauses
    )
    return "\n".join((*map(spaced, lines), *grounds))


def clause_path(stem: str, number: str) -> str:
    """Where a member reads one article, beginning with "/"."""
    return f"/policy/{quote(stem, safe='')}/{quote(number)}"


def _ground(cited: str, where: Card | Clause, line: str) -> str:
    """Where an answer stands, with the line that decides when the text is at hand."""
    since = f"{where.in_force_from:%Y-%m-%d} 起施行，适用范围：{where.scope}"
    quoted = f"：“{line}”" if line else ""
    return f"依据：{cited}{quoted}（{since}）"


async def undecided(clauses: Clauses, question: str, weighed: Weighed) -> tuple[Kind, ...]:
    """The kinds of unit of which one has to be told, as each has an answer of its own; or none.

    That is so where the kind is not known and the best card binds some only, while another that
    fits nearly as well binds only others.
    """
    found = weighed.judged.found
    first = found[0].card if found else None
    if weighed.kind is not None or first is None or "all" in first.binds:
        return ()
    others = [
        each.card
        for each in found[1:RIVALS]
        if each.card is not None and each.score >= UNDECIDED * found[0].score
    ]
    own = {"all"} | set(first.binds)
    if not any(own.isdisjoint(card.binds) for card in others):
        return ()
    answers = {kind: await _answer_for(clauses, question, kind) for kind in unit_kinds.TAPS}
    kinds = tuple(kind for kind, card in answers.items() if card is not None)
    return kinds if len({answers[kind] for kind in kinds}) > 1 else ()


async def _answer_for(clauses: Clauses, question: str, kind: Kind) -> str | None:
    """The slug of the card that answers for a kind of unit; None where none clearly does."""
    judged = await clauses.judge(question, kind)
    card = judged.found[0].card if judged.found and judged.answered else None
    return card.slug if card is not None and kind in card.binds else None


@dataclass(frozen=True, slots=True)
class Asker:
    """The unit of who asks: its kind, and its path; None and "" for a stranger."""

    kind: Kind | None
    unit: str


STRANGER = Asker(None, "")


async def asker_of(work: Work, member_id: int | None) -> Asker:
    """What the roster says of who asks."""
    if member_id is None:
        return STRANGER
    query = select(Unit.kind, Unit.path).join(Member, Member.unit_id == Unit.id)
    kind, path = (await work.execute(query.where(Member.id == member_id))).one()
    return Asker(cast("Kind", kind), path)


async def _page(work: Work, card: Card, label: str, day: date) -> Page | None:
    """Where the article can be read in full; None when no text in force with it is imported."""
    found = await holding_of(work, card, day)
    if found is None:
        return None
    return Page(f"{label}：{card.cited}", clause_path(found.document.stem, card.article))


async def holding_of(work: Work, card: Card, day: date) -> Cited | None:
    """The article of a card, from the first of its texts that holds on the day."""
    for stem in card.documents:
        found = await find_holding(work, stem, card.article, day)
        if found is not None and found.holds:
            return found
    return None


def _quoted(body: str, key: str) -> str:
    """A short article whole; of a longer one the line that decides, or its sentences around."""
    if key and key in body and len(body) <= LONGEST_QUOTE:
        return " ".join(body.split())
    line = next((line for line in body.splitlines() if key in line), "")
    return line if len(line) <= LONGEST_QUOTE else _around(line, key)


def _line_of(body: str, key: str) -> str:
    """The one line that decides, because the steps say the rest; "" for the head of a list."""
    line = next((line.strip() for line in body.splitlines() if key in line), "")
    return "" if line.endswith(("：", ":")) else line[:LONGEST_QUOTE]


def _around(line: str, key: str) -> str:
    """The sentences of a long line around the words that decide."""
    at = line.index(key)
    start = max(line.rfind(mark, 0, at) for mark in "。；") + 1
    ends = [place for place in (line.find(mark, at + len(key)) for mark in "。；") if place >= 0]
    end = min(ends) + 1 if ends else len(line)
    return ("……" if start else "") + line[start:end][:LONGEST_QUOTE]


async def _cited(work: Work, named: re.Match[str], day: date) -> Answer | None:
    """The article somebody asks for by its number, word for word; None when it is not stored."""
    number = named["number"]
    if number.isascii():
        number = article_number(int(number)).removeprefix("第").removesuffix("条")
    law = named["law"].removeprefix("中华人民共和国")
    found = await find_cited(work, law, f"第{number}条", day)
    if found is None:
        return None
    document, article = found.document, found.article
    body = article.body if len(article.body) <= MOST_QUOTED else article.body[:MOST_QUOTED] + "……"
    version = f"（{document.issued:%Y-%m-%d} 公布的版本{STANDINGS[found.standing]}）"
    words = f"《{document.title}》{article.number}：\n{body}\n{version}"
    path = clause_path(document.stem, article.number)
    page = Page(f"《{document.title}》{article.number}", path)
    return Answer(words, document.stem, article.number, 1.0, (page,))
