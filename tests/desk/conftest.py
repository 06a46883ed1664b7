"""Processes that a failed test left running are ended by their id."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.faults.servers import Server

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


@pytest.fixture(autouse=True)
async def no_process_is_left() -> AsyncIterator[None]:
    yield
    while Server.started:
        await Server.started.pop().end()
