"""Vectors of texts: made once for all processes, and not lost with one of them."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import numpy as np
import pytest

from handlers.actions.vectors import BATCH, kept_vectors, made, vectors_of
from nlp.encode import Side
from tests.quick_encoder import QuickEncoder

if TYPE_CHECKING:
    from models.db import Sessions

TEXTS = [f"第 {number} 个问题怎么办" for number in range(3 * BATCH)]


class EndingEncoder(QuickEncoder):
    """Ends in the middle, as a process does that is killed."""

    def vector(self, text: str, side: Side = Side.QUERY) -> np.ndarray:
        if len(self.asked) == BATCH + 5:
            raise KeyboardInterrupt
        return super().vector(text, side)


async def test_two_processes_at_once_make_each_vector_once(sessions: Sessions):
    one, other = QuickEncoder(), QuickEncoder()
    mine, theirs = await asyncio.gather(
        vectors_of(sessions, TEXTS, one), vectors_of(sessions, TEXTS[::-1], other)
    )
    assert sorted(one.asked + other.asked) == sorted(TEXTS)
    np.testing.assert_array_equal(mine, theirs[::-1])


async def test_a_process_that_ends_loses_only_what_it_was_making(sessions: Sessions):
    with pytest.raises(KeyboardInterrupt):
        await vectors_of(sessions, TEXTS, EndingEncoder())
    assert not await made(sessions, TEXTS)
    after = QuickEncoder()
    await vectors_of(sessions, TEXTS, after)
    assert len(after.asked) == len(TEXTS) - BATCH
    assert await made(sessions, TEXTS)


async def test_vectors_come_in_the_order_of_the_texts_also_of_equal_ones(sessions: Sessions):
    encoder, heard = QuickEncoder(), []
    texts = ["甲", "乙", "甲"]
    vectors = await vectors_of(sessions, texts, encoder, lambda *step: heard.append(step))
    assert vectors.shape == (3, 384)
    np.testing.assert_array_equal(vectors[0], vectors[2])
    np.testing.assert_allclose(vectors[1], encoder.vector("乙"), atol=1e-3)
    assert heard == [(0, 2)]


async def test_a_text_as_a_question_and_as_a_passage_are_two_vectors(sessions: Sessions):
    encoder = QuickEncoder()
    await vectors_of(sessions, ["甲"], encoder)
    assert not await made(sessions, ["甲"], Side.PASSAGE)
    assert not (await kept_vectors(sessions, ["甲"], Side.PASSAGE)).any()
    await vectors_of(sessions, ["甲"], encoder, side=Side.PASSAGE)
    assert await made(sessions, ["甲"], Side.PASSAGE)
    assert (await kept_vectors(sessions, ["甲"], Side.PASSAGE)).any()
    assert encoder.asked == ["甲", "甲"]


async def test_nothing_makes_nothing(sessions: Sessions):
    assert (await vectors_of(sessions, [], QuickEncoder())).shape == (0, 384)
