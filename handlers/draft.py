"""A form on its way: what was answered, what is asked now, and what comes next."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from pydantic import TypeAdapter

from handlers.catalogue.answers import (
    MORE,
    applicable,
    applicable_parts,
    items_of,
    photos_of,
    place,
    value_at,
)
from handlers.catalogue.schema import FieldKind, Item, Programme, Question, Value


class Phase(StrEnum):
    """Which of its three parts a form is in."""

    CONSENT = "consent"
    ASKING = "asking"
    CONFIRMING = "confirming"


class Pending(StrEnum):
    """What the form has asked about itself and waits to hear."""

    NOTHING = ""
    CANCEL = "cancel"
    RESTART = "restart"
    AMEND = "amend"


@dataclass(frozen=True, slots=True)
class Draft:
    """An open form; its JSON is kept between two messages.

    `asked` is the path being asked, empty outside `ASKING`. `skipped` are optional leaves left
    out, `closed` the photo lists and groups that are complete. `last` is the path filled last,
    which "不对" refers to. `offered` is what the member record suggests and nobody confirmed yet.
    `said` is the tapped or short answer that moved the form last, so that a second tap is seen as
    one. `misses` counts answers in a row that could not be read. `agreed` is when consent was
    given.
    """

    programme: str
    version: int
    begun: datetime
    phase: Phase = Phase.CONSENT
    answers: Mapping[str, Value] = field(default_factory=dict)
    asked: str = ""
    skipped: tuple[str, ...] = ()
    closed: tuple[str, ...] = ()
    last: str = ""
    pending: Pending = Pending.NOTHING
    misses: int = 0
    said: str = ""
    offered: Mapping[str, Value] = field(default_factory=dict)
    agreed: datetime | None = None

    def to_json(self) -> str:
        """Plain JSON text; `from_json` gives an equal draft."""
        return _JSON.dump_json(self).decode()

    @classmethod
    def from_json(cls, text: str) -> Draft:
        """The draft kept as `text`; pydantic's ValidationError when it is none."""
        return _JSON.validate_json(text)


_JSON: TypeAdapter[Draft] = TypeAdapter(Draft)


def open_paths(programme: Programme, draft: Draft) -> Iterator[str]:
    """What is still to be asked, in order: required and optional, but nothing skipped."""
    for question in applicable(programme, draft.answers):
        if question.kind is FieldKind.GROUP:
            yield from _open_in_group(programme, draft, question)
        elif question.kind is FieldKind.PHOTOS:
            full = len(photos_of(draft.answers, question)) >= most_photos(question)
            if not full and question.key not in draft.closed:
                yield question.key
        elif question.key not in draft.answers and question.key not in draft.skipped:
            yield question.key


def _open_in_group(programme: Programme, draft: Draft, group: Question) -> Iterator[str]:
    items = items_of(draft.answers, group)
    for at, item in enumerate(items, start=1):
        for part in applicable_parts(programme, draft.answers, group, item):
            path = f"{group.key}.{at}.{part.key}"
            if part.key not in item and path not in draft.skipped:
                yield path
    if group.repeat is None or group.key in draft.closed:
        return
    if len(items) < group.repeat.min:
        yield new_round(programme, draft, group)
    elif len(items) < group.repeat.max:
        yield f"{group.key}.{MORE}"


def new_round(programme: Programme, draft: Draft, group: Question) -> str:
    """The path of the first part of one more round."""
    first = applicable_parts(programme, draft.answers, group, {})[0]
    return f"{group.key}.{len(items_of(draft.answers, group)) + 1}.{first.key}"


def next_path(programme: Programme, draft: Draft) -> str:
    """The first open path, or "" when the form is ready to be confirmed."""
    return next(open_paths(programme, draft), "")


def most_photos(question: Question) -> int:
    """How many photos a question takes at most."""
    return question.max or 9


def leaves(programme: Programme, draft: Draft) -> Iterator[str]:
    """Every question that a person can go back to, in order, answered or not."""
    for question in applicable(programme, draft.answers):
        if question.kind is not FieldKind.GROUP:
            yield question.key
            continue
        for at, item in enumerate(items_of(draft.answers, question), start=1):
            for part in applicable_parts(programme, draft.answers, question, item):
                yield f"{question.key}.{at}.{part.key}"


def previous(programme: Programme, draft: Draft) -> str:
    """The question before the one asked, or "" at the beginning."""
    earlier = list(leaves(programme, draft))
    if draft.asked in earlier:
        earlier = earlier[: earlier.index(draft.asked)]
    elif draft.asked:
        keys = [question.key for question in applicable(programme, draft.answers)]
        until = keys.index(place(programme, draft.asked).key)
        earlier = [path for path in earlier if keys.index(path.partition(".")[0]) <= until]
    return earlier[-1] if earlier else ""


def progress(programme: Programme, draft: Draft) -> tuple[int, int]:
    """Which question of how many is asked; 0 before the first, all of them when confirming."""
    keys = [question.key for question in applicable(programme, draft.answers)]
    if draft.phase is Phase.CONSENT:
        return 0, len(keys)
    if not draft.asked:
        return len(keys), len(keys)
    return keys.index(place(programme, draft.asked).key) + 1, len(keys)


def is_answered(programme: Programme, draft: Draft, path: str) -> bool:
    """True for a leaf that has a value already."""
    where = place(programme, path)
    return not where.step and value_at(draft.answers, where) is not None


def without_round(draft: Draft, group: Question, number: int) -> Draft:
    """The draft without one round of a group; what was skipped in later rounds moves up."""
    items = items_of(draft.answers, group)
    kept: list[Item] = items[: number - 1] + items[number:]
    moved = (_moved_up(path, group.key, number) for path in draft.skipped)
    skipped = tuple(path for path in moved if path)
    return replace(draft, answers={**draft.answers, group.key: kept}, skipped=skipped)


def _moved_up(path: str, key: str, number: int) -> str:
    """The path after a round is gone; "" when it lay in that round."""
    group, _, inner = path.partition(".")
    at, _, part = inner.partition(".")
    if group != key or not at.isdecimal() or int(at) < number:
        return path
    return "" if int(at) == number else f"{group}.{int(at) - 1}.{part}"


def emptied_round(draft: Draft, group: Question, number: int) -> Draft:
    """The draft with one round of a group to be filled again from its beginning."""
    items = items_of(draft.answers, group)
    items[number - 1] = {}
    mine = f"{group.key}.{number}."
    skipped = tuple(path for path in draft.skipped if not path.startswith(mine))
    return replace(draft, answers={**draft.answers, group.key: items}, skipped=skipped)
