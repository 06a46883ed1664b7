"""Claiming and finishing messages: the only way in and out of the inbox, in batches."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, LiteralString
from uuid import UUID

from psycopg.rows import class_row, scalar_row
from sqlalchemy import text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from psycopg import AsyncConnection

    from models.db import Work

# First key of the advisory locks that living processes hold; the second is their `lease_owner`.
LEASE = 73_156

# Source: the platform's rule since 2023-06-12; 5 messages in 48 h after a message of the person,
# 3 in 1 min after a tap on the menu, a follow or a scan. `claim_messages` grants the same counts.
MESSAGE_COUNT, TAP_COUNT = 5, 3
MESSAGE_WINDOW = timedelta(hours=48)
TAP_WINDOW = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Arrival:
    """One message as it came in; `body` is sealed. `grant` is "message", "tap" or ""."""

    key: UUID
    channel: str
    account: str
    sender: str
    kind: str
    sent_at: datetime
    body: bytes
    grant: str


@dataclass(frozen=True, slots=True)
class Claim:
    """What the inbox knows of a message.

    `mine` says that it is to be handled now, by the caller, who holds the conversation's lease.
    Otherwise it is `done` (with `reply`, sealed, or None), or its turn has not come.
    """

    message_id: int
    conversation_id: int
    mine: bool
    done: bool
    late: bool
    reply: bytes | None
    body: bytes
    attempts: int
    member_id: int | None
    ticket_id: int | None
    held: bool
    state: bytes | None


@dataclass(frozen=True, slots=True)
class Ending:
    """How the handling of one message ended; `reply`, `state` and `meaning` are sealed."""

    message_id: int
    conversation_id: int
    reply: bytes
    state: bytes | None
    route: str
    intent: str
    confidence: float
    meaning: bytes | None = None
    hidden: bool = False
    late: bool = False
    failed: str | None = None


@dataclass(frozen=True, slots=True)
class Lease:
    """Who claims, and for how long."""

    owner: int
    length: timedelta


# Both are functions of the database (see the migration), so that each is one round trip of one
# statement: inside, locks come first, in one order everywhere, and every later step sees what
# the locks protect.
CLAIM: LiteralString = """
SELECT * FROM claim_messages(%(now)s, %(owner)s, %(until)s, %(message_grant)s, %(tap_grant)s,
  %(keys)b, %(channels)b, %(accounts)b, %(senders)b, %(kinds)b, %(sent)b, %(bodies)b, %(grants)b)
"""
FINISH: LiteralString = """
SELECT finish_messages(%(now)s, %(owner)s, %(messages)b, %(conversations)b, %(replies)b,
  %(states)b, %(routes)b, %(intents)b, %(confidences)b, %(meanings)b, %(hidden)b, %(late)b,
  %(failed)b)
"""


async def claim(
    connection: AsyncConnection[Any], arrivals: Sequence[Arrival], now: datetime, lease: Lease
) -> list[Claim]:
    """Make the messages ours, once each; one claim an arrival, in order.

    Once this returns the messages are kept through any crash.
    """
    values = {
        "now": now,
        "owner": lease.owner,
        "until": now + lease.length,
        "message_grant": now + MESSAGE_WINDOW,
        "tap_grant": now + TAP_WINDOW,
        "keys": [arrival.key for arrival in arrivals],
        "channels": [arrival.channel for arrival in arrivals],
        "accounts": [arrival.account for arrival in arrivals],
        "senders": [arrival.sender for arrival in arrivals],
        "kinds": [arrival.kind for arrival in arrivals],
        "sent": [arrival.sent_at for arrival in arrivals],
        "bodies": [arrival.body for arrival in arrivals],
        "grants": [arrival.grant for arrival in arrivals],
    }
    cursor = connection.cursor(row_factory=class_row(Claim), binary=True)
    await cursor.execute(CLAIM, values)
    return await cursor.fetchall()


async def finish(
    connection: AsyncConnection[Any], endings: Sequence[Ending], now: datetime, owner: int
) -> set[int]:
    """End the messages and free their conversations; the ids of those that were still ours."""
    cursor = connection.cursor(row_factory=scalar_row, binary=True)
    await cursor.execute(FINISH, _ending_values(endings, now, owner))
    return set(await cursor.fetchall())


async def finish_in(work: Work, ending: Ending, now: datetime, owner: int) -> bool:
    """End one message in the transaction of its effects; False when it was no longer ours."""
    raw = await (await work.connection()).get_raw_connection()
    connection = raw.driver_connection
    if connection is None:
        raise ConnectionError("the transaction has lost its connection")
    return bool(await finish(connection, [ending], now, owner))


async def look(connection: AsyncConnection[Any], messages: Sequence[int]) -> dict[int, Claim]:
    """What became of these messages, by id; none of the claims is `mine`."""
    cursor = connection.cursor(row_factory=class_row(Claim), binary=True)
    await cursor.execute(LOOK, {"messages": list(messages)})
    return {claim.message_id: claim for claim in await cursor.fetchall()}


async def take_turn(
    connection: AsyncConnection[Any], message_id: int, now: datetime, lease: Lease
) -> Claim | None:
    """Take a message whose turn has come; None when it has not, or it is done by now.

    When an older message of the conversation was left behind by a process that is gone, that one
    is claimed instead: `message_id` of the claim then differs from the one asked for. One that
    only waits for its turn is left to those who wait for it, for as long as a lease.
    """
    values = {
        "id": message_id,
        "now": now,
        "owner": lease.owner,
        "until": now + lease.length,
        "length": lease.length,
        "class": LEASE,
    }
    async with connection.transaction():
        await connection.execute(TURN_LOCK, values)
        cursor = connection.cursor(row_factory=class_row(Claim), binary=True)
        await cursor.execute(TURN_TAKE, values)
        return await cursor.fetchone()


TURN_LOCK: LiteralString = """
SELECT c.id FROM conversation c JOIN message m ON m.conversation_id = c.id
WHERE m.id = %(id)s FOR NO KEY UPDATE OF c
"""

TURN_TAKE: LiteralString = """
WITH oldest AS (
  SELECT o.* FROM message o JOIN message m USING (conversation_id)
  WHERE m.id = %(id)s AND m.done_at IS NULL AND o.done_at IS NULL ORDER BY o.id LIMIT 1
), leased AS (
  UPDATE conversation c SET lease_message = o.id, lease_owner = %(owner)s,
    lease_until = %(until)s
  FROM oldest o WHERE c.id = o.conversation_id
    AND (o.id = %(id)s OR c.lease_message = o.id OR o.received_at < %(now)s - %(length)s)
    AND (
    c.lease_message IS NULL OR c.lease_until < %(now)s OR NOT EXISTS (
      SELECT FROM pg_locks l WHERE l.locktype = 'advisory' AND l.classid = %(class)s::oid
        AND l.objid = c.lease_owner AND l.objsubid = 2 AND l.database =
          (SELECT oid FROM pg_database WHERE datname = current_database())))
  RETURNING c.*
), counted AS (
  UPDATE message m SET attempts = m.attempts + 1 FROM oldest o, leased
  WHERE m.id = o.id
)
SELECT o.id AS message_id, o.conversation_id, true AS mine, false AS done, o.late, o.reply,
  o.body, o.attempts + 1 AS attempts, c.member_id, c.ticket_id, c.held, c.state
FROM oldest o JOIN leased c ON c.id = o.conversation_id
"""

LOOK: LiteralString = """
SELECT m.id AS message_id, m.conversation_id, false AS mine, m.done_at IS NOT NULL AS done,
  m.late, m.reply, m.body, m.attempts, c.member_id, c.ticket_id, c.held, c.state
FROM message m JOIN conversation c ON c.id = m.conversation_id WHERE m.id = ANY(%(messages)s)
"""


async def let_go(work: Work, claim: Claim, owner: int) -> None:
    """Give up the lease of a message that was not ended."""
    query = text(
        "UPDATE conversation SET lease_message = NULL, lease_owner = NULL, lease_until = NULL"
        " WHERE id = :id AND lease_message = :message AND lease_owner = :owner"
    )
    values = {"id": claim.conversation_id, "message": claim.message_id, "owner": owner}
    await work.execute(query, values)


async def left_behind(
    work: Work, now: datetime, waited: timedelta, channels: Sequence[str]
) -> list[int]:
    """The oldest unfinished message of each conversation that has waited this long.

    Only of the channels that the caller can answer on.
    """
    query = text(
        "SELECT min(m.id) FROM message m JOIN conversation c ON c.id = m.conversation_id"
        " WHERE m.done_at IS NULL AND m.received_at < :before AND c.channel = ANY(:channels)"
        " GROUP BY m.conversation_id ORDER BY 1 LIMIT 100"
    )
    values = {"before": now - waited, "channels": list(channels)}
    return list(await work.scalars(query, values))


def _ending_values(endings: Sequence[Ending], now: datetime, owner: int) -> dict[str, object]:
    return {
        "now": now,
        "owner": owner,
        "messages": [ending.message_id for ending in endings],
        "conversations": [ending.conversation_id for ending in endings],
        "replies": [ending.reply for ending in endings],
        "states": [ending.state for ending in endings],
        "routes": [ending.route for ending in endings],
        "intents": [ending.intent for ending in endings],
        "confidences": [ending.confidence for ending in endings],
        "meanings": [ending.meaning for ending in endings],
        "hidden": [ending.hidden for ending in endings],
        "late": [ending.late for ending in endings],
        "failed": [ending.failed for ending in endings],
    }
