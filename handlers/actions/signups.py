"""Signing up for events: seats, the waiting list, and giving a seat back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from handlers.errors import EventClosedError, NotSignedUpError
from handlers.types import REPLY, say
from models import audit
from models.conversation import Conversation
from models.delivery import Outgoing, send_later
from models.event import (
    Event,
    Signup,
    SignupStatus,
    end_of_line,
    find_signup,
    first_waiting,
    give_seat_back,
    lock_event,
    take_seat,
)

if TYPE_CHECKING:
    from datetime import datetime

    from models.db import Work
    from models.seal import KeyRing


@dataclass(frozen=True, slots=True)
class Place:
    """Where a member stands: a seat, or the n-th place of the waiting list (1 is next)."""

    event: Event
    status: SignupStatus
    waiting: int
    new: bool


async def sign_up(work: Work, event_id: int, member_id: int, now: datetime) -> Place:
    """Take a seat, or a place in the waiting list; doing it twice changes nothing.

    The event's row is held, so seats are taken one at a time, in the order of arrival.
    """
    event = await lock_event(work, event_id)
    if event.closes_at <= now:
        raise EventClosedError
    signup = await find_signup(work, event_id, member_id)
    if signup is not None and signup.status != SignupStatus.CANCELLED:
        return await _place(work, event, signup, new=False)
    seated = await first_waiting(work, event_id) is None and await take_seat(work, event_id)
    ordered_at = await end_of_line(work, event_id, now)
    if signup is None:
        signup = Signup(event_id=event_id, member_id=member_id)
        work.add(signup)
    signup.status = SignupStatus.GOING if seated else SignupStatus.WAITING
    signup.ordered_at = ordered_at
    await work.flush()
    audit.record(
        work, now, f"member:{member_id}", "event.signup", event.public_id, status=signup.status
    )
    return await _place(work, event, signup, new=True)


async def cancel(work: Work, ring: KeyRing, event_id: int, member_id: int, now: datetime) -> Event:
    """Give the seat or the waiting place back; the next in line gets the seat and is told."""
    event = await lock_event(work, event_id)
    signup = await find_signup(work, event_id, member_id)
    if signup is None or signup.status == SignupStatus.CANCELLED:
        raise NotSignedUpError
    had_seat = signup.status == SignupStatus.GOING
    signup.status = SignupStatus.CANCELLED
    await work.flush()
    audit.record(work, now, f"member:{member_id}", "event.cancel", event.public_id)
    if had_seat:
        await _pass_on(work, ring, event, now)
    return event


async def _pass_on(work: Work, ring: KeyRing, event: Event, now: datetime) -> None:
    following = await first_waiting(work, event.id) if event.starts_at > now else None
    if following is None:
        await give_seat_back(work, event.id)
        return
    following.status = SignupStatus.GOING
    await work.flush()
    audit.record(work, now, f"member:{following.member_id}", "event.moved_up", event.public_id)
    news = say(
        f"好消息：您候补的“{event.title}”有名额了，已经帮您报上。去不了的话，请发“取消报名”。"
    )
    conversations = await work.scalars(
        select(Conversation.id).where(
            Conversation.member_id == following.member_id, Conversation.following
        )
    )
    for conversation_id in conversations:
        outgoing = Outgoing(conversation_id, REPLY.dump_json(news), member_id=following.member_id)
        await send_later(work, ring, outgoing, now)


async def _place(work: Work, event: Event, signup: Signup, *, new: bool) -> Place:
    waiting = 0
    if signup.status == SignupStatus.WAITING:
        ahead = select(func.count()).where(
            Signup.event_id == event.id,
            Signup.status == SignupStatus.WAITING,
            (Signup.ordered_at < signup.ordered_at)
            | ((Signup.ordered_at == signup.ordered_at) & (Signup.id <= signup.id)),
        )
        waiting = await work.scalar(ahead) or 0
    return Place(event, SignupStatus(signup.status), waiting, new)
