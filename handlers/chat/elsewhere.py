"""Wishes that are understood but not served in this conversation: a person serves them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from handlers import texts
from handlers.types import Reply, say

if TYPE_CHECKING:
    from handlers.context import Context

WISHES = {
    "aid_hardship": "困难职工建档和帮扶",
    "aid_medical": "大病互助",
    "aid_women": "女职工安康险",
    "aid_condolence": "慰问",
    "privacy": "个人信息的导出、更正和删除",
    "event_checkin": "活动签到",
    "club_join": "兴趣小组",
    "job_search": "春风行动找工作",
    "cooling": "夏送清凉",
    "counsel_book": "心灵驿站预约",
    "quiz": "知识竞赛",
    "survey": "问卷",
    "pairing": "结对帮带",
    "notice_on": "通知订阅",
    "notice_off": "通知退订",
}


async def offer_person(context: Context) -> Reply:
    """Say honestly that a person does this."""
    what = WISHES[context.meaning.intent]
    return say(texts.NOT_HERE_YET.format(what=what), texts.STAFF)
