"""What the account's server answers to a push, read as strictly as the platform reads it."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree import ElementTree

from bot.simulator.crypto import UnreadableError, signature, unseal
from bot.simulator.refusal import Refusal
from bot.simulator.transcript import Bubble

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime
    from xml.etree.ElementTree import Element

    from bot.simulator.account import Account
    from bot.simulator.media import Library
    from bot.simulator.pushes import Push
    from bot.simulator.settings import Mode

LIMIT = 64 << 10
TEXT_LIMIT = 2048


class BadReplyError(ValueError):
    """The platform would count this answer as a failure of the account's server."""


def read(body: bytes, push: Push, account: Account, mode: Mode) -> tuple[str, Element | None]:
    """The readable answer and its XML; None when nothing is said. Raises BadReplyError."""
    if len(body) > LIMIT:
        raise BadReplyError("answer too long")
    if body in {b"", b"success"}:
        return body.decode(), None
    root = _parse(body)
    if mode == "safe" and root.find("Encrypt") is None:
        raise BadReplyError("plain answer in safe mode")
    if mode != "plain" and root.find("Encrypt") is not None:
        plain = _open(root, account)
        return _checked(plain, push, account)
    return _checked(body, push, account)


def bubble(root: Element, library: Library, now: datetime) -> Bubble | None:
    """What the person sees of a passive reply. Raises BadReplyError."""
    kind = _value(root, "MsgType")
    if kind == "transfer_customer_service":
        return None
    if kind not in SHOWN:
        raise BadReplyError(f"unknown MsgType {kind}")
    shown = SHOWN[kind](root)
    if kind in {"image", "voice", "video", "music"}:
        try:
            library.find(shown.picture, now)
        except Refusal as exc:
            raise BadReplyError("unknown or expired MediaId") from exc
    return shown


def _parse(body: bytes) -> Element:
    if b"<!DOCTYPE" in body or b"<!ENTITY" in body:
        raise BadReplyError("document type in the answer")
    try:
        # Small, without document type, and from this machine.
        root = ElementTree.fromstring(body)  # noqa: S314
    except (ElementTree.ParseError, ValueError) as exc:
        raise BadReplyError("neither success nor XML") from exc
    if root.tag != "xml":
        raise BadReplyError(f"root element is {root.tag}")
    return root


def _open(root: Element, account: Account) -> bytes:
    sealed = _value(root, "Encrypt")
    stamp, nonce = _value(root, "TimeStamp"), _value(root, "Nonce")
    if signature(account.token, stamp, nonce, sealed) != _value(root, "MsgSignature"):
        raise BadReplyError("wrong MsgSignature")
    for key in account.encoding_aes_keys:
        try:
            return unseal(key, account.app_id, sealed)
        except UnreadableError:
            continue
    raise BadReplyError("no key opens the answer")


def _checked(plain: bytes, push: Push, account: Account) -> tuple[str, Element]:
    root = _parse(plain)
    if _value(root, "ToUserName") != push.openid:
        raise BadReplyError("ToUserName is not the sender")
    if _value(root, "FromUserName") != account.original_id:
        raise BadReplyError("FromUserName is not the account")
    if not _value(root, "CreateTime").isdecimal():
        raise BadReplyError("CreateTime is not a number")
    return plain.decode(), root


def _value(root: Element, path: str) -> str:
    found = root.find(path)
    if found is None:
        raise BadReplyError(f"{path} is missing")
    return found.text or ""


def _optional(root: Element, path: str) -> str:
    return root.findtext(path) or ""


def _text(root: Element) -> Bubble:
    words = _value(root, "Content")
    if not words:
        raise BadReplyError("Content is empty")
    if len(words.encode()) > TEXT_LIMIT:
        raise BadReplyError("Content is over 2048 bytes")
    return Bubble("text", text=words)


def _image(root: Element) -> Bubble:
    return Bubble("image", picture=_value(root, "Image/MediaId"))


def _voice(root: Element) -> Bubble:
    return Bubble("voice", picture=_value(root, "Voice/MediaId"))


def _video(root: Element) -> Bubble:
    return Bubble(
        "video",
        picture=_value(root, "Video/MediaId"),
        title=_optional(root, "Video/Title"),
        text=_optional(root, "Video/Description"),
    )


def _music(root: Element) -> Bubble:
    return Bubble(
        "music",
        picture=_value(root, "Music/ThumbMediaId"),
        title=_optional(root, "Music/Title"),
        text=_optional(root, "Music/Description"),
        url=_optional(root, "Music/MusicUrl"),
    )


def _news(root: Element) -> Bubble:
    items = root.findall("Articles/item")
    if _value(root, "ArticleCount") != "1" or len(items) != 1:
        raise BadReplyError("not exactly one article")
    return Bubble(
        "news",
        title=_value(items[0], "Title"),
        text=_optional(items[0], "Description"),
        picture=_optional(items[0], "PicUrl"),
        url=_value(items[0], "Url"),
    )


SHOWN: Mapping[str, Callable[[Element], Bubble]] = {
    "text": _text,
    "image": _image,
    "voice": _voice,
    "video": _video,
    "music": _music,
    "news": _news,
}
