"""Finding the article that answers a question, and judging whether any does."""

from __future__ import annotations

from array import array
from collections import Counter, defaultdict
from copy import copy
from dataclasses import dataclass
from math import exp, log
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from nlp.cards import Card
from nlp.linear import grams, plain

if TYPE_CHECKING:
    from collections.abc import Sequence

    Floats = NDArray[np.float32]

Kind = Literal["企业", "机关", "事业", "社团"]
"""What sort of unit somebody works in; decides which law binds them."""


@dataclass(frozen=True, slots=True)
class Passage:
    """One article of an imported text; `document` is the stem of its file."""

    document: str
    article: str
    body: str


@dataclass(frozen=True, slots=True)
class Found:
    """An article that may answer, its best card (None for one without cards), and how it fits.

    `score` orders the candidates of one question and means nothing by itself; `why` tells what it
    is made of.
    """

    document: str
    article: str
    card: Card | None
    score: float
    why: Why


@dataclass(frozen=True, slots=True)
class Why:
    """What made an article a candidate, each from 0 to 1.

    The nearest sample question and how like it is, all of the card's together, the text of the
    article, and how near the nearest sample question is in meaning.
    """

    nearest: str
    sample: float
    samples: float
    text: float
    meaning: float


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as it was typed.

    `kind` is the unit of who asks, `unit` its path ("" for a stranger); `vector` the question's,
    used when the index has vectors, too. `without` leaves one sample question out, to ask it as if
    nobody had written it.
    """

    question: str
    kind: Kind | None = None
    vector: Floats | None = None
    without: str | None = None
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Gate:
    """Turns the evidence for the first candidate into the likelihood that it answers.

    Weights of a logistic regression over the evidence of `nlp.judged`, where it is fitted; from a
    likelihood of `least` on the answer is said.
    """

    weights: tuple[float, ...]
    bias: float
    least: float

    def weighed(self, evidence: Sequence[float]) -> float:
        """The likelihood by the weights alone."""
        total = self.bias + sum(w * e for w, e in zip(self.weights, evidence, strict=True))
        return 1 / (1 + exp(-max(-30.0, min(30.0, total))))


# What a candidate's score is made of; measured on a set by other hands (tests/sets/policy.jsonl).
SAMPLES, TEXT, MEANING = 3.0, 0.6, 1.0
# A card that does not bind somebody's kind of unit counts this much.
UNBOUND = 0.7
# The vectors of e5 lie close together: a cosine below this says nothing.
_NEAR = 0.8


def closeness(vectors: Floats, vector: Floats) -> Floats:
    """How near each of the vectors is in meaning, from 0 to 1."""
    near: Floats = np.maximum(0, (vectors @ vector - _NEAR) / (1 - _NEAR))
    return near


class CardIndex:
    """Articles by their cards' sample questions, by their texts, and by meaning."""

    def __init__(
        self,
        cards: Sequence[Card],
        passages: Sequence[Passage] = (),
        vectors: Floats | None = None,
    ) -> None:
        self._cards = tuple(cards)
        places = {(card.documents[0], card.article): 0 for card in cards}
        places |= {(each.document, each.article): 0 for each in passages}
        self._articles = tuple(places)
        at = {place: number for number, place in enumerate(self._articles)}
        self._of_card = np.array([at[card.documents[0], card.article] for card in cards], np.int64)
        self._questions = tuple(
            (number, question) for number, card in enumerate(cards) for question in card.questions
        )
        self._of_question = np.array([number for number, _ in self._questions], np.int64)
        self._count = np.maximum(1, np.bincount(self._of_question, minlength=len(cards)))
        self._places: dict[str, list[int]] = defaultdict(list)
        for place, (_, question) in enumerate(self._questions):
            self._places[question].append(place)
        self._samples = Texts([question for _, question in self._questions])
        bodies = {(each.document, each.article): each.body for each in passages}
        texts = [bodies.get(place, "") for place in self._articles]
        told = self._told(at)
        self._texts = Texts([x + text for x, text in zip(told, texts, strict=True)])
        self._vectors = vectors
        self._owned = [(number, card.unit) for number, card in enumerate(cards) if card.unit]

    def _told(self, at: dict[tuple[str, str], int]) -> list[str]:
        """What the cards of each article say, for articles whose text is not imported too."""
        told = [""] * len(self._articles)
        for card in self._cards:
            told[at[card.documents[0], card.article]] += f"{card.plain}{card.exceptions}"
        return told

    @property
    def size(self) -> int:
        """How many cards there are."""
        return len(self._cards)

    @property
    def cards(self) -> tuple[Card, ...]:
        """Every card, in the order of the files."""
        return self._cards

    @property
    def sample_questions(self) -> list[str]:
        """Every sample question, in the order of `with_vectors`."""
        return [question for _, question in self._questions]

    @property
    def samples(self) -> list[tuple[Card, str]]:
        """Every sample question with its card."""
        return [(self._cards[number], question) for number, question in self._questions]

    def likeness(self, question: str) -> dict[str, float]:
        """The grams of a question, weighed as among the sample questions; of length 1."""
        return self._samples.likeness(plain(question))

    def with_vectors(self, vectors: Floats) -> CardIndex:
        """The same index with the vectors of the sample questions, n × 384, each of length 1."""
        other = copy(self)
        other._vectors = np.ascontiguousarray(vectors, np.float32)  # noqa: SLF001 - a copy of itself
        return other

    def search(self, asked: Asked, limit: int) -> list[Found]:
        """The articles that fit best, best first; none that has nothing in common."""
        parts = self._parts(asked)
        by_article = np.zeros(len(self._articles))
        np.maximum.at(by_article, self._of_card, parts.cards)
        whole = by_article + TEXT * parts.texts
        order = [int(place) for place in np.argsort(-whole)[:limit] if whole[place] > 0]
        return [self._found(place, float(whole[place]), parts) for place in order]

    def _parts(self, asked: Asked) -> _Parts:
        words = plain(asked.question)
        samples = self._samples.alike(words)
        meanings = np.zeros_like(samples)
        if asked.vector is not None and self._vectors is not None:
            meanings = closeness(self._vectors, asked.vector)
        if asked.without is not None:
            left_out = self._places[asked.without]
            samples[left_out] = meanings[left_out] = 0
        count = len(self._cards)
        best, meant = np.zeros(count), np.zeros(count)
        np.maximum.at(best, self._of_question, samples)
        np.maximum.at(meant, self._of_question, meanings)
        mean = np.bincount(self._of_question, samples, count) / self._count
        cards = (best + SAMPLES * mean + MEANING * meant) * self._binding(asked)
        return _Parts(samples, best, mean, meant, cards, self._texts.alike(words))

    def _binding(self, asked: Asked) -> NDArray[np.float64]:
        """How much each card counts for who asks; another unit's own rule does not count at all.

        A card for other kinds of unit counts less.
        """
        counts = np.ones(len(self._cards))
        if asked.kind is not None:
            binds = [asked.kind in card.binds or "all" in card.binds for card in self._cards]
            counts = np.where(binds, 1.0, UNBOUND)
        for number, unit in self._owned:
            if not asked.unit.startswith(unit):
                counts[number] = 0.0
        return counts

    def _found(self, place: int, score: float, parts: _Parts) -> Found:
        document, article = self._articles[place]
        told = float(parts.texts[place])
        mine = np.flatnonzero(self._of_card == place)
        if not mine.size:
            return Found(document, article, None, score, Why("", 0.0, 0.0, told, 0.0))
        number = int(mine[parts.cards[mine].argmax()])
        own = np.flatnonzero(self._of_question == number)
        nearest = self._questions[int(own[parts.samples[own].argmax()])][1]
        why = Why(
            nearest,
            float(parts.best[number]),
            float(parts.mean[number]),
            told,
            float(parts.meant[number]),
        )
        return Found(document, article, self._cards[number], score, why)


@dataclass(frozen=True, slots=True)
class _Parts:
    """What each sample question, card and article has in common with what was asked."""

    samples: Floats
    best: NDArray[np.float64]
    mean: NDArray[np.float64]
    meant: NDArray[np.float64]
    cards: NDArray[np.float64]
    texts: Floats


class Texts:
    """Texts by their characters and pairs of characters (TF-IDF of length 1)."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._size = len(texts)
        self._places: dict[str, int] = {}
        places, counts, lengths = array("q"), array("d"), []
        for text in texts:
            counted = Counter(grams(plain(text)))
            places.extend(self._places.setdefault(gram, len(self._places)) for gram in counted)
            counts.extend(counted.values())
            lengths.append(len(counted))
        of_gram = np.frombuffer(places, np.int64)
        of_text = np.repeat(np.arange(self._size, dtype=np.int32), np.array(lengths, np.int64))
        spread = np.bincount(of_gram, minlength=len(self._places))
        self._idf = np.log((1 + self._size) / (1 + spread)) + 1
        self._unknown = log(1 + self._size) + 1
        weights = (1 + np.log(np.frombuffer(counts))) * self._idf[of_gram]
        squares = np.bincount(of_text, weights * weights, self._size)
        by_gram = np.argsort(of_gram, kind="stable")
        self._owners = of_text[by_gram]
        self._values = (weights / np.sqrt(squares)[of_text])[by_gram].astype(np.float32)
        self._starts = np.concatenate(([0], np.cumsum(spread)))

    def alike(self, words: str) -> Floats:
        """For each text its cosine with a plain text."""
        found = np.zeros(self._size, np.float32)
        for gram, weight in self.likeness(words).items():
            place = self._places.get(gram)
            if place is not None:
                mine = slice(self._starts[place], self._starts[place + 1])
                # A text stands once in a gram's list, so that plain indexing adds right.
                found[self._owners[mine]] += self._values[mine] * np.float32(weight)
        return found

    def likeness(self, words: str) -> dict[str, float]:
        """The grams of a plain text by their weight, of length 1; empty for a text without any."""
        weights = self._weights(words)
        length = sum(weight * weight for weight in weights.values()) ** 0.5
        return {gram: weight / length for gram, weight in weights.items()}

    def _weights(self, words: str) -> dict[str, float]:
        return {
            gram: (1 + log(n)) * self._rarity(gram) for gram, n in Counter(grams(words)).items()
        }

    def _rarity(self, gram: str) -> float:
        place = self._places.get(gram)
        return self._unknown if place is None else float(self._idf[place])


def evidence(found: Sequence[Found]) -> tuple[float, ...]:
    """What speaks for the first candidate: its parts and its lead."""
    first = found[0]
    lead = first.score - (found[1].score if len(found) > 1 else 0.0)
    why = first.why
    share = lead / first.score
    return (first.score, lead, share, why.samples, why.text, why.meaning)


def related(found: Sequence[Found], limit: int = 2) -> list[Found]:
    """Further articles beside the first: with cards, near it in score, of another article."""
    first = found[0]
    near = (
        each for each in found[1:] if each.card is not None and each.score >= 0.6 * first.score
    )
    return [each for _, each in zip(range(limit), near, strict=False)]
