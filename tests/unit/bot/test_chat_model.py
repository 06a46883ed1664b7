"""Asking the model at `policy.llm.url`: what is sent, and what every failure becomes."""

from __future__ import annotations

import asyncio
import json
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from aiohttp.test_utils import unused_port

from bot.__main__ import _check_model
from bot.chat_model import AT_ONCE, ChatModel, where_it_goes
from bot.config import Llm
from bot.running import CannotRunError
from handlers.actions.phrasing import NotPhrasedError
from tests.model_server import open_model

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from datetime import datetime


def terms(url: str, *, key: str = "", timeout: float = 5.0) -> Llm:
    return Llm(url=url, model="qwen-small", key=key, timeout=timeout)


class Time:
    """A clock that is turned by hand."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


@asynccontextmanager
async def asking(settings: Llm, clock: Time) -> AsyncIterator[ChatModel]:
    model = ChatModel(settings, clock)
    await model.open()
    yield model
    await model.close()


async def reason(model: ChatModel) -> str:
    with pytest.raises(NotPhrasedError) as failed:
        await model.complete("照条文说。", "〔问题〕年假几天")
    return failed.value.reason


async def test_the_model_is_asked_for_one_short_cool_answer(now: datetime):
    async with (
        open_model(words="休 5 天。") as server,
        asking(terms(server.url, key="sk-1"), Time(now)) as model,
    ):
        assert await model.complete("照条文说。", "〔问题〕年假几天") == "休 5 天。"
    asked = server.asked[0]
    assert (asked["model"], asked["temperature"], asked["stream"]) == ("qwen-small", 0, False)
    assert 0 < asked["max_tokens"] <= 1000
    assert [each["role"] for each in asked["messages"]] == ["system", "user"]
    assert server.keys == ["Bearer sk-1"]


async def test_a_local_model_needs_no_key(now: datetime):
    async with open_model() as server, asking(terms(server.url), Time(now)) as model:
        await model.complete("照条文说。", "〔问题〕年假几天")
    assert server.keys == [None]


async def test_what_a_model_thinks_before_it_answers_is_left_out(now: datetime):
    words = "<think>十年也行？</think>\n休 5 天。"
    async with open_model(words=words) as server, asking(terms(server.url), Time(now)) as model:
        assert await model.complete("照条文说。", "〔问题〕年假几天") == "休 5 天。"


@pytest.mark.parametrize(
    ("behaviour", "told"),
    [
        ({"status": 500}, "HTTP 500"),
        ({"status": 401}, "HTTP 401"),
        ({"status": 302}, "HTTP 302"),
        ({"raw": b"{"}, "not an answer"),
        ({"raw": b'{"choices": []}'}, "not an answer"),
        ({"raw": json.dumps({"error": "quota"}).encode()}, "not an answer"),
        ({"raw": b"\xff\xfe"}, "not an answer"),
        ({"raw": b" " * 70_000}, "answer too long"),
        ({"finish": "length"}, "cut off"),
        ({"words": "  "}, "empty"),
        ({"words": "<think>……</think>"}, "empty"),
    ],
)
async def test_every_failure_says_what_it_was(behaviour: dict[str, object], told: str, now):
    async with (
        open_model(**behaviour) as server,
        asking(terms(server.url), Time(now)) as model,
    ):
        assert await reason(model) == told
    assert len(server.asked) == 1


async def test_a_slow_model_is_left_when_its_time_is_over(now: datetime):
    async with open_model() as server:
        server.may_answer.clear()
        async with asking(terms(server.url, timeout=0.2), Time(now)) as model:
            assert await reason(model) == "timeout"


async def test_an_address_where_nobody_listens_is_a_failure_like_any_other(now: datetime):
    url = f"http://127.0.0.1:{unused_port()}/v1"
    async with asking(terms(url), Time(now)) as model:
        assert (await reason(model)).startswith("unreachable")


async def test_after_failures_in_a_row_the_model_is_left_alone_for_a_minute(now: datetime):
    clock = Time(now)
    async with open_model(status=500) as server, asking(terms(server.url), clock) as model:
        assert [await reason(model) for _ in range(3)] == ["HTTP 500"] * 3
        assert await reason(model) == "resting"
        assert len(server.asked) == 3
        clock.now += timedelta(seconds=61)
        assert await reason(model) == "HTTP 500"
        assert await reason(model) == "resting"
        server.status = 200
        clock.now += timedelta(seconds=61)
        assert await model.complete("照条文说。", "〔问题〕年假几天") == "好。"
        assert await model.complete("照条文说。", "〔问题〕年假几天") == "好。"


async def test_who_comes_while_all_wait_gets_the_plain_answer_at_once(now: datetime):
    async with open_model() as server, asking(terms(server.url), Time(now)) as model:
        server.may_answer.clear()
        waiting = [_begin(model) for _ in range(AT_ONCE)]
        await server.until_asked(AT_ONCE)
        assert await reason(model) == "busy"
        server.may_answer.set()
        assert [await each for each in waiting] == ["好。"] * AT_ONCE


def _begin(model: ChatModel):
    return asyncio.create_task(model.complete("照条文说。", "〔问题〕年假几天"))


def test_the_operator_is_told_whether_questions_leave_the_machine():
    assert where_it_goes(terms("http://127.0.0.1:11434/v1")) == "they stay on this machine"
    assert "llm.example" in where_it_goes(terms("https://llm.example/v1"))


async def test_check_config_asks_the_model_and_says_what_is_wrong(capsys):
    async with open_model() as server:
        await asyncio.to_thread(_check_model, terms(server.url))
        assert "they stay on this machine" in capsys.readouterr().out
        server.status = 401
        with pytest.raises(CannotRunError, match="HTTP 401"):
            await asyncio.to_thread(_check_model, terms(server.url))
    await asyncio.to_thread(_check_model, terms(""))
    assert "as they stand" in capsys.readouterr().out
