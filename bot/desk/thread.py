"""One conversation as staff read it: what came in, what was answered, what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import select

from bot.desk import words
from bot.desk.veil import veils
from bot.desk.words import Label
from handlers.types import INBOUND, REPLY, Kind
from models import delivery, message
from models.application import Evidence
from models.delivery import Delivery
from models.message import Message
from models.staff import Staff

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from bot.desk.rights import Visitor
    from bot.desk.veil import Veil
    from models.db import Work
    from models.seal import KeyRing

STEP = 30
SERVICE = "连心桥"
MASK = "内容仅心理咨询师可见"


@dataclass(frozen=True, slots=True)
class Said:
    """One bubble; `side` is "them", "us" or "event". `photo`: a picture kept as evidence.

    `state` and `reason` tell what became of a message of ours, or that one of theirs is stuck.
    """

    at: datetime
    side: str
    who: str
    words: str
    hidden: bool = False
    state: Label | None = None
    reason: str = ""
    photo: bool = False


@dataclass(frozen=True, slots=True)
class Thread:
    """The newest bubbles, oldest first; `more` says that there are older ones."""

    bubbles: list[Said]
    more: bool


def said_by(ring: KeyRing, row: Message) -> str:
    """What a person said, opened, in words."""
    inbound = INBOUND.validate_json(ring.open(row.body, message.BODY))
    if inbound.kind is Kind.EVENT:
        return words.EVENTS.get(inbound.event, "公众号事件")
    kind = words.KINDS.get(inbound.kind, "")
    return " ".join(filter(None, (kind, inbound.text)))


async def read_thread(
    work: Work, ring: KeyRing, visitor: Visitor, conversation_id: int, length: int
) -> Thread:
    """The last `length` messages of a person with all that was said in between."""
    newest = await work.scalars(
        select(Message)
        .where(Message.conversation_id == conversation_id)
        .order_by(Message.id.desc())
        .limit(length + 1)
    )
    messages = list(newest)
    more = len(messages) > length
    messages = messages[:length]
    sent = select(Delivery).where(Delivery.conversation_id == conversation_id)
    if more:
        sent = sent.where(Delivery.created_at >= messages[-1].received_at)
    deliveries = list(await work.scalars(sent.order_by(Delivery.id.desc()).limit(2 * length)))
    veil = (await veils(work, visitor, [conversation_id]))[conversation_id]
    names = await _names(work, deliveries)
    photos = await _photos(work, messages)
    bubbles = [
        *(bubble for row in messages for bubble in _exchange(ring, veil, row, photos)),
        *(_sent(ring, veil, row, names) for row in deliveries),
    ]
    return Thread(sorted(bubbles, key=lambda bubble: bubble.at), more)


def _exchange(ring: KeyRing, veil: Veil, row: Message, photos: Collection[int]) -> list[Said]:
    """What a person said and the answer it got at once."""
    hidden = veil.hides_message(row)
    side = "event" if row.kind == Kind.EVENT else "them"
    text = MASK if hidden else said_by(ring, row)
    photo = not hidden and row.id in photos
    state = Label("没处理好", "red") if row.failed else None
    if row.done_at is None:
        state = Label("正在处理", "blue")
    bubbles = [Said(row.received_at, side, "", text, hidden, state, photo=photo)]
    if row.reply is None or row.done_at is None:
        return bubbles
    answer = REPLY.validate_json(ring.open(row.reply, message.REPLY)).text
    if answer:
        answer = MASK if hidden else answer
        at = max(row.done_at, row.received_at)
        bubbles.append(Said(at, "us", SERVICE, answer, hidden))
    return bubbles


def _sent(ring: KeyRing, veil: Veil, row: Delivery, names: Mapping[int, str]) -> Said:
    hidden = veil.hides_delivery(row)
    text = MASK if hidden else REPLY.validate_json(ring.open(row.body, delivery.BODY)).text
    who = SERVICE if row.staff_id is None else names[row.staff_id]
    state, reason = words.DELIVERY[row.status], words.reason(row.reason)
    return Said(row.created_at, "us", who, text, hidden, state, reason)


async def _names(work: Work, deliveries: Sequence[Delivery]) -> dict[int, str]:
    ids = {row.staff_id for row in deliveries if row.staff_id is not None}
    rows = await work.execute(select(Staff.id, Staff.name).where(Staff.id.in_(ids)))
    return dict(rows.all())


async def _photos(work: Work, messages: Sequence[Message]) -> set[int]:
    """The messages whose picture was kept as evidence."""
    ids = [row.id for row in messages if row.kind == Kind.IMAGE]
    rows = await work.scalars(select(Evidence.message_id).where(Evidence.message_id.in_(ids)))
    return {message_id for message_id in rows if message_id is not None}
