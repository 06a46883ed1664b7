"""Migrations and tables tell the same story."""

from __future__ import annotations

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from models import tables
from models.migrations import migrate, newest

# Sealed: what names a person, or is what a person wrote.
SEALED = {
    "application": {"answers", "sentence"},
    "conversation": {"state"},
    "delivery": {"body"},
    "draft": {"body"},
    "given_answer": {"words"},
    "member": {"name", "id_number", "phone", "born"},
    "message": {"body", "reply"},
    "platform_token": {"value"},
    "question": {"words", "vector"},
}


def test_a_migrated_database_has_exactly_the_tables_of_the_code(database_url: str):
    engine = create_engine(
        database_url.replace("postgresql://", "postgresql+psycopg://"), poolclass=NullPool
    )
    ours = tables.METADATA.tables
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection,
            opts={
                "include_name": lambda name, kind, _: kind != "table" or name in ours,
                "compare_server_default": True,
            },
        )
        assert compare_metadata(context, tables.METADATA) == []


def test_migrating_again_changes_nothing(database_url: str):
    assert migrate(database_url) == newest()


def test_what_is_personal_is_kept_as_bytes():
    kinds = {
        (table, column): str(tables.METADATA.tables[table].c[column].type)
        for table, columns in SEALED.items()
        for column in columns
    }
    assert {place for place, kind in kinds.items() if kind != "BLOB"} == set()


async def test_functions_of_the_inbox_are_there(sessions):
    names = ("claim_messages", "finish_messages", "extend_audit_chain", "keep_audit_entries")
    async with sessions() as work:
        query = text("SELECT count(*) FROM pg_proc WHERE proname = ANY(:names)")
        assert await work.scalar(query, {"names": list(names)}) == 4
