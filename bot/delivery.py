"""Outbox to channel: the only place that sends or retries."""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, cast

from sqlalchemy import CursorResult, func, or_, select, update

from bot.channels.base import SendError, Then
from handlers.types import REPLY, Reply
from models.conversation import Conversation
from models.delivery import BODY, NOT_FOLLOWING, Delivery, Status, answer_before, turn_of
from models.inbox import MESSAGE_COUNT, TAP_COUNT
from models.job import DELIVER, enqueue

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from bot.channels.base import Channel
    from bot.clock import Clock
    from models.db import Sessions, Work
    from models.seal import KeyRing

# Source: the platform's advice for errcode -1; seconds, with some chance added.
WAITS = (0.5, 2.0, 8.0)
# Seconds until a platform that was away so long is tried again.
OUTAGE = 60.0
# Until it is looked again whether an answer's turn has come.
TURN = timedelta(seconds=1)

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Pace:
    """`per_second` sends a second of this process; `sleep` waits, `elapsed` counts seconds.

    An answer waits at most `turn` for an earlier one that another process is sending.
    """

    per_second: float
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    elapsed: Callable[[], float] = time.monotonic
    turn: timedelta = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class _Reserved:
    row: int
    channel: str
    sender: str
    reply: Reply
    conversation_id: int
    pieces: int
    at: datetime


@dataclass(frozen=True, slots=True)
class _Behind:
    """An earlier answer to the same person has to leave first; `queued`: nobody sends it yet."""

    row: int
    queued: bool


class Deliverer:
    """Sends rows of the outbox, each at most once."""

    def __init__(
        self,
        sessions: Sessions,
        ring: KeyRing,
        channels: Mapping[str, Channel],
        clock: Clock,
        pace: Pace,
    ) -> None:
        self._sessions = sessions
        self._ring = ring
        self._channels = channels
        self._clock = clock
        self._pace = pace
        self._slot = 0.0
        self._paused: dict[str, datetime] = {}
        self._leaving = False

    def leave(self) -> None:
        """Begin nothing more: what is not sent yet is left to another worker, or to the next."""
        self._leaving = True

    async def deliver(self, ids: Sequence[int]) -> None:
        """Send these rows, in order; those that are not queued any more are passed over.

        An earlier answer to the same person that is still queued is sent before a later one. A
        pause that the platform asks for holds for every row of its channel: the rest is a job for
        later.
        """
        rows, before = deque(ids), set[int]()
        while rows:
            if self._leaving:
                await self._put_off(rows, timedelta(0))
                return
            reserved = await self._reserve(rows[0])
            if isinstance(reserved, _Behind):
                if reserved.queued and reserved.row not in before:
                    before.add(reserved.row)
                    rows.appendleft(reserved.row)
                else:
                    await self._put_off([rows.popleft()], TURN)
                continue
            pause = await self._send_reserved(reserved)
            if pause:
                await self._pause(rows, pause)
                return
            rows.popleft()

    async def _send_reserved(self, reserved: _Reserved | timedelta | None) -> timedelta:
        """Send a row and record what became of it; the pause that follows, or zero."""
        if reserved is None:
            return timedelta(0)
        if isinstance(reserved, timedelta):
            return reserved
        await self._wait_for_slot()
        error = await self._send(reserved)
        await self._record(reserved, error)
        if error is None or not error.pause:
            return timedelta(0)
        pause = timedelta(seconds=error.pause)
        self._paused[reserved.channel] = self._clock() + pause
        return pause

    async def _wait_for_slot(self) -> None:
        """Keep the pace of the whole process, however many jobs it works on."""
        now = self._pace.elapsed()
        slot = max(now, self._slot)
        self._slot = slot + 1 / self._pace.per_second
        if slot > now:
            await self._pace.sleep(slot - now)

    async def _reserve(self, row: int) -> _Reserved | _Behind | timedelta | None:
        """Make one row ours before the call, if it may be sent at all and the window is open.

        A timedelta says that its channel pauses for so long.
        """
        now = self._clock()
        async with self._sessions.begin() as work:
            delivery = await work.scalar(
                select(Delivery)
                .where(Delivery.id == row, Delivery.status == Status.QUEUED)
                .with_for_update(skip_locked=True)
            )
            if delivery is None:
                return None
            conversation = await work.get(
                Conversation, delivery.conversation_id, with_for_update={"key_share": True}
            )
            if _is_vain(delivery, conversation, now) or conversation is None:
                return None
            earlier = await answer_before(work, delivery, now, self._pace.turn)
            if earlier is not None:
                return _Behind(earlier.id, earlier.status == Status.QUEUED)
            reply = REPLY.validate_json(self._ring.open(delivery.body, BODY))
            pause = self._paused.get(conversation.channel, now) - now
            if pause > timedelta(0):
                return pause
            channel = self._channels.get(conversation.channel)
            pieces = 0 if channel is None else pieces_of(channel, reply)
            why = _held_back(channel, conversation, pieces, now)
            if why:
                delivery.status, delivery.reason = Status.HELD, why
                conversation.held = True
                return None
            delivery.status, delivery.reserved_at = Status.RESERVED, now
            delivery.attempts += 1
            return _Reserved(
                row, conversation.channel, conversation.sender, reply, conversation.id, pieces, now
            )

    async def _send(self, reserved: _Reserved) -> SendError | None:
        channel = self._channels[reserved.channel]
        for wait in (*WAITS, None):
            try:
                await channel.send(reserved.sender, reserved.reply)
            except SendError as exc:
                if exc.then is not Then.RETRY:
                    return exc
                if wait is None:
                    return SendError(Then.PAUSE, exc.reason, pause=OUTAGE)
                await self._pace.sleep(wait * (1 + random.random() / 2))  # noqa: S311 - jitter
            else:
                return None
        raise AssertionError("unreachable")

    async def _record(self, reserved: _Reserved, error: SendError | None) -> None:
        now = self._clock()
        async with self._sessions.begin() as work:
            delivery = await work.get_one(Delivery, reserved.row, with_for_update=True)
            if error is None:
                _end(delivery, Status.SENT, None, now)
                return
            log.warning("delivery %s: %s: %s", reserved.row, error.then, error.reason)
            delivery.reason = error.reason
            match error.then:
                case Then.HOLD:
                    delivery.status = Status.HELD
                    if not await self._close_window(work, reserved):
                        delivery.status = Status.QUEUED
                        lock = turn_of(reserved.conversation_id)
                        await enqueue(work, DELIVER, {"ids": [reserved.row]}, lock=lock)
                case Then.PAUSE | Then.ALARM:
                    delivery.status = Status.QUEUED
                    await self._give_back(work, reserved)
                case Then.UNKNOWN:
                    _end(delivery, Status.UNKNOWN, error.reason, now)
                case Then.DROP | Then.RETRY:
                    _end(delivery, Status.FAILED, error.reason, now)
            if error.unreachable:
                await work.execute(
                    update(Conversation)
                    .where(Conversation.id == reserved.conversation_id)
                    .values(following=False, held=True)
                )

    async def _close_window(self, work: Work, reserved: _Reserved) -> bool:
        """The platform counts otherwise than we did: believe it until the person writes.

        False when the person wrote while we were sending, which opened a new window.
        """
        closed = await work.execute(
            update(Conversation)
            .where(
                Conversation.id == reserved.conversation_id,
                or_(
                    Conversation.last_inbound_at.is_(None),
                    Conversation.last_inbound_at <= reserved.at,
                ),
            )
            .values(held=True, msg_left=0, tap_left=0)
        )
        return cast("CursorResult[object]", closed).rowcount == 1

    async def _give_back(self, work: Work, reserved: _Reserved) -> None:
        """Nothing was sent, so nothing counts; never more than the person ever opened."""
        restored = {
            "msg_left": func.least(Conversation.msg_left + reserved.pieces, MESSAGE_COUNT),
            "tap_left": func.least(Conversation.tap_left + reserved.pieces, TAP_COUNT),
        }
        await work.execute(
            update(Conversation)
            .where(Conversation.id == reserved.conversation_id)
            .values(restored)
        )

    async def _pause(self, ids: Iterable[int], after: timedelta) -> None:
        """Put off rows that the platform will not take for so long, and say so with each."""
        rows = list(ids)
        async with self._sessions.begin() as work:
            await work.execute(
                update(Delivery)
                .where(Delivery.id.in_(rows), Delivery.status == Status.QUEUED)
                .values(not_before=self._clock() + after)
            )
        await self._put_off(rows, after)

    async def _put_off(self, ids: Iterable[int], after: timedelta) -> None:
        async with self._sessions.begin() as work:
            await enqueue(work, DELIVER, {"ids": list(ids)}, after=after)


def _is_vain(delivery: Delivery, conversation: Conversation | None, now: datetime) -> bool:
    """Whether it is too late for a row, or its person is gone; it is ended then."""
    if delivery.expires_at <= now:
        _end(delivery, Status.FAILED, "expired", now)
    elif conversation is None or not conversation.following:
        _end(delivery, Status.SKIPPED, NOT_FOLLOWING, now)
    return delivery.ended_at is not None


def pieces_of(channel: Channel, reply: Reply) -> int:
    """How many messages a reply makes on this channel."""
    first, rest = channel.split(reply)
    return len(first.parts) + len(rest.parts)


def _held_back(
    channel: Channel | None, conversation: Conversation, pieces: int, now: datetime
) -> str:
    """Why the message has to wait for the person; "" when it may go."""
    if channel is None:
        return "away"
    if channel.windowed and not _take_window(conversation, pieces, now):
        return "window"
    return ""


def room(conversation: Conversation, now: datetime) -> int:
    """How many messages the windows that are open still allow."""
    wrote = conversation.msg_until is not None and conversation.msg_until > now
    tapped = conversation.tap_until is not None and conversation.tap_until > now
    return max(conversation.msg_left if wrote else 0, conversation.tap_left if tapped else 0)


def _take_window(conversation: Conversation, parts: int, now: datetime) -> bool:
    """Count messages against the windows the person has opened; False when they are closed.

    Source: each send counts against every open window; what is left is the larger of them.
    """
    if room(conversation, now) < max(parts, 1):
        return False
    conversation.msg_left = max(conversation.msg_left - parts, 0)
    conversation.tap_left = max(conversation.tap_left - parts, 0)
    return True


def _end(delivery: Delivery, status: Status, reason: str | None, now: datetime) -> None:
    delivery.status, delivery.reason, delivery.ended_at = status, reason, now
