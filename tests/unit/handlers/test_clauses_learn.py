"""The vectors of clauses come in the background, also for what is imported later."""

from __future__ import annotations

import asyncio
from datetime import date
from functools import partial
from typing import TYPE_CHECKING

import pytest

from bot.config import HERE
from handlers.actions.clauses import Clauses, Files
from handlers.encoding import Encoding
from models.policy import Article, Document
from nlp.encode import Encoder, EncoderError
from tests.quick_encoder import QuickEncoder

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from datetime import datetime

    from models.db import Sessions

FILES = Files(HERE / "nlp" / "policies" / "annual-leave", HERE / "nlp" / "gate", HERE / "nlp")
STEM = "休假办法(2026-01-01)"


async def soon(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(60):
        while not condition():  # noqa: ASYNC110 - seen from outside
            await asyncio.sleep(0.02)


def same(encoder: Encoder) -> Encoder:
    return encoder


def cannot() -> Encoder:
    raise EncoderError("the processor has no AVX2")


@pytest.fixture
async def running(sessions: Sessions) -> AsyncIterator[Clauses]:
    """Clauses of a process with a quick encoder."""
    clauses = Clauses(FILES, sessions, Encoding(partial(same, QuickEncoder())))
    clauses.start()
    yield clauses
    await clauses.stop()


async def import_text(sessions: Sessions, now: datetime) -> None:
    async with sessions.begin() as work:
        document = Document(
            stem=STEM,
            revision=1,
            title="休假办法",
            issuer="本单位",
            scope="本单位",
            issued=date(2026, 1, 1),
            in_force_from=date(2026, 1, 1),
            in_force_to=None,
            source="",
            appendix="",
            digest="d",
            imported_at=now,
            changed_at=now,
            withdrawn_at=None,
        )
        work.add(document)
        await work.flush()
        work.add(
            Article(
                document_id=document.id,
                ordinal=1,
                number="第一条",
                heading="",
                body="骆驼饲养员每年休假三十天。",
            )
        )


async def test_vectors_are_used_once_all_of_them_are_there(running: Clauses):
    await soon(lambda: running.condition.vectors)
    assert await running.has_vectors()
    assert (await running.judge("骆驼")).found is not None
    assert await running.vector("骆驼") is not None


async def test_a_text_that_comes_later_is_found_at_once_and_gets_its_vector_soon(
    running: Clauses, sessions: Sessions, now: datetime
):
    await soon(lambda: running.condition.vectors)
    await import_text(sessions, now)
    running.changed()
    await soon(lambda: running.condition.passages == 1)
    found = (await running.judge("骆驼饲养员休几天")).found
    assert STEM in [each.document for each in found]
    index, _ = await running.loaded()
    place = index.article_texts.index("休假办法第一条\n骆驼饲养员每年休假三十天。")

    def has_vector() -> bool:
        vectors = running._index.vectors if running._index else None
        return vectors is not None and bool(vectors.articles[place].any())

    await soon(has_vector)
    assert await running.has_vectors()


async def test_without_an_encoder_characters_answer_and_nothing_waits(sessions: Sessions):
    clauses = Clauses(FILES, sessions, Encoding(cannot))
    clauses.start()
    judged = await clauses.judge("工作六年能休几天年假")
    assert judged.answered
    assert not await clauses.learn()
    assert not clauses.condition.vectors
    await clauses.stop()
