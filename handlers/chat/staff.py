"""Handing over to a person, and back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from handlers import texts
from handlers.actions import tickets
from handlers.types import Choice, Kind, Reply, numbered, say
from models.ticket import Ticket, Why
from nlp.understand import OFFERS, Outcome

if TYPE_CHECKING:
    from handlers.context import Context

# What needs no answer while staff have the word.
SILENT = frozenset({"other", "greet", "thanks", "feedback", "crisis"})
RETURN_WORDS = frozenset(
    {"返回", "结束人工", "返回机器人", "退出人工", "不用人工了", texts.FINE.say}
)


async def hand_over(context: Context) -> Reply:
    """The member asks for a person."""
    if context.ticket_id is not None:
        ticket = await context.work.get_one(Ticket, context.ticket_id)
        return say(texts.ALREADY_WITH_STAFF.format(number=ticket.number))
    ticket = await tickets.open_ticket(
        context.work, tickets.Asking.of(context, Why.ASKED), context.now
    )
    return say(texts.PASSED_TO_STAFF.format(number=ticket.number))


async def listen(context: Context) -> Reply:
    """Staff have the word: the message is kept for them and the service is silent."""
    if context.inbound.text.strip() in RETURN_WORDS and context.ticket_id is not None:
        await tickets.take_back(context.work, context.ticket_id, context.now)
        rest = "刚才填的内容都还在，发“继续”接着填。" if context.state.form else ""
        return say(texts.BACK_AGAIN.format(rest=rest))
    ticket = (
        None
        if context.ticket_id is None
        else await context.work.get_one(Ticket, context.ticket_id)
    )
    if ticket is not None and ticket.urgent and ticket.answered_at is None:
        context.hidden = True
        return say(texts.STAY_WITH_ME, texts.FINE)
    meaning = context.meaning
    meant = meaning.intent not in SILENT and meaning.outcome is Outcome.ACT
    if meant or context.inbound.kind is Kind.EVENT or context.inbound.text.strip() == "继续":
        return say(texts.STAFF_HAVE_THE_WORD, Choice("返回", "返回"))
    return Reply()


async def note_following(context: Context, *, following: bool) -> None:
    """Keep whether the person follows the account; who does not gets no messages."""
    await tickets.set_following(context.work, context.conversation_id, following=following)


async def pass_on(context: Context) -> Reply:
    """The service gives up, and a person takes over."""
    context.state.misses = 0
    await tickets.open_ticket(
        context.work, tickets.Asking.of(context, Why.NOT_UNDERSTOOD), context.now
    )
    return say(texts.PASSED_ON)


async def not_understood(context: Context) -> Reply:
    """Ask again once; the second time a person takes over."""
    meaning = context.meaning
    if meaning.danger is not None:
        return say(texts.SOUNDS_HARD, texts.MEANINGS["counsel_book"], texts.STAFF)
    context.state.misses += 1
    if context.state.misses >= 2:
        return await pass_on(context)
    likely = [meaning.intent, *(intent for intent, _ in meaning.alternatives)]
    guesses = [texts.MEANINGS[intent] for intent in likely if intent in texts.MEANINGS]
    if guesses and meaning.outcome is Outcome.OFFER:
        offered = guesses[: OFFERS - 1]
        context.state.unsure = context.inbound.text
        return say(texts.DID_YOU_MEAN, *numbered(*offered, texts.STAFF))
    return say(texts.NOT_UNDERSTOOD, *numbered(*texts.MENU))
