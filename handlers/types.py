"""Values that every topic shares: what came in, what goes out, what a handler is given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, TypeAdapter


class Kind(StrEnum):
    """What a person sent; `UNKNOWN` is kept and answered politely."""

    TEXT = "text"
    IMAGE = "image"
    VOICE = "voice"
    VIDEO = "video"
    LOCATION = "location"
    LINK = "link"
    EVENT = "event"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Inbound:
    """One message or event of one person, whatever channel it came by.

    `key` is the same for every repeat of the same message. `text` is what was typed,
    or the recognised words of a voice message, or the menu key of a menu tap. `tapped` says that
    the text came from a tap and not from typing, which counts differently in the customer-message
    window. `media` names a picture as the channel knows it (WeChat: the MediaId).
    """

    channel: str
    account: str
    sender: str
    key: UUID
    kind: Kind
    sent_at: datetime
    text: str = ""
    media: str = ""
    event: str = ""
    event_key: str = ""
    tapped: bool = False
    fields: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Choice:
    """A tappable answer: `label` is shown, `say` is what the tap sends as the person's words."""

    label: str
    say: str


@dataclass(frozen=True, slots=True)
class Link:
    """A web page; `path` begins with "/" and is joined to the public address by the channel."""

    label: str
    path: str


@dataclass(frozen=True, slots=True)
class Text:
    """One bubble of words, with tappable answers and page links below it."""

    text: str
    choices: tuple[Choice, ...] = ()
    links: tuple[Link, ...] = ()
    type: Literal["text"] = "text"

    @property
    def words(self) -> str:
        """What a person reads, without the targets behind it."""
        labels = [choice.label for choice in self.choices] + [link.label for link in self.links]
        return "\n".join((self.text, *(f"[{label}]" for label in labels)))


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture the channel already knows by its media id; `alt` says what it shows."""

    media: str
    alt: str
    type: Literal["image"] = "image"

    @property
    def words(self) -> str:
        """What a person reads who cannot see the picture."""
        return f"[图片：{self.alt}]"


@dataclass(frozen=True, slots=True)
class Card:
    """One article card that opens a page."""

    title: str
    description: str
    path: str
    picture_url: str = ""
    type: Literal["news"] = "news"

    @property
    def words(self) -> str:
        """What a person reads of the card."""
        return f"{self.title}\n{self.description}"


Part = Annotated[Text | Picture | Card, Field(discriminator="type")]


@dataclass(frozen=True, slots=True)
class Reply:
    """What is said in answer: bubbles in order; none means that nothing is said.

    `phrased`: a language model put it into words, which the channel has to show where it can.
    """

    parts: tuple[Part, ...] = ()
    phrased: bool = False

    @property
    def text(self) -> str:
        """All words of the reply, for transcripts and for staff."""
        return "\n".join(part.words for part in self.parts)


def numbered(*choices: Choice) -> tuple[Choice, ...]:
    """The choices with their numbers before them, for people who would rather type one."""
    return tuple(
        Choice(f"{place}. {choice.label}", choice.say) for place, choice in enumerate(choices, 1)
    )


def say(text: str, *choices: Choice, links: tuple[Link, ...] = ()) -> Reply:
    """A reply of one bubble."""
    return Reply((Text(text, choices, links),))


REPLY: TypeAdapter[Reply] = TypeAdapter(Reply)
INBOUND: TypeAdapter[Inbound] = TypeAdapter(Inbound)
