"""Invented rules in versions, for tests of what is imported."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from handlers.actions.documents import Stored, store_document
from nlp.full_text import FullText, Given, read

if TYPE_CHECKING:
    from datetime import datetime

    from models.db import Sessions

LEAVE = ("为了保障职工休假，制定本办法。", "职工每年休假5天。")


def rules(*bodies: str, title: str = "休假办法", issued: str = "2020-01-01") -> str:
    """A text of these articles in Markdown, without a day in force."""
    articles = "\n\n".join(
        f"第{number}条 {body}" for number, body in zip("一二三四五六七八九", bodies, strict=False)
    )
    return (
        f"# {title}\n\n{issued[:4]}年{int(issued[5:7])}月{int(issued[8:])}日印发\n\n{articles}\n"
    )


def text_of(
    *bodies: str,
    title: str = "休假办法",
    issued: str = "2020-01-01",
    starts: str = "",
    source: str = "",
) -> FullText:
    """The same, read; `starts` is the day in force."""
    given = Given(
        in_force_from=date.fromisoformat(starts) if starts else None, scope="湖北", source=source
    )
    lines = rules(*(bodies or LEAVE), title=title, issued=issued).splitlines()
    return read(f"{title}.md", lines, given, wrapped=False)


async def stored(sessions: Sessions, text: FullText, now: datetime) -> Stored:
    """Store it in a commit of its own."""
    async with sessions.begin() as work:
        return await store_document(work, text, "test", now)
