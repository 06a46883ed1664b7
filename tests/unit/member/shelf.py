"""An invented law with its cards, a library that shows them, and a browser without scripts."""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from itertools import pairwise
from typing import TYPE_CHECKING
from urllib.parse import quote

import aiohttp
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.config import HERE
from bot.member.app import LibraryParts, create_library
from handlers.actions.clauses import Clauses
from handlers.actions.documents import store_document
from models.db import Sessions
from nlp.cards import Card
from nlp.full_text import FullText
from nlp.judged import load_gates
from nlp.retrieve import CardIndex, Passage
from nlp.statute import parse
from tests.unit.desk.desk_world import Tags

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

NOW = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)  # noon in Wuhan
STEM = "东湖休息法(2011-04-05)"
LAW = """# 东湖休息法

2001年2月3日 东湖会议通过

2011年4月5日 修订

<!-- INFO END -->

## 第一章 总　则

第一条 为了让划船的人休息好，制定本法。

## 第二章 休　息

### 第一节 天数

第二条 划船满1年的职工，每年休息12天；有下列情形之一的，依照本法第四条办理：

（一）夜里划船的；

（二）写着<script>alert(1)</script>的船。

没有休息的，按照百分之三百付工钱。

### 第二节 船灯

第三条 船灯每天擦2次。

## 第三章 附则

第四条 夜里划船的职工另加3天。

第五条 本法自2001年5月1日起施行。
"""
REST = Card(
    slug="rest-days",
    law="东湖休息法",
    documents=(STEM,),
    article="第二条",
    in_force_from=date(2001, 5, 1),
    in_force_to=None,
    scope="全国",
    theme="休假与放假",
    binds=("all",),
    plain="划船满 1 年，一年可以歇 12 天。",
    exceptions="夜里划船的另外算。",
    do="把划船的记录留好，去找班长登记。",
    figures=("12天",),
    quote_key="每年休息12天",
    questions=("划船休息", "划船一年能休几天", "划船要歇几多天", "班长说划船满一年也没有休息"),
    status="verified",
)
NIGHT = replace(
    REST,
    slug="night-days",
    article="第四条",
    plain="夜里划船的，再加 3 天。",
    exceptions="",
    do="",
    figures=("3天",),
    quote_key="另加3天",
    questions=("夜里划船加几天", "夜班划船", "夜里划船有没有多的休息", "晚上划船多歇不"),
)
OLD = replace(
    REST,
    slug="old-days",
    article="第三条",
    in_force_to=date(2020, 1, 1),
    plain="以前擦船灯能休 9 天。",
    questions=("擦船灯能休几天", "擦灯放假", "船灯擦完放几天", "擦灯能不能休"),
)
DOUBTED = replace(
    OLD, slug="doubted-days", in_force_to=None, status="unverified", plain="没有核对过的说法。"
)


def many(count: int) -> list[Card]:
    """So many cards of one theme."""
    return [
        replace(
            REST,
            slug=f"lamp-{at}",
            theme="安全生产",
            article="第三条",
            plain=f"第 {at} 盏船灯要擦。",
            questions=(f"第 {at} 盏船灯怎么擦", "擦灯", "灯", "船灯"),
        )
        for at in range(1, count + 1)
    ]


@dataclass(frozen=True, slots=True)
class Page:
    """What a browser got."""

    status: int
    text: str
    headers: dict[str, str]

    def check(self) -> None:
        """What holds for every page."""
        tags = Tags(self.text).tags
        ids = [given["id"] for _, given in tags if "id" in given]
        labels = {given.get("for") for tag, given in tags if tag == "label"}
        fields = [given for tag, given in tags if tag == "input" and given.get("type") != "hidden"]
        levels = [int(tag[1]) for tag, _ in tags if tag in {"h1", "h2", "h3", "h4", "h5"}]
        assert levels.count(1) == 1, "one h1 a page"
        assert levels[0] == 1, "the h1 comes first"
        assert all(b - a <= 1 for a, b in pairwise(levels)), levels
        assert len(ids) == len(set(ids)), "an id twice"
        assert [given for given in fields if given.get("id") not in labels] == [], "no label"
        assert not [t for t, a in tags if "style" in a or any(k.startswith("on") for k in a)]
        assert "script" not in {tag for tag, _ in tags}
        assert "default-src 'none'" in self.headers["Content-Security-Policy"]


@dataclass(frozen=True, slots=True)
class Shelf:
    """The library and a browser that keeps its cookies."""

    sessions: Sessions
    session: aiohttp.ClientSession
    url: str

    async def import_law(self, stem: str = STEM, law: str = LAW) -> None:
        async with self.sessions.begin() as work:
            text = FullText(parse(stem, law), "", "全国", None, "")
            await store_document(work, text, "test", NOW)

    async def open(self, path: str, status: int = 200) -> str:
        """The page in words of HTML, after checking what holds for all of them."""
        page = await self.get(path)
        page.check()
        assert page.status == status
        return page.text

    async def get(self, path: str) -> Page:
        async with self.session.get(path) as answer:
            return Page(answer.status, await answer.text(), dict(answer.headers))

    async def post(self, path: str, **fields: str) -> Page:
        async with self.session.post(path, data=fields, allow_redirects=False) as answer:
            return Page(answer.status, await answer.text(), dict(answer.headers))


def address(stem: str, article: str = "") -> str:
    """Where a law, or one article of it, is read."""
    return f"/policy/{quote(stem)}" + (f"/{quote(article)}" if article else "")


def passages() -> list[Passage]:
    """The articles of the invented law, as the index takes them."""
    return [Passage(STEM, each.number, each.text) for each in parse(STEM, LAW).articles]


@asynccontextmanager
async def open_shelf(sessions: Sessions, cards: Sequence[Card]) -> AsyncIterator[Shelf]:
    """A library that listens, with these cards."""
    gates = load_gates(HERE / "nlp" / "gate")
    clauses = Clauses.of(CardIndex(cards, passages()), gates, sessions)
    root = web.Application()
    parts = LibraryParts(sessions, clauses, lambda: NOW, secure_cookies=False)
    root.add_subapp("/policy/", create_library(parts))
    weui = HERE / "node_modules" / "weui"
    if weui.is_dir():
        root.router.add_static("/assets/weui", weui)
    async with TestServer(root) as server:
        url = str(server.make_url("/"))
        jar = aiohttp.CookieJar(unsafe=True)
        async with aiohttp.ClientSession(url, cookie_jar=jar) as session:
            yield Shelf(sessions, session, url)
