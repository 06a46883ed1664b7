"""Finding texts without cards: by the words of a question (BM25), and by words and meaning."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import numpy as np

from nlp.linear import grams, plain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nlp.retrieve import Floats

# The usual ones: how soon a repeated gram counts no more, and how much a long text is discounted.
REPEATED, LENGTH = 1.2, 0.75
# How much words count beside meaning, both brought to the same spread; measured on questions that
# the turn was learnt from.
WORDS = 0.2


class Bm25:
    """Texts by their grams."""

    def __init__(self, texts: Sequence[str]) -> None:
        counts = [Counter(grams(plain(text))) for text in texts]
        lengths = np.array([sum(each.values()) for each in counts], np.float32)
        holds = REPEATED * (1 - LENGTH + LENGTH * lengths / max(1.0, float(lengths.mean())))
        found: dict[str, tuple[list[int], list[float]]] = {}
        for place, counted in enumerate(counts):
            for gram, count in counted.items():
                places, weights = found.setdefault(gram, ([], []))
                places.append(place)
                weights.append(count * (REPEATED + 1) / (count + float(holds[place])))
        self._size = len(texts)
        self._found = {
            gram: (
                np.array(places, np.int32),
                np.array(weights, np.float32) * np.float32(self._rarity(len(places))),
            )
            for gram, (places, weights) in found.items()
        }

    def all_scores(self, questions: Sequence[str]) -> Floats:
        """The scores for each question, questions × texts."""
        return np.array([self.scores(question) for question in questions])

    def scores(self, question: str) -> Floats:
        """For each text how well it fits, from 0 on."""
        scores = np.zeros(self._size, np.float32)
        for gram in set(grams(plain(question))):
            if gram in self._found:
                places, weights = self._found[gram]
                scores[places] += weights
        return scores

    def _rarity(self, count: int) -> float:
        return float(np.log1p((self._size - count + 0.5) / (count + 0.5)))


def joined(meaning: Floats, words: Floats) -> Floats:
    """Scores of texts by their meaning and their words, questions × texts."""
    both: Floats = _even(meaning) + np.float32(WORDS) * _even(words)
    return both


def recall(golds: Sequence[Sequence[int]], scores: Floats, cut: int) -> float:
    """The share of right texts among so many first ones, as a mean over the questions."""
    first = np.argsort(-scores, axis=1)[:, :cut]
    found = [np.isin(gold, row).mean() for gold, row in zip(golds, first, strict=True)]
    return float(np.mean(found))


def _even(scores: Floats) -> Floats:
    """Scores of each question, brought to the same middle and spread."""
    spread = scores.std(axis=1, keepdims=True) + np.float32(1e-9)
    even: Floats = (scores - scores.mean(axis=1, keepdims=True)) / spread
    return even
