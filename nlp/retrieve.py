"""Finding the article that answers a question, and judging whether any does."""

from __future__ import annotations

from array import array
from collections import Counter, defaultdict
from copy import copy
from dataclasses import dataclass, replace
from math import exp, log
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from nlp.cards import Card, Kind
from nlp.linear import grams, plain
from nlp.precedence import Precedence
from nlp.turn import Turn

if TYPE_CHECKING:
    from collections.abc import Sequence

    Floats = NDArray[np.float32]


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
    article, how near the nearest sample question is in meaning, and how near the article is.
    `governs`: it went before a better one because its law governs.
    """

    nearest: str
    sample: float
    samples: float
    text: float
    meaning: float
    passage: float
    governs: bool = False


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
SAMPLES, TEXT, MEANING, PASSAGE = 3.0, 1.0, 1.0, 0.8
# A card that does not bind somebody's kind of unit counts this much.
UNBOUND = 0.7
# The vectors of e5 lie close together: a cosine below this says nothing. Of articles, so many
# first ones are near, wholly those whose cosine is so much above that of the last.
_NEAR = 0.8
_FIRST, _WHOLE = 200, 0.2


def closeness(vectors: Floats, vector: Floats) -> Floats:
    """How near each of the vectors is in meaning, from 0 to 1."""
    near: Floats = np.maximum(0, (vectors @ vector - _NEAR) / (1 - _NEAR))
    return near


def nearness(articles: Floats, vector: Floats) -> Floats:
    """How near each article is in meaning to a turned question, from 0 to 1."""
    likeness = articles @ vector
    if likeness.size <= _FIRST:
        least = np.float32(_NEAR)
    else:
        least = np.partition(likeness, -_FIRST)[-_FIRST]
    near: Floats = np.clip((likeness - least) / _WHOLE, 0, 1)
    return near


@dataclass(frozen=True, slots=True)
class Vectors:
    """Vectors of sample questions and of articles, each n × 384 and of length 1, and the turn.

    That of an article is all zeros while it is not made yet.
    """

    samples: Floats
    articles: Floats
    turn: Turn


class CardIndex:
    """Articles by their cards' sample questions, by their texts, and by meaning."""

    def __init__(
        self,
        cards: Sequence[Card],
        passages: Sequence[Passage] = (),
        precedence: Precedence | None = None,
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
        self._bare = np.setdiff1d(np.arange(len(places)), self._of_card)
        self._count = np.maximum(1, np.bincount(self._of_question, minlength=len(cards)))
        self._places: dict[str, list[int]] = defaultdict(list)
        for place, (_, question) in enumerate(self._questions):
            self._places[question].append(place)
        self._samples = Texts([question for _, question in self._questions])
        bodies = {(each.document, each.article): each.body for each in passages}
        texts = [bodies.get(place, "") for place in self._articles]
        self.article_texts = tuple(
            f"{document.partition('(')[0]}{article}\n{text}" if text else ""
            for (document, article), text in zip(self._articles, texts, strict=True)
        )
        told = self._told(at)
        self._texts = Texts([x + text for x, text in zip(told, texts, strict=True)])
        self.vectors: Vectors | None = None
        self._precedence = precedence or Precedence()
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

    def with_vectors(self, vectors: Vectors) -> CardIndex:
        """The same index with vectors in the order of `sample_questions` and `article_texts`."""
        other = copy(self)
        other.vectors = vectors
        return other

    def turned(self, turn: Turn) -> CardIndex:
        """The same index with questions turned in another way."""
        return (
            self if self.vectors is None else self.with_vectors(replace(self.vectors, turn=turn))
        )

    @property
    def lacks_vectors(self) -> bool:
        """Whether there is an article with a text that has no vector yet."""
        if self.vectors is None:
            return any(self.article_texts)
        lacking = ~np.any(self.vectors.articles, axis=1)
        return any(self.article_texts[place] for place in np.flatnonzero(lacking))

    @property
    def pairs(self) -> list[tuple[int, int]]:
        """The places of sample questions and of their articles, where the text is there."""
        return [
            (place, int(self._of_card[number]))
            for place, number in enumerate(self._of_question)
            if self.article_texts[self._of_card[number]]
        ]

    def search(self, asked: Asked, limit: int) -> list[Found]:
        """The articles that fit best, best first; none that has nothing in common.

        Of two that fit nearly alike and speak of one matter, that whose law governs comes first.
        """
        binding = self._binding(asked)
        parts = self._parts(asked, binding)
        by_article, binds = np.zeros(len(self._articles)), np.zeros(len(self._articles))
        np.maximum.at(by_article, self._of_card, parts.cards)
        np.maximum.at(binds, self._of_card, binding)
        binds[self._bare] = 1.0
        whole = by_article + binds * (TEXT * parts.texts + PASSAGE * parts.passages)
        order = [
            int(place) for place in np.argsort(-whole, kind="stable")[:limit] if whole[place] > 0
        ]
        found = [self._found(place, float(whole[place]), parts) for place in order]
        return self._settled(found, asked.kind)

    def _settled(self, found: list[Found], kind: Kind | None) -> list[Found]:
        """The same, where a law that governs has changed places with one that yields."""
        for at in range(len(found) - 1, 0, -1):
            upper, lower = found[at - 1 : at + 1]
            if self._precedence.goes_first(upper, lower, kind):
                why = replace(lower.why, governs=True)
                found[at - 1] = replace(lower, score=upper.score, why=why)
                found[at] = replace(upper, score=lower.score)
        return found

    def _parts(self, asked: Asked, binding: NDArray[np.float64]) -> _Parts:
        words = plain(asked.question)
        samples = self._samples.alike(words)
        meanings, passages = np.zeros_like(samples), np.zeros(len(self._articles), np.float32)
        if asked.vector is not None and self.vectors is not None:
            meanings = closeness(self.vectors.samples, asked.vector)
            turned = self.vectors.turn.turned(asked.vector)
            passages = nearness(self.vectors.articles, turned)
        if asked.without is not None:
            left_out = self._places[asked.without]
            samples[left_out] = meanings[left_out] = 0
        count = len(self._cards)
        best, meant = np.zeros(count), np.zeros(count)
        np.maximum.at(best, self._of_question, samples)
        np.maximum.at(meant, self._of_question, meanings)
        mean = np.bincount(self._of_question, samples, count) / self._count
        cards = (best + SAMPLES * mean + MEANING * meant) * binding
        return _Parts(samples, best, mean, meant, cards, self._texts.alike(words), passages)

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
        told, near = float(parts.texts[place]), float(parts.passages[place])
        mine = np.flatnonzero(self._of_card == place)
        if not mine.size:
            return Found(document, article, None, score, Why("", 0.0, 0.0, told, 0.0, near))
        number = int(mine[parts.cards[mine].argmax()])
        own = np.flatnonzero(self._of_question == number)
        nearest = self._questions[int(own[parts.samples[own].argmax()])][1]
        why = Why(
            nearest,
            float(parts.best[number]),
            float(parts.mean[number]),
            told,
            float(parts.meant[number]),
            near,
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
    passages: Floats


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
    return (first.score, lead, share, why.samples, why.text, why.meaning, why.passage)


def related(found: Sequence[Found], limit: int = 2) -> list[Found]:
    """Further articles beside the first: with cards, near it in score, of another article."""
    first = found[0]
    near = (
        each for each in found[1:] if each.card is not None and each.score >= 0.6 * first.score
    )
    return [each for _, each in zip(range(limit), near, strict=False)]
