"""The composition root: builds every part once and hands it over."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

import procrastinate
from sqlalchemy.ext.asyncio import AsyncEngine

from bot import jobs
from bot.channels.base import Channel, SendError, Then
from bot.channels.terminal import Terminal
from bot.channels.wechat import WeChat
from bot.channels.wechat_api import PlatformClient
from bot.chat_model import ChatModel
from bot.clock import Clock
from bot.config import HERE, Settings
from bot.delivery import Deliverer, Pace
from bot.dispatch import Dispatch, Terms
from bot.importing import import_uploads
from bot.in_time import InTime
from bot.listening import listening
from handlers.actions import board
from handlers.actions.binding import Guessing
from handlers.actions.clauses import CHANGES, Clauses, Files
from handlers.actions.evidence import Bounds, Store
from handlers.actions.phrasing import Phrasing
from handlers.catalogue.hotlines import load_hotlines
from handlers.catalogue.schema import load_programmes
from handlers.context import Knowledge, Services
from handlers.encoding import Encoding
from handlers.errors import PictureNotFetchedError
from handlers.language import Language, Places
from handlers.reckon.reckoner import Reckoner
from models import db
from models.db import Sessions
from models.seal import KeyRing
from nlp.encode import Encoder
from nlp.judged import Gates
from nlp.retrieve import CardIndex
from scheduler import campaigns, clockwork
from scheduler.clockwork import Tick
from scheduler.season import load_seasons
from scheduler.upkeep import Upkeep

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping, Sequence

    from handlers.types import Inbound, Reply
    from scheduler.campaigns import Plan

DRAIN = 3.0  # seconds that answers under way have when the process is asked to stop


def real_clock() -> datetime:
    """The only reader of the real time."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Parts:
    """Everything that is built once for a process."""

    settings: Settings
    url: str
    clock: Clock
    engine: AsyncEngine
    sessions: Sessions
    ring: KeyRing
    services: Services
    evidence: Store
    client: PlatformClient
    wechat: WeChat
    channels: dict[str, Channel]
    dispatch: Dispatch
    in_time: InTime
    jobs: procrastinate.App
    deliverer: Deliverer


@dataclass(frozen=True, slots=True)
class Loaded:
    """What was loaded beforehand and stands still, as tests share it."""

    knowledge: Knowledge
    language: Language
    index: CardIndex
    gates: Gates


@asynccontextmanager
async def open_parts(
    settings: Settings,
    url: str,
    clock: Clock,
    *,
    show: Callable[[Reply], None] | None = None,
    loaded: Loaded | None = None,
) -> AsyncIterator[Parts]:
    """Build every part on one database, and take all down again in the right order.

    `show` prints what is sent to the terminal; without it nobody is there. Language and clauses
    load in the background, and messages wait for them; those of `loaded` are there already.
    """
    ring = settings.ring
    engine = db.open_engine(url, settings.database.pool_size)
    sessions = db.sessions(engine)
    client = PlatformClient(settings.wechat, sessions, ring, clock)
    wechat = WeChat(settings.wechat, settings.public_url, client)
    channels: dict[str, Channel] = {wechat.name: wechat}
    if show is not None:
        terminal = Terminal(show)
        channels[terminal.name] = terminal

    encoding = encoding_of(settings)
    if loaded is None:
        knowledge = await asyncio.to_thread(load_knowledge)
        language = Language(places_of(settings), encoding)
        clauses = Clauses(files_of(), sessions, encoding)
    else:
        knowledge, language = loaded.knowledge, loaded.language
        clauses = Clauses.of(loaded.index, loaded.gates, sessions)
    model = ChatModel(settings.policy.llm, clock) if settings.policy.llm.url else None
    services = Services(
        ring=ring,
        sessions=sessions,
        knowledge=knowledge,
        language=language,
        clauses=clauses,
        evidence=store_of(settings, ring),
        guessing=Guessing(settings.members.attempts, timedelta(seconds=settings.members.pause)),
        fetch_picture=partial(_fetch_picture, channels),
        phrasing=None if model is None else Phrasing(model.complete),
    )
    messages = settings.messages
    terms = Terms(url, settings.database.flushers, messages.lease, messages.attempts)
    dispatch = Dispatch(services, channels, clock, terms)
    pace = Pace(settings.delivery.per_second, turn=timedelta(seconds=messages.lease))
    deliverer = Deliverer(sessions, ring, channels, clock, pace)
    in_time = InTime(settings.wechat.answer_within)
    async with AsyncExitStack() as stack:
        stack.push_async_callback(engine.dispose)
        if loaded is None:
            await stack.enter_async_context(_background(encoding, language, clauses, url))
        await stack.enter_async_context(_connected(client, model))
        dispatch.start()
        stack.push_async_callback(dispatch.stop)
        stack.push_async_callback(in_time.drain, DRAIN)
        yield Parts(
            settings,
            url,
            clock,
            engine,
            sessions,
            ring,
            services,
            services.evidence,
            client,
            wechat,
            channels,
            dispatch,
            in_time,
            jobs.create_jobs(
                url,
                deliverer.deliver,
                partial(import_uploads, sessions, clock=clock, cards=lambda: clauses.cards),
                partial(_tell_returned, sessions, services, clock),
            ),
            deliverer,
        )


async def _tell_returned(
    sessions: Sessions, services: Services, clock: Clock, conversations: Sequence[int]
) -> None:
    """Tell those who follow again what was answered meanwhile, one transaction each."""
    for conversation in conversations:
        async with sessions.begin() as work:
            await board.tell_returned(work, services.ring, services.clauses, conversation, clock())


@asynccontextmanager
async def _connected(*callers: PlatformClient | ChatModel | None) -> AsyncIterator[None]:
    """Keep connections to what lies outside while inside."""
    async with AsyncExitStack() as stack:
        for caller in (one for one in callers if one is not None):
            await caller.open()
            stack.push_async_callback(caller.close)
        yield


@asynccontextmanager
async def _background(
    encoding: Encoding, language: Language, clauses: Clauses, url: str
) -> AsyncIterator[None]:
    """Load them, and take over changes, while inside."""
    language.start()
    clauses.start()
    try:
        async with listening(url, CHANGES, clauses.changed):
            yield
    finally:
        await clauses.stop()
        await language.stop()
        encoding.stop()


def encoding_of(settings: Settings) -> Encoding:
    """What makes vectors, not loaded yet."""
    return Encoding(Encoder if settings.language.encoder else None)


def files_of() -> Files:
    """Where cards, gate and precedence lie."""
    room = HERE / "nlp"
    return Files(room / "policies", room / "gate", room)


def places_of(settings: Settings) -> Places:
    """Where the files of the language lie, and where what was learnt is kept."""
    room = HERE / "nlp"
    return Places(room / "lexicon", room / "examples", settings.data_dir / "cache" / "language")


def store_of(settings: Settings, ring: KeyRing) -> Store:
    """Where evidence lies, and what is accepted as evidence."""
    limits = settings.evidence
    bounds = Bounds(limits.limit, limits.pixels, limits.longest_side)
    return Store(settings.data_dir / "evidence", ring, bounds)


def ticks(parts: Parts) -> tuple[Tick, ...]:
    """What happens without being asked, and how often it is looked after."""
    settings = parts.settings
    upkeep = Upkeep(
        parts.sessions,
        parts.dispatch.resume,
        timedelta(seconds=settings.messages.lease),
        parts.evidence.folder,
        tuple(parts.channels),
    )
    plan = plan_of(settings)

    async def push_campaigns() -> None:
        await campaigns.run_due(parts.sessions, parts.ring, plan, parts.clock())

    async def rescue() -> None:
        await jobs.rescue_stalled(parts.jobs)

    async def group_questions() -> None:
        async with parts.sessions.begin() as work:
            await board.gather(work, parts.ring, parts.services.clauses, parts.clock())

    return (
        Tick("messages", timedelta(seconds=5), lambda: upkeep.messages(parts.clock())),
        Tick("outbox", timedelta(seconds=30), lambda: upkeep.outbox(parts.clock())),
        Tick("records", timedelta(hours=1), lambda: upkeep.records(parts.clock(), real_clock())),
        Tick("jobs", timedelta(seconds=10), rescue),
        Tick("campaigns", timedelta(seconds=10), push_campaigns),
        Tick("questions", timedelta(seconds=15), group_questions),
    )


def plan_of(settings: Settings) -> Plan:
    """The campaigns and how they run."""
    return campaigns.Plan(
        load_seasons(HERE / "scheduler" / "seasons"),
        timedelta(seconds=settings.clock.catch_up),
        settings.delivery.batch,
        timedelta(seconds=settings.delivery.expiry),
        (WeChat.name,),
    )


@asynccontextmanager
async def clock_running(parts: Parts) -> AsyncIterator[None]:
    """Tick while inside."""
    stop = clockwork.start(ticks(parts))
    try:
        yield
    finally:
        stop()


@asynccontextmanager
async def worker_running(parts: Parts) -> AsyncIterator[None]:
    """Do the durable work while inside; jobs under way are finished before leaving."""
    task = asyncio.create_task(jobs.run_worker(parts.jobs))
    try:
        yield
    finally:
        parts.deliverer.leave()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def _fetch_picture(channels: Mapping[str, Channel], inbound: Inbound) -> bytes:
    """The picture of a message, tried twice where that may help; PictureNotFetchedError."""
    channel = channels[inbound.channel]
    try:
        return await channel.picture(inbound.media)
    except SendError as exc:
        if exc.then not in {Then.RETRY, Then.UNKNOWN}:
            raise PictureNotFetchedError from exc
    try:
        return await channel.picture(inbound.media)
    except SendError as exc:
        raise PictureNotFetchedError from exc


def load_knowledge() -> Knowledge:
    """Read forms, numbers to call and calculators."""
    catalogue = HERE / "handlers" / "catalogue"
    return Knowledge(
        programmes=load_programmes(catalogue / "aid"),
        hotlines=load_hotlines(catalogue / "hotlines.yaml"),
        reckoner=Reckoner.load(HERE / "handlers" / "reckon"),
    )
