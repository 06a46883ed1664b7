"""The spine: members, conversations, messages, cases, events, tickets, staff, audit, outbox."""

from __future__ import annotations

from importlib.resources import files

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# Entries are hashed in the order they become visible: the lock is held until the commit.
CHAIN = """
CREATE FUNCTION extend_audit_chain() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(7315600001);
    NEW.id := nextval(pg_get_serial_sequence('audit_entry', 'id'));
    SELECT coalesce((SELECT hash FROM audit_entry ORDER BY id DESC LIMIT 1), ''::bytea)
      INTO NEW.previous;
    NEW.hash := sha256(NEW.previous || convert_to(concat_ws(
        chr(31), NEW.id, to_char(NEW.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'),
        NEW.actor, NEW.action, NEW.subject, NEW.data::text), 'UTF8'));
    RETURN NEW;
END $$;
CREATE TRIGGER extend_audit_chain BEFORE INSERT ON audit_entry
    FOR EACH ROW EXECUTE FUNCTION extend_audit_chain();
CREATE FUNCTION keep_audit_entries() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'audit entries are never changed or deleted';
END $$;
CREATE TRIGGER keep_audit_entries BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_entry
    FOR EACH STATEMENT EXECUTE FUNCTION keep_audit_entries();
"""


# Plans are kept while tables grow from nothing: without the settings they would go on reading
# whole tables. A batch is 64 rows at most, so loops over indexes are right at every size.
# The locks are those of an update that changes no key: rows that only refer to a conversation,
# as a push to everybody inserts them, hold up no message.
INBOX = """
CREATE FUNCTION claim_messages(
    the_time timestamptz, the_owner integer, the_until timestamptz,
    message_grant timestamptz, tap_grant timestamptz,
    keys uuid[], channels text[], accounts text[], senders text[], kinds text[],
    sent timestamptz[], bodies bytea[], grants text[]
) RETURNS TABLE (
    message_id bigint, conversation_id bigint, mine boolean, done boolean, late boolean,
    reply bytea, body bytea, attempts integer, member_id bigint, ticket_id bigint,
    held boolean, state bytea
) LANGUAGE plpgsql SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
SET plan_cache_mode = force_generic_plan AS $$
#variable_conflict use_column
BEGIN
    INSERT INTO conversation (channel, account, sender, created_at)
    SELECT DISTINCT a.channel, a.account, a.sender, the_time
    FROM unnest(channels, accounts, senders) AS a(channel, account, sender)
    WHERE NOT EXISTS (SELECT FROM conversation c WHERE c.channel = a.channel
        AND c.account = a.account AND c.sender = a.sender)
    ORDER BY 1, 2, 3
    ON CONFLICT DO NOTHING;

    PERFORM c.id FROM conversation c
    JOIN unnest(channels, accounts, senders) AS a(channel, account, sender)
        USING (channel, account, sender)
    ORDER BY c.channel, c.account, c.sender FOR NO KEY UPDATE OF c;

    -- `turn` is the first new message of a conversation in which nothing is unfinished. A message
    -- that was known before keeps its row.
    RETURN QUERY WITH arrival AS (
        SELECT a.*, c.id AS conversation_id,
            row_number() OVER (PARTITION BY a.key ORDER BY a.place) AS copy
        FROM unnest(keys, channels, accounts, senders, kinds, sent, bodies, grants)
            WITH ORDINALITY
            AS a(key, channel, account, sender, kind, sent_at, body, granted, place)
        JOIN conversation c USING (channel, account, sender)
    ), placed AS (
        INSERT INTO message (key, conversation_id, received_at, sent_at, kind, body)
        SELECT a.key, a.conversation_id, the_time, a.sent_at, a.kind, a.body
        FROM arrival a ORDER BY a.place
        ON CONFLICT (key) DO NOTHING
        RETURNING id, key, conversation_id
    ), turn AS (
        SELECT min(p.id) AS id, p.conversation_id FROM placed p
        WHERE NOT EXISTS (SELECT FROM message m
            WHERE m.conversation_id = p.conversation_id AND m.done_at IS NULL)
        GROUP BY p.conversation_id
    ), fresh AS (
        SELECT p.conversation_id, bool_or(a.granted = 'message') AS wrote,
            bool_or(a.granted = 'tap') AS tapped
        FROM placed p JOIN arrival a USING (key) GROUP BY p.conversation_id
    ), leased AS (
        UPDATE conversation c SET
            last_inbound_at = the_time,
            -- Who writes or taps can be reached, whatever an error made us think before.
            following = c.following OR f.wrote OR f.tapped,
            lease_message = coalesce(t.id, c.lease_message),
            lease_owner = CASE WHEN t.id IS NULL THEN c.lease_owner ELSE the_owner END,
            lease_until = CASE WHEN t.id IS NULL THEN c.lease_until ELSE the_until END,
            msg_left = CASE WHEN f.wrote THEN 5 ELSE c.msg_left END,
            msg_until = CASE WHEN f.wrote THEN message_grant ELSE c.msg_until END,
            tap_left = CASE WHEN f.tapped THEN 3 ELSE c.tap_left END,
            tap_until = CASE WHEN f.tapped THEN tap_grant ELSE c.tap_until END
        FROM fresh f LEFT JOIN turn t USING (conversation_id)
        WHERE c.id = f.conversation_id
    )
    SELECT coalesce(p.id, m.id), a.conversation_id, t.id IS NOT NULL AND a.copy = 1,
        m.done_at IS NOT NULL,
        coalesce(m.late, false), m.reply, coalesce(m.body, a.body), coalesce(m.attempts, 1),
        c.member_id, c.ticket_id, c.held, c.state
    FROM arrival a
    JOIN conversation c ON c.id = a.conversation_id
    LEFT JOIN placed p USING (key)
    LEFT JOIN turn t ON t.id = p.id
    LEFT JOIN message m ON m.key = a.key
    ORDER BY a.place;
END $$;

-- Only the holder of the lease ends a message, so a run that was overtaken has no effect.
CREATE FUNCTION finish_messages(
    the_time timestamptz, the_owner integer, messages bigint[], conversations bigint[],
    replies bytea[], states bytea[], routes text[], intents text[], confidences float8[],
    hiddens boolean[], lates boolean[], fails text[]
) RETURNS SETOF bigint
LANGUAGE plpgsql SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
SET plan_cache_mode = force_generic_plan AS $$
BEGIN
    PERFORM c.id FROM conversation c WHERE c.id = ANY(conversations)
    ORDER BY c.channel, c.account, c.sender FOR NO KEY UPDATE;

    RETURN QUERY WITH ending AS (
        SELECT * FROM unnest(messages, conversations, replies, states, routes, intents,
            confidences, hiddens, lates, fails)
        AS e(id, conversation_id, reply, state, route, intent, confidence, hidden, late, failed)
    ), ended AS (
        UPDATE message m SET done_at = the_time, reply = e.reply, route = e.route,
            intent = e.intent, confidence = e.confidence, hidden = e.hidden, late = e.late,
            failed = e.failed
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


def upgrade() -> None:
    """Create everything."""
    op.create_table(
        "audit_entry",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("data", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column(
            "previous", sa.LargeBinary(), server_default=sa.text("''::bytea"), nullable=False
        ),
        sa.Column("hash", sa.LargeBinary(), server_default=sa.text("''::bytea"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_entry")),
    )
    op.create_index("ix_audit_entry_subject", "audit_entry", ["subject", "id"], unique=False)
    op.create_table(
        "campaign",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("slug", sa.String(), nullable=False),
        sa.Column("period", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("audience", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaign")),
        sa.UniqueConstraint("slug", "period", name=op.f("uq_campaign_slug")),
    )
    op.create_table(
        "document",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("stem", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("issued", sa.Date(), nullable=False),
        sa.Column("in_force_from", sa.Date(), nullable=True),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("imported_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_document")),
        sa.UniqueConstraint("stem", name=op.f("uq_document_stem")),
    )
    op.create_table(
        "event",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("public_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("about", sa.String(), nullable=False),
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closes_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=False),
        sa.Column("taken", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.CheckConstraint("taken >= 0 AND taken <= capacity", name=op.f("ck_event_seats")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event")),
        sa.UniqueConstraint("public_id", name=op.f("uq_event_public_id")),
    )
    op.create_table(
        "job_run",
        sa.Column("job", sa.String(), nullable=False),
        sa.Column("period", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("job", "period", name=op.f("pk_job_run")),
    )
    op.create_table(
        "platform_token",
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("value", sa.LargeBinary(), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("account", name=op.f("pk_platform_token")),
    )
    op.create_table(
        "staff",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("login", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("path", sa.String(), nullable=False),
        sa.Column("password", sa.String(), nullable=False),
        sa.Column("failures", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("locked_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff")),
        sa.UniqueConstraint("login", name=op.f("uq_staff_login")),
    )
    op.create_table(
        "unit",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("parent_id", sa.BigInteger(), nullable=True),
        sa.Column("path", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("short_name", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["parent_id"], ["unit.id"], name=op.f("fk_unit_parent_id_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unit")),
        sa.UniqueConstraint("name", name=op.f("uq_unit_name")),
        sa.UniqueConstraint("path", name=op.f("uq_unit_path")),
    )
    op.create_table(
        "article",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("document_id", sa.BigInteger(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("heading", sa.String(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["document_id"],
            ["document.id"],
            name=op.f("fk_article_document_id_document"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_article")),
        sa.UniqueConstraint("document_id", "number", name=op.f("uq_article_document_id")),
    )
    op.create_table(
        "member",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("public_id", sa.String(), nullable=False),
        sa.Column("unit_id", sa.BigInteger(), nullable=False),
        sa.Column("sex", sa.String(), nullable=False),
        sa.Column("joined_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("left_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("name", sa.LargeBinary(), nullable=False),
        sa.Column("name_index", sa.LargeBinary(), nullable=False),
        sa.Column("id_number", sa.LargeBinary(), nullable=False),
        sa.Column("id_number_index", sa.LargeBinary(), nullable=False),
        sa.Column("last_four_index", sa.LargeBinary(), nullable=False),
        sa.Column("phone", sa.LargeBinary(), nullable=True),
        sa.Column("born", sa.LargeBinary(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_member_unit_id_unit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_member")),
        sa.UniqueConstraint("id_number_index", name=op.f("uq_member_id_number_index")),
        sa.UniqueConstraint("public_id", name=op.f("uq_member_public_id")),
    )
    op.create_index(
        "ix_member_binding", "member", ["unit_id", "name_index", "last_four_index"], unique=False
    )
    op.create_index("ix_member_name_index", "member", ["name_index"], unique=False)
    op.create_index(op.f("ix_member_unit_id"), "member", ["unit_id"], unique=False)
    op.create_table(
        "staff_session",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("token", sa.LargeBinary(), nullable=False),
        sa.Column("staff_id", sa.BigInteger(), nullable=False),
        sa.Column("csrf", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.id"], name=op.f("fk_staff_session_staff_id_staff")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_session")),
        sa.UniqueConstraint("token", name=op.f("uq_staff_session_token")),
    )
    op.create_table(
        "application",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("member_id", sa.BigInteger(), nullable=False),
        sa.Column("programme", sa.String(), nullable=False),
        sa.Column("schema_version", sa.Integer(), nullable=False),
        sa.Column("answers", sa.LargeBinary(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.BigInteger(), nullable=True),
        sa.Column("sentence", sa.LargeBinary(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["decided_by"], ["staff.id"], name=op.f("fk_application_decided_by_staff")
        ),
        sa.ForeignKeyConstraint(
            ["member_id"], ["member.id"], name=op.f("fk_application_member_id_member")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_application")),
        sa.UniqueConstraint("number", name=op.f("uq_application_number")),
    )
    op.create_index(op.f("ix_application_member_id"), "application", ["member_id"], unique=False)
    op.create_index("ix_application_status", "application", ["status", "sent_at"], unique=False)
    op.create_table(
        "conversation",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("sender", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("member_id", sa.BigInteger(), nullable=True),
        sa.Column("following", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("state", sa.LargeBinary(), nullable=True),
        sa.Column("ticket_id", sa.BigInteger(), nullable=True),
        sa.Column("lease_message", sa.BigInteger(), nullable=True),
        sa.Column("lease_owner", sa.Integer(), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_inbound_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("msg_left", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("msg_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tap_left", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("tap_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("held", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("bind_failures", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("bind_paused_until", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["member_id"], ["member.id"], name=op.f("fk_conversation_member_id_member")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conversation")),
        sa.UniqueConstraint("channel", "account", "sender", name=op.f("uq_conversation_channel")),
    )
    op.create_index("ix_conversation_member_id", "conversation", ["member_id"], unique=False)
    op.create_table(
        "signup",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("event_id", sa.BigInteger(), nullable=False),
        sa.Column("member_id", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("ordered_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_signup_event_id_event")),
        sa.ForeignKeyConstraint(
            ["member_id"], ["member.id"], name=op.f("fk_signup_member_id_member")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signup")),
        sa.UniqueConstraint("event_id", "member_id", name=op.f("uq_signup_event_id")),
    )
    op.create_index("ix_signup_member_id", "signup", ["member_id"], unique=False)
    op.create_index(
        "ix_signup_waiting",
        "signup",
        ["event_id", "ordered_at"],
        unique=False,
        postgresql_where=sa.text("status = 'waiting'"),
    )
    op.create_table(
        "draft",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("member_id", sa.BigInteger(), nullable=False),
        sa.Column("programme", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("case_id", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["application.id"], name=op.f("fk_draft_case_id_application")
        ),
        sa.ForeignKeyConstraint(
            ["member_id"], ["member.id"], name=op.f("fk_draft_member_id_member")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_draft")),
        sa.UniqueConstraint("member_id", "programme", name=op.f("uq_draft_member_id")),
    )
    op.create_table(
        "message",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("key", sa.Uuid(), nullable=False),
        sa.Column("conversation_id", sa.BigInteger(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("reply", sa.LargeBinary(), nullable=True),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("failed", sa.String(), nullable=True),
        sa.Column("route", sa.String(), nullable=True),
        sa.Column("intent", sa.String(), nullable=True),
        sa.Column("confidence", sa.Double(), nullable=True),
        sa.Column("hidden", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("late", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversation.id"],
            name=op.f("fk_message_conversation_id_conversation"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message")),
        sa.UniqueConstraint("key", name=op.f("uq_message_key")),
    )
    op.create_index(
        "ix_message_conversation_id", "message", ["conversation_id", "id"], unique=False
    )
    op.create_index(
        "ix_message_undone",
        "message",
        ["conversation_id", "id"],
        unique=False,
        postgresql_where=sa.text("done_at IS NULL"),
    )
    op.create_table(
        "ticket",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("conversation_id", sa.BigInteger(), nullable=False),
        sa.Column("member_id", sa.BigInteger(), nullable=True),
        sa.Column("why", sa.String(), nullable=False),
        sa.Column("urgent", sa.Boolean(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("staff_id", sa.BigInteger(), nullable=True),
        sa.Column("first_message_id", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversation.id"],
            name=op.f("fk_ticket_conversation_id_conversation"),
        ),
        sa.ForeignKeyConstraint(
            ["member_id"], ["member.id"], name=op.f("fk_ticket_member_id_member")
        ),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_ticket_staff_id_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket")),
        sa.UniqueConstraint("number", name=op.f("uq_ticket_number")),
    )
    op.create_index(
        "ix_ticket_open",
        "ticket",
        ["conversation_id"],
        unique=True,
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.create_index(
        "ix_ticket_closed_at", "ticket", ["closed_at", "urgent", "opened_at"], unique=False
    )
    op.create_index(op.f("ix_ticket_conversation_id"), "ticket", ["conversation_id"], unique=False)
    op.create_table(
        "delivery",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("conversation_id", sa.BigInteger(), nullable=True),
        sa.Column("member_id", sa.BigInteger(), nullable=True),
        sa.Column("campaign_id", sa.BigInteger(), nullable=True),
        sa.Column("message_id", sa.BigInteger(), nullable=True),
        sa.Column("staff_id", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("not_before", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("status", sa.String(), server_default=sa.text("'queued'"), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("reserved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("hidden", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaign.id"], name=op.f("fk_delivery_campaign_id_campaign")
        ),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversation.id"],
            name=op.f("fk_delivery_conversation_id_conversation"),
        ),
        sa.ForeignKeyConstraint(
            ["member_id"], ["member.id"], name=op.f("fk_delivery_member_id_member")
        ),
        sa.ForeignKeyConstraint(
            ["message_id"], ["message.id"], name=op.f("fk_delivery_message_id_message")
        ),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.id"], name=op.f("fk_delivery_staff_id_staff")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery")),
        sa.UniqueConstraint("campaign_id", "member_id", name=op.f("uq_delivery_campaign_id")),
    )
    op.create_index(
        "ix_delivery_conversation_id", "delivery", ["conversation_id", "id"], unique=False
    )
    op.create_index(
        "ix_delivery_open",
        "delivery",
        ["status", "not_before"],
        unique=False,
        postgresql_where=sa.text("status IN ('queued', 'reserved', 'held')"),
    )
    op.create_table(
        "evidence",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("member_id", sa.BigInteger(), nullable=False),
        sa.Column("message_id", sa.BigInteger(), nullable=True),
        sa.Column("stored_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("media_type", sa.String(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["member_id"], ["member.id"], name=op.f("fk_evidence_member_id_member")
        ),
        sa.ForeignKeyConstraint(
            ["message_id"], ["message.id"], name=op.f("fk_evidence_message_id_message")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evidence")),
        sa.UniqueConstraint("name", name=op.f("uq_evidence_name")),
    )
    op.create_index(op.f("ix_evidence_member_id"), "evidence", ["member_id"], unique=False)
    op.create_foreign_key(
        "fk_conversation_ticket_id_ticket", "conversation", "ticket", ["ticket_id"], ["id"]
    )
    op.create_foreign_key(
        "fk_ticket_first_message_id_message", "ticket", "message", ["first_message_id"], ["id"]
    )
    op.execute(CHAIN)
    _run_as_is(INBOX)
    _run_as_is(files("procrastinate.sql").joinpath("schema.sql").read_text(encoding="utf-8"))


def _run_as_is(script: str) -> None:
    """Run a script of many statements, whatever colons and per cent signs it holds."""
    op.get_bind().connection.cursor().execute(script)
