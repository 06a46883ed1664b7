"""Turning the vector of a question towards the articles that answer such questions.

People ask in other words than laws are written in. A small matrix, learnt from questions whose
article is known, is added to what the encoder makes of a question before it is compared with the
vectors of articles.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from nlp.encode import SIZE

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

Floats = NDArray[np.float32]

FILE = "turn.npz"
# Measured on tests/sets/policy.jsonl, and by the questions that train-eval is given: more columns,
# or more steps, find no more.
RANK = 32
STEPS, RATE, BATCH = 60, 5e-4, 2000
# How sharply near and far articles are told apart, and how much the matrix is held back.
SHARP, HELD = 0.02, 0.03
# Adam's memory of slopes and of their squares.
SLOPES, SQUARES = 0.9, 0.99


@dataclass(frozen=True, slots=True)
class Turn:
    """The matrix as the product of two narrow ones, 384 × 32 and 32 × 384."""

    left: Floats
    right: Floats

    def turned(self, vectors: Floats) -> Floats:
        """Vectors of questions, n × 384 or one of 384, as they are compared with articles."""
        return (vectors + (vectors @ self.left) @ self.right).astype(np.float32)

    def save(self, folder: Path) -> None:
        """Write it to turn.npz in half floats."""
        half = {"left": self.left.astype(np.float16), "right": self.right.astype(np.float16)}
        with (folder / FILE).open("wb") as file:
            np.savez(file, allow_pickle=False, **half)


# Leaves every question as it is.
STRAIGHT = Turn(np.zeros((SIZE, 1), np.float32), np.zeros((1, SIZE), np.float32))


def load_turn(folder: Path) -> Turn:
    """Read turn.npz; OSError or KeyError when it is not there or broken."""
    with np.load(folder / FILE) as kept:
        return Turn(kept["left"].astype(np.float32), kept["right"].astype(np.float32))


def learn_turn(
    questions: Floats,
    answers: Sequence[Sequence[int]],
    articles: Floats,
    step: Callable[[int, int], None] | None = None,
) -> Turn:
    """Learn from vectors of questions, n × 384, and the places of their answers among articles.

    Each question is brought nearer to its articles and away from all others, in small steps over
    random parts of the questions; the same input gives the same matrix. `step` hears how many of
    how many steps are done.
    """
    some, size = np.random.default_rng(0), articles.shape[1]
    whole: Floats = np.zeros((size, size), np.float32)
    slopes, squares = np.zeros_like(whole), np.zeros_like(whole)
    for at in range(1, STEPS + 1):
        rows = some.choice(len(questions), min(BATCH, len(questions)), replace=False)
        slope = _slope(questions[rows], [answers[row] for row in rows], articles, whole)
        slopes = SLOPES * slopes + (1 - SLOPES) * slope
        squares = SQUARES * squares + (1 - SQUARES) * slope**2
        ahead = slopes / (1 - SLOPES**at)
        move = RATE * ahead / (np.sqrt(squares / (1 - SQUARES**at)) + 1e-8)
        whole -= move.astype(np.float32)
        if step is not None:
            step(at, STEPS)
    return _narrowed(whole)


def _slope(
    questions: Floats, answers: Sequence[Sequence[int]], articles: Floats, whole: Floats
) -> Floats:
    """The slope of the mean loss, that of a softmax over all articles."""
    likeness = (questions + questions @ whole) @ articles.T / SHARP
    likeness -= likeness.max(axis=1, keepdims=True)
    shares = np.exp(likeness)
    shares /= shares.sum(axis=1, keepdims=True)
    for row, places in enumerate(answers):
        shares[row, list(places)] -= 1 / len(places)
    pull: Floats = questions.T @ (shares @ articles) / (len(questions) * SHARP)
    held: Floats = np.float32(HELD) * whole
    return pull + held


def _narrowed(whole: Floats) -> Turn:
    """The nearest matrix that has so few columns and rows."""
    left, sizes, right = np.linalg.svd(whole)
    return Turn(left[:, :RANK] * sizes[:RANK], right[:RANK])
