"""Questions on law and rules: the answer with its clause, or honestly none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from handlers import texts
from handlers.actions import answers
from handlers.types import Choice, Link, Reply, numbered, say

if TYPE_CHECKING:
    from handlers.context import Context

ASK = (
    "您想问哪方面的政策？直接说您的情况就行，比如“工作六年能休几天年假”。\n"
    "我只照条文回答，找不到依据就不说。"
)
# Questions near to the one asked are offered, at most so many, when they share this much with it.
NEAR, CLOSE = 3, 0.3
THEMES = ("年休假有几天", "产假多少天", "加班费怎么算", "工伤怎么认定")


async def themes(_: Context) -> Reply:
    """Invite a question."""
    return say(ASK, *numbered(*(Choice(theme, theme) for theme in THEMES)))


async def answer(context: Context) -> Reply:
    """Answer from a clause in force today, or say that none was found."""
    found = await answers.answer(
        context.work, context.services.knowledge.cards, context.inbound.text, context.now
    )
    if found is None:
        near = context.services.knowledge.cards.search(context.inbound.text, NEAR)
        asked = (each.card.questions[0] for each in near if each.score >= CLOSE)
        return say(
            "这个问题我在现有的政策条文里没有找到明确的依据，不敢乱说。"
            "可以换个说法再问一次，或者转给工作人员。",
            *(Choice(f"您是想问：{question}", question) for question in asked),
            texts.STAFF,
        )
    links = (Link("看条文全文", found.path),) if found.path else ()
    return say(found.words, links=links)
