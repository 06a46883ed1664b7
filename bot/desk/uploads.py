"""Files handed in: received at once, read by a job, with the result of each to be watched."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePath
from typing import TYPE_CHECKING, Literal

from aiohttp import web
from sqlalchemy import func, select

from bot.desk import words
from bot.desk.document import day
from bot.desk.forms import (
    KEPT,
    MOST_FILES,
    Form,
    Line,
    Query,
    first_time,
    handed_in,
    read_form,
    read_query,
)
from bot.desk.gate import STOP_POLLING
from bot.desk.parts import PARTS
from bot.desk.rights import VISITOR, Right, needs
from bot.desk.view import Live, go, live, next_look, page
from bot.text_files import ENDINGS, LARGEST
from handlers.errors import DomainError
from models import audit
from models.job import IMPORT, enqueue
from models.policy import Document, FileState, Upload, UploadFile
from models.staff import Staff
from nlp.full_text import SCOPES, Scope

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from models.db import Work

RECENT = 8
TOO_LARGE = (
    f"这个文件没有收下：一份最大 {LARGEST // 2**20} MB，一次一共最多 {KEPT // 2**20} MB，"
    "请分几次上传。"
)


class NoFileError(DomainError):
    """请先选要导入的文件。"""


class OneFileError(DomainError):
    """标题和日期只能给一份文件填。请一份一份上传，或者留空，由系统从文件里读。"""


class TooManyFilesError(DomainError):
    """一次最多 100 份，请分几次上传。已经选的文件没有收下。"""


class UploadForm(Form):
    """What is said about the files; "" leaves it to file name and text."""

    title: Line = ""
    issuer: Line = ""
    scope: Scope | Literal[""] = ""
    issued: Line = ""
    in_force_from: Line = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One file with what became of it."""

    file: UploadFile
    label: words.Label
    document: Document | None


@dataclass(frozen=True, slots=True)
class Earlier:
    """One earlier upload in the list."""

    id: int
    at: datetime
    who: str
    files: int
    waiting: int
    broken: int


@needs(Right.EDIT_DOCUMENTS)
async def show(request: web.Request) -> web.StreamResponse:
    """The form, and what was handed in lately."""
    read_query(request, Query)
    return await _page(request, UploadForm(), "")


@needs(Right.EDIT_DOCUMENTS)
async def receive(request: web.Request) -> web.StreamResponse:
    """Keep the files and enqueue the job that reads them, in one commit."""
    form, parts = await read_form(request, UploadForm), request.app[PARTS]
    now = parts.clock()
    try:
        files = await _files(request, form)
    except DomainError as exc:
        return await _page(request, form, exc.sentence, status=409)
    visitor = request[VISITOR]
    async with parts.sessions.begin() as work:
        if not await first_time(request, work, form, now):
            latest = select(func.max(Upload.id)).where(Upload.staff_id == visitor.staff_id)
            return go(f"/desk/documents/uploads/{await work.scalar(latest)}")
        told = form.model_dump(exclude={"csrf", "once"})
        given = {**told, "actor": visitor.staffer.actor}
        upload = Upload(staff_id=visitor.staff_id, given=given, created_at=now)
        work.add(upload)
        await work.flush()
        work.add_all(_row(upload.id, name, content, now) for name, content in files)
        await enqueue(work, IMPORT, {"ids": [upload.id]}, lock=IMPORT)
        audit.record(
            work,
            now,
            visitor.staffer.actor,
            "document.upload",
            f"upload {upload.id}",
            rows=str(len(files)),
        )
    return go(f"/desk/documents/uploads/{upload.id}")


@needs(Right.EDIT_DOCUMENTS)
async def progress(request: web.Request) -> web.StreamResponse:
    """How far the reading is."""
    read_query(request, Query)
    piece, values = await _piece(request)
    return page(request, "upload.html", {"live": piece, **values})


@needs(Right.EDIT_DOCUMENTS)
async def files(request: web.Request) -> web.StreamResponse:
    """The results alone, when the browser looks again; it stops when all is read."""
    seen = read_query(request, Query).seen
    piece, values = await _piece(request)
    if values["waiting"]:
        return next_look(request, piece, seen)
    return web.Response(text=piece.html, content_type="text/html", status=STOP_POLLING)


async def _files(request: web.Request, form: UploadForm) -> Sequence[tuple[str, bytes | None]]:
    """The files, and the form checked; DomainError says what to do instead."""
    given = (
        () if request.content_type != "multipart/form-data" else (await handed_in(request)).files
    )
    files = [(PurePath(name.replace("\\", "/")).name[-200:], content) for name, content in given]
    if not files:
        raise NoFileError
    if len(files) >= MOST_FILES:
        raise TooManyFilesError
    day(form.issued)
    day(form.in_force_from)
    if len(files) > 1 and (form.title or form.issued or form.in_force_from):
        raise OneFileError
    return files


def _row(upload_id: int, name: str, content: bytes | None, now: datetime) -> UploadFile:
    kept = content is not None
    return UploadFile(
        upload_id=upload_id,
        name=name,
        content=content,
        state=FileState.WAITING if kept else FileState.BROKEN,
        reason="" if kept else TOO_LARGE,
        articles=0,
        attempts=0,
        done_at=None if kept else now,
    )


async def _page(
    request: web.Request, form: UploadForm, wrong: str, *, status: int = 200
) -> web.Response:
    async with request.app[PARTS].sessions() as work:
        earlier = await _earlier(work)
    values = {
        "form": form,
        "wrong": wrong,
        "scopes": SCOPES,
        "endings": ENDINGS,
        "earlier": earlier,
        "largest": LARGEST // 2**20,
        "together": KEPT // 2**20,
        "most": MOST_FILES,
    }
    return page(request, "uploads.html", values, status=status)


async def _earlier(work: Work) -> list[Earlier]:
    def of(state: FileState) -> object:
        return func.count(UploadFile.id).filter(UploadFile.state == state)

    rows = await work.execute(
        select(
            Upload.id,
            Upload.created_at,
            Staff.name,
            func.count(UploadFile.id),
            of(FileState.WAITING),  # type: ignore[call-overload]
            of(FileState.BROKEN),
        )
        .join(Staff, Staff.id == Upload.staff_id)
        .join(UploadFile, UploadFile.upload_id == Upload.id)
        .group_by(Upload.id, Staff.name)
        .order_by(Upload.id.desc())
        .limit(RECENT)
    )
    return [Earlier(*row) for row in rows]


async def _piece(request: web.Request) -> tuple[Live, Mapping[str, object]]:
    number = request.match_info["id"]
    async with request.app[PARTS].sessions() as work:
        upload = await work.get(Upload, int(number))
        if upload is None:
            raise web.HTTPNotFound
        found = await work.execute(
            select(UploadFile, Document)
            .outerjoin(Document, Document.id == UploadFile.document_id)
            .where(UploadFile.upload_id == upload.id)
            .order_by(UploadFile.id)
        )
        rows = [Row(file, words.FILE[file.state], document) for file, document in found]
    waiting = sum(row.file.state == FileState.WAITING for row in rows)
    values: dict[str, object] = {"upload": upload, "rows": rows, "waiting": waiting}
    address = f"/desk/documents/uploads/{number}/files"
    return live(request, "upload_files.html", values, address), values
