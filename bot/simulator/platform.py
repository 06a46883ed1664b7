"""The simulated platform: everything it holds, and the few things all its parts do."""

from __future__ import annotations

import asyncio
import base64
import random
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeVar

from aiohttp import ClientSession, web

from bot.simulator import exchanges, transcript
from bot.simulator.account import Account, loopback
from bot.simulator.exchanges import Exchange, Exchanges
from bot.simulator.faults import Faults
from bot.simulator.feed import Feed
from bot.simulator.followers import Follower, follow
from bot.simulator.logins import Logins
from bot.simulator.media import Library
from bot.simulator.menu import Button
from bot.simulator.people import Person
from bot.simulator.pushes import Push
from bot.simulator.qrcodes import QrCodes
from bot.simulator.quotas import Quotas
from bot.simulator.refusal import Refusal
from bot.simulator.settings import Settings
from bot.simulator.tokens import Tokens
from bot.simulator.transcript import Bubble, Line, Side, Transcript

if TYPE_CHECKING:
    from collections.abc import Coroutine, Sequence


TYPING_LASTS = timedelta(seconds=15)
FIRST_TAG = 100
T = TypeVar("T")


@dataclass(slots=True)
class Platform:
    """One account and the people around it.

    `clock` gives the time that is written into messages. `ahead` is how far the platform's own
    limits (windows, tokens, media, codes, quotas) have been put forward: the account's server
    did not travel, so what is signed for it keeps the time of `clock`.
    """

    account: Account
    callback: Callable[[], str]
    clock: Callable[[], datetime]
    people: dict[str, Person]
    changed: Callable[[], None]
    ahead: timedelta = timedelta()
    settings: Settings = field(default_factory=Settings)
    followers: dict[str, Follower] = field(default_factory=dict)
    tags: dict[int, str] = field(default_factory=dict)
    menu: tuple[Button, ...] | None = None
    faults: Faults = field(default_factory=Faults)
    quotas: Quotas = field(default_factory=Quotas)
    feed: Feed = field(default_factory=Feed)
    tokens: Tokens = field(init=False)
    media_library: Library = field(init=False)
    qrcodes: QrCodes = field(init=False)
    logins: Logins = field(init=False)
    transcript: Transcript = field(init=False)
    exchanges: Exchanges = field(init=False)
    last_msg_id: int = 0
    sent_templates: dict[tuple[str, str], tuple[int, datetime]] = field(default_factory=dict)
    pushed: dict[str, Push] = field(default_factory=dict)
    waiting: list[asyncio.Event] = field(default_factory=list)
    running: set[asyncio.Task[Any]] = field(default_factory=set)
    closing: asyncio.Event = field(default_factory=asyncio.Event)
    session: ClientSession = field(init=False)
    dice: random.Random | None = None

    def __post_init__(self) -> None:
        self.tokens = Tokens(self.fresh)
        self.media_library = Library(self.fresh)
        self.qrcodes = QrCodes(self.fresh)
        self.logins = Logins(self.fresh)
        self.transcript = Transcript(self._tell_line)
        self.exchanges = Exchanges(self._tell_exchange)

    def limits_now(self) -> datetime:
        """The time by which windows, tokens, media and quotas run out."""
        return self.clock() + self.ahead

    def random_bytes(self, count: int) -> bytes:
        """Secret bytes, or a fixed sequence when the settings name a seed."""
        return secrets.token_bytes(count) if self.dice is None else self.dice.randbytes(count)

    def fresh(self, count: int) -> str:
        """A new random name of `count` characters, a multiple of four."""
        return base64.urlsafe_b64encode(self.random_bytes(count // 4 * 3)).decode()

    def next_msg_id(self) -> int:
        """Rises over restarts too, because it follows the clock."""
        self.last_msg_id = max(self.last_msg_id + 1, int(self.clock().timestamp() * 1e9))
        return self.last_msg_id

    def rid(self) -> str:
        """The name of one call, as the platform writes it behind its errors."""
        words = int(self.clock().timestamp()).to_bytes(4, "big") + self.random_bytes(8)
        return words.hex("-", 4)

    def follower(self, openid: str) -> Follower:
        """Raise Refusal 40003 for an openid the platform has never given out."""
        if openid not in self.followers:
            raise Refusal(40003)
        return self.followers[openid]

    def show(self, openid: str, side: Side, bubble: Bubble) -> Line:
        """Put one line into the chat of a person; a message of the account ends its typing."""
        if side == "account":
            self.stop_typing(self.followers[openid])
        return self.transcript.add(openid, side, bubble, self.clock())

    def start_typing(self, follower: Follower) -> None:
        follower.typing_until = self.limits_now() + TYPING_LASTS
        self.feed.tell("typing", {"openid": follower.openid, "seconds": TYPING_LASTS.seconds})

    def stop_typing(self, follower: Follower) -> None:
        if follower.typing_until is not None:
            follower.typing_until = None
            self.feed.tell("typing", {"openid": follower.openid, "seconds": 0})

    def apply(self, settings: Settings) -> None:
        """Behave in a new way from now on."""
        self.settings = settings
        self.dice = None if settings.seed is None else random.Random(settings.seed)  # noqa: S311
        self.feed.tell("settings", settings.model_dump())

    def callback_url(self) -> str:
        return loopback(self.callback())

    def spawn(self, work: Coroutine[object, object, T]) -> asyncio.Task[T]:
        """Do something in the background; it is cancelled when the simulator stops."""
        task = asyncio.create_task(work)
        self.running.add(task)
        task.add_done_callback(self.running.discard)
        return task

    async def stop(self) -> None:
        """Let go of everything that runs or waits."""
        self.closing.set()
        self.feed.close()
        for task in self.running:
            task.cancel()
        await asyncio.gather(*self.running, return_exceptions=True)

    def _tell_line(self, line: Line) -> None:
        if self.feed.watches:
            self.feed.tell("line", transcript.as_json(line))
        self.changed()

    def _tell_exchange(self, exchange: Exchange) -> None:
        if self.feed.watches:
            self.feed.tell("exchange", exchanges.as_json(exchange))


def first_followers(people: Sequence[Person], now: datetime) -> dict[str, Follower]:
    """How everyone stands to the account before anything was kept."""
    followers = {person.openid: Follower(person.openid) for person in people}
    for person in people:
        if person.following:
            follow(followers[person.openid], now, None)
    return followers


PLATFORM: web.AppKey[Platform] = web.AppKey("platform", Platform)
