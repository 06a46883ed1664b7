"""One inbound message, from claim to commit."""

from __future__ import annotations

import asyncio
import logging
import secrets
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

import psycopg
from pydantic import ValidationError
from sqlalchemy import exc as sql
from sqlalchemy.orm.exc import StaleDataError

from bot.batch import Batcher
from bot.delivery import pieces_of, room
from bot.in_time import Patience
from handlers import routes, texts
from handlers.actions import board, deliveries, tickets
from handlers.context import STATE, Context, State
from handlers.errors import DomainError, where
from handlers.grounds import GROUNDS, Grounds
from handlers.types import INBOUND, REPLY, Inbound, Kind, Reply, say
from models import conversation as conversations
from models import inbox, message
from models.conversation import Conversation
from models.delivery import BODY, Outgoing, Status, answers_waiting
from models.inbox import LEASE, Arrival, Claim, Ending, Lease
from models.seal import SealError
from models.ticket import Why

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from bot.batch import Connection
    from bot.channels.base import Channel
    from bot.clock import Clock
    from handlers.context import Services

# Seconds between looks at whether a message's turn has come when another process has the word.
LOOK = 0.05
# Pieces after the first follow it this much later, so that they are not shown before it.
FOLLOW = timedelta(seconds=1)
# The part of a lease after which a handler that hangs is given up, while the message is ours.
OURS = 0.9
RERUNS = 3
# What the database says; see `_may_pass`.
DATABASE_ERRORS = (sql.DBAPIError, sql.TimeoutError, StaleDataError, psycopg.Error)

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Terms:
    """What the settings say about messages; `lease` in seconds."""

    database_url: str
    flushers: int
    lease: int
    attempts: int


@dataclass(frozen=True, slots=True)
class _Answer:
    reply: Reply
    route: str
    failed: str | None = None


class Dispatch:
    """Claims messages, runs their handlers one at a time for each person, commits the effects."""

    def __init__(
        self, services: Services, channels: Mapping[str, Channel], clock: Clock, terms: Terms
    ) -> None:
        self._services = services
        self._channels = channels
        self._clock = clock
        self._terms = terms
        self._lease = Lease(secrets.randbits(31), timedelta(seconds=terms.lease))
        self._claims: Batcher[Arrival, Claim] = Batcher(
            terms.database_url, self._claim, flushers=terms.flushers, greet=self._announce
        )
        self._endings: Batcher[Ending, bool] = Batcher(
            terms.database_url, self._finish, flushers=terms.flushers
        )
        self._turns: Batcher[int, Claim | None] = Batcher(
            terms.database_url, self._take_turns, flushers=1
        )
        # Conversations whose message runs in this process now; the event is set when it has.
        self._busy: dict[int, asyncio.Event] = {}

    def start(self) -> None:
        """Open the connections; messages wait for them."""
        for batcher in (self._claims, self._endings, self._turns):
            batcher.start()

    async def stop(self) -> None:
        """Close the connections, and with them every lease of this process."""
        for batcher in (self._claims, self._turns, self._endings):
            await batcher.stop()

    async def handle(self, inbound: Inbound, patience: Patience) -> Reply | None:
        """Handle one message once, whoever else has it too, and return its reply.

        None: nothing is to be said in the answer. psycopg.Error: the message was not taken.
        """
        body = self._services.ring.seal(INBOUND.dump_json(inbound), message.BODY)
        arrival = Arrival(
            inbound.key,
            inbound.channel,
            inbound.account,
            inbound.sender,
            inbound.kind.value,
            inbound.sent_at,
            body,
            _grant(inbound),
        )
        claim = await self._claims.put(arrival)
        patience.claimed = True
        return await self._see_through(claim, claim.message_id, patience)

    async def resume(self, message_id: int) -> None:
        """Finish a message that a process left behind; its reply goes out as a delivery."""
        claim = await self._turns.put(message_id)
        if claim is not None and claim.mine:
            patience = Patience(0.0, claimed=True, gone=True)
            await self._see_through(claim, claim.message_id, patience)

    async def _see_through(
        self, claim: Claim, message_id: int, patience: Patience
    ) -> Reply | None:
        """Run what has to be run until the message asked for is done."""
        while True:
            if claim.mine and claim.message_id == message_id:
                reply = await self._run(claim, patience)
                if reply is not None:
                    return reply
            elif claim.mine:
                await self._run(claim, Patience(0.0, claimed=True, gone=True))
            elif claim.done:
                return self._stored(claim)
            else:
                await self._next_change(claim.conversation_id)
            found = await self._turns.put(message_id)
            if found is None:
                raise LookupError(f"message {message_id} was deleted while it waited")
            claim = found

    async def _run(self, claim: Claim, patience: Patience) -> Reply | None:
        """Answer and commit; None when another process had taken the message over."""
        busy = self._busy.setdefault(claim.conversation_id, asyncio.Event())
        try:
            return await self._run_again_if_need_be(claim, patience)
        except Exception:
            await self._let_go(claim)
            raise
        finally:
            busy.set()
            if self._busy.get(claim.conversation_id) is busy:
                del self._busy[claim.conversation_id]

    async def _let_go(self, claim: Claim) -> None:
        """Free the conversation of a run that failed, so that the next try need not wait."""
        try:
            async with self._services.sessions.begin() as work:
                await inbox.let_go(work, claim, self._lease.owner)
        except DATABASE_ERRORS as exc:
            log.warning("message %s keeps its lease: %s", claim.message_id, type(exc).__name__)

    async def _run_again_if_need_be(self, claim: Claim, patience: Patience) -> Reply | None:
        for rerun in range(RERUNS):
            try:
                return await self._run_once(claim, patience)
            except DATABASE_ERRORS as exc:
                if rerun == RERUNS - 1 or not _may_pass(exc):
                    raise
                log.info("message %s is run again after %s", claim.message_id, type(exc).__name__)
        raise AssertionError("unreachable")

    async def _run_once(self, claim: Claim, patience: Patience) -> Reply | None:
        try:
            inbound = INBOUND.validate_json(self._services.ring.open(claim.body, message.BODY))
        except (SealError, ValidationError) as exc:
            return await self._park(claim, type(exc).__name__)
        context = await self._context(claim, inbound)
        before = STATE.dump_json(context.state)
        try:
            answer = await self._answer(context, claim)
            patience.committing = not patience.gone
            late = patience.over(asyncio.get_running_loop().time())
            kept = await self._commit(context, claim, answer, before, late=late)
        finally:
            patience.committing = False
            if context.opened:
                await context.work.close()
        return kept

    async def _answer(self, context: Context, claim: Claim) -> _Answer:
        if claim.attempts > self._terms.attempts:
            return await self._give_up(context, claim, "TooManyRuns")
        try:
            async with asyncio.timeout(self._terms.lease * OURS):
                route, reply = await routes.answer(context)
        except DomainError as exc:
            await _start_over(context)
            return _Answer(say(exc.sentence), "refused")
        except Exception as exc:  # one of the three boundaries
            if _may_pass(exc):
                raise
            log.error("message %s failed: %s", claim.message_id, where(exc))  # noqa: TRY400 - see `where`
            return await self._give_up(context, claim, type(exc).__name__)
        return _Answer(reply, route)

    async def _give_up(self, context: Context, claim: Claim, failed: str) -> _Answer:
        """Apologise, and let a person look at it: the message is kept and marked.

        What was open stays open as it was before the message.
        """
        await _start_over(context)
        context.state = self._state(claim)
        if context.inbound.kind is Kind.EVENT:
            return _Answer(Reply(), "failed", failed)
        await tickets.open_ticket(
            context.work, tickets.Asking.of(context, Why.FAILED), context.now
        )
        return _Answer(say(texts.BROKEN), "failed", failed)

    async def _park(self, claim: Claim, failed: str) -> Reply | None:
        """Mark a message that nobody can read, so that the next ones get their turn."""
        log.error("message %s cannot be read: %s", claim.message_id, failed)
        silence = self._services.ring.seal(REPLY.dump_json(Reply()), message.REPLY)
        ending = Ending(
            claim.message_id,
            claim.conversation_id,
            silence,
            None,
            "failed",
            "",
            0.0,
            failed=failed,
        )
        return Reply() if await self._endings.put(ending) else None

    async def _commit(
        self, context: Context, claim: Claim, answer: _Answer, before: bytes, *, late: bool
    ) -> Reply | None:
        # Who stops following keeps what waits for them, until they come back.
        event = context.inbound.event
        returns = (claim.held and event != "unsubscribe") or event == "subscribe"
        due = await self._due(context, answer.reply, late=late) if returns else None
        late = late or due is not None
        channel = self._channels[context.inbound.channel]
        now, later = (Reply(), answer.reply) if late else channel.split(answer.reply)
        routes.remember(context.state, answer.reply)
        ring, state = self._services.ring, STATE.dump_json(context.state)
        ending = Ending(
            claim.message_id,
            claim.conversation_id,
            ring.seal(REPLY.dump_json(now), message.REPLY),
            None if state == before else ring.seal(state, conversations.STATE),
            answer.route,
            context.meaning.intent,
            context.meaning.confidence,
            meaning=self._why(context),
            hidden=context.hidden,
            late=late and bool(answer.reply.parts),
            failed=answer.failed,
        )
        if later.parts:
            sent_at = self._clock()
            after = FOLLOW if now.parts else timedelta(0)
            outgoing = Outgoing(
                claim.conversation_id,
                REPLY.dump_json(later),
                after=max(after, due - sent_at) if due else after,
                message_id=claim.message_id,
                hidden=context.hidden,
            )
            await deliveries.answer_later(context.work, ring, outgoing, sent_at)
        if returns:
            await board.look_after(context.work, claim.conversation_id)
        if not context.opened:
            return now if await self._endings.put(ending) else None
        ended = await inbox.finish_in(context.work, ending, self._clock(), self._lease.owner)
        if not ended:
            await context.work.rollback()
            return None
        await context.work.commit()
        return now

    async def _due(self, context: Context, reply: Reply, *, late: bool) -> datetime | None:
        """When the answers to earlier messages have left the outbox, which this one must follow.

        None when there are none, or when they hold up this one too long: when they have stood
        still for a lease, are put off for one, or leave no room in the window.
        """
        work, now, person = context.work, self._clock(), context.conversation_id
        await deliveries.release_held(work, person, now)
        waiting = await answers_waiting(work, person) if reply.parts else []
        if not waiting:
            return None
        await deliveries.keep_order(work, person)
        moments = [row.not_before for row in waiting]
        stands_still = min(moments) <= now - self._lease.length
        if stands_still or max(moments) > now + self._lease.length:
            return None
        channel = self._channels[context.inbound.channel]
        if channel.windowed and not late:
            ring = self._services.ring
            # A row that is being sent has been counted against the window already.
            queued = [row for row in waiting if row.status == Status.QUEUED]
            said = [REPLY.validate_json(ring.open(row.body, BODY)) for row in queued]
            pieces = sum(pieces_of(channel, each) for each in (*said, reply))
            conversation = await work.get_one(Conversation, person, populate_existing=True)
            if pieces > room(conversation, now):
                return None
        return max(moments)

    async def _context(self, claim: Claim, inbound: Inbound) -> Context:
        meaning = await self._services.language.understand(inbound.text)
        return Context(
            inbound,
            self._clock(),
            self._services,
            self._state(claim),
            meaning,
            message_id=claim.message_id,
            conversation_id=claim.conversation_id,
            member_id=claim.member_id,
            ticket_id=claim.ticket_id,
        )

    def _why(self, context: Context) -> bytes:
        """Stage, words and nearest example, for staff who ask why."""
        edition = self._services.language.condition.edition
        grounds = Grounds.of(context.meaning, edition)
        return self._services.ring.seal(GROUNDS.dump_json(grounds), message.MEANING)

    def _state(self, claim: Claim) -> State:
        """What is open; nothing, when it was stored in a way that cannot be read any more."""
        if claim.state is None:
            return State()
        try:
            json = self._services.ring.open(claim.state, conversations.STATE)
            return STATE.validate_json(json)
        except (SealError, ValidationError) as exc:
            name = type(exc).__name__
            log.warning("conversation %s is begun anew: %s", claim.conversation_id, name)
            return State()

    def _stored(self, claim: Claim) -> Reply | None:
        if claim.late or claim.reply is None:
            return None
        return REPLY.validate_json(self._services.ring.open(claim.reply, message.REPLY))

    async def _claim(self, connection: Connection, arrivals: list[Arrival]) -> list[Claim]:
        claims = await inbox.claim(connection, arrivals, self._clock(), self._lease)
        for claim in claims:
            if claim.mine:
                self._occupy(claim.conversation_id)
        return claims

    async def _finish(self, connection: Connection, endings: list[Ending]) -> list[bool]:
        ended = await inbox.finish(connection, endings, self._clock(), self._lease.owner)
        return [ending.message_id in ended for ending in endings]

    async def _take_turns(self, connection: Connection, messages: list[int]) -> list[Claim | None]:
        """What became of messages that had to wait; those whose turn has come are taken.

        None for a message that is not there.
        """
        seen = await inbox.look(connection, messages)
        taken: dict[int, Claim] = {}
        # The oldest first: it is the one whose turn comes, and then its own waiter runs it.
        for message_id, claim in sorted(seen.items()):
            conversation = claim.conversation_id
            if claim.done or conversation in self._busy or conversation in taken:
                continue
            turn = await inbox.take_turn(connection, message_id, self._clock(), self._lease)
            if turn is not None:
                taken[conversation] = seen[message_id] = turn
        # Only now that nothing can fail any more: nobody would free them again.
        for conversation in taken:
            self._occupy(conversation)
        return _once_each(messages, seen)

    async def _announce(self, connection: Connection) -> None:
        """Show other processes that this one lives: the lock goes when the connection does."""
        lock = "SELECT pg_advisory_lock_shared(%s, %s)"
        await connection.execute(lock, (LEASE, self._lease.owner))

    async def _next_change(self, conversation_id: int) -> None:
        """Wait until this process is done with the conversation, or else a moment."""
        busy = self._busy.get(conversation_id)
        if busy is None:
            await asyncio.sleep(LOOK)
        else:
            await busy.wait()

    def _occupy(self, conversation_id: int) -> None:
        """The conversation's next message runs here; who waited for the last one looks again."""
        last = self._busy.get(conversation_id)
        self._busy[conversation_id] = asyncio.Event()
        if last is not None:
            last.set()


def _once_each(messages: list[int], seen: dict[int, Claim]) -> list[Claim | None]:
    """One waiter runs a message that was taken; the others go on waiting for it."""
    given: set[int] = set()
    claims: list[Claim | None] = []
    for message_id in messages:
        claim = seen.get(message_id)
        if claim is not None and message_id in given:
            claim = replace(claim, mine=False)
        claims.append(claim)
        given.add(message_id)
    return claims


def _grant(inbound: Inbound) -> str:
    """Which window of customer messages this opens.

    Source: the platform's table of actions; a tap on a message link counts as a tap on the menu.
    """
    if inbound.kind is not Kind.EVENT:
        return "tap" if inbound.tapped else "message"
    opening = {"subscribe", "scan", "click", "scancode_push", "scancode_waitmsg"}
    return "tap" if inbound.event in opening else ""


def _may_pass(exc: Exception) -> bool:
    """Whether the same run may succeed a moment later.

    Somebody else was at the same rows, or the database was away or too busy: that is no fault of
    the message, and no reason to trouble a person with it.
    """
    if isinstance(exc, StaleDataError | sql.TimeoutError):
        return True
    cause = exc.orig if isinstance(exc, sql.DBAPIError) else exc
    return isinstance(cause, psycopg.OperationalError | psycopg.InterfaceError)


async def _start_over(context: Context) -> None:
    """Undo what a handler wrote before it failed."""
    if context.opened:
        await context.work.rollback()
