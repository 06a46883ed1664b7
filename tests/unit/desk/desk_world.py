"""A desk with invented people behind it, and a browser that opens its pages."""

from __future__ import annotations

import dataclasses
import json
import uuid
from collections.abc import Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from html.parser import HTMLParser
from typing import TYPE_CHECKING

import aiohttp
from aiohttp import web
from aiohttp.test_utils import TestServer
from sqlalchemy import update

from bot.config import HERE, Desk
from bot.desk import visits
from bot.desk.app import DeskParts, Shown, create_desk
from handlers.actions import cases, tickets
from handlers.actions.clauses import Clauses
from handlers.actions.evidence import Bounds, Store
from handlers.types import INBOUND, REPLY, Inbound, Kind, say
from models import db, message
from models.application import ANSWERS, Application, CaseStatus
from models.conversation import Conversation
from models.db import Sessions
from models.member import Member, enrol
from models.message import Message
from models.seal import KeyRing
from models.staff import Role, Staff
from models.ticket import Why
from models.unit import Unit
from nlp import cards
from nlp.judged import load_gates
from nlp.retrieve import CardIndex

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from handlers.catalogue.schema import Answers
    from models.ticket import Ticket

NOW = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)  # noon in Wuhan
SETTINGS = Desk(idle=1800, absolute=28800, attempts=5, lock=900)
FIRST, SECOND, THIRD, FOURTH = (
    "W26-7KM4-9QTR",
    "ZX26-AAAA-3333",
    "ZX26-BBBB-4444",
    "ZX26-CCCC-6666",
)


@dataclass(slots=True)
class Hands:
    """A clock that moves only when a test moves it."""

    at: datetime = NOW

    def __call__(self) -> datetime:
        return self.at

    def go_on(self, **span: float) -> None:
        self.at += timedelta(**span)


@dataclass(frozen=True, slots=True)
class Title:
    """As much of a programme as a list needs."""

    title: str


def describe(_programme: str, answers: Answers) -> list[Shown]:
    """Answers as the form engine shows them, of a small form."""
    return [
        Shown("孩子姓名", str(answers["child"]), sensitive=False),
        Shown("银行卡号", str(answers["card"]), sensitive=True),
        Shown("录取通知书", "", True, tuple(json.loads(str(answers["photos"])))),
    ]


@dataclass(slots=True)
class World:
    """The desk, its database and its clock."""

    sessions: Sessions
    ring: KeyRing
    clock: Hands
    evidence: Store
    parts: DeskParts
    url: str
    units: dict[str, Unit] = field(default_factory=dict)
    facts: dict[str, object] = field(default_factory=dict)

    def add_card(self, card: cards.Card) -> None:
        """A further clause card beside those on annual leave."""
        index = CardIndex((*self.parts.clauses.cards, card))
        self.parts.clauses._index = index

    async def unit(self, name: str, path: str) -> Unit:
        unit = Unit(parent_id=None, path=path, name=name, short_name=name, kind="机关")
        async with self.sessions.begin() as work:
            work.add(unit)
        self.units[name] = unit
        return unit

    async def member(self, name: str, unit: str, serial: int = 101) -> Member:
        columns = enrol(
            self.ring,
            name=name,
            id_number=f"99000019800101{serial:03d}1",
            phone=f"13900000{serial:03d}",
            born=date(1980, 1, 1),
        )
        member = Member(
            public_id=f"M{serial:08d}",
            unit_id=self.units[unit].id,
            sex="F",
            joined_at=NOW,
            **columns,
        )
        async with self.sessions.begin() as work:
            work.add(member)
        return member

    async def staff(self, role: Role, path: str = "/1/", login: str = "") -> Staff:
        staff = Staff(
            login=login or role.value,
            name=f"{role.value}甲",
            role=role.value,
            path=path,
            password="x",
        )
        async with self.sessions.begin() as work:
            work.add(staff)
        return staff

    async def conversation(self, member: Member | None, sender: str = "") -> Conversation:
        row = Conversation(
            channel="wechat",
            account="gh_lianxin",
            sender=sender or uuid.uuid4().hex,
            created_at=self.clock(),
            member_id=None if member is None else member.id,
            msg_left=5,
            msg_until=self.clock() + timedelta(hours=48),
        )
        async with self.sessions.begin() as work:
            work.add(row)
        return row

    async def message(
        self, conversation: Conversation, words: str, *, answer: str = "", hidden: bool = False
    ) -> Message:
        """One message that was handled."""
        inbound = Inbound(
            conversation.channel,
            conversation.account,
            conversation.sender,
            uuid.uuid4(),
            Kind.TEXT,
            self.clock(),
            text=words,
        )
        reply = REPLY.dump_json(say(answer)) if answer else b'{"parts":[]}'
        row = Message(
            key=inbound.key,
            conversation_id=conversation.id,
            received_at=self.clock(),
            sent_at=self.clock(),
            kind=Kind.TEXT,
            body=self.ring.seal(INBOUND.dump_json(inbound), message.BODY),
            reply=self.ring.seal(reply, message.REPLY),
            done_at=self.clock(),
            hidden=hidden,
        )
        async with self.sessions.begin() as work:
            work.add(row)
        return row

    async def ticket(
        self, member: Member | None, words: str = "想问一下年休假", why: Why = Why.ASKED
    ) -> Ticket:
        """A ticket opened by one message."""
        return await self.ticket_in(await self.conversation(member), words, why)

    async def ticket_in(self, conversation: Conversation, words: str, why: Why) -> Ticket:
        """A ticket opened by one more message of a conversation."""
        urgent = why is Why.URGENT
        said = await self.message(conversation, words, answer="已转给工作人员", hidden=urgent)
        asking = tickets.Asking(conversation.id, conversation.member_id, said.id, why)
        async with self.sessions.begin() as work:
            return await tickets.open_ticket(work, asking, self.clock())

    async def conversation_of(self, ticket: Ticket) -> Conversation:
        async with self.sessions() as work:
            return await work.get_one(Conversation, ticket.conversation_id)

    async def case(
        self, member: Member, number: str = SECOND, photos: tuple[str, ...] = ()
    ) -> Application:
        answers = {"child": "柳小穗", "card": "6217000000000000", "photos": json.dumps(photos)}
        case = Application(
            number=number,
            member_id=member.id,
            programme="tuition",
            schema_version=1,
            answers=self.ring.seal_text(json.dumps(answers), ANSWERS),
            status=CaseStatus.SENT,
            created_at=self.clock(),
            sent_at=self.clock(),
        )
        async with self.sessions.begin() as work:
            work.add(case)
        return case

    async def decided(self, number: str, status: CaseStatus, sentence: str = "材料齐全。") -> None:
        """The case with a decision."""
        staff = await self.staff(Role.ADMIN, login=f"decides-{number}")
        async with self.sessions.begin() as work:
            case = await cases.find_case(work, number)
            staffer = tickets.Staffer(staff.id, staff.login, staff.name)
            decision = cases.Decision(status, sentence, "金秋助学", case.version)
            await cases.decide(work, self.ring, case, staffer, decision, self.clock())

    async def stop_following(self, conversation_id: int) -> None:
        async with self.sessions.begin() as work:
            await work.execute(
                update(Conversation)
                .where(Conversation.id == conversation_id)
                .values(following=False)
            )

    def with_parts(self, **changes: object) -> DeskParts:
        """The parts of the desk, some of them others."""
        return dataclasses.replace(self.parts, **changes)  # type: ignore[arg-type]

    def nowhere(self) -> Sessions:
        """Sessions on a database that does not answer."""
        return db.sessions(db.open_engine("postgresql://nobody@127.0.0.1:1/none", 2))

    @asynccontextmanager
    async def serving(self, desk: web.Application) -> AsyncIterator[str]:
        """Another desk that listens."""
        root = web.Application()
        root.add_subapp("/desk/", desk)
        async with TestServer(root) as server:
            yield str(server.make_url("/"))

    @asynccontextmanager
    async def browser(self, staff: Staff | None = None, url: str = "") -> AsyncIterator[Browser]:
        """A browser, with a visit of this member of staff under way."""
        jar = aiohttp.CookieJar(unsafe=True)
        if staff is not None:
            async with self.sessions.begin() as work:
                token = await visits.begin(work, staff, self.clock())
            jar.update_cookies({visits.COOKIE: token})
        async with aiohttp.ClientSession(url or self.url, cookie_jar=jar) as session:
            yield Browser(session)


class Tags(HTMLParser):
    """The tags of a page, and what its forms would send."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.forms: dict[str, dict[str, str]] = {}
        self._form: dict[str, str] = {}
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {key: value or "" for key, value in attrs}
        self.tags.append((tag, given))
        if tag == "form":
            self._form = self.forms.setdefault(given.get("action", ""), {})
        if tag == "input" and given.get("type") == "hidden":
            self._form[given["name"]] = given.get("value", "")


@dataclass(frozen=True, slots=True)
class Page:
    """An answer of the desk."""

    status: int
    text: str
    headers: Mapping[str, str]
    url: str

    @property
    def tags(self) -> Tags:
        return Tags(self.text)

    def check(self) -> None:
        """What holds for every page, whatever it shows."""
        tags = self.tags.tags
        ids = [given["id"] for _, given in tags if "id" in given]
        labels = {given.get("for") for tag, given in tags if tag == "label"}
        fields = [
            given
            for tag, given in tags
            if tag in {"input", "select", "textarea"}
            and given.get("type") not in {"hidden", "radio"}
        ]
        assert sum(tag == "h1" for tag, _ in tags) == 1, "one h1 a page"
        assert len(ids) == len(set(ids)), "an id twice"
        assert [given for given in fields if given.get("id") not in labels] == [], "no label"
        assert not [t for t, a in tags if "style" in a or any(k.startswith("on") for k in a)]
        assert "script-src 'self';" in self.headers["Content-Security-Policy"]
        assert self.headers["Cache-Control"] == "no-store"


@dataclass(frozen=True, slots=True)
class Browser:
    """One person's browser."""

    session: aiohttp.ClientSession

    async def open(self, path: str, **headers: str) -> Page:
        """Open a page and check what holds for all of them."""
        page = await self.get(path, **headers)
        page.check()
        return page

    async def get(self, path: str, **headers: str) -> Page:
        async with self.session.get(path, headers=headers) as answer:
            text = await answer.text(errors="replace")
            return Page(answer.status, text, answer.headers.copy(), str(answer.url.relative()))

    async def submit(self, page: Page, action: str, **fields: str) -> Page:
        """Fill in and send a form of this page, as the browser would."""
        return await self.post(action, {**page.tags.forms[action], **fields})

    async def post(
        self, path: str, fields: Mapping[str, str], *, origin: str | None = "same"
    ) -> Page:
        own = str(self.session._base_url).rstrip("/")
        headers = {} if origin is None else {"Origin": own if origin == "same" else origin}
        async with self.session.post(path, data=fields, headers=headers) as answer:
            text = await answer.text(errors="replace")
            return Page(answer.status, text, answer.headers.copy(), str(answer.url.relative()))


def clauses_of(sessions: Sessions) -> Clauses:
    """The cards on annual leave, found by characters alone."""
    room = HERE / "nlp"
    index = CardIndex(cards.load(room / "policies" / "annual-leave"))
    return Clauses.of(index, load_gates(room / "gate"), sessions)


@asynccontextmanager
async def open_world(sessions: Sessions, ring: KeyRing, folder: Path) -> AsyncIterator[World]:
    """A desk that listens, with a tree of two units."""
    clock = Hands()
    store = Store(folder, ring, Bounds(10_000_000, 40_000_000, 2400))
    facts: dict[str, object] = {}

    async def running() -> dict[str, object]:
        return facts

    parts = DeskParts(
        sessions=sessions,
        ring=ring,
        clock=clock,
        settings=SETTINGS,
        secure_cookies=False,
        programmes={"tuition": Title("金秋助学")},  # type: ignore[dict-item]
        describe=describe,
        evidence=store,
        running=running,
        clauses=clauses_of(sessions),
    )
    root = web.Application()
    root.add_subapp("/desk/", create_desk(parts))
    async with TestServer(root) as server:
        url = str(server.make_url("/"))
        world = World(sessions, ring, clock, store, parts, url, facts=facts)
        await world.unit("省直机关工会", "/1/")
        await world.unit("省财政厅", "/1/2/")
        await world.unit("省水利厅", "/1/3/")
        yield world
