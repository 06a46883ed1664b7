"""Words as WeChat shows them: links, tappable answers, and pieces that fit."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import quote

from handlers.types import Card, Picture, Reply, Text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from handlers.types import Choice, Part

# Source: the platform's passive and customer texts; bytes of UTF-8.
MOST_BYTES = 2048
ILLEGAL = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
SENTENCE_ENDS = "\n。！？；"


def clean(text: str) -> str:
    """Without the characters that XML 1.0 does not allow."""
    return ILLEGAL.sub("", text)


@lru_cache(maxsize=512)
def markup(part: Text, public_url: str) -> str:
    """The bubble as WeChat reads it; a tap sends the words of the choice."""
    lines = [clean(part.text)] if part.text else []
    lines += [_tap(place, choice) for place, choice in enumerate(part.choices, 1)]
    lines += [f'<a href="{public_url}{link.path}">{clean(link.label)}</a>' for link in part.links]
    return "\n".join(lines)


def _tap(place: int, choice: Choice) -> str:
    said = quote(clean(choice.say), safe="")
    href = f"weixin://bizmsgmenu?msgmenucontent={said}&msgmenuid={place}"
    return f'<a href="{href}">{clean(choice.label)}</a>'


def fitting(reply: Reply, public_url: str) -> Iterator[Part]:
    """The parts of a reply, those that are too long cut at the end of a sentence."""
    for part in reply.parts:
        if isinstance(part, Card | Picture) or _fits(part, public_url):
            yield part
        else:
            yield from _cut(part, public_url)


def _fits(part: Text, public_url: str) -> bool:
    return len(markup(part, public_url).encode()) <= MOST_BYTES


def _cut(part: Text, public_url: str) -> Iterator[Text]:
    """The words in pieces; choices and links stay together below the last where they fit."""
    pieces = list(pieces_of(clean(part.text), MOST_BYTES))
    last = Text(pieces[-1] if pieces else "", part.choices, part.links)
    if _fits(last, public_url):
        yield from map(Text, pieces[:-1])
        yield last
        return
    yield from map(Text, pieces)
    yield from _packed(part, public_url)


def _packed(part: Text, public_url: str) -> Iterator[Text]:
    """Choices and links, as many in a bubble as fit; one that is too long to tap is read only."""
    singles = [Text("", (choice,)) for choice in part.choices]
    singles += [Text("", (), (link,)) for link in part.links]
    bubble = Text("")
    for single in singles:
        joined = Text("", bubble.choices + single.choices, bubble.links + single.links)
        if _fits(joined, public_url):
            bubble = joined
            continue
        if bubble != Text(""):
            yield bubble
        bubble = single if _fits(single, public_url) else Text("")
        if bubble == Text(""):
            labels = [choice.label for choice in single.choices]
            labels += [link.label for link in single.links]
            yield from map(Text, pieces_of(clean("".join(labels)), MOST_BYTES))
    if bubble != Text(""):
        yield bubble


def pieces_of(text: str, most: int) -> Iterator[str]:
    """Pieces of at most `most` bytes, cut behind a sentence where there is one."""
    while len(text.encode()) > most:
        head = text.encode()[:most].decode("utf-8", "ignore")
        end = max(head.rfind(mark) for mark in SENTENCE_ENDS) + 1
        cut = end if end > len(head) // 4 else len(head)
        piece, text = text[:cut].rstrip("\n"), text[cut:].lstrip("\n")
        if piece:
            yield piece
    if text:
        yield text
