"""`lianxin chat`: a conversation in the terminal, through the same dispatch as WeChat's."""

from __future__ import annotations

import asyncio
import io
import json
import sys
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

from bot.app import Parts, open_parts
from bot.demo import ROSTER, seed
from bot.in_time import Patience
from bot.running import CannotRunError
from handlers.actions.drafts import asked_field
from handlers.context import STATE, State
from handlers.types import Inbound, Kind, Reply
from models import conversation as conversations
from models.conversation import Conversation
from models.delivery import Delivery, Status
from models.member import find_by_name
from models.message import Message

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from bot.clock import Clock
    from bot.config import Settings

CHANNEL, ACCOUNT = "terminal", "terminal"
FOREVER = 1e12
PHOTO = "@photo "


@dataclass(frozen=True, slots=True)
class Who:
    """Who chats: a member by name, who is bound, or a stranger by any id."""

    member: str = ""
    openid: str = ""


async def chat(settings: Settings, url: str, clock: Clock, who: Who, *, as_json: bool) -> None:
    """Answer each line of standard input on standard output.

    CannotRunError when there is no member of that name.
    """
    said: list[Reply] = []
    async with open_parts(settings, url, clock, show=said.append) as parts:
        sender = await _sender(parts, who)
        async for line in _lines(prompt=not as_json):
            said.clear()
            inbound = _inbound(parts, sender, line)
            reply = await parts.dispatch.handle(inbound, Patience(FOREVER))
            await _deliver_waiting(parts, inbound)
            replies = [*([reply] if reply else []), *said]
            if as_json:
                report = await _report(parts, inbound, line, replies)
                _say(json.dumps(report, ensure_ascii=False))
            else:
                for part in (part for each in replies for part in each.parts):
                    _say(f"{part.words}\n")


async def _sender(parts: Parts, who: Who) -> str:
    """The id of the conversation; a member's is bound here, as their phone would be."""
    if not who.member:
        return who.openid
    async with parts.sessions.begin() as work:
        if parts.settings.environment == "local":
            await seed(work, parts.ring, parts.clock())
        members = await find_by_name(work, parts.ring, who.member)
        if not members:
            names = "、".join(person.name for person in ROSTER)
            raise CannotRunError(f"no member is called {who.member}; the demo has: {names}")
        sender = f"member-{members[0].public_id}"
        known = await work.scalar(
            select(Conversation).where(
                Conversation.channel == CHANNEL, Conversation.sender == sender
            )
        )
        if known is None:
            work.add(
                Conversation(
                    channel=CHANNEL,
                    account=ACCOUNT,
                    sender=sender,
                    created_at=parts.clock(),
                    member_id=members[0].id,
                )
            )
    return sender


async def _lines(*, prompt: bool) -> AsyncIterator[str]:
    interactive = prompt and sys.stdin.isatty()
    if isinstance(sys.stdin, io.TextIOWrapper):
        sys.stdin.reconfigure(encoding="utf-8", errors="replace")
    while True:
        if interactive:
            print("> ", end="", flush=True)  # noqa: T201 - the conversation itself
        line = await asyncio.to_thread(sys.stdin.readline)
        if not line:
            return
        if line.strip():
            yield line.rstrip("\n")


def _inbound(parts: Parts, sender: str, line: str) -> Inbound:
    photo = line.startswith(PHOTO)
    return Inbound(
        channel=CHANNEL,
        account=ACCOUNT,
        sender=sender,
        key=uuid.uuid4(),
        kind=Kind.IMAGE if photo else Kind.TEXT,
        sent_at=parts.clock(),
        text="" if photo else line,
        media=line.removeprefix(PHOTO).strip() if photo else "",
    )


async def _deliver_waiting(parts: Parts, inbound: Inbound) -> None:
    """What staff or the clock had to say meanwhile is said now, because somebody is here."""
    waiting = (
        select(Delivery.id)
        .join(Conversation, Conversation.id == Delivery.conversation_id)
        .where(
            Conversation.channel == CHANNEL,
            Conversation.sender == inbound.sender,
            Delivery.status == Status.QUEUED,
        )
        .order_by(Delivery.id)
    )
    async with parts.sessions() as work:
        ids = list(await work.scalars(waiting))
    await parts.deliverer.deliver(ids)


async def _report(
    parts: Parts, inbound: Inbound, line: str, replies: list[Reply]
) -> dict[str, object]:
    async with parts.sessions() as work:
        message, sealed, member_id = (
            await work.execute(
                select(Message, Conversation.state, Conversation.member_id)
                .join(Conversation, Conversation.id == Message.conversation_id)
                .where(Message.key == inbound.key)
            )
        ).one()
        state = (
            State()
            if sealed is None
            else STATE.validate_json(parts.ring.open(sealed, conversations.STATE))
        )
        form = None
        if state.form and member_id is not None:
            field = await asked_field(work, parts.ring, member_id, state.form)
            form = {"programme": state.form, "field": field}
    return {
        "text": line,
        "replies": [
            {"type": part.type, "text": part.words} for reply in replies for part in reply.parts
        ],
        "intent": message.intent,
        "confidence": message.confidence,
        "route": message.route,
        "form": form,
    }


def _say(words: str) -> None:
    print(words, flush=True)  # noqa: T201 - the conversation itself
