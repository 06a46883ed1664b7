"""What a person sees in the chat, line by line."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Literal

Side = Literal["person", "account", "system"]
KEPT_A_PERSON = 1000


@dataclass(frozen=True, slots=True)
class Item:
    """One row of a bubble: a tappable answer (key is its id) or a line of a notice."""

    key: str
    words: str


@dataclass(frozen=True, slots=True)
class Bubble:
    """What one line shows; `kind` says which of the other fields are filled.

    `picture` is a media id of this platform or an address. `url` is what a tap opens.
    `ai` asks for the grey line that marks words made by a machine.
    """

    kind: str
    text: str = ""
    title: str = ""
    url: str = ""
    picture: str = ""
    items: tuple[Item, ...] = ()
    tail: str = ""
    ai: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """One line in the chat of one person; numbers rise over all people."""

    number: int
    openid: str
    side: Side
    at: datetime
    bubble: Bubble


@dataclass(slots=True)
class Transcript:
    """The chats of all people; the oldest lines of a long chat are forgotten."""

    listener: Callable[[Line], None]
    lines: dict[str, list[Line]] = field(default_factory=dict)
    last: int = 0

    def add(self, openid: str, side: Side, bubble: Bubble, now: datetime) -> Line:
        self.last += 1
        line = Line(self.last, openid, side, now, bubble)
        chat = self.lines.setdefault(openid, [])
        chat.append(line)
        if len(chat) > KEPT_A_PERSON:
            del chat[0]
        self.listener(line)
        return line

    def after(self, openid: str, number: int) -> list[Line]:
        """Lines of one person with a higher number."""
        return [line for line in self.lines.get(openid, []) if line.number > number]


def as_json(line: Line) -> dict[str, object]:
    """A line as pages and tests read it, in one flat object."""
    return {
        "number": line.number,
        "openid": line.openid,
        "side": line.side,
        "at": line.at.isoformat(),
        **asdict(line.bubble),
    }
