"""The language of a process: read in the background, swapped whole when its files change."""

from __future__ import annotations

import asyncio
import hashlib
import logging
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from handlers.background import aside, begun
from handlers.encoding import Encoding
from nlp.acts import Acts
from nlp.examples import Examples
from nlp.learned import Head, KeptVectors, Reader, learn_head, learn_reader, load_examples
from nlp.names import Names
from nlp.tokenise import Words
from nlp.understand import INTENTS, Lexicon, Meaning, Understander

if TYPE_CHECKING:
    from nlp.encode import Encoder

# Seconds between looks at the files; a look costs a stat of each.
LOOK = 5.0

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Places:
    """Where the files of the language lie, and where what was learnt from them is kept."""

    lexicon: Path
    examples: Path
    kept: Path


@dataclass(frozen=True, slots=True)
class Edition:
    """Everything that belongs together, under the fingerprint of its files."""

    mark: str
    understander: Understander
    names: Names
    intents: Examples
    reader: Reader
    words: Words
    head: Head | None = None


@dataclass(frozen=True, slots=True)
class Condition:
    """How the language of this process stands; `learnt` of `to_learn` examples have vectors.

    `encoder` is "ready", "learning", "off" or why it cannot run. `fault` says why changed files
    were not taken over.
    """

    edition: str
    encoder: str
    learnt: int
    to_learn: int
    fault: str


class Language:
    """What understands messages; every call uses the edition that is whole at that moment."""

    def __init__(self, places: Places, encoding: Encoding, look: float = LOOK) -> None:
        """`look` in seconds."""
        self._places = places
        self._encoding = encoding
        self._look = look
        self._edition: Edition | None = None
        self._ready = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._condition = Condition("", encoding.fault or "learning", 0, 0, "")

    @classmethod
    def of(cls, places: Places, edition: Edition) -> Language:
        """A language that stands still: one edition, read beforehand, and no encoder."""
        language = cls(places, Encoding(None))
        language._edition = edition
        language._condition = replace(language._condition, edition=edition.mark)
        return language

    @property
    def condition(self) -> Condition:
        """How it stands now."""
        return self._condition

    @property
    def now(self) -> Edition:
        """The edition in use; only after `loaded`."""
        if self._edition is None:
            raise LookupError("the language is not loaded yet")
        return self._edition

    def start(self) -> None:
        """Begin to load; who asks before that is done waits for it."""
        self._task = asyncio.create_task(self._live())

    async def stop(self) -> None:
        """Stop looking at the files."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    async def loaded(self) -> Edition:
        """Wait until messages can be understood; raises what kept the first loading from it."""
        if self._edition is None:
            await begun(self._ready, self._task)
        return self.now

    async def understand(self, text: str) -> Meaning:
        """The meaning of a message, with the encoder's word where characters do not settle it."""
        edition = await self.loaded()
        meaning = edition.understander.read(text)
        head = edition.head
        if meaning.settled or head is None:
            return meaning
        vector = await self._encoding.vector(text)
        return edition.understander.weigh(text, vector, head)

    async def _live(self) -> None:
        """Load, learn, and look again and again whether files have changed."""
        mark = await aside(_mark, self._places)
        self._edition = await aside(load_edition, self._places, mark)
        self._condition = replace(self._condition, edition=mark)
        self._ready.set()
        await self._learn()
        while True:
            await asyncio.sleep(self._look)
            found = await aside(_mark, self._places)
            if found != mark:
                mark = found
                await self._take_over(found)

    async def _take_over(self, mark: str) -> None:
        """Build the new edition beside the old one; a broken one is told and not used."""
        try:
            self._edition = await aside(load_edition, self._places, mark)
        except (ValueError, OSError) as exc:
            log.error("the changed language files are not used: %s", exc)  # noqa: TRY400 - its text says it
            self._condition = replace(self._condition, fault=str(exc))
            return
        self._condition = replace(self._condition, edition=mark, fault="")
        log.info("the language is now edition %s", mark)
        await self._learn()

    async def _learn(self) -> None:
        """Load the words of the edition in use, and its second stage where the encoder runs."""
        await aside(self.now.words.load)
        edition, encoder = self.now, await self._encoding.load()
        if encoder is None:
            self._condition = replace(self._condition, encoder=self._encoding.fault)
            return
        self._condition = replace(self._condition, encoder="learning")
        head = await aside(self._head, edition, encoder)
        self._edition = replace(edition, head=head)
        self._condition = replace(self._condition, encoder="ready")

    def _head(self, edition: Edition, encoder: Encoder) -> Head:
        vectors = KeptVectors(self._places.kept).of(edition.intents.texts, encoder, self._progress)
        return learn_head(edition.reader, edition.intents, vectors, self._places.kept)

    def _progress(self, done: int, total: int) -> None:
        self._condition = replace(self._condition, learnt=done, to_learn=total)


def load_edition(places: Places, mark: str) -> Edition:
    """Read lexicon and examples and train the first stage, or read it as it was kept.

    Its `words` cut by pairs until they are loaded, which takes longer than all the rest.

    Raises LexiconError, ExampleError or pydantic's ValidationError, which are all ValueErrors.
    """
    intents, danger = load_examples(places.examples, INTENTS)
    reader = learn_reader(intents, danger, Acts.load(places.lexicon), places.kept)
    words = Words(places.lexicon / "words.txt", places.kept / "jieba")
    understander = Understander(Lexicon.load(places.lexicon), reader, intents, words)
    return Edition(mark, understander, Names.load(places.lexicon), intents, reader, words)


def _mark(places: Places) -> str:
    """The fingerprint of all files by name, size and time of writing."""
    files = sorted((*places.lexicon.glob("*"), *places.examples.rglob("*.txt")))
    lines = (
        f"{file.relative_to(file.parent.parent)} {stat.st_size} {stat.st_mtime_ns}"
        for file in files
        for stat in (file.stat(),)
    )
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:8]
