"""Vectors of texts, kept in the database: each is made once, by the process that gets there."""

from __future__ import annotations

import hashlib
from itertools import islice
from typing import TYPE_CHECKING

from handlers.background import aside
from models.vector import count_vectors, find_vectors, keep_vectors, take_turn
from nlp.encode import Side, packed, unpacked

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from models.db import Sessions
    from nlp.encode import Encoder
    from nlp.retrieve import Floats

# Texts that are encoded in one turn, some seconds; a process that ends loses at most so many.
BATCH = 32


async def made(sessions: Sessions, texts: Sequence[str], side: Side = Side.QUERY) -> bool:
    """Whether the vectors of all texts are kept."""
    digests = {_digest(text) for text in texts}
    async with sessions() as work:
        return await count_vectors(work, side, digests) == len(digests)


async def kept_vectors(sessions: Sessions, texts: Sequence[str], side: Side) -> Floats:
    """The vectors of the texts that are kept, n × 384; zeros for the others."""
    digests = [_digest(text) for text in texts]
    async with sessions() as work:
        known = await find_vectors(work, side, set(digests))
    return unpacked([known.get(digest) for digest in digests])


async def vectors_of(
    sessions: Sessions,
    texts: Sequence[str],
    encoder: Encoder,
    step: Callable[[int, int], None] | None = None,
    side: Side = Side.QUERY,
) -> Floats:
    """Vectors of the texts, n × 384; `step` hears how many of how many are there.

    Several processes that need the same ones take turns.
    """
    digests = [_digest(text) for text in texts]
    by_digest = dict(zip(digests, texts, strict=True))
    async with sessions() as work:
        known = await find_vectors(work, side, by_digest)
    while len(known) < len(by_digest):
        if step is not None:
            step(len(known), len(by_digest))
        async with sessions.begin() as work:
            await take_turn(work)
            missing = [digest for digest in by_digest if digest not in known]
            known |= await find_vectors(work, side, missing)
            some = _first(digest for digest in missing if digest not in known)
            fresh = await aside(_encode, encoder, side, {each: by_digest[each] for each in some})
            if fresh:
                await keep_vectors(work, side, fresh)
        known |= fresh
    return unpacked([known[digest] for digest in digests])


def _first(digests: Iterable[str]) -> list[str]:
    return list(islice(digests, BATCH))


def _encode(encoder: Encoder, side: Side, texts: dict[str, str]) -> dict[str, bytes]:
    return {digest: packed(encoder.vector(text, side)) for digest, text in texts.items()}


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]
