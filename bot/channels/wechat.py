"""The Official Account: deliveries in, passive replies and customer messages out."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import logging
import re
import secrets
import struct
import time
import uuid
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import islice
from typing import TYPE_CHECKING, Any
from xml.parsers.expat import ExpatError

import wechatpy
from wechatpy.crypto import PrpCrypto
from wechatpy.exceptions import InvalidAppIdException
from wechatpy.replies import ArticlesReply, ImageReply, TextReply

from bot.channels.base import RefusedError, Request, SendError, Then
from bot.channels.wechat_api import ApiError
from bot.channels.wechat_text import clean, fitting, markup
from handlers.types import Card, Inbound, Kind, Picture, Reply, Text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bot.channels.wechat_api import PlatformClient
    from bot.config import WeChat as WeChatSettings
    from handlers.catalogue.menu import Button
    from handlers.types import Part

NOTHING = b"success"
# Everything that wechatpy is known to raise on ciphertext and XML that no platform sent.
BROKEN = (
    InvalidAppIdException,
    ExpatError,
    AssertionError,
    AttributeError,
    IndexError,
    KeyError,
    TypeError,
    ValueError,
    struct.error,
)
KINDS = {
    "text": Kind.TEXT,
    "image": Kind.IMAGE,
    "voice": Kind.VOICE,
    "video": Kind.VIDEO,
    "shortvideo": Kind.VIDEO,
    "location": Kind.LOCATION,
    "link": Kind.LINK,
    "event": Kind.EVENT,
}
SEALED = re.compile(rb"<Encrypt>\s*(?:<!\[CDATA\[)?([A-Za-z0-9+/=]+)(?:\]\]>)?\s*</Encrypt>")
log = logging.getLogger(__name__)
COMMON = frozenset({"ToUserName", "FromUserName", "CreateTime", "MsgType", "Encrypt"})
# Which words of a delivery are what the person said.
WORDS = {"text": "Content", "voice": "Recognition", "location": "Label", "link": "Title"}

DAY = 86_400
# Source: the platform's error table; what is not named here is a mistake of ours and dropped.
REACTIONS: Mapping[int, tuple[Then, float]] = {
    -1: (Then.RETRY, 0),
    45011: (Then.PAUSE, 60),
    45009: (Then.PAUSE, DAY),
    45015: (Then.HOLD, 0),
    45047: (Then.HOLD, 0),
    **dict.fromkeys((40001, 40014, 42001), (Then.ALARM, 60)),
    # Credentials: parameters, secret, address, waiting for the administrator's word.
    **dict.fromkeys((40002, 40013, 41001, 41002, 41004, 40125, 40164, 40243), (Then.ALARM, 600)),
    **dict.fromkeys((50004, 61004, 89501, 89503, 89506, 89507), (Then.ALARM, 600)),
    # Rights of the account.
    **dict.fromkeys((48001, 48008, 50001), (Then.ALARM, 600)),
    **dict.fromkeys((48004, 50002, 50007), (Then.ALARM, 3600)),
}
UNREACHABLE = frozenset({40003, 43004, 43019, 48002, 50005})


class Cipher(PrpCrypto):  # type: ignore[misc]
    """wechatpy's sealing with one key, for one AppID."""

    def __init__(self, encoding_aes_key: str, app_id: str) -> None:
        super().__init__(base64.b64decode(encoding_aes_key + "="))
        self._app_id = app_id

    def get_random_string(self) -> str:
        """16 characters that nobody can guess."""
        return secrets.token_hex(8)

    def open(self, sealed: str) -> str:
        """The message; raises one of `BROKEN` when it was not sealed with this key and AppID."""
        message: str = self.decrypt(sealed, self._app_id)
        return message

    def seal(self, message: str) -> str:
        """Base64 of the sealed message."""
        sealed: bytes = self.encrypt(message, self._app_id)
        return sealed.decode()


@dataclass(frozen=True, slots=True)
class Envelope:
    """How a delivery came, and so how its answer has to go."""

    cipher: Cipher | None


class WeChat:
    """The channel of one service account."""

    name = "wechat"
    windowed = True

    def __init__(self, settings: WeChatSettings, public_url: str, client: PlatformClient) -> None:
        self._settings = settings
        self._public_url = public_url
        self._client = client
        self._ciphers = [Cipher(key, settings.app_id) for key in settings.encoding_aes_keys]

    def verify(self, request: Request) -> str:
        """The echo that proves to the console that this address is ours; RefusedError if not."""
        self._check_signature(request)
        return request.query.get("echostr", "")

    def parse(self, request: Request) -> tuple[Inbound, Envelope]:
        """A true delivery as a value; RefusedError for everything else, before any work.

        An encrypted body reaches the XML parser only after its signature was found right.
        """
        self._check_signature(request)
        if request.query.get("encrypt_type", "raw") == "aes":
            xml, cipher = self._open(request)
            return inbound_of(xml), Envelope(cipher)
        if "plain" not in self._settings.modes or b"<Encrypt>" in request.body:
            raise RefusedError(403, "not encrypted")
        return inbound_of(request.body), Envelope(None)

    def _check_signature(self, request: Request) -> None:
        query = request.query
        timestamp, nonce = query.get("timestamp", ""), query.get("nonce", "")
        expected = _signature(self._settings.token, timestamp, nonce)
        if not _same(expected, query.get("signature", "")):
            raise RefusedError(403, "signature")
        if not timestamp.isascii() or not timestamp.isdigit() or len(timestamp) > 12:
            raise RefusedError(403, "timestamp")
        if abs(request.now.timestamp() - int(timestamp)) > self._settings.freshness:
            raise RefusedError(403, "not fresh")

    def _open(self, request: Request) -> tuple[str, Cipher]:
        mode = "compatible" if b"<MsgType>" in request.body else "safe"
        if mode not in self._settings.modes:
            raise RefusedError(403, f"mode {mode} is not accepted")
        found = SEALED.search(request.body)
        if found is None:
            raise RefusedError(400, "nothing encrypted")
        query, sealed = request.query, found[1].decode()
        token, nonce = self._settings.token, query.get("nonce", "")
        expected = _signature(token, query["timestamp"], nonce, sealed)
        if not _same(expected, query.get("msg_signature", "")):
            raise RefusedError(403, "msg_signature")
        for cipher in self._ciphers:
            try:
                xml = cipher.open(sealed)
            except BROKEN:
                continue
            return xml, cipher
        raise RefusedError(403, "no key opens it")

    def render(self, inbound: Inbound, envelope: Envelope, reply: Reply) -> bytes:
        """The body of the answer: a passive reply, or `success` when nothing is said."""
        if not reply.parts:
            return NOTHING
        xml = self._passive(reply.parts[0], inbound)
        if envelope.cipher is None:
            return xml.encode()
        sealed, nonce, now = envelope.cipher.seal(xml), secrets.token_hex(8), str(int(time.time()))
        signature = _signature(self._settings.token, now, nonce, sealed)
        return (
            f"<xml><Encrypt><![CDATA[{sealed}]]></Encrypt>"
            f"<MsgSignature><![CDATA[{signature}]]></MsgSignature>"
            f"<TimeStamp>{now}</TimeStamp><Nonce><![CDATA[{nonce}]]></Nonce></xml>"
        ).encode()

    def _passive(self, part: Part, inbound: Inbound) -> str:
        about = {"source": inbound.account, "target": inbound.sender, "time": int(time.time())}
        if isinstance(part, Picture):
            reply = ImageReply(media_id=part.media, **about)
        elif isinstance(part, Card):
            article = {key: _cdata(value) for key, value in self._article(part).items()}
            reply = ArticlesReply(articles=[article], **about)
        else:
            reply = TextReply(content=_cdata(markup(part, self._public_url)), **about)
        rendered: str = reply.render()
        return rendered

    def _article(self, card: Card) -> dict[str, str]:
        return {
            "title": clean(card.title),
            "description": clean(card.description),
            "url": self._public_url + card.path,
            "image": card.picture_url,
        }

    def split(self, reply: Reply) -> tuple[Reply, Reply]:
        """One part fits into a passive reply; the rest follows as customer messages.

        A passive reply cannot carry the label of a model's words, so they follow whole.
        """
        parts = fitting(reply, self._public_url)
        if reply.phrased:
            return Reply(), replace(reply, parts=tuple(parts))
        return Reply(tuple(islice(parts, 1))), Reply(tuple(parts))

    async def send(self, sender: str, reply: Reply) -> None:
        """Send customer messages, in order; SendError at the first that does not go."""
        for place, part in enumerate(fitting(reply, self._public_url)):
            try:
                await self._send_part(sender, part, labelled=reply.phrased)
            except ApiError as exc:
                raise _send_error(exc, begun=place > 0) from exc

    async def _send_part(self, sender: str, part: Part, *, labelled: bool = False) -> None:
        message = self._client.message
        match part:
            case Text() if labelled:
                await self._client.send_labelled(sender, markup(part, self._public_url))
            case Text():
                await message.send_text(sender, markup(part, self._public_url))
            case Picture():
                await message.send_image(sender, part.media)
            case Card():
                await message.send_articles(sender, [self._article(part)])

    async def show_typing(self, sender: str) -> None:
        """Show that an answer is being written; that it cannot be shown harms nobody."""
        try:
            await self._client.typing(sender)
        except ApiError as exc:
            log.info("typing was not shown: %s", exc)

    async def set_menu(self, buttons: tuple[Button, ...]) -> None:
        """Put the menu below the chat; ApiError when the platform does not take it."""
        tree = [
            {
                "name": button.name,
                "sub_button": [
                    {"type": "click", "name": item.name, "key": item.say} for item in button.items
                ],
            }
            for button in buttons
        ]
        await self._client.menu.create({"button": tree})

    async def picture(self, media: str) -> bytes:
        """The bytes of a picture; SendError when the platform does not give them."""
        try:
            return await self._client.picture(media)
        except ApiError as exc:
            raise _send_error(exc, begun=False) from exc


def inbound_of(xml: str | bytes) -> Inbound:
    """What a delivery says, whatever its kind; RefusedError when it lacks the common fields."""
    try:
        data: Mapping[str, Any] = wechatpy.parse_message(xml)._data  # noqa: SLF001 - the raw fields
        account, sender = data["ToUserName"], data["FromUserName"]
        sent = int(data["CreateTime"])
        kind = str(data["MsgType"]).lower()
        sent_at = datetime.fromtimestamp(sent, UTC)
    except (*BROKEN, OverflowError) as exc:
        raise RefusedError(400, f"not a delivery: {type(exc).__name__}") from exc
    if not isinstance(account, str) or not isinstance(sender, str):
        raise RefusedError(400, "not a delivery: no sender")
    event, event_key = _text(data, "Event").lower(), _text(data, "EventKey")
    # wechatpy renames a follow by QR code and cuts the prefix of its scene.
    event = event.removesuffix("_scan") if event == "subscribe_scan" else event
    if kind == "event":
        identity: Sequence[str] = (account, sender, str(sent), event, event_key)
    else:
        identity = (account, sender, _text(data, "MsgId"), str(sent))
    return Inbound(
        channel=WeChat.name,
        account=account,
        sender=sender,
        key=uuid.UUID(bytes=hashlib.sha256("\0".join(identity).encode()).digest()[:16]),
        kind=KINDS.get(kind, Kind.UNKNOWN),
        sent_at=sent_at,
        text=event_key if event == "click" else _text(data, WORDS.get(kind, "")),
        media=_text(data, "MediaId"),
        event=event,
        event_key=event_key,
        tapped=bool(_text(data, "bizmsgmenuid")),
        fields={key: _flat(value) for key, value in data.items() if key not in COMMON},
    )


def _text(data: Mapping[str, Any], key: str) -> str:
    value = data.get(key)
    return value if isinstance(value, str) else ""


def _flat(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _cdata(text: str) -> str:
    """wechatpy puts the text into CDATA as it is; an end mark in it would end the CDATA."""
    return text.replace("]]>", "]]]]><![CDATA[>")


def _signature(*parts: str) -> str:
    return hashlib.sha1("".join(sorted(parts)).encode()).hexdigest()  # noqa: S324 - the platform's


def _same(expected: str, given: str) -> bool:
    return hmac.compare_digest(expected.encode(), given.encode("utf-8", "replace"))


def _send_error(exc: ApiError, *, begun: bool) -> SendError:
    """What follows from an error; nobody repeats by machine what may have arrived."""
    if exc.code is None:
        unknown = begun or exc.sent
        return SendError(Then.UNKNOWN if unknown else Then.RETRY, str(exc))
    then, pause = REACTIONS.get(exc.code, (Then.DROP, 0.0))
    if pause == DAY:
        pause = _until_midnight(time.time())
    if begun and then is not Then.DROP:
        then = Then.UNKNOWN
    return SendError(then, str(exc), pause=pause, unreachable=exc.code in UNREACHABLE)


def _until_midnight(now: float) -> float:
    """Seconds until the platform's day ends, at midnight in UTC+8."""
    return DAY - (now + 8 * 3600) % DAY
