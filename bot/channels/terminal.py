"""The terminal: a conversation on the command line, through the same dispatch."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

from bot.channels.base import SendError, Then
from handlers.types import Reply

if TYPE_CHECKING:
    from collections.abc import Callable


class Terminal:
    """Everything is said in the answer; what staff send later is printed when it comes."""

    name = "terminal"
    windowed = False

    def __init__(self, show: Callable[[Reply], None]) -> None:
        self._show = show

    def split(self, reply: Reply) -> tuple[Reply, Reply]:
        """All of it now."""
        return reply, Reply()

    async def send(self, _sender: str, reply: Reply) -> None:
        """Print it."""
        self._show(reply)

    async def picture(self, media: str) -> bytes:
        """The bytes of the file that was named."""
        try:
            return await asyncio.to_thread(Path(media).read_bytes)
        except OSError as exc:
            raise SendError(Then.DROP, f"{media} cannot be read: {exc.strerror}") from exc
