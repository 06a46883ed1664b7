"""The clauses of a process: cards of files and desk, imported texts, vectors once made."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError

from handlers.actions.desk_cards import DeskCards, read_cards
from handlers.language import aside, begun
from models.policy import Article, Document, in_use
from models.question import NO_DESK, desk_mark
from nlp import cards
from nlp.judged import Gates, load_gates
from nlp.learned import Vectors
from nlp.retrieve import Asked, CardIndex, Found, Kind, Passage

if TYPE_CHECKING:
    from handlers.language import Language
    from models.db import Sessions, Work
    from nlp.cards import Card
    from nlp.retrieve import Floats

# Seconds between looks whether texts or cards have changed.
LOOK = 5.0
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

    `documents` are the imported texts that the articles belong to.
    """

    cards: int
    passages: int
    vectors: bool
    documents: int = 0


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
        self._documents = 0
        self._files_cards: tuple[Card, ...] = ()
        self._desk = DeskCards()
        self._taken = NOTHING
        self._building = asyncio.Lock()
        self._vectors = False

    @classmethod
    def of(cls, index: CardIndex, gates: Gates, sessions: Sessions, language: Language) -> Clauses:
        """Clauses that stand still but for `refresh`: an index that was built beforehand."""
        clauses = cls(Files(Path(), Path(), Path()), sessions, language)
        clauses._index, clauses._gates = index, gates
        clauses._files_cards = index.cards
        return clauses

    @property
    def condition(self) -> Ready:
        """How they stand now."""
        size = 0 if self._index is None else self._index.size
        return Ready(size, len(self._passages), self._vectors, self._documents)

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
        self._task = asyncio.create_task(self._live())

    async def stop(self) -> None:
        """Stop looking for changes."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    async def judge(self, question: str, kind: Kind | None = None, unit: str = "") -> Judged:
        """The candidates for a question, and whether the first is good enough to be said."""
        index, gates = await self._loaded()
        vector = await self.vector(question)
        asked = Asked(question, kind, vector, unit=unit)
        found = index.search(asked, CANDIDATES)
        likely = gates.likelihood(asked, found)
        return Judged(tuple(found), likely, answered=gates.passes(asked, found, likely))

    async def all_cards(self) -> tuple[Card, ...]:
        """Every card of the index that is whole at the moment; waits while it loads."""
        index, _ = await self._loaded()
        return index.cards

    async def first_cards(self, question: str, unit: str = "") -> tuple[str, ...]:
        """The slug of the card that comes first by characters alone, then with the meaning too.

        "" where none comes first; the second only where vectors are in use.
        """
        index, _ = await self._loaded()
        vector = await self.vector(question)
        ways = (None,) if vector is None else (None, vector)
        found = [index.search(Asked(question, None, way, unit=unit), 1) for way in ways]
        return tuple(
            each[0].card.slug if each and each[0].card is not None else "" for each in found
        )

    async def vector(self, question: str) -> Floats | None:
        """The vector of a question; None while vectors are not in use."""
        if not self._vectors or self._language.encoder is None:
            return None
        return await self._language.vector(question)

    async def likeness(self, question: str) -> dict[str, float]:
        """What a question shares with others by characters; see `CardIndex.likeness`."""
        index, _ = await self._loaded()
        return index.likeness(question)

    async def refresh(self) -> None:
        """Take over what changed in the database: texts, cards of the desk, added wordings.

        The index that is in use stays in use until the new one is whole.
        """
        await self._loaded()
        async with self._building:
            found = await self._mark()
            if found == self._taken:
                return
            await self._read_texts()
            async with self._sessions() as work:
                self._desk = await read_cards(work)
            await self._build()
            self._taken = found

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
        self._files_cards = some
        self._ready.set()
        while True:
            try:
                await self.refresh()
            except SQLAlchemyError as exc:
                log.warning("texts and cards were not read: %s", type(exc).__name__)
            if not self._vectors and self._language.encoder is not None:
                await self._give_vectors()
            await asyncio.sleep(LOOK)

    async def _mark(self) -> str:
        """What changes when a text is imported, replaced or removed, or a card of the desk is."""
        async with self._sessions() as work:
            row = (
                await work.execute(select(func.count(Document.id), func.max(Document.changed_at)))
            ).one()
            return f"{row[0]} {row[1]} {await desk_mark(work)}"

    async def _read_texts(self) -> None:
        async with self._sessions() as work:
            self._passages = await read_passages(work)
        self._documents = len({each.document for each in self._passages})

    async def _build(self) -> None:
        """Build the index anew, with the vectors of new wordings where vectors are in use."""
        index = await aside(CardIndex, self._desk.added_to(self._files_cards), self._passages)
        encoder = self._language.encoder
        if self._vectors and encoder is not None:
            vectors = Vectors(self._files.kept)
            index = index.with_vectors(await aside(vectors.of, index.sample_questions, encoder))
        self._index = index

    async def _give_vectors(self) -> None:
        encoder = self._language.encoder
        async with self._building:
            index, gates = await self._loaded()
            if encoder is not None:
                vectors = Vectors(self._files.kept)
                refused = await aside(vectors.of, gates.refused.questions, encoder)
                made = await aside(vectors.of, index.sample_questions, encoder)
                self._gates = gates.with_vectors(refused)
                self._index = index.with_vectors(made)
                self._vectors = True


async def read_passages(work: Work) -> tuple[Passage, ...]:
    """Every article of the texts in use."""
    rows = await work.execute(
        select(Document.stem, Article.number, Article.body)
        .join(Article, Article.document_id == Document.id)
        .where(in_use())
        .order_by(Document.stem, Article.ordinal)
    )
    return tuple(Passage(stem, number, body) for stem, number, body in rows)
