"""A library for each test."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.unit.member.shelf import DOUBTED, NIGHT, OLD, REST, Shelf, open_shelf

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from models.db import Sessions


@pytest.fixture
async def bare(sessions: Sessions) -> AsyncIterator[Shelf]:
    """Cards of an invented law, and no text."""
    async with open_shelf(sessions, (REST, NIGHT, OLD, DOUBTED)) as opened:
        yield opened


@pytest.fixture
async def shelf(bare: Shelf) -> Shelf:
    """The cards with the text of their law."""
    await bare.import_law()
    return bare
