"""“取消”, “算了”: what is meant is read from what the member has open."""

from __future__ import annotations

from typing import TYPE_CHECKING

from handlers import texts
from handlers.types import Choice, Reply, numbered, say
from models.application import CaseStatus, cases_of
from models.event import signups_of

if TYPE_CHECKING:
    from handlers.context import Context

OPEN = (CaseStatus.SENT, CaseStatus.RETURNED)


async def ask_which(context: Context) -> Reply:
    """Offer what can be taken back; nothing is taken back without a tap."""
    if context.member_id is None:
        return say("好的。有什么需要，随时跟我说。", *texts.MENU)
    signups = await signups_of(context.work, context.member_id)
    coming = [event for _, event in signups if event.ends_at > context.now]
    waiting = [
        case for case in await cases_of(context.work, context.member_id) if case.status in OPEN
    ]
    choices = [
        *(Choice(f"取消报名：{event.title}", f"取消报名 {event.title}") for event in coming),
        *(Choice(f"撤回申请：{case.number}", f"撤回 {case.number}") for case in waiting),
    ]
    if not choices:
        return say("好的，眼下没有要取消的报名和申请。有什么需要，随时跟我说。", *texts.MENU)
    return say("您是想取消哪一个？", *numbered(*choices, Choice("都不取消", "返回菜单")))
