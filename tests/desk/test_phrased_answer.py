"""A model's words on a real phone page: they come by themselves, with the grey line below."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.async_api import expect

from tests.chromium import open_browser
from tests.desk.test_whole_way import NARROW, Phone, shoot
from tests.faults.servers import Server
from tests.model_server import open_model

if TYPE_CHECKING:
    from bot.config import Settings

pytestmark = pytest.mark.timeout(240)
ZHOU = "oSIM_zhouxiaohe_0000000001"
GOOD = "怀孕7个月以上，单位不能安排您加班和上夜班。上班时间里，单位还要安排一定的休息时间。"


async def test_a_phrased_answer_comes_with_the_grey_line_and_the_next_one_without(
    settings: Settings, database_url: str
):
    async with open_model(words=GOOD) as model:
        more = {"LIANXIN_POLICY__LLM__URL": model.url, "LIANXIN_POLICY__LLM__MODEL": "qwen"}
        server = Server(database_url, settings.data_dir, ("up", "--demo"), more=more)
        await server.start()
        async with open_browser() as browser:
            page = await browser.new_page(viewport=NARROW)
            await page.add_init_script(f"localStorage.setItem('person', '{ZHOU}')")
            await page.goto(f"http://127.0.0.1:{server.port}/simulator/")
            phone = Phone(page)
            await phone.say("怀孕七个月还要加班吗", "单位不能安排您加班和上夜班")
            last = page.locator(".line.account .said").last
            await expect(last.locator(".ai")).to_have_text("内容由第三方 AI 生成")
            await expect(last).to_contain_text("依据：《女职工劳动保护特别规定》第六条")
            await shoot(page, "phrased-390")
            await phone.say("劳动合同法第三十九条", "我查了")
            await expect(page.locator(".line.account .said").last.locator(".ai")).to_have_count(0)
        assert await server.stop() == 0
