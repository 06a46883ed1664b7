"""Questions without an answer, cards of the desk, and what became of answers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

NEWEST_FIRST = ("given_answer", "card_wording", "desk_card", "question", "question_group")


def _id() -> sa.Column[int]:
    return sa.Column("id", sa.BigInteger(), sa.Identity(always=True), primary_key=True)


def _moment(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _to(name: str, table: str, *, nullable: bool = True) -> sa.Column[int]:
    key = sa.ForeignKey(f"{table}.id")
    return sa.Column(name, sa.BigInteger(), key, nullable=nullable)


def _text(name: str, *, nullable: bool = False, default: str | None = None) -> sa.Column[str]:
    return sa.Column(name, sa.String(), nullable=nullable, server_default=default)


def _staff(name: str, *, nullable: bool = True) -> sa.Column[int]:
    return _to(name, "staff", nullable=nullable)


def _version() -> sa.Column[int]:
    return sa.Column("version", sa.Integer(), nullable=False)


def upgrade() -> None:
    """Create the five tables."""
    _create_questions()
    _create_cards()
    op.create_table(
        "given_answer",
        _id(),
        _to("message_id", "message", nullable=False),
        _to("conversation_id", "conversation", nullable=False),
        _to("member_id", "member"),
        _text("slug"),
        sa.Column("words", sa.LargeBinary(), nullable=False),
        _moment("at"),
        sa.Column("useful", sa.Boolean(), nullable=True),
        _moment("rated_at", nullable=True),
        sa.UniqueConstraint("message_id"),
    )
    op.create_index("ix_given_answer_conversation_id", "given_answer", ["conversation_id", "id"])
    op.create_index("ix_given_answer_slug", "given_answer", ["slug"])


def _create_questions() -> None:
    op.create_table(
        "question_group",
        _id(),
        _text("number"),
        _text("state", default="open"),
        _moment("opened_at"),
        _text("slug", nullable=True),
        _staff("answered_by"),
        _moment("answered_at", nullable=True),
        _staff("checked_by"),
        _moment("checked_at", nullable=True),
        _text("reason", nullable=True),
        _version(),
        sa.UniqueConstraint("number"),
    )
    op.create_index(op.f("ix_question_group_state"), "question_group", ["state"])
    op.create_table(
        "question",
        _id(),
        _text("public_id"),
        _to("group_id", "question_group"),
        _moment("asked_at"),
        _to("conversation_id", "conversation", nullable=False),
        _to("member_id", "member"),
        _to("message_id", "message", nullable=False),
        _text("reason"),
        _text("unit_kind", nullable=True),
        sa.Column("words", sa.LargeBinary(), nullable=False),
        sa.Column("words_index", sa.LargeBinary(), nullable=False),
        sa.Column("vector", sa.LargeBinary(), nullable=True),
        sa.Column("near", JSONB(), nullable=False),
        _moment("told_at", nullable=True),
        _to("delivery_id", "delivery"),
        sa.UniqueConstraint("public_id"),
        sa.UniqueConstraint("message_id"),
    )
    op.create_index("ix_question_group_id", "question", ["group_id"])
    op.create_index("ix_question_conversation_id", "question", ["conversation_id", "words_index"])
    op.create_index(op.f("ix_question_member_id"), "question", ["member_id"])
    loose = sa.text("group_id IS NULL")
    op.create_index("ix_question_loose", "question", ["id"], postgresql_where=loose)


def _create_cards() -> None:
    op.create_table(
        "desk_card",
        _id(),
        _text("slug"),
        _to("group_id", "question_group"),
        _text("law"),
        sa.Column("documents", JSONB(), nullable=False),
        sa.Column("lines", JSONB(), nullable=False),
        _text("unit", default=""),
        _text("status"),
        _staff("written_by", nullable=False),
        _moment("written_at"),
        _staff("checked_by"),
        _moment("checked_at", nullable=True),
        _version(),
        sa.UniqueConstraint("slug"),
    )
    op.create_index(op.f("ix_desk_card_group_id"), "desk_card", ["group_id"])
    op.create_table(
        "card_wording",
        _id(),
        _text("slug"),
        _text("words"),
        _to("group_id", "question_group"),
        _staff("added_by", nullable=False),
        _moment("added_at"),
        sa.Column("live", sa.Boolean(), nullable=False),
        _version(),
        sa.UniqueConstraint("slug", "words"),
    )
    op.create_index(op.f("ix_card_wording_group_id"), "card_wording", ["group_id"])


def downgrade() -> None:
    """Drop them."""
    for table in NEWEST_FIRST:
        op.drop_table(table)
