"""What is learnt from the examples, and kept between starts: weights, vectors, calibration."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING
from zipfile import BadZipFile

import numpy as np

from nlp import encode, examples, linear
from nlp.examples import ABSENT, Examples
from nlp.linear import Analyzer, Linear, Recipe, grams_without_blanks, plain, probabilities
from nlp.urgency import Danger

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray

    from nlp.acts import Acts
    from nlp.encode import Encoder

    Floats = NDArray[np.float32]

DANGER_RECIPE = Recipe(grams_without_blanks, cost=20.0, favour=3.0)
KINDS_RECIPE = Recipe(grams_without_blanks)
# How much the encoder's word counts beside the characters', and its regularisation; both measured
# by cross-validation on the examples.
ENCODER_SHARE = 0.3
ENCODER_COST = 30.0
FOLDS = 5
_TINY = 1e-9
# Kept results of other code than this are not read.
_EDITION = "3"


@dataclass(frozen=True, slots=True)
class Calibration:
    """Turns the share of the first label into the likelihood that it is right."""

    slope: float
    shift: float

    def likelihood(self, share: float) -> float:
        """From 0 to 1."""
        odds = np.log(max(share, _TINY) / max(1 - share, _TINY))
        return float(1 / (1 + np.exp(-(self.slope * odds + self.shift))))


@dataclass(frozen=True, slots=True)
class Reader:
    """The first stage: characters and acts. `mark` names what it was learnt from."""

    mark: str

    intents: Linear
    danger: Linear
    kinds: Linear
    calibration: Calibration


@dataclass(frozen=True, slots=True)
class Head:
    """The second stage: what the vector of a text says of each label, beside the characters.

    `weights` is 384 × labels; `mean` is taken from every vector first, because those of e5 all
    point one way.
    """

    mean: Floats
    weights: Floats
    bias: Floats
    calibration: Calibration

    def shares(self, characters: Floats, vector: Floats) -> Floats:
        """Shares of the labels from the scores of the characters and the vector together."""
        own = probabilities(centred(vector, self.mean) @ self.weights + self.bias, 1.0)
        return _joined(probabilities(characters), own)


def learn_reader(intents: Examples, danger: Examples, acts: Acts, folder: Path) -> Reader:
    """Train the first stage, or read it as it was kept; two seconds at the first time."""
    crisis = [
        text
        for text, label in zip(intents.texts, intents.labels, strict=True)
        if label == "crisis"
    ]
    calm = [
        text
        for text, label in zip(intents.texts, intents.labels, strict=True)
        if label != "crisis"
    ]
    kinds = [
        (text, label)
        for text, label in zip(danger.texts, danger.labels, strict=True)
        if label != ABSENT
    ]
    absent = [
        text for text, label in zip(danger.texts, danger.labels, strict=True) if label == ABSENT
    ]
    dangerous = [text for text, _ in kinds] + crisis
    harmless = absent + calm
    recipe = Recipe(acts)

    def make() -> dict[str, NDArray[np.generic]]:
        parts = {
            "intents": linear.train(intents.texts, intents.labels, recipe),
            "danger": linear.train(
                [*dangerous, *harmless],
                ["yes"] * len(dangerous) + ["no"] * len(harmless),
                DANGER_RECIPE,
            ),
            "kinds": linear.train(
                [text for text, _ in kinds], [label for _, label in kinds], KINDS_RECIPE
            ),
        }
        shares, right = _tried(intents, recipe)
        kept = _calibrated(shares, right)
        arrays: dict[str, NDArray[np.generic]] = {
            "calibration": np.array([kept.slope, kept.shift])
        }
        for name, part in parts.items():
            arrays |= _packed(name, part)
        return arrays

    mark = "-".join((_EDITION, intents.fingerprint(), danger.fingerprint(), acts.fingerprint))
    arrays = _kept(folder / "reader", mark, make)
    return Reader(
        mark,
        _unpacked("intents", arrays, acts),
        _unpacked("danger", arrays, grams_without_blanks),
        _unpacked("kinds", arrays, grams_without_blanks),
        Calibration(*map(float, arrays["calibration"])),
    )


def learn_head(reader: Reader, intents: Examples, vectors: Floats, folder: Path) -> Head:
    """Train the second stage on the vectors of the examples, n × 384; some twenty seconds once."""

    def make() -> dict[str, NDArray[np.generic]]:
        mean = vectors.mean(axis=0)
        rows = centred(vectors, mean)
        weights, bias = _logistic(rows, intents.labels)
        kept = _calibrated(*_tried_together(intents, rows, Recipe(reader.intents.analyzer)))
        return {
            "mean": mean,
            "weights": weights,
            "bias": bias,
            "calibration": np.array([kept.slope, kept.shift]),
        }

    mark = f"{encode.NAME}-{reader.mark}"
    arrays = _kept(folder / "head", mark, make)
    return Head(
        arrays["mean"].astype(np.float32),
        arrays["weights"].astype(np.float32),
        arrays["bias"].astype(np.float32),
        Calibration(*map(float, arrays["calibration"])),
    )


class KeptVectors:
    """Vectors of texts on disk, by text: each is computed once, and a stop loses at most a few."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "vectors.npz"
        self._known: dict[str, Floats] = {}
        if self._file.exists():
            with self._file.open("rb") as source, np.load(source) as kept:
                if str(kept["name"]) == encode.NAME:
                    self._known = dict(zip(kept["keys"].tolist(), kept["vectors"], strict=True))

    def has(self, texts: Sequence[str]) -> bool:
        """Whether the vectors of all of them are there."""
        return all(_key(text) in self._known for text in texts)

    def of(
        self,
        texts: Sequence[str],
        encoder: Encoder,
        step: Callable[[int, int], None] | None = None,
    ) -> Floats:
        """Vectors of the texts, n × 384; `step` hears how many of how many are done."""
        keys = [_key(text) for text in texts]
        missing = {
            key: text for key, text in zip(keys, texts, strict=True) if key not in self._known
        }
        done = len(texts) - len(missing)
        for some in _batched(missing, 128):
            for key, text in some:
                self._known[key] = encoder.vector(text).astype(np.float16)
            self._save()
            done += len(some)
            if step is not None:
                step(done, len(texts))
        return np.array([self._known[key] for key in keys], dtype=np.float32)

    def _save(self) -> None:
        _write(
            self._file,
            {
                "name": np.array(encode.NAME),
                "keys": np.array(list(self._known)),
                "vectors": np.array(list(self._known.values()), dtype=np.float16),
            },
        )


def load_examples(folder: Path, intents: Sequence[str]) -> tuple[Examples, Examples]:
    """The examples of the labels and those of danger; raises ExampleError."""
    dangers = (*(kind.value for kind in Danger), ABSENT)
    return examples.load(folder, intents), examples.load(folder / "danger", dangers)


def cross_validated(
    some: Examples, analyzer: Analyzer, rows: Floats | None = None
) -> tuple[list[str], Floats]:
    """For each example the label that it gets from the other folds, and its share.

    With vectors (centred, n × 384) both stages are weighed together.
    """
    shares, names = (_folded(some, Recipe(analyzer)), sorted(set(some.labels)))
    if rows is not None:
        shares = _joined(shares, _folded_rows(some, rows))
    best = shares.argmax(axis=1)
    return [names[at] for at in best], shares.max(axis=1)


def trained_on(
    some: Examples, analyzer: Analyzer, rows: Floats, texts: Sequence[str], others: Floats
) -> tuple[list[str], list[str]]:
    """Labels of texts by both stages, and by characters alone, trained on other examples.

    `rows` and `others` are centred vectors, n × 384, of the examples and of the texts.
    """
    model = linear.train(some.texts, some.labels, Recipe(analyzer))
    shares = np.array([probabilities(model.scores(model.features(plain(text)))) for text in texts])
    weights, bias = _logistic(rows, some.labels)
    both = _joined(shares, probabilities(others @ weights + bias, 1.0))
    return (
        [model.labels[at] for at in both.argmax(axis=1)],
        [model.labels[at] for at in shares.argmax(axis=1)],
    )


def centred_on_itself(vectors: Floats) -> Floats:
    """Vectors without their mean, of length 1."""
    return centred(vectors, vectors.mean(axis=0))


def _tried(some: Examples, recipe: Recipe) -> tuple[Floats, NDArray[np.bool_]]:
    return _first(some, _folded(some, recipe))


def _tried_together(
    some: Examples, rows: Floats, recipe: Recipe
) -> tuple[Floats, NDArray[np.bool_]]:
    return _first(some, _joined(_folded(some, recipe), _folded_rows(some, rows)))


def _first(some: Examples, shares: Floats) -> tuple[Floats, NDArray[np.bool_]]:
    names = np.array(sorted(set(some.labels)))
    right = names[shares.argmax(axis=1)] == np.array(some.labels)
    return shares.max(axis=1), right


def _folded(some: Examples, recipe: Recipe) -> Floats:
    """Shares for each example from a classifier that has not seen its fold."""
    places = np.array(examples.folds(some.labels, FOLDS))
    names = sorted(set(some.labels))
    shares = np.zeros((len(some.texts), len(names)), np.float32)
    for fold in range(FOLDS):
        others = np.flatnonzero(places != fold)
        model = linear.train(
            [some.texts[at] for at in others], [some.labels[at] for at in others], recipe
        )
        columns = [names.index(label) for label in model.labels]
        for at in np.flatnonzero(places == fold):
            scores = model.scores(model.features(plain(some.texts[at])))
            shares[at, columns] = probabilities(scores)
    return shares


def _folded_rows(some: Examples, rows: Floats) -> Floats:
    places = np.array(examples.folds(some.labels, FOLDS))
    names = sorted(set(some.labels))
    shares = np.zeros((len(some.texts), len(names)), np.float32)
    for fold in range(FOLDS):
        others = np.flatnonzero(places != fold)
        seen = [some.labels[at] for at in others]
        weights, bias = _logistic(rows[others], seen)
        columns = [names.index(label) for label in sorted(set(seen))]
        mine = np.flatnonzero(places == fold)
        shares[mine[:, None], columns] = probabilities(rows[mine] @ weights + bias, 1.0)
    return shares


def _logistic(rows: Floats, labels: Sequence[str]) -> tuple[Floats, Floats]:
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415 - as in `linear.train`

    model = LogisticRegression(C=ENCODER_COST, max_iter=500).fit(rows, labels)
    return model.coef_.T.astype(np.float32), model.intercept_.astype(np.float32)


def _calibrated(shares: Floats, right: NDArray[np.bool_]) -> Calibration:
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415 - as in `linear.train`

    if right.all() or not right.any():
        return Calibration(1.0, 0.0)
    held = np.clip(shares, _TINY, 1 - 1e-6)
    odds = np.log(held / (1 - held)).reshape(-1, 1)
    model = LogisticRegression(C=1e6).fit(odds, right)
    return Calibration(float(model.coef_[0, 0]), float(model.intercept_[0]))


def _joined(characters: Floats, vectors: Floats) -> Floats:
    raised = np.exp(
        (1 - ENCODER_SHARE) * np.log(characters + _TINY) + ENCODER_SHARE * np.log(vectors + _TINY)
    )
    result: Floats = raised / raised.sum(axis=-1, keepdims=True)
    return result


def centred(vectors: Floats, mean: Floats) -> Floats:
    """Vectors without a mean, of length 1."""
    apart = vectors - mean
    result: Floats = apart / np.maximum(np.linalg.norm(apart, axis=-1, keepdims=True), _TINY)
    return result


def _packed(name: str, model: Linear) -> dict[str, NDArray[np.generic]]:
    grams_in_order = sorted(model.places, key=model.places.__getitem__)
    return {
        f"{name}.labels": np.array(model.labels),
        f"{name}.grams": np.array(json.dumps(grams_in_order, ensure_ascii=False)),
        f"{name}.idf": model.idf,
        f"{name}.weights": model.weights,
        f"{name}.bias": model.bias,
    }


def _unpacked(name: str, arrays: dict[str, NDArray[np.generic]], analyzer: Analyzer) -> Linear:
    in_order: list[str] = json.loads(str(arrays[f"{name}.grams"]))
    return Linear(
        tuple(arrays[f"{name}.labels"].tolist()),
        {gram: place for place, gram in enumerate(in_order)},
        arrays[f"{name}.idf"].astype(np.float32),
        arrays[f"{name}.weights"].astype(np.float32),
        arrays[f"{name}.bias"].astype(np.float32),
        analyzer,
    )


def _kept(
    stem: Path, mark: str, make: Callable[[], dict[str, NDArray[np.generic]]]
) -> dict[str, NDArray[np.generic]]:
    """Arrays as they were kept under this mark, else made and kept; a broken file is made anew."""
    file = stem.with_suffix(".npz")
    if file.exists():
        try:
            with file.open("rb") as source, np.load(source) as kept:
                if str(kept["mark"]) == mark:
                    return {name: kept[name] for name in kept.files}
        except (OSError, ValueError, KeyError, EOFError, BadZipFile):
            file.unlink(missing_ok=True)
    arrays = make()
    _write(file, {**arrays, "mark": np.array(mark)})
    return arrays


def _write(file: Path, arrays: dict[str, NDArray[np.generic]]) -> None:
    """Replace the file whole, so that a reader and a second writer see one or the other."""
    file.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=file.parent, suffix=".npz")
    with os.fdopen(handle, "wb") as out:
        np.savez(out, allow_pickle=False, **arrays)
    Path(name).replace(file)


def _key(text: str) -> str:
    return hashlib.sha256(encode.capped(text).encode("utf-8")).hexdigest()[:24]


def _batched(items: dict[str, str], size: int) -> Iterator[list[tuple[str, str]]]:
    turn = iter(items.items())
    while some := list(islice(turn, size)):
        yield some
