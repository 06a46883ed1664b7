"""What a chat handler is given: the message, what is open, and the parts it may use."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pydantic import TypeAdapter

from handlers.actions.binding import Guessing
from handlers.actions.clauses import Clauses
from handlers.actions.evidence import Store
from handlers.actions.phrasing import Phrasing
from handlers.catalogue.hotlines import Hotlines
from handlers.catalogue.schema import Programme
from handlers.errors import NotBoundError
from handlers.language import Language
from handlers.reckon.reckoner import Pending, Reckoner
from handlers.types import Inbound
from models.db import Sessions, Work
from models.seal import KeyRing

if TYPE_CHECKING:
    from datetime import datetime

    from nlp.understand import Meaning


@dataclass(slots=True)
class State:
    """What is open in a conversation; kept sealed between messages.

    `form` is the programme whose draft is open. `offered` are the words that "1", "2" … stand
    for. `misses` counts messages in a row that were not understood. `binding` holds what a person
    has told of themselves so far, and `after_binding` what they wanted before they had to. `cared`
    says that help was offered beside the last answer, so that it is not offered with every one.
    `unsure` is what was said when it was asked back what was meant.
    `useful_asked`: the last answer was followed by the question whether it was useful.
    `reckoning` is a calculation that asked something back.
    """

    form: str = ""
    offered: list[str] = field(default_factory=list)
    misses: int = 0
    binding: dict[str, str] | None = None
    after_binding: str = ""
    cared: bool = False
    unsure: str = ""
    useful_asked: bool = False
    reckoning: Pending | None = None


STATE: TypeAdapter[State] = TypeAdapter(State)


@dataclass(frozen=True, slots=True)
class Knowledge:
    """What was read from files: forms by slug, numbers to call, calculators."""

    programmes: Mapping[str, Programme]
    hotlines: Hotlines
    reckoner: Reckoner


@dataclass(frozen=True, slots=True)
class Services:
    """The parts every handler may use; built once.

    `phrasing` None: answers on rules are given as they stand.
    """

    ring: KeyRing
    sessions: Sessions
    knowledge: Knowledge
    language: Language
    clauses: Clauses
    evidence: Store
    guessing: Guessing
    fetch_picture: Callable[[Inbound], Awaitable[bytes]]
    phrasing: Phrasing | None = None


class Context:
    """One message and everything needed to answer it."""

    __slots__ = (
        "_work",
        "conversation_id",
        "hidden",
        "inbound",
        "meaning",
        "member_id",
        "message_id",
        "now",
        "services",
        "state",
        "ticket_id",
    )

    def __init__(  # noqa: PLR0913 - the composition of one message
        self,
        inbound: Inbound,
        now: datetime,
        services: Services,
        state: State,
        meaning: Meaning,
        *,
        message_id: int,
        conversation_id: int,
        member_id: int | None,
        ticket_id: int | None,
    ) -> None:
        self.inbound = inbound
        self.now = now
        self.services = services
        self.state = state
        self.meaning = meaning
        self.message_id = message_id
        self.conversation_id = conversation_id
        self.member_id = member_id
        self.ticket_id = ticket_id
        self.hidden = False
        self._work: Work | None = None

    @property
    def work(self) -> Work:
        """The transaction of this message, begun by its first statement.

        What is written in it takes effect together with the reply, or not at all.
        """
        if self._work is None:
            self._work = self.services.sessions()
        return self._work

    async def pause(self) -> None:
        """Let the database go before a long wait; nothing may have been written yet."""
        if self._work is not None:
            await self._work.close()

    def known_member(self, wanted: str) -> int:
        """The member; NotBoundError leads through binding and then back to what was wanted."""
        if self.member_id is None:
            raise NotBoundError(wanted)
        return self.member_id

    @property
    def opened(self) -> bool:
        """Whether a handler asked for the transaction."""
        return self._work is not None
