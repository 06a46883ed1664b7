"""Danger to a life: care and numbers at once, and a person as soon as can be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from handlers.actions import tickets
from handlers.types import Reply, say
from models.ticket import Why
from nlp.urgency import is_urgent

if TYPE_CHECKING:
    from handlers.context import Context

CARE = {
    "self_harm": "谢谢您愿意说出来。您现在的感受很重要，请先别一个人扛着，马上联系能陪您的人。",
    "violence": "您的安全最要紧。请先到安全的地方去，马上求助。",
    "accident": "请先保证自己和身边人的安全，马上求助。",
    "medical": "请马上求助，身边有人的话让他陪着您。",
}


async def answer(context: Context) -> Reply:
    """Say what helps now, and let staff know; ordinary staff do not see the words."""
    urgency = is_urgent(context.inbound.text)
    kind = "self_harm" if urgency is None else urgency.kind
    context.hidden = True
    await tickets.open_ticket(context.work, tickets.Asking.of(context, Why.URGENT), context.now)
    lines = context.services.knowledge.hotlines.named_for(kind)
    numbers = "\n".join(f"{line.number}　{line.name}" for line in lines)
    return say(
        f"{CARE[kind]}\n{numbers}\n"
        "我已经把您的情况紧急转给工会的同志，他们会尽快在这里联系您。您可以继续跟我说，我在。"
    )
