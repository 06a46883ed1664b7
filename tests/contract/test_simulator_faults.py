"""Faults that are switched on, and what the account's server meets then."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import aiohttp
import pytest

from tests.contract.simulator_world import SEND, ZHOU, World, open_world

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

PROBE = "/cgi-bin/getcallbackip"


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with open_world() as world:
        await world.act(ZHOU, "say", text="你好")
        yield world


async def raw(world: World, path: str = SEND) -> tuple[int, str]:
    """Status and body of one customer message, or of another call."""
    url = f"{world.base}/api.weixin.qq.com{path}"
    query = {"access_token": await world.token()}
    body = {"touser": ZHOU, "msgtype": "text", "text": {"content": "ok"}}
    async with world.session.post(url, params=query, json=body) as response:
        return response.status, await response.text()


async def said(world: World) -> int:
    return sum(line["side"] == "account" for line in await world.chat())


@pytest.mark.parametrize(
    "code", ["-1", "40001", "45009", "45011", "45015", "45047", "48001", "48004", "50002"]
)
async def test_an_error_code_hits_as_often_as_it_was_asked_for(world, code):
    await world.control("POST", "faults", fault=code, count=2)
    assert [await world.send("好") for _ in range(3)] == [int(code), int(code), 0]


async def test_without_a_count_a_fault_stays_until_it_is_switched_off(world):
    fault = await world.control("POST", "faults", fault="45009")
    assert {await world.send("好") for _ in range(5)} == {45009}
    await world.control("DELETE", f"faults/{fault['number']}")
    assert await world.send("好") == 0


async def test_all_faults_are_switched_off_at_once(world):
    for fault in ("-1", "45009"):
        await world.control("POST", "faults", fault=fault)
    await world.control("DELETE", "faults")
    assert await world.send("好") == 0


async def test_a_fault_may_hit_one_call_only(world):
    await world.control("POST", "faults", fault="-1", path=PROBE)
    assert await world.send("好") == 0
    assert (await world.get(PROBE))["errcode"] == -1


async def test_an_error_code_leaves_the_token_calls_alone(world):
    await world.control("POST", "faults", fault="40001")
    assert await world.token()
    assert await world.send("好") == 40001


async def test_the_token_call_can_fail_when_it_is_named(world):
    await world.control("POST", "faults", fault="502", path="/cgi-bin/stable_token", count=1)
    with pytest.raises(ValueError, match="Expecting value"):
        await world.token()
    assert await world.token()


async def test_a_cut_answer_is_sent_after_the_message(world):
    await world.control("POST", "faults", fault="cut", count=1, path=SEND)
    status, body = await raw(world)
    assert (status, body[:2], body.endswith("}")) == (200, '{"', False)
    assert await said(world) == 1


async def test_an_empty_answer_is_sent_after_the_message(world):
    await world.control("POST", "faults", fault="empty", count=1, path=SEND)
    assert await raw(world) == (200, "")
    assert await said(world) == 1


@pytest.mark.parametrize(("fault", "status"), [("html", 200), ("502", 502)])
async def test_a_gateway_page_stands_for_a_message_that_was_not_sent(world, fault, status):
    await world.control("POST", "faults", fault=fault, count=1, path=SEND)
    got, body = await raw(world)
    assert (got, body[:6]) == (status, "<html>")
    assert await said(world) == 0


async def test_a_reset_comes_after_the_message_was_sent(world):
    await world.control("POST", "faults", fault="reset", count=1, path=SEND)
    with pytest.raises(aiohttp.ClientError):
        await raw(world)
    assert await said(world) == 1


async def test_a_call_that_hangs_answers_nothing(world):
    await world.control("POST", "faults", fault="hang", count=1, path=SEND)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(raw(world), 0.2)
    assert await said(world) == 0


async def test_a_slow_call_takes_effect_in_the_end(world):
    await world.control("POST", "faults", fault="slow", count=1, path=SEND, seconds=0.05)
    assert await raw(world) == (200, '{"errcode": 0, "errmsg": "ok"}')
    assert await said(world) == 1


async def test_a_fault_is_shown_with_the_call_it_hit(world):
    await world.control("POST", "faults", fault="-1", count=1, path=SEND)
    await world.send("好")
    shown = (await world.control("GET", "exchanges"))["exchanges"][-1]
    assert (shown["title"], shown["verdict"]) == ("message/custom/send", "-1 系统繁忙")


async def test_a_fault_that_does_not_exist_is_refused(world):
    async with world.session.post(f"{world.base}/faults", json={"fault": "rain"}) as response:
        assert response.status == 400


async def test_what_is_on_can_be_read(world):
    await world.control("POST", "faults", fault="45015", count=3)
    assert (await world.control("GET", "faults"))["faults"] == [
        {
            "number": 1,
            "fault": "45015",
            "label": "45015 超出回复时限",
            "path": SEND,
            "left": 3,
            "seconds": 0.0,
        }
    ]
