"""Events with a capacity, sign-ups and the waiting list."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import cast

from sqlalchemy import (
    CheckConstraint,
    CursorResult,
    ForeignKey,
    Index,
    UniqueConstraint,
    func,
    select,
    text,
    update,
)
from sqlalchemy.orm import Mapped, mapped_column

from models.db import Base, Id, Moment, Work


class SignupStatus(StrEnum):
    """A seat, a place in the waiting list, or neither any more."""

    GOING = "going"
    WAITING = "waiting"
    CANCELLED = "cancelled"


class Event(Base):
    """One event; `taken` never exceeds `capacity`, which the database enforces as well."""

    __tablename__ = "event"
    __table_args__ = (CheckConstraint("taken >= 0 AND taken <= capacity", name="seats"),)

    id: Mapped[Id]
    public_id: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str]
    title: Mapped[str]
    about: Mapped[str]
    place: Mapped[str]
    starts_at: Mapped[Moment]
    ends_at: Mapped[Moment]
    closes_at: Mapped[Moment]
    capacity: Mapped[int]
    taken: Mapped[int] = mapped_column(server_default=text("0"))


class Signup(Base):
    """One member at one event; the waiting list goes by `ordered_at`, then id."""

    __tablename__ = "signup"
    __table_args__ = (
        UniqueConstraint("event_id", "member_id"),
        Index(
            "ix_signup_waiting",
            "event_id",
            "ordered_at",
            postgresql_where=text("status = 'waiting'"),
        ),
        Index("ix_signup_member_id", "member_id"),
    )

    id: Mapped[Id]
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"))
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"))
    status: Mapped[str]
    ordered_at: Mapped[Moment]


async def open_events(work: Work, now: datetime) -> list[Event]:
    """Events that still take sign-ups, the soonest first."""
    query = select(Event).where(Event.closes_at > now).order_by(Event.starts_at, Event.id)
    return list(await work.scalars(query))


async def take_seat(work: Work, event_id: int) -> bool:
    """Take one seat; False when the event filled up first."""
    result = await work.execute(
        update(Event)
        .where(Event.id == event_id, Event.taken < Event.capacity)
        .values(taken=Event.taken + 1)
    )
    return cast("CursorResult[object]", result).rowcount == 1


async def give_seat_back(work: Work, event_id: int) -> None:
    """Return one seat."""
    await work.execute(update(Event).where(Event.id == event_id).values(taken=Event.taken - 1))


async def lock_event(work: Work, event_id: int) -> Event:
    """The event, with its row held until the commit, so that seats change hands one at a time."""
    query = select(Event).where(Event.id == event_id).with_for_update()
    query = query.execution_options(populate_existing=True)
    return (await work.scalars(query)).one()


async def first_waiting(work: Work, event_id: int) -> Signup | None:
    """Whose turn it is in the waiting list."""
    query = (
        select(Signup)
        .where(Signup.event_id == event_id, Signup.status == SignupStatus.WAITING)
        .order_by(Signup.ordered_at, Signup.id)
        .limit(1)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return await work.scalar(query)


async def end_of_line(work: Work, event_id: int, now: datetime) -> datetime:
    """A place behind everybody who waits, whatever clock they came by; hold the event before."""
    query = select(func.max(Signup.ordered_at)).where(
        Signup.event_id == event_id, Signup.status == SignupStatus.WAITING
    )
    last = await work.scalar(query)
    return now if last is None else max(now, last + timedelta(microseconds=1))


async def find_signup(work: Work, event_id: int, member_id: int) -> Signup | None:
    """The member's sign-up, cancelled ones included."""
    query = select(Signup).where(Signup.event_id == event_id, Signup.member_id == member_id)
    return await work.scalar(query.execution_options(populate_existing=True))


async def signups_of(work: Work, member_id: int) -> list[tuple[Signup, Event]]:
    """The member's seats and waiting places with their events, the soonest first."""
    query = (
        select(Signup, Event)
        .join(Event, Event.id == Signup.event_id)
        .where(Signup.member_id == member_id, Signup.status != SignupStatus.CANCELLED)
        .order_by(Event.starts_at)
    )
    return [(signup, event) for signup, event in await work.execute(query)]
