"""The clauses of a process: cards from files, texts from the database, vectors once made."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError

from handlers.language import aside, begun
from models.policy import Article, Document, in_use
from nlp import cards
from nlp.judged import Gates, load_gates
from nlp.learned import Vectors
from nlp.retrieve import Asked, CardIndex, Found, Kind, Passage

if TYPE_CHECKING:
    from handlers.language import Language
    from models.db import Sessions
    from nlp.cards import Card

# Seconds between looks whether the imported texts have changed.
LOOK = 5.0
# The mark of a database without texts: the index is whole without them, and not built twice.
NO_TEXTS = "0 None"
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
    """What is made known of the clauses: cards, imported articles, whether vectors are in use."""

    cards: int
    passages: int
    vectors: bool


@dataclass(frozen=True, slots=True)
class Files:
    """Where cards and gate lie, and where the vectors of the sample questions are kept."""

    cards: Path
    gate: Path
    kept: Path


class Clauses:
    """Searches the index that is whole at the moment; a new one is built beside it and swapped."""

    def __init__(self, files: Files, sessions: Sessions, language: Language) -> None:
        self._files = files
        self._sessions = sessions
        self._language = language
        self._index: CardIndex | None = None
        self._gates: Gates | None = None
        self._ready = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._passages: tuple[Passage, ...] = ()
        self._vectors = False

    @classmethod
    def of(cls, index: CardIndex, gates: Gates, sessions: Sessions, language: Language) -> Clauses:
        """Clauses that stand still: an index that was built beforehand."""
        clauses = cls(Files(Path(), Path(), Path()), sessions, language)
        clauses._index, clauses._gates = index, gates
        return clauses

    @property
    def condition(self) -> Ready:
        """How they stand now."""
        size = 0 if self._index is None else self._index.size
        return Ready(size, len(self._passages), self._vectors)

    @property
    def cards(self) -> tuple[Card, ...]:
        """The clause cards; none until they are loaded."""
        return () if self._index is None else tuple(self._index.cards)

    def start(self) -> None:
        """Begin to load; who asks before that is done waits for it."""
        self._task = asyncio.create_task(self._live())

    async def stop(self) -> None:
        """Stop looking for changes."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    async def judge(self, question: str, kind: Kind | None = None) -> Judged:
        """The candidates for a question, and whether the first is good enough to be said."""
        index, gates = await self._loaded()
        encoder = self._language.encoder if self._vectors else None
        vector = None if encoder is None else await self._language.vector(question)
        asked = Asked(question, kind, vector)
        found = index.search(asked, CANDIDATES)
        if not found:
            return Judged((), 0.0, answered=False)
        gate = gates.without_meaning if vector is None else gates.with_meaning
        likely = gate.likelihood(found)
        sure = likely >= gate.least and found[0].card is not None
        return Judged(tuple(found), likely, answered=sure)

    async def all_cards(self) -> tuple[Card, ...]:
        """Every card of the index that is whole at the moment; waits while it loads."""
        index, _ = await self._loaded()
        return index.cards

    async def _loaded(self) -> tuple[CardIndex, Gates]:
        if self._index is None:
            await begun(self._ready, self._task)
        if self._index is None or self._gates is None:
            raise LookupError("the clauses are not loaded yet")
        return self._index, self._gates

    async def _live(self) -> None:
        """Load the cards, then the texts, then the vectors; later look for changed texts."""
        some = await aside(cards.load, self._files.cards)
        self._gates = load_gates(self._files.gate)
        self._index = await aside(CardIndex, some)
        self._ready.set()
        mark = NO_TEXTS
        while True:
            try:
                found = await self._mark()
                if found != mark:
                    await self._read_texts()
                    mark = found
            except SQLAlchemyError as exc:
                log.warning("the imported texts were not read: %s", type(exc).__name__)
            if not self._vectors and self._language.encoder is not None:
                await self._give_vectors()
            await asyncio.sleep(LOOK)

    async def _mark(self) -> str:
        """What changes when a text is imported, replaced or removed."""
        async with self._sessions() as work:
            row = (
                await work.execute(select(func.count(Document.id), func.max(Document.changed_at)))
            ).one()
        return f"{row[0]} {row[1]}"

    async def _read_texts(self) -> None:
        async with self._sessions() as work:
            rows = await work.execute(
                select(Document.stem, Article.number, Article.body)
                .join(Article, Article.document_id == Document.id)
                .where(in_use())
                .order_by(Document.stem, Article.ordinal)
            )
            self._passages = tuple(Passage(stem, number, body) for stem, number, body in rows)
        if self._index is not None:
            self._index = await aside(self._index.with_texts, self._passages)

    async def _give_vectors(self) -> None:
        index, encoder = self._index, self._language.encoder
        if index is None or encoder is None:
            return
        vectors = Vectors(self._files.kept)
        made = await aside(vectors.of, index.sample_questions, encoder)
        current = self._index
        if current is not None:
            self._index = current.with_vectors(made)
            self._vectors = True
