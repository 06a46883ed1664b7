"""Why a message was understood as it was, kept sealed with the message."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

HEAD = """
LANGUAGE plpgsql SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
SET plan_cache_mode = force_generic_plan AS $$
BEGIN
    PERFORM c.id FROM conversation c WHERE c.id = ANY(conversations)
    ORDER BY c.channel, c.account, c.sender FOR NO KEY UPDATE;
"""
TAIL = """
        FROM ending e, conversation c
        WHERE m.id = e.id AND m.done_at IS NULL
            AND c.id = e.conversation_id AND c.lease_message = e.id
            AND c.lease_owner = the_owner
        RETURNING m.id, m.conversation_id
    ), freed AS (
        UPDATE conversation c SET lease_message = NULL, lease_owner = NULL, lease_until = NULL,
            state = coalesce(e.state, c.state)
        FROM ended JOIN ending e USING (id) WHERE c.id = ended.conversation_id
    )
    SELECT ended.id FROM ended;
END $$;
"""
# Only the holder of the lease ends a message, so a run that was overtaken has no effect.
WITH_MEANING_ARGUMENTS = """
CREATE FUNCTION finish_messages(
    the_time timestamptz, the_owner integer, messages bigint[], conversations bigint[],
    replies bytea[], states bytea[], routes text[], intents text[], confidences float8[],
    meanings bytea[], hiddens boolean[], lates boolean[], fails text[]
) RETURNS SETOF bigint
"""
WITH_MEANING_BODY = """
    RETURN QUERY WITH ending AS (
        SELECT * FROM unnest(messages, conversations, replies, states, routes, intents,
            confidences, meanings, hiddens, lates, fails)
        AS e(id, conversation_id, reply, state, route, intent, confidence, meaning, hidden, late,
            failed)
    ), ended AS (
        UPDATE message m SET done_at = the_time, reply = e.reply, route = e.route,
            intent = e.intent, confidence = e.confidence, meaning = e.meaning,
            hidden = e.hidden, late = e.late, failed = e.failed
"""
WITHOUT_MEANING_ARGUMENTS = """
CREATE FUNCTION finish_messages(
    the_time timestamptz, the_owner integer, messages bigint[], conversations bigint[],
    replies bytea[], states bytea[], routes text[], intents text[], confidences float8[],
    hiddens boolean[], lates boolean[], fails text[]
) RETURNS SETOF bigint
"""
WITHOUT_MEANING_BODY = """
    RETURN QUERY WITH ending AS (
        SELECT * FROM unnest(messages, conversations, replies, states, routes, intents,
            confidences, hiddens, lates, fails)
        AS e(id, conversation_id, reply, state, route, intent, confidence, hidden, late, failed)
    ), ended AS (
        UPDATE message m SET done_at = the_time, reply = e.reply, route = e.route,
            intent = e.intent, confidence = e.confidence, hidden = e.hidden, late = e.late,
            failed = e.failed
"""


def upgrade() -> None:
    """Add the column, and finish messages with it."""
    op.add_column("message", sa.Column("meaning", sa.LargeBinary(), nullable=True))
    op.execute("DROP FUNCTION finish_messages")
    op.execute("".join((WITH_MEANING_ARGUMENTS, HEAD, WITH_MEANING_BODY, TAIL)))


def downgrade() -> None:
    """Finish messages without it, and drop the column."""
    op.execute("DROP FUNCTION finish_messages")
    op.execute("".join((WITHOUT_MEANING_ARGUMENTS, HEAD, WITHOUT_MEANING_BODY, TAIL)))
    op.drop_column("message", "meaning")
