"""An import does each file once, names what is broken, and goes on where it was stopped."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import func, select

from bot import importing
from bot.importing import GAVE_UP, import_texts, import_uploads
from bot.text_files import full_text
from models.policy import Article, Document, FileState, Upload, UploadFile, count_articles
from models.staff import Staff
from nlp.full_text import Given
from tests import papers
from tests.documents import LEAVE, rules

if TYPE_CHECKING:
    from datetime import datetime

    from models.db import Sessions
    from nlp.retrieve import CardIndex

TEXTS = Path(__file__).parents[4] / "shared" / "data" / "policies"
GIVEN = {"title": "", "issuer": "", "scope": "武汉", "issued": "", "in_force_from": ""}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "休假.md").write_text(rules(*LEAVE), encoding="utf-8")
    (tmp_path / "疗休养.docx").write_bytes(papers.word())
    (tmp_path / "扫描.pdf").write_bytes(papers.scanned())
    (tmp_path / "空.txt").write_bytes(b"")
    (tmp_path / "照片.jpg").write_bytes(b"not ours")
    return tmp_path


async def test_a_broken_file_is_named_and_the_rest_goes_on(
    sessions: Sessions, folder: Path, now: datetime
):
    tally = await import_texts(sessions, folder, Given(scope="武汉"), lambda: now, ())
    assert (tally.stored, tally.known, tally.articles) == (2, 0, 6)
    assert [line.partition("：")[0] for line in tally.broken] == ["扫描.pdf", "空.txt"]
    assert tally.undated == ["休假办法(2020-01-01)"]
    async with sessions() as work:
        scopes = set(await work.scalars(select(Document.scope)))
    assert scopes == {"武汉"}


async def test_the_same_folder_again_adds_nothing(sessions: Sessions, folder: Path, now: datetime):
    await import_texts(sessions, folder, Given(), lambda: now, ())
    tally = await import_texts(sessions, folder, Given(), lambda: now, ())
    assert (tally.stored, tally.known) == (0, 2)
    async with sessions() as work:
        assert await count_articles(work) == (2, 6)


async def test_a_file_that_cannot_be_opened_is_named(
    sessions: Sessions, tmp_path: Path, now: datetime
):
    (tmp_path / "某办法.md").mkdir()
    tally = await import_texts(sessions, tmp_path, Given(), lambda: now, ())
    assert tally.stored == 0
    assert tally.broken[0].startswith("某办法.md：文件打不开")


@pytest.mark.skipif(not TEXTS.is_dir(), reason="the collection of full texts is not beside us")
async def test_the_32_laws_of_the_collection_are_imported(
    sessions: Sessions, now: datetime, index: CardIndex
):
    tally = await import_texts(sessions, TEXTS, Given(), lambda: now, index.cards)
    assert (tally.stored, tally.articles, tally.broken) == (32, 1935, [])
    assert tally.undated == []
    async with sessions() as work:
        assert await count_articles(work) == (32, 1935)
        assert set(await work.scalars(select(Document.scope))) == {"全国"}


async def handed_in(sessions: Sessions, now: datetime, *files: tuple[str, bytes]) -> int:
    async with sessions.begin() as work:
        staff = Staff(login="a", name="甲", role="officer", path="/1/", password="x")
        work.add(staff)
        await work.flush()
        given = {**GIVEN, "actor": "staff:a"}
        upload = Upload(staff_id=staff.id, given=given, created_at=now)
        work.add(upload)
        await work.flush()
        for name, content in files:
            work.add(
                UploadFile(
                    upload_id=upload.id,
                    name=name,
                    content=content,
                    state=FileState.WAITING,
                    reason="",
                    articles=0,
                    attempts=0,
                )
            )
    return upload.id


async def results(sessions: Sessions) -> list[tuple[str, str]]:
    async with sessions() as work:
        rows = await work.scalars(select(UploadFile).order_by(UploadFile.id))
        return [(row.state, row.reason) for row in rows]


FILES = (
    ("休假.md", rules(*LEAVE).encode()),
    ("扫描.pdf", papers.scanned()),
    ("休假.txt", rules(*LEAVE).removeprefix("# ").encode("gb18030")),
)


async def test_every_uploaded_file_gets_its_result(sessions: Sessions, now: datetime):
    upload = await handed_in(sessions, now, *FILES)
    await import_uploads(sessions, [upload], clock=lambda: now, cards=tuple)
    states, reasons = zip(*await results(sessions), strict=True)
    assert states == ("stored", "broken", "known")
    assert "扫描件" in reasons[1]
    async with sessions() as work:
        left = await work.scalar(select(func.count()).where(UploadFile.content.is_not(None)))
        document = (await work.scalars(select(Document))).one()
    assert left == 0
    assert (document.scope, document.source) == ("武汉", "休假.md")


async def test_a_job_that_was_stopped_goes_on_where_it_was(
    sessions: Sessions, now: datetime, monkeypatch: pytest.MonkeyPatch
):
    upload = await handed_in(sessions, now, *FILES)
    read = full_text

    def stopped(name: str, content: bytes, given: Given) -> object:
        if name == "扫描.pdf":
            raise MemoryError
        return read(name, content, given)

    monkeypatch.setattr(importing, "full_text", stopped)
    with pytest.raises(MemoryError):
        await import_uploads(sessions, [upload], clock=lambda: now, cards=tuple)
    assert [state for state, _ in await results(sessions)] == ["stored", "waiting", "waiting"]
    monkeypatch.setattr(importing, "full_text", read)
    await import_uploads(sessions, [upload], clock=lambda: now, cards=tuple)
    assert [state for state, _ in await results(sessions)] == ["stored", "broken", "known"]
    async with sessions() as work:
        assert await work.scalar(select(func.count(Article.id))) == 2


async def test_a_file_that_stops_the_job_every_time_does_not_hold_up_the_rest(
    sessions: Sessions, now: datetime, monkeypatch: pytest.MonkeyPatch
):
    upload = await handed_in(sessions, now, FILES[1], FILES[0])
    read = full_text

    def stopped(name: str, content: bytes, given: Given) -> object:
        if name == "扫描.pdf":
            raise MemoryError
        return read(name, content, given)

    monkeypatch.setattr(importing, "full_text", stopped)
    for _ in range(3):
        with pytest.raises(MemoryError):
            await import_uploads(sessions, [upload], clock=lambda: now, cards=tuple)
    await import_uploads(sessions, [upload], clock=lambda: now, cards=tuple)
    assert await results(sessions) == [("broken", GAVE_UP), ("stored", "")]
