"""Customer messages: windows, counts, the order of the checks, and what the person sees."""

from __future__ import annotations

from typing import TYPE_CHECKING

import aiohttp
import pytest

from tests.contract.simulator_world import LIN, SEND, STRANGER, ZHOU, Json, World, open_world

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

TYPING = "/cgi-bin/message/custom/typing"
MENU = {"button": [{"type": "click", "name": "我的", "key": "MINE"}]}


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with open_world() as world:
        yield world


async def wrote(world: World) -> World:
    await world.act(ZHOU, "say", text="你好")
    return world


async def upload(world: World, kind: str, name: str, content: bytes = b"\xff\xd8\xff") -> Json:
    form = aiohttp.FormData()
    form.add_field("media", content, filename=name)
    path = "/cgi-bin/media/upload"
    return await world.call("POST", path, None, data=form, type=kind)


async def send_as(world: World, kind: str, content: object, **more: object) -> Json:
    return await world.post(SEND, {"touser": ZHOU, "msgtype": kind, kind: content, **more})


async def test_typed_words_allow_five_messages(world):
    await wrote(world)
    assert [await world.send("好") for _ in range(6)] == [0, 0, 0, 0, 0, 45047]


async def test_the_window_of_typed_words_closes_after_48_hours(world):
    await wrote(world)
    world.pass_time(hours=48, seconds=-1)
    assert await world.send("好") == 0
    world.pass_time(seconds=1)
    assert await world.send("好") == 45015


async def test_a_follower_who_never_wrote_cannot_be_written_to(world):
    assert await world.send("好") == 45015


@pytest.mark.parametrize("way", ["menu", "answer", "scan", "follow"])
async def test_other_acts_allow_three_messages_within_a_minute(world, way):
    await world.post("/cgi-bin/menu/create", MENU)
    person = STRANGER if way == "follow" else ZHOU
    acts = {
        "menu": ("menu", {"key": "MINE"}),
        "answer": ("say", {"text": "我的", "tapped_id": "1"}),
        "scan": ("scan", {"scene": "12"}),
        "follow": ("follow", {}),
    }
    verb, body = acts[way]
    await world.act(person, verb, **body)
    assert [await world.send("好", person) for _ in range(4)] == [0, 0, 0, 45047]
    world.pass_time(seconds=60)
    assert await world.send("好", person) == 45015


async def test_counts_do_not_add_up_and_a_send_counts_against_all(world):
    await wrote(world)
    await world.act(ZHOU, "say", text="点一下", tapped_id="1")
    assert [await world.send("好") for _ in range(6)] == [0, 0, 0, 0, 0, 45047]


async def test_a_tap_opens_three_more_when_the_five_are_used(world):
    await wrote(world)
    for _ in range(5):
        await world.send("好")
    await world.act(ZHOU, "say", text="点一下", tapped_id="1")
    assert [await world.send("好") for _ in range(4)] == [0, 0, 0, 45047]


async def test_a_passive_reply_does_not_count(world):
    for _ in range(3):
        await wrote(world)
    assert [await world.send("好") for _ in range(6)] == [0, 0, 0, 0, 0, 45047]


async def test_the_clock_of_the_platform_can_be_put_ahead(world):
    await wrote(world)
    await world.control("POST", "clock", advance=48 * 3600)
    assert await world.send("好") == 45015


async def test_checks_come_in_the_order_of_the_platform(world):
    """Each step mends the first fault, and the next one shows."""
    await world.control("POST", "quotas", path=SEND)
    body = {"touser": "oNobody", "msgtype": "letter", "letter": {}}
    assert (await world.post(SEND, body, token="bad"))["errcode"] == 40014
    assert (await world.post(SEND, body))["errcode"] == 40003
    body["touser"] = STRANGER
    assert (await world.post(SEND, body))["errcode"] == 45015
    body["touser"] = LIN
    blacklist = {"openid_list": [LIN]}
    await world.post("/cgi-bin/tags/members/batchblacklist", blacklist)
    assert (await world.post(SEND, body))["errcode"] == 43019
    await world.post("/cgi-bin/tags/members/batchunblacklist", blacklist)
    assert (await world.post(SEND, body))["errcode"] == 40008
    body = {"touser": LIN, "msgtype": "text", "text": {"content": ""}}
    assert (await world.post(SEND, body))["errcode"] == 44004
    body["text"] = {"content": "好"}
    assert (await world.post(SEND, body))["errcode"] == 45015
    await world.act(LIN, "say", text="你好")
    assert (await world.post(SEND, body))["errcode"] == 45009


async def test_a_used_up_count_is_told_before_the_quota(world):
    await wrote(world)
    for _ in range(5):
        await world.send("好")
    await world.control("POST", "quotas", path=SEND)
    assert await world.send("好") == 45047


@pytest.mark.parametrize(
    ("kind", "content", "code"),
    [
        ("text", {"content": "字" * 683}, 45002),
        ("news", {"articles": []}, 44003),
        ("news", {"articles": [{"title": "一"}, {"title": "二"}]}, 45008),
        ("image", {"media_id": "unknown"}, 40007),
        ("voice", {"media_id": "unknown"}, 40007),
        ("video", {"media_id": "unknown", "thumb_media_id": "unknown"}, 40007),
        ("mpnews", {"media_id": "unknown"}, 40007),
        ("text", {"contents": "打错了"}, 40035),
        ("msgmenu", {"head_content": "满意吗？", "list": []}, 44004),
    ],
)
async def test_a_wrong_body_is_refused(world, kind, content, code):
    await wrote(world)
    assert (await send_as(world, kind, content))["errcode"] == code


async def test_words_of_2048_bytes_pass(world):
    await wrote(world)
    assert await world.send("字" * 682 + "ab") == 0


async def test_every_kind_of_message_is_shown(world):
    await wrote(world)
    image = (await upload(world, "image", "a.jpg"))["media_id"]
    voice = (await upload(world, "voice", "a.amr"))["media_id"]
    video = (await upload(world, "video", "a.mp4"))["media_id"]
    thumb = (await upload(world, "thumb", "a.jpg"))["thumb_media_id"]
    page = {"title": "报名", "appid": "wx1", "pagepath": "p/i", "thumb_media_id": thumb}
    kinds = {
        "image": {"media_id": image},
        "voice": {"media_id": voice},
        "video": {"media_id": video, "thumb_media_id": thumb, "title": "片"},
        "music": {"title": "歌", "musicurl": "https://e.example/m", "thumb_media_id": thumb},
        "news": {"articles": [{"title": "通知", "url": "https://e.example/n"}]},
        "mpnewsarticle": {"article_id": "A1"},
        "msgmenu": {"head_content": "满意吗？", "list": [{"id": "1", "content": "满意"}]},
        "miniprogrampage": page,
        "wxcard": {"card_id": "C1"},
    }
    for kind, content in kinds.items():
        await wrote(world)
        assert (await send_as(world, kind, content))["errcode"] == 0, kind
    shown = [line["kind"] for line in await world.chat() if line["side"] == "account"]
    assert shown == [
        "image",
        "voice",
        "video",
        "music",
        "news",
        "article",
        "menu",
        "miniprogram",
        "coupon",
    ]


async def test_words_of_a_machine_are_marked(world):
    await wrote(world)
    await send_as(world, "text", {"content": "好"}, aimsgcontext={"is_ai_msg": 1})
    assert (await world.chat())[-1]["ai"] is True


async def test_whoever_left_is_out_of_reach(world):
    await wrote(world)
    await world.act(ZHOU, "unfollow")
    assert await world.send("好") == 45015


async def test_whoever_switched_messages_off_is_out_of_reach(world):
    await wrote(world)
    await world.act(ZHOU, "receive", on=False)
    assert await world.send("好") == 48002


async def test_escaped_characters_are_refused(world):
    await wrote(world)
    body = {"touser": ZHOU, "msgtype": "text", "text": {"content": "escaped"}}
    raw = str(body).replace("'", '"').replace("escaped", "\\u4f60\\u597d").encode()
    assert (await world.post(SEND, raw))["errcode"] == 40033
    await world.control("POST", "settings", strict_escapes=False)
    assert (await world.post(SEND, raw))["errcode"] == 0


async def test_a_written_backslash_before_u_is_no_escape(world):
    await wrote(world)
    assert await world.send("C:\\u4f60") == 0


@pytest.mark.parametrize(("body", "code"), [(b"", 44002), (b"{oops", 47001), (b"[1]", 47001)])
async def test_a_body_that_is_no_object_is_refused(world, body, code):
    assert (await world.post(SEND, body))["errcode"] == code


async def test_a_message_is_not_fetched(world):
    assert (await world.get(SEND))["errcode"] == 43002


async def test_an_error_can_be_looked_up_by_its_rid(world):
    refused = await world.post(SEND, {"touser": "oNobody", "msgtype": "text"})
    words, _, rid = refused["errmsg"].partition(" rid: ")
    assert words == "invalid openid"
    assert [len(part) for part in rid.split("-")] == [8, 8, 8]
    found = await world.post("/cgi-bin/openapi/rid/get", {"rid": rid})
    assert '"errcode": 40003' in found["request"]["response_body"]
    unknown = await world.post("/cgi-bin/openapi/rid/get", {"rid": "0-0-0"})
    assert unknown["errcode"] == 76001


async def typing(world: World, command: str = "Typing") -> int:
    return int((await world.post(TYPING, {"touser": ZHOU, "command": command}))["errcode"])


async def test_typing_needs_the_window(world):
    assert await typing(world) == 45015


async def test_typing_lasts_fifteen_seconds(world):
    await wrote(world)
    assert [await typing(world), await typing(world)] == [0, 45081]
    world.pass_time(seconds=15)
    assert await typing(world) == 0


async def test_a_message_ends_typing(world):
    await wrote(world)
    await typing(world)
    await world.send("好")
    assert await typing(world) == 0


async def test_typing_needs_an_act_within_thirty_seconds(world):
    await wrote(world)
    world.pass_time(seconds=31)
    assert await typing(world) == 45080


async def test_typing_knows_two_commands(world):
    await wrote(world)
    assert await typing(world, "Shout") == 45072
    assert [await typing(world), await typing(world, "CancelTyping"), await typing(world)] == [
        0,
        0,
        0,
    ]
