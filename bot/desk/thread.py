"""One conversation as staff read it: what came in, what was answered, what became of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import select

from bot.desk import words
from bot.desk.veil import veils
from bot.desk.words import Label
from handlers.grounds import GROUNDS
from handlers.types import INBOUND, REPLY, Kind
from models import delivery, message
from models.application import Evidence
from models.delivery import Delivery
from models.message import Message
from models.staff import Staff

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

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
    `why` tells how one of theirs was understood.
    """

    at: datetime
    side: str
    who: str
    words: str
    hidden: bool = False
    state: Label | None = None
    reason: str = ""
    photo: bool = False
    why: Mapping[str, str] = field(default_factory=dict)


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
    why = {} if hidden or side == "event" else _why(ring, row)
    bubbles = [Said(row.received_at, side, "", text, hidden, state, photo=photo, why=why)]
    if row.reply is None or row.done_at is None:
        return bubbles
    answer = REPLY.validate_json(ring.open(row.reply, message.REPLY)).text
    if answer:
        answer = MASK if hidden else answer
        at = max(row.done_at, row.received_at)
        bubbles.append(Said(at, "us", SERVICE, answer, hidden))
    return bubbles


def _why(ring: KeyRing, row: Message) -> dict[str, str]:
    """How the message was understood, in words; empty when that was not kept."""
    if row.meaning is None or row.intent is None or row.confidence is None:
        return {}
    grounds = GROUNDS.validate_json(ring.open(row.meaning, message.MEANING))
    others = (
        f"{words.INTENTS[intent]} {words.share(part)}" for intent, part in grounds.alternatives
    )
    told = {
        "理解为": f"{words.INTENTS[row.intent]}（把握 {words.share(row.confidence)}）",
        "依据": words.STAGES[grounds.stage],
        "关键字词": "、".join(grounds.words),
        "最像的例句": grounds.nearest,
        "也可能是": "、".join(others),
        "语言版本": grounds.edition,
    }
    return {title: value for title, value in told.items() if value}


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
