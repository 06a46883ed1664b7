"""Danger to a life: care and numbers at once, and a person as soon as can be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from handlers import texts
from handlers.actions import tickets
from handlers.types import Choice, Reply, say
from models.ticket import Why
from nlp.urgency import Danger

if TYPE_CHECKING:
    from handlers.context import Context

CARE = {
    Danger.SELF_HARM: (
        "谢谢您愿意说出来。您现在的感受很重要，请先别一个人扛着，马上联系能陪您的人。"
    ),
    Danger.VIOLENCE: "您的安全最要紧。请先到安全的地方去，马上求助。",
    Danger.ACCIDENT: "请先保证自己和身边人的安全，马上求助。",
    Danger.MEDICAL: "请马上求助，身边有人的话让他陪着您。",
}
HELP = Choice("我有危险，需要帮助", "我有危险，需要帮助")


async def answer(context: Context) -> Reply:
    """Say what helps now, and let staff know; ordinary staff do not see the words.

    Nothing stays open that would take the next words for an answer; what was filled in is kept.
    """
    kind = _kind(context)
    context.hidden = True
    context.state.binding = None
    context.state.reckoning = None
    rest = "您刚才填的内容都留着，以后再说。" if context.state.form else ""
    context.state.form = ""
    await tickets.open_ticket(context.work, tickets.Asking.of(context, Why.URGENT), context.now)
    return say(
        f"{CARE[kind]}\n{_numbers(context, kind)}\n"
        "我已经把您的情况紧急转给工会的同志，他们会尽快在这里联系您。您可以继续跟我说，我在。"
        f"{rest}",
        texts.FINE,
    )


def offer_help(context: Context) -> Reply:
    """Beside another answer, for words that worry: where help is, and one tap to be heard."""
    kind = _kind(context)
    return say(
        f"要是您或身边的人正有危险，请马上打电话：\n{_numbers(context, kind)}\n"
        "也可以点下面，马上有人联系您：",
        HELP,
    )


def _kind(context: Context) -> Danger:
    danger = context.meaning.danger
    return Danger.SELF_HARM if danger is None else danger.kind


def _numbers(context: Context, kind: Danger) -> str:
    lines = context.services.knowledge.hotlines.named_for(kind)
    return "\n".join(f"{line.number}　{line.name}" for line in lines)
