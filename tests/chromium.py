"""The browser for tests: the one the environment names, or the system's Chromium."""

from __future__ import annotations

import os
import shutil
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest
from playwright.async_api import Browser, async_playwright

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

NAMES = ("chromium", "chromium-browser", "google-chrome")
# Chromium wants a sandbox that root and containers do not have, and asks after its maker's hosts.
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@asynccontextmanager
async def open_browser() -> AsyncIterator[Browser]:
    """A headless browser; the test is skipped where there is none and none can be installed."""
    named = os.environ.get("LIANXIN_TEST_BROWSER", "")
    found = next(filter(None, map(shutil.which, (named, *NAMES) if named else NAMES)), None)
    if found is None:
        pytest.skip("no browser found: install Chromium or set LIANXIN_TEST_BROWSER")
    async with async_playwright() as driver:
        browser = await driver.chromium.launch(executable_path=found, args=list(ARGUMENTS))
        yield browser
        await browser.close()
