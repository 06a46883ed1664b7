"""Keeps followers, chats, tags, menu and media over a restart: a file, and a folder beside it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import ConfigDict, TypeAdapter

from bot.simulator.followers import Follower
from bot.simulator.media import MediaType, Medium
from bot.simulator.menu import Button
from bot.simulator.transcript import Line

if TYPE_CHECKING:
    from bot.simulator.platform import Platform

PAUSE = 0.5


@dataclass(frozen=True, slots=True)
class KeptMedium:
    """A medium without its bytes, which lie in the folder under its id."""

    media_id: str
    type: MediaType
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Kept:
    """All that survives; tokens, codes and exchanges do not."""

    __pydantic_config__ = ConfigDict(extra="forbid")

    followers: tuple[Follower, ...]
    lines: tuple[Line, ...]
    tags: dict[int, str]
    menu: tuple[Button, ...] | None
    media: tuple[KeptMedium, ...]


KEPT: TypeAdapter[Kept] = TypeAdapter(Kept)


@dataclass(slots=True)
class Store:
    """Writes a little after the last change, never more than one write at a time."""

    path: Path
    touched: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def folder(self) -> Path:
        return self.path.with_suffix(".media")

    async def keep_up(self, platform: Platform) -> None:
        """Write after each burst of changes, until cancelled."""
        while True:
            await self.touched.wait()
            await asyncio.sleep(PAUSE)
            await self.write(platform)

    async def write(self, platform: Platform) -> None:
        """Write what there is now."""
        self.touched.clear()
        kept, media = _gather(platform), tuple(platform.media_library.media.values())
        await asyncio.to_thread(self._write, KEPT.dump_json(kept), media)

    def load(self, platform: Platform) -> None:
        """Put back what was kept; people who are new since then stay as they are."""
        if not self.path.exists():
            return
        kept = KEPT.validate_json(self.path.read_bytes())
        known = {f.openid: f for f in kept.followers if f.openid in platform.people}
        platform.followers.update(known)
        for line in kept.lines:
            platform.transcript.lines.setdefault(line.openid, []).append(line)
            platform.transcript.last = max(platform.transcript.last, line.number)
        platform.tags.update(kept.tags)
        platform.menu = kept.menu
        for each in kept.media:
            content = (self.folder / each.media_id).read_bytes()
            medium = Medium(each.media_id, each.type, each.created_at, content)
            platform.media_library.media[each.media_id] = medium

    def _write(self, body: bytes, media: tuple[Medium, ...]) -> None:
        """Media first and the file last, so that the file never names what is not there."""
        self.folder.mkdir(parents=True, exist_ok=True)
        there = {file.name for file in self.folder.iterdir()}
        for medium in media:
            if medium.media_id not in there:
                _replace(self.folder / medium.media_id, medium.content)
        _replace(self.path, body)
        for gone in there - {medium.media_id for medium in media}:
            (self.folder / gone).unlink()


def _replace(path: Path, content: bytes) -> None:
    draft = path.with_name(f".{path.name}.new")
    draft.write_bytes(content)
    draft.replace(path)


def _gather(platform: Platform) -> Kept:
    chats = platform.transcript.lines.values()
    return Kept(
        followers=tuple(platform.followers.values()),
        lines=tuple(sorted((line for chat in chats for line in chat), key=lambda x: x.number)),
        tags=dict(platform.tags),
        menu=platform.menu,
        media=tuple(
            KeptMedium(medium.media_id, medium.type, medium.created_at)
            for medium in platform.media_library.media.values()
        ),
    )
