"""The other calls of the API: people, tags, menu, media, QR codes, notices, logins, quotas."""

from __future__ import annotations

import json
from io import BytesIO
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import aiohttp
import pytest
from yarl import URL

from tests.contract.simulator_world import (
    ACCOUNT,
    LIN,
    SEND,
    STRANGER,
    ZHOU,
    Json,
    World,
    open_world,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

TEMPLATE, NOTICE = "/cgi-bin/message/template/send", "/cgi-bin/message/subscribe/bizsend"
PROGRESS = "SIM_application_progress_000000000000000001"
ROWS = {
    "thing1": {"value": "金秋助学"},
    "character_string2": {"value": "JQ-2026-0001"},
    "phrase3": {"value": "已受理"},
    "time4": {"value": "2026-03-02 16:00"},
}
CLICK = {"type": "click", "name": "我的", "key": "MINE"}
PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 20


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with open_world() as world:
        yield world


async def code_of(world: World, path: str, body: Json) -> int:
    return int((await world.post(path, body)).get("errcode", 0))


async def upload(world: World, kind: str, name: str, content: bytes) -> Json:
    form = aiohttp.FormData()
    form.add_field("media", BytesIO(content), filename=name)
    return await world.call("POST", "/cgi-bin/media/upload", None, data=form, type=kind)


async def test_a_follower_is_described_without_name_or_face(world):
    found = await world.get("/cgi-bin/user/info", openid=ZHOU)
    assert (found["subscribe"], found["subscribe_time"]) == (1, 1772438400)
    assert (found["nickname"], found["headimgurl"]) == ("", "")


async def test_whoever_does_not_follow_is_nearly_unknown(world):
    found = await world.get("/cgi-bin/user/info", openid=STRANGER)
    assert found == {"subscribe": 0, "openid": STRANGER}


async def test_a_scene_is_remembered_with_the_follower(world):
    await world.act(STRANGER, "scan", scene="unit-17")
    found = await world.get("/cgi-bin/user/info", openid=STRANGER)
    assert (found["subscribe_scene"], found["qr_scene_str"]) == ("ADD_SCENE_QR_CODE", "unit-17")


async def test_several_followers_are_described_at_once(world):
    asked = {"user_list": [{"openid": ZHOU}, {"openid": LIN}]}
    found = await world.post("/cgi-bin/user/info/batchget", asked)
    assert [each["openid"] for each in found["user_info_list"]] == [ZHOU, LIN]
    too_many = {"user_list": [{"openid": ZHOU}] * 101}
    assert await code_of(world, "/cgi-bin/user/info/batchget", too_many) == 40032


async def test_the_list_of_followers_ends_without_data(world):
    first = await world.get("/cgi-bin/user/get")
    assert (first["total"], first["count"]) == (6, 6)
    assert STRANGER not in first["data"]["openid"]
    last = await world.get("/cgi-bin/user/get", next_openid=first["next_openid"])
    assert last == {"total": 6, "count": 0, "next_openid": ""}


async def test_tags_are_put_on_people_and_taken_off(world):
    made = await world.post("/cgi-bin/tags/create", {"tag": {"name": "保洁"}})
    number = made["tag"]["id"]
    both = {"openid_list": [ZHOU, LIN], "tagid": number}
    await world.post("/cgi-bin/tags/members/batchtagging", both)
    found = await world.call("GET", "/cgi-bin/user/tag/get", None, data=f'{{"tagid": {number}}}')
    assert found["data"]["openid"] == [ZHOU, LIN]
    one = {"openid_list": [LIN], "tagid": number}
    await world.post("/cgi-bin/tags/members/batchuntagging", one)
    assert (await world.get("/cgi-bin/tags/get"))["tags"] == [
        {"id": number, "name": "保洁", "count": 1}
    ]
    found = await world.post("/cgi-bin/tags/getidlist", {"openid": ZHOU})
    assert found["tagid_list"] == [number]


@pytest.mark.parametrize(
    ("path", "body", "code"),
    [
        ("create", {"tag": {"name": "很长很长很长很长很长的名字"}}, 45158),
        ("create", {"tag": {"name": ""}}, 45157),
        ("update", {"tag": {"id": 2, "name": "星标"}}, 45058),
        ("delete", {"tag": {"id": 999}}, 45159),
        ("members/batchtagging", {"openid_list": [ZHOU], "tagid": 999}, 45159),
        ("members/batchtagging", {"openid_list": [ZHOU] * 51, "tagid": 100}, 40032),
        ("members/batchtagging", {"openid_list": ["oNobody"], "tagid": 100}, 49003),
        ("members/batchblacklist", {"openid_list": [ZHOU] * 21}, 40032),
    ],
)
async def test_wrong_tags_are_refused(world, path, body, code):
    assert await code_of(world, f"/cgi-bin/tags/{path}", body) == code


async def test_a_follower_bears_twenty_tags_and_an_account_a_hundred(world):
    for number in range(100):
        await world.post("/cgi-bin/tags/create", {"tag": {"name": f"t{number}"}})
    assert await code_of(world, "/cgi-bin/tags/create", {"tag": {"name": "more"}}) == 45056
    path = "/cgi-bin/tags/members/batchtagging"
    codes = [
        await code_of(world, path, {"openid_list": [ZHOU], "tagid": 100 + number})
        for number in range(21)
    ]
    assert codes == [0] * 20 + [45059]


async def test_a_tag_is_renamed_and_deleted_with_what_it_marked(world):
    number = (await world.post("/cgi-bin/tags/create", {"tag": {"name": "旧名"}}))["tag"]["id"]
    await world.post(
        "/cgi-bin/tags/members/batchtagging", {"openid_list": [ZHOU], "tagid": number}
    )
    await world.post("/cgi-bin/tags/update", {"tag": {"id": number, "name": "新名"}})
    assert (await world.get("/cgi-bin/tags/get"))["tags"][0]["name"] == "新名"
    await world.post("/cgi-bin/tags/delete", {"tag": {"id": number}})
    assert (await world.get("/cgi-bin/user/info", openid=ZHOU))["tagid_list"] == []


async def test_a_tag_name_is_given_once(world):
    tag = {"tag": {"name": "保洁"}}
    codes = [await code_of(world, "/cgi-bin/tags/create", tag) for _ in range(2)]
    assert codes == [0, 45157]


async def test_the_blacklist_can_be_read(world):
    await world.post("/cgi-bin/tags/members/batchblacklist", {"openid_list": [LIN, ZHOU]})
    listed = await world.post("/cgi-bin/tags/members/getblacklist", {"begin_openid": ""})
    assert (listed["total"], listed["data"]["openid"]) == (2, [ZHOU, LIN])
    rest = await world.post("/cgi-bin/tags/members/getblacklist", {"begin_openid": ZHOU})
    assert rest["data"]["openid"] == [LIN]


async def test_a_remark_of_less_than_thirty_characters_is_kept(world):
    path = "/cgi-bin/user/info/updateremark"
    assert await code_of(world, path, {"openid": ZHOU, "remark": "字" * 29}) == 0
    assert (await world.get("/cgi-bin/user/info", openid=ZHOU))["remark"] == "字" * 29
    assert await code_of(world, path, {"openid": ZHOU, "remark": "字" * 30}) == 40035


async def test_a_page_of_followers_begins_behind_a_known_one(world):
    assert (await world.get("/cgi-bin/user/get", next_openid="oNobody"))["errcode"] == 40003


async def test_a_menu_is_read_back_as_it_was_made(world):
    assert (await world.get("/cgi-bin/menu/get"))["errcode"] == 46003
    view = {"type": "view", "name": "看", "url": "https://e.example/"}
    menu = {"button": [CLICK, {"name": "更多", "sub_button": [view]}]}
    assert await code_of(world, "/cgi-bin/menu/create", menu) == 0
    read = (await world.get("/cgi-bin/menu/get"))["menu"]["button"]
    assert read[0] == {**CLICK, "sub_button": []}
    assert read[1]["sub_button"] == [{**view, "sub_button": []}]
    await world.get("/cgi-bin/menu/delete")
    assert (await world.get("/cgi-bin/menu/get"))["errcode"] == 46003


@pytest.mark.parametrize(
    ("buttons", "code"),
    [
        ([], 40016),
        ([CLICK] * 4, 40016),
        ([{**CLICK, "name": "名字实在太长"}], 40018),
        ([{**CLICK, "type": "shout"}], 40017),
        ([{**CLICK, "key": ""}], 40019),
        ([{"type": "view", "name": "看", "url": "u" * 1025}], 40020),
        ([{"name": "多", "sub_button": [CLICK] * 6}], 40023),
        ([{"name": "多", "sub_button": [{**CLICK, "name": "长" * 21}]}], 40025),
        ([{"name": "多", "sub_button": [{**CLICK, "key": "k" * 129}]}], 40026),
    ],
)
async def test_a_menu_beyond_the_limits_is_refused(world, buttons, code):
    assert await code_of(world, "/cgi-bin/menu/create", {"button": buttons}) == code


async def test_taps_on_the_menu_are_events(world):
    kinds = ("click", "scancode_push", "scancode_waitmsg")
    buttons = [{"type": kind, "name": "钮", "key": kind} for kind in kinds]
    view = {"type": "view", "name": "看", "url": "https://e.example/"}
    menu = {"button": [{"name": "钮", "sub_button": [*buttons, view]}]}
    await world.post("/cgi-bin/menu/create", menu)
    await world.act(ZHOU, "menu", key="click")
    assert (world.bot.last["Event"], world.bot.last["EventKey"]) == ("CLICK", "click")
    await world.act(ZHOU, "menu", key="scancode_waitmsg", scanned="票号 17")
    assert world.bot.last["ScanCodeInfo"] == {"ScanType": "qrcode", "ScanResult": "票号 17"}
    await world.act(ZHOU, "menu", key="https://e.example/")
    assert (world.bot.last["Event"], world.bot.last["EventKey"]) == (
        "VIEW",
        "https://e.example/",
    )


async def test_a_place_button_tells_its_event_first(world):
    button = {"type": "location_select", "name": "在哪", "key": "WHERE"}
    await world.post("/cgi-bin/menu/create", {"button": [button]})
    await world.act(ZHOU, "location", latitude=30.5, longitude=114.3, label="宫", key="WHERE")
    first, second = (delivery.fields for delivery in world.bot.deliveries)
    assert (first["Event"], first["SendLocationInfo"]["Poiname"]) == ("location_select", "宫")
    assert second["MsgType"] == "location"


async def test_a_button_does_only_what_it_is_for(world):
    photo_button = {"type": "pic_weixin", "name": "照片", "key": "PHOTO"}
    await world.post("/cgi-bin/menu/create", {"button": [CLICK, photo_button]})
    tapped = await world.act(ZHOU, "menu", key="PHOTO")
    assert tapped["error"] == "按钮“照片”要先选照片或位置"
    placed = await world.act(ZHOU, "location", latitude=1, longitude=1, key="MINE")
    assert placed["error"] == "按钮“我的”不是位置按钮"
    assert world.bot.deliveries == []


async def test_a_button_that_is_not_there_cannot_be_tapped(world):
    assert (await world.act(ZHOU, "menu", key="MINE"))["error"] == "菜单里没有这个按钮"


async def photo(world: World, content: bytes, query: str = "") -> Json:
    form = aiohttp.FormData()
    form.add_field("photo", BytesIO(content), filename="p.png")
    url = f"{world.base}/people/{ZHOU}/photo?wait=1{query}"
    async with world.session.post(url, data=form) as response:
        return {"status": response.status} if response.status >= 400 else await response.json()


async def test_a_photo_arrives_with_a_picture_to_fetch(world):
    await photo(world, PNG)
    got = world.bot.last
    assert got["MsgType"] == "image"
    async with world.session.get(got["PicUrl"]) as response:
        assert (await response.read(), response.content_type) == (PNG, "image/png")


async def test_a_photo_larger_than_a_page_may_be_arrives_whole(world):
    await photo(world, PNG + b"0" * (3 << 20))
    async with world.session.get(world.bot.last["PicUrl"]) as response:
        assert len(await response.read()) == len(PNG) + (3 << 20)


async def test_what_is_no_picture_is_not_sent_as_a_photo(world):
    assert await photo(world, b"<svg onload=alert(1)>") == {"status": 415}


async def test_a_photo_button_tells_its_event_first(world):
    button = {"type": "pic_photo_or_album", "name": "拍照", "key": "PHOTO"}
    await world.post("/cgi-bin/menu/create", {"button": [button]})
    await photo(world, PNG, "&key=PHOTO")
    first, second = (delivery.fields for delivery in world.bot.deliveries)
    assert (first["Event"], first["SendPicsInfo"]["Count"]) == ("pic_photo_or_album", "1")
    assert second["MsgType"] == "image"


async def fetch(world: World, media_id: str) -> tuple[str, bytes]:
    url = f"{world.base}/api.weixin.qq.com/cgi-bin/media/get"
    query = {"access_token": await world.token(), "media_id": media_id}
    async with world.session.get(url, params=query) as response:
        return response.content_type, await response.read()


async def test_media_live_three_days(world):
    media_id = (await upload(world, "image", "a.png", PNG))["media_id"]
    world.pass_time(days=3, seconds=-1)
    assert await fetch(world, media_id) == ("image/png", PNG)
    world.pass_time(seconds=1)
    kind, body = await fetch(world, media_id)
    assert kind == "application/json"
    assert b'"errcode": 40007' in body


async def test_a_photo_of_a_person_can_be_fetched_by_its_media_id(world):
    await photo(world, PNG)
    assert await fetch(world, world.bot.last["MediaId"]) == ("image/png", PNG)


@pytest.mark.parametrize(
    ("kind", "name", "content", "code"),
    [
        ("sculpture", "a.jpg", b"x", 40004),
        ("image", "a.exe", b"x", 40005),
        ("image", "a.jpg", b"", 41005),
        pytest.param("image", "a.jpg", b"x" * (10 << 20) + b"x", 40009, id="image too large"),
        pytest.param("voice", "a.mp3", b"x" * (2 << 20) + b"x", 40010, id="voice too large"),
        pytest.param("thumb", "a.jpg", b"x" * (64 << 10) + b"x", 40012, id="thumb too large"),
    ],
)
async def test_a_wrong_upload_is_refused(world, kind, name, content, code):
    assert (await upload(world, kind, name, content))["errcode"] == code


async def test_a_film_is_fetched_by_its_address(world):
    film = b"\0\0\0\x18ftypmp42"
    media_id = (await upload(world, "video", "a.mp4", film))["media_id"]
    _, body = await fetch(world, media_id)
    async with world.session.get(json.loads(body)["video_url"]) as response:
        assert (response.content_type, await response.read()) == ("video/mp4", film)


async def make_code(world: World, action: str, **scene: object) -> Json:
    body = {"action_name": action, "action_info": {"scene": scene}, "expire_seconds": 60}
    return await world.post("/cgi-bin/qrcode/create", body)


async def picture_status(world: World, ticket: str) -> int:
    url = URL(f"{world.base}/mp.weixin.qq.com/cgi-bin/showqrcode") % {"ticket": ticket}
    async with world.session.get(url) as response:
        return response.status


async def test_a_qr_code_shows_until_it_expires(world):
    ticket = (await make_code(world, "QR_STR_SCENE", scene_str="event-3"))["ticket"]
    assert await picture_status(world, ticket) == 200
    await world.act(ZHOU, "scan", scene="event-3")
    assert world.bot.last["Ticket"] == ticket
    world.pass_time(seconds=60)
    assert await picture_status(world, ticket) == 404


async def test_a_permanent_qr_code_does_not_expire(world):
    made = await make_code(world, "QR_LIMIT_SCENE", scene_id=17)
    assert "expire_seconds" not in made
    world.pass_time(days=400)
    assert await picture_status(world, made["ticket"]) == 200


@pytest.mark.parametrize(
    ("action", "scene"),
    [
        ("QR_SCENE", {"scene_id": 0}),
        ("QR_LIMIT_SCENE", {"scene_id": 100_001}),
        ("QR_STR_SCENE", {"scene_str": "s" * 65}),
        ("QR_OTHER", {"scene_id": 1}),
    ],
)
async def test_a_wrong_scene_is_refused(world, action, scene):
    assert (await make_code(world, action, **scene))["errcode"] == 40053


async def template(world: World, **changed: object) -> Json:
    body = {"touser": ZHOU, "template_id": PROGRESS, "data": ROWS, **changed}
    return await world.post(TEMPLATE, body)


async def test_a_template_message_is_shown_and_reported(world):
    sent = await template(world, url="https://e.example/case")
    assert sent["errcode"] == 0
    line = (await world.chat())[-1]
    assert (line["title"], line["url"]) == ("申请进度通知", "https://e.example/case")
    assert line["items"][2] == {"key": "当前进度", "words": "已受理"}
    report = (await world.reported(1))[0]
    assert (report["Event"], report["Status"]) == ("TEMPLATESENDJOBFINISH", "success")
    assert report["MsgID"] == str(sent["msgid"])


async def test_whoever_switched_messages_off_gets_no_template(world):
    await world.act(ZHOU, "receive", on=False)
    await template(world)
    assert (await world.reported(1))[0]["Status"] == "failed:user block"
    assert await world.chat() == []


async def test_a_report_may_come_twice(world):
    await world.control("POST", "settings", job_twice=True)
    await template(world)
    first, second = await world.reported(2)
    assert first["MsgID"] == second["MsgID"]


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"touser": "oNobody"}, 40003),
        ({"touser": STRANGER}, 43004),
        ({"template_id": "other"}, 40037),
    ],
)
async def test_a_template_needs_a_follower_and_a_known_id(world, changed, code):
    assert (await template(world, **changed))["errcode"] == code


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("thing1", "二十一个字的事项名称实在是太长太长太长太长了"),
        ("character_string2", "编号"),
        ("phrase3", "OK"),
        ("time4", "昨天"),
    ],
)
async def test_a_value_of_the_wrong_type_is_named(world, key, value):
    refused = await template(world, data={**ROWS, key: {"value": value}})
    assert refused["errcode"] == 47003
    assert refused["errmsg"].startswith(f"argument invalid! data.{key}.value invalid rid: ")


async def test_a_missing_or_surplus_key_is_named(world):
    fewer = {key: row for key, row in ROWS.items() if key != "time4"}
    assert "data.time4.value" in (await template(world, data=fewer))["errmsg"]
    more = {**ROWS, "thing9": {"value": "多"}}
    assert "data.thing9.value" in (await template(world, data=more))["errmsg"]


async def test_the_same_client_message_id_is_sent_once_in_ten_minutes(world):
    first = await template(world, client_msg_id="c1")
    again = await template(world, client_msg_id="c1")
    assert (again["msgid"], len(await world.chat())) == (first["msgid"], 1)
    world.pass_time(minutes=10)
    assert (await template(world, client_msg_id="c1"))["msgid"] != first["msgid"]


async def notice(world: World) -> int:
    return await code_of(world, NOTICE, {"touser": ZHOU, "template_id": PROGRESS, "data": ROWS})


async def test_one_accepted_request_is_good_for_one_notice(world):
    assert await notice(world) == 43101
    await world.act(ZHOU, "accept-notice", template_id=PROGRESS)
    assert [await notice(world), await notice(world)] == [0, 43101]
    entry = (await world.reported(2))[1]["SubscribeMsgSentEvent"]["List"]
    assert (entry["TemplateId"], entry["ErrorCode"]) == (PROGRESS, "0")


async def test_templates_are_listed_with_their_rows(world):
    found = await world.get("/cgi-bin/template/get_all_private_template")
    assert found["template_list"][0]["template_id"] == PROGRESS
    assert "当前进度:{{phrase3.DATA}}" in found["template_list"][0]["content"]


async def authorize(world: World, person: str = ZHOU, **changed: str) -> tuple[int, str]:
    query = {
        "appid": ACCOUNT.app_id,
        "redirect_uri": "http://127.0.0.1:8080/member/mine?tab=1",
        "response_type": "code",
        "scope": "snsapi_base",
        "state": "s1",
        **changed,
    }
    url = URL(f"{world.base}/open.weixin.qq.com/connect/oauth2/authorize") % query
    cookies = {"Cookie": f"simulator_person={person}"}
    async with world.session.get(url, headers=cookies, allow_redirects=False) as response:
        return response.status, response.headers.get("Location", "")


async def redeem(world: World, code: str, **changed: str) -> Json:
    query = {"appid": ACCOUNT.app_id, "secret": "s3cret", "code": code, **changed}
    path = "/sns/oauth2/access_token"
    return await world.get(path, token="", grant_type="authorization_code", **query)


async def login(world: World, **changed: str) -> str:
    _, location = await authorize(world, **changed)
    return parse_qs(urlsplit(location).query)["code"][0]


async def test_a_login_comes_back_with_a_code_and_the_state(world):
    status, location = await authorize(world)
    query = parse_qs(urlsplit(location).query)
    assert (status, query["tab"], query["state"]) == (302, ["1"], ["s1"])
    assert location.startswith("http://127.0.0.1:8080/member/mine?")


async def test_a_code_tells_who_holds_the_phone_and_is_good_once(world):
    code = await login(world, person=LIN)
    assert (await redeem(world, code))["openid"] == LIN
    assert (await redeem(world, code))["errcode"] == 40163


async def test_a_code_is_good_for_five_minutes(world):
    code = await login(world)
    world.pass_time(minutes=5)
    assert (await redeem(world, code))["errcode"] == 42003


async def test_a_code_that_was_never_given_out_is_refused(world):
    assert (await redeem(world, "made-up"))["errcode"] == 40029
    assert (await redeem(world, ""))["errcode"] == 41008
    assert (await redeem(world, "any", secret="wrong"))["errcode"] == 40125


async def test_name_and_face_need_the_wider_scope(world):
    narrow = await redeem(world, await login(world))
    query = {"token": narrow["access_token"], "openid": ZHOU}
    assert (await world.get("/sns/userinfo", **query))["errcode"] == 48001
    wide = await redeem(world, await login(world, scope="snsapi_userinfo"))
    found = await world.get("/sns/userinfo", token=wide["access_token"], openid=ZHOU)
    assert (found["nickname"], found["sex"]) == ("周小禾", 0)


@pytest.mark.parametrize(
    "changed",
    [
        {"appid": "wxother"},
        {"scope": "all"},
        {"response_type": "token"},
        {"state": "s" * 129},
        {"redirect_uri": "https://elsewhere.example/"},
    ],
)
async def test_a_wrong_login_link_is_not_followed(world, changed):
    assert (await authorize(world, **changed))[0] == 400


async def test_a_web_token_is_good_for_its_own_person_and_two_hours(world):
    wide = await redeem(world, await login(world, scope="snsapi_userinfo"))
    token = wide["access_token"]
    assert (await world.get("/sns/userinfo", token=token, openid=LIN))["errcode"] == 40003
    assert (await world.get("/sns/userinfo", token="made-up", openid=ZHOU))["errcode"] == 40001
    world.pass_time(hours=2)
    assert (await world.get("/sns/userinfo", token=token, openid=ZHOU))["errcode"] == 42001


async def test_the_quota_of_a_call_is_told(world):
    await world.get("/cgi-bin/menu/get")
    found = await world.post("/cgi-bin/openapi/quota/get", {"cgi_path": "/cgi-bin/menu/get"})
    assert found["quota"] == {"daily_limit": 10000, "used": 1, "remain": 9999}
    unknown = {"cgi_path": "/cgi-bin/other"}
    assert await code_of(world, "/cgi-bin/openapi/quota/get", unknown) == 76021


async def test_a_cleared_quota_starts_again(world):
    await world.act(ZHOU, "say", text="你好")
    await world.control("POST", "quotas", path=SEND)
    assert await world.send("好") == 45009
    await world.post("/cgi-bin/clear_quota", {"appid": ACCOUNT.app_id})
    assert await world.send("好") == 0


async def test_quotas_are_cleared_ten_times_a_month(world):
    body = {"appid": ACCOUNT.app_id, "appsecret": "s3cret"}
    path = "/cgi-bin/clear_quota/v2"
    codes = [(await world.post(path, body, token=""))["errcode"] for _ in range(11)]
    assert codes == [0] * 10 + [48006]


async def test_only_the_account_itself_clears_its_quotas(world):
    path = "/cgi-bin/clear_quota"
    assert await code_of(world, path, {"appid": "wxother"}) == 40013
    body = {"appid": ACCOUNT.app_id, "appsecret": "wrong"}
    assert (await world.post(f"{path}/v2", body, token=""))["errcode"] == 40125


async def test_the_addresses_of_pushes_are_told(world):
    assert await world.get("/cgi-bin/getcallbackip") == {"ip_list": ["127.0.0.1"]}
