"""What one process commits is taken over by the others at once."""

from __future__ import annotations

import asyncio
from datetime import date
from typing import TYPE_CHECKING

import psycopg
from sqlalchemy import update

from bot import listening
from bot.app import CLAUSES, files_of
from bot.listening import listening as listening_to
from handlers.actions.clauses import Clauses
from handlers.encoding import Encoding
from models.policy import Document

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    import pytest

    from models.db import Sessions


async def soon(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(30):
        while not condition():  # noqa: ASYNC110 - seen from outside
            await asyncio.sleep(0.02)


def text_of(now: datetime) -> Document:
    return Document(
        stem="休假办法(2026-01-01)",
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


def other_of(now: datetime) -> Document:
    other = text_of(now)
    other.revision = 2
    return other


async def test_a_text_and_each_change_of_it_is_noticed(
    sessions: Sessions, database_url: str, now: datetime
):
    heard: list[int] = []
    async with listening_to(database_url, CLAUSES, lambda: heard.append(1)):
        await soon(lambda: len(heard) == 1)
        async with sessions.begin() as work:
            work.add(text_of(now))
        await soon(lambda: len(heard) == 2)
        async with sessions.begin() as work:
            await work.execute(update(Document).values(withdrawn_at=now))
        await soon(lambda: len(heard) == 3)
        async with sessions() as work:
            work.add(other_of(now))
            await work.flush()
            await work.rollback()
        await asyncio.sleep(0.2)
    assert len(heard) == 3, "what was not committed is not told"


async def test_a_lost_connection_is_made_anew_and_what_was_missed_is_looked_for(
    database_url: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(listening, "PAUSE", 0.05)
    heard: list[int] = []
    async with listening_to(database_url, CLAUSES, lambda: heard.append(1)):
        await soon(lambda: len(heard) == 1)
        with psycopg.connect(database_url, autocommit=True) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        await soon(lambda: len(heard) == 2)
    assert len(heard) == 2


async def test_a_text_that_another_process_imports_is_counted_here_without_a_look(
    sessions: Sessions, database_url: str, now: datetime
):
    clauses = Clauses(files_of(), sessions, Encoding(None))
    async with listening_to(database_url, CLAUSES, clauses.changed):
        clauses.start()
        before = await clauses.all_cards()
        await soon(lambda: clauses.taken_over.startswith("0 None"))
        async with sessions.begin() as work:
            work.add(text_of(now))
        await soon(lambda: clauses.taken_over.startswith("1 "))
        await clauses.stop()
    assert before
