"""Answering within the platform's patience, and what becomes of work that takes longer."""

from __future__ import annotations

import asyncio

import pytest

from bot.in_time import InTime, NotClaimedError, Patience
from handlers.types import Reply, say

HELLO = say("您好")


async def work(
    patience: Patience, hold: asyncio.Event, *, claimed: bool = True, committing: bool = False
) -> Reply:
    """Work that is as far as it is told when the time runs out, and ends when it may."""
    patience.claimed, patience.committing = claimed, committing
    await hold.wait()
    return HELLO


async def test_a_quick_answer_is_given_at_once():
    in_time, ready = InTime(1), asyncio.Event()
    ready.set()
    patience = in_time.patience()
    assert await in_time.answer(work(patience, ready), patience) == HELLO
    assert not patience.gone


async def test_a_slow_answer_goes_on_alone():
    in_time, hold = InTime(0.02), asyncio.Event()
    patience, ended = in_time.patience(), asyncio.Event()

    async def slow() -> Reply:
        reply = await work(patience, hold)
        ended.set()
        return reply

    assert await in_time.answer(slow(), patience) is None
    assert patience.gone
    hold.set()
    await asyncio.wait_for(ended.wait(), 1)


async def test_a_reply_decided_after_everybody_left_is_late():
    patience = Patience(until=10.0)
    assert [patience.over(9.9), patience.over(10.0)] == [False, True]
    patience.gone = True
    assert patience.over(0.0)


async def test_a_message_that_is_not_safe_in_time_has_to_be_delivered_again():
    in_time, hold = InTime(0.02), asyncio.Event()
    patience = in_time.patience()
    with pytest.raises(NotClaimedError):
        await in_time.answer(work(patience, hold, claimed=False), patience)
    hold.set()
    await in_time.drain(1)


async def test_a_reply_that_is_being_stored_at_the_deadline_is_waited_for():
    in_time, hold = InTime(0.02), asyncio.Event()
    patience = in_time.patience()
    asyncio.get_running_loop().call_later(0.1, hold.set)
    assert await in_time.answer(work(patience, hold, committing=True), patience) == HELLO


async def test_a_storing_that_hangs_leaves_the_answer_to_the_next_delivery():
    in_time, hold = InTime(0.02), asyncio.Event()
    patience = in_time.patience()
    with pytest.raises(NotClaimedError):
        await in_time.answer(work(patience, hold, committing=True), patience)
    assert not patience.gone
    hold.set()
    await in_time.drain(1)


async def test_an_error_in_time_is_seen_by_who_waits():
    in_time = InTime(1)

    async def fail() -> Reply:
        raise ConnectionError("the database is away")

    with pytest.raises(ConnectionError, match="away"):
        await in_time.answer(fail(), in_time.patience())


async def test_an_error_after_everybody_left_disturbs_nobody():
    in_time, hold = InTime(0.02), asyncio.Event()
    patience = in_time.patience()
    unheard: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, found: unheard.append(found))

    async def fail() -> Reply:
        await work(patience, hold)
        raise ConnectionError("the database is away")

    assert await in_time.answer(fail(), patience) is None
    hold.set()
    await in_time.drain(1)
    assert unheard == []


async def test_stopping_waits_for_what_still_runs_but_not_for_ever():
    in_time, hold = InTime(0.02), asyncio.Event()
    patience = in_time.patience()
    assert await in_time.answer(work(patience, hold), patience) is None
    loop = asyncio.get_running_loop()
    begun = loop.time()
    await in_time.drain(0.1)
    assert 0.09 <= loop.time() - begun < 1
    hold.set()
    await in_time.drain(5)
    assert loop.time() - begun < 2


async def test_work_that_nobody_waits_for_is_ended_before_stopping():
    in_time, done = InTime(1), asyncio.Event()

    async def show() -> None:
        await asyncio.sleep(0.01)
        done.set()

    in_time.aside(show())
    await in_time.drain(1)
    assert done.is_set()
