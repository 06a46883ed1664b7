"""The kind of unit that a question is asked for: said in it, tapped, or told before it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nlp.cards import Kind

_SAID: Mapping[Kind, re.Pattern[str]] = {
    "机关": re.compile(
        r"我(?:们)?(?:是|在|属于)[^，。]{0,4}(?:公务员|机关|厅里|局里)|公务员(?:能|可以|要|的|辞|被|考|请|受)"
    ),
    "事业": re.compile(r"事业(?:单位|编)"),
    "企业": re.compile(
        r"(?:我们?|在|这家|一家)[^，。]{0,3}(?:公司|工厂|厂子|厂里|私企|国企|店里|工地)"
    ),
}
# What a tap says, where the kind of unit decides which law answers.
TAPS: Mapping[Kind, str] = {
    "企业": "我在企业上班",
    "机关": "我是公务员",
    "事业": "我在事业单位上班",
}
_CONTRACT = "我签的是劳动合同"
_TOLD_BEFORE = re.compile(f"^(?:({'|'.join(TAPS.values())})：|{_CONTRACT}[：:，,])")
# A unit's kind stands for the person, who may be employed there in another way.
BY_CONTRACT = (
    f"这一条管的是公务员。您要是和单位签的劳动合同，请在问题前面加上“{_CONTRACT}”再问一次。"
)


def kind_said(question: str) -> Kind | None:
    """The kind of unit that somebody names as their own; under contract is as in 企业."""
    told = _TOLD_BEFORE.match(question)
    if told is not None:
        return next((kind for kind, said in TAPS.items() if said == told[1]), "企业")
    return next((kind for kind, pattern in _SAID.items() if pattern.search(question)), None)


def without_unit(question: str) -> str:
    """The question alone, when the kind of unit was told before it."""
    return _TOLD_BEFORE.sub("", question)


def with_unit(words: str, question: str) -> str:
    """The question with the words of a tap before it; "" when they are none."""
    return f"{words}：{question}" if question and words in TAPS.values() else ""


def tells_the_unit(words: str) -> bool:
    """Whether the words are a question as `with_unit` gives it."""
    return "：" in words and without_unit(words) != words
