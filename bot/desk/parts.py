"""What the desk is built from."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from aiohttp import web

from bot.clock import Clock
from bot.config import Desk
from handlers.actions.clauses import Clauses
from handlers.actions.evidence import Store
from handlers.catalogue.schema import Answers, Programme
from models.db import Sessions
from models.seal import KeyRing


@dataclass(frozen=True, slots=True)
class Shown:
    """One answer of a form as staff read it; `photos` are names in the evidence store."""

    label: str
    value: str
    sensitive: bool
    photos: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DeskParts:
    """What the composition root hands over.

    `describe` turns the answers to one programme into rows; `running` tells facts for the page
    of the running state. `clauses` are those that members are answered from.
    """

    sessions: Sessions
    ring: KeyRing
    clock: Clock
    settings: Desk
    secure_cookies: bool
    programmes: Mapping[str, Programme]
    describe: Callable[[str, Answers], list[Shown]]
    evidence: Store
    running: Callable[[], Awaitable[Mapping[str, object]]]
    clauses: Clauses


PARTS = web.AppKey("parts", DeskParts)
