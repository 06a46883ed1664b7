"""What tests of many rooms need: a real database, keys, a clock that stands still."""

from __future__ import annotations

import base64
import itertools
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest

from bot.app import Loaded, load_knowledge
from bot.config import HERE, Settings, read_settings
from bot.postgres import embedded
from handlers.language import Language, Places, load_edition
from models import db
from models.migrations import migrate
from models.seal import KeyRing
from nlp import cards
from nlp.judged import load_gates
from nlp.retrieve import CardIndex

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from handlers.context import Knowledge
    from models.db import Sessions

NOW = datetime(2026, 8, 20, 1, 0, tzinfo=UTC)
COUNTER = itertools.count(1)


@pytest.fixture
def now() -> datetime:
    """A Thursday morning in August, nine o'clock in Wuhan."""
    return NOW


@pytest.fixture(scope="session")
def ring() -> KeyRing:
    """Keys that seal nothing outside the tests."""
    key = base64.b64encode(b"k" * 32).decode()
    return KeyRing.read(f"t1:{key}", base64.b64encode(b"i" * 32).decode())


@pytest.fixture(scope="session")
def knowledge() -> Knowledge:
    """Forms and numbers to call, read once."""
    return load_knowledge()


@pytest.fixture(scope="session")
def index() -> CardIndex:
    """Every clause card, without the texts of the laws."""
    return CardIndex(cards.load(HERE / "nlp" / "policies"))


@pytest.fixture(scope="session")
def loaded(knowledge: Knowledge, language: Language, index: CardIndex) -> Loaded:
    """What a service in a test need not load itself."""
    return Loaded(knowledge, language, index, load_gates(HERE / "nlp" / "gate"))


@pytest.fixture(scope="session")
def language(tmp_path_factory: pytest.TempPathFactory) -> Language:
    """Lexicon and examples, learnt once; without the encoder, which takes minutes to prepare."""
    room = HERE / "nlp"
    places = Places(room / "lexicon", room / "examples", tmp_path_factory.mktemp("language"))
    edition = load_edition(places, "test")
    edition.words.load()
    return Language.of(places, edition)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """The settings of a local installation with keys of its own."""
    return read_settings(
        environ={
            "LIANXIN_DATA_DIR": str(tmp_path / "var"),
            "LIANXIN_LANGUAGE__ENCODER": "false",
        }
    )


@pytest.fixture(scope="session")
def server_url() -> Iterator[str]:
    """One PostgreSQL for the run, with a migrated database to copy.

    Not below pytest's own folder: that is closed to other users at the start of every run, and
    as root the server runs as another user.
    """
    with (
        tempfile.TemporaryDirectory(prefix="lianxin-", ignore_cleanup_errors=True) as folder,
        embedded(Path(folder) / "postgres") as url,
    ):
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("ALTER SYSTEM SET synchronous_commit = off")
            connection.execute("ALTER SYSTEM SET max_connections = 300")
            connection.execute("SELECT pg_reload_conf()")
            connection.execute("CREATE DATABASE pattern")
        migrate(_address(url, "pattern"))
        yield url


@pytest.fixture
def database_url(server_url: str) -> Iterator[str]:
    """A fresh database in its newest shape."""
    name = f"test_{next(COUNTER)}"
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE pattern")
    yield _address(server_url, name)
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
async def sessions(database_url: str) -> AsyncIterator[Sessions]:
    """Sessions on a fresh database."""
    engine = db.open_engine(database_url, pool_size=5)
    yield db.sessions(engine)
    await engine.dispose()


def _address(url: str, database: str) -> str:
    head, _, query = url.partition("?")
    return f"{head.rsplit('/', 1)[0]}/{database}?{query}"
