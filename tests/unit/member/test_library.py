"""Members read policy by theme, by law and by article, and find what they look for."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import quote

from nlp.statute import article_number
from tests.unit.member.shelf import LAW, NIGHT, REST, STEM, Shelf, address, many, open_shelf

if TYPE_CHECKING:
    from models.db import Sessions

THEME = f"/policy/theme/{quote('休假与放假')}"
LARGE = re.compile(r'<html[^>]*class="large"')


def words(html: str) -> str:
    """What is read of a page, without blanks."""
    return re.sub(r"\s+", "", re.sub(r"<[^>]+>", "", html))


async def test_the_first_page_tells_themes_with_questions_and_laws(shelf: Shelf):
    page = await shelf.open("/policy")
    assert "2个回答" in words(page)
    assert f'{address(STEM, "第二条")}#rest-days">划船一年能休几天</a>' in page
    assert f'href="{THEME}"' in page
    assert "全部法规（1部）" in words(page)
    assert "工资与加班" not in page, "a theme without answers is not offered"
    assert (await shelf.open("/policy/")) == page.replace('value="/policy"', 'value="/policy/"')


async def test_a_theme_shows_answers_in_force_today_and_no_others(shelf: Shelf):
    page = await shelf.open(THEME)
    assert "划船满1年，一年可以歇12天。" in words(page)
    assert "例外：夜里划船的另外算。" in words(page)
    assert "建议：把划船的记录留好，去找班长登记。" in words(page)
    assert f'href="{address(STEM, "第四条")}#night-days"' in page
    assert "9天" not in words(page)
    assert "没有核对过" not in page


async def test_a_long_theme_goes_on_on_further_pages(sessions: Sessions):
    async with open_shelf(sessions, many(45)) as shelf:
        path = f"/policy/theme/{quote('安全生产')}"
        first, last = await shelf.open(path), await shelf.open(f"{path}?page=3")
        assert "第1页，共3页" in words(first)
        assert first.count('class="card"') == 20
        assert last.count('class="card"') == 5
        assert "（接上页）" in last
        assert "下一页" not in last
        assert "没有找到这一页" in await shelf.open(f"{path}?page=4", 404)
        assert "没有找到这一页" in await shelf.open(f"{path}?page=x", 404)


async def test_an_article_is_read_with_its_place_its_items_and_its_plain_words(shelf: Shelf):
    page = await shelf.open(address(STEM, "第二条"))
    assert "《东湖休息法》›第二章休息›第一节天数" in words(page)
    assert '<p class="line level-1">（一）夜里划船的；</p>' in page
    assert '<span class="figure">12天</span>' in page
    assert '<span class="figure">百分之三百</span>' in page
    assert "说人话划船一年能休几天划船满1年，一年可以歇12天。" in words(page)
    assert "2011年4月5日公布" in words(page)
    assert "本条施行自2001年5月1日起" in words(page)
    assert "适用范围全国" in words(page)
    assert "上一条：第一条" in page
    assert "下一条：第三条" in page
    assert "第四条本条里提到" in words(page)


async def test_beside_an_article_stand_those_that_answer_nearly_the_same(sessions: Sessions):
    near = replace(NIGHT, questions=("划船一年能休几天年假", *NIGHT.questions[1:]))
    async with open_shelf(sessions, (REST, near)) as shelf:
        page = await shelf.open(address(STEM, "第二条"))
        assert "有关的条文夜里划船有没有多的休息《东湖休息法》第四条" in words(page)


async def test_the_ends_of_a_law_lead_nowhere_further(shelf: Shelf):
    first, last = [await shelf.open(address(STEM, one)) for one in ("第一条", "第五条")]
    assert ("上一条" in first, "下一条" in first) == (False, True)
    assert ("上一条" in last, "下一条" in last) == (True, False)
    assert "说人话" not in first


async def test_an_expired_or_unverified_card_stands_beside_no_article(shelf: Shelf):
    page = await shelf.open(address(STEM, "第三条"))
    assert "船灯每天擦2次。" in words(page)
    assert "说人话" not in page
    assert "9 天" not in page


async def test_a_whole_law_has_contents_that_lead_to_its_chapters(shelf: Shelf):
    page = await shelf.open(address(STEM))
    anchors = re.findall(r'href="#(part-\d)">([^<]+)<', page)
    assert [title for _, title in anchors] == [
        "第一章 总则",
        "第二章 休息",
        "第一节 天数",
        "第二节 船灯",
        "第三章 附则",
    ]
    assert all(f'id="{anchor}"' in page for anchor, _ in anchors)
    assert [*re.findall(r">(第.条)</a></h\d>", page)] == [
        "第一条",
        "第二条",
        "第三条",
        "第四条",
        "第五条",
    ]


async def test_within_a_law_only_articles_with_the_words_are_shown(shelf: Shelf):
    page = await shelf.open(f"{address(STEM)}?q={quote('夜里 另加')}")
    assert "有1条写到“夜里另加”。" in words(page)
    assert "<mark>夜里</mark>划船的职工<mark>另加</mark>" in page
    assert "第三条" not in page
    none = await shelf.open(f"{address(STEM)}?q={quote('火箭')}")
    assert "这部法规里没有写到“火箭”。" in none


async def test_a_search_answers_first_and_shows_where_the_words_stand(shelf: Shelf):
    page = await shelf.open(f"/policy/search?q={quote('划船一年能休几天')}")
    read = words(page)
    assert read.index("先回答") < read.index("一年可以歇12天") < read.index("条文没有哪一条")
    assert "依据：《东湖休息法》第二条" in read
    page = await shelf.open(f"/policy/search?q={quote('船灯')}")
    assert "有1条写到这些字。" in words(page)
    assert "<mark>船灯</mark>每天擦" in page
    assert "9天" not in words(page)


async def test_a_search_by_number_finds_the_article_itself(shelf: Shelf):
    page = await shelf.open(f"/policy/search?q={quote('东湖休息法第3条')}")
    assert "《东湖休息法》第三条：船灯每天擦2次。" in words(page)
    assert "《东湖休息法》全文" in words(await shelf.open(f"/policy/search?q={quote('休息法')}"))


async def test_what_is_searched_for_and_found_stays_text(shelf: Shelf):
    typed = quote("<script>alert(1)</script>")
    for path in (f"/policy/search?q={typed}", f"{address(STEM)}?q={typed}"):
        assert "<script" not in await shelf.open(path)
    page = await shelf.open(f"{address(STEM, '第二条')}?q={quote('script 船')}")
    assert "&lt;<mark>script</mark>&gt;alert(" in page
    assert "<script" not in page


async def test_signs_of_sql_are_only_signs(shelf: Shelf):
    for typed in ("%", "_", "\\", "'; drop table article; --", "100%"):
        page = await shelf.open(f"/policy/search?q={quote(typed)}")
        assert "有 5 条" not in page
    assert "船灯每天擦2次。" in words(await shelf.open(address(STEM, "第三条")))


async def test_a_bad_search_says_what_to_do(shelf: Shelf):
    for typed in ("", "   ", "。？！", "\0"):
        assert "请在上面写几个字再搜" in await shelf.open(f"/policy/search?q={quote(typed)}")
    long = await shelf.open(f"/policy/search?q={quote('船灯' * 60)}", 400)
    assert "请缩短到 100 个字以内" in long
    assert "船灯" * 60 in long, "what was typed is still there"
    inside = await shelf.open(f"{address(STEM)}?q={quote('船灯' * 60)}")
    assert "请缩短到 100 个字以内" in inside
    assert "船灯每天擦2次。" in words(inside)
    assert "船灯" in words(await shelf.open(f"/policy/search?q={quote('船灯')}%00"))
    assert "没有搜到“qqqq”" in await shelf.open("/policy/search?q=qqqq")
    assert "回到聊天里" in await shelf.open("/policy/search?q=qqqq")


async def test_many_articles_with_the_words_come_page_by_page(bare: Shelf):
    numbers = [article_number(at) for at in range(1, 23)]
    body = "\n\n".join(f"{number} 西湖的桥每年修1次。" for number in numbers)
    await bare.import_law("西湖修桥法(2015-01-02)", f"# 西湖修桥法\n\n<!-- INFO END -->\n\n{body}")
    first = await bare.open(f"/policy/search?q={quote('修桥 西湖')}")
    assert "《西湖修桥法》全文" in words(first)
    page = await bare.open(f"/policy/search?q={quote('西湖的桥')}&page=2")
    assert "第2页，共2页" in words(page)
    assert page.count('class="card"') == 2


async def test_without_texts_the_answers_are_there_and_it_is_said(bare: Shelf):
    assert "法规全文还没有放进来" in await bare.open("/policy")
    page = await bare.open(address(STEM, "第二条"))
    assert "这一条的原文还没有放进来" in page
    assert "一年可以歇12天。" in words(page)
    page = await bare.open(address(STEM))
    assert "这部法规的全文还没有放进来" in page
    assert "第四条问：" not in page
    assert "夜里划船加几天" in page
    found = await bare.open(f"/policy/search?q={quote('划船一年能休几天')}")
    assert "一年可以歇12天。" in words(found)
    assert f'href="{address(STEM, "第二条")}?q=' in found


async def test_without_anything_the_page_says_where_to_ask(sessions: Sessions):
    expired = replace(REST, in_force_to=REST.in_force_from)
    async with open_shelf(sessions, [expired]) as shelf:
        assert "现在还没有可以看的问答" in await shelf.open("/policy")
        assert "这一类现在没有可以看的回答" in await shelf.open(THEME)
        assert "没有找到这一页" in await shelf.open(address(STEM), 404)


async def test_an_old_version_leads_to_the_one_that_holds(shelf: Shelf):
    newer, later = "东湖休息法(2020-02-02)", "东湖休息法(2030-02-02)"
    await shelf.import_law(newer)
    await shelf.import_law(later, LAW.replace("自2001年5月1日", "自2030年5月1日"))
    old = await shelf.open(address(STEM, "第二条"))
    assert "这是旧版本" in old
    assert f'href="{address(newer)}">看现在的版本' in old
    assert "这是旧版本" not in await shelf.open(address(newer, "第二条"))
    assert "现在还没有生效" in await shelf.open(address(later))
    found = words(await shelf.open(f"/policy/search?q={quote('船灯')}"))
    assert "有1条写到这些字。" in found


async def test_pages_that_are_not_there_say_what_to_do(shelf: Shelf):
    for path in (
        "/policy/theme/nothing",
        "/policy/nothing",
        address(STEM, "第九十九条"),
        "/policy/a/b/c",
        "/policy/%00/%00",
    ):
        page = await shelf.open(path, 404)
        assert "发“人工”找工会工作人员" in page
        assert 'href="/policy"' in page


async def test_large_print_is_kept_on_every_page_and_given_back(shelf: Shelf):
    here = address(STEM, "第二条")
    assert not LARGE.search(await shelf.open(here))
    answer = await shelf.post("/policy/print", large="1", next=here)
    assert (answer.status, answer.headers["Location"]) == (303, here)
    cookie = answer.headers["Set-Cookie"]
    assert all(part in cookie for part in ("HttpOnly", "SameSite=Lax", "Path=/policy"))
    for path in ("/policy", THEME, here, address(STEM), "/policy/search?q=x"):
        page = await shelf.open(path)
        assert LARGE.search(page), path
        assert "换回标准字" in page
    assert LARGE.search(await shelf.open("/policy/nothing", 404))
    await shelf.post("/policy/print", large="0", next=here)
    assert not LARGE.search(await shelf.open(here))


async def test_the_switch_leads_only_to_pages_of_the_library(shelf: Shelf):
    for away in ("https://example.com/", "//example.com", "/policy.example.com", "/desk/", "x"):
        answer = await shelf.post("/policy/print", large="1", next=away)
        assert answer.headers["Location"] == "/policy"
    assert (await shelf.post("/policy/print", large="1")).status == 400
    assert (await shelf.get("/policy/print")).status == 404
