"""`/wechat` as the platform sees it: what is accepted, what is refused, what is answered."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING
from uuid import UUID

import pytest
from sqlalchemy import func, select

from bot.simulator.crypto import signature
from handlers.types import INBOUND
from models import message
from models.conversation import Conversation
from models.message import Message
from tests.contract.deliveries import Delivery, event_xml, opened, plain, safe, text_xml

if TYPE_CHECKING:
    from aiohttp import web
    from aiohttp.test_utils import TestClient

    from bot.app import Parts
    from bot.config import Settings


async def post(
    client: TestClient[web.Request, web.Application], delivery: Delivery
) -> tuple[int, bytes]:
    response = await client.post("/wechat", params=delivery.query, data=delivery.body)
    return response.status, await response.read()


async def rows(parts: Parts) -> int:
    async with parts.sessions() as work:
        return await work.scalar(select(func.count()).select_from(Message)) or 0


async def test_the_console_gets_its_echo(client, settings: Settings, at: int):
    query = plain(settings.wechat, "", at=at).query | {"echostr": "8712&+/="}
    response = await client.get("/wechat", params=query)
    assert (response.status, await response.text()) == (200, "8712&+/=")


async def test_a_console_with_another_token_is_refused(client, settings: Settings, at: int):
    query = plain(settings.wechat, "", at=at).query | {"echostr": "1", "nonce": "other"}
    assert (await client.get("/wechat", params=query)).status == 403


async def test_a_safe_message_is_answered_encrypted_and_crosswise(client, settings, at):
    wechat = settings.wechat
    status, body = await post(client, safe(wechat, text_xml("o1", "你好", 1, at=at), at=at))
    answer = opened(wechat, body)
    assert status == 200
    assert (answer["ToUserName"], answer["FromUserName"]) == ("o1", "gh_0123456789ab")
    assert "您好" in answer["Content"]
    assert b"Encrypt" in body


async def test_a_plain_message_is_answered_plainly(client, settings, at):
    wechat = settings.wechat
    _, body = await post(client, plain(wechat, text_xml("o1", "你好", 1, at=at), at=at))
    assert "您好" in opened(wechat, body)["Content"]
    assert b"<Encrypt>" not in body


async def test_a_compatible_message_is_read_from_its_sealed_part(client, parts, settings, at):
    wechat = settings.wechat
    forged = text_xml("forged", "转人工", 9, at=at).removeprefix("<xml>").removesuffix("</xml>")
    forged = forged.split("</ToUserName>", 1)[1]
    delivery = safe(wechat, text_xml("o1", "你好", 1, at=at), at=at, beside=forged)
    _, body = await post(client, delivery)
    assert opened(wechat, body)["ToUserName"] == "o1"
    async with parts.sessions() as work:
        assert list(await work.scalars(select(Conversation.sender))) == ["o1"]


async def test_every_key_of_the_ring_opens(parts, client, settings, at):
    wechat = parts.settings.wechat
    other = wechat.model_copy(update={"encoding_aes_keys": ["B" * 42 + "A"]})
    status, _ = await post(client, safe(other, text_xml("o1", "你好", 1, at=at), at=at))
    assert status == 403


def bad_signature(settings: Settings, at: int) -> Delivery:
    good = safe(settings.wechat, text_xml("o1", "你好", 1, at=at), at=at)
    return Delivery(good.query | {"signature": "0" * 40}, good.body)


def bad_body_signature(settings: Settings, at: int) -> Delivery:
    good = safe(settings.wechat, text_xml("o1", "你好", 1, at=at), at=at)
    return Delivery(good.query | {"msg_signature": "0" * 40}, good.body)


def stale(settings: Settings, at: int) -> Delivery:
    return safe(settings.wechat, text_xml("o1", "你好", 1, at=at), at=at - 700)


def another_app(settings: Settings, at: int) -> Delivery:
    return safe(settings.wechat, text_xml("o1", "你好", 1, at=at), at=at, app_id="wx9999")


def another_body(settings: Settings, at: int) -> Delivery:
    first = safe(settings.wechat, text_xml("o1", "你好", 1, at=at), at=at)
    second = safe(settings.wechat, text_xml("o2", "你好", 2, at=at), at=at)
    return Delivery(first.query, second.body)


def signed_junk(settings: Settings, at: int) -> Delivery:
    good = plain(settings.wechat, "", at=at)
    nonce = good.query["nonce"]
    junk = "QUJD" * 20
    query = good.query | {
        "encrypt_type": "aes",
        "msg_signature": signature(settings.wechat.token, str(at), nonce, junk),
    }
    return Delivery(query, f"<xml><Encrypt>{junk}</Encrypt></xml>".encode())


def unsigned(settings: Settings, at: int) -> Delivery:
    return Delivery({}, text_xml("o1", "你好", 1, at=at).encode())


def timestamp_of_words(settings: Settings, at: int) -> Delivery:
    nonce = "n"
    token = settings.wechat.token
    query = {"timestamp": "١٢", "nonce": nonce, "signature": signature(token, "١٢", nonce)}
    return Delivery(query, text_xml("o1", "你好", 1, at=at).encode())


def not_xml(body: bytes):
    def make(settings: Settings, at: int) -> Delivery:
        return Delivery(plain(settings.wechat, "", at=at).query, body)

    return make


BOMB = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">]><xml><MsgType>&a;</MsgType></xml>'
FORGED = {
    "signature": bad_signature,
    "body signature": bad_body_signature,
    "stale": stale,
    "another app": another_app,
    "another body": another_body,
    "junk": signed_junk,
    "unsigned": unsigned,
    "timestamp": timestamp_of_words,
    "empty": not_xml(b""),
    "json": not_xml(b"{}"),
    "entities": not_xml(BOMB),
    "external": not_xml(
        b'<!DOCTYPE x SYSTEM "file:///etc/passwd"><xml><MsgType>x</MsgType></xml>'
    ),
    "bad utf-8": not_xml(b"<xml><MsgType>\xff\xfe</MsgType></xml>"),
    "nul": not_xml(b"<xml><MsgType>te\x00xt</MsgType></xml>"),
    "nesting": not_xml(b"<xml>" + b"<a>" * 8000 + b"</a>" * 8000 + b"</xml>"),
    "no sender": not_xml(b"<xml><MsgType>text</MsgType><CreateTime>1</CreateTime></xml>"),
    "too long": not_xml(b"<xml>" + b"a" * 70_000 + b"</xml>"),
}


@pytest.mark.parametrize("kind", FORGED)
async def test_what_the_platform_did_not_send_is_refused_without_a_row(
    kind, client, parts, settings, at
):
    status, _ = await post(client, FORGED[kind](settings, at))
    assert 400 <= status < 500
    assert await rows(parts) == 0


async def test_three_deliveries_at_once_have_one_effect_and_one_answer(
    client, parts, settings, at
):
    delivery = safe(settings.wechat, text_xml("o1", "转人工", 7, at=at), at=at)
    answers = await asyncio.gather(*(post(client, delivery) for _ in range(3)))
    contents = {opened(settings.wechat, body)["Content"] for _, body in answers}
    assert len(contents) == 1
    assert await rows(parts) == 1


async def test_a_repeat_long_after_gets_the_same_answer(client, settings, at):
    wechat = settings.wechat
    delivery = safe(wechat, text_xml("o1", "转人工", 7, at=at), at=at)
    first = opened(wechat, (await post(client, delivery))[1])
    again = safe(wechat, text_xml("o1", "转人工", 7, at=at), at=at)
    assert opened(wechat, (await post(client, again))[1])["Content"] == first["Content"]


async def test_fifteen_senders_with_one_message_id_are_all_answered(client, parts, settings, at):
    sent = [safe(settings.wechat, text_xml(f"o{n}", "你好", 42, at=at), at=at) for n in range(15)]
    answers = await asyncio.gather(*(post(client, delivery) for delivery in sent))
    told = {opened(settings.wechat, body)["ToUserName"] for _, body in answers}
    assert told == {f"o{n}" for n in range(15)}
    assert await rows(parts) == 15


async def test_two_events_of_one_second_are_both_kept(client, parts, settings, at):
    wechat = settings.wechat
    more = "<EventKey><![CDATA[qrscene_7]]></EventKey><Ticket><![CDATA[t]]></Ticket>"
    await post(client, safe(wechat, event_xml("o1", "subscribe", at=at, more=more), at=at))
    more = "<EventKey><![CDATA[帮助]]></EventKey>"
    await post(client, safe(wechat, event_xml("o1", "CLICK", at=at, more=more), at=at))
    assert await rows(parts) == 2


async def test_a_follow_is_welcomed_and_a_tap_on_the_menu_is_words(client, settings, at):
    wechat = settings.wechat
    _, body = await post(client, safe(wechat, event_xml("o1", "subscribe", at=at), at=at))
    assert "连心桥" in opened(wechat, body)["Content"]
    more = "<EventKey><![CDATA[活动]]></EventKey>"
    _, body = await post(client, safe(wechat, event_xml("o1", "CLICK", at=at, more=more), at=at))
    assert "活动" in opened(wechat, body)["Content"]


SILENT = (
    "unsubscribe",
    "VIEW",
    "TEMPLATESENDJOBFINISH",
    "MASSSENDJOBFINISH",
    "PUBLISHJOBFINISH",
    "subscribe_msg_popup_event",
    "subscribe_msg_change_event",
    "subscribe_msg_sent_event",
    "user_info_modified",
    "LOCATION",
    "kf_create_session",
    "never_heard_of",
)


@pytest.mark.parametrize("event", SILENT)
async def test_events_that_expect_no_words_are_kept_and_answered_with_success(
    event, client, parts, settings, at
):
    status, body = await post(client, safe(settings.wechat, event_xml("o1", event, at=at), at=at))
    assert (status, body) == (200, b"success")
    assert await rows(parts) == 1


KINDS = {
    "image": "<PicUrl>http://x</PicUrl><MediaId>m1</MediaId>",
    "voice": "<MediaId>m1</MediaId><Format>amr</Format><Recognition></Recognition>",
    "video": "<MediaId>m1</MediaId><ThumbMediaId>t1</ThumbMediaId>",
    "shortvideo": "<MediaId>m1</MediaId><ThumbMediaId>t1</ThumbMediaId>",
    "location": "<Location_X>30.5</Location_X><Location_Y>114.3</Location_Y><Label></Label>",
    "link": "<Title></Title><Description>d</Description><Url>http://x</Url>",
    "file": "<Title>申请表.docx</Title><FileKey>k</FileKey>",
    "hologram": "",
}


@pytest.mark.parametrize("kind", KINDS)
async def test_every_kind_of_message_is_answered_in_words(kind, client, settings, at):
    xml = text_xml("o1", "", 5, at=at, more=KINDS[kind]).replace("[text]", f"[{kind}]")
    _, body = await post(client, safe(settings.wechat, xml, at=at))
    assert len(opened(settings.wechat, body)["Content"]) > 5


async def test_recognised_voice_is_read_as_words(client, settings, at):
    xml = text_xml("o1", "", 5, at=at, more="<Recognition>你好</Recognition>")
    xml = xml.replace("[text]", "[voice]")
    _, body = await post(client, safe(settings.wechat, xml, at=at))
    assert "您好" in opened(settings.wechat, body)["Content"]


async def test_words_that_would_break_the_answer_are_harmless(client, settings, at):
    hostile = "]]><x>\x08你好"
    xml = text_xml("o1", hostile.replace("]]>", "]]]]><![CDATA[>").replace("\x08", ""), 5, at=at)
    status, body = await post(client, safe(settings.wechat, xml, at=at))
    assert status == 200
    assert opened(settings.wechat, body)["MsgType"] == "text"


async def test_what_was_said_lies_sealed(client, parts, settings, at):
    await post(client, safe(settings.wechat, text_xml("o1", "我的秘密词", 5, at=at), at=at))
    async with parts.sessions() as work:
        row = (await work.scalars(select(Message))).one()
    assert "我的秘密词".encode() not in row.body
    inbound = INBOUND.validate_json(parts.ring.open(row.body, message.BODY))
    assert inbound.text == "我的秘密词"
    assert isinstance(inbound.key, UUID)


async def test_health_says_ok(client):
    response = await client.get("/health")
    told = await response.json()
    assert (response.status, told["status"]) == (200, "ok")
    assert told["phrasing"] is None


async def test_repeats_among_many_messages_of_one_person_are_all_answered_alike(
    client, parts, settings, at
):
    wechat = settings.wechat
    sent = [safe(wechat, text_xml("o1", "你好", n, at=at), at=at) for n in range(30)] * 3
    answers = await asyncio.gather(*(post(client, delivery) for delivery in sent))
    contents = [opened(wechat, body)["Content"] for _, body in answers]
    assert contents[:30] == contents[30:60] == contents[60:]
    assert await rows(parts) == 30
    assert not parts.in_time._running
