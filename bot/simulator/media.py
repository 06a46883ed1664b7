"""Pictures, sounds and films with a media id; each lives for three days."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from bot.simulator.refusal import Refusal

LIFE = timedelta(days=3)
MB = 1 << 20
MediaType = Literal["image", "voice", "video", "thumb"]


@dataclass(frozen=True, slots=True)
class Rule:
    """What one type of upload may be, and the code for one that is too large."""

    limit: int
    suffixes: frozenset[str]
    too_large: int


RULES: dict[str, Rule] = {
    "image": Rule(10 * MB, frozenset({"bmp", "png", "jpeg", "jpg", "gif"}), 40009),
    "voice": Rule(2 * MB, frozenset({"amr", "mp3"}), 40010),
    "video": Rule(10 * MB, frozenset({"mp4"}), 40011),
    "thumb": Rule(64 << 10, frozenset({"jpg", "jpeg"}), 40012),
}
MAGIC = (
    (b"\xff\xd8\xff", "image/jpeg", "jpg"),
    (b"\x89PNG\r\n\x1a\n", "image/png", "png"),
    (b"GIF8", "image/gif", "gif"),
    (b"BM", "image/bmp", "bmp"),
    (b"RIFF", "image/webp", "webp"),
    (b"#!AMR", "audio/amr", "amr"),
    (b"ID3", "audio/mpeg", "mp3"),
    (b"\xff\xfb", "audio/mpeg", "mp3"),
)


@dataclass(frozen=True, slots=True)
class Medium:
    """One file; `content` is not written to the store but beside it."""

    media_id: str
    type: MediaType
    created_at: datetime
    content: bytes = field(repr=False)

    @property
    def content_type(self) -> str:
        """As the first bytes say; video/mp4 when they say nothing else."""
        return recognise(self.content)[0]

    @property
    def suffix(self) -> str:
        return recognise(self.content)[1]


@dataclass(slots=True)
class Library:
    """All media the platform holds."""

    fresh: Callable[[int], str]
    media: dict[str, Medium] = field(default_factory=dict)

    def add(self, kind: MediaType, content: bytes, now: datetime) -> Medium:
        """Keep a file; what is older than three days goes."""
        for old in [m for m in self.media.values() if now - m.created_at >= LIFE]:
            del self.media[old.media_id]
        medium = Medium(self.fresh(48), kind, now, content)
        self.media[medium.media_id] = medium
        return medium

    def find(self, media_id: str, now: datetime) -> Medium:
        """Raise Refusal 40007 when the id is unknown or three days old."""
        medium = self.media.get(media_id)
        if medium is None or now - medium.created_at >= LIFE:
            raise Refusal(40007)
        return medium


def recognise(content: bytes) -> tuple[str, str]:
    """Content type and suffix by the first bytes."""
    for start, content_type, suffix in MAGIC:
        if content.startswith(start):
            return content_type, suffix
    if content[4:8] == b"ftyp":
        return "video/mp4", "mp4"
    return "application/octet-stream", "bin"
