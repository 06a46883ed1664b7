"""`lianxin policy import`: full texts of laws into the database, one file after the other."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import Progress

from handlers.actions.answers import store_document
from nlp.statute import StatuteError, parse

if TYPE_CHECKING:
    from pathlib import Path

    from bot.clock import Clock
    from models.db import Sessions


@dataclass(slots=True)
class Tally:
    """What an import did."""

    stored: int = 0
    known: int = 0
    articles: int = 0
    broken: list[str] = field(default_factory=list)


async def import_texts(sessions: Sessions, place: Path, clock: Clock) -> Tally:
    """Import a file, or every .md of a folder; a broken file is named and the rest goes on.

    Each file is one commit, so an import that was stopped goes on where it stopped.
    """
    files = await asyncio.to_thread(_files, place)
    tally = Tally()
    with Progress(console=Console(stderr=True)) as progress:
        for file in progress.track(files, description="importing"):
            try:
                statute = parse(file.stem, file.read_text(encoding="utf-8"))
            except UnicodeDecodeError:
                tally.broken.append(f"{file.name}: the file is not UTF-8 text")
                continue
            except (OSError, StatuteError) as exc:
                tally.broken.append(f"{file.name}: {exc}")
                continue
            async with sessions.begin() as work:
                new = await store_document(work, file.stem, statute, clock())
            tally.stored += new
            tally.known += not new
            tally.articles += len(statute.articles)
    return tally


def _files(place: Path) -> list[Path]:
    return sorted(place.glob("*.md")) if place.is_dir() else [place]
