"""Which questions a message answers, and with what: by name, by kind, by order."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from handlers import flow_texts as texts
from handlers.catalogue.answers import (
    Place,
    applicable,
    applicable_parts,
    items_of,
    place,
    value_at,
)
from handlers.catalogue.fields import Refusal, read
from handlers.catalogue.schema import TYPED, FieldKind, Programme, Question, Value
from handlers.draft import Draft, is_answered
from handlers.flow_left import without_sums, worth_naming
from handlers.flow_words import (
    Labelled,
    is_name,
    is_only,
    labelled_answers,
    segments,
    without_lead,
)
from nlp.entities import EntityKind, find
from nlp.numerals import half_width

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

UNLIKE = frozenset({FieldKind.GROUP, FieldKind.PHOTOS})
"""Questions that no words answer."""

_SELF_EVIDENT: Mapping[EntityKind, FieldKind] = {
    EntityKind.PHONE: FieldKind.PHONE,
    EntityKind.ID_NUMBER: FieldKind.ID_NUMBER,
    EntityKind.BANK_CARD: FieldKind.BANK_CARD,
    EntityKind.DATE: FieldKind.DATE,
    EntityKind.MONEY: FieldKind.MONEY,
    EntityKind.SCHOOL_STAGE: FieldKind.SCHOOL_STAGE,
}
_UNMISTAKABLE = frozenset(
    {
        EntityKind.PHONE,
        EntityKind.ID_NUMBER,
        EntityKind.BANK_CARD,
        EntityKind.SCHOOL_STAGE,
    }
)

_PLACE = re.compile(
    r"(?:大学|学院|学校|中学|小学|[一二三四五六七八九十\d]中|附中|附小|职校|公司|集团|厂|局|医院)$"
)

_BARE = re.compile(r"[还也都就]?(?:没?有|是|不是|对|不知道|不清楚|不晓得|其他|别的)[的了吧啊呢]*")
"""Words that answer the question asked, and no other."""

Answered = tuple[Place, Value]


@dataclass(frozen=True, slots=True)
class Taken:
    """The answers found in one message, and the named ones that could not be kept, with why.

    `left` are the pieces that no question takes.
    """

    values: tuple[Answered, ...] = ()
    refused: tuple[tuple[Place, str], ...] = ()
    left: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Found:
    """What unnamed words answer, and the pieces among them that answer nothing."""

    values: list[Answered]
    left: list[str]


def nearby(programme: Programme, draft: Draft) -> list[Place]:
    """The questions an unnamed value may belong to: the parts of the round asked, or the top."""
    asked = place(programme, draft.asked) if draft.asked else None
    if asked is not None and asked.group is not None and not asked.step:
        return _parts(programme, draft, asked.group, asked.round)
    return [
        Place(question.key, question)
        for question in applicable(programme, draft.answers)
        if question.kind not in UNLIKE
    ]


def _parts(programme: Programme, draft: Draft, group: Question, number: int) -> list[Place]:
    items = items_of(draft.answers, group)
    item = items[number - 1] if number <= len(items) else {}
    return [
        Place(f"{group.key}.{number}.{part.key}", part, group, number)
        for part in applicable_parts(programme, draft.answers, group, item)
    ]


def named(programme: Programme, draft: Draft) -> dict[str, Place]:
    """What each name means now; the round asked comes before the top, other rounds last.

    Names of parts mean a round that is not asked only while there is just one.
    """
    places = nearby(programme, draft)
    top = applicable(programme, draft.answers)
    places += [Place(question.key, question) for question in top]
    for group in (question for question in top if question.kind is FieldKind.GROUP):
        if len(items_of(draft.answers, group)) == 1:
            places += _parts(programme, draft, group, 1)
    found: dict[str, Place] = {}
    for where in places:
        for name in where.question.names:
            found.setdefault(name, where)
    return found


def take(programme: Programme, draft: Draft, text: str, now: datetime) -> Taken:
    """Every answer in the message: named ones first, then the rest for what is asked."""
    asked = place(programme, draft.asked) if draft.asked else None
    names = named(programme, draft)
    values: dict[str, Answered] = {}
    refused: list[tuple[Place, str]] = []
    rest = text
    for found in reversed(list(labelled_answers(text, names))):
        where = names[found.name]
        if where.question.kind in UNLIKE or _is_story(asked, where, found):
            continue
        value = _read(where.question, found.value, now)
        if not isinstance(value, Refusal):
            values[where.path] = where, value
        elif found.firm:
            refused.append((where, value.sentence))
        else:
            continue
        rest = f"{rest[: found.start]}，{rest[found.end :]}"
    rest, sums = without_sums(rest, asked)
    unnamed = _Found([], segments(rest))
    if asked is not None and not asked.step and unnamed.left:
        if asked.path in values:
            unnamed = _recognised(_beside(programme, draft, asked, now), unnamed.left)
        else:
            unnamed = _unnamed(programme, draft, asked, rest, now)
    given, doubtful = _one_each(unnamed.values)
    values = given | values
    refused += doubtful
    ordered = sorted(values.values(), key=lambda pair: _order(programme, pair[0]))
    left = (*worth_naming(unnamed.left), *sums) if ordered else sums
    return Taken(tuple(ordered), tuple(reversed(refused)), left)


def _one_each(found: list[Answered]) -> tuple[dict[str, Answered], list[tuple[Place, str]]]:
    """One value for each question by its path; those that got two are not guessed between."""
    values: dict[str, Answered] = {}
    doubtful: dict[str, tuple[Place, str]] = {}
    for where, value in found:
        _, before = values.setdefault(where.path, (where, value))
        if before != value:
            sentence = texts.TWO_VALUES.format(example=where.question.example)
            doubtful[where.path] = where, sentence
    kept = {path: answered for path, answered in values.items() if path not in doubtful}
    return kept, list(doubtful.values())


def _order(programme: Programme, where: Place) -> tuple[int, int, int]:
    top = [question.key for question in programme.questions].index(where.key)
    within = where.group.questions.index(where.question) if where.group else 0
    return top, where.round, within


def _is_story(asked: Place | None, where: Place, found: Labelled) -> bool:
    """In a long free text a name followed by 是 is part of the story."""
    long = asked is not None and asked.question.kind is FieldKind.LONG_TEXT
    return long and asked is not None and where.path != asked.path and not found.firm


def _read(question: Question, text: str, now: datetime) -> Value | Refusal:
    if question.kind in {FieldKind.TEXT, FieldKind.ORGANISATION}:
        text = without_lead(text, place=question.kind is FieldKind.ORGANISATION)
    return read(question, text, now)


def _unnamed(programme: Programme, draft: Draft, asked: Place, text: str, now: datetime) -> _Found:
    """What the question asked takes from the text, and what other questions find beside it."""
    kind = asked.question.kind
    if kind in {FieldKind.LONG_TEXT, FieldKind.PHOTOS}:
        value = _read(asked.question, text, now)
        return (
            _Found([], segments(text))
            if isinstance(value, Refusal)
            else _Found([(asked, value)], [])
        )
    beside = _beside(programme, draft, asked, now)
    if kind in TYPED:
        return _from_words(asked, beside, text)
    return _from_values(asked, beside, text)


@dataclass(frozen=True, slots=True)
class _Beside:
    """The questions around the one asked: all of them, and those still without an answer."""

    every: list[Place]
    others: list[Place]
    now: datetime

    def of_kind(self, kind: FieldKind) -> Place | None:
        """The open question of that kind, when there is no second one to mistake it for."""
        same = [where for where in self.every if where.question.kind is kind]
        return same[0] if len(same) == 1 and same[0] in self.others else None

    def evident(self, piece: str, kinds: Iterable[EntityKind], *, alone: bool) -> list[Answered]:
        """Values that name their question by their kind; `alone` wants nothing else beside."""
        found: list[Answered] = []
        for entity in find(half_width(piece), self.now, list(kinds), "past"):
            where = self.of_kind(_SELF_EVIDENT[entity.kind])
            if where is None:
                continue
            # A sum belongs to its question only when nothing else is said to cost it.
            strict = alone or entity.kind is EntityKind.MONEY
            names = where.question.names
            if strict and not is_only(half_width(piece), entity.start, entity.end, names):
                continue
            value = read(where.question, entity.text, self.now)
            found += [] if isinstance(value, Refusal) else [(where, value)]
        return found

    def chosen(self, piece: str) -> list[Answered]:
        """A short piece that is an option, or a place, of just one open question."""
        place_asked = self.of_kind(FieldKind.ORGANISATION)
        if place_asked is not None and _PLACE.search(piece):
            value = _read(place_asked.question, piece, self.now)
            return [] if isinstance(value, Refusal) else [(place_asked, value)]
        numbered = any(character.isdecimal() for character in half_width(piece))
        if len(piece) > 8 or numbered or _BARE.fullmatch(piece):
            return []
        readings = [
            (where, value)
            for where in self.others
            if where.question.kind is FieldKind.CHOICE
            if not isinstance(value := read(where.question, piece, self.now), Refusal)
        ]
        return readings if len(readings) == 1 else []


def _beside(programme: Programme, draft: Draft, asked: Place, now: datetime) -> _Beside:
    every = nearby(programme, draft)
    others = [w for w in every if w.path != asked.path and value_at(draft.answers, w) is None]
    return _Beside(every, others, now)


def _recognised(beside: _Beside, pieces: list[str]) -> _Found:
    """What the pieces say about other questions when none of them is for the one asked."""
    found = _Found([], [])
    for piece in pieces:
        taken = beside.evident(piece, _SELF_EVIDENT, alone=True) or beside.chosen(piece)
        found.values.extend(taken)
        found.left.extend([] if taken else [piece])
    return found


def _from_words(asked: Place, beside: _Beside, text: str) -> _Found:
    """A name or a school takes what no other question recognises as its own."""
    found: list[Answered] = []
    left: list[str] = []
    for piece in segments(text):
        taken = beside.evident(piece, _SELF_EVIDENT, alone=True)
        if left and not taken:
            taken = beside.chosen(piece)
        found += taken
        left += [] if taken else [piece]
    if not left:
        return _Found(found, [])
    in_order = _in_order(asked, beside, left)
    if in_order:
        return _Found([*in_order, *found], [])
    value = _read(asked.question, left[0] if found else text, beside.now)
    if isinstance(value, Refusal):
        return _Found(found, left)
    return _Found([(asked, value), *found], left[1:] if found else [])


def _in_order(asked: Place, beside: _Beside, pieces: list[str]) -> list[Answered]:
    """ "柳大山，父亲，务农" inside a round: as many pieces as parts from here on, or fewer."""
    parts = [where for where in beside.every if where == asked or where in beside.others]
    parts = parts[parts.index(asked) :]
    if asked.group is None or not 2 <= len(pieces) <= len(parts):
        return []
    pairs = [
        (where, _read(where.question, piece, beside.now))
        for where, piece in zip(parts, pieces, strict=False)
    ]
    kept = [(where, value) for where, value in pairs if not isinstance(value, Refusal)]
    return kept if len(kept) == len(pairs) else []


def _from_values(asked: Place, beside: _Beside, text: str) -> _Found:
    """A number, date or choice reads its own from the whole text or from its only piece."""
    pieces = segments(text)
    value = read(asked.question, text, beside.now)
    readable = [
        piece
        for piece in pieces
        if not isinstance(read(asked.question, piece, beside.now), Refusal)
    ]
    if isinstance(value, Refusal) and len(readable) == 1:
        value = read(asked.question, readable[0], beside.now)
    found: list[Answered] = [] if isinstance(value, Refusal) else [(asked, value)]
    whole = bool(found) and not readable
    left: list[str] = []
    for piece in pieces:
        kinds = _UNMISTAKABLE if piece in readable else _SELF_EVIDENT
        taken = beside.evident(piece, kinds, alone=False)
        if not taken and piece not in readable and len(pieces) > 1:
            taken = beside.chosen(piece)
        found += taken
        left += [] if taken or piece in readable or whole else [piece]
    return _Found(found, left)


def meant(programme: Programme, draft: Draft, text: str, now: datetime) -> Answered | None:
    """Which answer "不对，是……" replaces, and with what; None when nothing given fits.

    A value that names its kind goes to the answer of that kind; else the answer given last, if it
    can be read so; else the question now asked; free text only replaces what was given last.
    """
    asked = place(programme, draft.asked) if draft.asked else None
    last = _last(programme, draft)
    by_kind = _called(programme, draft, text) or _of_its_kind(programme, draft, text, now)
    candidates = [by_kind] if by_kind is not None else []
    if by_kind is None:
        candidates += [last] if last is not None and last.question.kind not in TYPED else []
        candidates += [asked] if asked is not None and _is_strict(asked) else []
        story = asked is not None and asked.question.kind is FieldKind.LONG_TEXT
        candidates += (
            [last] if last is not None and last.question.kind in TYPED and not story else []
        )
    for where in candidates:
        value = _read(where.question, text, now)
        if not isinstance(value, Refusal):
            return where, value
    return None


def _called(programme: Programme, draft: Draft, text: str) -> Place | None:
    """The name that was given, for “叫柳小穗”."""
    where = named(programme, draft).get("名字") if is_name(text) else None
    return where if where is not None and value_at(draft.answers, where) is not None else None


def _is_strict(where: Place) -> bool:
    return not where.step and where.question.kind not in TYPED | UNLIKE


def _last(programme: Programme, draft: Draft) -> Place | None:
    if not draft.last or not is_answered(programme, draft, draft.last):
        return None
    where = place(programme, draft.last)
    return None if where.question.kind in UNLIKE else where


def _of_its_kind(programme: Programme, draft: Draft, text: str, now: datetime) -> Place | None:
    """The answered question of the kind that the whole text is; the last one before others."""
    kinds = {
        _SELF_EVIDENT[entity.kind]
        for entity in find(half_width(text), now, list(_SELF_EVIDENT), "past")
        if is_only(text, entity.start, entity.end)
    }
    answered = [
        where
        for where in nearby(programme, draft)
        if where.question.kind in kinds and value_at(draft.answers, where) is not None
    ]
    last = [where for where in answered if where.path == draft.last]
    only = answered if len(answered) == 1 else []
    return next(iter([*last, *only]), None)
