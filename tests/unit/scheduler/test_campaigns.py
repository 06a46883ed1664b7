"""Yearly pushes: made once for exactly the audience, whoever's clock is first."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, text

from handlers.types import REPLY
from models.campaign import Campaign
from models.conversation import Conversation
from models.db import Sessions
from models.delivery import BODY, Delivery, Status
from models.member import Member
from models.seal import KeyRing
from scheduler import campaigns
from scheduler.campaigns import Plan
from scheduler.season import Season
from tests.roster import make_conversations, make_members, make_unit

WOMENS_DAY = datetime(2026, 3, 8, 1, 0, tzinfo=UTC)  # nine o'clock in Wuhan


def season(slug: str = "womens-day", month: int = 3, day: int = 8, sex: str = "all") -> Season:
    return Season.model_validate(
        {
            "slug": slug,
            "title": "三八国际劳动妇女节",
            "owner": "女职工委员会",
            "due": {"month": month, "day": day, "at": "09:00"},
            "audience": {"sex": sex},
            "text": "祝您节日快乐。",
        }
    )


@dataclass
class Calendar:
    """Seasons, people, and the moment at which a clock looks."""

    sessions: Sessions
    ring: KeyRing
    unit: int
    seasons: tuple[Season, ...] = field(default_factory=lambda: (season(),))
    catch_up: timedelta = timedelta(days=1)
    batch: int = 100

    async def look(self, now: datetime) -> list[str]:
        plan = Plan(self.seasons, self.catch_up, self.batch, timedelta(days=3), ("wechat",))
        return await campaigns.run_due(self.sessions, self.ring, plan, now)

    async def people(
        self, count: int, *, bound: bool = True, sex: str = "F", first: int = 0, left: bool = False
    ) -> list[int]:
        now = WOMENS_DAY - timedelta(days=30)
        members = await make_members(
            self.sessions, self.ring, now, count, unit=self.unit, sex=sex, first=first, left=left
        )
        if bound:
            await make_conversations(self.sessions, now, members)
        return members

    async def deliveries(self) -> list[Delivery]:
        async with self.sessions() as work:
            return list(await work.scalars(select(Delivery).order_by(Delivery.id)))

    async def campaigns(self) -> list[Campaign]:
        async with self.sessions() as work:
            return list(await work.scalars(select(Campaign).order_by(Campaign.id)))

    async def batches(self) -> list[int]:
        """How many recipients each job has."""
        query = "SELECT jsonb_array_length(args -> 'ids') FROM procrastinate_jobs ORDER BY id"
        async with self.sessions() as work:
            return list(await work.scalars(text(query)))


@pytest.fixture
async def calendar(sessions: Sessions, ring: KeyRing) -> Calendar:
    return Calendar(sessions, ring, await make_unit(sessions))


async def test_two_clocks_at_once_send_to_each_person_once(calendar: Calendar):
    members = await calendar.people(20)
    started = await asyncio.gather(*(calendar.look(WOMENS_DAY) for _ in range(4)))
    assert sorted(started) == [[], [], [], ["womens-day"]]
    assert [row.member_id for row in await calendar.deliveries()] == members


async def test_looking_again_and_again_sends_nothing_more(calendar: Calendar):
    await calendar.people(3)
    looks = [await calendar.look(WOMENS_DAY + timedelta(hours=hour)) for hour in range(6)]
    assert looks == [["womens-day"], [], [], [], [], []]
    assert len(await calendar.deliveries()) == 3


async def test_next_year_it_is_sent_again(calendar: Calendar):
    await calendar.people(2)
    await calendar.look(WOMENS_DAY)
    await calendar.look(WOMENS_DAY.replace(year=2027))
    assert [row.period for row in await calendar.campaigns()] == ["2026", "2027"]
    assert len(await calendar.deliveries()) == 4


async def test_nothing_is_sent_before_its_time(calendar: Calendar):
    assert await calendar.look(WOMENS_DAY - timedelta(seconds=1)) == []


@pytest.mark.parametrize(
    ("late", "started"),
    [
        (timedelta(0), ["womens-day"]),
        (timedelta(hours=23), ["womens-day"]),
        (timedelta(days=1), ["womens-day"]),
        (timedelta(days=1, seconds=1), []),
        (timedelta(days=30), []),
    ],
)
async def test_what_was_missed_is_caught_up_with_for_a_day(
    calendar: Calendar, late: timedelta, started: list[str]
):
    assert await calendar.look(WOMENS_DAY + late) == started


async def test_catching_up_goes_over_the_new_year(calendar: Calendar):
    calendar.seasons = (season("eve", 12, 31),)
    assert await calendar.look(datetime(2027, 1, 1, 0, 30, tzinfo=UTC)) == ["eve"]
    ((period, due),) = [(row.period, row.due_at) for row in await calendar.campaigns()]
    assert (period, due) == ("2026", datetime(2026, 12, 31, 1, 0, tzinfo=UTC))


async def test_womens_day_is_for_women(calendar: Calendar):
    calendar.seasons = (season(sex="F"),)
    women = await calendar.people(3)
    await calendar.people(4, sex="M", first=100)
    await calendar.look(WOMENS_DAY)
    assert [row.member_id for row in await calendar.deliveries()] == women


async def test_who_left_the_union_is_not_meant(calendar: Calendar):
    await calendar.people(2, left=True)
    await calendar.look(WOMENS_DAY)
    assert await calendar.deliveries() == []


async def test_who_cannot_be_reached_is_counted_and_skipped(calendar: Calendar):
    await calendar.people(3)
    unbound = await calendar.people(2, bound=False, first=50)
    await calendar.look(WOMENS_DAY)
    rows = await calendar.deliveries()
    assert Counter(row.status for row in rows) == {Status.QUEUED: 3, Status.SKIPPED: 2}
    skipped = [row for row in rows if row.status == Status.SKIPPED]
    assert sorted(row.member_id or 0 for row in skipped) == unbound
    assert {row.reason for row in skipped} == {"not bound"}


async def test_who_stopped_following_is_counted_and_skipped(calendar: Calendar):
    members = await calendar.people(1, bound=False)
    await make_conversations(calendar.sessions, WOMENS_DAY, members, following=False)
    await calendar.look(WOMENS_DAY)
    assert [row.status for row in await calendar.deliveries()] == [Status.SKIPPED]


async def test_the_counts_of_a_campaign_add_up_to_its_audience(calendar: Calendar):
    await calendar.people(5)
    await calendar.people(4, bound=False, first=50)
    await calendar.people(3, left=True, first=90)
    await calendar.look(WOMENS_DAY)
    (campaign,) = await calendar.campaigns()
    assert campaign.audience == len(await calendar.deliveries()) == 9


async def test_who_has_two_phones_gets_it_where_they_last_wrote(calendar: Calendar):
    (member,) = await calendar.people(1)
    async with calendar.sessions.begin() as work:
        work.add(
            Conversation(
                channel="wechat",
                account="gh_a",
                sender="o-new",
                created_at=WOMENS_DAY,
                member_id=member,
                last_inbound_at=WOMENS_DAY,
            )
        )
    await calendar.look(WOMENS_DAY)
    (delivery,) = await calendar.deliveries()
    async with calendar.sessions() as work:
        found = await work.get_one(Conversation, delivery.conversation_id)
    assert found.sender == "o-new"


async def test_everybody_reads_the_text_of_the_season(calendar: Calendar):
    await calendar.people(1)
    await calendar.look(WOMENS_DAY)
    (row,) = await calendar.deliveries()
    assert REPLY.validate_json(calendar.ring.open(row.body, BODY)).text == "祝您节日快乐。"
    assert row.expires_at == WOMENS_DAY + timedelta(days=3)


async def test_a_crash_in_the_middle_leaves_nothing_and_is_made_good(
    calendar: Calendar, monkeypatch: pytest.MonkeyPatch
):
    await calendar.people(3)

    async def die(*_: object, **__: object) -> None:
        raise ConnectionError("the process is gone")

    with monkeypatch.context() as broken:
        broken.setattr(campaigns, "enqueue", die)
        with pytest.raises(ConnectionError):
            await calendar.look(WOMENS_DAY)
    assert (await calendar.campaigns(), await calendar.deliveries()) == ([], [])
    assert await calendar.look(WOMENS_DAY) == ["womens-day"]
    assert len(await calendar.deliveries()) == 3


async def test_2000_members_are_planned_at_once_in_jobs_of_a_hundred(calendar: Calendar):
    await calendar.people(2000)
    begun = time.monotonic()
    await calendar.look(WOMENS_DAY)
    assert time.monotonic() - begun < 5
    assert await calendar.batches() == [100] * 20
    async with calendar.sessions() as work:
        members = list(await work.scalars(select(Member.id).order_by(Member.id)))
    assert [row.member_id for row in await calendar.deliveries()] == members
