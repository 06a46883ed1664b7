"""A filled form as rows to read: for the desk and for exports."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from handlers.catalogue.answers import applicable, items_of, photos_of
from handlers.catalogue.fields import show, show_item
from handlers.catalogue.schema import FieldKind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from handlers.catalogue.schema import Answers, Programme, Question


@dataclass(frozen=True, slots=True)
class Row:
    """One answer in whole; `sensitive` ones are shown to staff only on demand."""

    label: str
    value: str
    sensitive: bool
    photos: tuple[str, ...] = ()


def rows(programme: Programme, answers: Answers) -> Iterator[Row]:
    """Every question that applies and was answered, in the order of the form."""
    for question in applicable(programme, answers):
        if question.key not in answers:
            continue
        if question.kind is FieldKind.GROUP:
            yield from _rounds(question, answers)
            continue
        photos = tuple(photos_of(answers, question)) if question.kind is FieldKind.PHOTOS else ()
        value = show(question, answers[question.key], masked=False)
        yield Row(question.label, value, question.sensitive, photos)


def _rounds(group: Question, answers: Answers) -> Iterator[Row]:
    sensitive = group.sensitive or any(part.sensitive for part in group.questions)
    for number, item in enumerate(items_of(answers, group), 1):
        yield Row(f"{group.label} {number}", show_item(group, item, masked=False), sensitive)
