"""The outbox: each message at most once, held, paused, given up, never lost from the count."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select, text, update

from bot.channels.base import SendError, Then
from bot.delivery import Deliverer, Pace
from handlers.actions import deliveries
from handlers.types import REPLY, Reply, Text, say
from models.conversation import Conversation
from models.db import Sessions
from models.delivery import Delivery, Outgoing, Status, send_later
from models.job import DELIVER, enqueue
from models.message import Message
from models.seal import KeyRing

if TYPE_CHECKING:
    from collections.abc import Mapping

MINUTE = timedelta(minutes=1)
# What the outbox may say of a message, and nothing else.
ENDED = (Status.SENT, Status.FAILED, Status.UNKNOWN, Status.SKIPPED)


class CrashError(Exception):
    """The process dies here."""


@dataclass
class RecordingChannel:
    """Keeps what was said to whom; fails as it is told, one error a call."""

    name: str = "wechat"
    windowed: bool = True
    said: list[tuple[str, str]] = field(default_factory=list)
    errors: list[Exception | None] = field(default_factory=list)

    def split(self, reply: Reply) -> tuple[Reply, Reply]:
        return Reply(reply.parts[:1]), Reply(reply.parts[1:])

    async def send(self, sender: str, reply: Reply) -> None:
        error = self.errors.pop(0) if self.errors else None
        if error is not None:
            raise error
        await asyncio.sleep(0)
        self.said.append((sender, reply.text))

    async def picture(self, media: str) -> bytes:
        raise SendError(Then.DROP, f"{media} is no picture")


@dataclass
class Outbox:
    """An outbox, a channel that remembers, and a clock that moves by hand."""

    sessions: Sessions
    ring: KeyRing
    now: datetime
    channel: RecordingChannel = field(default_factory=RecordingChannel)
    slept: list[float] = field(default_factory=list)

    async def _sleep(self, seconds: float) -> None:
        self.slept.append(seconds)

    def _elapsed(self) -> float:
        """No time but what was slept: a busy machine does not count."""
        return sum(self.slept)

    def deliverer(self, channels: Mapping[str, RecordingChannel] | None = None) -> Deliverer:
        return Deliverer(
            self.sessions,
            self.ring,
            {"wechat": self.channel} if channels is None else channels,
            lambda: self.now,
            Pace(20, self._sleep, self._elapsed),
        )

    async def deliver(self, *ids: int) -> None:
        await self.deliverer().deliver(ids)

    async def person(self, sender: str = "o1", **columns: object) -> int:
        """Somebody who has just written, unless told otherwise."""
        values = {"msg_left": 5, "msg_until": self.now + timedelta(hours=48)} | columns
        row = Conversation(
            channel="wechat", account="gh_a", sender=sender, created_at=self.now, **values
        )
        async with self.sessions.begin() as work:
            work.add(row)
        return row.id

    async def queue(self, person: int, *words: str, after: timedelta = timedelta(0)) -> int:
        reply = Reply(tuple(Text(each) for each in words or ("好",)))
        async with self.sessions.begin() as work:
            outgoing = Outgoing(person, REPLY.dump_json(reply), after)
            return (await send_later(work, self.ring, outgoing, self.now)).id

    async def answer(self, person: int, words: str) -> int:
        """What is said to a message of the person that has been handled."""
        async with self.sessions.begin() as work:
            message = Message(
                key=uuid.uuid4(),
                conversation_id=person,
                received_at=self.now,
                sent_at=self.now,
                kind="text",
                body=b"",
            )
            work.add(message)
            await work.flush()
            outgoing = Outgoing(person, REPLY.dump_json(say(words)), message_id=message.id)
            return (await send_later(work, self.ring, outgoing, self.now)).id

    async def found(self, row: int) -> tuple[str, str | None]:
        async with self.sessions() as work:
            delivery = await work.get_one(Delivery, row)
            return delivery.status, delivery.reason

    async def statuses(self) -> list[str]:
        async with self.sessions() as work:
            return list(await work.scalars(select(Delivery.status).order_by(Delivery.id)))

    async def left(self, person: int) -> tuple[int, int]:
        """What the two windows still allow."""
        async with self.sessions() as work:
            row = await work.get_one(Conversation, person)
            return row.msg_left, row.tap_left

    async def jobs(self) -> list[tuple[list[int], float]]:
        """Jobs that wait: their rows, and in how many seconds they begin."""
        query = "SELECT args, extract(epoch FROM scheduled_at - now()) FROM procrastinate_jobs"
        async with self.sessions() as work:
            rows = await work.execute(text(f"{query} WHERE status = 'todo' ORDER BY id"))
            return [(json.loads(json.dumps(args))["ids"], float(wait)) for args, wait in rows]

    async def forget_jobs(self) -> None:
        async with self.sessions.begin() as work:
            await work.execute(text("DELETE FROM procrastinate_jobs"))

    async def writes(self, person: int) -> None:
        """The person writes again: the window opens and what was held is let go."""
        async with self.sessions.begin() as work:
            opened = {"msg_left": 5, "msg_until": self.now + timedelta(hours=48)}
            await work.execute(
                update(Conversation).where(Conversation.id == person).values(opened)
            )
            await deliveries.release_held(work, person, self.now)


@pytest.fixture
def outbox(sessions: Sessions, ring: KeyRing, now: datetime) -> Outbox:
    return Outbox(sessions, ring, now)


async def test_a_message_is_sent_and_its_row_says_when(outbox: Outbox, now: datetime):
    row = await outbox.queue(await outbox.person(), "您的申请通过了")
    await outbox.deliver(row)
    assert outbox.channel.said == [("o1", "您的申请通过了")]
    async with outbox.sessions() as work:
        delivery = await work.get_one(Delivery, row)
    assert (delivery.status, delivery.ended_at, delivery.attempts) == (Status.SENT, now, 1)


async def test_a_job_that_is_run_twice_sends_once(outbox: Outbox):
    row = await outbox.queue(await outbox.person())
    await outbox.deliver(row)
    await outbox.deliver(row)
    assert len(outbox.channel.said) == 1


async def test_ten_workers_with_the_same_rows_send_each_once(outbox: Outbox):
    rows = [await outbox.queue(await outbox.person(f"o{each}")) for each in range(20)]
    await asyncio.gather(*(outbox.deliver(*rows) for _ in range(10)))
    assert Counter(outbox.channel.said) == Counter({(f"o{each}", "好"): 1 for each in range(20)})


async def test_messages_to_one_person_keep_their_order(outbox: Outbox):
    person = await outbox.person()
    rows = [await outbox.queue(person, f"第 {each} 条") for each in range(4)]
    await outbox.deliver(*rows)
    assert [words for _, words in outbox.channel.said] == [f"第 {each} 条" for each in range(4)]


async def test_the_job_of_a_later_answer_sends_the_earlier_one_first(outbox: Outbox):
    person = await outbox.person()
    first, second = await outbox.answer(person, "先"), await outbox.answer(person, "后")
    await outbox.deliver(second)
    await outbox.deliver(first)
    assert outbox.channel.said == [("o1", "先"), ("o1", "后")]


async def test_an_answer_waits_for_the_one_that_another_process_is_sending(outbox: Outbox):
    person = await outbox.person()
    first, second = await outbox.answer(person, "先"), await outbox.answer(person, "后")
    outbox.channel.errors = [CrashError()]
    with pytest.raises(CrashError):
        await outbox.deliver(first)
    await outbox.forget_jobs()
    await outbox.deliver(second)
    assert (outbox.channel.said, await outbox.found(second)) == ([], (Status.QUEUED, None))
    assert [ids for ids, _ in await outbox.jobs()] == [[second]]
    outbox.now += timedelta(seconds=31)
    await outbox.deliver(second)
    assert outbox.channel.said == [("o1", "后")], "no longer than the lease"


async def test_many_workers_send_the_answers_to_one_person_in_order(outbox: Outbox):
    person = await outbox.person()
    rows = [await outbox.answer(person, f"第 {each} 条") for each in range(5)]
    for _ in range(5):
        await asyncio.gather(*(outbox.deliver(row) for row in reversed(rows)))
    assert [words for _, words in outbox.channel.said] == [f"第 {each} 条" for each in range(5)]


async def test_sends_are_spaced_by_the_pace(outbox: Outbox):
    rows = [await outbox.queue(await outbox.person(f"o{each}")) for each in range(3)]
    await outbox.deliver(*rows)
    assert outbox.slept == pytest.approx([0.05, 0.05])


# The window.


async def test_five_messages_go_and_the_sixth_is_held(outbox: Outbox):
    person = await outbox.person()
    rows = [await outbox.queue(person) for _ in range(6)]
    await outbox.deliver(*rows)
    assert await outbox.statuses() == [Status.SENT] * 5 + [Status.HELD]
    assert await outbox.left(person) == (0, 0)


async def test_what_was_held_goes_out_in_order_when_the_person_writes(outbox: Outbox):
    person = await outbox.person(msg_left=0)
    rows = [await outbox.queue(person, f"第 {each} 条") for each in range(3)]
    await outbox.deliver(*rows)
    assert outbox.channel.said == []
    await outbox.forget_jobs()
    await outbox.writes(person)
    ((ids, _),) = await outbox.jobs()
    await outbox.deliver(*ids)
    assert [words for _, words in outbox.channel.said] == ["第 0 条", "第 1 条", "第 2 条"]


async def test_after_48_hours_the_window_is_closed(outbox: Outbox):
    person = await outbox.person()
    row = await outbox.queue(person)
    outbox.now += timedelta(hours=48)
    await outbox.deliver(row)
    assert await outbox.found(row) == (Status.HELD, "window")


async def test_a_tap_allows_three_messages_for_a_minute(outbox: Outbox):
    person = await outbox.person(
        msg_left=0, msg_until=None, tap_left=3, tap_until=outbox.now + MINUTE
    )
    rows = [await outbox.queue(person) for _ in range(4)]
    await outbox.deliver(*rows)
    assert await outbox.statuses() == [Status.SENT] * 3 + [Status.HELD]


async def test_after_a_minute_a_tap_allows_nothing_more(outbox: Outbox):
    person = await outbox.person(
        msg_left=0, msg_until=None, tap_left=3, tap_until=outbox.now + MINUTE
    )
    row = await outbox.queue(person)
    outbox.now += MINUTE
    await outbox.deliver(row)
    assert await outbox.found(row) == (Status.HELD, "window")


async def test_of_two_windows_the_larger_counts_and_each_send_counts_against_both(
    outbox: Outbox,
):
    person = await outbox.person(msg_left=2, tap_left=3, tap_until=outbox.now + MINUTE)
    rows = [await outbox.queue(person) for _ in range(4)]
    await outbox.deliver(rows[0])
    assert await outbox.left(person) == (1, 2)
    await outbox.deliver(*rows[1:])
    assert await outbox.statuses() == [Status.SENT] * 3 + [Status.HELD]


async def test_a_reply_of_three_parts_takes_three_of_the_window(outbox: Outbox):
    person = await outbox.person()
    row = await outbox.queue(person, "一", "二", "三")
    await outbox.deliver(row)
    assert await outbox.left(person) == (2, 0)


async def test_a_reply_is_not_begun_when_only_a_part_of_it_fits(outbox: Outbox):
    person = await outbox.person(msg_left=2)
    row = await outbox.queue(person, "一", "二", "三")
    await outbox.deliver(row)
    assert await outbox.found(row) == (Status.HELD, "window")
    assert await outbox.left(person) == (2, 0)


async def test_a_window_the_platform_sees_closed_is_closed(outbox: Outbox):
    person = await outbox.person()
    rows = [await outbox.queue(person) for _ in range(2)]
    outbox.channel.errors = [SendError(Then.HOLD, "45047")]
    await outbox.deliver(*rows)
    assert await outbox.statuses() == [Status.HELD, Status.HELD]
    assert await outbox.left(person) == (0, 0)


async def test_a_send_that_the_platform_put_off_takes_nothing_of_the_window(outbox: Outbox):
    person = await outbox.person()
    row = await outbox.queue(person)
    for _ in range(7):
        outbox.channel.errors = [SendError(Then.PAUSE, "45011", pause=60)]
        await outbox.deliver(row)
    assert await outbox.found(row) == (Status.QUEUED, "45011")
    await outbox.deliver(row)
    assert outbox.channel.said == [("o1", "好")]


async def test_a_channel_without_windows_needs_none(outbox: Outbox):
    outbox.channel.windowed = False
    row = await outbox.queue(await outbox.person(msg_left=0))
    await outbox.deliver(row)
    assert (await outbox.found(row))[0] == Status.SENT


async def test_what_is_for_a_channel_that_is_not_here_waits(outbox: Outbox):
    row = await outbox.queue(await outbox.person())
    await outbox.deliverer({}).deliver([row])
    assert await outbox.found(row) == (Status.HELD, "away")


# What cannot be sent.


async def test_what_comes_too_late_is_given_up(outbox: Outbox):
    row = await outbox.queue(await outbox.person())
    outbox.now += timedelta(days=3)
    await outbox.deliver(row)
    assert await outbox.found(row) == (Status.FAILED, "expired")
    assert outbox.channel.said == []


async def test_what_is_held_too_long_is_given_up(outbox: Outbox):
    row = await outbox.queue(await outbox.person(msg_left=0))
    await outbox.deliver(row)
    async with outbox.sessions.begin() as work:
        await deliveries.expire_held(work, outbox.now + timedelta(days=3))
    assert await outbox.found(row) == (Status.FAILED, "expired")


async def test_who_left_gets_nothing(outbox: Outbox):
    row = await outbox.queue(await outbox.person(following=False))
    await outbox.deliver(row)
    assert await outbox.found(row) == (Status.SKIPPED, "not following")
    assert outbox.channel.said == []


async def test_who_turns_out_to_be_gone_gets_nothing_more(outbox: Outbox):
    person = await outbox.person()
    rows = [await outbox.queue(person) for _ in range(2)]
    outbox.channel.errors = [SendError(Then.DROP, "43004", unreachable=True)]
    await outbox.deliver(*rows)
    assert await outbox.statuses() == [Status.FAILED, Status.SKIPPED]


async def test_a_refusal_hits_one_message_and_the_rest_goes_on(outbox: Outbox):
    rows = [await outbox.queue(await outbox.person(f"o{each}")) for each in range(3)]
    outbox.channel.errors = [None, SendError(Then.DROP, "45002")]
    await outbox.deliver(*rows)
    assert await outbox.statuses() == [Status.SENT, Status.FAILED, Status.SENT]


async def test_a_message_of_unknown_fate_is_never_sent_again(outbox: Outbox):
    row = await outbox.queue(await outbox.person())
    outbox.channel.errors = [SendError(Then.UNKNOWN, "cut")]
    await outbox.deliver(row)
    await outbox.deliver(row)
    assert await outbox.found(row) == (Status.UNKNOWN, "cut")
    assert outbox.channel.said == []


async def test_a_busy_platform_is_tried_four_times_and_then_again_in_a_minute(outbox: Outbox):
    row = await outbox.queue(await outbox.person())
    await outbox.forget_jobs()
    outbox.channel.errors = [SendError(Then.RETRY, "-1") for _ in range(9)]
    await outbox.deliver(row)
    assert await outbox.found(row) == (Status.QUEUED, "-1")
    assert len(outbox.channel.errors) == 5
    ((ids, wait),) = await outbox.jobs()
    assert ids == [row]
    assert 50 < wait <= 60
    assert [wait // 0.5 * 0.5 for wait in outbox.slept[:1]] == [0.5]


@pytest.mark.parametrize("then", [Then.PAUSE, Then.ALARM])
async def test_a_pause_stops_the_run_and_the_rest_goes_later(outbox: Outbox, then: Then):
    rows = [await outbox.queue(await outbox.person(f"o{each}")) for each in range(4)]
    await outbox.forget_jobs()
    outbox.channel.errors = [None, SendError(then, "slower", pause=600)]
    await outbox.deliver(*rows)
    assert await outbox.statuses() == [Status.SENT] + [Status.QUEUED] * 3
    ((ids, wait),) = await outbox.jobs()
    assert ids == rows[1:]
    assert 590 < wait <= 600
    await outbox.deliver(*ids)
    assert [sender for sender, _ in outbox.channel.said] == ["o0", "o1", "o2", "o3"]


# When a process dies.


async def test_a_crash_in_the_middle_is_settled_as_unknown_and_never_repeated(outbox: Outbox):
    rows = [await outbox.queue(await outbox.person(f"o{each}")) for each in range(2)]
    outbox.channel.errors = [CrashError()]
    with pytest.raises(CrashError):
        await outbox.deliver(*rows)
    assert await outbox.statuses() == [Status.RESERVED, Status.QUEUED]
    async with outbox.sessions.begin() as work:
        settled = await deliveries.settle_abandoned(work, outbox.now + 3 * MINUTE, 2 * MINUTE)
    await outbox.deliver(*rows)
    assert settled == 1
    assert await outbox.found(rows[0]) == (Status.UNKNOWN, "interrupted")
    assert outbox.channel.said == [("o1", "好")]


async def test_what_is_being_sent_just_now_is_left_alone(outbox: Outbox):
    row = await outbox.queue(await outbox.person())
    outbox.channel.errors = [CrashError()]
    with pytest.raises(CrashError):
        await outbox.deliver(row)
    async with outbox.sessions.begin() as work:
        assert await deliveries.settle_abandoned(work, outbox.now + MINUTE, 2 * MINUTE) == 0


async def test_rows_whose_job_is_gone_get_a_new_one(outbox: Outbox):
    rows = [await outbox.queue(await outbox.person(f"o{each}")) for each in range(3)]
    await outbox.forget_jobs()
    async with outbox.sessions.begin() as work:
        await enqueue(work, DELIVER, {"ids": [rows[1]]})
    async with outbox.sessions.begin() as work:
        count = await deliveries.requeue_forgotten(work, outbox.now + 2 * MINUTE, MINUTE)
    assert count == 2
    assert [ids for ids, _ in await outbox.jobs()] == [[rows[1]], [rows[0], rows[2]]]


async def test_rows_that_are_not_due_yet_are_not_taken_for_forgotten(outbox: Outbox):
    await outbox.queue(await outbox.person(), after=timedelta(hours=1))
    await outbox.forget_jobs()
    async with outbox.sessions.begin() as work:
        assert await deliveries.requeue_forgotten(work, outbox.now + 2 * MINUTE, MINUTE) == 0


async def test_a_row_and_its_job_are_one_commit(outbox: Outbox):
    person = await outbox.person()
    async with outbox.sessions() as work:
        await send_later(
            work, outbox.ring, Outgoing(person, REPLY.dump_json(say("好"))), outbox.now
        )
        await work.rollback()
    assert (await outbox.statuses(), await outbox.jobs()) == ([], [])


async def test_every_message_ends_in_exactly_one_count(outbox: Outbox):
    people = [await outbox.person(f"o{each}") for each in range(8)]
    people.append(await outbox.person("left", following=False))
    people.append(await outbox.person("silent", msg_left=0))
    rows = [await outbox.queue(person) for person in people]
    outbox.channel.errors = [
        None,
        SendError(Then.DROP, "45002"),
        SendError(Then.UNKNOWN, "cut"),
        SendError(Then.HOLD, "45015"),
        SendError(Then.RETRY, "-1"),
        None,
        SendError(Then.DROP, "43004", unreachable=True),
        None,
        SendError(Then.PAUSE, "45009", pause=60),
    ]
    await outbox.deliver(*rows)
    counted = Counter(await outbox.statuses())
    assert sum(counted.values()) == len(people)
    assert counted == {
        Status.SENT: 3,
        Status.FAILED: 2,
        Status.UNKNOWN: 1,
        Status.HELD: 1,
        Status.QUEUED: 3,
    }
    await outbox.deliver(*rows)
    counted = Counter(await outbox.statuses())
    assert sum(counted[status] for status in ENDED) + counted[Status.HELD] == len(people)
    assert (counted[Status.SENT], counted[Status.SKIPPED], counted[Status.HELD]) == (4, 1, 2)
