"""The OpenAI-compatible model at `policy.llm.url`: one question, one answer, within bounds."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

import aiohttp
from pydantic import BaseModel, Field, ValidationError
from yarl import URL

from handlers.actions.phrasing import NotPhrasedError

if TYPE_CHECKING:
    from datetime import datetime

    from bot.clock import Clock
    from bot.config import Llm

# Bytes of an answer that are read, and tokens that are asked for: some 400 characters.
LONGEST, TOKENS = 65_536, 600
# Failures in a row after which the model is left alone, and for how long.
MOST_FAILURES, REST = 3, timedelta(seconds=60)
# Answers that are waited for at the same time; who comes then gets the plain answer at once.
AT_ONCE = 4
# What some models write before they answer.
THINKING = re.compile(r"\A\s*<think>.*?</think>", re.DOTALL)


class _Message(BaseModel):
    content: str | None = None


class _Choice(BaseModel):
    message: _Message
    finish_reason: str | None = None


class _Completion(BaseModel):
    """What is read of an answer; servers add fields of their own."""

    choices: Annotated[list[_Choice], Field(min_length=1)]


class ChatModel:
    """Asks the model, never twice for one answer, and leaves it alone when it fails."""

    def __init__(self, settings: Llm, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock
        self._session: aiohttp.ClientSession | None = None
        self._failures = 0
        self._rests_until: datetime | None = None
        self._waiting = 0

    async def open(self) -> None:
        """Begin to keep connections."""
        key = self._settings.key
        self._session = aiohttp.ClientSession(
            timeout=aiohttp.ClientTimeout(total=self._settings.timeout),
            headers={"Authorization": f"Bearer {key}"} if key else {},
        )

    async def close(self) -> None:
        """Let the connections go."""
        if self._session is not None:
            await self._session.close()

    async def complete(self, instruction: str, material: str) -> str:
        """The model's words; NotPhrasedError when it has none within the time, or rests."""
        if self._rests_until is not None and self._clock() < self._rests_until:
            raise NotPhrasedError("resting")
        if self._waiting >= AT_ONCE:
            raise NotPhrasedError("busy")
        self._waiting += 1
        try:
            words = _read(await self._ask(instruction, material))
        except NotPhrasedError:
            self._failures += 1
            if self._failures >= MOST_FAILURES:
                self._rests_until = self._clock() + REST
            raise
        finally:
            self._waiting -= 1
        self._failures, self._rests_until = 0, None
        return words

    async def _ask(self, instruction: str, material: str) -> bytes:
        if self._session is None:
            raise RuntimeError("the model is not open")
        body = {
            "model": self._settings.model,
            "messages": [
                {"role": "system", "content": instruction},
                {"role": "user", "content": material},
            ],
            "temperature": 0,
            "max_tokens": TOKENS,
            "stream": False,
        }
        try:
            async with self._session.post(
                f"{self._settings.url}/chat/completions",
                data=json.dumps(body, ensure_ascii=False).encode(),
                headers={"Content-Type": "application/json"},
                allow_redirects=False,
            ) as response:
                if response.status != 200:
                    raise NotPhrasedError(f"HTTP {response.status}")
                return await _content(response)
        except TimeoutError as exc:
            raise NotPhrasedError("timeout") from exc
        except aiohttp.ClientError as exc:
            raise NotPhrasedError(f"unreachable ({type(exc).__name__})") from exc


async def try_out(settings: Llm, clock: Clock) -> None:
    """Ask the model for one word; NotPhrasedError when it does not answer as it should."""
    model = ChatModel(settings, clock)
    await model.open()
    try:
        await model.complete("只回答“好”。", "在吗？")
    finally:
        await model.close()


def where_it_goes(settings: Llm) -> str:
    """What becomes of the questions, for the operator."""
    host = URL(settings.url).host or ""
    if host == "localhost" or host.startswith("127.") or host == "::1":
        return "they stay on this machine"
    return f"masked, they leave this machine for {host}"


async def _content(response: aiohttp.ClientResponse) -> bytes:
    """The body, as long as it keeps within its bound."""
    content = bytearray()
    async for chunk in response.content.iter_any():
        content += chunk
        if len(content) > LONGEST:
            raise NotPhrasedError("answer too long")
    return bytes(content)


def _read(content: bytes) -> str:
    """The words of an answer that came to its end."""
    try:
        choice = _Completion.model_validate_json(content).choices[0]
    except ValidationError as exc:
        raise NotPhrasedError("not an answer") from exc
    if choice.finish_reason not in {"stop", None}:
        raise NotPhrasedError("cut off")
    words = THINKING.sub("", choice.message.content or "").strip()
    if not words:
        raise NotPhrasedError("empty")
    return words
