"""The phone in a real browser: what a person sees and can do with it."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio
from PIL import Image
from playwright.async_api import Browser, Page, ViewportSize, expect

from tests.chromium import open_browser
from tests.contract.simulator_world import ZHOU, World, open_world, sealed, text_reply

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

SHOTS = Path(__file__).parents[1] / "shots"
MENU = {
    "button": [
        {
            "name": "办事",
            "sub_button": [
                {"type": "click", "name": "金秋助学", "key": "AID"},
                {"type": "click", "name": "我的申请", "key": "MINE"},
                {"type": "view", "name": "会员资料", "url": "PAGE"},
            ],
        },
        {"type": "click", "name": "活动", "key": "EVENTS"},
        {
            "name": "找人帮忙",
            "sub_button": [
                {"type": "click", "name": "人工", "key": "STAFF"},
                {"type": "pic_photo_or_album", "name": "拍照上传", "key": "PHOTO"},
            ],
        },
    ]
}
CHOICES = (
    "您好，我在。想办哪一件？\n\n"
    '<a href="weixin://bizmsgmenu?msgmenucontent=%E9%87%91%E7%A7%8B%E5%8A%A9%E5%AD%A6&msgmenuid=1">'
    "金秋助学</a>\n"
    '<a href="weixin://bizmsgmenu?msgmenucontent=%E4%BA%BA%E5%B7%A5&msgmenuid=2">找人工</a>\n\n'
    "别的标签 <b>不算</b>，[微笑]"
)


@dataclass
class Phone:
    """A browser page that shows the phone, and the world behind it."""

    page: Page
    world: World

    async def bubble(self, words: str, side: str = "account") -> None:
        """Wait until a bubble of this side holds the words."""
        await expect(self.page.locator(f".line.{side} .said", has_text=words).last).to_be_visible()

    async def write(self, words: str) -> None:
        if await self.page.locator("#to-keyboard").is_visible():
            await self.page.click("#to-keyboard")
        await self.page.fill("#words", words)
        await self.page.click("#send")

    async def shot(self, name: str) -> None:
        SHOTS.mkdir(exist_ok=True)
        await self.page.screenshot(path=SHOTS / f"phone-{name}.png", animations="disabled")


pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with open_browser() as browser:
        yield browser


@pytest_asyncio.fixture(loop_scope="module")
async def world() -> AsyncIterator[World]:
    async with open_world() as world:
        yield world


async def open_phone(browser: Browser, world: World, width: int) -> Phone:
    size = ViewportSize(width=width, height=844 if width < 500 else 900)
    context = await browser.new_context(viewport=size, locale="zh-CN", timezone_id="Asia/Shanghai")
    page = await context.new_page()
    page.set_default_timeout(8000)
    page.on("pageerror", lambda error: pytest.fail(str(error)))
    await page.goto(f"{world.base}/")
    await expect(page.locator("#live")).to_have_text("实时")
    return Phone(page, world)


@pytest_asyncio.fixture(loop_scope="module")
async def phone(browser, world) -> AsyncIterator[Phone]:
    phone = await open_phone(browser, world, 390)
    yield phone
    await phone.page.context.close()


def picture() -> bytes:
    file = BytesIO()
    Image.new("RGB", (300, 400), "#7fb3c8").save(file, "JPEG")
    return file.getvalue()


async def test_a_written_message_is_answered_without_reload(phone):
    phone.world.bot.answer = lambda got: sealed(text_reply(got, CHOICES))
    await phone.write("你好")
    await phone.bubble("你好", "person")
    await phone.bubble("您好，我在")
    await phone.bubble("别的标签 <b>不算</b>，🙂")


async def test_a_tapped_answer_is_said_by_the_person(phone):
    phone.world.bot.answer = lambda got: sealed(text_reply(got, CHOICES))
    await phone.write("你好")
    await phone.page.click(".bubble >> text=找人工")
    await phone.bubble("人工", "person")
    got = (await phone.world.reported(2))[1]
    assert (got["Content"], got["bizmsgmenuid"]) == ("人工", "2")


async def test_enter_sends_and_shift_enter_breaks_the_line(phone):
    await phone.page.fill("#words", "第一行")
    await phone.page.press("#words", "Shift+Enter")
    await phone.page.type("#words", "第二行")
    await phone.page.press("#words", "Enter")
    assert (await phone.world.reported(1))[0]["Content"] == "第一行\n第二行"


async def test_there_is_only_the_keyboard_until_a_menu_was_made(phone):
    await expect(phone.page.locator("#words")).to_be_visible()
    await phone.world.post("/cgi-bin/menu/create", MENU)
    await phone.page.click("text=办事")
    await phone.page.click("text=我的申请")
    assert (await phone.world.reported(1))[0]["EventKey"] == "MINE"


async def test_a_photo_is_sent_and_can_be_enlarged(phone):
    await phone.page.click("#open-more")
    file = {"name": "p.jpg", "mimeType": "image/jpeg", "buffer": picture()}
    await phone.page.set_input_files("#photo-file", file)
    assert (await phone.world.reported(1))[0]["MsgType"] == "image"
    await phone.page.click(".photo")
    await expect(phone.page.locator("#viewer img")).to_be_visible()
    await phone.page.keyboard.press("Escape")
    await expect(phone.page.locator("#viewer")).to_be_hidden()


async def test_a_spoken_message_shows_what_was_understood(phone):
    await phone.page.click("#open-voice")
    await phone.page.fill("#voice-words", "我想报名")
    await phone.page.click("text=发送语音 >> visible=true")
    await phone.bubble("我想报名", "person")
    assert (await phone.world.reported(1))[0]["Recognition"] == "我想报名"


async def test_a_place_is_sent_with_its_name(phone):
    await phone.page.click("#open-more")
    await phone.page.click(".tile:has-text('位置')")
    await phone.page.fill("#place-label", "南门服务站")
    await phone.page.click("#sheet-place button[type=submit]")
    await phone.bubble("南门服务站", "person")
    assert (await phone.world.reported(1))[0]["Label"] == "南门服务站"


async def test_leaving_takes_the_keyboard_away_and_following_gives_it_back(phone):
    await phone.page.click("#open-profile")
    await phone.page.click("text=取消关注")
    await expect(phone.page.locator("#bar")).to_be_hidden()
    await phone.page.click("text=关注公众号")
    await expect(phone.page.locator("#words")).to_be_visible()
    events = [fields["Event"] for fields in await phone.world.reported(2)]
    assert events == ["unsubscribe", "subscribe"]


async def test_a_code_is_scanned_by_what_it_says(phone):
    await phone.page.click("#open-more")
    await phone.page.click(".tile:has-text('扫一扫')")
    await phone.page.fill("#scan-scene", "unit-017")
    await phone.page.click("text=扫这个码")
    got = (await phone.world.reported(1))[0]
    assert (got["Event"], got["EventKey"]) == ("SCAN", "unit-017")


async def test_another_person_has_a_chat_of_their_own(phone):
    await phone.write("我是周小禾")
    await phone.bubble("我是周小禾", "person")
    await phone.page.click("#open-people")
    await phone.page.click("#people >> text=林夜舟")
    await expect(phone.page.locator(".line")).to_have_count(0)
    await phone.write("我是林夜舟")
    assert (await phone.world.reported(2))[1]["FromUserName"].startswith("oSIM_linyezhou")


async def test_a_page_of_the_account_opens_inside_and_knows_the_person(phone):
    where = str(phone.world.bot_url.with_path("/page"))
    link = (
        "https://open.weixin.qq.com/connect/oauth2/authorize?appid=wx00000000lianxin"
        f"&redirect_uri={where}&response_type=code&scope=snsapi_base&state=s#wechat_redirect"
    )
    words = f'请填<a href="{link}">会员资料</a>'
    phone.world.bot.answer = lambda got: sealed(text_reply(got, words))
    await phone.write("资料")
    await phone.page.click(".bubble >> text=会员资料")
    inside = phone.page.frame_locator("#webview iframe")
    await expect(inside.locator("h1")).to_have_text("你好，带着 code 来的人")
    await phone.shot("390-webview")
    await phone.page.click("#webview-close")
    await expect(phone.page.locator("#webview")).to_be_hidden()


async def test_typing_shows_in_the_title(phone):
    await phone.write("在吗")
    await phone.world.reported(1)
    typing = {"touser": ZHOU, "command": "Typing"}
    await phone.world.post("/cgi-bin/message/custom/typing", typing)
    await expect(phone.page.locator("#chat-title")).to_have_text("对方正在输入…")
    await phone.world.send("在的")
    await expect(phone.page.locator("#chat-title")).to_have_text("连心桥·省直工会")


async def test_a_broken_server_shows_as_a_grey_line(phone):
    phone.world.bot.status = 500
    await phone.write("在吗")
    await expect(phone.page.locator(".system")).to_have_text(
        "该公众号提供的服务出现故障，请稍后再试"
    )
    await expect(phone.page.locator(".verdict").first).to_have_text("回答的状态码是 500")


async def test_large_letters_stay_after_a_reload(phone):
    await phone.page.click("#open-profile")
    await phone.page.check("#large")
    await phone.page.reload()
    await expect(phone.page.locator("#phone")).to_have_class("phone large")


async def test_words_are_never_run_as_code(phone):
    words = '<img src=x onerror="document.title=1"><a href="javascript:alert(1)">点</a>'
    phone.world.bot.answer = lambda got: sealed(text_reply(got, words))
    await phone.write(words)
    await phone.bubble("<img src=x onerror=")
    assert await phone.page.locator(".said img, .said a").count() == 0


async def test_the_narrow_page_fits_and_names_every_control(phone):
    page = phone.page
    assert await page.evaluate("document.documentElement.scrollWidth") == 390
    assert await page.locator("h1").count() == 1
    nameless = await page.evaluate(
        """[...document.querySelectorAll("button, input, select, textarea")]
           .filter(e => !e.ariaLabel && !e.innerText && !e.textContent.trim()
                        && !e.labels?.length && !e.title).map(e => e.id)"""
    )
    assert nameless == []


async def test_the_page_obeys_a_strict_policy(phone):
    async with phone.world.session.get(f"{phone.world.base}/") as response:
        policy, html = response.headers["Content-Security-Policy"], await response.text()
    assert "script-src 'self'; style-src 'self'" in policy
    assert " style=" not in html
    assert "<script>" not in html


async def fill(phone: Phone) -> None:
    """One of each thing that a chat can show."""
    world = phone.world
    await world.post("/cgi-bin/menu/create", MENU)
    world.bot.answer = lambda got: sealed(text_reply(got, CHOICES))
    await world.act(ZHOU, "say", text="你好，我女儿今年考上大学了，想问问助学金怎么办")
    world.bot.answer = lambda _got: b"success"
    world.pass_time(minutes=9)
    await world.act(ZHOU, "voice", text="她考上的是省里的师范大学")
    menu = {
        "head_content": "这次的回答有帮助吗？",
        "list": [{"id": "1", "content": "有帮助"}, {"id": "2", "content": "还差一点"}],
        "tail_content": "点一下就好",
    }
    await world.post(
        "/cgi-bin/message/custom/send", {"touser": ZHOU, "msgtype": "msgmenu", "msgmenu": menu}
    )
    rows = {
        "thing1": {"value": "金秋助学"},
        "character_string2": {"value": "JQ-2026-0001"},
        "phrase3": {"value": "已受理"},
        "time4": {"value": "2026-03-02 16:00"},
    }
    template = {
        "touser": ZHOU,
        "template_id": "SIM_application_progress_000000000000000001",
        "url": "https://e.example/case",
        "data": rows,
    }
    await world.post("/cgi-bin/message/template/send", template)
    await world.act(ZHOU, "location", latitude=30.5, longitude=114.3, label="工人文化宫")
    article = {
        "title": "金秋助学怎么办，一图看懂",
        "description": "谁可以申请，要带什么，多久有结果。",
        "url": "https://e.example/a",
    }
    news = {"articles": [article]}
    await world.post(
        "/cgi-bin/message/custom/send", {"touser": ZHOU, "msgtype": "news", "news": news}
    )


async def test_screenshots_of_the_narrow_page_are_taken(phone):
    await fill(phone)
    await phone.bubble("点一下就好")
    await phone.shot("390")
    await phone.page.evaluate("document.querySelector('#lines').scrollTop = 0")
    await phone.shot("390-top")
    await phone.page.click("text=办事")
    await phone.shot("390-menu")
    await phone.page.click("#to-keyboard")
    await phone.page.click("#open-more")
    await phone.shot("390-more")
    await phone.page.click("#open-people")
    await phone.shot("390-people")
    await phone.page.keyboard.press("Escape")
    await phone.page.click("#open-profile")
    await phone.shot("390-profile")
    assert {shot.stem for shot in SHOTS.glob("phone-390*.png")} >= {"phone-390", "phone-390-menu"}


async def test_on_a_wide_screen_the_inspector_stands_beside_the_phone(browser, world):
    phone = await open_phone(browser, world, 1440)
    await fill(phone)
    await phone.bubble("点一下就好")
    await phone.page.locator(".exchange.push summary").first.click()
    await expect(phone.page.locator(".exchange pre").first).to_contain_text("MsgType")
    await phone.shot("1440")
    await phone.page.click("#tab-faults")
    await phone.page.select_option("#fault-kind", "45009")
    await phone.page.click("#fault-form button[type=submit]")
    await expect(phone.page.locator("#active-faults")).to_contain_text("45009 今日额度用完")
    assert await world.send("好") == 45009
    await world.control("POST", "faults", fault="duplicate")
    await expect(phone.page.locator("#active-faults li")).to_have_count(1)
    await phone.shot("1440-faults")
    await phone.page.click("#tab-settings")
    await phone.page.check("#mode-compatible")
    await phone.page.click("text=48 小时")
    await expect(phone.page.locator("#clock")).to_contain_text("平台已拨快 2 天")
    await phone.shot("1440-settings")
    assert (await world.control("GET", "settings"))["mode"] == "compatible"
