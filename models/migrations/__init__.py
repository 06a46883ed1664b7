"""Steps from one shape of the database to the next."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

if TYPE_CHECKING:
    from sqlalchemy import Connection

# Any number that no other program uses in this database; held while steps are taken.
LOCK = 7_315_600_002


def migrate(url: str) -> str:
    """Bring the database to the newest shape and return its revision.

    Safe when several start at once: one takes the steps, the others wait and find nothing to do.
    """
    address = "postgresql+psycopg://" + url.split("://", 1)[1]
    engine = create_engine(address, poolclass=NullPool)
    with engine.connect() as lock:
        lock.execute(text("SELECT pg_advisory_lock(:lock)"), {"lock": LOCK})
        with engine.begin() as connection:
            command.upgrade(_config(connection), "head")
    return newest()


@lru_cache
def newest() -> str:
    """The revision that this code expects."""
    head = ScriptDirectory(str(Path(__file__).parent)).get_current_head()
    if head is None:
        raise LookupError("there is no migration")
    return head


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.attributes["connection"] = connection
    return config
