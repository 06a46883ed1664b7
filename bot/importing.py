"""Full texts of laws and rules into the database: from a folder, or as handed in at the desk."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from datetime import date
from typing import TYPE_CHECKING, cast

from rich.console import Console
from rich.progress import Progress
from sqlalchemy import select

from bot.text_files import ENDINGS, LARGEST, UnreadableError, full_text
from handlers.actions.documents import dates_on_cards, store_document
from models.policy import FileState, Upload, UploadFile
from nlp.full_text import FullText, Given, Scope

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from bot.clock import Clock
    from models.db import Sessions, Work
    from nlp.cards import Card

COMMAND = "command:policy import"
# Times that reading of one uploaded file is begun; after that it is left aside.
ATTEMPTS = 3
GAVE_UP = "读这个文件时系统几次中断，先放在一边；请另存一次再导入，还不行请找管理员。"


@dataclass(slots=True)
class Tally:
    """What an import did."""

    stored: int = 0
    known: int = 0
    articles: int = 0
    undated: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)


async def import_texts(
    sessions: Sessions, place: Path, given: Given, clock: Clock, cards: Sequence[Card]
) -> Tally:
    """Import a file, or every readable file of a folder; a broken one is named, the rest goes on.

    Each file is one commit, so an import that was stopped goes on where it stopped. A day in
    force that the text does not name is taken from the `cards` that were checked against it.
    """
    dates = dates_on_cards(cards)
    files = await asyncio.to_thread(_files, place)
    tally = Tally()
    with Progress(console=Console(stderr=True)) as progress:
        for file in progress.track(files, description="importing"):
            try:
                content = await asyncio.to_thread(_content, file)
                said = replace(given, source=given.source or file.name)
                text = await asyncio.to_thread(full_text, file.name, content, said)
                text = _dated(text, dates)
            except UnreadableError as exc:
                tally.broken.append(f"{file.name}：{exc}")
                continue
            async with sessions.begin() as work:
                stored = await store_document(work, text, COMMAND, clock())
            tally.stored += stored.new
            tally.known += not stored.new
            tally.articles += len(text.statute.articles)
            if stored.document.in_force_from is None:
                tally.undated.append(stored.document.name)
    return tally


def _content(file: Path) -> bytes:
    try:
        with file.open("rb") as opened:
            return opened.read(LARGEST + 1)
    except OSError as exc:
        raise UnreadableError(f"文件打不开：{exc.strerror}。") from exc


def _files(place: Path) -> list[Path]:
    if not place.is_dir():
        return [place]
    return sorted(file for file in place.iterdir() if file.suffix.lower() in ENDINGS)


async def import_uploads(
    sessions: Sessions,
    ids: Sequence[int],
    *,
    clock: Clock,
    cards: Callable[[], Sequence[Card]],
) -> None:
    """Read what was handed in at the desk, each file one commit; done again, it goes on."""
    for upload_id in ids:
        while (file_id := await _next_file(sessions, upload_id, clock)) is not None:
            async with sessions.begin() as work:
                await _read(work, file_id, clock, dates_on_cards(cards()))


async def _next_file(sessions: Sessions, upload_id: int, clock: Clock) -> int | None:
    """The next file to read, counted as begun; one that was begun too often is left aside."""
    query = (
        select(UploadFile)
        .where(UploadFile.upload_id == upload_id, UploadFile.state == FileState.WAITING)
        .order_by(UploadFile.attempts, UploadFile.id)
        .limit(1)
        .with_for_update()
    )
    while True:
        async with sessions.begin() as work:
            file = await work.scalar(query)
            if file is None:
                return None
            file.attempts += 1
            if file.attempts <= ATTEMPTS:
                return file.id
            _end(file, FileState.BROKEN, clock)
            file.reason = GAVE_UP


async def _read(work: Work, file_id: int, clock: Clock, dates: Mapping[str, date]) -> None:
    query = (
        select(UploadFile, Upload)
        .join(Upload, Upload.id == UploadFile.upload_id)
        .where(UploadFile.id == file_id, UploadFile.state == FileState.WAITING)
        .with_for_update(of=UploadFile)
    )
    row = (await work.execute(query)).one_or_none()
    if row is None:
        return
    file, upload = row
    given = replace(given_of(upload.given), source=file.name)
    try:
        text = await asyncio.to_thread(full_text, file.name, file.content or b"", given)
    except UnreadableError as exc:
        _end(file, FileState.BROKEN, clock)
        file.reason = str(exc)
        return
    text = _dated(text, dates)
    stored = await store_document(work, text, upload.given["actor"], clock())
    _end(file, FileState.STORED if stored.new else FileState.KNOWN, clock)
    file.document_id, file.articles = stored.document.id, len(text.statute.articles)


def _dated(text: FullText, dates: Mapping[str, date]) -> FullText:
    day = dates.get(text.stem)
    if day is None or text.statute.in_force_from is not None:
        return text
    return replace(text, statute=replace(text.statute, in_force_from=day))


def _end(file: UploadFile, state: FileState, clock: Clock) -> None:
    file.state, file.content, file.done_at = state, None, clock()


def given_of(told: Mapping[str, str]) -> Given:
    """What was said about an upload, as it is kept with it."""
    return Given(
        title=told["title"],
        issuer=told["issuer"],
        scope=cast("Scope", told["scope"]) if told["scope"] else None,
        issued=_day(told["issued"]),
        in_force_from=_day(told["in_force_from"]),
    )


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None
