"""What reaches the account's server, how often, and what the person sees of the answer."""

from __future__ import annotations

import asyncio
import hashlib
from datetime import UTC, datetime
from io import BytesIO
from typing import TYPE_CHECKING

import aiohttp
import pytest

from bot.simulator.account import NotLoopbackError
from bot.simulator.app import create_simulator
from tests.contract.simulator_world import (
    ACCOUNT,
    KEYS,
    LIN,
    STRANGER,
    ZHOU,
    Delivery,
    World,
    open_world,
    sealed,
    text_reply,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

NOW = datetime(2026, 3, 2, tzinfo=UTC)


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with open_world() as world:
        yield world


async def test_typed_words_arrive_as_a_text_message(world):
    sent = await world.act(ZHOU, "say", text="你好，工会")
    assert world.bot.last == {
        "ToUserName": "gh_lianxin",
        "FromUserName": ZHOU,
        "CreateTime": "1772438400",
        "MsgType": "text",
        "Content": "你好，工会",
        "MsgId": sent["msg_id"],
    }


async def test_the_signature_covers_token_time_and_nonce(world):
    await world.act(ZHOU, "say", text="你好")
    query = world.bot.deliveries[0].query
    signed = "".join(sorted(["t0ken", query["timestamp"], query["nonce"]]))
    assert query["signature"] == hashlib.sha1(signed.encode(), usedforsecurity=False).hexdigest()
    assert query["openid"] == ZHOU


async def test_safe_mode_hides_everything_but_the_account(world):
    await world.act(ZHOU, "say", text="悄悄话")
    assert "Content" not in world.bot.deliveries[0].body
    assert "ToUserName" in world.bot.deliveries[0].body
    assert world.bot.last["Content"] == "悄悄话"


async def test_compatible_mode_sends_both_forms(world):
    await world.control("POST", "settings", mode="compatible")
    await world.act(ZHOU, "say", text="两种都有")
    body = world.bot.deliveries[0].body
    assert "<Content><![CDATA[两种都有]]></Content>" in body
    assert "<Encrypt>" in body
    assert world.bot.last["Content"] == "两种都有"


async def test_plain_mode_seals_nothing(world):
    await world.control("POST", "settings", mode="plain")
    await world.act(ZHOU, "say", text="明文")
    assert "encrypt_type" not in world.bot.deliveries[0].query
    assert "<Content><![CDATA[明文]]></Content>" in world.bot.deliveries[0].body


async def test_with_rotation_both_keys_are_used(world):
    await world.control("POST", "settings", rotate=True)
    for _ in range(16):
        await world.act(ZHOU, "say", text="换钥匙")
    assert [delivery.fields["Content"] for delivery in world.bot.deliveries] == ["换钥匙"] * 16


async def test_a_seed_makes_sealed_pushes_repeat(world):
    await world.control("POST", "settings", seed=7)
    await world.act(ZHOU, "raw", elements={"MsgType": "text", "Content": "一样"})
    await world.control("POST", "settings", seed=7)
    await world.act(ZHOU, "raw", elements={"MsgType": "text", "Content": "一样"})
    first, second = world.bot.deliveries
    assert first.body == second.body


async def test_a_sealed_reply_is_shown(world):
    world.bot.answer = lambda got: sealed(text_reply(got, "收到"))
    sent = await world.act(ZHOU, "say", text="在吗")
    assert (sent["delivered"], sent["deliveries"], sent["line"]["text"]) == (True, 1, "收到")
    assert [(line["side"], line["text"]) for line in await world.chat()] == [
        ("person", "在吗"),
        ("account", "收到"),
    ]


async def test_a_reply_sealed_with_the_other_key_is_shown(world):
    world.bot.answer = lambda got: sealed(text_reply(got, "旧钥匙"), KEYS[1])
    assert (await world.act(ZHOU, "say", text="在吗"))["line"]["text"] == "旧钥匙"


async def test_success_and_an_empty_body_say_nothing(world):
    for body in (b"success", b""):
        world.bot.answer = lambda _got, body=body: body
        sent = await world.act(ZHOU, "say", text="在吗")
        assert (sent["delivered"], sent["line"]) == (True, None)


async def test_a_plain_reply_in_safe_mode_is_a_failure(world):
    world.bot.answer = lambda got: text_reply(got, "明文").encode()
    sent = await world.act(ZHOU, "say", text="在吗")
    assert sent["failures"] == ["plain answer in safe mode"] * 3
    assert sent["line"]["text"] == "该公众号提供的服务出现故障，请稍后再试"


@pytest.mark.parametrize("mode", ["plain", "compatible"])
async def test_a_plain_reply_is_shown_in_the_other_modes(world, mode):
    await world.control("POST", "settings", mode=mode)
    world.bot.answer = lambda got: text_reply(got, "明文").encode()
    assert (await world.act(ZHOU, "say", text="在吗"))["line"]["text"] == "明文"


@pytest.mark.parametrize(
    ("changed", "failure"),
    [
        ({"ToUserName": "someone"}, "ToUserName is not the sender"),
        ({"FromUserName": "gh_other"}, "FromUserName is not the account"),
        ({"CreateTime": "now"}, "CreateTime is not a number"),
        ({"Content": "字" * 683}, "Content is over 2048 bytes"),
        ({"Content": ""}, "Content is empty"),
        ({"MsgType": "letter"}, "unknown MsgType letter"),
    ],
)
async def test_a_wrong_field_spoils_the_reply(world, changed, failure):
    world.bot.answer = lambda got: sealed(text_reply(got, "收到", **changed))
    assert (await world.act(ZHOU, "say", text="在吗"))["failures"] == [failure] * 3


async def test_exactly_2048_bytes_are_shown(world):
    words = "字" * 682 + "ab"
    world.bot.answer = lambda got: sealed(text_reply(got, words))
    assert (await world.act(ZHOU, "say", text="在吗"))["line"]["text"] == words


@pytest.mark.parametrize(
    ("body", "failure"),
    [
        (b'{"errcode": 0}', "neither success nor XML"),
        (b"<html><p>oops</html>", "neither success nor XML"),
        (b"<!DOCTYPE x><xml/>", "document type in the answer"),
        (b"Success", "neither success nor XML"),
        (b"x" * 70_000, "answer too long"),
    ],
)
async def test_other_bodies_are_failures(world, body, failure):
    world.bot.answer = lambda _got: body
    assert (await world.act(ZHOU, "say", text="在吗"))["failures"] == [failure] * 3


def reply_of(got: Delivery, kind: str, content: str) -> bytes:
    """A sealed passive reply whose body is given as XML."""
    head = text_reply(got, "x", MsgType=kind).replace("<Content>x</Content>", content)
    return sealed(head)


async def test_a_picture_the_platform_knows_is_shown(world):
    form = aiohttp.FormData()
    form.add_field("media", BytesIO(b"\xff\xd8\xff"), filename="a.jpg")
    path = "/cgi-bin/media/upload"
    media_id = (await world.call("POST", path, None, data=form, type="image"))["media_id"]
    parts = {
        "image": f"<Image><MediaId>{media_id}</MediaId></Image>",
        "voice": f"<Voice><MediaId>{media_id}</MediaId></Voice>",
        "video": f"<Video><MediaId>{media_id}</MediaId><Title>片</Title></Video>",
        "music": f"<Music><ThumbMediaId>{media_id}</ThumbMediaId><Title>歌</Title></Music>",
    }
    for kind, content in parts.items():
        world.bot.answer = lambda got, kind=kind, content=content: reply_of(got, kind, content)
        line = (await world.act(ZHOU, "say", text="看看"))["line"]
        assert (line["kind"], line["picture"]) == (kind, media_id)


async def test_a_picture_the_platform_does_not_know_is_a_failure(world):
    content = "<Image><MediaId>unknown</MediaId></Image>"
    world.bot.answer = lambda got: reply_of(got, "image", content)
    sent = await world.act(ZHOU, "say", text="看看")
    assert sent["failures"] == ["unknown or expired MediaId"] * 3


ITEM = (
    "<item><Title>通知</Title><Description>说明</Description><Url>https://e.example/</Url></item>"
)


async def test_one_article_is_shown_as_a_card(world):
    content = f"<ArticleCount>1</ArticleCount><Articles>{ITEM}</Articles>"
    world.bot.answer = lambda got: reply_of(got, "news", content)
    line = (await world.act(ZHOU, "say", text="看看"))["line"]
    assert (line["kind"], line["title"], line["url"]) == ("news", "通知", "https://e.example/")


async def test_two_articles_are_a_failure(world):
    content = f"<ArticleCount>2</ArticleCount><Articles>{ITEM}{ITEM}</Articles>"
    world.bot.answer = lambda got: reply_of(got, "news", content)
    sent = await world.act(ZHOU, "say", text="看看")
    assert sent["failures"] == ["not exactly one article"] * 3


async def test_handing_over_to_the_desk_shows_nothing(world):
    world.bot.answer = lambda got: reply_of(got, "transfer_customer_service", "")
    sent = await world.act(ZHOU, "say", text="人工")
    assert (sent["delivered"], sent["line"]) == (True, None)


async def test_a_reply_that_no_key_opens_is_a_failure(world):
    world.bot.answer = lambda got: sealed(text_reply(got, "收到"), "z" * 42 + "E")
    sent = await world.act(ZHOU, "say", text="在吗")
    assert sent["failures"] == ["no key opens the answer"] * 3


async def test_a_reply_for_another_account_is_refused(world):
    world.bot.answer = lambda got: sealed(text_reply(got, "收到")).replace(
        b"<MsgSignature><![CDATA[", b"<MsgSignature><![CDATA[00"
    )
    assert (await world.act(ZHOU, "say", text="在吗"))["failures"] == ["wrong MsgSignature"] * 3


async def test_a_failing_server_gets_three_deliveries_of_one_message(world):
    world.bot.status = 500
    sent = await world.act(ZHOU, "say", text="在吗")
    assert {delivery.fields["MsgId"] for delivery in world.bot.deliveries} == {sent["msg_id"]}
    assert {delivery.fields["CreateTime"] for delivery in world.bot.deliveries} == {"1772438400"}
    assert len({delivery.query["nonce"] for delivery in world.bot.deliveries}) == 3


async def test_a_later_delivery_may_be_answered(world):
    answers = iter([b"oops", b"oops"])
    world.bot.answer = lambda got: next(answers, sealed(text_reply(got, "第三次")))
    sent = await world.act(ZHOU, "say", text="在吗")
    assert (sent["delivered"], sent["deliveries"]) == (True, 3)
    assert sent["line"]["text"] == "第三次"


async def test_a_server_that_is_too_slow_is_cut_off(world):
    await world.control("POST", "settings", deadline=0.05)
    late = asyncio.Event()

    async def wait(_delivery):
        await late.wait()
        return b"success"

    world.bot.answer = wait
    sent = await world.act(ZHOU, "say", text="在吗")
    late.set()
    assert sent["failures"] == ["no answer within 0.05 s"] * 3
    assert (await world.chat())[-1]["side"] == "system"


async def test_a_server_that_is_down_shows_the_failure_line(world):
    await world.control("POST", "faults", fault="drop")
    sent = await world.act(ZHOU, "say", text="在吗")
    assert sent["failures"] == ["lost on the way"] * 3
    assert world.bot.deliveries == []
    assert (await world.chat())[-1]["text"] == "该公众号提供的服务出现故障，请稍后再试"


async def test_the_reply_to_an_event_that_shows_none_is_ignored(world):
    world.bot.answer = lambda got: sealed(text_reply(got, "再见"))
    sent = await world.act(ZHOU, "unfollow")
    assert (sent["delivered"], sent["line"]) == (True, None)


async def test_saying_nothing_wrong_twice_in_a_second_gives_two_message_ids(world):
    first = await world.act(ZHOU, "say", text="一")
    second = await world.act(ZHOU, "say", text="一")
    assert int(second["msg_id"]) > int(first["msg_id"]) > 10**18


async def test_a_tapped_answer_carries_its_id(world):
    await world.act(ZHOU, "say", text="金秋助学", tapped_id="101")
    assert world.bot.last["bizmsgmenuid"] == "101"


async def test_a_voice_message_carries_its_words(world):
    await world.act(ZHOU, "voice", text="我要请假")
    got = world.bot.last
    assert (got["MsgType"], got["Format"], got["Recognition"]) == ("voice", "amr", "我要请假")
    assert got["MediaId"] != got["MediaId16K"]


async def test_a_location_carries_both_degrees(world):
    place = {"latitude": 30.5, "longitude": 114.25, "label": "工人文化宫"}
    await world.act(ZHOU, "location", **place)
    got = world.bot.last
    assert (got["Location_X"], got["Location_Y"], got["Scale"]) == (
        "30.500000",
        "114.250000",
        "16",
    )
    assert got["Label"] == "工人文化宫"


@pytest.mark.parametrize(("query", "kind"), [("", "video"), ("&short=1", "shortvideo")])
async def test_a_film_arrives_with_a_thumb(world, query, kind):
    form = aiohttp.FormData()
    form.add_field("film", BytesIO(b"\0\0\0\x18ftypmp42"), filename="a.mp4")
    url = f"{world.base}/people/{ZHOU}/video?wait=1{query}"
    async with world.session.post(url, data=form):
        got = world.bot.last
    assert got["MsgType"] == kind
    assert got["MediaId"] != got["ThumbMediaId"]


async def test_where_the_phone_is_can_be_told(world):
    await world.act(ZHOU, "position", latitude=30.5, longitude=114.25)
    got = world.bot.last
    assert (got["Event"], got["Latitude"], got["Longitude"]) == (
        "LOCATION",
        "30.500000",
        "114.250000",
    )


async def test_a_shared_article_arrives_as_a_link(world):
    await world.act(ZHOU, "link", title="通知", description="关于", url="https://e.example/a")
    assert (world.bot.last["MsgType"], world.bot.last["Url"]) == ("link", "https://e.example/a")


async def test_following_and_leaving_are_events(world):
    await world.act(STRANGER, "follow")
    assert (world.bot.last["Event"], world.bot.last["EventKey"]) == ("subscribe", None)
    await world.act(STRANGER, "unfollow")
    assert world.bot.last["Event"] == "unsubscribe"
    assert "MsgId" not in world.bot.last


async def test_a_stranger_who_scans_follows_with_the_scene(world):
    await world.act(STRANGER, "scan", scene="unit-17")
    got = world.bot.last
    assert (got["Event"], got["EventKey"]) == ("subscribe", "qrscene_unit-17")
    assert len(got["Ticket"]) == 72


async def test_a_follower_who_scans_gives_the_bare_scene(world):
    await world.act(ZHOU, "scan", scene="unit-17")
    assert (world.bot.last["Event"], world.bot.last["EventKey"]) == ("SCAN", "unit-17")


async def test_whoever_left_cannot_write(world):
    await world.act(LIN, "unfollow")
    refused = await world.act(LIN, "say", text="还在吗")
    assert (refused["status"], refused["error"]) == (409, "还没有关注，不能发送")


async def test_accepting_a_notice_is_a_popup_event(world):
    await world.act(ZHOU, "accept-notice", template_id="T1")
    entry = world.bot.last["SubscribeMsgPopupEvent"]["List"]
    assert entry == {
        "TemplateId": "T1",
        "SubscribeStatusString": "accept",
        "PopupScene": "1",
    }


async def test_refusing_a_notice_is_a_popup_event_too(world):
    await world.act(ZHOU, "reject-notice", template_id="T1")
    entry = world.bot.last["SubscribeMsgPopupEvent"]["List"]
    assert entry["SubscribeStatusString"] == "reject"


async def test_switching_notices_off_is_a_change_event(world):
    await world.act(ZHOU, "refuse-notices", template_id="T1")
    entry = world.bot.last["SubscribeMsgChangeEvent"]["List"]
    assert entry == {"TemplateId": "T1", "SubscribeStatusString": "reject"}


async def test_taking_back_permission_is_an_event(world):
    await world.act(ZHOU, "authorisation", event="user_authorization_revoke")
    assert (world.bot.last["Event"], world.bot.last["OpenID"]) == (
        "user_authorization_revoke",
        ZHOU,
    )


async def test_an_unknown_kind_can_be_sent_too(world):
    await world.act(ZHOU, "raw", elements={"MsgType": "sticker", "Md5": "00"})
    assert (world.bot.last["MsgType"], world.bot.last["Md5"]) == ("sticker", "00")


async def test_words_that_would_break_xml_arrive_unharmed(world):
    await world.act(ZHOU, "say", text="a]]>b<c>&d")
    assert world.bot.last["Content"] == "a]]>b<c>&d"


async def test_a_duplicated_push_arrives_three_times_at_once(world):
    await world.control("POST", "faults", fault="duplicate", count=1)
    together = asyncio.Barrier(3)

    async def meet(got):
        await together.wait()
        return sealed(text_reply(got, "一次就好"))

    world.bot.answer = meet
    sent = await world.act(ZHOU, "say", text="在吗")
    assert len(world.bot.deliveries) == 3
    assert sent["line"]["text"] == "一次就好"
    assert [line["side"] for line in await world.chat()] == ["person", "account"]


async def test_a_push_can_come_again_later_with_the_same_id(world):
    sent = await world.act(ZHOU, "say", text="在吗")
    world.pass_time(minutes=3)
    again = await world.act(ZHOU, "repeat")
    assert again["msg_id"] == sent["msg_id"]
    first, second = world.bot.deliveries
    assert first.fields == second.fields
    assert second.query["timestamp"] == "1772438580"


async def test_a_reordered_push_lets_the_next_one_pass(world):
    await world.control("POST", "faults", fault="reorder", count=1, seconds=5)
    await world.control("POST", f"people/{ZHOU}/say", text="先说")
    await world.act(ZHOU, "say", text="后说")
    assert [fields["Content"] for fields in await world.reported(2)] == ["后说", "先说"]


async def test_a_delayed_push_arrives_later(world):
    await world.control("POST", "faults", fault="delay", count=1, seconds=0.05)
    sent = await world.control("POST", f"people/{ZHOU}/say", text="慢慢来")
    assert (sent["status"], world.bot.deliveries) == (202, [])
    assert (await world.reported(1))[0]["Content"] == "慢慢来"


async def test_an_answer_held_beyond_the_deadline_is_asked_for_again(world):
    await world.control("POST", "settings", deadline=0.1)
    await world.control("POST", "faults", fault="hold", count=1, seconds=0.2)
    sent = await world.act(ZHOU, "say", text="在吗")
    assert sent["failures"] == ["no answer within 0.1 s"]
    assert len(world.bot.deliveries) == 2


async def test_the_console_check_passes_when_the_echo_comes_back(world):
    assert (await world.control("POST", "verify"))["passed"] is True
    world.bot.echo = b'"quoted"'
    assert (await world.control("POST", "verify"))["problem"] == "返回的内容与 echostr 不一致"


async def test_the_console_check_tells_a_refusal_from_silence(world):
    world.bot.status = 403
    verified = await world.control("POST", "verify")
    assert verified["problem"] == "服务器返回 403，请核对 Token"
    await world.control("POST", "settings", deadline=0.000001)
    assert (await world.control("POST", "verify"))["problem"] == "请求超时"


async def test_the_inspector_shows_pushes_unsealed(world):
    world.bot.answer = lambda got: sealed(text_reply(got, "收到"))
    await world.act(ZHOU, "say", text="在吗")
    shown = (await world.control("GET", "exchanges"))["exchanges"][-1]
    assert shown["direction"] == "push"
    assert "<Content><![CDATA[在吗]]></Content>" in shown["request"]
    assert "<Encrypt>" in shown["wire"]
    assert "收到" in shown["response"]


async def test_an_address_elsewhere_is_refused():
    with pytest.raises(NotLoopbackError):
        create_simulator(ACCOUNT, "https://bot.example/wechat", clock=lambda: NOW, store=None)
