"""Questions on law and rules: the answer with its clause, or honestly none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from handlers import texts
from handlers.actions import answers, library
from handlers.types import Choice, Link, Reply, numbered, say

if TYPE_CHECKING:
    from handlers.context import Context
    from nlp.cards import Theme

ASK = (
    "您想问哪方面的政策？直接说您的情况就行，比如“工作六年能休几天年假”。\n"
    "我只照条文回答，找不到依据就不说。"
)
# Questions near to the one asked are offered, at most so many, when they share this much with it.
NEAR, ALIKE = 2, 0.45
# The themes that are asked after most; the page has all of them.
THEMES: tuple[Theme, ...] = (
    "休假与放假",
    "工资与加班",
    "女职工与生育",
    "劳动合同",
    "辞退与补偿",
    "工伤与职业病",
    "社会保险",
    "公积金",
)
LIBRARY = Link("看全部政策，可以搜、可以调大字", "/policy")


async def themes(_: Context) -> Reply:
    """Invite a question, or let one of the themes be chosen."""
    return say(ASK, *numbered(*(Choice(theme, theme) for theme in THEMES)), links=(LIBRARY,))


def names_a_theme(words: str) -> bool:
    """Whether the words are just the name of a theme, as a tap on one says it."""
    return words.strip() in library.THEMES


async def theme(context: Context) -> Reply:
    """What people ask under a theme, and the page with all of it."""
    name = next(one for one in library.THEMES if one == context.inbound.text.strip())
    asked = await library.examples(context.work, context.services.clauses, name, context.now)
    if not asked:
        return say(f"“{name}”现在还没有现成的回答。直接说您的情况，或者发“人工”。")
    return say(
        f"“{name}”大家常问这些，点一个就答；也可以直接说您的情况。",
        *numbered(*(Choice(each, each) for each in asked)),
        links=(Link(f"看“{name}”的全部回答", library.theme_path(name)),),
    )


async def answer(context: Context) -> Reply:
    """Answer from a clause in force today, or say that none was found."""
    question = context.inbound.text
    found = await answers.answer(
        context.work, context.services.clauses, question, context.now, context.member_id
    )
    if found is not None:
        return say(found.words, links=tuple(Link(page.label, page.path) for page in found.pages))
    judged = await context.services.clauses.judge(question)
    near = [
        min(each.card.questions, key=len)
        for each in judged.found
        if each.card is not None and each.why.sample >= ALIKE
    ][:NEAR]
    return say(
        "这个问题我在现有的政策条文里没有找到明确的依据，不敢乱说。"
        "可以换个说法再问一次，或者转给工作人员。",
        *(Choice(f"您是想问：{each}", each) for each in near),
        texts.STAFF,
    )


async def answer_if_known(context: Context) -> Reply | None:
    """The answer to what did not look like a question; None when no clause clearly says it."""
    found = await answers.answer(
        context.work,
        context.services.clauses,
        context.inbound.text,
        context.now,
        context.member_id,
    )
    if found is None:
        return None
    return say(found.words, links=tuple(Link(page.label, page.path) for page in found.pages))
