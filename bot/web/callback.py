"""`/wechat`: where the platform delivers messages and events."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import psycopg
from aiohttp import web
from sqlalchemy.exc import SQLAlchemyError

from bot.channels.base import RefusedError, Request
from bot.in_time import NotClaimedError
from handlers.types import Reply

if TYPE_CHECKING:
    from bot.channels.wechat import WeChat
    from bot.clock import Clock
    from bot.dispatch import Dispatch
    from bot.in_time import InTime

log = logging.getLogger(__name__)


class Callback:
    """The two routes of the platform's callback."""

    def __init__(
        self, wechat: WeChat, dispatch: Dispatch, in_time: InTime, clock: Clock, body_limit: int
    ) -> None:
        self._wechat = wechat
        self._dispatch = dispatch
        self._in_time = in_time
        self._clock = clock
        self._body_limit = body_limit

    async def verify(self, request: web.Request) -> web.Response:
        """The console asks whether this address is ours."""
        try:
            echo = self._wechat.verify(Request(request.query, b"", self._clock()))
        except RefusedError as exc:
            return _refuse(exc)
        return web.Response(text=echo)

    async def receive(self, request: web.Request) -> web.Response:
        """One delivery. 503 says that it was not stored: the platform delivers it again."""
        try:
            body = await _read(request, self._body_limit)
            inbound, envelope = self._wechat.parse(Request(request.query, body, self._clock()))
        except RefusedError as exc:
            return _refuse(exc)
        patience = self._in_time.patience()
        try:
            reply = await self._in_time.answer(self._dispatch.handle(inbound, patience), patience)
        except (NotClaimedError, psycopg.Error, SQLAlchemyError) as exc:
            log.warning("a delivery was not taken: %s", type(exc).__name__)
            return web.Response(status=503)
        if patience.gone:
            self._in_time.aside(self._wechat.show_typing(inbound.sender))
        content = self._wechat.render(inbound, envelope, reply or Reply())
        kind = "text/plain" if content == b"success" else "text/xml"
        return web.Response(body=content, content_type=kind, charset="utf-8")


async def _read(request: web.Request, limit: int) -> bytes:
    """The body; refused as soon as it is known to be too long."""
    if (request.content_length or 0) > limit:
        raise RefusedError(413, "too long")
    body = bytearray()
    async for chunk in request.content.iter_any():
        body += chunk
        if len(body) > limit:
            raise RefusedError(413, "too long")
    return bytes(body)


def _refuse(exc: RefusedError) -> web.Response:
    log.info("refused a request: %s", exc)
    return web.Response(status=exc.status)
