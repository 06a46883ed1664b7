"""One message from claim to commit: once, in order, through slowness, failures and crashes."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import func, select, text, update

from bot.app import Loaded, Parts, open_parts
from bot.config import Settings
from bot.in_time import InTime, NotClaimedError, Patience
from handlers import routes, texts
from handlers.actions import tickets
from handlers.context import Context
from handlers.encoding import Encoding
from handlers.errors import DomainError
from handlers.language import Language, Places
from handlers.routes import Route
from handlers.types import REPLY, Inbound, Kind, Reply, Text, say
from models import audit
from models.audit import AuditEntry
from models.conversation import Conversation
from models.delivery import BODY, Delivery, Outgoing, Status, send_later
from models.message import Message
from models.question import GroupState, Question, QuestionGroup, Reason
from models.ticket import Ticket, Why
from tests.waiting import until

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path


FOREVER = 1e12
Handler = Callable[[Context], Awaitable[Reply]]


@dataclass
class Town:
    """Any number of processes on one database, with one clock that moves by hand."""

    settings: Settings
    url: str
    loaded: Loaded
    now: datetime
    stack: AsyncExitStack = field(default_factory=AsyncExitStack)
    processes: list[Parts] = field(default_factory=list)

    async def start(self) -> Parts:
        opened = open_parts(
            self.settings,
            self.url,
            lambda: self.now,
            show=lambda _: None,
            loaded=self.loaded,
        )
        parts = await self.stack.enter_async_context(opened)
        self.processes.append(parts)
        return parts

    @property
    def parts(self) -> Parts:
        return self.processes[0]

    def message(self, words: str, sender: str = "o1", kind: Kind = Kind.TEXT) -> Inbound:
        self.now += timedelta(seconds=1)
        return Inbound("terminal", "a", sender, uuid.uuid4(), kind, self.now, text=words)

    async def say(self, words: str, sender: str = "o1") -> str:
        return await self.hear(self.message(words, sender))

    async def hear(self, inbound: Inbound, parts: Parts | None = None) -> str:
        patience = Patience(FOREVER)
        reply = await (parts or self.parts).dispatch.handle(inbound, patience)
        return "" if reply is None else reply.text

    async def hear_late(self, inbound: Inbound) -> None:
        """A message nobody waits for any more: its answer goes into the outbox."""
        patience = Patience(0.0, claimed=True, gone=True)
        await self.parts.dispatch.handle(inbound, patience)

    async def begin(self, inbound: Inbound, parts: Parts | None = None) -> asyncio.Task[str]:
        """A message under way: it is claimed when this returns."""
        patience = Patience(FOREVER)
        work = (parts or self.parts).dispatch.handle(inbound, patience)

        async def words() -> str:
            reply = await work
            return "" if reply is None else reply.text

        task = asyncio.create_task(words())
        await until(lambda: patience.claimed)
        return task

    async def die(self, parts: Parts, *tasks: asyncio.Task[str]) -> None:
        """A process is gone in the middle of its work, and its connections with it."""
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await parts.dispatch.stop()
        await parts.engine.dispose()

    async def rows(self, table: type[Message | Ticket | Delivery | AuditEntry]) -> int:
        async with self.parts.sessions() as work:
            return await work.scalar(select(func.count()).select_from(table)) or 0

    async def messages(self) -> list[Message]:
        async with self.parts.sessions() as work:
            return list(await work.scalars(select(Message).order_by(Message.id)))

    async def deliveries(self) -> list[str]:
        """What waits in the outbox, in words."""
        async with self.parts.sessions() as work:
            rows = await work.scalars(select(Delivery).order_by(Delivery.id))
            ring = self.parts.ring
            return [REPLY.validate_json(ring.open(row.body, BODY)).text for row in rows]


@pytest.fixture
async def town(
    settings: Settings, database_url: str, loaded: Loaded, now: datetime
) -> AsyncIterator[Town]:
    """One process to begin with."""
    town = Town(settings, database_url, loaded, now)
    async with town.stack:
        await town.start()
        yield town


@pytest.fixture
def on(monkeypatch: pytest.MonkeyPatch) -> Callable[[str, Handler], None]:
    """Answer messages that begin with a word by a handler of the test."""

    def add(word: str, handler: Handler) -> None:
        route = Route(word, lambda context: context.inbound.text.startswith(word), handler)
        monkeypatch.setattr(routes, "ROUTES", (route, *routes.ROUTES))

    return add


@dataclass
class Gate:
    """A handler that opens a ticket and answers as soon as it is let go."""

    open: asyncio.Event = field(default_factory=asyncio.Event)
    runs: int = 0

    async def __call__(self, context: Context) -> Reply:
        self.runs += 1
        await self.open.wait()
        await tickets.open_ticket(context.work, tickets.Asking.of(context, Why.ASKED), context.now)
        return say(f"办好了：{context.inbound.text}")


# In time, or late.


async def test_a_slow_reply_follows_as_one_message_and_a_repeat_gets_nothing_more(town: Town, on):
    gate = Gate()
    on("慢", gate)
    await town.say("你好")
    in_time, inbound = InTime(0.3), town.message("慢")

    async def delivered() -> Reply | None:
        patience = in_time.patience()
        return await in_time.answer(town.parts.dispatch.handle(inbound, patience), patience)

    assert [await delivered(), await delivered()] == [None, None]
    gate.open.set()
    await in_time.drain(5)
    assert await delivered() is None
    assert await town.deliveries() == ["办好了：慢"]
    assert gate.runs == 1


async def test_a_reply_in_time_is_given_to_every_copy_of_the_message(town: Town, on):
    gate = Gate()
    on("慢", gate)
    inbound = town.message("慢")
    copies = [await town.begin(inbound) for _ in range(3)]
    gate.open.set()
    assert await asyncio.gather(*copies) == ["办好了：慢"] * 3
    assert (gate.runs, await town.deliveries()) == (1, [])


async def test_a_reply_that_is_being_stored_too_long_is_given_to_the_repeat(town: Town, on):
    gate = Gate()
    gate.open.set()
    on("慢", gate)
    await town.say("你好")
    in_time, inbound = InTime(0.2), town.message("慢")
    patience = in_time.patience()
    async with town.parts.sessions() as blocker:
        await blocker.execute(text("LOCK TABLE ticket IN SHARE MODE"))
        # Claimed, but its effects cannot be written: the reply is not decided yet.
        waiting = asyncio.create_task(
            in_time.answer(town.parts.dispatch.handle(inbound, patience), patience)
        )
        assert await waiting is None
    await in_time.drain(5)
    assert await town.deliveries() == ["办好了：慢"]


async def test_a_commit_that_hangs_is_refused_and_its_repeat_finds_the_reply(town: Town, on):
    async def quick(context: Context) -> Reply:
        return say("马上")

    on("快", quick)
    await town.say("你好")
    in_time, inbound = InTime(0.3), town.message("快")
    patience = in_time.patience()
    held = asyncio.Event()

    async def hold_the_row(context: Context) -> Reply:
        await blocker.execute(select(Conversation).with_for_update())
        held.set()
        return say("马上")

    on("快", hold_the_row)
    async with town.parts.sessions() as blocker:
        with pytest.raises(NotClaimedError):
            await in_time.answer(town.parts.dispatch.handle(inbound, patience), patience)
        assert held.is_set()
    await in_time.drain(5)
    assert await town.hear(inbound) == "马上"
    assert await town.deliveries() == []


async def test_what_does_not_fit_into_the_answer_follows_it(town: Town, on):
    async def long(context: Context) -> Reply:
        return Reply((Text("第一段"), Text("第二段")))

    on("长", long)
    inbound = Inbound("wechat", "a", "o1", uuid.uuid4(), Kind.TEXT, town.now, text="长")
    assert await town.hear(inbound) == "第一段"
    assert await town.deliveries() == ["第二段"]
    assert await town.hear(inbound) == "第一段"
    assert await town.rows(Delivery) == 1


# The order of answers.


async def both_delivered(town: Town, *processes: Parts) -> list[Reply | None]:
    """Two messages at once, the second answered in time but after the first was late."""
    replies = []
    for words, parts in zip(("慢", "快"), processes, strict=True):
        in_time = InTime(0.3 if words == "慢" else 5)
        patience = in_time.patience()
        work = parts.dispatch.handle(town.message(words), patience)
        replies.append(asyncio.create_task(in_time.answer(work, patience)))
        await until(partial(getattr, patience, "claimed"))
    return list(await asyncio.gather(*replies))


async def at_once(context: Context) -> Reply:
    return say(f"马上：{context.inbound.text}")


async def wait_a_moment(context: Context) -> Reply:
    await asyncio.sleep(0.5)
    return say(f"办好了：{context.inbound.text}")


@pytest.mark.parametrize("processes", [1, 2])
async def test_an_answer_does_not_overtake_a_late_one(town: Town, on, processes: int):
    on("慢", wait_a_moment)
    on("快", at_once)
    await town.say("你好")
    if processes == 2:
        await town.start()
    replies = await both_delivered(town, town.processes[0], town.processes[-1])
    assert replies == [None, Reply()]
    assert await town.deliveries() == ["办好了：慢", "马上：快"]


async def test_while_the_language_loads_answers_keep_the_order_of_their_messages(
    settings: Settings, database_url: str, loaded: Loaded, now: datetime, tmp_path: Path, on
):
    on("慢", at_once)
    on("快", at_once)
    places = Places(tmp_path, tmp_path, tmp_path)
    language, edition = Language(places, Encoding(None)), loaded.language.now
    town = Town(settings, database_url, replace(loaded, language=language), now)

    def load() -> None:
        language._edition = edition
        language._ready.set()

    async with town.stack:
        await town.start()
        asyncio.get_running_loop().call_later(0.8, load)
        assert await both_delivered(town, town.parts, town.parts) == [None, Reply()]
        assert await town.deliveries() == ["马上：慢", "马上：快"]


async def test_an_answer_does_not_overtake_the_second_part_of_the_one_before(town: Town, on):
    async def long(context: Context) -> Reply:
        return Reply((Text("第一段"), Text("第二段")))

    on("长", long)
    on("快", at_once)
    asked = [
        Inbound("wechat", "a", "o1", uuid.uuid4(), Kind.TEXT, town.now, text=words)
        for words in ("长", "快")
    ]
    assert [await town.hear(each) for each in asked] == ["第一段", ""]
    assert await town.deliveries() == ["第二段", "马上：快"]
    async with town.parts.sessions() as work:
        first, second = await work.scalars(select(Delivery.not_before).order_by(Delivery.id))
    assert second >= first, "nor does its job begin earlier"


async def test_once_the_late_answer_has_gone_the_next_is_given_at_once(town: Town, on):
    on("慢", wait_a_moment)
    on("快", at_once)
    await town.hear_late(town.message("慢"))
    async with town.parts.sessions.begin() as work:
        await work.execute(update(Delivery).values(status=Status.SENT))
    assert await town.say("快") == "马上：快"


async def test_an_outbox_that_stands_still_for_a_lease_holds_up_no_answer(town: Town, on):
    on("慢", wait_a_moment)
    on("快", at_once)
    await town.hear_late(town.message("慢"))
    assert await town.say("快") == ""
    town.now += timedelta(seconds=31)
    assert await town.say("快二") == "马上：快二"


async def test_an_answer_that_the_platform_puts_off_for_long_holds_up_no_other(town: Town, on):
    on("慢", wait_a_moment)
    on("快", at_once)
    await town.hear_late(town.message("慢"))
    async with town.parts.sessions.begin() as work:
        later = town.now + timedelta(hours=5)
        await work.execute(update(Delivery).values(not_before=later))
    assert await town.say("快") == "马上：快"


async def test_an_answer_that_would_find_the_window_full_is_given_at_once(town: Town, on):
    on("快", at_once)
    await town.hear(Inbound("wechat", "a", "o1", uuid.uuid4(), Kind.TEXT, town.now, text="快"))
    async with town.parts.sessions.begin() as work:
        person = (await work.scalars(select(Conversation))).one()
        message = (await work.scalars(select(Message))).one()
        person.held = True
        five = Reply(tuple(Text(f"第 {place} 段") for place in range(5)))
        answer = Outgoing(person.id, REPLY.dump_json(five), message_id=message.id)
        (await send_later(work, town.parts.ring, answer, town.now)).status = Status.HELD
    inbound = Inbound("wechat", "a", "o1", uuid.uuid4(), Kind.TEXT, town.now, text="快二")
    assert await town.hear(inbound) == "马上：快二"


async def test_what_is_being_sent_is_not_counted_twice_against_the_window(town: Town, on):
    async def two_left(context: Context) -> Reply:
        await context.work.execute(update(Conversation).values(msg_left=2))
        return await at_once(context)

    on("快", at_once)
    on("窄", two_left)
    words = ("快", "快二", "窄")
    asked = [
        Inbound("wechat", "a", "o1", uuid.uuid4(), Kind.TEXT, town.now, text=each)
        for each in words
    ]
    await town.hear_late(asked[0])
    await town.hear_late(asked[1])
    async with town.parts.sessions.begin() as work:
        first = (await work.scalars(select(Delivery).order_by(Delivery.id).limit(1))).one()
        first.status, first.reserved_at = Status.RESERVED, town.now
    assert await town.hear(asked[2]) == ""
    assert (await town.deliveries())[2:] == ["马上：窄"]


async def test_an_answer_that_was_held_goes_before_the_next_one(town: Town, on):
    on("快", at_once)
    await town.hear_late(town.message("快"))
    async with town.parts.sessions.begin() as work:
        await work.execute(update(Delivery).values(status=Status.HELD))
    town.now += timedelta(hours=1)
    assert await town.say("快二") == ""
    async with town.parts.sessions() as work:
        rows = (await work.execute(select(Delivery.id, Delivery.status))).all()
    assert [status for _, status in sorted(rows)] == [Status.QUEUED, Status.QUEUED]


@pytest.mark.parametrize("in_the_database", [False, True])
async def test_a_message_that_hangs_is_given_up_within_the_lease(
    settings: Settings, database_url: str, loaded: Loaded, now: datetime, on, in_the_database: bool
):
    async def hang(context: Context) -> Reply:
        if in_the_database:
            await context.work.execute(text("SELECT pg_sleep(600)"))
        return await asyncio.Future[Reply]()

    on("挂", hang)
    on("快", at_once)
    brief = settings.messages.model_copy(update={"lease": 1})
    town = Town(settings.model_copy(update={"messages": brief}), database_url, loaded, now)
    async with town.stack:
        await town.start()
        hanging = await town.begin(town.message("挂"))
        following = await town.begin(town.message("快"))
        async with asyncio.timeout(5):
            assert list(await asyncio.gather(hanging, following)) == [texts.BROKEN, "马上：快"]
        assert await town.rows(Ticket) == 1


# Failures.


async def test_a_handler_that_fails_apologises_calls_staff_and_the_message_is_marked(
    town: Town, on
):
    async def fail(context: Context) -> Reply:
        await tickets.set_following(context.work, context.conversation_id, following=False)
        raise LookupError("a bug")

    on("坏", fail)
    assert await town.say("坏") == texts.BROKEN
    (message,) = await town.messages()
    assert (message.failed, message.done_at is None) == ("LookupError", False)
    async with town.parts.sessions() as work:
        ticket = (await work.scalars(select(Ticket))).one()
        conversation = (await work.scalars(select(Conversation))).one()
    assert (ticket.why, ticket.first_message_id) == (Why.FAILED, message.id)
    assert conversation.following, "what the handler wrote before it failed is undone"


async def test_after_a_failure_the_next_message_is_answered_as_ever(town: Town, on):
    async def fail(_: Context) -> Reply:
        raise LookupError("a bug")

    on("坏", fail)
    await town.say("坏")
    assert texts.BACK_AGAIN.partition("{rest}")[0] in await town.say("返回")
    assert "您好" in await town.say("你好")


async def test_a_failed_handler_leaves_what_was_open_as_it_was(town: Town, on):
    seen = []

    async def set_and_fail(context: Context) -> Reply:
        context.state.misses, context.state.form = 9, "nothing"
        raise LookupError("a bug")

    async def look(context: Context) -> Reply:
        seen.append((context.state.misses, context.state.form))
        return Reply()

    on("坏", set_and_fail)
    on("看", look)
    await town.say("坏")
    await town.say("看")
    assert seen == [(0, "")]


async def test_a_rule_that_says_no_is_told_and_has_no_effect(town: Town, on):
    class ClosedError(DomainError):
        """报名已经截止了。"""

    async def refuse(context: Context) -> Reply:
        await tickets.open_ticket(context.work, tickets.Asking.of(context, Why.ASKED), context.now)
        raise ClosedError

    on("晚", refuse)
    assert await town.say("晚") == "报名已经截止了。"
    (message,) = await town.messages()
    assert (message.route, message.failed) == ("refused", None)
    assert (await town.rows(Ticket), await town.rows(AuditEntry)) == (0, 0)


async def test_a_failing_event_says_nothing(town: Town, on, monkeypatch):
    async def fail(_: Context) -> Reply:
        raise LookupError("a bug")

    monkeypatch.setattr(routes, "ROUTES", (Route("any", lambda _: True, fail),))
    assert await town.hear(town.message("", kind=Kind.EVENT)) == ""
    assert await town.rows(Ticket) == 0


async def test_a_deadlock_is_run_again_and_has_one_effect(town: Town, on):
    runs = 0

    async def collide(context: Context) -> Reply:
        nonlocal runs
        runs += 1
        await tickets.open_ticket(context.work, tickets.Asking.of(context, Why.ASKED), context.now)
        if runs == 1:
            await context.work.execute(
                text("DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '40P01'; END $$")
            )
        return say("好了")

    on("撞", collide)
    assert await town.say("撞") == "好了"
    assert (runs, await town.rows(Ticket)) == (2, 1)


async def test_a_message_that_cannot_be_opened_is_parked_and_stops_nobody(town: Town, on):
    gate = Gate()
    on("慢", gate)
    second = await town.start()
    task = await town.begin(town.message("慢"), second)
    await town.die(second, task)
    async with town.parts.sessions.begin() as work:
        await work.execute(update(Message).values(body=b"\x02xx" + b"0" * 40))
    assert "您好" in await town.say("你好")
    broken, answered = await town.messages()
    assert (broken.failed, answered.failed) == ("SealError", None)


async def test_a_state_that_cannot_be_read_is_begun_anew(town: Town):
    await town.say("你好")
    async with town.parts.sessions.begin() as work:
        sealed = town.parts.ring.seal(b'{"misses": "many"}', "conversation.state")
        await work.execute(update(Conversation).values(state=sealed))
    assert "您好" in await town.say("你好")


async def test_a_message_nobody_knows_is_no_trouble(town: Town):
    await town.parts.dispatch.resume(4711)
    assert "您好" in await town.say("你好")


# Crashes and several processes.


async def test_a_message_left_behind_is_finished_by_upkeep_and_its_reply_is_sent(town: Town, on):
    gate = Gate()
    on("慢", gate)
    second = await town.start()
    task = await town.begin(town.message("慢"), second)
    await town.die(second, task)
    gate.open.set()
    (message,) = await town.messages()
    await town.parts.dispatch.resume(message.id)
    assert await town.deliveries() == ["办好了：慢"]
    assert await town.rows(Ticket) == 1


async def test_a_message_left_behind_is_finished_by_the_platforms_repeat(town: Town, on):
    gate = Gate()
    on("慢", gate)
    second, inbound = await town.start(), town.message("慢")
    task = await town.begin(inbound, second)
    await town.die(second, task)
    gate.open.set()
    assert await town.hear(inbound) == "办好了：慢"
    assert (await town.rows(Ticket), await town.deliveries()) == (1, [])


async def test_a_message_left_behind_is_finished_before_the_next_one(town: Town, on):
    gate = Gate()
    on("慢", gate)
    second = await town.start()
    task = await town.begin(town.message("慢"), second)
    await town.die(second, task)
    gate.open.set()
    assert await town.say("返回") == ""
    first, following = await town.messages()
    assert (first.route, following.route) == ("慢", "staff_has_the_word")
    late, after = await town.deliveries()
    assert late == "办好了：慢"
    assert after != ""


async def test_a_message_whose_process_lives_is_not_taken_away(town: Town, on):
    gate = Gate()
    on("慢", gate)
    second = await town.start()
    task = await town.begin(town.message("慢"), second)
    (message,) = await town.messages()
    await town.parts.dispatch.resume(message.id)
    waiting = await town.begin(town.message("慢二"))
    await asyncio.sleep(0.2)
    assert gate.runs == 1
    gate.open.set()
    assert list(await asyncio.gather(task, waiting)) == ["办好了：慢", "办好了：慢二"]


async def test_a_lease_that_ran_out_is_taken_over_and_the_late_run_has_no_effect(town: Town, on):
    stuck, quick = asyncio.Event(), asyncio.Event()
    runs: list[str] = []

    async def count(context: Context) -> Reply:
        runs.append("run")
        audit.record(context.work, context.now, "member", "test.effect", "x")
        await context.work.execute(text("SELECT 1"))
        await (stuck if len(runs) == 1 else quick).wait()
        return say("好了")

    on("慢", count)
    quick.set()
    second = await town.start()
    task = await town.begin(town.message("慢"), second)
    await until(lambda: bool(runs))
    town.now += timedelta(seconds=31)
    (message,) = await town.messages()
    await town.parts.dispatch.resume(message.id)
    assert await town.rows(AuditEntry) == 1
    stuck.set()
    assert await task == ""
    assert (len(runs), await town.rows(AuditEntry)) == (2, 1)
    assert await town.deliveries() == ["好了"]


async def test_a_message_that_kills_every_process_is_parked_with_an_apology(town: Town, on):
    gate = Gate()
    on("毒", gate)
    inbound = town.message("毒")
    for _ in range(3):
        process = await town.start()
        task = await town.begin(inbound, process)
        await until(lambda: gate.runs == len(town.processes) - 1)
        await town.die(process, task)
    (message,) = await town.messages()
    assert message.attempts == 3
    await town.parts.dispatch.resume(message.id)
    (message,) = await town.messages()
    assert (message.failed, gate.runs) == ("TooManyRuns", 3)
    assert await town.deliveries() == [texts.BROKEN]
    await town.say("返回")
    assert len(await town.deliveries()) == 2


async def test_twenty_messages_of_one_person_are_handled_in_order_one_at_a_time(town: Town, on):
    handled: list[str] = []
    inside = 0

    async def note(context: Context) -> Reply:
        nonlocal inside
        inside += 1
        assert inside == 1
        await context.work.execute(text("SELECT 1"))
        await asyncio.sleep(0.002)
        handled.append(context.inbound.text)
        inside -= 1
        return say(f"收到{context.inbound.text}")

    on("第", note)
    said = [f"第{number}条" for number in range(20)]
    answers = await asyncio.gather(*(town.say(words) for words in said))
    assert handled == said
    assert answers == [f"收到{words}" for words in said]


async def test_messages_of_many_people_do_not_wait_for_each_other(town: Town, on):
    gate = Gate()
    on("慢", gate)
    waiting = await town.begin(town.message("慢", "o1"))
    assert "您好" in await town.say("你好", "o2")
    gate.open.set()
    assert await waiting == "办好了：慢"


# The window and what was held.


async def window(town: Town) -> tuple[int, datetime | None, int, datetime | None]:
    async with town.parts.sessions() as work:
        row = (await work.scalars(select(Conversation))).one()
    return row.msg_left, row.msg_until, row.tap_left, row.tap_until


async def test_a_message_opens_five_for_48_hours_and_a_tap_three_for_a_minute(town: Town):
    await town.say("你好")
    assert await window(town) == (5, town.now + timedelta(hours=48), 0, None)
    wrote = town.now
    tap = Inbound(
        "terminal", "a", "o1", uuid.uuid4(), Kind.TEXT, town.now, text="你好", tapped=True
    )
    town.now += timedelta(seconds=10)
    await town.hear(tap)
    minute = town.now + timedelta(minutes=1)
    assert await window(town) == (5, wrote + timedelta(hours=48), 3, minute)


async def test_what_was_held_is_sent_when_the_person_writes(town: Town):
    await town.say("你好")
    async with town.parts.sessions.begin() as work:
        person = (await work.scalars(select(Conversation))).one()
        person.held = True
        outgoing = Outgoing(person.id, REPLY.dump_json(say("您的申请通过了")))
        delivery = await send_later(work, town.parts.ring, outgoing, town.now)
        delivery.status = Status.HELD
    await town.say("在吗")
    async with town.parts.sessions() as work:
        assert list(await work.scalars(select(Delivery.status))) == [Status.QUEUED]
        assert list(await work.scalars(select(Conversation.held))) == [False]


@pytest.mark.parametrize("back", ["subscribe", "你好"])
async def test_who_comes_back_is_looked_after_when_an_answer_came_meanwhile(town: Town, back: str):
    await town.say("你好")
    leaving = replace(town.message("", kind=Kind.EVENT), event="unsubscribe")
    await town.hear(leaving)
    async with town.parts.sessions.begin() as work:
        person = (await work.scalars(select(Conversation))).one()
        assert not person.following
        message = (await work.scalars(select(Message).limit(1))).one()
        group = QuestionGroup(number="Q1", state=GroupState.ANSWERED, opened_at=town.now)
        work.add(group)
        await work.flush()
        work.add(
            Question(
                public_id="q",
                group_id=group.id,
                asked_at=town.now,
                conversation_id=person.id,
                message_id=message.id,
                reason=Reason.REFUSED,
                words=b"",
                words_index=b"",
                near=[],
            )
        )
    coming = town.message("" if back == "subscribe" else back)
    if back == "subscribe":
        coming = replace(coming, kind=Kind.EVENT, event="subscribe")
    await town.hear(coming)
    async with town.parts.sessions() as work:
        jobs = await work.scalars(
            text("SELECT args FROM procrastinate_jobs WHERE task_name = 'tell_returned'")
        )
        assert list(jobs) == [{"ids": [person.id]}]


async def test_who_leaves_keeps_what_was_held_for_them(town: Town):
    await town.hear_late(town.message("你好"))
    async with town.parts.sessions.begin() as work:
        await work.execute(update(Delivery).values(status=Status.HELD))
    await town.hear(replace(town.message("", kind=Kind.EVENT), event="unsubscribe"))
    async with town.parts.sessions() as work:
        assert list(await work.scalars(select(Delivery.status))) == [Status.HELD]
    await town.hear(replace(town.message("", kind=Kind.EVENT), event="subscribe"))
    async with town.parts.sessions() as work:
        statuses = list(await work.scalars(select(Delivery.status).order_by(Delivery.id)))
    assert statuses[0] == Status.QUEUED


async def test_who_writes_can_be_reached_again(town: Town):
    await town.say("你好")
    async with town.parts.sessions.begin() as work:
        await work.execute(update(Conversation).values(following=False))
    await town.say("你好")
    async with town.parts.sessions() as work:
        assert list(await work.scalars(select(Conversation.following))) == [True]


async def test_a_push_that_is_being_made_holds_up_no_message(town: Town):
    await town.say("你好")
    async with town.parts.sessions() as planner:
        person = (await planner.scalars(select(Conversation.id))).one()
        outgoing = Outgoing(person, REPLY.dump_json(say("通知")))
        await send_later(planner, town.parts.ring, outgoing, town.now)
        async with asyncio.timeout(2):
            assert "您好" in await town.say("你好")
