"""What the service sends to the platform: tokens, customer messages, errors, files, the menu."""

from __future__ import annotations

import asyncio
import io
import json
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer, unused_port
from sqlalchemy import select

from bot.channels.base import SendError, Then
from bot.channels.wechat import WeChat
from bot.channels.wechat_api import ApiError, PlatformClient
from bot.config import HERE
from bot.config import WeChat as WeChatSettings
from bot.delivery import Deliverer, Pace
from handlers.catalogue.menu import load_menu
from handlers.types import REPLY, Card, Choice, Picture, Reply, Text, say
from models.conversation import Conversation
from models.db import Sessions
from models.delivery import Delivery, Outgoing, Status, send_later
from models.seal import KeyRing
from models.token import PlatformToken
from tests.contract.simulator_world import ACCOUNT, LIN, SEND, STRANGER, ZHOU, World, open_world

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from bot.config import Settings

STABLE = "/cgi-bin/stable_token"
PUBLIC = "https://union.example"
JPEG = b"\xff\xd8\xff" + bytes(range(200)) * 5


@dataclass
class Line:
    """The service's end of the line to a simulated platform."""

    world: World
    settings: WeChatSettings
    sessions: Sessions
    ring: KeyRing
    open_clients: list[PlatformClient] = field(default_factory=list)

    async def client(self, **changed: object) -> PlatformClient:
        settings = self.settings.model_copy(update=changed)
        client = PlatformClient(settings, self.sessions, self.ring, lambda: self.world.now)
        await client.open()
        self.open_clients.append(client)
        return client

    async def wechat(self, **changed: object) -> WeChat:
        return WeChat(self.settings, PUBLIC, await self.client(**changed))

    async def fault(self, fault: str, **switch: object) -> None:
        await self.world.control("POST", "faults", fault=fault, **switch)

    async def calls(self, title: str) -> int:
        """How often a call reached the platform."""
        exchanges = (await self.world.control("GET", "exchanges"))["exchanges"]
        return sum(each["title"] == title for each in exchanges)

    async def fetches(self) -> int:
        return await self.calls("stable_token")

    async def shown(self, openid: str = ZHOU) -> list[str]:
        """What the account has said in a person's phone."""
        lines = await self.world.chat(openid)
        return [line["text"] for line in lines if line["side"] == "account"]


@pytest.fixture
async def line(settings: Settings, sessions: Sessions, ring: KeyRing) -> AsyncIterator[Line]:
    """A line on which 周小禾 has just written."""
    async with open_world() as world:
        await world.act(ZHOU, "say", text="你好")
        wechat = settings.wechat.model_copy(
            update={
                "app_secret": ACCOUNT.app_secret,
                "platform_url": world.base,
                "timeout": 2.0,
            }
        )
        opened = Line(world, wechat, sessions, ring)
        yield opened
        for client in opened.open_clients:
            await client.close()


async def failure(wechat: WeChat, reply: Reply, to: str = ZHOU) -> SendError:
    with pytest.raises(SendError) as failed:
        await wechat.send(to, reply)
    return failed.value


# The token.


async def test_a_second_process_uses_the_token_that_the_first_one_fetched(line: Line):
    first, second = await line.client(), await line.client()
    token = await first.tokens.get()
    assert await second.tokens.get() == token
    assert await line.fetches() == 1


async def test_the_token_lies_sealed_in_the_database(line: Line):
    token = await (await line.client()).tokens.get()
    async with line.sessions() as work:
        row = (await work.scalars(select(PlatformToken))).one()
    assert row.account == ACCOUNT.app_id
    assert row.value is not None
    assert token.encode() not in row.value


async def test_500_calls_at_expiry_over_two_processes_fetch_once(line: Line):
    clients = [await line.client() for _ in range(2)]
    old = await clients[0].tokens.get()
    line.world.pass_time(seconds=7000)
    found = await asyncio.gather(*(clients[place % 2].tokens.get() for place in range(500)))
    assert len(set(found)) == 1
    assert found[0] != old
    assert await line.fetches() == 2


async def test_the_moment_from_which_the_platform_gives_a_new_token_makes_no_storm(line: Line):
    client = await line.client()
    await client.tokens.get()
    line.world.pass_time(seconds=6900)
    await asyncio.gather(*(client.tokens.get() for _ in range(50)))
    assert await line.fetches() <= 2


async def test_a_stolen_token_costs_one_fetch_and_one_repeat_and_nobody_notices(line: Line):
    wechat = await line.wechat()
    await wechat.send(ZHOU, say("一"))
    await line.fault("stolen")
    await wechat.send(ZHOU, say("二"))
    assert await line.shown() == ["一", "二"]
    assert (await line.fetches(), await line.calls("message/custom/send")) == (2, 3)


async def test_twenty_sends_with_a_stolen_token_fetch_once(line: Line):
    client = await line.client()
    await client.tokens.get()
    await line.fault("stolen")
    await asyncio.gather(*(client.get("getcallbackip") for _ in range(20)))
    assert await line.fetches() == 2


async def test_a_token_that_is_refused_again_is_an_alarm(line: Line):
    await line.fault("40001", path=SEND)
    failed = await failure(await line.wechat(), say("好"))
    assert (failed.then, failed.pause) == (Then.ALARM, 60)
    assert await line.calls("message/custom/send") == 2


async def test_a_platform_that_refuses_every_token_is_not_stormed(line: Line):
    wechat = await line.wechat()
    await line.fault("40001")
    failed = await asyncio.gather(*(failure(wechat, say("好")) for _ in range(30)))
    assert {each.then for each in failed} == {Then.ALARM}
    assert await line.fetches() <= 2
    assert await line.calls("message/custom/send") <= 60


@pytest.mark.parametrize("fault", ["502", "html", "empty", "-1"])
async def test_without_a_token_nothing_was_sent_and_it_is_tried_again(line: Line, fault: str):
    await line.fault(fault, path=STABLE, count=1)
    wechat = await line.wechat()
    assert (await failure(wechat, say("好"))).then is Then.RETRY
    line.world.pass_time(seconds=6)
    await wechat.send(ZHOU, say("好"))
    assert await line.shown() == ["好"]


async def test_a_token_call_that_hangs_is_no_message_of_unknown_fate(line: Line):
    await line.fault("hang", path=STABLE, seconds=1)
    assert (await failure(await line.wechat(timeout=0.2), say("好"))).then is Then.RETRY


async def test_after_a_failed_fetch_nobody_asks_for_a_while(line: Line):
    await line.fault("502", path=STABLE)
    client = await line.client()
    failed = await asyncio.gather(
        *(client.tokens.get() for _ in range(50)), return_exceptions=True
    )
    assert {type(each) for each in failed} == {ApiError}
    assert await line.fetches() == 1
    line.world.pass_time(seconds=6)
    with pytest.raises(ApiError):
        await client.tokens.get()
    assert await line.fetches() == 2


async def test_a_wrong_secret_is_an_alarm_that_stops_the_sending(line: Line):
    failed = await failure(await line.wechat(app_secret="other"), say("好"))
    assert (failed.then, failed.pause) == (Then.ALARM, 600)


# What follows from an error.


@dataclass
class Answering:
    """A platform that gives a token and answers everything else with one code."""

    code: int = 0
    bodies: list[bytes] = field(default_factory=list)

    async def answer(self, request: web.Request) -> web.Response:
        if request.path.endswith("stable_token"):
            return web.json_response({"access_token": "t", "expires_in": 7200})
        self.bodies.append(await request.read())
        return web.json_response({"errcode": self.code, "errmsg": "as told"})


@asynccontextmanager
async def answering(line: Line, code: int = 0) -> AsyncIterator[tuple[WeChat, Answering]]:
    platform = Answering(code)
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", platform.answer)
    async with TestServer(app) as server:
        yield await line.wechat(platform_url=str(server.make_url("/p"))), platform


# Source: the platform's error table, with what it asks of a sender.
TABLE = {
    -1: Then.RETRY,
    40001: Then.ALARM,
    40014: Then.ALARM,
    42001: Then.ALARM,
    40002: Then.ALARM,
    40013: Then.ALARM,
    41001: Then.ALARM,
    41002: Then.ALARM,
    41004: Then.ALARM,
    40125: Then.ALARM,
    40164: Then.ALARM,
    40243: Then.ALARM,
    50004: Then.ALARM,
    50007: Then.ALARM,
    61004: Then.ALARM,
    89501: Then.ALARM,
    89503: Then.ALARM,
    89506: Then.ALARM,
    89507: Then.ALARM,
    48001: Then.ALARM,
    48004: Then.ALARM,
    48008: Then.ALARM,
    50001: Then.ALARM,
    50002: Then.ALARM,
    45009: Then.PAUSE,
    45011: Then.PAUSE,
    45015: Then.HOLD,
    45047: Then.HOLD,
    40003: Then.DROP,
    40007: Then.DROP,
    40008: Then.DROP,
    40033: Then.DROP,
    40035: Then.DROP,
    43004: Then.DROP,
    43019: Then.DROP,
    44004: Then.DROP,
    45002: Then.DROP,
    45008: Then.DROP,
    47001: Then.DROP,
    48002: Then.DROP,
    49003: Then.DROP,
    50005: Then.DROP,
    99999: Then.DROP,
}


async def test_every_code_has_the_reaction_of_the_table(line: Line):
    async with answering(line) as (wechat, platform):
        failed = {}
        for platform.code in TABLE:
            failed[platform.code] = await failure(wechat, say("好"))
    assert {code: error.then for code, error in failed.items()} == TABLE
    pausing = {code for code, error in failed.items() if error.pause > 0}
    assert pausing == {code for code, then in TABLE.items() if then in {Then.ALARM, Then.PAUSE}}
    unreachable = {code for code, error in failed.items() if error.unreachable}
    assert unreachable == {40003, 43004, 43019, 48002, 50005}


async def test_a_closed_window_says_nothing_about_who_can_be_reached(line: Line):
    assert not (await failure(await line.wechat(), say("好"), to=LIN)).unreachable


async def test_a_person_without_a_window_is_waited_for(line: Line):
    assert (await failure(await line.wechat(), say("好"), to=LIN)).then is Then.HOLD


async def test_the_sixth_message_waits_for_the_person(line: Line):
    wechat = await line.wechat()
    for number in range(5):
        await wechat.send(ZHOU, say(f"第 {number} 条"))
    assert (await failure(wechat, say("第 6 条"))).then is Then.HOLD
    assert len(await line.shown()) == 5


async def test_a_stranger_who_never_followed_is_waited_for_and_an_invented_one_dropped(
    line: Line,
):
    wechat = await line.wechat()
    assert (await failure(wechat, say("好"), to=STRANGER)).then is Then.HOLD
    assert (await failure(wechat, say("好"), to="o-nobody")).then is Then.DROP


@pytest.mark.parametrize("fault", ["cut", "empty", "reset", "html", "502"])
async def test_what_may_have_arrived_is_unknown_and_sent_only_once(line: Line, fault: str):
    wechat = await line.wechat()
    await line.fault(fault, path=SEND)
    assert (await failure(wechat, say("好"))).then is Then.UNKNOWN
    assert await line.calls("message/custom/send") == 1


async def test_an_answer_that_never_comes_is_unknown(line: Line):
    client = await line.client(timeout=0.2)
    await client.tokens.get()
    await line.fault("hang", path=SEND, seconds=1)
    wechat = WeChat(line.settings, PUBLIC, client)
    assert (await failure(wechat, say("好"))).then is Then.UNKNOWN


async def test_a_platform_that_cannot_be_reached_has_got_nothing(line: Line):
    wechat = await line.wechat(platform_url=f"http://127.0.0.1:{unused_port()}/p")
    assert (await failure(wechat, say("好"))).then is Then.RETRY


async def test_words_of_a_model_carry_the_label_in_every_bubble(line: Line):
    wechat = await line.wechat()
    await wechat.send(ZHOU, say("照原话说的"))
    long = Reply((Text("一句话讲完一件事。" * 100),), phrased=True)
    await wechat.send(ZHOU, long)
    lines = [each for each in await line.world.chat() if each["side"] == "account"]
    assert [each["ai"] for each in lines] == [False, True, True]


async def test_words_of_a_model_are_never_a_passive_reply(line: Line):
    wechat = await line.wechat()
    phrased = Reply(say("可以。", Choice("有用", "有用")).parts, phrased=True)
    assert wechat.split(phrased) == (Reply(), phrased)


@pytest.mark.parametrize("code", ["-1", "45011", "45047", "45009", "50002"])
async def test_a_reply_that_broke_off_in_the_middle_is_not_begun_again(line: Line, code: str):
    wechat = await line.wechat()
    two = Reply((Text("第一段"), Text("第二段")))
    await wechat.send(ZHOU, say("先说一句"))
    sends = 0

    async def after_one(sender: str, part: Text, *, labelled: bool) -> None:
        nonlocal sends
        sends += 1
        if sends == 2:
            await line.fault(code, path=SEND, count=1)
        await original(sender, part, labelled=labelled)

    original = wechat._send_part
    wechat._send_part = after_one  # type: ignore[method-assign, assignment]
    failed = await failure(wechat, two)
    assert failed.then is Then.UNKNOWN
    assert await line.shown() == ["先说一句", "第一段"]


async def test_a_broken_token_answer_is_an_error_that_can_be_acted_on(line: Line):
    async def strange(_: web.Request) -> web.Response:
        return web.json_response({"hello": 1})

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", strange)
    async with TestServer(app) as server:
        wechat = await line.wechat(platform_url=str(server.make_url("/p")))
        assert (await failure(wechat, say("好"))).then is Then.RETRY


# From the outbox to the phone.


@dataclass
class Waits:
    """Waits that take no time."""

    seconds: list[float] = field(default_factory=list)

    async def sleep(self, seconds: float) -> None:
        self.seconds.append(seconds)


async def queued(line: Line, reply: Reply, to: str = ZHOU) -> int:
    async with line.sessions.begin() as work:
        conversation = await work.scalar(select(Conversation).where(Conversation.sender == to))
        if conversation is None:
            conversation = Conversation(
                channel="wechat",
                account=ACCOUNT.original_id,
                sender=to,
                created_at=line.world.now,
                msg_left=5,
                msg_until=line.world.now.replace(year=2027),
            )
            work.add(conversation)
            await work.flush()
        outgoing = Outgoing(conversation.id, REPLY.dump_json(reply))
        return (await send_later(work, line.ring, outgoing, line.world.now)).id


async def delivered(line: Line, wechat: WeChat, ids: list[int], waits: Waits) -> list[str]:
    channels = {"wechat": wechat}
    deliverer = Deliverer(
        line.sessions, line.ring, channels, lambda: line.world.now, Pace(20, waits.sleep)
    )
    await deliverer.deliver(ids)
    async with line.sessions() as work:
        found = await work.scalars(select(Delivery.status).order_by(Delivery.id))
        return list(found)


async def test_a_busy_platform_is_asked_again_after_longer_and_longer_waits(line: Line):
    wechat, waits = await line.wechat(), Waits()
    await line.fault("-1", path=SEND, count=2)
    row = await queued(line, say("好"))
    assert await delivered(line, wechat, [row], waits) == [Status.SENT]
    assert await line.shown() == ["好"]
    first, second, *_ = waits.seconds
    assert 0.5 <= first < second < 4


async def test_a_platform_that_stays_busy_is_asked_four_times(line: Line):
    wechat, waits = await line.wechat(), Waits()
    await line.fault("-1", path=SEND)
    row = await queued(line, say("好"))
    assert await delivered(line, wechat, [row], waits) == [Status.QUEUED]
    assert await line.calls("message/custom/send") == 4


async def test_a_cut_answer_leaves_one_message_in_the_phone_and_an_unknown_row(line: Line):
    wechat, waits = await line.wechat(), Waits()
    await line.fault("cut", path=SEND, count=1)
    row = await queued(line, say("好"))
    assert await delivered(line, wechat, [row], waits) == [Status.UNKNOWN]
    assert await delivered(line, wechat, [row], waits) == [Status.UNKNOWN]
    assert await line.shown() == ["好"]


async def test_the_ledger_counts_a_long_message_by_its_pieces(line: Line):
    wechat, waits = await line.wechat(), Waits()
    long = "这是一句不短也不长的话，说给大家听。" * 100
    rows = [await queued(line, say(long)), await queued(line, say(long))]
    statuses = await delivered(line, wechat, rows, waits)
    assert statuses == [Status.SENT, Status.HELD]
    assert "".join(await line.shown()) == long


# What is sent.


async def test_words_links_and_taps_arrive_as_they_were_meant(line: Line):
    wechat = await line.wechat()
    await wechat.send(ZHOU, say("请选“一项”：", Choice("看活动", "活动")))
    assert (await line.shown())[0].startswith("请选“一项”：\n<a href=")


async def test_no_character_is_escaped_on_the_way(line: Line):
    async with answering(line) as (wechat, platform):
        await wechat.send(ZHOU, say("你好 😊"))
    assert "你好 😊" in platform.bodies[0].decode()
    assert b"\\u" not in platform.bodies[0]


async def test_a_card_and_a_picture_are_sent_as_such(line: Line):
    client = await line.client()
    media = (await client.media.upload("image", ("照片.jpg", JPEG)))["media_id"]
    wechat = WeChat(line.settings, PUBLIC, client)
    card = Card("标题 ]]> 与 <b>", "说明", "/policy/x")
    await wechat.send(ZHOU, Reply((Picture(media, "一张照片"), card)))
    said = [each for each in await line.world.chat() if each["side"] == "account"]
    assert [bubble["kind"] for bubble in said] == ["image", "news"]
    assert (said[1]["title"], said[1]["url"]) == (card.title, f"{PUBLIC}/policy/x")


async def test_a_file_is_whole_when_its_upload_had_to_be_repeated(line: Line):
    client = await line.client()
    await client.tokens.get()
    await line.fault("stolen")
    uploaded = await client.media.upload("image", ("照片.jpg", io.BytesIO(JPEG)))
    assert await client.picture(uploaded["media_id"]) == JPEG
    assert await line.fetches() == 2


async def test_a_picture_comes_back_byte_for_byte(line: Line):
    client = await line.client()
    media = (await client.media.upload("image", ("照片.jpg", JPEG)))["media_id"]
    assert await WeChat(line.settings, PUBLIC, client).picture(media) == JPEG


async def test_a_picture_that_is_gone_is_an_error_and_not_a_file(line: Line):
    wechat = await line.wechat()
    with pytest.raises(SendError) as failed:
        await wechat.picture("unknown")
    assert failed.value.then is Then.DROP


async def test_typing_is_shown_in_the_phone(line: Line):
    await (await line.client()).typing(ZHOU)
    assert await line.calls("message/custom/typing") == 1


async def test_the_menu_of_the_catalogue_stands_below_the_chat(line: Line):
    wechat = await line.wechat()
    buttons = load_menu(HERE / "handlers" / "catalogue" / "menu.yaml")
    await wechat.set_menu(buttons)
    shown = (await line.world.control("GET", "state"))["menu"]
    assert [button["name"] for button in shown] == [button.name for button in buttons]
    keys = [[item["key"] for item in button["sub_button"]] for button in shown]
    assert keys == [[item.say for item in button.items] for button in buttons]


async def test_the_secret_is_sent_to_the_token_call_only(line: Line):
    async with answering(line) as (wechat, platform):
        await wechat.send(ZHOU, say("好"))
    assert json.loads(platform.bodies[0])["touser"] == ZHOU
    assert ACCOUNT.app_secret.encode() not in platform.bodies[0]
