"""The audit chain: written with the act, never changed, and every forgery found."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import psycopg
import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from models import audit
from models.audit import AuditEntry

if TYPE_CHECKING:
    from datetime import datetime

    from models.db import Sessions

Entry = tuple[str, str]


async def write(sessions: Sessions, now: datetime, count: int = 5) -> list[int]:
    """Acts one after the other; the ids of their entries."""
    for number in range(count):
        async with sessions.begin() as work:
            audit.record(work, now, "staff:gonghui", "case.read", f"S{number}", reason="审核")
    async with sessions() as work:
        return list(await work.scalars(select(AuditEntry.id).order_by(AuditEntry.id)))


async def entries(sessions: Sessions) -> list[Entry]:
    async with sessions() as work:
        rows = await work.scalars(select(AuditEntry).order_by(AuditEntry.id))
        return [(row.action, row.subject) for row in rows]


async def broken(sessions: Sessions) -> int | None:
    async with sessions() as work:
        return await audit.first_broken(work)


async def forge(sessions: Sessions, order: str, **ids: int) -> None:
    """As somebody with every right on the database could."""
    async with sessions.begin() as work:
        await work.execute(text("ALTER TABLE audit_entry DISABLE TRIGGER USER"))
        await work.execute(text(order), ids)
        await work.execute(text("ALTER TABLE audit_entry ENABLE TRIGGER USER"))


async def test_an_empty_chain_and_an_honest_one_are_whole(sessions, now):
    assert await broken(sessions) is None
    await write(sessions, now)
    assert await broken(sessions) is None


async def test_an_entry_says_who_did_what_to_what(sessions, now):
    async with sessions.begin() as work:
        audit.record(work, now, "staff:gonghui", "case.read", "S26-7KM4-9QTR", reason="审核")
    async with sessions() as work:
        (entry,) = await audit.about(work, "S26-7KM4-9QTR")
    assert (entry.at, entry.actor, entry.action) == (now, "staff:gonghui", "case.read")
    assert entry.data == {"reason": "审核"}


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE audit_entry SET actor = 'staff:nobody' WHERE id = :id",
        "UPDATE audit_entry SET action = 'case.print' WHERE id = :id",
        "UPDATE audit_entry SET subject = 'S9' WHERE id = :id",
        "UPDATE audit_entry SET at = at - interval '1 second' WHERE id = :id",
        "UPDATE audit_entry SET data = '{}' WHERE id = :id",
    ],
)
async def test_a_changed_entry_is_found(sessions, now, change):
    ids = await write(sessions, now)
    await forge(sessions, change, id=ids[2])
    assert await broken(sessions) == ids[2]


async def test_a_deleted_entry_is_found(sessions, now):
    ids = await write(sessions, now)
    await forge(sessions, "DELETE FROM audit_entry WHERE id = :id", id=ids[2])
    assert await broken(sessions) == ids[3]


async def test_a_deleted_beginning_is_found(sessions, now):
    ids = await write(sessions, now)
    await forge(sessions, "DELETE FROM audit_entry WHERE id <= :id", id=ids[1])
    assert await broken(sessions) == ids[2]


async def test_an_entry_slipped_in_is_found(sessions, now):
    ids = await write(sessions, now)
    await forge(
        sessions,
        "INSERT INTO audit_entry (id, at, actor, action, subject, data, previous, hash)"
        " OVERRIDING SYSTEM VALUE SELECT id + 1, at, actor, action, 'S9', data, previous, hash"
        " FROM audit_entry WHERE id = :last",
        last=ids[-1],
    )
    assert await broken(sessions) == ids[-1] + 1


async def test_entries_in_another_order_are_found(sessions, now):
    ids = await write(sessions, now)
    await forge(
        sessions,
        "UPDATE audit_entry a SET actor = b.actor, action = b.action, subject = b.subject"
        " FROM audit_entry b WHERE (a.id, b.id) IN ((:one, :other), (:other, :one))",
        one=ids[1],
        other=ids[2],
    )
    assert await broken(sessions) == ids[1]


@pytest.mark.parametrize(
    "order",
    ["UPDATE audit_entry SET actor = 'x'", "DELETE FROM audit_entry", "TRUNCATE audit_entry"],
)
async def test_the_database_refuses_to_change_or_delete(sessions, now, order):
    await write(sessions, now, 2)
    with pytest.raises(DBAPIError) as refused:
        async with sessions.begin() as work:
            await work.execute(text(order))
    assert isinstance(refused.value.orig, psycopg.errors.RaiseException)
    assert len(await entries(sessions)) == 2


async def test_an_act_that_is_rolled_back_leaves_no_entry(sessions, now):
    async with sessions() as work:
        audit.record(work, now, "staff:gonghui", "case.read", "S1")
        await work.execute(text("SELECT 1"))
        await work.rollback()
        audit.record(work, now, "staff:gonghui", "case.read", "S2")
        await work.commit()
    assert await entries(sessions) == [("case.read", "S2")]


async def test_an_act_given_up_before_its_first_statement_leaves_no_entry(sessions, now):
    async with sessions() as work:
        audit.record(work, now, "staff:gonghui", "case.read", "S1")
        await work.rollback()
        audit.record(work, now, "staff:gonghui", "case.read", "S2")
        await work.commit()
    assert await entries(sessions) == [("case.read", "S2")]


async def test_several_acts_of_one_commit_keep_their_order(sessions, now):
    async with sessions.begin() as work:
        for number in range(5):
            audit.record(work, now, "member", "test.act", f"S{number}")
    assert await entries(sessions) == [("test.act", f"S{number}") for number in range(5)]
    assert await broken(sessions) is None


async def test_a_hundred_writers_at_once_make_one_unbroken_chain(sessions, now):
    async def act(number: int) -> None:
        async with sessions.begin() as work:
            audit.record(work, now, "member", "test.act", f"S{number}")

    await asyncio.gather(*(act(number) for number in range(100)))
    assert len(await entries(sessions)) == 100
    assert await broken(sessions) is None
