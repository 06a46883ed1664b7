"""How the form speaks: a question with its place and choices, what was noted, the summary."""

from __future__ import annotations

from typing import TYPE_CHECKING

from handlers import flow_texts as texts
from handlers.catalogue.answers import (
    EDIT,
    MORE,
    Place,
    applicable,
    fewest_photos,
    items_of,
    photos_of,
    place,
    value_at,
)
from handlers.catalogue.fields import show, show_item
from handlers.catalogue.schema import FieldKind, Programme, Question, labels_of
from handlers.draft import Draft, Phase, most_photos, progress
from handlers.types import Choice, Reply, say

if TYPE_CHECKING:
    from collections.abc import Iterator

    from handlers.flow_take import Answered


def put(
    programme: Programme, draft: Draft, lead: str = "", more: tuple[Choice, ...] = ()
) -> Reply:
    """What the draft waits for, after the words in `lead`, with `more` to tap below."""
    lines = [lead] if lead else []
    if draft.phase is Phase.CONSENT:
        said = texts.CONSENT_ASK.format(purpose=programme.purpose, consent=programme.consent)
        lines.append(said)
    elif draft.phase is Phase.CONFIRMING:
        lines.append(texts.CONFIRM.format(summary=summary(programme, draft)))
    else:
        lines += _item(programme, draft, place(programme, draft.asked))
    return say("\n".join(lines), *choices(programme, draft), *more)


def _item(programme: Programme, draft: Draft, asked: Place) -> Iterator[str]:
    """The lines of one question: which of how many, the words, what helps to answer."""
    at, total = progress(programme, draft)
    question = asked.question
    offered = draft.offered.get(asked.path)
    words = _wording(draft, asked)
    if offered is not None:
        words = f"【{question.label}】{texts.OFFER.format(value=show(question, offered))}"
    if _opens_round(asked):
        words = _round_opening(draft, asked, words)
    pattern = texts.ROUND_ITEM if asked.round else texts.ITEM
    yield pattern.format(at=at, total=total, round=asked.round, ask=words)
    if asked.step or offered is not None:
        return
    if question.hint:
        yield question.hint
    yield from _help(draft, asked)


def _opens_round(asked: Place) -> bool:
    return (
        asked.round > 0 and asked.group is not None and asked.group.questions[0] == asked.question
    )


def _round_opening(draft: Draft, asked: Place, words: str) -> str:
    """The group's own words before its first question, and that one line may hold it all."""
    if asked.group is None or not asked.group.repeat:
        return words
    first = not any(items_of(draft.answers, asked.group)) and asked.group.repeat.min > 0
    opening = asked.group.ask if first else ""
    hint = texts.ROUND_HINT.format(example=asked.group.example)
    return f"{opening}{words}\n{hint}"


def _wording(draft: Draft, asked: Place) -> str:
    group = asked.group
    if group is None or not asked.step:
        return asked.question.ask
    items = items_of(draft.answers, group)
    if asked.step == EDIT:
        lines = "\n".join(_rounds(draft, group))
        return texts.ROUNDS.format(count=len(items), lines=lines)
    return group.repeat.more if items and group.repeat else group.ask


def _help(draft: Draft, asked: Place) -> Iterator[str]:
    question, value = asked.question, value_at(draft.answers, asked)
    if question.kind is FieldKind.PHOTOS:
        yield from _photo_help(draft, question)
    elif question.kind is FieldKind.CHOICES:
        yield from (f"{at}. {label}" for at, label in enumerate(labels_of(question), start=1))
        yield texts.SEVERAL
    if value is not None and question.kind is not FieldKind.PHOTOS:
        yield texts.NOW_HOLDS.format(value=_shortened(show(question, value)))
    elif question.optional:
        yield texts.SKIPPABLE


def _photo_help(draft: Draft, question: Question) -> Iterator[str]:
    count = len(photos_of(draft.answers, question))
    least, most = fewest_photos(question), most_photos(question)
    if count:
        yield texts.PHOTO_COUNT.format(count=count)
    if count and count >= least:
        yield texts.PHOTO_ENOUGH
    else:
        yield (texts.PHOTO_BOUNDS if least else texts.PHOTO_OPTIONAL).format(
            least=least, most=most
        )


def choices(programme: Programme, draft: Draft) -> tuple[Choice, ...]:
    """The answers that can be tapped."""
    if draft.phase is Phase.CONSENT:
        words = [texts.AGREE, texts.DISAGREE]
    elif draft.phase is Phase.CONFIRMING:
        words = [texts.SEND, texts.AMEND_SOME, texts.PAUSE]
    else:
        return _choices_of(draft, place(programme, draft.asked))
    return tuple(Choice(word, word) for word in words)


def _choices_of(draft: Draft, asked: Place) -> tuple[Choice, ...]:
    question = asked.question
    if asked.path in draft.offered:
        return tuple(Choice(word, word) for word in (texts.USE_IT, texts.USE_OTHER))
    if asked.step == MORE:
        return tuple(Choice(word, word) for word in (texts.STILL, texts.NO_MORE))
    if asked.step == EDIT:
        return tuple(Choice(word, word) for word in (texts.ONE_MORE, texts.GO_ON))
    options = [] if question.kind is FieldKind.CHOICES else _options(question)
    if has_enough(draft, question):
        options.append(Choice(texts.DONE, texts.DONE))
    if value_at(draft.answers, asked) is not None and question.kind is not FieldKind.PHOTOS:
        options.append(Choice(texts.GO_ON, texts.GO_ON))
    elif question.optional:
        options.append(Choice(texts.SKIP, texts.SKIP))
    return tuple(options)


def _options(question: Question) -> list[Choice]:
    """Numbered options; 是 names its question, so that a late tap is not another's answer."""
    if question.kind is FieldKind.CONSENT:
        return [Choice(label, label) for label in labels_of(question)]
    named_tap = question.kind is FieldKind.YES_NO
    return [
        Choice(f"{at}. {label}", f"{question.label}：{label}" if named_tap else label)
        for at, label in enumerate(labels_of(question), start=1)
    ]


def summary(programme: Programme, draft: Draft) -> str:
    """Every item that applies, numbered as asked, with the last four of sensitive numbers only."""
    lines: list[str] = []
    for at, question in enumerate(applicable(programme, draft.answers), start=1):
        value = draft.answers.get(question.key)
        shown = texts.NOT_ANSWERED if value is None else _shortened(show(question, value))
        lines.append(texts.LINE.format(at=at, label=question.label, value=shown))
        if question.kind is FieldKind.GROUP:
            lines += _rounds(draft, question)
    return "\n".join(lines)


def _shortened(shown: str) -> str:
    return shown if len(shown) <= 60 else f"{shown[:58]}……"


def _rounds(draft: Draft, group: Question) -> Iterator[str]:
    for number, item in enumerate(items_of(draft.answers, group), start=1):
        yield f"　第 {number} 位：{show_item(group, item) or texts.EMPTY_ROUND}"


def read_back(draft: Draft, values: tuple[Answered, ...]) -> Iterator[str]:
    """One line for a single new answer, a list for several, before and after for a change."""
    fresh = [(where, value) for where, value in values if value_at(draft.answers, where) is None]
    if len(fresh) > 1:
        lines = (f"· {w.question.label}：{_shortened(show(w.question, v))}" for w, v in fresh)
        yield texts.NOTED_SEVERAL.format(lines="\n".join(lines))
    for where, value in values:
        before, after = value_at(draft.answers, where), _shortened(show(where.question, value))
        label = where.question.label
        if before is not None and before != value:
            shown = _shortened(show(where.question, before))
            yield texts.CHANGED.format(label=label, before=shown, after=after)
        elif before is not None:
            yield texts.SAME.format(label=label, value=after)
        elif len(fresh) == 1:
            yield texts.NOTED.format(label=label, value=after)


def has_enough(draft: Draft, question: Question) -> bool:
    """True when a photo list may be closed and holds something; False for other questions."""
    if question.kind is not FieldKind.PHOTOS:
        return False
    count = len(photos_of(draft.answers, question))
    return count > 0 and count >= fewest_photos(question)
