"""Several processes at once, killed and restarted: nothing is lost and nothing happens twice."""

from __future__ import annotations

import asyncio
import random
import time
from typing import TYPE_CHECKING

import aiohttp
import psycopg
import pytest

from tests.contract.deliveries import Delivery, opened, safe, text_xml
from tests.faults.servers import Server

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from bot.config import Settings

pytestmark = pytest.mark.timeout(420)

Answers = dict[int, list[str]]


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    """A platform that keeps no cookies and cuts the connection after five seconds."""
    connector = aiohttp.TCPConnector(limit=200)
    timeout = aiohttp.ClientTimeout(total=5)
    async with aiohttp.ClientSession(connector=connector, timeout=timeout) as opened_session:
        yield opened_session


async def deliver(
    session: aiohttp.ClientSession, port: int, delivery: Delivery
) -> tuple[int, bytes] | None:
    """One delivery; None when the connection broke before the answer."""
    try:
        async with session.post(
            f"http://127.0.0.1:{port}/wechat", params=delivery.query, data=delivery.body
        ) as answer:
            return answer.status, await answer.read()
    except (aiohttp.ClientError, TimeoutError):
        return None


def asking(settings: Settings, number: int) -> Delivery:
    """A person of their own asks for staff, which opens one ticket."""
    now = int(time.time())
    return safe(
        settings.wechat, text_xml(f"o{number:06d}", "转人工", number, at=now - now % 600), at=now
    )


def counted(database_url: str) -> tuple[int, int, int]:
    """Messages, those that are done, and tickets."""
    with psycopg.connect(database_url) as connection:
        row = connection.execute(
            "SELECT (SELECT count(*) FROM message), (SELECT count(*) FROM message WHERE done_at"
            " IS NOT NULL AND failed IS NULL), (SELECT count(*) FROM ticket)"
        ).fetchone()
    assert row is not None
    return row


async def test_300_messages_delivered_three_times_to_two_processes_have_300_effects(
    settings: Settings, database_url: str, tmp_path: Path, session: aiohttp.ClientSession
):
    servers = [Server(database_url, settings.data_dir) for _ in range(2)]
    await asyncio.gather(*(server.start() for server in servers))
    made = [(number, asking(settings, number)) for number in range(300)] * 3
    random.Random(7).shuffle(made)
    answers: Answers = {}

    async def send(place: int, number: int, delivery: Delivery) -> None:
        answer = await deliver(session, servers[place % 2].port, delivery)
        assert answer is not None
        assert answer[0] == 200
        answers.setdefault(number, []).append(opened(settings.wechat, answer[1])["Content"])

    await asyncio.gather(*(send(place, *each) for place, each in enumerate(made)))
    for server in servers:
        await server.stop()
    assert counted(database_url) == (300, 300, 300)
    assert all(len(texts) == 3 and len(set(texts)) == 1 for texts in answers.values())


async def test_twenty_kills_lose_no_acknowledged_message_and_double_none(
    settings: Settings, database_url: str, session: aiohttp.ClientSession
):
    chance = random.Random(20)
    server = Server(database_url, settings.data_dir)
    await server.start()
    acknowledged: set[int] = set()
    number = 0
    for _ in range(20):
        batch = list(range(number, number + 40))
        number += 40
        deliveries = {each: asking(settings, each) for each in batch}

        async def send(each: int, delivery: Delivery, port: int) -> None:
            answer = await deliver(session, port, delivery)
            if answer is not None and answer[0] == 200:
                acknowledged.add(each)

        sending = [
            asyncio.create_task(send(each, delivery, server.port))
            for each, delivery in deliveries.items()
        ]
        await asyncio.sleep(chance.uniform(0.0, 0.12))
        await server.kill()
        await asyncio.gather(*sending)
        safe_by_now = set(acknowledged)
        await server.start()
        # The platform delivers again what was not answered.
        for _ in range(2):
            left = [each for each in batch if each not in acknowledged]
            await asyncio.gather(*(send(each, deliveries[each], server.port) for each in left))
        assert safe_by_now <= acknowledged
    await server.stop()
    messages, done, tickets = counted(database_url)
    assert acknowledged == set(range(number))
    assert (messages, done, tickets) == (number, number, number)


async def test_messages_of_one_person_are_handled_in_order_across_processes(
    settings: Settings, database_url: str, session: aiohttp.ClientSession
):
    servers = [Server(database_url, settings.data_dir) for _ in range(2)]
    await asyncio.gather(*(server.start() for server in servers))
    now = int(time.time())
    for number in range(20):
        xml = text_xml("o1", f"你好{number}", number, at=now)
        port = servers[number % 2].port
        task = asyncio.create_task(deliver(session, port, safe(settings.wechat, xml, at=now)))
        if number % 5 == 4:
            await task
        else:
            await asyncio.sleep(0.002)
    await asyncio.sleep(1.5)
    for server in servers:
        await server.stop()
    with psycopg.connect(database_url) as connection:
        ended = connection.execute("SELECT id, done_at FROM message ORDER BY id").fetchall()
    assert len(ended) == 20
    assert [moment for _, moment in ended] == sorted(moment for _, moment in ended)


async def test_a_stop_is_quick_and_clean(settings: Settings, database_url: str):
    server = Server(database_url, settings.data_dir)
    await server.start()
    begun = time.monotonic()
    assert await server.stop() == 0
    assert time.monotonic() - begun < 10


async def test_two_migrations_at_once_are_one(server_url: str, tmp_path: Path):
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute("DROP DATABASE IF EXISTS fresh WITH (FORCE)")
        connection.execute("CREATE DATABASE fresh")
    head, _, query = server_url.partition("?")
    url = f"{head.rsplit('/', 1)[0]}/fresh?{query}"
    both = [Server(url, tmp_path / "var", ("migrate",)) for _ in range(2)]
    await asyncio.gather(*(each.start() for each in both))
    ended = [await each.process.wait() for each in both if each.process is not None]
    assert ended == [0, 0]
