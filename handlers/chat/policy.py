"""Questions on law and rules: the answer with its clause, or honestly none."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from handlers import texts
from handlers.actions import answers, library, phrasing, questions, unit_kinds
from handlers.actions.questions import Answered, Said, Unanswered
from handlers.reckon.outcome import Result
from handlers.types import Choice, Link, Reply, numbered, say
from models.question import Reason
from nlp.understand import Outcome

if TYPE_CHECKING:
    from handlers.actions.answers import Answer, Weighed
    from handlers.actions.clauses import Ready
    from handlers.context import Context
    from handlers.reckon.asked import Input
    from handlers.reckon.reckoner import Pending
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
USEFUL = "这回答了您的问题吗？"
TAPS = (Choice("有用", "有用"), Choice("没有用", "没有用"))
RATED = "谢谢您告诉我。还有想问的，直接说就行。"
RATED_BEFORE = "刚才那条您已经告诉过我了，谢谢。还有想问的，直接说就行。"
WHICH_UNIT = "这件事，不同的单位规定不一样。您在哪种单位？"
SORRY = "谢谢您告诉我，抱歉没答到点上。"
NOTED = "您的问题我已经记下，请工会的同志来答；有了答案，我在这里告诉您。"
NOT_FOUND = "没有找到能直接回答您的依据，不敢乱说。"
AGAIN = "可以换个说法再问一次，着急的话也可以现在就转给工作人员。"
# From here on a wish for something else ends a calculation.
CLEAR = 0.9
STOP = frozenset(
    {"不算了", "取消", "算了", "不用了", "不用算了", "退出", "返回", "不问了", "别算了"}
)
UNSURE, ENOUGH = Choice("不清楚", "不清楚"), Choice("不算了", "不算了")
NOT_READ = "这句我没读出来。"


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
    counted = await _reckon(context)
    return await _from_clauses(context) if counted is None else counted


async def _from_clauses(context: Context) -> Reply:
    question = context.inbound.text
    weighed = await _weigh(context, question)
    if weighed.answer is not None:
        asked = await _ask_unit(context, weighed)
        return asked or await _told(context, weighed.answer, question)
    named = await library.title_by_slug(context.services.clauses)
    near = [
        named[each.card.slug]
        for each in weighed.judged.found
        if each.card is not None and each.why.sample >= ALIKE and each.card.slug in named
    ][:NEAR]
    noted = await _note(
        context,
        Unanswered(
            context.conversation_id,
            context.member_id,
            context.message_id,
            question,
            Reason.REFUSED,
            weighed.kind,
            weighed.judged.found,
        ),
    )
    searched = _searched(context.services.clauses.condition)
    return say(
        "\n".join(filter(None, (f"{searched}，{NOT_FOUND}", NOTED if noted else "", AGAIN))),
        *(Choice(f"您是想问：{each}", each) for each in near),
        texts.STAFF,
    )


async def _ask_unit(context: Context, weighed: Weighed) -> Reply | None:
    """Ask for the kind of unit where it decides; the answer asks the question again with it."""
    question, clauses = context.inbound.text, context.services.clauses
    kinds = () if context.state.form else await answers.undecided(clauses, question, weighed)
    if not kinds:
        return None
    context.state.unsure = question
    taps = (unit_kinds.TAPS[kind] for kind in kinds)
    return say(WHICH_UNIT, *numbered(*(Choice(tap, tap) for tap in taps)), texts.STAFF)


async def rate(context: Context) -> Reply:
    """A word on the last answer: counted once, and a useless one goes to the board."""
    useful = context.inbound.text.strip() == TAPS[0].say
    ring, now = context.services.ring, context.now
    context.state.useful_asked = False
    rated = await questions.rate(context.work, ring, context.conversation_id, now, useful=useful)
    if rated.said is Said.COUNTED_BEFORE:
        return say(RATED_BEFORE)
    if useful or rated.given is None:
        return say(RATED) if useful else say(f"{SORRY}{AGAIN}", texts.STAFF)
    weighed = await _weigh(context, rated.words)
    noted = await _note(
        context,
        Unanswered(
            context.conversation_id,
            context.member_id,
            rated.given.message_id,
            rated.words,
            Reason.NOT_HELPFUL,
            weighed.kind,
            weighed.judged.found,
        ),
    )
    return say("\n".join(filter(None, (SORRY + (NOTED if noted else ""), AGAIN))), texts.STAFF)


async def answer_if_known(context: Context) -> Reply | None:
    """The answer to what did not look like a question; None when no clause clearly says it."""
    counted = await _reckon(context)
    if counted is not None:
        return counted
    weighed = await _weigh(context, context.inbound.text)
    if weighed.answer is None:
        return None
    asked = await _ask_unit(context, weighed)
    return asked or await _told(context, weighed.answer, context.inbound.text)


async def _told(context: Context, found: Answer, question: str) -> Reply:
    """The answer, with the question whether it was one; not in a form, which asks by itself."""
    links = tuple(Link(page.label, page.path) for page in found.pages)
    if not found.slug or context.meaning.danger is not None:
        return say(found.words, links=links)
    worded = await _phrased(context, found, question)
    answered = Answered(
        context.conversation_id,
        context.member_id,
        context.message_id,
        question,
        found.slug,
    )
    await questions.keep_given(context.work, context.services.ring, answered, context.now)
    if context.state.form:
        return say(found.words, links=links)
    context.state.useful_asked = True
    reply = say(f"{worded or found.words}\n\n{USEFUL}", *TAPS, links=links)
    return replace(reply, phrased=bool(worded))


async def _phrased(context: Context, found: Answer, question: str) -> str:
    """The answer in the words of a model; "" where there is none, or it must stay as it is."""
    model = context.services.phrasing
    if model is None or not found.cards or context.state.form or context.hidden:
        return ""
    brief = await phrasing.brief_of(context.work, found, question, context.now)
    await context.pause()
    return await model.words(brief, context.message_id)


async def _weigh(context: Context, words: str) -> Weighed:
    """A question of this person, with its candidates."""
    asker = await answers.asker_of(context.work, context.member_id)
    return await answers.weigh(context.work, context.services.clauses, words, asker, context.now)


async def _note(context: Context, asked: Unanswered) -> bool:
    """Put a question on the board; False when it was not kept, or nobody could be told."""
    if context.hidden or context.meaning.danger is not None:
        return False
    return await questions.note(context.work, context.services.ring, asked, context.now)


def _searched(ready: Ready) -> str:
    """What was searched, in numbers."""
    if ready.documents:
        return f"我查了 {ready.documents} 部法律法规、{ready.passages:,} 条条文"
    return f"我查了 {ready.cards:,} 张政策问答卡"


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
    asker = await answers.asker_of(context.work, context.member_id)
    kind = unit_kinds.kind_said(pending.question) or asker.kind
    outcome = context.services.knowledge.reckoner.outcome(pending, context.now, kind or "")
    if outcome is None or (not isinstance(outcome, Result) and context.state.form):
        return None
    if not isinstance(outcome, Result):
        context.state.reckoning = replace(
            pending, asked=outcome.key, asks=pending.asks + 1, asked_at=context.now
        )
        return _ask(outcome, unread=unread and outcome.key == pending.asked)
    found = await answers.reckoned(
        context.work, outcome, context.now.astimezone(answers.SHANGHAI).date()
    )
    if not outcome.clauses:
        return say(found.words, texts.STAFF)
    return await _told(context, replace(found, slug=f"reckon-{pending.slug}"), pending.question)


def _ask(wanted: Input, *, unread: bool) -> Reply:
    """One short question, with what can be tapped."""
    choices = numbered(*(Choice(option.label, option.label) for option in wanted.choices))
    return say(f"{NOT_READ if unread else ''}{wanted.ask}", *choices, UNSURE, ENOUGH)
