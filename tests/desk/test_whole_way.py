"""The whole way in a real browser: applied for on the phone, approved at the desk."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.async_api import FilePayload, Page, ViewportSize, expect

from bot.demo import PASSWORD
from tests.chromium import open_browser
from tests.faults.servers import Server
from tests.scenario.world import photo

if TYPE_CHECKING:
    from playwright.async_api import Browser

    from bot.config import Settings

pytestmark = pytest.mark.timeout(240)
JIANG = "oSIM_jiangzhiyuan_0000000003"
SHOTS = Path(__file__).parents[1] / "shots"
NARROW, WIDE = ViewportSize(width=390, height=844), ViewportSize(width=1440, height=900)
ANSWERS = (
    ("江小满", "孩子是您的什么人"),
    ("女儿", "什么学段"),
    ("本科", "学校的全名"),
    ("东湖大学", "哪一年"),
    ("2026", "困难职工档案"),
    ("没有建档", "哪方面困难"),
    ("几个孩子上学", "一共收入多少钱"),
    ("四万二", "还用这个吗"),
    ("就用这个", "打到哪张卡"),
    ("4000000000000002", "家庭"),
    ("没有了", "还有什么"),
    ("跳过", "照片"),
)


class Phone:
    """The simulated phone of one person."""

    def __init__(self, page: Page) -> None:
        self.page = page

    async def say(self, words: str, answer: str) -> None:
        """Type and send; wait until the answer holds these words."""
        if await self.page.locator("#to-keyboard").is_visible():
            await self.page.click("#to-keyboard")
        await self.page.fill("#words", words)
        await self.page.click("#send")
        await self.read(answer)

    async def read(self, words: str) -> None:
        """Wait until the last bubble of the account holds the words."""
        bubble = self.page.locator(".line.account .said").last
        await expect(bubble).to_contain_text(words, timeout=15_000)


async def sign_in(browser: Browser, address: str, viewport: ViewportSize) -> Page:
    """An officer at the desk."""
    page = await browser.new_page(viewport=viewport)
    await page.goto(f"{address}/desk/")
    await page.fill("#login", "gonghui")
    await page.fill("#password", PASSWORD)
    await page.click("button:has-text('登录')")
    await expect(page.locator("h1")).to_be_visible()
    return page


async def shoot(page: Page, name: str) -> None:
    """A picture to look at."""
    SHOTS.mkdir(exist_ok=True)
    await page.screenshot(path=SHOTS / f"{name}.png", animations="disabled")


async def test_a_member_applies_with_a_photo_and_reads_the_approval(
    settings: Settings, database_url: str
):
    server = Server(database_url, settings.data_dir, ("up", "--demo"))
    await server.start()
    address = f"http://127.0.0.1:{server.port}"
    async with open_browser() as browser:
        page = await browser.new_page(viewport=NARROW)
        await page.add_init_script(f"localStorage.setItem('person', '{JIANG}')")
        await page.goto(f"{address}/simulator/")
        phone = Phone(page)
        await apply(phone)
        await decide(browser, address)
        await phone.read("助学款下月发放")
        await shoot(page, "whole-way-phone-390")
        await page.set_viewport_size(WIDE)
        await shoot(page, "whole-way-phone-1440")
    assert await server.stop() == 0


async def apply(phone: Phone) -> None:
    """Fill in the form to the end, with a question in between and a photo."""
    await phone.say("女儿考上大学了，我想申请金秋助学", "您同意吗")
    await phone.say("同意", "孩子叫什么名字")
    await phone.say("产假有多少天", "98天")
    for words, following in ANSWERS:
        await phone.say(words, following)
    letter = FilePayload(name="letter.jpg", mimeType="image/jpeg", buffer=photo())
    await phone.page.set_input_files("#photo-file", [letter])
    await phone.read("已收到 1 张")
    await phone.say("完成", "确认提交")
    await phone.say("确认提交", "提交好了")


async def decide(browser: Browser, address: str) -> None:
    """An officer opens the case, looks at it, and approves."""
    desk = await sign_in(browser, address, WIDE)
    await shoot(desk, "whole-way-inbox-1440")
    await desk.goto(f"{address}/desk/cases")
    await desk.click("tbody a >> nth=0")
    await desk.fill("#why-open", "审核助学申请")
    await desk.click("button:has-text('打开')")
    picture = desk.locator("img[src^='/desk/evidence/']").first
    await picture.scroll_into_view_if_needed()
    await desk.wait_for_function("[...document.images].every((each) => each.complete)")
    await shoot(desk, "whole-way-case-1440")
    await desk.set_viewport_size(NARROW)
    await shoot(desk, "whole-way-case-390")
    await desk.check("[name=decision][value=approved]")
    await desk.fill("#sentence", "材料齐全，助学款下月发放。")
    await desk.click("button:has-text('提交结果并告诉申请人')")
    await expect(desk.locator("body")).to_contain_text("审核通过")
