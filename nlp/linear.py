"""A linear classifier over short stretches of characters: trained in a moment, read in less."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import log
from typing import TYPE_CHECKING

import numpy as np

from nlp.normalise import normalise

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

_BLANK = re.compile(r"\s+")
# What scores are multiplied by before the softmax; measured by cross-validation on the examples.
SHARPNESS = 3.0


def grams(plain: str) -> list[str]:
    """Characters and pairs of characters, with the edges of each word marked by a blank."""
    found: list[str] = []
    for word in plain.split():
        edged = f" {word} "
        found.extend(word)
        found.extend(edged[at : at + 2] for at in range(len(edged) - 1))
    return found


def grams_without_blanks(plain: str) -> list[str]:
    """The same for a text whose blanks were pulled out: 不 想 活 is 不想活."""
    return grams(_BLANK.sub("", plain))


Analyzer = Callable[[str], list[str]]


def plain(text: str) -> str:
    """A text as the classifiers read it."""
    return normalise(text).lower()


@dataclass(frozen=True, slots=True)
class Features:
    """The known grams of a text, their rows and their values (TF-IDF of length 1)."""

    grams: list[str]
    rows: list[int]
    values: Floats


@dataclass(frozen=True, slots=True)
class Linear:
    """Weights for each gram and label; `weights` is grams × labels, `idf` one for each gram."""

    labels: tuple[str, ...]
    places: dict[str, int]
    idf: Floats
    weights: Floats
    bias: Floats
    analyzer: Analyzer

    def features(self, plain: str) -> Features:
        """The known grams of a text that is already plain (`plain`), with their weights."""
        counts = Counter(gram for gram in self.analyzer(plain) if gram in self.places)
        known = list(counts)
        rows = [self.places[gram] for gram in known]
        values = np.array([1 + log(count) for count in counts.values()], np.float32)
        values *= self.idf[rows] if rows else values
        length = float(np.sqrt(values @ values))
        return Features(known, rows, values / length if length else values)

    def scores(self, some: Features) -> Floats:
        """One score a label; what is not known at all gets the bias alone."""
        if not some.rows:
            return self.bias
        result: Floats = some.values @ self.weights[some.rows] + self.bias
        return result

    def deciding(
        self, some: Features, label: str, words: Iterable[str], limit: int = 4
    ) -> tuple[str, ...]:
        """The words of a text that spoke most for a label, strongest first; not single signs."""
        if not some.rows:
            return ()
        spoke = some.values * self.weights[some.rows, self.labels.index(label)]
        share = dict(zip(some.grams, spoke.tolist(), strict=True))
        weights = {
            word: sum(share.get(gram, 0.0) for gram in grams(word) if " " not in gram)
            for word in words
            if len(word) > 1 and word.isalnum()
        }
        best = sorted(weights, key=weights.__getitem__, reverse=True)[:limit]
        return tuple(word for word in best if weights[word] > 0)


def probabilities(scores: Floats, sharpness: float = SHARPNESS) -> Floats:
    """Scores as shares that add up to one."""
    raised = np.exp((scores - scores.max(axis=-1, keepdims=True)) * sharpness)
    result: Floats = raised / raised.sum(axis=-1, keepdims=True)
    return result


@dataclass(frozen=True, slots=True)
class Recipe:
    """How a classifier is trained: hinge loss for many labels, logistic for one against none.

    `cost` is the inverse of the regularisation; `favour` weighs examples of the label "yes".
    """

    analyzer: Analyzer = grams
    cost: float = 1.0
    favour: float | None = None


def train(texts: Sequence[str], labels: Sequence[str], recipe: Recipe) -> Linear:
    """Fit on labelled texts; about half a second for three thousand.

    With `favour` the labels are "yes" and "no", and the only column is the log odds of "yes".
    """
    # Only training needs it: importing takes a second, and the fitted weights are kept.
    from sklearn.feature_extraction.text import TfidfVectorizer  # noqa: PLC0415
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415
    from sklearn.svm import LinearSVC  # noqa: PLC0415

    vectorizer = TfidfVectorizer(analyzer=recipe.analyzer, sublinear_tf=True)
    rows = vectorizer.fit_transform([plain(text) for text in texts])
    if recipe.favour is None:
        model = LinearSVC(C=recipe.cost, random_state=0).fit(rows, labels)
    else:
        shares = {"yes": recipe.favour, "no": 1.0}
        model = LogisticRegression(
            C=recipe.cost, class_weight=shares, solver="liblinear", max_iter=1000
        ).fit(rows, labels)
    names = tuple(str(label) for label in model.classes_)
    return Linear(
        labels=names if len(names) > 2 else names[-1:],
        places={gram: int(place) for gram, place in vectorizer.vocabulary_.items()},
        idf=vectorizer.idf_.astype(np.float32),
        weights=np.ascontiguousarray(model.coef_.T, dtype=np.float32),
        bias=model.intercept_.astype(np.float32),
        analyzer=recipe.analyzer,
    )
