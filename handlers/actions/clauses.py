"""The clauses of a process: cards of files and desk, imported texts, and their vectors."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError

from handlers.actions.desk_cards import read_cards
from handlers.actions.vectors import kept_vectors, made, vectors_of
from handlers.background import aside, begun
from handlers.encoding import Encoding
from models.policy import Article, Document, in_use
from models.question import NO_DESK, desk_mark
from nlp import cards
from nlp.encode import Side
from nlp.judged import Gates, load_gates
from nlp.precedence import Precedence, load_precedence
from nlp.retrieve import Asked, CardIndex, Found, Passage, Vectors

if TYPE_CHECKING:
    from collections.abc import Callable

    from models.db import Sessions, Work
    from nlp.cards import Card, Kind
    from nlp.retrieve import Floats

# The channel on which triggers on the tables of texts and cards tell of changes (migration 0005).
CHANGES = "clauses"
# Notices tell when texts or cards have changed; should one be lost, a look each so many seconds.
LOOK = 60.0
# Seconds without a further notice until what changed is taken over, as an import makes many.
SETTLED = 0.2
# The mark of a database with neither: the index of the files is whole, and not built twice.
NOTHING = f"0 None {NO_DESK}"
CANDIDATES = 10

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Judged:
    """Candidates for one question, best first, and how likely the first one answers it."""

    found: tuple[Found, ...]
    likelihood: float
    answered: bool


@dataclass(frozen=True, slots=True)
class Ready:
    """What is made known of the clauses: cards, imported articles, whether vectors are in use.

    `documents` are the imported texts that the articles belong to; `made` of `to_make` texts have
    their vectors, which are used when all of them are there.
    """

    cards: int
    passages: int
    vectors: bool
    documents: int = 0
    made: int = 0
    to_make: int = 0


@dataclass(frozen=True, slots=True)
class Files:
    """Where cards and gate lie, and the folder of the rules of precedence."""

    cards: Path
    gate: Path
    precedence: Path


class Clauses:
    """Searches the index that is whole at the moment; a new one is built beside it and swapped."""

    def __init__(self, files: Files, sessions: Sessions, encoding: Encoding) -> None:
        self._files = files
        self._sessions = sessions
        self._encoding = encoding
        self._heard, self._to_learn = asyncio.Event(), asyncio.Event()
        self._index: CardIndex | None = None
        self._gates: Gates | None = None
        self._ready = asyncio.Event()
        self._tasks: tuple[asyncio.Task[None], ...] = ()
        self._passages = self._documents = 0
        self._files_cards: tuple[Card, ...] = ()
        self._precedence = Precedence()
        self._taken = NOTHING
        self._building = asyncio.Lock()
        self._vectors = False
        self._made = (0, 0)

    @classmethod
    def of(cls, index: CardIndex, gates: Gates, sessions: Sessions) -> Clauses:
        """Clauses that stand still but for `refresh`: an index built beforehand, no vectors."""
        clauses = cls(Files(Path(), Path(), Path()), sessions, Encoding(None))
        clauses._index, clauses._gates = index, gates
        clauses._files_cards = index.cards
        return clauses

    @property
    def condition(self) -> Ready:
        """How they stand now."""
        size = 0 if self._index is None else self._index.size
        return Ready(size, self._passages, self._vectors, self._documents, *self._made)

    @property
    def cards(self) -> tuple[Card, ...]:
        """Every card that is found now, those of the desk with their added wordings last."""
        return () if self._index is None else self._index.cards

    @property
    def taken_over(self) -> str:
        """The mark of what this process has taken over from the database; see `refresh`."""
        return self._taken

    def start(self) -> None:
        """Begin to load; who asks before that is done waits for it."""
        self._tasks = (asyncio.create_task(self._live()), asyncio.create_task(self._learn()))

    async def stop(self) -> None:
        """Stop looking for changes."""
        for task in self._tasks:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    def changed(self) -> None:
        """Take over soon what changed in the database."""
        self._heard.set()

    async def judge(self, question: str, kind: Kind | None = None, unit: str = "") -> Judged:
        """The candidates for a question, and whether the first is good enough to be said."""
        index, gates = await self.loaded()
        vector = await self.vector(question)
        asked = Asked(question, kind, vector, unit=unit)
        found = index.search(asked, CANDIDATES)
        likely = gates.likelihood(asked, found)
        return Judged(tuple(found), likely, answered=gates.passes(asked, found, likely))

    async def all_cards(self) -> tuple[Card, ...]:
        """Every card of the index that is whole at the moment; waits while it loads."""
        index, _ = await self.loaded()
        return index.cards

    async def first_cards(self, question: str, unit: str = "") -> tuple[str, ...]:
        """The slug of the card that comes first by characters alone, then with the meaning too.

        "" where none comes first; the second only where vectors are in use.
        """
        index, _ = await self.loaded()
        vector = await self.vector(question)
        ways = (None,) if vector is None else (None, vector)
        found = [index.search(Asked(question, None, way, unit=unit), 1) for way in ways]
        return tuple(
            each[0].card.slug if each and each[0].card is not None else "" for each in found
        )

    async def vector(self, question: str) -> Floats | None:
        """The vector of a question; None while vectors are not in use."""
        return await self._encoding.vector(question) if self._vectors else None

    async def likeness(self, question: str) -> dict[str, float]:
        """What a question shares with others by characters; see `CardIndex.likeness`."""
        index, _ = await self.loaded()
        return index.likeness(question)

    async def load(self) -> None:
        """Read the cards of the files, and the gates."""
        some = await aside(cards.load, self._files.cards)
        self._gates = await aside(load_gates, self._files.gate)
        self._precedence = await aside(load_precedence, self._files.precedence)
        self._index = await aside(CardIndex, some, (), self._precedence)
        self._files_cards = some
        self._ready.set()

    async def refresh(self) -> None:
        """Take over what changed in the database: texts, cards of the desk, added wordings.

        The index that is in use stays in use until the new one is whole.
        """
        await self.loaded()
        async with self._building:
            found = await self._mark()
            if found == self._taken:
                return
            async with self._sessions() as work:
                passages, desk = await read_passages(work), await read_cards(work)
            all_cards = desk.added_to(self._files_cards)
            index = await aside(CardIndex, all_cards, passages, self._precedence)
            self._index = await self._with_vectors(index) if self._vectors else index
            self._taken, self._passages = found, len(passages)
            self._documents = len({each.document for each in passages})

    async def has_vectors(self) -> bool:
        """Whether all vectors are kept, so that `learn` is a matter of a moment."""
        index, gates = await self.loaded()
        questions = [*index.sample_questions, *gates.refused.questions]
        texts = [text for text in index.article_texts if text]
        return await made(self._sessions, questions) and await made(
            self._sessions, texts, Side.PASSAGE
        )

    async def learn(self, step: Callable[[int, int], None] | None = None) -> bool:
        """Use vectors from now on; False where the encoder cannot run or is not wanted.

        Those that are not kept are made first, a quarter of an hour for all; `step` hears how many
        of how many are there, first of the questions, then of the articles.
        """
        encoder = await self._encoding.load()
        if encoder is None:
            return False
        index, gates = await self.loaded()
        refused = await vectors_of(self._sessions, gates.refused.questions, encoder)
        await vectors_of(self._sessions, index.sample_questions, encoder, step)
        texts = [text for text in index.article_texts if text]
        await vectors_of(self._sessions, texts, encoder, step, Side.PASSAGE)
        async with self._building:
            index, gates = await self.loaded()
            self._index = await self._with_vectors(index)
            self._gates = gates.with_vectors(refused)
            self._vectors = True
        return True

    async def _with_vectors(self, index: CardIndex) -> CardIndex:
        """The index with vectors; those of new articles, which take long, are learnt after it."""
        encoder, gates = await self._encoding.load(), self._gates
        if encoder is None or gates is None:
            return index
        samples = await vectors_of(self._sessions, index.sample_questions, encoder)
        articles = await kept_vectors(self._sessions, index.article_texts, Side.PASSAGE)
        index = index.with_vectors(Vectors(samples, articles, gates.turn))
        if index.lacks_vectors:
            self._to_learn.set()
        return index

    async def loaded(self) -> tuple[CardIndex, Gates]:
        """What is in use; waits while it loads, and raises what kept it from that."""
        if self._index is None:
            await begun(self._ready, self._tasks[0] if self._tasks else None)
        if self._index is None or self._gates is None:
            raise LookupError("the clauses are not loaded yet")
        return self._index, self._gates

    async def _live(self) -> None:
        """Load the cards, then the texts; then take over what changes."""
        await self.load()
        while True:
            try:
                await self.refresh()
            except SQLAlchemyError as exc:
                log.warning("texts and cards were not read: %s", type(exc).__name__)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._heard.wait(), LOOK)
            await asyncio.sleep(SETTLED)
            self._heard.clear()

    async def _learn(self) -> None:
        """Make the vectors that are missing, now and whenever an article lacks its own."""
        await self.loaded()
        while True:
            self._to_learn.clear()
            try:
                if not await self.learn(self._progress):
                    return
            except SQLAlchemyError as exc:
                log.warning("vectors were not kept: %s", type(exc).__name__)
                await asyncio.sleep(LOOK)
            else:
                await self._to_learn.wait()

    def _progress(self, done: int, total: int) -> None:
        self._made = (done, total)

    async def _mark(self) -> str:
        """What changes when a text is imported, replaced or removed, or a card of the desk is."""
        async with self._sessions() as work:
            row = (
                await work.execute(select(func.count(Document.id), func.max(Document.changed_at)))
            ).one()
            return f"{row[0]} {row[1]} {await desk_mark(work)}"


async def read_passages(work: Work) -> tuple[Passage, ...]:
    """Every article of the texts in use."""
    rows = await work.execute(
        select(Document.stem, Article.number, Article.body)
        .join(Article, Article.document_id == Document.id)
        .where(in_use())
        .order_by(Document.stem, Article.ordinal)
    )
    return tuple(Passage(stem, number, body) for stem, number, body in rows)
