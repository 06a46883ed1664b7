"""A whole service in a test: a conversation, staff beside it, and a clock that can be turned."""

from __future__ import annotations

import asyncio
import io
import uuid
from contextlib import AsyncExitStack
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from PIL import Image, ImageDraw
from sqlalchemy import select

from bot.app import Loaded, Parts, open_parts
from bot.chatting import ACCOUNT, CHANNEL
from bot.demo import seed
from bot.in_time import Patience
from handlers.actions import board, cases, tickets
from handlers.actions.board import Draft
from handlers.actions.tickets import Staffer
from handlers.types import Inbound, Kind, Reply
from models.application import Application, CaseStatus
from models.conversation import Conversation
from models.delivery import Delivery, Status
from models.member import find_by_name
from models.question import WORDS, QuestionGroup, questions_of
from models.staff import Staff
from models.ticket import Ticket
from nlp.cards import WHOLE, CardLines

if TYPE_CHECKING:
    from pathlib import Path

    from bot.config import Settings
    from models.db import Work

FOREVER = 1e12
DECISIONS = {
    "return": CaseStatus.RETURNED,
    "approve": CaseStatus.APPROVED,
    "refuse": CaseStatus.REFUSED,
}


def photo() -> bytes:
    """A small real picture, something like a letter of admission."""
    letter = Image.new("RGB", (640, 480), "#c62f2f")
    draw = ImageDraw.Draw(letter)
    draw.rectangle((40, 40, 600, 440), fill="#fdf6e3", outline="#b8860b", width=6)
    draw.rectangle((200, 80, 440, 110), fill="#c62f2f")
    for top in range(160, 380, 40):
        draw.rectangle((90, top, 550 - top % 90, top + 12), fill="#555555")
    draw.ellipse((460, 320, 560, 420), outline="#c62f2f", width=6)
    out = io.BytesIO()
    letter.save(out, "JPEG")
    return out.getvalue()


def answer_of(sentence: str, question: str, slug: str) -> Draft:
    """An answer from a rule of the union, with the question and three like it as samples."""
    samples = (question, *(f"{question}{end}" for end in ("呢", "呀", "，谁知道")))
    lines = CardLines(
        slug=slug,
        article=WHOLE,
        in_force_from=date(2026, 1, 1),
        scope="本单位",
        theme="工会与会员",
        binds=("all",),
        plain=sentence,
        quote_key=sentence,
        questions=samples,
        status="unverified",
    )
    return Draft("会员服务办法", ("会员服务办法(2026-01-01)",), lines, "")


class World:
    """One person talks; `copies` deliveries of each message, perhaps a restart between two."""

    def __init__(
        self,
        settings: Settings,
        url: str,
        loaded: Loaded,
        start: datetime,
        *,
        copies: int = 1,
        restarts: bool = False,
    ) -> None:
        self._settings = settings
        self._url = url
        self._loaded = loaded
        self.now = start
        self._copies = copies
        self._restarts = restarts
        self._stack = AsyncExitStack()
        self._said: list[Reply] = []
        self._sender = "stranger"
        self.parts: Parts

    async def open(self) -> None:
        """Start the service on its database."""
        self._stack = AsyncExitStack()
        self.parts = await self._stack.enter_async_context(
            open_parts(
                self._settings,
                self._url,
                lambda: self.now,
                show=self._said.append,
                loaded=self._loaded,
            )
        )
        async with self.parts.sessions.begin() as work:
            await seed(work, self.parts.ring, self.now)
        await self.parts.services.clauses.refresh()

    async def close(self) -> None:
        """Stop it."""
        await self._stack.aclose()

    async def speak_as(self, name: str) -> None:
        """From now on a member of that name talks, bound; an unknown name is a stranger."""
        self._sender = f"openid-{name}"
        async with self.parts.sessions.begin() as work:
            members = await find_by_name(work, self.parts.ring, name)
            known = await work.scalar(
                select(Conversation).where(Conversation.sender == self._sender)
            )
            if members and known is None:
                work.add(
                    Conversation(
                        channel=CHANNEL,
                        account=ACCOUNT,
                        sender=self._sender,
                        created_at=self.now,
                        member_id=members[0].id,
                    )
                )

    async def say(self, text: str) -> str:
        """The answer to a typed message; the same one for every copy of it."""
        return await self._hear(Kind.TEXT, text=text)

    async def show_photo(self, folder: Path) -> str:
        """The answer to a picture."""
        file = folder / "photo.jpg"
        file.write_bytes(photo())
        return await self._hear(Kind.IMAGE, media=str(file))

    async def _hear(self, kind: Kind, *, text: str = "", media: str = "") -> str:
        if self._restarts:
            await self.close()
            await self.open()
        self.now += timedelta(seconds=5)
        self._said.clear()
        inbound = Inbound(
            channel=CHANNEL,
            account=ACCOUNT,
            sender=self._sender,
            key=uuid.uuid4(),
            kind=kind,
            sent_at=self.now,
            text=text,
            media=media,
        )
        replies = await asyncio.gather(
            *(self.parts.dispatch.handle(inbound, Patience(FOREVER)) for _ in range(self._copies))
        )
        first = replies[0] or Reply()
        assert all((reply or Reply()) == first for reply in replies)
        return "\n".join((first.text, *[await self._delivered()])).strip()

    async def _delivered(self) -> str:
        async with self.parts.sessions() as work:
            ids = await work.scalars(
                select(Delivery.id).where(Delivery.status == Status.QUEUED).order_by(Delivery.id)
            )
            waiting = list(ids)
        await self.parts.deliverer.deliver(waiting)
        return "\n".join(reply.text for reply in self._said)

    async def staff(self, act: str, sentence: str) -> str:
        """Staff act on the one case or ticket that waits; what the person then reads."""
        self._said.clear()
        login = "guanli" if act == "check" else "gonghui"
        async with self.parts.sessions.begin() as work:
            row = (await work.scalars(select(Staff).where(Staff.login == login))).one()
            staffer = Staffer(row.id, row.login, row.name)
            if act in {"write", "check"}:
                await self._look_after_question(work, staffer, sentence)
            elif act in DECISIONS:
                await self._decide(work, staffer, DECISIONS[act], sentence)
            else:
                await self._answer(work, staffer, act, sentence)
        await self.parts.services.clauses.refresh()
        return await self._delivered()

    async def _look_after_question(self, work: Work, staffer: Staffer, sentence: str) -> None:
        """Answer the one open question of the board; without a sentence, find the answer right."""
        ring, clauses = self.parts.ring, self.parts.services.clauses
        await board.gather(work, ring, clauses, self.now)
        open_groups = select(QuestionGroup).where(QuestionGroup.state.in_(("open", "waiting")))
        group = (await work.scalars(open_groups)).one()
        if sentence:
            asked = (await questions_of(work, group.id))[0]
            words = ring.open_text(asked.words, WORDS)
            draft = answer_of(sentence, words, f"desk-{group.id}")
            await board.write_answer(work, group, draft, staffer, self.now)
            return
        card = await board.card_of_group(work, group, clauses)
        assert card is not None
        await board.verify(work, ring, group, card, staffer, self.now)

    async def _decide(
        self, work: Work, staffer: Staffer, status: CaseStatus, sentence: str
    ) -> None:
        waiting = select(Application).where(Application.status == CaseStatus.SENT)
        case = (await work.scalars(waiting)).one()
        title = self._loaded.knowledge.programmes[case.programme].title
        decision = cases.Decision(status, sentence, title, case.version)
        await cases.decide(work, self.parts.ring, case, staffer, decision, self.now)

    async def _answer(self, work: Work, staffer: Staffer, act: str, sentence: str) -> None:
        ring = self.parts.ring
        ticket = (await work.scalars(select(Ticket).where(Ticket.closed_at.is_(None)))).one()
        if act == "reply":
            await tickets.reply(work, ring, ticket, staffer, sentence, self.now)
        else:
            await tickets.close(work, ring, ticket, staffer, self.now)
