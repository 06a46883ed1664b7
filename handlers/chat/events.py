"""Events: what there is, signing up, cancelling, what I signed up for."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from handlers import texts
from handlers.actions import signups
from handlers.types import Choice, Reply, numbered, say
from models.event import Event, SignupStatus, open_events, signups_of

if TYPE_CHECKING:
    from datetime import datetime

    from handlers.context import Context

SHANGHAI = ZoneInfo("Asia/Shanghai")
WEEKDAYS = "一二三四五六日"
SIGN_UP, CANCEL, SURE = "报名", "取消报名", "确认取消报名"


def when(moment: datetime) -> str:
    """A moment as people say it: 1 月 4 日星期一 09:00."""
    local = moment.astimezone(SHANGHAI)
    return f"{local.month} 月 {local.day} 日星期{WEEKDAYS[local.weekday()]} {local:%H:%M}"


async def offer(context: Context) -> Reply:
    """The events that take sign-ups."""
    events = await open_events(context.work, context.now)
    if not events:
        return say("眼下没有正在报名的活动，有了会在这里通知。", texts.MENU[3])
    lines = [
        f"{place}. {event.title}\n　{when(event.starts_at)}，{event.place}\n　{_seats(event)}"
        for place, event in enumerate(events, 1)
    ]
    choices = [Choice(f"报名：{event.title}", f"{SIGN_UP} {event.title}") for event in events]
    return say(
        "正在报名的活动：\n" + "\n".join(lines) + "\n想参加哪个，点一下或发编号。",
        *numbered(*choices),
    )


def _seats(event: Event) -> str:
    left = event.capacity - event.taken
    return f"还有 {left} 个名额" if left else "名额已满，可以候补"


async def sign_up(context: Context) -> Reply:
    """Sign up for the event that is named, or ask which."""
    event = await _named(context, await open_events(context.work, context.now))
    if event is None:
        return await offer(context)
    member_id = context.known_member(f"{SIGN_UP} {event.title}")
    place = await signups.sign_up(context.work, event.id, member_id, context.now)
    return say(_result(place), Choice("取消报名", f"{CANCEL} {event.title}"), MINE)


MINE = Choice("我的报名", "我的报名")


def _result(place: signups.Place) -> str:
    event = place.event
    about = f"{when(event.starts_at)}，{event.place}"
    if place.status is SignupStatus.GOING:
        opening = "报名成功" if place.new else "您已经报过名了，不用重复报"
        return f"{opening}：{event.title}\n{about}\n{event.about}"
    opening = "名额已满，已帮您排上候补" if place.new else "您已经在候补了"
    return (
        f"{opening}：{event.title}\n{about}\n"
        f"您排在第 {place.waiting} 位，有人退出就会按顺序补上，并在这里告诉您。"
    )


async def cancel(context: Context) -> Reply:
    """Cancel the sign-up that is named, or the only one there is, or ask which."""
    member_id = context.known_member(CANCEL)
    mine = [event for _, event in await signups_of(context.work, member_id)]
    coming = [event for event in mine if event.ends_at > context.now]
    event = await _named(context, coming)
    if event is None and len(coming) > 1:
        choices = [Choice(f"取消：{each.title}", f"{CANCEL} {each.title}") for each in coming]
        return say("您报了这几个活动，要取消哪一个？", *numbered(*choices))
    if event is None and not coming:
        return say("您现在没有报名的活动。", Choice("看活动", "活动"))
    event = event or coming[0]
    if not context.inbound.text.strip().startswith(SURE):
        return say(
            f"要取消“{event.title}”吗？取消后名额会让给后面的同事。",
            Choice("确认取消", f"{SURE} {event.title}"),
            Choice("不取消", "我的报名"),
        )
    ring = context.services.ring
    await signups.cancel(context.work, ring, event.id, member_id, context.now)
    again = Choice("重新报名", f"{SIGN_UP} {event.title}")
    return say(f"已经取消：{event.title}。名额会让给后面的同事。", again)


async def mine(context: Context) -> Reply:
    """What the member signed up for."""
    member_id = context.known_member("我的报名")
    rows = await signups_of(context.work, member_id)
    coming = [(signup, event) for signup, event in rows if event.ends_at > context.now]
    if not coming:
        return say("您现在没有报名的活动。", Choice("看活动", "活动"))
    lines = [
        f"· {event.title}（{'已报名' if signup.status == SignupStatus.GOING else '候补中'}）\n"
        f"　{when(event.starts_at)}，{event.place}"
        for signup, event in coming
    ]
    choices = [Choice(f"取消：{event.title}", f"{CANCEL} {event.title}") for _, event in coming]
    return say("您的报名：\n" + "\n".join(lines), *choices)


async def _named(context: Context, events: list[Event]) -> Event | None:
    """The one event that the message names, whole or shortened."""
    words = context.inbound.text
    whole = [event for event in events if event.title in words]
    if whole:
        return max(whole, key=lambda event: len(event.title))
    titles = [event.title for event in events]
    found = context.services.language.now.names.with_places({}, titles).events(words)
    named = {title for _, _, title in found}
    return next((event for event in events if named == {event.title}), None)
