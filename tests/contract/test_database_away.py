"""The database goes away and comes back: nothing is acknowledged that is not kept."""

from __future__ import annotations

import asyncio
from contextlib import contextmanager
from typing import TYPE_CHECKING

import psycopg
import pytest
from psycopg import sql

from tests.contract.deliveries import Delivery, opened, safe, text_xml

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    from aiohttp import web
    from aiohttp.test_utils import TestClient

    from bot.config import Settings

CUT = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s"


async def post(
    client: TestClient[web.Request, web.Application], delivery: Delivery
) -> tuple[int, bytes]:
    response = await client.post("/wechat", params=delivery.query, data=delivery.body)
    return response.status, await response.read()


async def patient_post(
    client: TestClient[web.Request, web.Application], delivery: Delivery
) -> tuple[int, bytes]:
    """As the platform does: again, while it is told that nothing was stored."""
    async with asyncio.timeout(10):
        while True:
            answer = await post(client, delivery)
            if answer[0] != 503:
                return answer
            await asyncio.sleep(0.05)


@pytest.fixture
def away(server_url: str, database_url: str) -> Callable[[], AbstractContextManager[None]]:
    """The database of the test, away while inside."""
    name = database_url.partition("?")[0].rpartition("/")[2]

    def allow(connection: psycopg.Connection, word: str) -> None:
        order = "ALTER DATABASE {} ALLOW_CONNECTIONS {}"
        connection.execute(sql.SQL(order).format(sql.Identifier(name), sql.SQL(word)))

    @contextmanager
    def gone() -> Iterator[None]:
        with psycopg.connect(server_url, autocommit=True) as connection:
            allow(connection, "false")
            connection.execute(CUT, (name,))
            try:
                yield
            finally:
                allow(connection, "true")

    return gone


@pytest.fixture
def cut(server_url: str, database_url: str) -> Callable[[], None]:
    """Every connection to the database breaks once, as when it is started anew."""
    name = database_url.partition("?")[0].rpartition("/")[2]

    def break_all() -> None:
        with psycopg.connect(server_url, autocommit=True) as connection:
            connection.execute(CUT, (name,))

    return break_all


def asking(settings: Settings, at: int, number: int) -> Delivery:
    return safe(settings.wechat, text_xml("o1", "转人工", number, at=at), at=at)


async def test_while_the_database_is_away_the_platform_is_told_to_come_again(
    client, settings, at, away
):
    with away():
        status, _ = await post(client, asking(settings, at, 1))
        assert status == 503
        assert (await client.get("/health")).status == 503


async def test_when_it_is_back_everything_goes_on_by_itself(client, settings, at, away):
    delivery = asking(settings, at, 1)
    with away():
        await post(client, delivery)
    status, body = await patient_post(client, delivery)
    assert status == 200
    assert "工作人员" in opened(settings.wechat, body)["Content"]
    assert (await client.get("/health")).status == 200


async def test_a_new_start_of_the_database_is_no_failure_of_the_next_message(
    client, settings, at, cut
):
    async def asks(number: int) -> str:
        xml = text_xml(f"o{number}", "转人工", number, at=at)
        _, body = await patient_post(client, safe(settings.wechat, xml, at=at))
        return opened(settings.wechat, body)["Content"]

    await asyncio.gather(*(asks(number) for number in range(8)))
    cut()
    answers = await asyncio.gather(*(asks(number) for number in range(10, 18)))
    assert all(answer.startswith("好的，已经转给工会工作人员") for answer in answers)
