"""Where a text holds what was searched for."""

from __future__ import annotations

import re
from dataclasses import dataclass

from nlp.linear import plain

# Read at most so many words of a search.
MOST_TERMS = 6
# What stands in nearly every question and shows nothing.
_EMPTY = re.compile(
    "是不是|能不能|可不可以|有没有|要不要|会不会|怎么样?|什么|多少|哪些|可以|应该|如果|我们|"
    "合法吗?|请问|一下|这个|那个|还是|就是|规定|单位|[的了吗呢我你您]|"
    "第[0-9零一二三四五六七八九十百]+条"
)
_APART = re.compile(r"[^\w%％《》]+")


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a text; `hit` when it is to be marked."""

    text: str
    hit: bool = False


def terms(words: str) -> tuple[str, ...]:
    """What was typed as words that must all stand in a text, at most six, in its order."""
    found = [term for term in _APART.split(plain(words)) if term]
    return tuple(dict.fromkeys(found))[:MOST_TERMS]


def pieces(text: str, words: str) -> tuple[Piece, ...]:
    """The text cut at what it has in common with the words; joined again it is the text.

    Whole terms are marked, and of a question every stretch of two characters or more.
    """
    sought = terms(words)
    if not sought:
        return (Piece(text),) if text else ()
    stretches = [part for term in sought for part in _EMPTY.split(term) if len(part) > 1]
    low = "".join(sign.lower() if len(sign.lower()) == 1 else sign for sign in text)
    found: list[Piece] = []
    at = start = 0
    while at < len(text):
        end = at + _reach(low, at, sought, stretches)
        if end == at:
            at += 1
            continue
        if start < at:
            found.append(Piece(text[start:at]))
        found.append(Piece(text[at:end], hit=True))
        at = start = end
    return (*found, Piece(text[start:])) if start < len(text) else tuple(found)


def _reach(low: str, at: int, sought: tuple[str, ...], stretches: list[str]) -> int:
    """How many characters from here on are shared, 0 for none."""
    whole = max((len(term) for term in sought if low.startswith(term, at)), default=0)
    return max(whole, *(_shared(low, at, part) for part in stretches), 0)


def _shared(low: str, at: int, part: str) -> int:
    """The longest stretch of `part` that stands at this place, of two characters or more."""
    if low[at : at + 2] not in part:
        return 0
    length = 2
    while at + length < len(low) and low[at : at + length + 1] in part:
        length += 1
    return length if at + length <= len(low) else 0


def hits(text: str, words: str) -> int:
    """How many characters of the text would be marked."""
    return sum(len(piece.text) for piece in pieces(text, words) if piece.hit)


def excerpt(text: str, words: str, width: int = 110) -> str:
    """The line of the text that holds most of the words, cut to about `width` around the first."""
    line = max(text.splitlines() or [""], key=lambda one: hits(one, words))
    if len(line) <= width:
        return line
    marked = pieces(line, words)
    before = len(marked[0].text) if len(marked) > 1 and not marked[0].hit else 0
    start = max(0, min(before - width // 4, len(line) - width))
    end = start + width
    return ("……" if start else "") + line[start:end] + ("……" if end < len(line) else "")
