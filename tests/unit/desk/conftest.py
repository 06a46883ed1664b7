"""A desk for each test."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.unit.desk.desk_world import World, open_world

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from models.db import Sessions
    from models.seal import KeyRing


@pytest.fixture
async def world(sessions: Sessions, ring: KeyRing, tmp_path: Path) -> AsyncIterator[World]:
    """A desk on an empty database."""
    async with open_world(sessions, ring, tmp_path / "evidence") as opened:
        yield opened
