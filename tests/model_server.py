"""A language model behind a real address: says what it is told, keeps what it was asked."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from aiohttp import web
from aiohttp.test_utils import TestServer

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

Json = dict[str, Any]


@dataclass
class Model:
    """Says `words`, or sends `raw` in place of a completion, once it `may_answer`."""

    words: str = "好。"
    status: int = 200
    raw: bytes | None = None
    finish: str | None = "stop"
    may_answer: asyncio.Event = field(default_factory=asyncio.Event)
    asked: list[Json] = field(default_factory=list)
    keys: list[str | None] = field(default_factory=list)
    url: str = ""

    def __post_init__(self) -> None:
        self.may_answer.set()

    async def complete(self, request: web.Request) -> web.Response:
        self.asked.append(await request.json())
        self.keys.append(request.headers.get("Authorization"))
        await self.may_answer.wait()
        if self.raw is not None:
            return web.Response(status=self.status, body=self.raw)
        message = {"role": "assistant", "content": self.words}
        choice = {"index": 0, "message": message, "finish_reason": self.finish}
        return web.json_response(
            {"id": "1", "object": "chat.completion", "choices": [choice], "usage": {}},
            status=self.status,
        )

    async def until_asked(self, times: int) -> None:
        """Wait until so many questions have come; a TimeoutError when they do not."""
        async with asyncio.timeout(5):
            while True:
                if len(self.asked) >= times:
                    return
                await asyncio.sleep(0.005)

    @property
    def material(self) -> str:
        """What it was last given beside the instruction."""
        return str(self.asked[-1]["messages"][1]["content"])


@asynccontextmanager
async def open_model(**behaviour: Any) -> AsyncIterator[Model]:
    """A model that listens on the loopback while inside."""
    model = Model(**behaviour)
    app = web.Application()
    app.router.add_post("/v1/chat/completions", model.complete)
    server = TestServer(app)
    await server.start_server()
    model.url = str(server.make_url("/v1"))
    try:
        yield model
    finally:
        model.may_answer.set()
        await server.close()
