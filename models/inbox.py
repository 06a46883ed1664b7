"""Claiming and finishing messages: the only way in and out of the inbox, in batches.

Claims and endings of all messages that arrive together are one transaction of two statements:
the first locks the conversations in one order everywhere, the second sees what the lock protects.
"""

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
# 3 in 1 min after a tap on the menu, a follow or a scan.
MESSAGE_GRANT = (5, timedelta(hours=48))
TAP_GRANT = (3, timedelta(minutes=1))


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
    following: bool
    held: bool
    state: bytes | None


@dataclass(frozen=True, slots=True)
class Ending:
    """How the handling of one message ended; `reply` and `state` are sealed."""

    message_id: int
    conversation_id: int
    reply: bytes
    state: bytes | None
    route: str
    intent: str
    confidence: float
    hidden: bool = False
    late: bool = False
    failed: str | None = None


@dataclass(frozen=True, slots=True)
class Lease:
    """Who claims, and for how long."""

    owner: int
    length: timedelta


OPEN: LiteralString = """
INSERT INTO conversation (channel, account, sender, created_at)
SELECT DISTINCT a.channel, a.account, a.sender, %(now)s::timestamptz
FROM unnest(%(channels)s::text[], %(accounts)s::text[], %(senders)s::text[])
  AS a(channel, account, sender)
ORDER BY 1, 2, 3
ON CONFLICT DO NOTHING
"""

LOCK: LiteralString = """
SELECT c.id FROM conversation c
JOIN unnest(%(channels)s::text[], %(accounts)s::text[], %(senders)s::text[])
  AS a(channel, account, sender) USING (channel, account, sender)
ORDER BY c.channel, c.account, c.sender FOR UPDATE OF c
"""

# `turn` is the first new message of a conversation in which nothing is unfinished. A message that
# was known before keeps its row; whether it is the caller's to run is decided by `take_turn`.
CLAIM: LiteralString = """
WITH arrival AS (
  SELECT a.*, c.id AS conversation_id
  FROM unnest(%(keys)s::uuid[], %(channels)s::text[], %(accounts)s::text[], %(senders)s::text[],
      %(kinds)s::text[], %(sent)s::timestamptz[], %(bodies)s::bytea[], %(grants)s::text[])
    WITH ORDINALITY AS a(key, channel, account, sender, kind, sent_at, body, "grant", place)
  JOIN conversation c USING (channel, account, sender)
), placed AS (
  INSERT INTO message (key, conversation_id, received_at, sent_at, kind, body)
  SELECT key, conversation_id, %(now)s, sent_at, kind, body FROM arrival ORDER BY place
  ON CONFLICT (key) DO NOTHING
  RETURNING id, key, conversation_id
), turn AS (
  SELECT min(p.id) AS id, p.conversation_id FROM placed p
  WHERE NOT EXISTS (
    SELECT FROM message m WHERE m.conversation_id = p.conversation_id AND m.done_at IS NULL)
  GROUP BY p.conversation_id
), fresh AS (
  SELECT p.conversation_id, bool_or(a."grant" = 'message') AS wrote, bool_or(a."grant" = 'tap')
    AS tapped FROM placed p JOIN arrival a USING (key) GROUP BY p.conversation_id
), leased AS (
  UPDATE conversation c SET
    last_inbound_at = %(now)s,
    lease_message = coalesce(t.id, c.lease_message),
    lease_owner = CASE WHEN t.id IS NULL THEN c.lease_owner ELSE %(owner)s END,
    lease_until = CASE WHEN t.id IS NULL THEN c.lease_until ELSE %(until)s END,
    msg_left = CASE WHEN f.wrote THEN %(msg_left)s ELSE c.msg_left END,
    msg_until = CASE WHEN f.wrote THEN %(msg_until)s ELSE c.msg_until END,
    tap_left = CASE WHEN f.tapped THEN %(tap_left)s ELSE c.tap_left END,
    tap_until = CASE WHEN f.tapped THEN %(tap_until)s ELSE c.tap_until END
  FROM fresh f LEFT JOIN turn t USING (conversation_id)
  WHERE c.id = f.conversation_id
)
SELECT coalesce(p.id, m.id) AS message_id, a.conversation_id,
  t.id IS NOT NULL AS mine, m.done_at IS NOT NULL AS done, coalesce(m.late, false) AS late,
  m.reply, coalesce(m.body, a.body) AS body, coalesce(m.attempts, 1) AS attempts,
  c.member_id, c.ticket_id, c.following, c.held, c.state
FROM arrival a
JOIN conversation c ON c.id = a.conversation_id
LEFT JOIN placed p USING (key)
LEFT JOIN turn t ON t.id = p.id
LEFT JOIN message m ON m.key = a.key
ORDER BY a.place
"""

LOCK_BY_ID: LiteralString = """
SELECT id FROM conversation WHERE id = ANY(%(conversations)s)
ORDER BY channel, account, sender FOR UPDATE
"""

# Only the holder of the lease ends a message, so a run that was overtaken has no effect.
FINISH: LiteralString = """
WITH ending AS (
  SELECT * FROM unnest(%(messages)s::bigint[], %(conversations)s::bigint[], %(replies)s::bytea[],
      %(states)s::bytea[], %(routes)s::text[], %(intents)s::text[], %(confidences)s::float8[],
      %(hidden)s::bool[], %(late)s::bool[], %(failed)s::text[])
    AS e(id, conversation_id, reply, state, route, intent, confidence, hidden, late, failed)
), ended AS (
  UPDATE message m SET done_at = %(now)s, reply = e.reply, route = e.route, intent = e.intent,
    confidence = e.confidence, hidden = e.hidden, late = e.late, failed = e.failed
  FROM ending e, conversation c
  WHERE m.id = e.id AND m.done_at IS NULL
    AND c.id = e.conversation_id AND c.lease_message = e.id AND c.lease_owner = %(owner)s
  RETURNING m.id, m.conversation_id
), freed AS (
  UPDATE conversation c SET lease_message = NULL, lease_owner = NULL, lease_until = NULL,
    state = coalesce(e.state, c.state)
  FROM ended JOIN ending e USING (id) WHERE c.id = ended.conversation_id
)
SELECT id FROM ended
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
        "msg_left": MESSAGE_GRANT[0],
        "msg_until": now + MESSAGE_GRANT[1],
        "tap_left": TAP_GRANT[0],
        "tap_until": now + TAP_GRANT[1],
        "keys": [arrival.key for arrival in arrivals],
        "channels": [arrival.channel for arrival in arrivals],
        "accounts": [arrival.account for arrival in arrivals],
        "senders": [arrival.sender for arrival in arrivals],
        "kinds": [arrival.kind for arrival in arrivals],
        "sent": [arrival.sent_at for arrival in arrivals],
        "bodies": [arrival.body for arrival in arrivals],
        "grants": [arrival.grant for arrival in arrivals],
    }
    async with connection.pipeline(), connection.transaction():
        await connection.execute(OPEN, values)
        await connection.execute(LOCK, values)
        cursor = connection.cursor(row_factory=class_row(Claim))
        await cursor.execute(CLAIM, values)
    return await cursor.fetchall()


async def finish(
    connection: AsyncConnection[Any], endings: Sequence[Ending], now: datetime, owner: int
) -> set[int]:
    """End the messages and free their conversations; the ids of those that were still ours."""
    values = _ending_values(endings, now, owner)
    async with connection.pipeline(), connection.transaction():
        await connection.execute(LOCK_BY_ID, values)
        cursor = connection.cursor(row_factory=scalar_row)
        await cursor.execute(FINISH, values)
    return set(await cursor.fetchall())


async def finish_in(work: Work, ending: Ending, now: datetime, owner: int) -> bool:
    """End one message in the transaction of its effects; False when it was no longer ours."""
    raw = await (await work.connection()).get_raw_connection()
    connection = raw.driver_connection
    if connection is None:
        raise ConnectionError("the transaction has lost its connection")
    values = _ending_values([ending], now, owner)
    await connection.execute(LOCK_BY_ID, values)
    cursor = await connection.execute(FINISH, values)
    return await cursor.fetchone() is not None


async def take_turn(
    connection: AsyncConnection[Any], message_id: int, now: datetime, lease: Lease
) -> Claim:
    """Look whether a message's turn has come, and take it if so.

    When an older message of the conversation was left behind by a process that is gone, that one
    is claimed instead: `message_id` of the claim then differs from the one asked for.
    """
    values = {
        "id": message_id,
        "now": now,
        "owner": lease.owner,
        "until": now + lease.length,
        "class": LEASE,
    }
    async with connection.transaction():
        await connection.execute(TURN_LOCK, values)
        cursor = connection.cursor(row_factory=class_row(Claim))
        await cursor.execute(TURN_TAKE, values)
        taken = await cursor.fetchone()
        if taken is None:
            await cursor.execute(TURN_LOOK, values)
            taken = await cursor.fetchone()
    if taken is None:
        raise LookupError(f"message {message_id} is not in the inbox")
    return taken


TURN_LOCK: LiteralString = """
SELECT c.id FROM conversation c JOIN message m ON m.conversation_id = c.id
WHERE m.id = %(id)s FOR UPDATE OF c
"""

TURN_TAKE: LiteralString = """
WITH oldest AS (
  SELECT o.* FROM message o JOIN message m USING (conversation_id)
  WHERE m.id = %(id)s AND m.done_at IS NULL AND o.done_at IS NULL ORDER BY o.id LIMIT 1
), leased AS (
  UPDATE conversation c SET lease_message = o.id, lease_owner = %(owner)s,
    lease_until = %(until)s
  FROM oldest o WHERE c.id = o.conversation_id AND (
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
  o.body, o.attempts + 1 AS attempts, c.member_id, c.ticket_id, c.following, c.held, c.state
FROM oldest o JOIN leased c ON c.id = o.conversation_id
"""

TURN_LOOK: LiteralString = """
SELECT m.id AS message_id, m.conversation_id, false AS mine, m.done_at IS NOT NULL AS done,
  m.late, m.reply, m.body, m.attempts, c.member_id, c.ticket_id, c.following, c.held, c.state
FROM message m JOIN conversation c ON c.id = m.conversation_id WHERE m.id = %(id)s
"""


async def left_behind(work: Work, now: datetime, waited: timedelta) -> list[int]:
    """The oldest unfinished message of each conversation that has waited this long."""
    query = text(
        "SELECT min(id) FROM message WHERE done_at IS NULL AND received_at < :before"
        " GROUP BY conversation_id ORDER BY 1 LIMIT 100"
    )
    return list(await work.scalars(query, {"before": now - waited}))


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
        "hidden": [ending.hidden for ending in endings],
        "late": [ending.late for ending in endings],
        "failed": [ending.failed for ending in endings],
    }
