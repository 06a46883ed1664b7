"""The pages of the library in a real browser: narrow, in large print, by keyboard."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest
from playwright.async_api import ViewportSize

from tests.chromium import open_browser
from tests.unit.member.shelf import STEM, Shelf, address

if TYPE_CHECKING:
    from playwright.async_api import Browser, Page

pytestmark = pytest.mark.timeout(240)
PATHS = (
    "/policy",
    f"/policy/theme/{quote('休假与放假')}",
    address(STEM),
    address(STEM, "第二条"),
    f"/policy/search?q={quote('划船一年能休几天')}",
    "/policy/search?q=qqqq",
    "/policy/nothing",
)
# Text whose contrast with the ground behind it is below 4.5 to 1 (WCAG 2.2, 1.4.3).
FAINT = """() => {
  const parse = (text) => { const n = text.match(/[\\d.]+/g).map(Number);
    return { rgb: n.slice(0, 3), a: n[3] ?? 1 }; };
  const light = (rgb) => { const [r, g, b] = rgb.map((v) => { v /= 255;
    return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
  const over = (top, ground) => top.rgb.map((v, i) => v * top.a + ground[i] * (1 - top.a));
  const ground = (element) => { const layers = [];
    for (let e = element; e; e = e.parentElement)
      layers.push(parse(getComputedStyle(e).backgroundColor));
    return layers.reverse().reduce((below, layer) => over(layer, below), [255, 255, 255]); };
  const faint = [];
  for (const element of document.body.querySelectorAll("*")) {
    const own = [...element.childNodes].some((n) => n.nodeType === 3 && n.data.trim());
    if (!own || !element.checkVisibility()) continue;
    const behind = ground(element);
    const ink = over(parse(getComputedStyle(element).color), behind);
    const [a, b] = [light(ink), light(behind)].sort((x, y) => y - x);
    const ratio = (a + 0.05) / (b + 0.05);
    if (ratio < 4.5) faint.push(`${ratio.toFixed(2)} ${element.textContent.trim().slice(0, 20)}`);
  }
  return faint;
}"""
SIDEWAYS = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
LOW = """() => [...document.querySelectorAll("button, input:not([type=hidden])")]
  .filter((each) => each.getBoundingClientRect().height < 40).map((each) => each.outerHTML)"""
FOCUSED = "() => document.activeElement.textContent.trim() || document.activeElement.id"


async def opened(browser: Browser, width: int, *, dark: bool = False) -> Page:
    """A page of this width in which no script of ours could run."""
    context = await browser.new_context(
        viewport=ViewportSize(width=width, height=800), color_scheme="dark" if dark else "light"
    )
    return await context.new_page()


async def checked(page: Page, shelf: Shelf) -> None:
    """Every page fits its width, is dark enough to read, and can be hit with a thumb."""
    for path in PATHS:
        await page.goto(shelf.url.rstrip("/") + path)
        assert await page.evaluate(SIDEWAYS) == 0, path
        assert await page.evaluate(FAINT) == [], path
        assert await page.evaluate(LOW) == [], path


async def test_every_page_can_be_read_on_narrow_phones_in_both_prints(shelf: Shelf):
    async with open_browser() as browser:
        for width, dark in ((390, False), (320, True)):
            page = await opened(browser, width, dark=dark)
            await checked(page, shelf)
            small = await size_of_text(page, shelf)
            await page.click("text=换大字")
            assert await size_of_text(page, shelf) > 1.3 * small
            await checked(page, shelf)


async def test_letters_twice_as_large_still_fit(shelf: Shelf):
    async with open_browser() as browser:
        page = await opened(browser, 320)
        for path in PATHS:
            await page.goto(shelf.url.rstrip("/") + path)
            await page.evaluate("() => { document.documentElement.style.fontSize = '200%'; }")
            assert await page.evaluate(SIDEWAYS) == 0, path


async def size_of_text(page: Page, shelf: Shelf) -> float:
    """Height of the letters of an article, in pixels."""
    await page.goto(shelf.url.rstrip("/") + address(STEM, "第二条"))
    script = "() => parseFloat(getComputedStyle(document.querySelector('.text')).fontSize)"
    return float(await page.evaluate(script))


async def test_the_keyboard_goes_through_a_page_from_top_to_bottom(shelf: Shelf):
    async with open_browser() as browser:
        page = await opened(browser, 390)
        await page.goto(shelf.url.rstrip("/") + address(STEM, "第二条"))
        stops = []
        for _ in range(7):
            await page.keyboard.press("Tab")
            stops.append(await page.evaluate(FOCUSED))
        assert stops == [
            "跳到正文",
            "工会政策",
            "换大字",
            "q",
            "搜索",
            "《东湖休息法》",
            "看大白话解释",
        ]
        await page.keyboard.press("Enter")
        assert page.url.endswith("#plainly")
        await page.fill("#q", "船灯")
        await page.keyboard.press("Enter")
        await page.wait_for_url("**/policy/search?q=*")
        assert await page.locator("mark").first.inner_text() == "船灯"
