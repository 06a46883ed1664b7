"""Seats and the waiting list: never one too many, always in the order of the commits."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from handlers.actions import signups
from handlers.errors import EventClosedError, NotSignedUpError
from handlers.types import REPLY
from models import db
from models.db import Sessions
from models.delivery import BODY, Delivery
from models.event import Event, Signup, SignupStatus
from models.seal import KeyRing
from tests.roster import make_conversations, make_members, make_unit

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from handlers.actions.signups import Place

GOING, WAITING, CANCELLED = SignupStatus.GOING, SignupStatus.WAITING, SignupStatus.CANCELLED


@dataclass
class Hall:
    """One event and the people who want to go."""

    sessions: Sessions
    ring: KeyRing
    now: datetime
    event: int
    people: list[int]

    async def sign_up(self, member: int, *, at: datetime | None = None) -> Place:
        async with self.sessions.begin() as work:
            return await signups.sign_up(work, self.event, member, at or self.now)

    async def cancel(self, member: int) -> None:
        async with self.sessions.begin() as work:
            await signups.cancel(work, self.ring, self.event, member, self.now)

    async def statuses(self) -> dict[int, str]:
        async with self.sessions() as work:
            rows = await work.scalars(select(Signup))
            return {row.member_id: row.status for row in rows}

    async def taken(self) -> int:
        async with self.sessions() as work:
            return (await work.get_one(Event, self.event)).taken

    async def told(self) -> list[tuple[int | None, str]]:
        """Who was told what."""
        async with self.sessions() as work:
            rows = await work.scalars(select(Delivery).order_by(Delivery.id))
            return [
                (row.member_id, REPLY.validate_json(self.ring.open(row.body, BODY)).text)
                for row in rows
            ]


async def open_hall(
    sessions: Sessions, ring: KeyRing, now: datetime, seats: int, people: int
) -> Hall:
    members = await make_members(sessions, ring, now, people, unit=await make_unit(sessions))
    event = Event(
        public_id="e1",
        kind="sports",
        title="羽毛球友谊赛",
        about="请穿运动鞋。",
        place="文体中心",
        starts_at=now + timedelta(days=10),
        ends_at=now + timedelta(days=10, hours=3),
        closes_at=now + timedelta(days=7),
        capacity=seats,
    )
    async with sessions.begin() as work:
        work.add(event)
    return Hall(sessions, ring, now, event.id, members)


@pytest.fixture
async def hall(sessions: Sessions, ring: KeyRing, now: datetime) -> Hall:
    """Two seats, five people."""
    return await open_hall(sessions, ring, now, 2, 5)


@pytest.fixture
async def crowd(database_url: str, ring: KeyRing, now: datetime) -> AsyncIterator[Hall]:
    """Twenty seats, 200 people, and as many connections as they get."""
    engine = db.open_engine(database_url, pool_size=20)
    yield await open_hall(db.sessions(engine), ring, now, 20, 200)
    await engine.dispose()


async def test_200_people_at_once_take_20_seats_and_180_places_in_line(crowd: Hall):
    places = await asyncio.gather(*(crowd.sign_up(member) for member in crowd.people))
    assert Counter(place.status for place in places) == {GOING: 20, WAITING: 180}
    assert await crowd.taken() == 20
    assert sorted(place.waiting for place in places if place.status is WAITING) == list(
        range(1, 181)
    )


async def test_cancelling_and_signing_up_at_once_never_oversells(crowd: Hall):
    first = crowd.people[:40]
    await asyncio.gather(*(crowd.sign_up(member) for member in first))
    going = [member for member, status in (await crowd.statuses()).items() if status == GOING]
    await asyncio.gather(
        *(crowd.cancel(member) for member in going[:15]),
        *(crowd.sign_up(member) for member in crowd.people[40:80]),
    )
    counted = Counter((await crowd.statuses()).values())
    assert counted == {GOING: 20, WAITING: 45, CANCELLED: 15}
    assert await crowd.taken() == 20


async def test_the_waiting_list_goes_by_who_was_told_first_and_not_by_the_clocks(hall: Hall):
    a, b, c, d, _ = hall.people
    for member in (a, b):
        await hall.sign_up(member)
    assert (await hall.sign_up(c, at=hall.now + timedelta(seconds=2))).waiting == 1
    assert (await hall.sign_up(d, at=hall.now)).waiting == 2
    await hall.cancel(a)
    statuses = await hall.statuses()
    assert (statuses[c], statuses[d]) == (GOING, WAITING)


async def test_a_double_tap_changes_nothing(hall: Hall):
    first = await hall.sign_up(hall.people[0])
    again = await hall.sign_up(hall.people[0])
    assert (first.new, again.new, again.status) == (True, False, GOING)
    assert await hall.taken() == 1


async def test_ten_taps_at_once_take_one_seat(hall: Hall):
    places = await asyncio.gather(*(hall.sign_up(hall.people[0]) for _ in range(10)))
    assert sum(place.new for place in places) == 1
    assert await hall.taken() == 1


async def test_who_cancels_gives_the_seat_to_the_first_in_line_who_is_told(hall: Hall):
    a, b, c, d, _ = hall.people
    await make_conversations(hall.sessions, hall.now, [c])
    for member in (a, b, c, d):
        await hall.sign_up(member)
    await hall.cancel(b)
    statuses = await hall.statuses()
    assert (statuses[b], statuses[c], statuses[d]) == (CANCELLED, GOING, WAITING)
    ((who, words),) = await hall.told()
    assert who == c
    assert words.startswith("好消息：您候补的“羽毛球友谊赛”有名额了")
    assert await hall.taken() == 2


async def test_who_leaves_the_line_moves_nobody_up(hall: Hall):
    a, b, c, d, _ = hall.people
    for member in (a, b, c, d):
        await hall.sign_up(member)
    await hall.cancel(c)
    assert (await hall.statuses())[d] == WAITING
    assert (await hall.sign_up(d)).waiting == 1


async def test_without_a_line_a_seat_is_free_again(hall: Hall):
    await hall.sign_up(hall.people[0])
    await hall.cancel(hall.people[0])
    assert await hall.taken() == 0


async def test_who_cancelled_and_comes_back_stands_at_the_end(hall: Hall):
    a, b, c, d, _ = hall.people
    for member in (a, b, c, d):
        await hall.sign_up(member)
    await hall.cancel(c)
    place = await hall.sign_up(c)
    assert (place.status, place.waiting, place.new) == (WAITING, 2, True)


async def test_after_the_closing_time_nobody_signs_up(hall: Hall):
    with pytest.raises(EventClosedError):
        await hall.sign_up(hall.people[0], at=hall.now + timedelta(days=7))
    assert await hall.statuses() == {}


async def test_who_is_not_signed_up_cannot_cancel(hall: Hall):
    with pytest.raises(NotSignedUpError):
        await hall.cancel(hall.people[0])
    await hall.sign_up(hall.people[0])
    await hall.cancel(hall.people[0])
    with pytest.raises(NotSignedUpError):
        await hall.cancel(hall.people[0])
    assert await hall.taken() == 0
