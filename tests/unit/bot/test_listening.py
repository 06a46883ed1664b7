"""What one process commits is taken over by the others at once."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import psycopg
from sqlalchemy import update

from bot import listening
from bot.app import files_of
from bot.listening import listening as listening_to
from handlers.actions.clauses import CHANGES, Clauses
from handlers.actions.documents import store_document
from handlers.encoding import Encoding
from models.policy import Document
from tests.documents import stored, text_of
from tests.waiting import until

if TYPE_CHECKING:
    from datetime import datetime

    import pytest

    from models.db import Sessions


async def test_a_text_and_each_change_of_it_is_noticed(
    sessions: Sessions, database_url: str, now: datetime
):
    heard: list[int] = []
    async with listening_to(database_url, CHANGES, lambda: heard.append(1)):
        await until(lambda: len(heard) == 1)
        await stored(sessions, text_of(), now)
        await until(lambda: len(heard) == 2)
        async with sessions.begin() as work:
            await work.execute(update(Document).values(withdrawn_at=now))
        await until(lambda: len(heard) == 3)
        async with sessions() as work:
            await store_document(work, text_of(issued="2021-01-01"), "test", now)
            await work.rollback()
        await asyncio.sleep(0.2)
    assert len(heard) == 3, "what was not committed is not told"


async def test_a_lost_connection_is_made_anew_and_what_was_missed_is_looked_for(
    database_url: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(listening, "PAUSE", 0.05)
    heard: list[int] = []
    async with listening_to(database_url, CHANGES, lambda: heard.append(1)):
        await until(lambda: len(heard) == 1)
        with psycopg.connect(database_url, autocommit=True) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        await until(lambda: len(heard) == 2)
    assert len(heard) == 2


async def test_a_text_that_another_process_imports_is_counted_here_without_a_look(
    sessions: Sessions, database_url: str, now: datetime
):
    clauses = Clauses(files_of(), sessions, Encoding(None))
    async with listening_to(database_url, CHANGES, clauses.changed):
        clauses.start()
        before = await clauses.all_cards()
        await until(lambda: clauses.taken_over.startswith("0 None"))
        await stored(sessions, text_of(), now)
        await until(lambda: clauses.taken_over.startswith("1 "))
        await clauses.stop()
    assert before
