"""Batches: company for what arrives together, and no item pays for another."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import psycopg
import pytest

from bot.batch import Batcher

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from bot.batch import Connection


class Doubling:
    """Doubles numbers, but for two it cannot bear."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []

    async def __call__(self, connection: Connection, items: list[int]) -> list[int]:
        await connection.execute("SELECT 1")
        self.batches.append(items)
        if -13 in items:
            await connection.execute("SELECT 1 / 0")
        if -14 in items:
            raise LookupError("a bug")
        return [2 * item for item in items]


@pytest.fixture
def doubling() -> Doubling:
    return Doubling()


@pytest.fixture
async def batcher(database_url: str, doubling: Doubling) -> AsyncIterator[Batcher[int, int]]:
    batcher: Batcher[int, int] = Batcher(database_url, doubling, flushers=1)
    batcher.start()
    yield batcher
    await batcher.stop()


async def test_every_item_gets_its_own_result(batcher: Batcher[int, int]):
    results = await asyncio.gather(*(batcher.put(number) for number in range(200)))
    assert results == [2 * number for number in range(200)]


async def test_what_arrives_together_goes_together_but_never_more_than_64(
    batcher: Batcher[int, int], doubling: Doubling
):
    await asyncio.gather(*(batcher.put(20 + number) for number in range(200)))
    assert max(map(len, doubling.batches)) == 64


@pytest.mark.parametrize(
    ("poison", "error"), [(-13, psycopg.errors.DivisionByZero), (-14, LookupError)]
)
async def test_one_bad_item_fails_alone(batcher: Batcher[int, int], poison: int, error: type):
    items = [1, 2, poison, 3]
    results = await asyncio.gather(*map(batcher.put, items), return_exceptions=True)
    assert [results[0], results[1], results[3]] == [2, 4, 6]
    assert isinstance(results[2], error)
    assert await batcher.put(5) == 10


async def test_what_waits_for_a_database_that_is_not_there_is_refused_at_once(doubling: Doubling):
    nowhere: Batcher[int, int] = Batcher(
        "postgresql://nobody@127.0.0.1:1/nothing", doubling, flushers=1
    )
    nowhere.start()
    with pytest.raises(psycopg.OperationalError):
        await asyncio.wait_for(nowhere.put(1), 5)
    await nowhere.stop()
