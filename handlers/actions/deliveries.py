"""The outbox beside its sending: what is held, what was left behind, what is too late."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select, text, update

from models.conversation import Conversation
from models.delivery import Delivery, Outgoing, Status, send_later, turn_of
from models.job import DELIVER, enqueue

if TYPE_CHECKING:
    from datetime import datetime, timedelta

    from models.db import Work
    from models.seal import KeyRing


async def release_held(work: Work, conversation_id: int, now: datetime) -> None:
    """The person wrote: what was held for that goes out now, in the order it was meant.

    The conversation is locked first: what a process is about to hold is then sent by it after all,
    because the window is open again.
    """
    await work.execute(
        update(Conversation).where(Conversation.id == conversation_id).values(held=False)
    )
    rows = await work.scalars(
        update(Delivery)
        .where(Delivery.conversation_id == conversation_id, Delivery.status == Status.HELD)
        .values(status=Status.QUEUED, reason=None, not_before=now)
        .returning(Delivery.id)
    )
    ids = sorted(rows)
    if ids:
        await enqueue(work, DELIVER, {"ids": ids}, lock=turn_of(conversation_id))


async def answer_later(work: Work, ring: KeyRing, answer: Outgoing, now: datetime) -> None:
    """Put an answer into the outbox; the answer to the next message will not overtake it."""
    await send_later(work, ring, answer, now)
    await keep_order(work, answer.conversation_id)


async def keep_order(work: Work, conversation_id: int) -> None:
    """Have the next answer to this person look for those that are still in the outbox."""
    await work.execute(
        update(Conversation).where(Conversation.id == conversation_id).values(held=True)
    )


async def settle_abandoned(work: Work, now: datetime, after: timedelta) -> int:
    """Rows that a process reserved and never confirmed: nobody knows, so nobody repeats."""
    rows = await work.scalars(
        update(Delivery)
        .where(Delivery.status == Status.RESERVED, Delivery.reserved_at < now - after)
        .values(status=Status.UNKNOWN, reason="interrupted", ended_at=now)
        .returning(Delivery.id)
    )
    return len(list(rows))


async def requeue_forgotten(work: Work, now: datetime, after: timedelta) -> int:
    """Rows that are due and whose job is gone get a new one."""
    waiting = text(
        "delivery.id NOT IN (SELECT jsonb_array_elements_text(args -> 'ids')::bigint"
        " FROM procrastinate_jobs WHERE task_name = :task AND status IN ('todo', 'doing'))"
    ).bindparams(task=DELIVER)
    rows = await work.scalars(
        select(Delivery.id)
        .where(Delivery.status == Status.QUEUED, Delivery.not_before < now - after, waiting)
        .order_by(Delivery.id)
        .limit(100)
    )
    ids = list(rows)
    if ids:
        await enqueue(work, DELIVER, {"ids": ids})
    return len(ids)


async def expire_held(work: Work, now: datetime) -> None:
    """What waited too long for the person to write is given up."""
    await work.execute(
        update(Delivery)
        .where(Delivery.status == Status.HELD, Delivery.expires_at <= now)
        .values(status=Status.FAILED, reason="expired", ended_at=now)
    )
