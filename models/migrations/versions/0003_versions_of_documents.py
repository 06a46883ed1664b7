"""Versions of one document kept, files handed in at the desk, drafts of notices."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Give what is imported its first revision and the scope of the collection."""
    op.drop_constraint(op.f("uq_document_stem"), "document")
    for column in (
        sa.Column("revision", sa.Integer(), nullable=False, server_default="1"),
        sa.Column("issuer", sa.String(), nullable=False, server_default=""),
        sa.Column("scope", sa.String(), nullable=False, server_default="全国"),
        sa.Column("source", sa.String(), nullable=False, server_default=""),
        sa.Column("appendix", sa.String(), nullable=False, server_default=""),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("in_force_to", sa.Date(), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
    ):
        op.add_column("document", column)
    for name in ("revision", "issuer", "scope", "source", "appendix"):
        op.alter_column("document", name, server_default=None)
    op.execute("UPDATE document SET changed_at = imported_at")
    op.alter_column("document", "changed_at", nullable=False)
    op.create_unique_constraint(op.f("uq_document_stem"), "document", ["stem", "revision"])
    op.create_index("ix_document_title", "document", ["title", "scope"])
    op.create_table(
        "upload",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("staff_id", sa.BigInteger(), nullable=False),
        sa.Column("given", postgresql.JSONB(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_upload_staff_id_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_upload")),
    )
    op.create_table(
        "upload_file",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("upload_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("document_id", sa.BigInteger(), nullable=True),
        sa.Column("articles", sa.Integer(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["upload_id"],
            ["upload.id"],
            name=op.f("fk_upload_file_upload_id_upload"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["document_id"],
            ["document.id"],
            name=op.f("fk_upload_file_document_id_document"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_upload_file")),
    )
    op.create_index(op.f("ix_upload_file_upload_id"), "upload_file", ["upload_id"])
    op.create_index(op.f("ix_upload_file_document_id"), "upload_file", ["document_id"])
    op.create_table(
        "notice_draft",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("older_id", sa.BigInteger(), nullable=False),
        sa.Column("newer_id", sa.BigInteger(), nullable=False),
        sa.Column("words", sa.String(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["older_id"],
            ["document.id"],
            name=op.f("fk_notice_draft_older_id_document"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["newer_id"],
            ["document.id"],
            name=op.f("fk_notice_draft_newer_id_document"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["updated_by"], ["staff.id"], name=op.f("fk_notice_draft_updated_by_staff")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice_draft")),
        sa.UniqueConstraint("older_id", "newer_id", name=op.f("uq_notice_draft_older_id")),
    )
    op.create_index(op.f("ix_notice_draft_newer_id"), "notice_draft", ["newer_id"])


def downgrade() -> None:
    """Keep the newest revision of each stem."""
    for table in ("notice_draft", "upload_file", "upload"):
        op.drop_table(table)
    op.execute(
        "DELETE FROM document d WHERE EXISTS (SELECT FROM document later"
        " WHERE later.stem = d.stem AND later.revision > d.revision)"
    )
    op.drop_index("ix_document_title", "document")
    op.drop_constraint(op.f("uq_document_stem"), "document")
    for name in (
        "withdrawn_at",
        "in_force_to",
        "changed_at",
        "appendix",
        "source",
        "scope",
        "issuer",
        "revision",
    ):
        op.drop_column("document", name)
    op.create_unique_constraint(op.f("uq_document_stem"), "document", ["stem"])
