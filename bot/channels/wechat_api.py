"""The platform's HTTP API: wechatpy's methods over aiohttp, without its defects.

wechatpy 1.8.18 blocks the loop, refetches tokens without bound and sends empty files on a repeat;
only its method surface is used, and every call goes through `_request` below.
"""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import aiohttp
from wechatpy import WeChatClient

from bot.channels.wechat_token import TokenHolder

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.clock import Clock
    from bot.config import WeChat as WeChatSettings
    from models.db import Sessions
    from models.seal import KeyRing

API = "https://api.weixin.qq.com/cgi-bin/"
TOKEN_CODES = frozenset({40001, 40014, 42001})
DOWNLOADS = ("media/get", "showqrcode")

Answer = dict[str, Any]


class ApiError(Exception):
    """The platform said no. `code` is its errcode, or None when no true answer came.

    With None nobody knows whether the call had its effect; `sent` says whether it may have.
    """

    def __init__(self, code: int | None, text: str, *, sent: bool = True) -> None:
        super().__init__(f"{code}: {text}")
        self.code = code
        self.sent = sent


class PlatformClient(WeChatClient):  # type: ignore[misc]
    """Every method of wechatpy's client, awaitable, and the ones it lacks.

    Raises ApiError. Not usable: iter_followers, iter_tag_users, get_jsapi_ticket, delete_account,
    material.add, media.get_url, qrcode.show (they want the synchronous token).
    """

    def __init__(
        self, settings: WeChatSettings, sessions: Sessions, ring: KeyRing, clock: Clock
    ) -> None:
        super().__init__(settings.app_id, settings.app_secret, auto_retry=False)
        self._http.close()
        self._platform_url = settings.platform_url
        self._timeout = aiohttp.ClientTimeout(total=settings.timeout)
        self._session: aiohttp.ClientSession | None = None
        self.tokens = TokenHolder(settings.app_id, sessions, ring, clock, self._fetch_token)

    @property
    def access_token(self) -> str:
        """Not to be had without waiting; `tokens.get` has it."""
        raise AttributeError("await tokens.get() instead")

    async def open(self) -> None:
        """Begin to keep connections."""
        self._session = aiohttp.ClientSession(timeout=self._timeout)

    async def close(self) -> None:
        """Let the connections go."""
        if self._session is not None:
            await self._session.close()

    async def typing(self, openid: str) -> Answer:
        """Show “对方正在输入” for fifteen seconds."""
        body = {"touser": openid, "command": "Typing"}
        answer: Answer = await self.post("message/custom/typing", data=body)
        return answer

    async def send_labelled(self, openid: str, words: str) -> None:
        """A customer text with the platform's grey line that a model made the words."""
        body = {
            "touser": openid,
            "msgtype": "text",
            "text": {"content": words},
            "aimsgcontext": {"is_ai_msg": 1},
        }
        await self.post("message/custom/send", data=body)

    async def picture(self, media_id: str) -> bytes:
        """The bytes behind a MediaId, which live for three days."""
        found: bytes = await self.media.download(media_id)
        return found

    async def _request(self, method: str, url_or_endpoint: str, **kwargs: Any) -> Any:  # noqa: ANN401 - wechatpy's own signature
        base = kwargs.pop("api_base_url", API)
        url = url_or_endpoint if "://" in url_or_endpoint else base + url_or_endpoint
        result_processor: Callable[[Answer], Any] | None = kwargs.pop("result_processor", None)
        files = {name: _bytes_of(file) for name, file in (kwargs.pop("files", None) or {}).items()}
        token = await self.tokens.get()
        try:
            answer = await self._call(method, url, token, files, kwargs)
        except ApiError as exc:
            if exc.code not in TOKEN_CODES:
                raise
            token = await self.tokens.get(stale=token)
            answer = await self._call(method, url, token, files, kwargs)
        return (
            result_processor(answer) if result_processor and isinstance(answer, dict) else answer
        )

    async def _call(
        self,
        method: str,
        url: str,
        token: str,
        files: dict[str, tuple[str, bytes]],
        kwargs: dict[str, Any],
    ) -> Answer | bytes:
        given = kwargs.get("params")
        params: dict[str, Any] = {"access_token": token}
        params.update(given if isinstance(given, dict) else {})
        form: aiohttp.FormData | bytes | None = _json_body(kwargs.get("data"))
        if files:
            form = aiohttp.FormData()
            for name, (filename, content) in files.items():
                form.add_field(name, content, filename=filename)
        return await self._exchange(method, url, params, form)

    async def _exchange(
        self,
        method: str,
        url: str,
        params: dict[str, Any],
        body: aiohttp.FormData | bytes | None,
    ) -> Answer | bytes:
        if self._session is None:
            raise RuntimeError("the client is not open")
        try:
            async with self._session.request(
                method, self._address(url), params=params, data=body
            ) as response:
                content = await response.read()
                status, kind = response.status, response.content_type
        except aiohttp.ClientConnectorError as exc:
            raise ApiError(None, type(exc).__name__, sent=False) from exc
        except (aiohttp.ClientError, TimeoutError) as exc:
            raise ApiError(None, type(exc).__name__) from exc
        return _read(url, status, kind, content)

    def _address(self, url: str) -> str:
        """The real address, or the simulator's: <platform_url>/<host>/<path>."""
        if not self._platform_url:
            return url
        parts = urlsplit(url)
        return f"{self._platform_url}/{parts.netloc}{parts.path}"

    async def _fetch_token(self) -> tuple[str, timedelta]:
        body = json.dumps(
            {"grant_type": "client_credential", "appid": self.appid, "secret": self.secret}
        ).encode()
        try:
            answer = await self._exchange("POST", API + "stable_token", {}, body)
        except ApiError as exc:
            exc.sent = False  # the call that wants the token has not begun
            raise
        if not isinstance(answer, dict) or not {"access_token", "expires_in"} <= answer.keys():
            raise ApiError(None, "the token call was not answered with a token", sent=False)
        return answer["access_token"], timedelta(seconds=answer["expires_in"])


def _json_body(data: object) -> bytes | None:
    """JSON with every character as itself: the platform refuses escapes (40033)."""
    if data is None:
        return None
    if isinstance(data, bytes):
        return data
    return json.dumps(data, ensure_ascii=False).encode()


def _bytes_of(file: Any) -> tuple[str, bytes]:  # noqa: ANN401 - what wechatpy's callers pass
    """Name and content, read once, so that a repeat sends the same bytes."""
    if isinstance(file, tuple):
        name, content = file[0], file[1]
        return name, content if isinstance(content, bytes) else content.read()
    return getattr(file, "name", "file"), file.read()


def _read(url: str, status: int, kind: str, content: bytes) -> Answer | bytes:
    if status >= 400:
        raise ApiError(None, f"HTTP {status}")
    is_download = any(url.endswith(ending) for ending in DOWNLOADS)
    if is_download and not kind.startswith(("application/json", "text/")):
        return content
    try:
        answer = json.loads(content)
    except ValueError as exc:
        raise ApiError(None, "the answer is not JSON") from exc
    if not isinstance(answer, dict):
        raise ApiError(None, "the answer is not an object")
    code = int(answer.get("errcode", 0))
    if code:
        raise ApiError(code, str(answer.get("errmsg", "")))
    return answer
