"""The running state: what is stuck, what failed, what nobody knows. No contents, only facts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from bot.desk import words
from bot.desk.forms import Query, read_query
from bot.desk.parts import PARTS
from bot.desk.rights import Right, needs
from bot.desk.view import page
from models.delivery import Delivery, Status
from models.message import Message

if TYPE_CHECKING:
    from aiohttp import web
    from sqlalchemy import ColumnElement

    from models.db import Work

SLOW = timedelta(seconds=30)
SPAN = timedelta(days=30)
MOST = 50


@dataclass(frozen=True, slots=True)
class Stuck:
    """Messages of one kind of trouble: how many, and the newest of them."""

    count: int
    messages: Sequence[Message]


@dataclass(frozen=True, slots=True)
class Sending:
    """Deliveries in one state for one reason."""

    status: words.Label
    reason: str
    count: int
    newest: datetime


@needs(Right.RUNNING)
async def show(request: web.Request) -> web.StreamResponse:
    """The page."""
    parts = request.app[PARTS]
    read_query(request, Query)
    now = parts.clock()
    async with parts.sessions() as work:
        unfinished = Message.done_at.is_(None) & (Message.received_at < now - SLOW)
        values = {
            "unfinished": await _stuck(work, unfinished),
            "failed": await _stuck(
                work, Message.failed.is_not(None) & (Message.received_at > now - SPAN)
            ),
            "sending": await _sending(work, now),
            "unknown": await _unknown(work),
        }
    facts = await parts.running()
    told = {title: facts[key] for key, title in words.FACTS.items() if key in facts}
    return page(request, "running.html", {**values, "facts": told})


async def _stuck(work: Work, which: ColumnElement[bool]) -> Stuck:
    count = await work.scalar(select(func.count(Message.id)).where(which)) or 0
    rows = await work.scalars(select(Message).where(which).order_by(Message.id.desc()).limit(MOST))
    return Stuck(count, list(rows))


async def _sending(work: Work, now: datetime) -> list[Sending]:
    rows = await work.execute(
        select(Delivery.status, Delivery.reason, func.count(), func.max(Delivery.created_at))
        .where(Delivery.created_at > now - SPAN)
        .group_by(Delivery.status, Delivery.reason)
        .order_by(Delivery.status, func.count().desc())
    )
    return [
        Sending(words.DELIVERY[status], words.reason(reason), count, newest)
        for status, reason, count, newest in rows
    ]


async def _unknown(work: Work) -> list[Delivery]:
    rows = await work.scalars(
        select(Delivery)
        .where(Delivery.status == Status.UNKNOWN)
        .order_by(Delivery.id.desc())
        .limit(MOST)
    )
    return list(rows)
