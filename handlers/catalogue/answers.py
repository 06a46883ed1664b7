"""Where answers stand: paths, the questions that apply, what is still missing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from handlers.catalogue.schema import Answers, FieldKind, Item, Programme, Question, Value

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

MORE, EDIT = "more", "edit"
LISTED = frozenset({FieldKind.CHOICES, FieldKind.PHOTOS, FieldKind.GROUP})


@dataclass(frozen=True, slots=True)
class Place:
    """What a path names: "phone", "household.1.name", "household.more" or "household.edit".

    `question` is the leaf, or the group itself for its two special places, where `step` is set.
    `round` counts from 1 inside a group and is 0 elsewhere.
    """

    path: str
    question: Question
    group: Question | None = None
    round: int = 0
    step: str = ""

    @property
    def key(self) -> str:
        """The key of the question on the top level."""
        return self.path.partition(".")[0]


def place(programme: Programme, path: str) -> Place:
    """What the path names; KeyError when the programme has no such question."""
    key, _, inner = path.partition(".")
    question = programme.question(key)
    if not inner:
        return Place(path, question)
    if inner in {MORE, EDIT}:
        return Place(path, question, question, step=inner)
    number, _, part = inner.partition(".")
    return Place(path, part_of(question, part), question, int(number))


def part_of(group: Question, key: str) -> Question:
    """The question of that key inside a group; KeyError when there is none."""
    return {part.key: part for part in group.questions}[key]


def items_of(answers: Answers, group: Question) -> list[Item]:
    """The rounds of a group so far."""
    value = answers.get(group.key, [])
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def photos_of(answers: Answers, question: Question) -> list[str]:
    """The evidence ids of a photo question so far."""
    value = answers.get(question.key, [])
    return [name for name in value if isinstance(name, str)] if isinstance(value, list) else []


def applicable(programme: Programme, answers: Answers) -> tuple[Question, ...]:
    """The questions on the top level whose condition holds, in order."""
    facts: dict[str, Value | None] = {}
    return tuple(_applying(programme.questions, answers, facts))


def applicable_parts(
    programme: Programme, answers: Answers, group: Question, item: Item
) -> tuple[Question, ...]:
    """The parts of one round whose condition holds; a part may look at earlier questions too."""
    facts: dict[str, Value | None] = {}
    for question in _applying(programme.questions, answers, facts):
        if question.key == group.key:
            break
    return tuple(_applying(group.questions, item, facts))


def _applying(
    questions: tuple[Question, ...],
    answers: Mapping[str, Value] | Mapping[str, str | int | bool | list[str]],
    facts: dict[str, Value | None],
) -> Iterator[Question]:
    """Yield what applies and grow the facts; what does not apply counts as not answered."""
    for question in questions:
        nothing: Value | None = [] if question.kind in LISTED else None
        holds = question.when is None or question.when.holds(facts)
        facts[question.key] = answers.get(question.key, nothing) if holds else nothing
        if holds:
            yield question


def value_at(answers: Answers, where: Place) -> Value | None:
    """The answer at a leaf, or None."""
    if where.group is None:
        return answers.get(where.path)
    items = items_of(answers, where.group)
    known = 0 < where.round <= len(items)
    return items[where.round - 1].get(where.question.key) if known else None


def with_value(answers: Answers, where: Place, value: Value) -> dict[str, Value]:
    """The answers with one more; a new round of a group begins with its first part."""
    if where.group is None:
        return {**answers, where.path: value}
    items = [dict(item) for item in items_of(answers, where.group)]
    items += [{} for _ in range(where.round - len(items))]
    if not isinstance(value, list):
        items[where.round - 1][where.question.key] = value
    else:
        items[where.round - 1][where.question.key] = [p for p in value if isinstance(p, str)]
    return {**answers, where.group.key: items}


def fewest_photos(question: Question) -> int:
    """How many photos a question needs at least."""
    return 0 if question.optional else question.min or 1


def missing(programme: Programme, answers: Answers) -> list[str]:
    """Paths of what is required and not answered, in order; empty when it may be sent."""
    found: list[str] = []
    for question in applicable(programme, answers):
        if question.kind is FieldKind.GROUP:
            found += _missing_parts(programme, answers, question)
        elif question.kind is FieldKind.PHOTOS:
            enough = len(photos_of(answers, question)) >= fewest_photos(question)
            found += [] if enough else [question.key]
        elif not question.optional and question.key not in answers:
            found.append(question.key)
    return found


def _missing_parts(programme: Programme, answers: Answers, group: Question) -> Iterator[str]:
    items = items_of(answers, group)
    fewest = group.repeat.min if group.repeat else 0
    items += [{} for _ in range(fewest - len(items))]
    for at, item in enumerate(items, start=1):
        for part in applicable_parts(programme, answers, group, item):
            if not part.optional and part.key not in item:
                yield f"{group.key}.{at}.{part.key}"


def pruned(programme: Programme, answers: Answers) -> dict[str, Value]:
    """Only the answers to questions that apply: what is sent and kept with a case."""
    kept: dict[str, Value] = {}
    for question in applicable(programme, answers):
        if question.key not in answers:
            continue
        if question.kind is FieldKind.GROUP:
            kept[question.key] = [
                {
                    part.key: item[part.key]
                    for part in applicable_parts(programme, answers, question, item)
                    if part.key in item
                }
                for item in items_of(answers, question)
            ]
        else:
            kept[question.key] = answers[question.key]
    return kept
