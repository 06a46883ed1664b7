"""How words of the law are set: figures in one piece, found words marked, days of the calendar."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from markupsafe import Markup

from nlp.marks import pieces

if TYPE_CHECKING:
    from datetime import date

_FIGURE = re.compile(
    r"(?:[0-9０-９]+(?:[.．,，][0-9０-９]+)*|百分之[零一二三四五六七八九十百]+)"
    r" ?(?:[%％‰]|周岁|个?(?:工作日|小时|星期|[年月周天日])|万?[元倍岁人名级条次户])?"
)


def unbroken(text: str) -> Markup:
    """The text, escaped; a figure stays in one line with its unit."""
    set_: list[Markup] = []
    at = 0
    for found in _FIGURE.finditer(text):
        set_ += [Markup.escape(text[at : found.start()]), _figure(found[0])]
        at = found.end()
    return Markup().join([*set_, Markup.escape(text[at:])])


def marked(text: str, words: str) -> Markup:
    """The text, escaped, with what it has in common with the words marked."""
    return Markup().join(
        Markup("<mark>{}</mark>").format(piece.text) if piece.hit else unbroken(piece.text)
        for piece in pieces(text, words)
    )


def day(date: date) -> str:
    """2012-04-28 → 2012 年 4 月 28 日."""
    return f"{date.year} 年 {date.month} 月 {date.day} 日"


def _figure(text: str) -> Markup:
    return Markup('<span class="figure">{}</span>').format(text)
