"""What outlives a restart, what is told live, and what the phone refuses."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import aiohttp
import pytest

from bot.simulator.account import NotLoopbackError
from bot.simulator.app import create_simulator
from bot.simulator.platform import PLATFORM
from tests.contract.simulator_world import ACCOUNT, SEND, STRANGER, ZHOU, Json, World, open_world

if TYPE_CHECKING:
    from pathlib import Path

PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 20


async def send_photo(world: World) -> str:
    form = aiohttp.FormData()
    form.add_field("picture", PNG, filename="p.png")
    async with world.session.post(f"{world.base}/people/{ZHOU}/photo?wait=1", data=form):
        return str(world.bot.last["MediaId"])


async def news_of(world: World, *names: str, act) -> list[tuple[str, Json]]:
    """The first news of each of these names after `act` began."""
    found: list[tuple[str, Json]] = []
    async with world.session.get(f"{world.base}/events") as response:
        await response.content.readline()
        await act()
        async with asyncio.timeout(5):
            while {name for name, _ in found} < set(names):
                line = (await response.content.readline()).decode()
                if line.startswith("event: ") and line[7:-1] in names:
                    data = (await response.content.readline()).decode()
                    found.append((line[7:-1], json.loads(data[6:])))
    return found


async def test_followers_chats_tags_menu_and_photos_survive_a_restart(tmp_path: Path):
    store = tmp_path / "kept" / "simulator.json"
    async with open_world(store) as world:
        await world.act(STRANGER, "follow")
        await world.act(ZHOU, "say", text="记得我吗")
        tag = (await world.post("/cgi-bin/tags/create", {"tag": {"name": "保洁"}}))["tag"]
        click = {"type": "click", "name": "我的", "key": "MINE"}
        await world.post("/cgi-bin/menu/create", {"button": [click]})
        media_id = await send_photo(world)
    async with open_world(store) as world:
        people = (await world.control("GET", "people"))["people"]
        assert [p["following"] for p in people if p["openid"] == STRANGER] == [True]
        assert [line["kind"] for line in await world.chat()] == ["text", "image"]
        assert (await world.get("/cgi-bin/tags/get"))["tags"][0]["id"] == tag["id"]
        assert (await world.get("/cgi-bin/menu/get"))["menu"]["button"][0]["key"] == "MINE"
        async with world.session.get(f"{world.base}/pictures/{media_id}") as response:
            assert await response.read() == PNG


async def test_the_window_survives_a_restart_but_the_token_does_not(tmp_path: Path):
    store = tmp_path / "simulator.json"
    async with open_world(store) as world:
        await world.act(ZHOU, "say", text="你好")
        token = await world.token()
    async with open_world(store) as world:
        body = {"touser": ZHOU, "msgtype": "text", "text": {"content": "好"}}
        assert (await world.post(SEND, body, token=token))["errcode"] == 40001
        assert await world.send("好") == 0


async def test_message_ids_keep_rising_over_a_restart(tmp_path: Path):
    store = tmp_path / "simulator.json"
    async with open_world(store) as world:
        before = (await world.act(ZHOU, "say", text="一"))["msg_id"]
    async with open_world(store) as world:
        world.pass_time(seconds=1)
        after = (await world.act(ZHOU, "say", text="二"))["msg_id"]
    assert int(after) > int(before)


async def test_a_store_that_cannot_be_read_stops_the_start(tmp_path: Path):
    store = tmp_path / "simulator.json"
    store.write_text('{"followers": [], "surprise": 1}')
    with pytest.raises(ValueError, match="surprise"):
        async with open_world(store):
            pass


async def test_lines_and_exchanges_are_told_live():
    async with open_world() as world:
        news = await news_of(
            world, "line", "exchange", act=lambda: world.act(ZHOU, "say", text="你好")
        )
        told = dict(news)
        assert (told["line"]["side"], told["line"]["text"]) == ("person", "你好")
        assert (told["exchange"]["direction"], told["exchange"]["title"]) == ("push", "text")


async def test_typing_is_told_live():
    async with open_world() as world:
        await world.act(ZHOU, "say", text="你好")
        body = {"touser": ZHOU, "command": "Typing"}
        path = "/cgi-bin/message/custom/typing"
        news = await news_of(world, "typing", act=lambda: world.post(path, body))
        assert news == [("typing", {"openid": ZHOU, "seconds": 15})]


async def test_only_what_is_new_can_be_asked_for():
    async with open_world() as world:
        await world.act(ZHOU, "say", text="一")
        last = (await world.chat())[-1]["number"]
        await world.act(ZHOU, "say", text="二")
        newer = await world.control("GET", f"people/{ZHOU}/transcript?after={last}")
        assert [line["text"] for line in newer["lines"]] == ["二"]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        (f"people/{ZHOU}/say", {"text": ""}),
        (f"people/{ZHOU}/say", {"texts": "打错了"}),
        (f"people/{ZHOU}/location", {"latitude": 91, "longitude": 0}),
        (f"people/{ZHOU}/raw", {"elements": {"Content": "没有类型"}}),
        ("settings", {"mode": "open"}),
        ("settings", {"modes": "safe"}),
        ("faults", {"fault": "-1", "path": "https://elsewhere.example"}),
        ("clock", {"advance": -1}),
    ],
)
async def test_a_wrong_request_is_refused(path, body):
    async with (
        open_world() as world,
        world.session.post(f"{world.base}/{path}", json=body) as response,
    ):
        assert response.status == 400


async def test_nobody_else_has_a_phone():
    async with (
        open_world() as world,
        world.session.post(f"{world.base}/people/oNobody/say", json={"text": "喂"}) as response,
    ):
        assert response.status == 404


async def test_a_call_that_is_not_played_does_not_exist():
    async with open_world() as world:
        url = f"{world.base}/api.weixin.qq.com/cgi-bin/message/mass/sendall"
        async with world.session.post(url, json={}) as response:
            assert response.status == 404


async def test_an_address_that_leads_elsewhere_later_is_not_posted_to():
    simulator = create_simulator(
        ACCOUNT,
        lambda: "https://bot.example/wechat",
        clock=lambda: datetime(2026, 3, 2, tzinfo=UTC),
        store=None,
    )
    with pytest.raises(NotLoopbackError):
        simulator[PLATFORM].callback_url()
