"""Finding texts by the words of a question: BM25 over characters and pairs of characters."""

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
