"""Filling a form as a member would, with the examples of its file."""

from __future__ import annotations

from datetime import UTC, datetime

from handlers import flow
from handlers.catalogue.answers import items_of, photos_of, place
from handlers.catalogue.schema import FieldKind, Programme, parse_programme
from handlers.draft import Phase
from handlers.types import Choice, Reply, Text

NOW = datetime(2026, 8, 20, 1, 0, tzinfo=UTC)

HEAD = """
slug: trial
title: 试填
version: 1
owner: 生活保障部
keywords: [试填]
intro: 试一试。
purpose: 只用来试填。
after_sending: 交上去了。
"""


def trial(questions: str, consent: str = "") -> Programme:
    """A programme of the given questions."""
    return parse_programme(f"{HEAD}consent: '{consent}'\nquestions:\n{questions}", "trial.yaml")


def said(
    text: str, *, intent: str = "other", confidence: float = 0.0, is_question: bool = False
) -> flow.Turn:
    return flow.Turn(
        now=NOW, text=text, intent=intent, confidence=confidence, is_question=is_question
    )


def sent(*photos: str) -> flow.Turn:
    return flow.Turn(photos=photos, now=NOW)


def taps(reply: Reply) -> tuple[Choice, ...]:
    """What can be tapped below the words."""
    (part,) = reply.parts
    assert isinstance(part, Text)
    return part.choices


def talk(
    programme: Programme, *messages: str | flow.Turn, draft: flow.Draft | None = None
) -> flow.Step:
    """The step after the last message; the draft passes through its JSON between any two."""
    step = flow.begin(programme, NOW) if draft is None else flow.Step(draft, Reply())
    for message in messages:
        kept = flow.Draft.from_json(step.draft.to_json())
        step = flow.answer(programme, kept, said(message) if isinstance(message, str) else message)
    return step


def example_for(programme: Programme, draft: flow.Draft, rounds: int = 1) -> flow.Turn:
    """What a willing member sends next; each group is filled that many times."""
    if draft.phase is Phase.CONSENT:
        return said("同意")
    if draft.phase is Phase.CONFIRMING:
        return said("确认提交")
    asked = place(programme, draft.asked)
    if asked.step:
        filled = items_of(draft.answers, asked.question)
        return said("还有" if len(filled) < rounds else "没有了")
    if asked.question.kind is FieldKind.PHOTOS:
        least = asked.question.min or 1
        held = photos_of(draft.answers, asked.question)
        return said("完成") if len(held) >= least else sent(f"p{len(held)}")
    return said(asked.question.example)


def walked(
    programme: Programme, until: str | None = None, draft: flow.Draft | None = None
) -> flow.Step:
    """The step after answering with examples, until `until` is asked or the form is sent."""
    step = flow.begin(programme, NOW) if draft is None else flow.Step(draft, Reply())
    for _ in range(100):
        if step.outcome is flow.Outcome.SEND or (until is not None and step.draft.asked == until):
            return step
        step = flow.answer(programme, step.draft, example_for(programme, step.draft))
    raise AssertionError(f"never arrived, stuck at {step.draft.asked!r}")
