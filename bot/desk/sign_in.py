"""Accounts of staff, and the way in and out."""

from __future__ import annotations

import asyncio
import secrets
from datetime import datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Annotated

from aiohttp import web
from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError
from pydantic import Field
from sqlalchemy import case, or_, update

from bot.desk import visits
from bot.desk.forms import Form, Line, Query, inside, read_form, read_query
from bot.desk.parts import PARTS
from bot.desk.rights import VISITOR, Right, needs
from bot.desk.view import LARGE_COOKIE, go, home, page
from handlers.errors import DomainError
from models import audit
from models.staff import Role, Staff

if TYPE_CHECKING:
    from bot.config import Desk
    from bot.desk.parts import DeskParts
    from models.db import Work

HASHER = PasswordHasher()
SHORTEST = 8
YEAR = 365 * 24 * 3600
# Passwords checked at the same time, at 64 MiB and one core each.
CHECKS = web.AppKey("checks", asyncio.Semaphore)
AT_ONCE = 2


class PasswordTooShortError(DomainError):
    """密码太短，至少要 8 个字符。"""


def hash_password(password: str) -> str:
    """The argon2id hash that is kept instead of the password; takes a twentieth of a second."""
    return HASHER.hash(password)


async def add_staff(
    work: Work, *, login: str, name: str, role: Role, path: str, password: str
) -> Staff:
    """Open an account that serves the unit of `path` and all below it.

    PasswordTooShortError for fewer than 8 characters; a login that exists is an IntegrityError.
    """
    if len(password) < SHORTEST:
        raise PasswordTooShortError
    staff = Staff(
        login=_plain(login),
        name=name,
        role=role.value,
        path=path,
        password=await asyncio.to_thread(hash_password, password),
    )
    work.add(staff)
    await work.flush()
    return staff


class SignInQuery(Query):
    """Where to go after the sign-in."""

    next: Annotated[str, Field(max_length=1000)] = ""


class SignInForm(Form):
    """Login and password as typed; the password keeps its blanks."""

    login: Annotated[str, Field(max_length=100)]
    password: Annotated[str, Field(max_length=200)]
    next: Annotated[str, Field(max_length=1000)] = ""


class LargeForm(Form):
    """Large print on or off, and the page to come back to."""

    large: Line = ""
    next: Annotated[str, Field(max_length=1000)] = ""


@needs(Right.ANYONE)
async def show(request: web.Request) -> web.StreamResponse:
    """The sign-in page."""
    query = read_query(request, SignInQuery)
    visitor = request.get(VISITOR)
    if visitor is not None:
        return go(home(visitor.role))
    values = {"login": "", "sentence": "", "next": query.next, "kept": ""}
    return page(request, "sign_in.html", values)


@needs(Right.ANYONE)
async def sign_in(request: web.Request) -> web.StreamResponse:
    """Begin a visit, or say the one sentence that fits every failure and so tells nothing."""
    parts = request.app[PARTS]
    form = await read_form(request, SignInForm)
    now = parts.clock()
    async with parts.sessions.begin() as work:
        staff = await _take_attempt(work, form.login, now, parts.settings)
    kept = nobody() if staff is None else staff.password
    async with request.app[CHECKS]:
        fits = await asyncio.to_thread(_fits, kept, form.password)
    if staff is None or not fits:
        if staff is not None and staff.locked_until is not None:
            await _note_lock(parts, staff, now)
        values = {"login": form.login, "next": form.next, "kept": ""}
        sentence = failed(parts.settings)
        return page(request, "sign_in.html", {**values, "sentence": sentence}, status=403)
    async with parts.sessions.begin() as work:
        token = await _welcome(work, staff, form.password, now)
        visitor = request.get(VISITOR)
        if visitor is not None:
            await visits.end(work, visitor.session_id, now)
    response = go(inside(form.next) if form.next else home(Role(staff.role)))
    response.set_cookie(
        visits.COOKIE,
        token,
        path=visits.PATH,
        httponly=True,
        secure=parts.secure_cookies,
        samesite="Lax",
    )
    return response


@needs(Right.SIGNED_IN)
async def sign_out(request: web.Request) -> web.StreamResponse:
    """End the visit."""
    parts = request.app[PARTS]
    visitor, now = request[VISITOR], parts.clock()
    async with parts.sessions.begin() as work:
        await visits.end(work, visitor.session_id, now)
        audit.record(work, now, visitor.staffer.actor, "staff.sign_out", visitor.login)
    response = go("/desk/sign-in?done=out")
    response.del_cookie(visits.COOKIE, path=visits.PATH)
    return response


@needs(Right.ANYONE)
async def print_large(request: web.Request) -> web.StreamResponse:
    """Larger print for whoever wants it, remembered in the browser."""
    form = await read_form(request, LargeForm)
    response = go(inside(form.next))
    response.set_cookie(
        LARGE_COOKIE,
        "1" if form.large else "0",
        path=visits.PATH,
        max_age=YEAR,
        httponly=True,
        secure=request.app[PARTS].secure_cookies,
        samesite="Lax",
    )
    return response


def failed(settings: Desk) -> str:
    """What every failed sign-in reads, whether the login exists, is locked, or neither."""
    return (
        f"登录名或密码不对。连续输错 {settings.attempts} 次，账号会锁定 "
        f"{max(1, settings.lock // 60)} 分钟，锁定时密码正确也登不进来。忘记密码请找管理员。"
    )


@cache
def nobody() -> str:
    """The hash that an unknown login is checked against, so that it takes as long as a known."""
    return hash_password(secrets.token_urlsafe(16))


async def _take_attempt(work: Work, login: str, now: datetime, settings: Desk) -> Staff | None:
    """Count the try before the password is looked at, so that many at once are counted too.

    None when there is no such account, or it is closed or locked.
    """
    last = Staff.failures + 1 >= settings.attempts
    until = now + timedelta(seconds=settings.lock)
    taken: Staff | None = await work.scalar(
        update(Staff)
        .where(
            Staff.login == _plain(login),
            Staff.disabled_at.is_(None),
            or_(Staff.locked_until.is_(None), Staff.locked_until <= now),
        )
        .values(
            failures=case((last, 0), else_=Staff.failures + 1),
            locked_until=case((last, until), else_=None),
        )
        .returning(Staff)
    )
    return taken


async def _note_lock(parts: DeskParts, staff: Staff, now: datetime) -> None:
    async with parts.sessions.begin() as work:
        audit.record(work, now, f"staff:{staff.login}", "staff.lock", staff.login)


async def _welcome(work: Work, staff: Staff, password: str, now: datetime) -> str:
    """Forget the failures and begin a visit; the hash is renewed when its costs have grown."""
    fresh: dict[str, object] = {"failures": 0, "locked_until": None}
    if HASHER.check_needs_rehash(staff.password):
        fresh["password"] = await asyncio.to_thread(hash_password, password)
    await work.execute(update(Staff).where(Staff.id == staff.id).values(**fresh))
    audit.record(work, now, f"staff:{staff.login}", "staff.sign_in", staff.login)
    return await visits.begin(work, staff, now)


def _fits(kept: str, password: str) -> bool:
    try:
        return HASHER.verify(kept, password)
    except VerifyMismatchError:
        return False


def _plain(login: str) -> str:
    return login.strip().lower()
