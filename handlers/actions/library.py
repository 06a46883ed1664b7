"""What members read of the law: answers by theme, whole laws, single articles, and a search."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import TYPE_CHECKING, get_args
from urllib.parse import quote

from sqlalchemy import func, literal, select

from handlers.actions import answers
from handlers.actions.answers import SHANGHAI, clause_path
from handlers.background import aside
from handlers.errors import DomainError
from models.policy import ORDER, Article, Document, Standing, find_article, in_use, standings
from nlp import marks
from nlp.cards import Card, Theme
from nlp.normalise import normalise
from nlp.statute import article_ordinal
from nlp.titles import titles

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from sqlalchemy import Select

    from handlers.actions.clauses import Clauses, Judged
    from models.db import Work

THEMES: tuple[Theme, ...] = get_args(Theme)
PAGE = 20
EXAMPLES = 3
# Characters of a question that tells enough in a list, and still stands in one line.
SHORT, LONG = 7, 16
RELATED = 4
# Characters of a search that are read; how like a sample question, or an article, must be.
LONGEST = 100
LIKE, ALIKE = 0.3, 0.1
# Characters that an article is taken to be longer than it is, lest the shortest ones lead.
_SHORT = 200.0

_NUMBER = r"第[零〇一二三四五六七八九十百千]+条(?:之[一二三四五六七八九十]+)?"
# “本法第三十九条和第四十条第一项、第二项”
_REFERENCE = re.compile(
    rf"本(?:法|条例|规定|办法)(?:[、和及或至]*{_NUMBER}(?:[、和及或至]*第[一二三四五六七八九十]+[款项])*)+"
)
_STEP = re.compile(r"[ \u3000]+(?=第[零〇一二三四五六七八九十百]+(?:编|分编|章|节)(?:\s|$))")
_ITEM = re.compile(r"[（(][一二三四五六七八九十百]+[）)]")
_SUBITEM = re.compile(r"[0-9０-９]{1,2}[.．、]|[（(][0-9０-９]{1,2}[）)]")


class TooMuchToSearchError(DomainError):
    """您写的内容太长了，请缩短到 100 个字以内，只写最要紧的几个词，比如“产假 天数”。"""


@dataclass(frozen=True, slots=True)
class Answered:
    """A card as it is shown: the question it stands for, and where its article is read."""

    card: Card
    title: str
    path: str


@dataclass(frozen=True, slots=True)
class ThemeRow:
    """A theme in the list: how many answers it has, and what people ask."""

    name: Theme
    path: str
    count: int
    examples: tuple[Answered, ...]


@dataclass(frozen=True, slots=True)
class Law:
    """A law in a list; `issued` is the day of the imported version, None without its text."""

    title: str
    path: str
    issued: date | None
    answers: int


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The first page: themes that have answers, and every law."""

    themes: tuple[ThemeRow, ...]
    laws: tuple[Law, ...]
    imported: bool


@dataclass(frozen=True, slots=True)
class Group:
    """Answers of one law on one page of a theme; `first` False when it goes on from before."""

    law: str
    path: str
    anchor: str
    first: bool
    answers: tuple[Answered, ...]


@dataclass(frozen=True, slots=True)
class Content:
    """An entry of a table of contents: `page` counts from 1, `depth` from 0."""

    title: str
    anchor: str
    count: int
    page: int = 1
    depth: int = 0


@dataclass(frozen=True, slots=True)
class ThemePage:
    """One page of a theme; `pages` is at least 1."""

    name: Theme
    path: str
    total: int
    page: int
    pages: int
    contents: tuple[Content, ...]
    groups: tuple[Group, ...]


@dataclass(frozen=True, slots=True)
class Head:
    """What is known of a law; without its text there are only cards (`imported` False).

    `newer` is the address of a newer version in force, "" when this is the newest. `standing` is
    None, and `scope` that of a card, when the text is not imported.
    """

    title: str
    path: str
    imported: bool
    issued: date | None
    in_force_from: date | None
    standing: Standing | None
    scope: str
    newer: str


@dataclass(frozen=True, slots=True)
class Line:
    """A 款 (`level` 0), 项 (1) or 目 (2) of an article."""

    text: str
    level: int


@dataclass(frozen=True, slots=True)
class Beside:
    """Another article of the same law."""

    number: str
    path: str


@dataclass(frozen=True, slots=True)
class Clause:
    """One article as it is read."""

    law: Head
    number: str
    steps: tuple[str, ...]
    lines: tuple[Line, ...]
    answers: tuple[Answered, ...]
    before: Beside | None
    after: Beside | None
    mentioned: tuple[Beside, ...]
    related: tuple[Answered, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """An article within its whole law, with the questions it answers."""

    number: str
    path: str
    lines: tuple[Line, ...]
    answers: tuple[Answered, ...]


@dataclass(frozen=True, slots=True)
class Chapter:
    """What stands under one heading; `titles` are the headings that begin here, outermost first.

    A title's depth and anchor are in its Content.
    """

    titles: tuple[Content, ...]
    depth: int
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class WholeLaw:
    """A law from beginning to end, or, with `words`, those of its articles that hold them."""

    law: Head
    contents: tuple[Content, ...]
    chapters: tuple[Chapter, ...]
    words: str
    found: int


@dataclass(frozen=True, slots=True)
class Hit:
    """An article found by its words."""

    law: str
    number: str
    path: str
    excerpt: str


@dataclass(frozen=True, slots=True)
class Search:
    """What was found. `words` are empty when nothing was asked that can be looked for.

    `answer` is what the chat would say. `hits` hold every word of the search; or, with `alike`,
    none does, and they are the articles that come nearest.
    """

    words: str
    answer: answers.Answer | None
    answer_path: str
    near: tuple[Answered, ...]
    laws: tuple[Law, ...]
    hits: tuple[Hit, ...]
    alike: bool
    total: int
    page: int
    pages: int

    @property
    def empty(self) -> bool:
        """Whether nothing at all was found."""
        return not (self.answer or self.near or self.laws or self.hits)


@dataclass(frozen=True, slots=True)
class _Shelf:
    """The cards that may be shown today, with their titles, and the imported documents."""

    today: date
    cards: tuple[Card, ...]
    titles: Mapping[str, str]
    stored: Mapping[str, Document]
    standing: Mapping[int, Standing]

    def show(self, card: Card) -> Answered:
        """The card with its title; its article in the imported text where there is one."""
        stem = next((one for one in card.documents if one in self.stored), card.documents[0])
        return Answered(card, self.titles[card.slug], clause_path(stem, card.article))

    def current(self) -> dict[str, Document]:
        """The version of each title that holds today, or what comes nearest to holding."""
        order = {standing: at for at, standing in enumerate(ORDER)}
        best = sorted(
            self.stored.values(), key=lambda one: (-order[self.standing[one.id]], one.issued)
        )
        return {document.title: document for document in best}

    def laws(self) -> tuple[Law, ...]:
        """Every law there is a text or a card of, by title."""
        count = Counter(card.law for card in self.cards)
        stems = {card.law: card.documents[0] for card in self.cards}
        current = self.current()
        return tuple(
            Law(title, law_path(current[title].stem), current[title].issued, count[title])
            if title in current
            else Law(title, law_path(stems[title]), None, count[title])
            for title in sorted(stems.keys() | current.keys())
        )

    def head(self, stem: str) -> Head | None:
        """The law of a stem; None when there is neither a text nor a card that may be shown."""
        document = self.stored.get(stem)
        about = [card for card in self.cards if stem in card.documents]
        scope = about[0].scope if about else ""
        if document is None:
            if not about:
                return None
            return Head(about[0].law, law_path(stem), False, None, None, None, scope, "")
        newest = self.current()[document.title]
        return Head(
            document.title,
            law_path(stem),
            True,
            document.issued,
            document.in_force_from,
            self.standing[document.id],
            document.scope,
            "" if newest.issued <= document.issued else law_path(newest.stem),
        )

    def of_article(self, stem: str, number: str) -> tuple[Answered, ...]:
        """The cards on one article, in the order of the files."""
        return tuple(
            self.show(card)
            for card in self.cards
            if card.article == number and stem in card.documents
        )


async def catalogue(work: Work, clauses: Clauses, now: datetime) -> Catalogue:
    """The themes that have answers today, and every law."""
    shelf = await _shelf(work, clauses, now)
    by_theme = defaultdict(list)
    for card in shelf.cards:
        by_theme[card.theme].append(card)
    rows = tuple(
        ThemeRow(name, theme_path(name), len(by_theme[name]), _examples(shelf, by_theme[name]))
        for name in THEMES
        if by_theme[name]
    )
    return Catalogue(rows, shelf.laws(), bool(shelf.stored))


async def theme(
    work: Work, clauses: Clauses, name: str, page: int, now: datetime
) -> ThemePage | None:
    """One page of a theme, its laws with the most answers first; None for no such theme or page.

    A theme without any answer today has one empty page.
    """
    chosen = next((one for one in THEMES if one == name), None)
    if chosen is None:
        return None
    shelf = await _shelf(work, clauses, now)
    some = [card for card in shelf.cards if card.theme == chosen]
    count = Counter(card.law for card in some)
    laws = [law for law, _ in count.most_common()]
    some.sort(key=lambda card: (laws.index(card.law), article_ordinal(card.article)))
    pages = max(1, -(-len(some) // PAGE))
    if not 1 <= page <= pages:
        return None
    begins = {law: next(at for at, card in enumerate(some) if card.law == law) for law in laws}
    start = (page - 1) * PAGE
    groups = tuple(
        _group(shelf, f"law-{laws.index(law) + 1}", begins[law] >= start, tuple(cards))
        for law, cards in groupby(some[start : start + PAGE], key=lambda card: card.law)
    )
    contents = tuple(
        Content(law, f"law-{at}", count[law], begins[law] // PAGE + 1)
        for at, law in enumerate(laws, 1)
    )
    return ThemePage(chosen, theme_path(chosen), len(some), page, pages, contents, groups)


async def clause(
    work: Work, clauses: Clauses, stem: str, number: str, now: datetime
) -> Clause | None:
    """One article with its cards; None when there is neither its text nor a card on it.

    Without the text, `lines` are empty.
    """
    shelf = await _shelf(work, clauses, now)
    head = shelf.head(stem)
    if head is None:
        return None
    shown = shelf.of_article(stem, number)
    numbers = await _numbers(work, stem)
    # Only a number that is there is asked for: one from an address may hold anything.
    found = await find_article(work, stem, number) if number in numbers else None
    if found is None and not shown:
        return None
    near = await _near(shelf, clauses, shown)
    if found is None:
        return Clause(head, number, (), (), shown, None, None, (), near)
    article, at = found[1], numbers.index(number)
    return Clause(
        head,
        number,
        steps(article.heading),
        lines(article.body),
        shown,
        _beside(stem, numbers[at - 1]) if at else None,
        _beside(stem, numbers[at + 1]) if at + 1 < len(numbers) else None,
        tuple(_beside(stem, one) for one in _mentioned(article.body, number) if one in numbers),
        near,
    )


async def law(
    work: Work, clauses: Clauses, stem: str, words: str, now: datetime
) -> WholeLaw | None:
    """The whole law, or its articles that hold the words; None when nothing is known of it.

    Raises TooMuchToSearchError.
    """
    sought = asked(words)
    shelf = await _shelf(work, clauses, now)
    head = shelf.head(stem)
    if head is None:
        return None
    document = shelf.stored.get(stem)
    if document is None:
        return _from_cards(shelf, head, stem, sought)
    query = (
        select(Article)
        .where(Article.document_id == document.id)
        .order_by(Article.ordinal, Article.id)
    )
    every = list(await work.scalars(query))
    held = [article for article in every if _holds(article, marks.terms(sought))]
    contents, chapters = _chapters(shelf, stem, held if sought else every)
    return WholeLaw(head, () if sought else contents, chapters, sought, len(held))


async def search(work: Work, clauses: Clauses, words: str, page: int, now: datetime) -> Search:
    """What answers the words, and where they stand; raises TooMuchToSearchError.

    A page beyond the last shows the last.
    """
    sought = asked(words)
    terms = marks.terms(sought)
    if not terms:
        return Search("", None, "", (), (), (), alike=False, total=0, page=1, pages=1)
    shelf = await _shelf(work, clauses, now)
    weighed = await answers.weigh(work, clauses, sought, answers.STRANGER, now)
    answer, judged = weighed.answer, weighed.judged
    told = None if answer is None else (answer.document, answer.article)
    near = _offered(shelf, judged, told)
    current = shelf.current()
    holding = _holding(current.values(), terms)
    counted = holding.with_only_columns(func.count(), maintain_column_froms=True).order_by(None)
    total = await work.scalar(counted) or 0
    pages = max(1, -(-total // PAGE))
    page = min(max(1, page), pages)
    rows = await work.execute(holding.limit(PAGE).offset((page - 1) * PAGE))
    hits = tuple(_hit(document, article, sought) for document, article in rows)
    if not hits:
        places = [(each.document, each.article) for each in judged.found if each.why.text >= ALIKE]
        hits = await _alike(work, places, sought)
    return Search(
        sought,
        answer,
        "" if answer is None else clause_path(answer.document, answer.article),
        near,
        tuple(one for one in shelf.laws() if any(term in one.title for term in terms)),
        hits,
        alike=total == 0,
        total=total,
        page=page,
        pages=pages,
    )


async def examples(work: Work, clauses: Clauses, name: Theme, now: datetime) -> tuple[str, ...]:
    """What people ask under a theme, each about another law where it can be."""
    shelf = await _shelf(work, clauses, now)
    some = [card for card in shelf.cards if card.theme == name]
    return tuple(one.title for one in _examples(shelf, some))


async def title_by_slug(clauses: Clauses) -> Mapping[str, str]:
    """The question above each card, by its slug, of the cards in use at the moment."""
    return await aside(titles, await clauses.all_cards())


def theme_path(name: Theme) -> str:
    """Where a theme is read, beginning with "/"."""
    return f"/policy/theme/{quote(name)}"


def law_path(stem: str) -> str:
    """Where a whole law is read, beginning with "/"."""
    return f"/policy/{quote(stem, safe='')}"


def asked(words: str) -> str:
    """A search as it is read, in one line; raises TooMuchToSearchError beyond `LONGEST`."""
    sought = " ".join(normalise(words).split())
    if len(sought) > LONGEST or len(words) > 4 * LONGEST:
        raise TooMuchToSearchError
    return sought


def steps(heading: str) -> tuple[str, ...]:
    """The way to an article (编, 章, 节), outermost first: “第一章 总 则” → (“第一章 总则”,)."""
    return tuple(_step(one) for one in _STEP.split(heading) if one)


def lines(body: str) -> tuple[Line, ...]:
    """An article as its 款, 项 and 目."""
    return tuple(Line(text, _level(text)) for text in body.splitlines() if text.strip())


async def _shelf(work: Work, clauses: Clauses, now: datetime) -> _Shelf:
    every = await clauses.all_cards()
    named = await title_by_slug(clauses)
    today = now.astimezone(SHANGHAI).date()
    stored = {
        document.stem: document
        for document in await work.scalars(select(Document).where(in_use()))
    }
    stand = standings(list(await work.scalars(select(Document))), today)
    shown = tuple(card for card in every if card.quotable(today))
    return _Shelf(today, shown, named, stored, stand)


def _examples(shelf: _Shelf, some: Sequence[Card]) -> tuple[Answered, ...]:
    """Of the laws with the most cards one each, then more; questions of a usual length first."""
    by_law = defaultdict(list)
    for card in some:
        by_law[card.law].append(card)
    for mine in by_law.values():
        mine.sort(key=lambda card: not SHORT <= len(shelf.titles[card.slug]) <= LONG)
    order = sorted(by_law.values(), key=len, reverse=True)
    turns = (mine[turn] for turn in range(EXAMPLES) for mine in order if turn < len(mine))
    return tuple(shelf.show(card) for card, _ in zip(turns, range(EXAMPLES), strict=False))


def _group(shelf: _Shelf, anchor: str, first: bool, some: tuple[Card, ...]) -> Group:
    current = shelf.current().get(some[0].law)
    stem = some[0].documents[0] if current is None else current.stem
    shown = tuple(shelf.show(card) for card in some)
    return Group(some[0].law, law_path(stem), anchor, first, shown)


async def _near(
    shelf: _Shelf, clauses: Clauses, shown: tuple[Answered, ...]
) -> tuple[Answered, ...]:
    """Cards on other articles that people who ask this one's question may want."""
    if not shown:
        return ()
    card = shown[0].card
    judged = await clauses.judge(shown[0].title)
    return _offered(shelf, judged, (card.documents[0], card.article))[:RELATED]


def _offered(shelf: _Shelf, judged: Judged, told: tuple[str, str] | None) -> tuple[Answered, ...]:
    """The candidates that are like what was asked, without the article that is told already."""
    return tuple(
        shelf.show(each.card)
        for each in judged.found
        if each.card is not None
        and each.card.quotable(shelf.today)
        and each.why.sample >= LIKE
        and (each.document, each.article) != told
    )


async def _numbers(work: Work, stem: str) -> list[str]:
    query = (
        select(Article.number)
        .join(Document, Article.document_id == Document.id)
        .where(Document.stem == stem, in_use())
        .order_by(Article.ordinal, Article.id)
    )
    return list(await work.scalars(query))


def _beside(stem: str, number: str) -> Beside:
    return Beside(number, clause_path(stem, number))


def _mentioned(body: str, number: str) -> list[str]:
    """The articles of the same law that a text names, in its order."""
    named = [one for some in _REFERENCE.findall(body) for one in re.findall(_NUMBER, some)]
    return [one for one in dict.fromkeys(named) if one != number]


def _from_cards(shelf: _Shelf, head: Head, stem: str, sought: str) -> WholeLaw:
    """As much of a law as its cards tell."""
    terms = marks.terms(sought)
    numbers = dict.fromkeys(card.article for card in shelf.cards if stem in card.documents)
    rows = [
        Row(number, clause_path(stem, number), (), shelf.of_article(stem, number))
        for number in sorted(numbers, key=article_ordinal)
    ]
    held = [row for row in rows if _told(row, terms)]
    return WholeLaw(head, (), (Chapter((), 0, tuple(held)),), sought, len(held))


def _told(row: Row, terms: tuple[str, ...]) -> bool:
    words = "".join(f"{one.title}{one.card.plain}" for one in row.answers).lower()
    return all(term in words for term in terms)


def _holds(article: Article, terms: tuple[str, ...]) -> bool:
    words = f"{article.number}{article.body}".lower()
    return all(term in words for term in terms)


def _chapters(
    shelf: _Shelf, stem: str, articles: Sequence[Article]
) -> tuple[tuple[Content, ...], tuple[Chapter, ...]]:
    """The articles under their headings, and the headings as a table of contents."""
    contents: list[Content] = []
    chapters: list[Chapter] = []
    last: tuple[str, ...] = ()
    for heading, some in groupby(articles, key=lambda article: article.heading):
        mine, way = list(some), steps(heading)
        same = next((at for at, one in enumerate(way) if last[at : at + 1] != (one,)), len(way))
        begun = tuple(
            Content(title, f"part-{len(contents) + at}", len(mine), depth=same + at - 1)
            for at, title in enumerate(way[same:], 1)
        )
        contents.extend(begun)
        rows = tuple(
            Row(
                each.number,
                clause_path(stem, each.number),
                lines(each.body),
                shelf.of_article(stem, each.number),
            )
            for each in mine
        )
        chapters.append(Chapter(begun, len(way), rows))
        last = way
    return tuple(contents), tuple(chapters)


def _holding(documents: Iterable[Document], terms: tuple[str, ...]) -> Select[Document, Article]:
    """Articles of these documents that hold every term, those that speak most of them first."""
    whole = func.length(Article.body)
    spoken = sum(
        (whole - func.length(func.replace(Article.body, term, "")) for term in terms), literal(0)
    )
    return (
        select(Document, Article)
        .join(Article, Article.document_id == Document.id)
        .where(
            Document.id.in_([document.id for document in documents]),
            *(Article.body.icontains(term, autoescape=True) for term in terms),
        )
        .order_by((spoken / (whole + _SHORT)).desc(), Document.title, Article.ordinal, Article.id)
    )


async def _alike(work: Work, places: Sequence[tuple[str, str]], sought: str) -> tuple[Hit, ...]:
    """The imported ones among these articles."""
    found = [await find_article(work, stem, number) for stem, number in places]
    return tuple(_hit(*one, sought) for one in found if one is not None)


def _hit(document: Document, article: Article, sought: str) -> Hit:
    path = clause_path(document.stem, article.number)
    return Hit(document.title, article.number, path, marks.excerpt(article.body, sought))


def _step(heading: str) -> str:
    """“第一章 总 则” → “第一章 总则”: the law sets short titles wide."""
    number, _, title = heading.partition(" ")
    return f"{number} {''.join(title.split())}".strip()


def _level(text: str) -> int:
    if _ITEM.match(text):
        return 1
    return 2 if _SUBITEM.match(text) else 0
