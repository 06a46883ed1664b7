"""An encoder that is quick: vectors of a text's hash, the same each time."""

from __future__ import annotations

import hashlib

import numpy as np

from handlers.encoding import Encoding
from nlp.encode import SIZE, Encoder, EncoderError, Side


class QuickEncoder(Encoder):
    """Counts what it was asked for; its vectors are as long as the real ones."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def vector(self, text: str, side: Side = Side.QUERY) -> np.ndarray:
        self.asked.append(text)
        seed = int.from_bytes(hashlib.sha256(text.encode()).digest()[:4], "big")
        vector = np.random.default_rng(seed).normal(size=SIZE)
        return (vector / np.linalg.norm(vector)).astype(np.float32)


def encoding(encoder: Encoder) -> Encoding:
    """A process in which this encoder is loaded."""
    return Encoding(lambda: encoder)


def no_encoding() -> Encoding:
    """A process on a machine where the encoder cannot run."""

    def refuse() -> Encoder:
        raise EncoderError("the processor has no AVX2")

    return Encoding(refuse)
