"""The vectors of clauses come in the background, also for what is imported later."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.config import HERE
from handlers.actions.clauses import Clauses, Files
from tests.documents import stored, text_of
from tests.quick_encoder import QuickEncoder, encoding, no_encoding
from tests.waiting import until

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from datetime import datetime

    from models.db import Sessions

FILES = Files(HERE / "nlp" / "policies" / "annual-leave", HERE / "nlp" / "gate", HERE / "nlp")
STEM = "休假办法(2026-01-01)"


@pytest.fixture
async def running(sessions: Sessions) -> AsyncIterator[Clauses]:
    """Clauses of a process with a quick encoder."""
    clauses = Clauses(FILES, sessions, encoding(QuickEncoder()))
    clauses.start()
    yield clauses
    await clauses.stop()


async def test_vectors_are_used_once_all_of_them_are_there(running: Clauses):
    await until(lambda: running.condition.vectors)
    assert await running.has_vectors()
    assert (await running.judge("骆驼")).found is not None
    assert await running.vector("骆驼") is not None


async def test_a_text_that_comes_later_is_found_at_once_and_gets_its_vector_until(
    running: Clauses, sessions: Sessions, now: datetime
):
    await until(lambda: running.condition.vectors)
    await stored(sessions, text_of("骆驼饲养员每年休假三十天。", issued="2026-01-01"), now)
    running.changed()
    await until(lambda: running.condition.passages == 1)
    found = (await running.judge("骆驼饲养员休几天")).found
    assert STEM in [each.document for each in found]
    index, _ = await running.loaded()
    place = index.article_texts.index("休假办法第一条\n骆驼饲养员每年休假三十天。")

    def has_vector() -> bool:
        vectors = running._index.vectors if running._index else None
        return vectors is not None and bool(vectors.articles[place].any())

    await until(has_vector)
    assert await running.has_vectors()


async def test_without_an_encoder_characters_answer_and_nothing_waits(sessions: Sessions):
    clauses = Clauses(FILES, sessions, no_encoding())
    clauses.start()
    judged = await clauses.judge("工作六年能休几天年假")
    assert judged.answered
    assert not await clauses.learn()
    assert not clauses.condition.vectors
    await clauses.stop()
