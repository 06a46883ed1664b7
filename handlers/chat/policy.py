"""Questions on law and rules: the answer with its clause, or honestly none."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from handlers import texts
from handlers.actions import answers
from handlers.reckon.outcome import Result
from handlers.types import Choice, Link, Reply, numbered, say
from nlp.understand import Outcome

if TYPE_CHECKING:
    from handlers.context import Context
    from handlers.reckon.asked import Input
    from handlers.reckon.reckoner import Pending

ASK = (
    "您想问哪方面的政策？直接说您的情况就行，比如“工作六年能休几天年假”。\n"
    "我只照条文回答，找不到依据就不说。"
)
# Questions near to the one asked are offered, at most so many, when they share this much with it.
NEAR, ALIKE = 2, 0.45
# From here on a wish for something else ends a calculation.
CLEAR = 0.9
STOP = frozenset(
    {"不算了", "取消", "算了", "不用了", "不用算了", "退出", "返回", "不问了", "别算了"}
)
UNSURE, ENOUGH = Choice("不清楚", "不清楚"), Choice("不算了", "不算了")
NOT_READ = "这句我没读出来。"
THEMES = ("年假一年有几天", "产假多少天", "加班费怎么算", "工伤怎么认定")


async def themes(_: Context) -> Reply:
    """Invite a question."""
    return say(ASK, *numbered(*(Choice(theme, theme) for theme in THEMES)))


async def answer(context: Context) -> Reply:
    """Answer from a clause in force today, or say that none was found."""
    counted = await _reckon(context)
    return await _from_clauses(context) if counted is None else counted


async def _from_clauses(context: Context) -> Reply:
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
    counted = await _reckon(context)
    if counted is not None:
        return counted
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


def answers_what_was_asked(context: Context) -> bool:
    """Whether the message is for the calculation that waits: an answer, a stop, or no wish at all.

    Another question or a clear wish is not; a tapped answer always is.
    """
    pending, words = context.state.reckoning, context.inbound.text.strip()
    reckoner, meaning = context.services.knowledge.reckoner, context.meaning
    if pending is None or not words or not reckoner.waits(pending, context.now):
        return False
    if words in STOP or reckoner.taps(pending, words):
        return True
    other = reckoner.begin(words, context.now)
    if other is not None and other.slug != pending.slug:
        return False
    wish = meaning.outcome is Outcome.ACT and meaning.intent not in {"policy", "other"}
    if wish and (meaning.stage == "command" or meaning.confidence >= CLEAR):
        return False
    if reckoner.hear(pending, words, context.now) is not None:
        return True
    return not wish and not meaning.is_question and meaning.intent != "policy"


async def go_on(context: Context) -> Reply:
    """Take the answer to what was asked, and ask on or tell the result."""
    pending, words = context.state.reckoning, context.inbound.text.strip()
    if pending is None:
        return await answer(context)
    context.state.reckoning = None
    if words in STOP:
        return say("好的，不算了。有别的想问的，直接跟我说。")
    heard = context.services.knowledge.reckoner.hear(pending, words, context.now)
    told = await _proceed(context, heard or pending, unread=heard is None)
    if told is not None:
        return told
    context.inbound = replace(context.inbound, text=pending.question)
    return await _from_clauses(context)


async def _reckon(context: Context) -> Reply | None:
    """The calculation that the question wants, or what it needs to be told; None for no such."""
    question = context.inbound.text
    if answers.CITED.search(question):
        return None
    pending = context.services.knowledge.reckoner.begin(question, context.now)
    return None if pending is None else await _proceed(context, pending)


async def _proceed(context: Context, pending: Pending, *, unread: bool = False) -> Reply | None:
    """The result, or the next thing to ask; a form that is open asks for itself."""
    kind = answers.kind_said(pending.question) or await answers.kind_of(
        context.work, context.member_id
    )
    outcome = context.services.knowledge.reckoner.outcome(pending, context.now, kind or "")
    if outcome is None or (not isinstance(outcome, Result) and context.state.form):
        return None
    if not isinstance(outcome, Result):
        context.state.reckoning = replace(
            pending, asked=outcome.key, asks=pending.asks + 1, asked_at=context.now
        )
        return _ask(outcome, unread=unread and outcome.key == pending.asked)
    found = await answers.reckoned(context.work, outcome)
    links = tuple(Link(page.label, page.path) for page in found.pages)
    return say(found.words, *(() if outcome.clauses else (texts.STAFF,)), links=links)


def _ask(wanted: Input, *, unread: bool) -> Reply:
    """One short question, with what can be tapped."""
    choices = numbered(*(Choice(option.label, option.label) for option in wanted.choices))
    return say(f"{NOT_READ if unread else ''}{wanted.ask}", *choices, UNSURE, ENOUGH)
