"""Whether a question is answered at all: a gate calibrated on answerable and unanswerable ones."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import yaml
from pydantic import TypeAdapter

from nlp.retrieve import Asked, CardIndex, Gate, evidence

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

FILE = "gate.yaml"
UNANSWERABLE = "unanswerable.txt"
# Of so many sample questions, each asked as if nobody had written it, the gate learns what a right
# answer looks like.
TRIED = 1500
# The share of the questions to refuse that is refused; they were written to be near the field.
REFUSED = 0.8
HALF = 0.5


@dataclass(frozen=True, slots=True)
class Gates:
    """With the meaning of the question, and without."""

    with_meaning: Gate
    without_meaning: Gate


GATES: TypeAdapter[Gates] = TypeAdapter(Gates)


def load_gates(folder: Path) -> Gates:
    """Read gate.yaml; pydantic.ValidationError says what is wrong with it."""
    return GATES.validate_python(yaml.safe_load((folder / FILE).read_text(encoding="utf-8")))


def save_gates(folder: Path, gates: Gates) -> None:
    """Write gate.yaml."""
    head = "# Fitted by `lianxin policy fit`; see nlp/judged.py. Not for hands.\n"
    rounded = {
        name: {
            "weights": [round(weight, 4) for weight in gate.weights],
            "bias": round(gate.bias, 4),
            "least": round(gate.least, 4),
        }
        for name, gate in (
            ("with_meaning", gates.with_meaning),
            ("without_meaning", gates.without_meaning),
        )
    }
    text = yaml.safe_dump(rounded, allow_unicode=True)
    (folder / FILE).write_text(head + text, encoding="utf-8")


def unanswerable(folder: Path) -> list[str]:
    """Questions near the field that no text answers."""
    lines = (folder / UNANSWERABLE).read_text(encoding="utf-8").splitlines()
    return [line.strip() for line in lines if line.strip() and not line.startswith("#")]


def fit_gate(
    index: CardIndex,
    refused: Sequence[str],
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
            rows.append(evidence(found))
            first = (found[0].document, found[0].article)
            right.append(first == (card.documents[0], card.article))
    for question in refused:
        step()
        asked = Asked(question, None, None if vector is None else vector(question))
        found = index.search(asked, 3)
        if found:
            rows.append(evidence(found))
            right.append(False)
    gate = _fitted(np.array(rows), np.array(right), _weights(right, len(rows) - len(refused)))
    tried = [(gate.weighed(row), answer) for row, answer in zip(rows, right, strict=True)]
    false = [likely for likely, _ in tried[-len(refused) :]]
    return replace(gate, least=float(np.quantile(false, REFUSED))), tried


def _fitted(
    rows: NDArray[np.float64], right: NDArray[np.bool_], weights: NDArray[np.float64]
) -> Gate:
    """Logistic regression whose weights are not below zero: more evidence never speaks against."""
    from scipy.optimize import minimize  # noqa: PLC0415 - only fitting needs it

    signs = np.where(right, 1.0, -1.0)

    def loss(values: NDArray[np.float64]) -> float:
        margins = signs * (rows @ values[:-1] + values[-1])
        return float(weights @ np.logaddexp(0, -margins) + 0.05 * values[:-1] @ values[:-1])

    width = rows.shape[1]
    bounds = [(0.0, None)] * width + [(None, None)]
    best = minimize(loss, np.zeros(width + 1), method="L-BFGS-B", bounds=bounds).x
    return Gate(tuple(map(float, best[:-1])), float(best[-1]), 0.0)


def _weights(right: Sequence[bool], samples: int) -> NDArray[np.float64]:
    """Answers and refusals weigh the same; a sample that found another article weighs half.

    Left out, a sample question is harder than what members ask: many short ones fit two laws.
    """
    answers = np.array(right)
    weights = np.where(answers, 1.0, HALF)
    weights[samples:] = answers.sum() / max(1, len(right) - samples)
    return weights
