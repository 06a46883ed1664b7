"""What short words mean from what is open: the second of a list, yes to the only offer."""

from __future__ import annotations

import re
from dataclasses import dataclass

from nlp.linear import plain
from nlp.numerals import to_number

_PLACE = re.compile(
    r"(?:我?要|我?选|就|来)?(?:第)?([0-9]{1,2}|[一二两三四五六七八九十]{1,2})(?:个|项|条|号)?(?:吧|的|那个)?[。.、!！]?"
)
_LAST = re.compile(r"(?:我?要|我?选|就)?(?:最后|末尾)(?:一)?(?:个|项|条)?[。.!！]?")
_YES = re.compile(
    r"(?:嗯+|对+|是|是的|好|好的|行|可以|要|要的|就这个|就它|没错|ok|1)[吧啊呀呢哦的了。.!！]*"
)
_TAKEN_BACK = re.compile(
    r"(?:我?要|我想|帮我|先|那就|还是)?(?:取消|取消掉|取消了|取消吧|算了|算了吧|不要了|不弄了|不搞了|撤了|撤掉|退了|退掉|不想要了)[吧啊呀了。.!！]*"
)

_DENIED = re.compile(
    r"(?:哎|诶|啊|不对|错了)?[，,。 ]*(?:我)?(?:又|并|真)?"
    r"(?:不是|没有?|没说)(?:说|要|想|打算|来|在)+"
    r"(?:要|想)?(?:申请|办|报名?|参加|填|弄)[^，,。！!？?]{0,10}[吧啊呀的了。.!！]*"
)


@dataclass(frozen=True, slots=True)
class Situation:
    """What is open around a message: the words that were offered with numbers, in order."""

    offered: tuple[str, ...] = ()


def chosen(text: str, situation: Situation) -> str | None:
    """The offered words that the message picks; None when it picks none.

    “2”, “第二个”, “最后一个”, and a plain yes when only one thing was offered.
    """
    offered = situation.offered
    if not offered:
        return None
    said = plain(text)
    place = _PLACE.fullmatch(said)
    if place is not None:
        number = int(to_number(place[1]) or 0)
        return offered[number - 1] if 1 <= number <= len(offered) else None
    if _LAST.fullmatch(said):
        return offered[-1]
    return offered[0] if len(offered) == 1 and _YES.fullmatch(said) else None


def takes_back(text: str) -> bool:
    """Whether the whole message takes back something that it does not name."""
    return _TAKEN_BACK.fullmatch(plain(text)) is not None


def denies(text: str) -> bool:
    """Whether the whole message says that something was not wanted: “我不是要申请助学”."""
    return _DENIED.fullmatch(plain(text)) is not None
