"""Questions that ask the same thing, bunched one by one as they come in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from collections.abc import Sequence

# Measured on 250 cards' sample questions: of two questions of different cards one pair in ten
# thousand is so alike by characters, five in ten thousand by characters and meaning together.
ALIKE = 0.3
ALIKE_AND_MEANT = 1.1


@dataclass(frozen=True, slots=True)
class Wording:
    """One question: its weighed grams (`CardIndex.likeness`), and its vector of length 1.

    `vector` is None where there is no encoder.
    """

    grams: Mapping[str, float]
    vector: NDArray[np.float32] | None = None


def likeness(one: Wording, other: Wording) -> float:
    """How like two questions are; from 1 on they ask the same thing."""
    fewer, more = sorted((one.grams, other.grams), key=len)
    characters = sum(weight * more.get(gram, 0.0) for gram, weight in fewer.items())
    best = characters / ALIKE
    if one.vector is not None and other.vector is not None:
        meant = float(one.vector @ other.vector)
        best = max(best, (characters + meant) / ALIKE_AND_MEANT)
    return best


def nearest_bunch(one: Wording, bunches: Sequence[Sequence[Wording]]) -> int | None:
    """The place of the bunch with the question most like this one; None when none is like it."""
    near = [max((likeness(one, other) for other in bunch), default=0.0) for bunch in bunches]
    if not near or max(near) < 1:
        return None
    return near.index(max(near))


def vector_bytes(vector: NDArray[np.float32]) -> bytes:
    """A vector as it is kept, at half its precision."""
    return vector.astype(np.float16).tobytes()


def vector_of(kept: bytes) -> NDArray[np.float32]:
    """The vector that was kept."""
    return np.frombuffer(kept, np.float16).astype(np.float32)
