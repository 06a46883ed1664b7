"""A simulated WeChat, an account's server that does what a test says, and a clock between them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import xmltodict
from aiohttp import web
from aiohttp.test_utils import TestServer
from wechatpy.crypto import WeChatCrypto
from yarl import URL

from bot.simulator.app import DEMO, Account, create_simulator

Json = dict[str, Any]
KEYS = ("k" * 42 + "A", "m" * 42 + "E")
ACCOUNT = Account("wx00000000lianxin", "s3cret", "t0ken", KEYS, "gh_lianxin", "连心桥·省直工会")
ZHOU, LIN = DEMO[0].openid, DEMO[1].openid
STRANGER = DEMO[6].openid
SEND = "/cgi-bin/message/custom/send"


@dataclass(frozen=True)
class Delivery:
    """One POST that reached the account's server."""

    query: dict[str, str]
    body: str
    fields: Json


@dataclass
class Bot:
    """The account's server: keeps what arrives, answers `success` unless told otherwise."""

    deliveries: list[Delivery] = field(default_factory=list)
    answer: Callable[[Delivery], bytes | Awaitable[bytes]] = lambda _delivery: b"success"
    status: int = 200
    echo: bytes | None = None
    arrived: asyncio.Event = field(default_factory=asyncio.Event)

    async def receive(self, request: web.Request) -> web.Response:
        if request.method == "GET":
            echoed = request.query["echostr"].encode()
            answered = echoed if self.echo is None else self.echo
            return web.Response(body=answered, status=self.status)
        body = await request.text()
        delivery = Delivery(dict(request.query), body, opened(body, request.query))
        self.deliveries.append(delivery)
        self.arrived.set()
        answer = self.answer(delivery)
        return web.Response(
            body=answer if isinstance(answer, bytes) else await answer, status=self.status
        )

    async def page(self, request: web.Request) -> web.Response:
        """A page of the account that a person opens in the phone."""
        words = "你好，带着 code 来的人" if "code" in request.query else "你是谁"
        html = f'<!doctype html><meta charset="utf-8"><title>会员资料</title><h1>{words}</h1>'
        return web.Response(text=html, content_type="text/html")

    @property
    def last(self) -> Json:
        return self.deliveries[-1].fields


@dataclass
class World:
    """`post` and `get` speak to the platform's API, `act` moves a phone."""

    session: aiohttp.ClientSession
    base: str
    bot: Bot
    bot_url: URL
    now: datetime = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)

    def pass_time(self, **span: float) -> None:
        self.now += timedelta(**span)

    async def token(self) -> str:
        body = {"grant_type": "client_credential", "appid": ACCOUNT.app_id, "secret": "s3cret"}
        answer = await self.post("/cgi-bin/stable_token", body, token="")
        return str(answer["access_token"])

    async def post(self, path: str, body: Json | bytes, token: str | None = None, **query) -> Json:
        raw = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()
        return await self.call("POST", path, token, data=raw, **query)

    async def get(self, path: str, token: str | None = None, **query) -> Json:
        return await self.call("GET", path, token, data=None, **query)

    async def call(self, method, path, token, data, **query) -> Json:
        if token is None:
            token = await self.token()
        url = f"{self.base}/api.weixin.qq.com{path}"
        query = {"access_token": token, **query} if token else query
        async with self.session.request(method, url, params=query, data=data) as response:
            answer: Json = await response.json(content_type=None)
        return answer

    async def send(self, words: str, to: str = ZHOU) -> int:
        """The error code of one customer message."""
        body = {"touser": to, "msgtype": "text", "text": {"content": words}}
        return int((await self.post(SEND, body))["errcode"])

    async def act(self, openid: str, verb: str, /, **body) -> Json:
        return await self.control("POST", f"people/{openid}/{verb}?wait=1", **body)

    async def control(self, method: str, place: str, /, **body) -> Json:
        async with self.session.request(method, f"{self.base}/{place}", json=body) as response:
            answer = await response.json()
            return {**answer, "status": response.status}

    async def chat(self, openid: str = ZHOU) -> list[Json]:
        lines: list[Json] = (await self.control("GET", f"people/{openid}/transcript"))["lines"]
        return lines

    async def reported(self, count: int) -> list[Json]:
        """The fields of all deliveries, as soon as there are `count` of them."""
        async with asyncio.timeout(5):
            while len(self.bot.deliveries) < count:
                self.bot.arrived.clear()
                await self.bot.arrived.wait()
        return [delivery.fields for delivery in self.bot.deliveries]


@asynccontextmanager
async def open_world(store: Path | None = None) -> AsyncIterator[World]:
    """A fresh world; nothing waits between two tries of a push, and sends are reported at once."""
    bot = Bot()
    server = web.Application()
    server.router.add_route("*", "/wechat", bot.receive)
    server.router.add_get("/page", bot.page)
    async with TestServer(server) as account_server, aiohttp.ClientSession() as session:
        world = World(session, "", bot, account_server.make_url("/wechat"))
        root = web.Application()
        root.router.add_static("/assets", Path(__file__).parents[2] / "node_modules")
        callback = str(world.bot_url)
        simulator = create_simulator(ACCOUNT, callback, clock=lambda: world.now, store=store)
        root.add_subapp("/simulator/", simulator)
        async with TestServer(root) as platform:
            world.base = str(platform.make_url("/simulator"))
            await world.control("POST", "settings", pause=0, job_delay=0)
            yield world


def opened(body: str, query) -> Json:
    """The fields of a push, unsealed with an implementation that is not the simulator's."""
    fields: Json = xmltodict.parse(body)["xml"]
    if "Encrypt" not in fields:
        return fields
    for key in KEYS:
        crypto = WeChatCrypto(ACCOUNT.token, key, ACCOUNT.app_id)
        try:
            plain = crypto.decrypt_message(
                body, query["msg_signature"], query["timestamp"], query["nonce"]
            )
        except ValueError:
            continue
        inside: Json = xmltodict.parse(plain)["xml"]
        return inside
    raise AssertionError("no key opens the push")


def text_reply(delivery: Delivery, words: str, **changed: str) -> str:
    """A passive text reply in plain XML; `changed` replaces single fields."""
    fields = {
        "ToUserName": delivery.fields["FromUserName"],
        "FromUserName": ACCOUNT.original_id,
        "CreateTime": "1772438400",
        "MsgType": "text",
        "Content": words,
        **changed,
    }
    return str(xmltodict.unparse({"xml": fields}, full_document=False))


def sealed(plain: str, key: str = KEYS[0]) -> bytes:
    crypto = WeChatCrypto(ACCOUNT.token, key, ACCOUNT.app_id)
    return str(crypto.encrypt_message(plain, "123456", "1772438400")).encode()
