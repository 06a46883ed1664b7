"""The form engine: one message in, the next draft and the reply out; no database, no clock."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from handlers import flow_texts as texts
from handlers.catalogue.answers import (
    EDIT,
    MORE,
    Place,
    applicable,
    fewest_photos,
    items_of,
    missing,
    photos_of,
    place,
    pruned,
    with_value,
)
from handlers.catalogue.fields import Refusal, keep, read, says_none, tidy
from handlers.catalogue.schema import TYPED, FieldKind, Programme, Question, Value, labels_of
from handlers.draft import (
    Draft,
    Pending,
    Phase,
    emptied_round,
    is_answered,
    most_photos,
    new_round,
    next_path,
    open_paths,
    previous,
    progress,
    without_round,
)
from handlers.flow_ask import choices, has_enough, put, read_back, summary
from handlers.flow_left import left_lines, without_sums, worth_naming
from handlers.flow_take import Taken, meant, named, take
from handlers.flow_words import (
    Command,
    Correction,
    Word,
    asks,
    command,
    item_to_amend,
    labelled_correction,
    means,
    plain,
    round_to_change,
    segments,
    unlabelled_correction,
    wants_more,
    wishes,
)
from handlers.types import Choice, Reply, say
from nlp.understand import ACT

__all__ = [
    "Draft",
    "Outcome",
    "Step",
    "Turn",
    "answer",
    "ask_again",
    "begin",
    "migrate",
    "missing",
    "prefill",
    "progress",
    "reopen",
    "resume",
    "summary",
]


class Outcome(StrEnum):
    """What the caller does with a step.

    `ASKING` sends the reply. `ASIDE` leaves the message to the other topics and appends
    `ask_again`. `PAUSED` keeps the draft, `CANCELLED` deletes it and its photos, `PERSON` hands
    over and keeps it, `SEND` files the answers of the step's draft as a case.
    """

    ASKING = "asking"
    ASIDE = "aside"
    PAUSED = "paused"
    CANCELLED = "cancelled"
    PERSON = "person"
    SEND = "send"


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One message of the member: words, evidence ids of photos already stored, its meaning."""

    now: datetime
    text: str = ""
    photos: tuple[str, ...] = ()
    intent: str = "other"
    confidence: float = 0.0
    is_question: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """The draft after a message, what to say, and what the caller does."""

    draft: Draft
    reply: Reply
    outcome: Outcome = Outcome.ASKING


@dataclass(frozen=True, slots=True)
class _Talk:
    """One turn in its form."""

    programme: Programme
    draft: Draft
    turn: Turn

    @property
    def text(self) -> str:
        return self.turn.text

    @property
    def asked(self) -> Place | None:
        return place(self.programme, self.draft.asked) if self.draft.asked else None


_Hearing = Callable[[_Talk], Step | None]


def begin(programme: Programme, now: datetime) -> Step:
    """A new draft and its first words: consent first where anything is sensitive."""
    draft = Draft(programme.slug, programme.version, now)
    opening = [texts.INTRO.format(title=programme.title, intro=programme.intro)]
    if programme.evidence:
        opening.append(texts.EVIDENCE.format(evidence="；".join(programme.evidence)))
    if not programme.consent:
        draft = _onward(programme, replace(draft, phase=Phase.ASKING))
    return Step(draft, put(programme, draft, "\n".join(opening)))


def ask_again(programme: Programme, draft: Draft) -> Reply:
    """The open question once more, to follow the answer to a side question."""
    return put(programme, draft, texts.ONWARD)


def resume(programme: Programme, draft: Draft) -> Step:
    """Coming back after a while: where one stopped, how much is left, and the question."""
    draft = replace(draft, pending=Pending.NOTHING, misses=0, said="")
    if draft.phase is Phase.CONSENT:
        return Step(draft, put(programme, draft, texts.RESUME_CONSENT))
    if draft.phase is Phase.CONFIRMING:
        return Step(draft, put(programme, draft, texts.RESUME_CONFIRM))
    at, _ = progress(programme, draft)
    left = len({path.partition(".")[0] for path in open_paths(programme, draft)})
    where = programme.question(draft.asked.partition(".")[0])
    lead = texts.RESUME.format(at=at, label=where.label, left=left)
    return Step(draft, put(programme, draft, lead))


def migrate(programme: Programme, draft: Draft) -> Draft:
    """The draft under the programme's present version, with every answer that still fits.

    A draft of this version comes back as it is.
    """
    if draft.version == programme.version:
        return draft
    known = {question.key: question for question in programme.questions}
    answers = _kept(known, draft.answers)
    moved = replace(
        draft,
        version=programme.version,
        answers=answers,
        offered=_kept(known, draft.offered),
        skipped=tuple(path for path in draft.skipped if _may_skip(programme, path)),
        closed=tuple(key for key in draft.closed if _may_close(known, key, answers)),
        pending=Pending.NOTHING,
        last="",
        misses=0,
        said="",
    )
    if programme.consent and draft.agreed is None:
        return replace(moved, phase=Phase.CONSENT, asked="")
    return _onward(programme, replace(moved, phase=Phase.ASKING))


def _kept(known: Mapping[str, Question], answers: Mapping[str, Value]) -> dict[str, Value]:
    kept = {key: keep(known[key], value) for key, value in answers.items() if key in known}
    return {key: value for key, value in kept.items() if value is not None}


def _may_skip(programme: Programme, path: str) -> bool:
    try:
        return place(programme, path).question.optional
    except KeyError:
        return False


def _may_close(known: Mapping[str, Question], key: str, answers: Mapping[str, Value]) -> bool:
    """A list stays complete while it is as long as the present schema wants it."""
    question = known.get(key)
    if question is None:
        return False
    if question.kind is FieldKind.PHOTOS:
        return len(photos_of(answers, question)) >= fewest_photos(question)
    return question.repeat is not None and len(items_of(answers, question)) >= question.repeat.min


def reopen(
    programme: Programme, answers: Mapping[str, Value], version: int, now: datetime
) -> Draft:
    """A draft of a case that came back, with every answer in its place and only gaps to ask.

    `version` is the schema the answers were sent under; consent was given with them.
    """
    sent = Draft(programme.slug, version, now, Phase.CONFIRMING, answers, agreed=now)
    draft = migrate(programme, sent)
    for path in list(open_paths(programme, draft)):
        where = place(programme, path)
        if where.step == MORE or has_enough(draft, where.question):
            draft = replace(draft, closed=_with(draft.closed, where.question.key))
        elif where.question.optional:
            draft = replace(draft, skipped=_with(draft.skipped, path))
    return _onward(programme, draft)


def prefill(programme: Programme, draft: Draft, known: Mapping[str, Value]) -> Draft:
    """The draft with what the member record knows ("name", "phone", "unit") ready to be offered.

    It is offered when its question comes up and counts as an answer only once confirmed.
    """
    offered = {
        question.key: value
        for question in programme.questions
        if question.known is not None
        if question.known in known and question.key not in draft.answers
        if (value := keep(question, known[question.known])) is not None
    }
    return replace(draft, offered={**draft.offered, **offered})


def answer(programme: Programme, draft: Draft, turn: Turn) -> Step:
    """The next step after one message of the member.

    An answer is an answer unless it clearly is a question, a correction or a command. Nothing but
    a clear confirmation sends.
    """
    talk = _Talk(programme, draft, replace(turn, text=tidy(turn.text)))
    for hear in _HEARINGS:
        step = hear(talk)
        if step is not None:
            return step
    left = () if draft.phase is Phase.CONSENT else without_sums(talk.text, talk.asked)[1]
    lines = left_lines(programme, draft, left)
    return _unreadable(talk, "\n".join(lines) or _refusal(talk))


def _aside(talk: _Talk) -> Step:
    return Step(talk.draft, Reply(), Outcome.ASIDE)


def _in_danger(talk: _Talk) -> Step | None:
    """Help comes before any form."""
    return _aside(talk) if talk.turn.intent == "crisis" and talk.turn.confidence >= ACT else None


def _silence(talk: _Talk) -> Step | None:
    return None if talk.text else Step(talk.draft, ask_again(talk.programme, talk.draft))


def _second_tap(talk: _Talk) -> Step | None:
    """The answer just given once more, where it cannot be an answer to the new question."""
    if not talk.draft.said or plain(talk.text) != talk.draft.said:
        return None
    asked = talk.asked
    if asked is not None and asked.question.kind not in TYPED and not asked.step:
        value = read(asked.question, talk.text, talk.turn.now)
        if not isinstance(value, Refusal):
            return None
    if asked is not None and asked.step == MORE:
        return None
    return Step(talk.draft, put(talk.programme, talk.draft))


def _photos(talk: _Talk) -> Step | None:
    if not talk.turn.photos:
        return None
    programme, draft = talk.programme, replace(talk.draft, pending=Pending.NOTHING)
    if draft.phase is Phase.CONSENT:
        return Step(draft, put(programme, draft, texts.CONSENT_FIRST))
    target = _photo_question(programme, draft)
    if target is None:
        return Step(draft, put(programme, draft, texts.PHOTOS_NONE))
    held = photos_of(draft.answers, target)
    fresh = [name for name in dict.fromkeys(talk.turn.photos) if name not in held]
    most = most_photos(target)
    kept = (held + fresh)[:most]
    draft = replace(draft, answers={**draft.answers, target.key: kept}, last=target.key, misses=0)
    lead = texts.PHOTOS_GOT.format(label=target.label, count=len(kept))
    if len(held) + len(fresh) > most:
        lead = texts.PHOTOS_FULL.format(label=target.label, most=most)
    if len(kept) == most or draft.asked != target.key:
        draft = _settled(programme, draft, set())
    return Step(draft, put(programme, draft, lead))


def takes_photo(programme: Programme, draft: Draft) -> bool:
    """Whether a photo sent now would be kept."""
    target = None if draft.phase is Phase.CONSENT else _photo_question(programme, draft)
    return target is not None and len(photos_of(draft.answers, target)) < most_photos(target)


def _photo_question(programme: Programme, draft: Draft) -> Question | None:
    """The list a photo goes to: the one asked, else the first with room, else the first."""
    lists = [q for q in applicable(programme, draft.answers) if q.kind is FieldKind.PHOTOS]
    room = [q for q in lists if len(photos_of(draft.answers, q)) < most_photos(q)]
    asked = [q for q in lists if q.key == draft.asked]
    return next(iter([*asked, *room, *lists]), None)


def _photo_words(talk: _Talk) -> Step | None:
    """完成 and 重拍 while photos are wanted."""
    asked = talk.asked
    if asked is None or asked.question.kind is not FieldKind.PHOTOS:
        return None
    question, draft = asked.question, talk.draft
    count, least = len(photos_of(draft.answers, question)), fewest_photos(question)
    if means(talk.text, Word.RETAKE):
        rest = {key: value for key, value in draft.answers.items() if key != question.key}
        draft = replace(draft, answers=rest, closed=_without(draft.closed, question.key))
        lead = texts.PHOTOS_CLEARED.format(label=question.label)
        return Step(draft, put(talk.programme, draft, lead))
    if not means(talk.text, Word.DONE):
        return None
    if count < least:
        lead = texts.PHOTOS_FEW.format(
            label=question.label, least=least, count=count, short=least - count
        )
        return Step(draft, put(talk.programme, draft, lead))
    draft = replace(draft, closed=_with(draft.closed, question.key), said=plain(talk.text))
    return _moved_on(talk.programme, draft, "")


def _without(paths: tuple[str, ...], path: str) -> tuple[str, ...]:
    return tuple(other for other in paths if other != path)


def _with(paths: tuple[str, ...], path: str) -> tuple[str, ...]:
    return (*_without(paths, path), path)


def _pending(talk: _Talk) -> Step | None:
    draft, programme = talk.draft, talk.programme
    if draft.pending is Pending.CANCEL and means(talk.text, Word.SURE_CANCEL):
        return _cancelled(talk)
    if draft.pending is Pending.RESTART and means(talk.text, Word.SURE_RESTART):
        fresh = Draft(programme.slug, programme.version, talk.turn.now, offered=draft.offered)
        fresh = replace(fresh, agreed=draft.agreed)
        if programme.consent and draft.agreed is None:
            return Step(fresh, put(programme, fresh, texts.RESTARTED))
        return _moved_on(programme, replace(fresh, phase=Phase.ASKING), texts.RESTARTED)
    if draft.pending is Pending.AMEND:
        return _item_named(talk)
    return None


def _item_named(talk: _Talk) -> Step | None:
    """The bare number or name after "要改哪一项"."""
    said = plain(talk.text)
    number = item_to_amend(f"改{said}")
    if number is not None:
        return _amend_number(talk, number)
    where = named(talk.programme, talk.draft).get(said)
    return _amend(talk, where.path) if where else None


def _cancelled(talk: _Talk) -> Step:
    empty = Draft(talk.programme.slug, talk.programme.version, talk.draft.begun)
    return Step(empty, say(texts.CANCELLED.format(title=talk.programme.title)), Outcome.CANCELLED)


def _commands(talk: _Talk) -> Step | None:
    heard = command(talk.text)
    if heard is None:
        number = item_to_amend(talk.text)
        known = number is not None and talk.draft.phase is not Phase.CONSENT
        return _amend_number(talk, number or 0) if known else None
    talk = replace(talk, draft=replace(talk.draft, pending=Pending.NOTHING))
    if talk.draft.phase is Phase.CONSENT and heard in _NEEDS_ANSWERS:
        return Step(talk.draft, put(talk.programme, talk.draft))
    return _COMMANDED[heard](talk)


def _back(talk: _Talk) -> Step:
    path = previous(talk.programme, talk.draft)
    if not path:
        return Step(talk.draft, put(talk.programme, talk.draft, texts.FIRST_ALREADY))
    return _go_to(talk, path, "")


def _skip(talk: _Talk) -> Step:
    asked, draft = talk.asked, talk.draft
    if asked is None:
        return Step(draft, put(talk.programme, draft))
    label = asked.question.label
    if asked.step == MORE:
        return _no_more(talk, asked)
    if is_answered(talk.programme, draft, asked.path) or asked.step == EDIT:
        return _go_on(talk)
    if not asked.question.optional:
        return Step(draft, put(talk.programme, draft, texts.NOT_OPTIONAL.format(label=label)))
    draft = replace(draft, skipped=_with(draft.skipped, asked.path), misses=0, last=asked.path)
    if asked.question.kind is FieldKind.PHOTOS:
        draft = replace(draft, closed=_with(draft.closed, asked.path))
    return _moved_on(talk.programme, draft, texts.SKIPPED.format(label=label))


def _pause(talk: _Talk) -> Step:
    reply = say(texts.PAUSED.format(done=_done(talk)), Choice(texts.GO_ON, texts.GO_ON))
    return Step(replace(talk.draft, misses=0), reply, Outcome.PAUSED)


def _done(talk: _Talk) -> int:
    return len(pruned(talk.programme, talk.draft.answers))


def _ask_cancel(talk: _Talk) -> Step:
    """Dropping what was filled is asked about; 不填了 at an optional question only skips it."""
    asked = talk.asked
    if asked is not None and asked.question.optional and means(talk.text, Word.LEAVE_OUT):
        return _skip(talk)
    if not talk.draft.answers:
        return _cancelled(talk)
    words = texts.SURE_CANCEL, texts.PAUSE, texts.GO_ON
    reply = say(texts.ASK_CANCEL.format(done=_done(talk)), *(Choice(w, w) for w in words))
    return Step(replace(talk.draft, pending=Pending.CANCEL), reply)


def _ask_restart(talk: _Talk) -> Step:
    words = texts.SURE_RESTART, texts.GO_ON
    reply = say(texts.ASK_RESTART.format(done=_done(talk)), *(Choice(w, w) for w in words))
    return Step(replace(talk.draft, pending=Pending.RESTART), reply)


def _person(talk: _Talk) -> Step:
    return Step(replace(talk.draft, misses=0), say(texts.PERSON), Outcome.PERSON)


def _go_on(talk: _Talk) -> Step:
    """The first open question; an answered one that was about to be changed stays as it is."""
    draft, asked = talk.draft, talk.asked
    if draft.phase is Phase.CONSENT or asked is None:
        return Step(draft, put(talk.programme, draft, texts.ONWARD))
    if has_enough(draft, asked.question):
        draft = replace(draft, closed=_with(draft.closed, asked.path))
    kept = is_answered(talk.programme, draft, asked.path)
    lead = texts.KEPT.format(label=asked.question.label) if kept else texts.ONWARD
    return _moved_on(talk.programme, draft, lead)


def _ask_which(talk: _Talk) -> Step:
    draft = replace(talk.draft, pending=Pending.AMEND)
    answered = [
        Choice(f"{at}. {question.label}", f"修改第{at}项")
        for at, question in enumerate(applicable(talk.programme, draft.answers), start=1)
        if question.key in draft.answers
    ]
    return Step(draft, say(texts.WHICH_ITEM, *answered))


def _amend_last(talk: _Talk) -> Step | None:
    """ "不对" by itself means the item filled last, but answers a question of yes and no."""
    asked = talk.asked
    if asked is not None and (asked.question.kind is FieldKind.YES_NO or asked.step == MORE):
        return None
    given = talk.draft.last and is_answered(talk.programme, talk.draft, talk.draft.last)
    if not given or talk.draft.phase is Phase.CONFIRMING:
        return _ask_which(talk)
    return _amend(talk, talk.draft.last)


_NEEDS_ANSWERS = frozenset({Command.BACK, Command.SKIP, Command.AMEND, Command.AMEND_LAST})
_COMMANDED: Mapping[Command, _Hearing] = {
    Command.BACK: _back,
    Command.SKIP: _skip,
    Command.PAUSE: _pause,
    Command.CANCEL: _ask_cancel,
    Command.RESTART: _ask_restart,
    Command.PERSON: _person,
    Command.GO_ON: _go_on,
    Command.AMEND: _ask_which,
    Command.AMEND_LAST: _amend_last,
}


def _amend_number(talk: _Talk, number: int) -> Step:
    keys = [question.key for question in applicable(talk.programme, talk.draft.answers)]
    if not 1 <= number <= len(keys):
        lead = texts.NO_SUCH_ITEM.format(number=number, total=len(keys))
        return Step(talk.draft, put(talk.programme, talk.draft, lead))
    return _amend(talk, keys[number - 1])


def _amend(talk: _Talk, path: str) -> Step:
    """Ask an item again; one that was never reached waits for its turn."""
    label = place(talk.programme, path).question.label
    if not _was_reached(talk, path):
        lead = texts.NOT_REACHED.format(label=label)
        return Step(talk.draft, put(talk.programme, talk.draft, lead))
    return _go_to(talk, path, texts.AMEND.format(label=label))


def _was_reached(talk: _Talk, path: str) -> bool:
    draft = talk.draft
    passed = path in {*draft.skipped, *draft.closed, draft.asked}
    return passed or is_answered(talk.programme, draft, path)


def _go_to(talk: _Talk, path: str, lead: str) -> Step:
    """Ask a question out of its turn; a group opens as its list of rounds."""
    where = place(talk.programme, path)
    draft = replace(talk.draft, pending=Pending.NOTHING, misses=0, said="")
    if where.question.kind is FieldKind.GROUP:
        path = _group_entry(talk.programme, draft, where.question)
    else:
        draft = replace(draft, closed=_without(draft.closed, path))
    skipped = _without(draft.skipped, path)
    draft = replace(draft, phase=Phase.ASKING, asked=path, skipped=skipped)
    return Step(draft, put(talk.programme, draft, lead))


def _group_entry(programme: Programme, draft: Draft, group: Question) -> str:
    if items_of(draft.answers, group):
        return f"{group.key}.{EDIT}"
    fewest = group.repeat.min if group.repeat else 0
    return new_round(programme, draft, group) if fewest else f"{group.key}.{MORE}"


def _group_words(talk: _Talk) -> Step | None:
    """Answers at the two special places of a group."""
    asked = talk.asked
    if asked is None or asked.group is None:
        return None
    if asked.step == EDIT:
        return _edit_group(talk, asked.group)
    if asked.step == MORE:
        return _more_or_not(talk, asked)
    return _round_given_up(talk, asked)


def _more_or_not(talk: _Talk, asked: Place) -> Step | None:
    pieces = segments(talk.text)
    more = wants_more(pieces[0]) if pieces else None
    if more is False:
        return _no_more_but(talk, asked, pieces[1:])
    about = _about_one_more(talk.text)
    if not more or len(about) > 1:
        return None
    return _one_more(talk, asked.question, worth_naming(about))


def _no_more_but(talk: _Talk, asked: Place, said: list[str]) -> Step:
    """The group is complete; what else was said is taken where it names its question."""
    step = _no_more(talk, asked)
    if not worth_naming(said):
        return step
    beside = replace(step.draft, asked="")
    taken = take(talk.programme, beside, "，".join(said), talk.turn.now)
    if not taken.values:
        taken = replace(taken, left=worth_naming(said))
    return _filled(replace(talk, draft=beside), taken)


def _one_more(talk: _Talk, group: Question, told: tuple[str, ...] = ()) -> Step:
    """One more round is opened; what was `told` with it is asked for in its order."""
    most = group.repeat.max if group.repeat else 0
    count = len(items_of(talk.draft.answers, group))
    if count >= most:
        return _moved_on(talk.programme, talk.draft, texts.ROUND_FULL.format(most=most))
    path = new_round(talk.programme, talk.draft, group)
    items = [*items_of(talk.draft.answers, group), {}]
    draft = replace(
        talk.draft,
        answers={**talk.draft.answers, group.key: items},
        asked=path,
        closed=_without(talk.draft.closed, group.key),
        misses=0,
        said=plain(talk.text),
    )
    words = "、".join(f"“{piece}”" for piece in told)
    lead = texts.TOLD_TOO_SOON.format(said=words) if told else ""
    return Step(draft, put(talk.programme, draft, lead))


def _no_more(talk: _Talk, asked: Place) -> Step:
    group = asked.group or asked.question
    draft = replace(
        talk.draft,
        answers={**talk.draft.answers, group.key: list(items_of(talk.draft.answers, group))},
        closed=_with(talk.draft.closed, group.key),
        misses=0,
        said=plain(talk.text),
    )
    return _moved_on(talk.programme, draft, "")


def _round_given_up(talk: _Talk, asked: Place) -> Step | None:
    """没有了 at the first part of a round that is still empty and not needed."""
    group = asked.group
    if group is None or group.repeat is None or wants_more(talk.text) is not False:
        return None
    items = items_of(talk.draft.answers, group)
    if asked.round != len(items) or items[-1] or len(items) <= group.repeat.min:
        return None
    draft = without_round(talk.draft, group, asked.round)
    return _no_more(replace(talk, draft=draft), asked)


def _edit_group(talk: _Talk, group: Question) -> Step | None:
    """改第 1 位, 删除第 2 位, 再加一位 at the list of rounds."""
    if means(talk.text, Word.ONE_MORE):
        return _one_more(talk, group)
    change = round_to_change(talk.text)
    items = items_of(talk.draft.answers, group)
    if change is None or not 1 <= change.number <= len(items):
        return None
    if not change.removed:
        return _moved_on(talk.programme, emptied_round(talk.draft, group, change.number), "")
    least = group.repeat.min if group.repeat else 0
    if len(items) <= least:
        lead = texts.ROUND_NEEDED.format(least=least)
        return Step(talk.draft, put(talk.programme, talk.draft, lead))
    draft = without_round(talk.draft, group, change.number)
    return _go_to(
        replace(talk, draft=draft), group.key, texts.ROUND_GONE.format(number=change.number)
    )


def _corrections(talk: _Talk) -> Step | None:
    """ "电话改成……", "不对，是高三": replace an earlier answer and say what it was before."""
    if talk.draft.phase is Phase.CONSENT or _is_question(talk):
        return None
    names = named(talk.programme, talk.draft)
    labelled = labelled_correction(talk.text, names)
    if labelled is not None:
        where = names[labelled.name]
        return _amend(talk, where.path) if not labelled.value else _renamed(talk, where, labelled)
    value = unlabelled_correction(talk.text)
    if not value or _denies_as_answer(talk):
        return None
    value, sums = without_sums(value, talk.asked)
    found = meant(talk.programme, talk.draft, value, talk.turn.now)
    if found is not None:
        return _filled(talk, Taken((found,), left=sums))
    return None if _expects_story(talk.asked) else _ask_which(talk)


def _renamed(talk: _Talk, where: Place, said: Correction) -> Step | None:
    """A new value for a named item; a story in which 改成 occurs stays a story."""
    value = read(where.question, said.value, talk.turn.now)
    if not isinstance(value, Refusal):
        return _filled(talk, Taken(((where, value),)))
    if _expects_story(talk.asked):
        return None
    lead = texts.NOT_CHANGED.format(label=where.question.label, sentence=value.sentence)
    return Step(talk.draft, put(talk.programme, talk.draft, lead))


def _denies_as_answer(talk: _Talk) -> bool:
    asked = talk.asked
    yes_or_no = asked is not None and (
        asked.question.kind is FieldKind.YES_NO or asked.step == MORE
    )
    return yes_or_no and plain(talk.text).startswith(("不是", "不对"))


def _expects_story(asked: Place | None) -> bool:
    return asked is not None and asked.question.kind is FieldKind.LONG_TEXT


def _consent(talk: _Talk) -> Step | None:
    """Only a clear word counts; refusing leaves nothing behind."""
    if talk.draft.phase is not Phase.CONSENT:
        return None
    programme, draft = talk.programme, talk.draft
    if means(talk.text, Word.AGREE):
        agreed = replace(
            draft, agreed=talk.turn.now, phase=Phase.ASKING, misses=0, said=plain(talk.text)
        )
        return _moved_on(programme, agreed, "")
    if means(talk.text, Word.DISAGREE):
        empty = Draft(programme.slug, programme.version, draft.begun)
        reply = say(texts.REFUSED_CONSENT.format(title=programme.title))
        return Step(empty, reply, Outcome.CANCELLED)
    if _is_question(talk) or _is_told(talk):
        return _aside(talk)
    draft = replace(draft, misses=draft.misses + 1)
    if draft.misses < 2:
        return Step(draft, say(texts.CONSENT_UNCLEAR, *choices(programme, draft)))
    ways = (Choice(texts.PAUSE, texts.PAUSE), Choice(texts.PERSON_LABEL, texts.PERSON_LABEL))
    return Step(draft, say(texts.CONSENT_STUCK, *choices(programme, draft), *ways))


def _offer(talk: _Talk) -> Step | None:
    """What the member record knows, confirmed or declined."""
    draft, asked = talk.draft, talk.asked
    if asked is None or asked.path not in draft.offered:
        return None
    rest = {path: value for path, value in draft.offered.items() if path != asked.path}
    if means(talk.text, Word.USE_OTHER):
        draft = replace(draft, offered=rest, misses=0, said=plain(talk.text))
        return Step(draft, put(talk.programme, draft))
    if means(talk.text, Word.USE_IT):
        return _filled(talk, Taken(((asked, draft.offered[asked.path]),)))
    return None


def _confirmation(talk: _Talk) -> Step | None:
    draft = talk.draft
    if draft.phase is not Phase.CONFIRMING or not means(talk.text, Word.SEND):
        return None
    if missing(talk.programme, draft.answers):
        return _moved_on(talk.programme, draft, "")
    sent = replace(draft, answers=pruned(talk.programme, draft.answers))
    return Step(sent, say(talk.programme.after_sending), Outcome.SEND)


_SMALL_TALK = frozenset({"greet", "thanks", "help"})
_NO_REQUEST = _SMALL_TALK | {"other", "profile", "bind", "policy", "human"}


def _is_question(talk: _Talk) -> bool:
    if _is_choice(talk):
        return False
    return asks(talk.text, seems=talk.turn.is_question, long=_expects_story(talk.asked))


def _is_choice(talk: _Talk) -> bool:
    """Whether the text is one of the offered answers, which may look like a question (“几个”)."""
    asked = talk.asked
    if asked is None or asked.step:
        return False
    also = (word for option in asked.question.choices for word in option.also)
    return plain(talk.text) in {plain(word) for word in (*labels_of(asked.question), *also)}


def _side_question(talk: _Talk) -> Step | None:
    if _is_question(talk):
        return _aside(talk)
    if _expects_story(talk.asked) or says_none(talk.text):
        return None
    intent, sure = talk.turn.intent, talk.turn.confidence
    if intent == "human" and sure >= ACT and wishes(talk.text) and len(talk.text) <= 20:
        return _person(talk)
    if intent == f"aid_{talk.programme.slug}" and sure >= ACT and wishes(talk.text):
        lead = texts.ALREADY_HERE.format(title=talk.programme.title)
        left = left_lines(talk.programme, talk.draft, worth_naming(segments(talk.text)[1:]))
        return Step(talk.draft, put(talk.programme, talk.draft, "\n".join([lead, *left])))
    if means(talk.text, Word.NOD) and not _reads_as_answer(talk):
        return Step(talk.draft, put(talk.programme, talk.draft, texts.ONWARD))
    small_talk = intent in _SMALL_TALK and sure >= ACT and len(plain(talk.text)) <= 8
    unread = not _reads_as_answer(talk)
    return _aside(talk) if unread and (small_talk or _is_request(talk)) else None


def _is_told(talk: _Talk) -> bool:
    """Before anything is asked, whatever is clearly about something else is no answer."""
    own = f"aid_{talk.programme.slug}"
    return talk.turn.confidence >= ACT and talk.turn.intent not in {"other", "thanks", own}


def _is_request(talk: _Talk) -> bool:
    known = talk.turn.intent not in _NO_REQUEST and talk.turn.confidence >= ACT
    return known and wishes(talk.text)


def _reads_as_answer(talk: _Talk) -> bool:
    """True when a question with a form of its own can read the text; any words fit a free text."""
    asked = talk.asked
    if asked is None or asked.step or asked.question.kind in TYPED:
        return False
    return not isinstance(read(asked.question, talk.text, talk.turn.now), Refusal)


def _answers(talk: _Talk) -> Step | None:
    asked, draft = talk.asked, talk.draft
    if draft.phase is Phase.CONSENT:
        return None
    if asked is not None and not asked.step and asked.question.optional and says_none(talk.text):
        return _skip(talk)
    text = talk.text
    if asked is not None and asked.step == MORE and len(pieces := _about_one_more(text)) > 1:
        opened = _one_more(talk, asked.question).draft
        talk, text = replace(talk, draft=opened), "，".join(pieces)
    taken = take(talk.programme, talk.draft, text, talk.turn.now)
    if taken.values:
        return _filled(talk, taken)
    if taken.refused:
        left = left_lines(talk.programme, draft, taken.left)
        lead = "\n".join([*_refused_lines(taken), *left])
        return Step(draft, put(talk.programme, draft, lead))
    return None


def _about_one_more(text: str) -> list[str]:
    """What follows the 有 or 还有 in "还有，柳大山，父亲"."""
    pieces = segments(text.removeprefix("还有"))
    return pieces[1:] if pieces and wants_more(pieces[0]) else pieces


def _refused_lines(taken: Taken) -> Iterator[str]:
    for where, sentence in taken.refused:
        yield texts.NOT_NOTED.format(label=where.question.label, sentence=sentence)


def _filled(talk: _Talk, taken: Taken) -> Step:
    """The answers kept and read back, then the next open question."""
    draft, asked = talk.draft, talk.asked
    lines = [*read_back(draft, taken.values), *_refused_lines(taken)]
    tapped = asked is not None and (labels_of(asked.question) or asked.path in draft.offered)
    for where, value in taken.values:
        draft = replace(
            draft,
            answers=with_value(draft.answers, where, value),
            offered={path: known for path, known in draft.offered.items() if path != where.path},
            skipped=_without(draft.skipped, where.path),
            last=where.path,
        )
    draft = replace(
        draft, pending=Pending.NOTHING, misses=0, said=plain(talk.text) if tapped else ""
    )
    draft = _settled(talk.programme, draft, {where.path for where, _ in taken.values})
    lines += left_lines(talk.programme, draft, taken.left)
    return Step(draft, put(talk.programme, draft, "\n".join(lines)))


def _settled(programme: Programme, draft: Draft, filled: frozenset[str] | set[str]) -> Draft:
    """What is asked after a change: an answer about to be changed stays asked, else the first
    open question."""
    if draft.asked and draft.asked not in filled and _still_changing(programme, draft):
        return draft
    return _onward(programme, draft)


def _still_changing(programme: Programme, draft: Draft) -> bool:
    where = place(programme, draft.asked)
    applies = where.key in {q.key for q in applicable(programme, draft.answers)}
    if not applies or where.question.kind is FieldKind.PHOTOS:
        return False
    return where.step == EDIT or is_answered(programme, draft, draft.asked)


def _onward(programme: Programme, draft: Draft) -> Draft:
    """Ask the first open question, or the confirmation when none is open."""
    asked = next_path(programme, draft)
    return replace(draft, asked=asked, phase=Phase.ASKING if asked else Phase.CONFIRMING)


def _moved_on(programme: Programme, draft: Draft, lead: str) -> Step:
    draft = _onward(programme, replace(draft, pending=Pending.NOTHING, misses=0))
    return Step(draft, put(programme, draft, lead))


def _refusal(talk: _Talk) -> str:
    asked = talk.asked
    if asked is None:
        return texts.NOT_SENT
    if asked.step == MORE:
        return texts.MORE_UNCLEAR
    if asked.step == EDIT:
        return ""
    if asked.question.kind is FieldKind.PHOTOS:
        return texts.PHOTO_WANTED
    value = read(asked.question, talk.text, talk.turn.now)
    return value.sentence if isinstance(value, Refusal) else ""


def _unreadable(talk: _Talk, sentence: str) -> Step:
    """What to do instead; the second time in a row with the example and a way to a person."""
    draft = replace(talk.draft, pending=Pending.NOTHING, misses=talk.draft.misses + 1, said="")
    words = [sentence]
    person: tuple[Choice, ...] = ()
    if draft.misses >= 2:
        asked = talk.asked
        if asked is not None and not asked.step and asked.question.kind is not FieldKind.PHOTOS:
            words.append(texts.EXAMPLE.format(example=asked.question.example))
        words.append(texts.STUCK)
        person = (Choice(texts.PERSON_LABEL, texts.PERSON_LABEL),)
    lead = "\n".join(word for word in words if word)
    if draft.phase is Phase.CONFIRMING:
        return Step(draft, say(lead, *choices(talk.programme, draft), *person))
    return Step(draft, put(talk.programme, draft, lead, person))


_HEARINGS: tuple[_Hearing, ...] = (
    _photos,
    _silence,
    _in_danger,
    _second_tap,
    _pending,
    _confirmation,
    _photo_words,
    _offer,
    _group_words,
    _commands,
    _consent,
    _corrections,
    _side_question,
    _answers,
)
"""The order in which a message is tried; the first that understands it answers."""
