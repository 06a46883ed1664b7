"""Whether a question is answered at all: a gate calibrated on answerable and unanswerable ones."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import yaml
from pydantic import TypeAdapter

from nlp.linear import plain
from nlp.retrieve import Asked, CardIndex, Found, Gate, Texts, closeness, evidence
from nlp.turn import Turn, load_turn

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from nlp.retrieve import Floats

FILE = "gate.yaml"
UNANSWERABLE = "unanswerable.txt"
# Of so many sample questions, each asked as if nobody had written it, the gate learns what a right
# answer looks like.
TRIED = 3000
# The share of the questions to refuse that is refused, each asked as if nobody had written it.
REFUSED = 0.85
HALF = 0.5
# How much the weights are held back, of evidence that was brought to the same spread.
HELD = 1.0
# A question that is nearly a sample question of its first candidate is not weighed.
NEARLY = 0.72


class Refused:
    """Questions that no text answers: what is like them is rather refused."""

    def __init__(self, questions: Sequence[str], vectors: Floats | None = None) -> None:
        """`vectors` are n × 384, each of length 1."""
        self.questions = tuple(questions)
        self._texts = Texts(self.questions)
        self._vectors = vectors

    def with_vectors(self, vectors: Floats) -> Refused:
        """The same questions, by their meaning too."""
        return Refused(self.questions, vectors)

    def like(self, asked: Asked) -> tuple[float, float]:
        """How near the nearest of them is in meaning and in characters, each from 0 to 1."""
        others = np.array([question != asked.question for question in self.questions])
        signs = self._texts.alike(plain(asked.question)) * others
        if asked.vector is None or self._vectors is None:
            return 0.0, float(signs.max(initial=0.0))
        meanings = closeness(self._vectors, asked.vector) * others
        return float(meanings.max(initial=0.0)), float(signs.max(initial=0.0))


@dataclass(frozen=True, slots=True)
class Lines:
    """The file gate.yaml."""

    with_meaning: Gate
    without_meaning: Gate


@dataclass(frozen=True, slots=True)
class Gates:
    """With the meaning of the question and without, and what they were fitted to refuse.

    `turn` is what the questions were turned by.
    """

    with_meaning: Gate
    without_meaning: Gate
    refused: Refused
    turn: Turn

    def with_vectors(self, vectors: Floats) -> Gates:
        """The same with the vectors of the questions to refuse, n × 384."""
        return replace(self, refused=self.refused.with_vectors(vectors))

    def likelihood(self, asked: Asked, found: Sequence[Found]) -> float:
        """How likely the first candidate answers, from 0 to 1; a sample question surely does."""
        if not found:
            return 0.0
        gate = self._gate(asked)
        if found[0].why.sample >= NEARLY:
            return max(found[0].why.sample, gate.least)
        return gate.weighed(_evidence(asked, found, self.refused))

    def passes(self, asked: Asked, found: Sequence[Found], likelihood: float) -> bool:
        """Whether the first candidate is said."""
        return bool(found) and found[0].card is not None and likelihood >= self._gate(asked).least

    def _gate(self, asked: Asked) -> Gate:
        return self.without_meaning if asked.vector is None else self.with_meaning


LINES: TypeAdapter[Lines] = TypeAdapter(Lines)


def load_gates(folder: Path) -> Gates:
    """Read gate.yaml, the turn and the questions to refuse.

    pydantic.ValidationError, OSError or KeyError say what is wrong.
    """
    lines = LINES.validate_python(yaml.safe_load((folder / FILE).read_text(encoding="utf-8")))
    return Gates(
        lines.with_meaning, lines.without_meaning, Refused(unanswerable(folder)), load_turn(folder)
    )


def _evidence(asked: Asked, found: Sequence[Found], refused: Refused) -> tuple[float, ...]:
    """What speaks for the first candidate, and, below zero, what speaks for refusing."""
    meaning, signs = refused.like(asked)
    return (*evidence(found), -meaning, -signs)


def save_gates(folder: Path, gates: Mapping[str, Gate]) -> None:
    """Write gate.yaml from "with_meaning" and "without_meaning"."""
    head = "# Fitted by `lianxin policy fit`; see nlp/judged.py. Not for hands.\n"
    rounded = {
        name: {
            "weights": [round(weight, 4) for weight in gate.weights],
            "bias": round(gate.bias, 4),
            "least": round(gate.least, 4),
        }
        for name, gate in gates.items()
    }
    text = yaml.safe_dump(rounded, allow_unicode=True)
    (folder / FILE).write_text(head + text, encoding="utf-8")


def unanswerable(folder: Path) -> list[str]:
    """Questions near the field that no text answers."""
    lines = (folder / UNANSWERABLE).read_text(encoding="utf-8").splitlines()
    return [line.strip() for line in lines if line.strip() and not line.startswith("#")]


def fit_gate(
    index: CardIndex,
    refused: Refused,
    vector: Callable[[str], NDArray[np.float32]] | None,
    step: Callable[[], None],
) -> tuple[Gate, list[tuple[float, bool]]]:
    """Fit on sample questions left out one by one, and on questions to refuse.

    Returns the gate, and each question's likelihood with whether its first candidate is right.
    """
    rows: list[tuple[float, ...]] = []
    right: list[bool] = []
    every = max(1, len(index.sample_questions) // TRIED)
    for card, question in index.samples[::every]:
        step()
        asked = Asked(question, None, None if vector is None else vector(question), question)
        found = index.search(asked, 3)
        if found:
            rows.append(_evidence(asked, found, refused))
            first = (found[0].document, found[0].article)
            right.append(first == (card.documents[0], card.article))
    samples = len(rows)
    for question in refused.questions:
        step()
        asked = Asked(question, None, None if vector is None else vector(question))
        found = index.search(asked, 3)
        if found:
            rows.append(_evidence(asked, found, refused))
            right.append(False)
    gate = _fitted(np.array(rows), np.array(right), _weights(right, samples))
    tried = [(gate.weighed(row), answer) for row, answer in zip(rows, right, strict=True)]
    false = [likely for likely, _ in tried[samples:]]
    return replace(gate, least=float(np.quantile(false, REFUSED))), tried


def _fitted(
    rows: NDArray[np.float64], right: NDArray[np.bool_], weights: NDArray[np.float64]
) -> Gate:
    """Logistic regression whose weights are not below zero: more evidence never speaks against."""
    from scipy.optimize import minimize  # noqa: PLC0415 - only fitting needs it

    signs = np.where(right, 1.0, -1.0)
    middle, spread = rows.mean(axis=0), rows.std(axis=0) + 1e-9
    even = (rows - middle) / spread

    def loss(values: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        margins = signs * (even @ values[:-1] + values[-1])
        total = weights @ np.logaddexp(0, -margins) + HELD * values[:-1] @ values[:-1]
        pull = -signs * weights / (1 + np.exp(margins))
        slope = np.append(even.T @ pull + 2 * HELD * values[:-1], pull.sum())
        return float(total), slope

    width = rows.shape[1]
    bounds = [(0.0, None)] * width + [(None, None)]
    best = minimize(loss, np.zeros(width + 1), jac=True, method="L-BFGS-B", bounds=bounds).x
    own = best[:-1] / spread
    return Gate(tuple(map(float, own)), float(best[-1] - own @ middle), 0.0)


def _weights(right: Sequence[bool], samples: int) -> NDArray[np.float64]:
    """Answers and refusals weigh the same; a sample that found another article weighs half.

    Left out, a sample question is harder than what members ask: many short ones fit two laws.
    """
    answers = np.array(right)
    weights = np.where(answers, 1.0, HALF)
    weights[samples:] = answers.sum() / max(1, len(right) - samples)
    return weights
