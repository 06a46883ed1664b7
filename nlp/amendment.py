"""What a new version of a text changed, article by article and word by word."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

# Articles that share less of their pairs of characters are not the same one, changed.
LEAST = 0.35
SAME_NUMBER = 0.15
# Characters that stayed between two changes and are too few to be read by themselves.
CRUMB = 2
_TOKEN = re.compile(r"\d+(?:\.\d+)?%?|[A-Za-z]+|[零〇一二三四五六七八九十百千万亿]+|\n|.")


class Kind(StrEnum):
    """What became of an article."""

    CHANGED = "changed"
    RENUMBERED = "renumbered"
    ADDED = "added"
    REMOVED = "removed"


class Mark(StrEnum):
    """What became of some words."""

    KEPT = "kept"
    GONE = "gone"
    NEW = "new"


@dataclass(frozen=True, slots=True)
class Clause:
    """One article as it is compared."""

    number: str
    body: str


@dataclass(frozen=True, slots=True)
class Piece:
    """Words that stayed, went or came."""

    mark: Mark
    words: str


@dataclass(frozen=True, slots=True)
class Change:
    """One article that is not as it was; "" for the number that it has not.

    A changed article may have another number too. `pieces` tell the older words and the newer
    ones in one line of reading.
    """

    kind: Kind
    older: str
    newer: str
    pieces: tuple[Piece, ...]

    @property
    def words(self) -> str:
        """The article as it reads now; as it read, when it was removed."""
        unread = Mark.NEW if self.kind is Kind.REMOVED else Mark.GONE
        return "".join(piece.words for piece in self.pieces if piece.mark is not unread)


def compare(older: Sequence[Clause], newer: Sequence[Clause]) -> tuple[Change, ...]:
    """Every difference, in the order of the newer text; removed articles where they stood.

    Takes up to a second for the longest laws: call it in a thread.
    """
    pairs = _pairs(older, newer)
    back = {there: here for here, there in pairs.items()}
    placed = [
        ((there, 1), change)
        for there, clause in enumerate(newer)
        if (change := _change(clause, older, back.get(there))) is not None
    ]
    place = -1
    for here, clause in enumerate(older):
        if here in pairs:
            place = pairs[here]
        else:
            gone = Change(Kind.REMOVED, clause.number, "", (Piece(Mark.GONE, clause.body),))
            placed.append(((place, 2 + here), gone))
    return tuple(change for _, change in sorted(placed, key=lambda each: each[0]))


def _change(clause: Clause, older: Sequence[Clause], here: int | None) -> Change | None:
    if here is None:
        return Change(Kind.ADDED, "", clause.number, (Piece(Mark.NEW, clause.body),))
    was = older[here]
    if _plain(was.body) != _plain(clause.body):
        pieces = words_changed(was.body, clause.body)
        return Change(Kind.CHANGED, was.number, clause.number, pieces)
    if was.number != clause.number:
        kept = (Piece(Mark.KEPT, clause.body),)
        return Change(Kind.RENUMBERED, was.number, clause.number, kept)
    return None


def words_changed(older: str, newer: str) -> tuple[Piece, ...]:
    """Both texts in one: what stayed, what went, what came."""
    before, after = _TOKEN.findall(older), _TOKEN.findall(newer)
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    raw = [
        (kind == "equal", "".join(before[a:b]), "".join(after[c:d]))
        for kind, a, b, c, d in matcher.get_opcodes()
    ]
    return tuple(_pieces(_without_crumbs(raw)))


def _without_crumbs(raw: list[tuple[bool, str, str]]) -> list[tuple[bool, str, str]]:
    """A character or two that stayed between changes belongs to them."""
    merged: list[tuple[bool, str, str]] = []
    for at, (kept, gone, new) in enumerate(raw):
        inside = 0 < at < len(raw) - 1
        stays = kept and not (inside and len(new) <= CRUMB and "\n" not in new)
        if not stays and merged and not merged[-1][0]:
            merged[-1] = (False, merged[-1][1] + gone, merged[-1][2] + new)
        else:
            merged.append((stays, gone, new))
    return merged


def _pieces(runs: list[tuple[bool, str, str]]) -> Iterator[Piece]:
    for kept, gone, new in runs:
        if kept:
            yield Piece(Mark.KEPT, new)
            continue
        if gone:
            yield Piece(Mark.GONE, gone)
        if new:
            yield Piece(Mark.NEW, new)


def _pairs(older: Sequence[Clause], newer: Sequence[Clause]) -> dict[int, int]:
    """Which article became which: the same words first, then the likest."""
    pairs = _twins(older, newer)
    taken = set(pairs.values())
    left = [here for here in range(len(older)) if here not in pairs]
    free = [there for there in range(len(newer)) if there not in taken]
    shapes = {there: _shape(newer[there].body) for there in free}
    likest = sorted(
        (
            (-_likeness(_shape(older[here].body), shapes[there]), here, there)
            for here in left
            for there in free
        ),
        key=lambda each: (
            each[0] - (SAME_NUMBER if older[each[1]].number == newer[each[2]].number else 0)
        ),
    )
    for score, here, there in likest:
        if -score >= LEAST and here not in pairs and there not in taken:
            pairs[here] = there
            taken.add(there)
    return pairs


def _twins(older: Sequence[Clause], newer: Sequence[Clause]) -> dict[int, int]:
    same = {(clause.number, _plain(clause.body)): there for there, clause in enumerate(newer)}
    pairs: dict[int, int] = {}
    for here, clause in enumerate(older):
        exact = same.get((clause.number, _plain(clause.body)))
        if exact is not None:
            pairs[here] = exact
    taken = set(pairs.values())
    moved: dict[str, list[int]] = {}
    for there, clause in enumerate(newer):
        if there not in taken:
            moved.setdefault(_plain(clause.body), []).append(there)
    for here, clause in enumerate(older):
        places = moved.get(_plain(clause.body), [])
        if here not in pairs and places:
            pairs[here] = places.pop(0)
    return pairs


def _plain(body: str) -> str:
    """Without what a typist may change: blanks, and brackets of either width."""
    return re.sub(r"\s+", "", body).replace("(", "（").replace(")", "）")


def _shape(body: str) -> frozenset[str]:
    plain = _plain(body)
    return frozenset(plain[at : at + 2] for at in range(max(1, len(plain) - 1)))


def _likeness(one: frozenset[str], other: frozenset[str]) -> float:
    return len(one & other) / len(one | other)
