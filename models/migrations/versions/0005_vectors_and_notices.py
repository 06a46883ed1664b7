"""Vectors kept once for all processes, and a notice when what answers questions changes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

TABLES = ("document", "desk_card", "card_wording")


def upgrade() -> None:
    """Create the table, and a trigger on each table that the clauses of a process come from."""
    op.create_table(
        "text_vector",
        sa.Column("encoder", sa.String(), primary_key=True),
        sa.Column("digest", sa.String(), primary_key=True),
        sa.Column("halves", sa.LargeBinary(), nullable=False),
    )
    op.execute(
        "CREATE FUNCTION clauses_changed() RETURNS trigger LANGUAGE plpgsql AS $$"
        " BEGIN PERFORM pg_notify('clauses', ''); RETURN NULL; END $$"
    )
    for table in TABLES:
        op.execute(
            f"CREATE TRIGGER clauses_changed AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE"
            f" ON {table} FOR EACH STATEMENT EXECUTE FUNCTION clauses_changed()"
        )


def downgrade() -> None:
    """Drop them."""
    for table in TABLES:
        op.execute(f"DROP TRIGGER clauses_changed ON {table}")
    op.execute("DROP FUNCTION clauses_changed()")
    op.drop_table("text_vector")
