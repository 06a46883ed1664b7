"""What comes from the browser: forms and queries, strict, and each form once."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, TypeVar
from urllib.parse import parse_qsl, urlsplit

from aiohttp import BodyPartReader, MultipartReader, web
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from bot.desk.rights import VISITOR
from models.job import first_to_run

if TYPE_CHECKING:
    from datetime import datetime

    from bot.desk.rights import Visitor
    from models.db import Work

START_COOKIE = "lianxin_desk_start"
START = web.RequestKey("start", str)
MOST_FIELDS = 40
CSRF_HEADER = "X-CSRF-Token"

Words = Annotated[str, StringConstraints(strip_whitespace=True, max_length=2000)]
Line = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)]


class Form(BaseModel):
    """One form; `csrf` was checked at the gate, `once` tells two sendings of it from two forms."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    csrf: Annotated[str, Field(max_length=100)] = ""
    once: Annotated[str, Field(max_length=100)] = ""


class Query(BaseModel):
    """What stands behind the question mark; `done` names a thing just done, to be told of.

    `seen` is the mark of the live piece that the browser shows already.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    done: Annotated[str, Field(max_length=20)] = ""
    seen: Annotated[str, Field(max_length=40)] = ""


class Search(Query):
    """A list with a search box and pages."""

    q: Line = ""
    page: Annotated[int, Field(ge=1, le=100_000)] = 1


Shape = TypeVar("Shape", bound=BaseModel)


async def read_form(request: web.Request, shape: type[Shape]) -> Shape:
    """The form that was sent; 400 when it has not the fields that the page gave it."""
    return _validated(shape, await fields(request))


@dataclass(slots=True)
class HandedIn:
    """A form with files. `content` None: the file, or all of them together, was too large."""

    fields: dict[str, str] = field(default_factory=dict)
    files: list[tuple[str, bytes | None]] = field(default_factory=list)


HANDED_IN = web.RequestKey("handed in", HandedIn)
LONGEST_FIELD = 8 * 1024
MOST_FILES = 100
# Bytes that are kept of one form, and that are read at all, so that a page can say what was wrong.
KEPT, READ = 40 * 1024 * 1024, 400 * 1024 * 1024


async def handed_in(request: web.Request) -> HandedIn:
    """The form with files that was sent, read once; 400 when it is broken, 413 without an end."""
    if HANDED_IN in request:
        return request[HANDED_IN]
    handed = request[HANDED_IN] = HandedIn()
    try:
        await _read_parts(await request.multipart(), handed)
    except (ValueError, AssertionError) as exc:
        raise web.HTTPBadRequest from exc
    return handed


async def _read_parts(reader: MultipartReader, handed: HandedIn) -> None:
    kept = read = 0
    async for part in reader:
        if not isinstance(part, BodyPartReader) or not part.name:
            raise web.HTTPBadRequest
        room = LONGEST_FIELD if part.filename is None else KEPT - kept
        content, size = await _read_part(part, room, READ - read)
        read += size
        if part.filename is None:
            words = (content or b"").decode("utf-8", "replace")
            handed.fields[part.name] = words.replace("\r\n", "\n")
        elif part.filename and len(handed.files) < MOST_FILES:  # "" where no file was chosen
            handed.files.append((part.filename, content))
            kept += len(content or b"")


async def _read_part(part: BodyPartReader, room: int, most: int) -> tuple[bytes | None, int]:
    """The content, None when there is no room for it, and its size; 413 above `most`."""
    content, size = bytearray(), 0
    while chunk := await part.read_chunk(64 * 1024):
        size += len(chunk)
        if size > most:
            raise web.HTTPRequestEntityTooLarge(max_size=READ, actual_size=READ + 1)
        if size <= room:
            content += chunk
    return (bytes(content) if size <= room else None), size


async def fields(request: web.Request) -> dict[str, str]:
    """The fields of a form as browsers send it; empty for any other kind of body.

    Files are read only for who is signed in.
    """
    if request.content_type == "multipart/form-data" and request.get(VISITOR) is not None:
        return (await handed_in(request)).fields
    if request.content_type != "application/x-www-form-urlencoded":
        return {}
    body = (await request.read()).decode("utf-8", "replace")
    try:
        pairs = parse_qsl(body, keep_blank_values=True, max_num_fields=MOST_FIELDS)
    except ValueError as exc:
        raise web.HTTPBadRequest from exc
    return {key: value.replace("\r\n", "\n") for key, value in pairs}


def read_query(request: web.Request, shape: type[Shape]) -> Shape:
    """The query of the address; 400 when it asks for what does not exist."""
    return _validated(shape, dict(request.query))


def _validated(shape: type[Shape], given: dict[str, str]) -> Shape:
    try:
        # PostgreSQL keeps no NUL in a text.
        return shape.model_validate({key: value.replace("\0", "") for key, value in given.items()})
    except ValidationError as exc:
        raise web.HTTPBadRequest from exc


async def first_time(request: web.Request, work: Work, form: Form, now: datetime) -> bool:
    """Whether this form is sent for the first time; False for the second click of two.

    The mark commits or goes with the effect: it is a unique row, the same that keeps clock jobs
    from running twice, so a second sending waits for the first one's end, on any process, and a
    form whose effect failed can be sent again. Another form of the page, or other words in the
    same form after going back, is another sending.
    """
    sent = f"{request[VISITOR].session_id}\0{request.path}\0{form.model_dump_json()}"
    mark = hashlib.sha256(sent.encode()).hexdigest()
    return await first_to_run(work, "desk.form", mark, now)


def fresh_mark() -> str:
    """A new value for `once`."""
    return secrets.token_urlsafe(24)


def csrf_token(request: web.Request) -> str:
    """What forms on this page must carry; before the sign-in it hangs on a cookie of its own."""
    visitor: Visitor | None = request.get(VISITOR)
    if visitor is not None:
        return visitor.csrf
    start: str = request.cookies.get(START_COOKIE) or request.get(START) or fresh_mark()
    request[START] = start
    return hashlib.sha256(f"start\0{start}".encode("utf-8", "replace")).hexdigest()


async def carries_token(request: web.Request) -> bool:
    """Whether the form, or htmx's header, carries the token of this visitor's pages."""
    if request.get(VISITOR) is None and START_COOKIE not in request.cookies:
        return False
    given = request.headers.get(CSRF_HEADER) or (await fields(request)).get("csrf", "")
    return hmac.compare_digest(csrf_token(request).encode(), given.encode("utf-8", "replace"))


def comes_from_us(request: web.Request) -> bool:
    """Whether the browser says that one of our own pages sent this."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site == "same-origin"
    return urlsplit(request.headers.get("Origin", "")).netloc == request.host


def inside(path: str) -> str:
    """The path if it is one of the desk, else the first page: nobody is sent elsewhere."""
    plain = path.isascii() and path.isprintable() and "\\" not in path
    return path if plain and path.startswith("/desk/") else "/desk/"
