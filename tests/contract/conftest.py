"""The callback on a fresh database, reached over HTTP."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest
from aiohttp.test_utils import TestClient, TestServer

from bot.app import Loaded, Parts, open_parts, real_clock
from bot.web.app import create_app

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from aiohttp import web

    from bot.config import Settings


@pytest.fixture
def at() -> int:
    """The present second, as the platform stamps its deliveries."""
    return int(time.time())


@pytest.fixture
async def parts(settings: Settings, database_url: str, loaded: Loaded) -> AsyncIterator[Parts]:
    """The service without its rooms."""
    async with open_parts(settings, database_url, real_clock, loaded=loaded) as built:
        yield built


@pytest.fixture
async def client(parts: Parts) -> AsyncIterator[TestClient[web.Request, web.Application]]:
    """A platform's view of the service."""
    async with TestClient(TestServer(create_app(parts, {}))) as opened:
        yield opened
