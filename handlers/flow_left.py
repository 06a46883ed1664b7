"""What a person said to a form that no question wants: named in the answer, never dropped."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from handlers import flow_texts as texts
from handlers.catalogue.answers import Place, applicable
from handlers.catalogue.schema import TYPED, FieldKind
from handlers.draft import is_answered
from handlers.flow_words import PAD, segments, without_filler
from nlp.numerals import NUMERAL, half_width, to_number

if TYPE_CHECKING:
    from handlers.catalogue.schema import Programme
    from handlers.draft import Draft

_SPENT = (
    "费用|费|房租|租金|贷款|房贷|车贷|欠款|欠债|外债|债|借款|首付|开销|支出|押金|彩礼|欠|借|花"
)
_EARNED = "工资|退休金|养老金|低保金|低保|补助|补贴|津贴|奖金|助学金|奖学金|存款|收入|报销|挣|赚"
_SUM = re.compile(
    rf"(?P<what>[\u4e00-\u9fff]{{0,8}}?(?:(?P<spent>{_SPENT})|{_EARNED})"
    r"(?:[掉去]|[一每全]年|一个月|每个?月|[一每]?学期|[要得交是有了约就还共]|大概|大约|差不多|[:：\s])*)"
    rf"(?P<figure>{NUMERAL})\s*(?P<more>多|左右)?(?:块钱|块|元整|元|圆|钱)?\s*(?P<after>多|左右)?[吧了呢啊]*"
)
_LONG_NUMBER = re.compile(r"\d{6,}(?=\d{4})")
_IDLE = re.compile(
    r"(?:谢谢|多谢|感谢|辛苦|麻烦|你好|您好|不好意思|对不起|好的?|嗯+|哦+|是的?|对的?|就是|就这些|没了|没有了?|还有|另外"
    r"|然后|那个|这个|我想想|你们|您|你|请|填|写|记|一下|收到|知道|明白|可以|行|哈+|呵+|[吧了啊呀呢嘛的哦])*"
)
_MOST_SHOWN = 30


@dataclass(frozen=True, slots=True)
class Sum:
    """A sum with the word for what it is: 学费 5000; `spent` is the word for a cost, or ""."""

    what: str
    yuan: str
    spent: str
    about: str

    @property
    def words(self) -> str:
        """The sum as it is said back."""
        unit = {"多": "多元", "左右": "元左右"}.get(self.about, "元")
        return f"{self.what} {self.yuan} {unit}"


def sum_in(piece: str) -> Sum | None:
    """The named sum that the whole piece is; None for anything else."""
    found = _SUM.fullmatch(half_width(piece).strip())
    number = to_number(found["figure"]) if found else None
    if found is None or number is None:
        return None
    about = found["more"] or found["after"] or ""
    return Sum(found["what"].strip(" ：:"), f"{number:f}", found["spent"] or "", about)


def is_elsewhere(piece: str, asked: Place | None) -> bool:
    """Whether the piece is a named sum that the question asked cannot mean.

    What somebody earns may be the answer to any question about money, what it costs only to one
    about costs. A story takes every sum.
    """
    found = sum_in(piece)
    if found is None:
        return False
    if asked is None or asked.step or asked.question.kind is not FieldKind.MONEY:
        return asked is None or asked.question.kind is not FieldKind.LONG_TEXT
    question = asked.question
    wanted = "".join((*question.names, question.ask, question.hint or ""))
    return bool(found.spent) and found.spent[0] not in wanted


def without_sums(text: str, asked: Place | None) -> tuple[str, tuple[str, ...]]:
    """The text without the pieces that are sums of something else, and those pieces.

    What only accompanies such a sum (好的，学费 5000) is no name and no nothing.
    """
    apart = tuple(piece for piece in segments(text) if is_elsewhere(piece, asked))
    if not apart:
        return text, ()
    for piece in apart:
        text = text.replace(piece, "", 1)
    open_to_any = asked is not None and asked.question.kind in {*TYPED, FieldKind.MONEY}
    idle = all(_IDLE.fullmatch(piece) for piece in segments(text))
    return "" if open_to_any and idle else text.strip(PAD), apart


def worth_naming(pieces: list[str]) -> tuple[str, ...]:
    """Those pieces that say something: no courtesy, no filler."""
    return tuple(
        piece
        for piece in pieces
        if len(without_filler(piece)) > 1 and _IDLE.fullmatch(without_filler(piece)) is None
    )


def left_lines(programme: Programme, draft: Draft, left: tuple[str, ...]) -> list[str]:
    """One sentence for what was said and not kept, with a way on; none for nothing."""
    if not left:
        return []
    sums = [found for piece in left if (found := sum_in(piece)) is not None]
    if len(sums) == len(left):
        said = "、".join(found.words for found in sums)
        return [texts.LEFT_SUM.format(said=said, way=_way(programme, draft))]
    said = "、".join(f"“{_shown(piece)}”" for piece in left)
    return [texts.LEFT_WORDS.format(said=said, way=_way(programme, draft))]


def _shown(piece: str) -> str:
    """The person's own words, with the last four of long numbers only."""
    shown = _LONG_NUMBER.sub("…", half_width(piece))
    return shown if len(shown) <= _MOST_SHOWN else f"{shown[:_MOST_SHOWN]}……"


def _way(programme: Programme, draft: Draft) -> str:
    """Where it can be said: the free text of the form, or to a person."""
    stories = [
        question
        for question in applicable(programme, draft.answers)
        if question.kind is FieldKind.LONG_TEXT
    ]
    if not stories:
        return texts.LEFT_TO_PERSON
    story = stories[0]
    passed = story.key in draft.skipped or is_answered(programme, draft, story.key)
    pattern = texts.LEFT_TO_STORY_AGAIN if passed else texts.LEFT_TO_STORY
    return pattern.format(label=story.label)
