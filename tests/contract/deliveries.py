"""Deliveries as the platform makes them, by an implementation that is not the product's."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from bot.simulator.crypto import seal, signature, unseal

if TYPE_CHECKING:
    from bot.config import WeChat

GH = "gh_0123456789ab"


@dataclass(frozen=True, slots=True)
class Delivery:
    """One POST: query and body."""

    query: dict[str, str]
    body: bytes


def text_xml(openid: str, content: str, msg_id: int, *, at: int, more: str = "") -> str:
    """The XML of a typed message."""
    return (
        f"<xml><ToUserName><![CDATA[{GH}]]></ToUserName>"
        f"<FromUserName><![CDATA[{openid}]]></FromUserName><CreateTime>{at}</CreateTime>"
        f"<MsgType><![CDATA[text]]></MsgType><Content><![CDATA[{content}]]></Content>"
        f"<MsgId>{msg_id}</MsgId>{more}</xml>"
    )


def event_xml(openid: str, event: str, *, at: int, more: str = "") -> str:
    """The XML of an event."""
    return (
        f"<xml><ToUserName><![CDATA[{GH}]]></ToUserName>"
        f"<FromUserName><![CDATA[{openid}]]></FromUserName><CreateTime>{at}</CreateTime>"
        f"<MsgType><![CDATA[event]]></MsgType><Event><![CDATA[{event}]]></Event>{more}</xml>"
    )


def plain(settings: WeChat, xml: str, *, at: int) -> Delivery:
    """A delivery in plain mode."""
    nonce = secrets.token_hex(5)
    query = {
        "timestamp": str(at),
        "nonce": nonce,
        "signature": signature(settings.token, str(at), nonce),
    }
    return Delivery(query, xml.encode())


def safe(
    settings: WeChat, xml: str, *, at: int, key: int = 0, app_id: str = "", beside: str = ""
) -> Delivery:
    """A delivery in safe mode, or in compatible mode when plain fields stand `beside`."""
    signed = plain(settings, xml, at=at)
    sealed = seal(
        settings.encoding_aes_keys[key],
        app_id or settings.app_id,
        xml.encode(),
        secrets.token_bytes(16),
    )
    nonce = signed.query["nonce"]
    query = signed.query | {
        "encrypt_type": "aes",
        "msg_signature": signature(settings.token, str(at), nonce, sealed),
    }
    body = (
        f"<xml><ToUserName>{GH}</ToUserName>{beside}<Encrypt><![CDATA[{sealed}]]></Encrypt></xml>"
    )
    return Delivery(query, body.encode())


def opened(settings: WeChat, body: bytes) -> dict[str, str]:
    """The fields of an answer; an encrypted one is opened, its signature checked."""
    tree = ET.fromstring(body)
    sealed = tree.findtext("Encrypt")
    if sealed is not None:
        expected = signature(
            settings.token,
            tree.findtext("TimeStamp") or "",
            tree.findtext("Nonce") or "",
            sealed,
        )
        assert tree.findtext("MsgSignature") == expected
        content = unseal(settings.encoding_aes_keys[0], settings.app_id, sealed)
        tree = ET.fromstring(content)
    return {element.tag: element.text or "" for element in tree}
