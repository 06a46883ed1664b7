"""What is put right without being asked, and what is left alone."""

from __future__ import annotations

import os
import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from handlers.actions import evidence
from handlers.actions.evidence import Bounds, Store
from handlers.types import REPLY, say
from models.db import Sessions
from models.delivery import Delivery, Outgoing, Status, send_later
from models.job import JobRun, first_to_run
from models.message import Message
from models.seal import KeyRing
from scheduler.upkeep import Upkeep
from tests.roster import make_conversations, make_members, make_unit
from tests.scenario.world import photo

LEASE = timedelta(seconds=30)


@dataclass
class House:
    """A database with people in it, and upkeep that notes what it would take up again."""

    sessions: Sessions
    ring: KeyRing
    now: datetime
    folder: Path
    members: list[int]
    people: list[int]
    resumed: list[int] = field(default_factory=list)

    @property
    def upkeep(self) -> Upkeep:
        async def resume(message_id: int) -> None:
            self.resumed.append(message_id)

        return Upkeep(self.sessions, resume, LEASE, self.folder, ("wechat", "terminal"))

    async def message(self, person: int, age: timedelta, *, done: bool = False) -> int:
        received = self.now - age
        row = Message(
            key=uuid.uuid4(),
            conversation_id=person,
            received_at=received,
            sent_at=received,
            kind="text",
            body=b"",
            done_at=received if done else None,
        )
        async with self.sessions.begin() as work:
            work.add(row)
        return row.id

    async def delivery(self, status: Status, age: timedelta) -> int:
        async with self.sessions.begin() as work:
            outgoing = Outgoing(self.people[0], REPLY.dump_json(say("好")))
            row = await send_later(work, self.ring, outgoing, self.now - age)
            row.status, row.reserved_at = status, self.now - age
        return row.id

    async def status(self, row: int) -> str:
        async with self.sessions() as work:
            return (await work.get_one(Delivery, row)).status


@pytest.fixture
async def house(sessions: Sessions, ring: KeyRing, now: datetime, tmp_path: Path) -> House:
    members = await make_members(sessions, ring, now, 3, unit=await make_unit(sessions))
    people = await make_conversations(sessions, now, members)
    return House(sessions, ring, now, tmp_path / "evidence", members, people)


async def test_a_message_left_behind_is_taken_up_after_the_lease(house: House):
    old = await house.message(house.people[0], timedelta(seconds=31))
    await house.message(house.people[1], timedelta(seconds=29))
    await house.message(house.people[2], timedelta(hours=1), done=True)
    await house.upkeep.messages(house.now)
    assert house.resumed == [old]


async def test_of_one_person_the_oldest_message_is_taken_up_first(house: House):
    first = await house.message(house.people[0], timedelta(minutes=3))
    await house.message(house.people[0], timedelta(minutes=2))
    other = await house.message(house.people[1], timedelta(minutes=2))
    await house.upkeep.messages(house.now)
    assert house.resumed == [first, other]


async def test_one_message_that_cannot_be_finished_does_not_stop_the_others(house: House):
    bad, good = [await house.message(person, timedelta(minutes=2)) for person in house.people[:2]]
    tried: list[int] = []

    async def resume(message_id: int) -> None:
        tried.append(message_id)
        if message_id == bad:
            raise LookupError("a bug")

    upkeep = Upkeep(house.sessions, resume, LEASE, house.folder, ("wechat", "terminal"))
    with pytest.raises(ExceptionGroup) as failed:
        await upkeep.messages(house.now)
    assert tried == [bad, good]
    assert [str(error) for error in failed.value.exceptions] == ["a bug"]


async def test_what_was_cut_off_while_sending_becomes_unknown(house: House):
    old = await house.delivery(Status.RESERVED, timedelta(minutes=3))
    fresh = await house.delivery(Status.RESERVED, timedelta(minutes=1))
    await house.upkeep.outbox(house.now)
    assert [await house.status(old), await house.status(fresh)] == [
        Status.UNKNOWN,
        Status.RESERVED,
    ]


async def test_what_was_held_too_long_is_given_up(house: House):
    old = await house.delivery(Status.HELD, timedelta(days=3))
    fresh = await house.delivery(Status.HELD, timedelta(days=2))
    await house.upkeep.outbox(house.now)
    assert [await house.status(old), await house.status(fresh)] == [Status.FAILED, Status.HELD]


async def test_runs_of_last_year_are_remembered_and_older_ones_forgotten(house: House):
    async with house.sessions.begin() as work:
        for days in (900, 400):
            at = house.now - timedelta(days=days)
            await first_to_run(work, "season:x", str(days), at)
    await house.upkeep.records(house.now, house.now)
    async with house.sessions() as work:
        assert list(await work.scalars(select(JobRun.period))) == ["400"]


async def test_a_picture_whose_message_failed_goes_after_a_day_and_a_kept_one_stays(house: House):
    store = Store(house.folder, house.ring, Bounds(1 << 20, 1 << 24, 800))
    message = await house.message(house.people[0], timedelta(0))
    async with house.sessions.begin() as work:
        kept = await evidence.keep(work, store, photo(), house.members[0], message, house.now)
    orphan, fresh = house.folder / "orphan", house.folder / "fresh"
    for file in (orphan, fresh):
        file.write_bytes(b"x")
    day_before = (house.now - timedelta(days=1, seconds=1)).timestamp()
    for file in (orphan, house.folder / kept.name):
        os.utime(file, (day_before, day_before))
    os.utime(fresh, (house.now.timestamp(), house.now.timestamp()))
    await house.upkeep.records(house.now, house.now)
    assert sorted(file.name for file in house.folder.iterdir()) == sorted(["fresh", kept.name])


async def test_without_pictures_there_is_nothing_to_forget(house: House):
    await house.upkeep.records(house.now, house.now)
    assert not house.folder.exists()
