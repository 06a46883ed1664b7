"""Messages and events as the platform writes them to the account's server."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.simulator.media import Medium

NOT_XML = re.compile(r"[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
UNANSWERED = frozenset(
    {
        "unsubscribe",
        "VIEW",
        "view_miniprogram",
        "scancode_push",
        "pic_sysphoto",
        "pic_photo_or_album",
        "pic_weixin",
        "location_select",
        "TEMPLATESENDJOBFINISH",
        "subscribe_msg_popup_event",
        "subscribe_msg_change_event",
        "subscribe_msg_sent_event",
        "user_info_modified",
        "user_authorization_revoke",
        "user_authorization_cancellation",
    }
)


@dataclass(frozen=True, slots=True)
class Element:
    """One element: text is written as CDATA, a number bare, a tuple as children."""

    name: str
    value: str | int | tuple[Element, ...]

    def xml(self) -> str:
        match self.value:
            case str():
                inside = cdata(self.value)
            case int():
                inside = str(self.value)
            case _:
                inside = "".join(child.xml() for child in self.value)
        return f"<{self.name}>{inside}</{self.name}>"


@dataclass(frozen=True, slots=True)
class Push:
    """One message or event of one person; `elements` begin with MsgType."""

    openid: str
    at: datetime
    elements: tuple[Element, ...]

    @property
    def title(self) -> str:
        """The message type, or the name of the event."""
        names = {element.name: element.value for element in self.elements}
        return str(names.get("Event", names["MsgType"]))

    @property
    def is_answered(self) -> bool:
        """Whether the person sees a passive reply to it, or the failure line."""
        return self.title not in UNANSWERED

    def to(self, original_id: str) -> tuple[Element, ...]:
        """All elements of the push to this account."""
        head = (
            Element("ToUserName", original_id),
            Element("FromUserName", self.openid),
            Element("CreateTime", int(self.at.timestamp())),
        )
        return (*head, *self.elements)


def document(elements: tuple[Element, ...]) -> str:
    """The elements in one <xml>, each on its own line."""
    return "\n".join(("<xml>", *(element.xml() for element in elements), "</xml>"))


def cdata(text: str) -> str:
    clean = NOT_XML.sub("", text).replace("]]>", "]]]]><![CDATA[>")
    return f"<![CDATA[{clean}]]>"


def message(kind: str, *elements: Element, msg_id: int) -> tuple[Element, ...]:
    """A message of one type; MsgId comes last."""
    return (Element("MsgType", kind), *elements, Element("MsgId", msg_id))


def event(name: str, *elements: Element) -> tuple[Element, ...]:
    """An event; it has no MsgId."""
    return (Element("MsgType", "event"), Element("Event", name), *elements)


def text(words: str, tapped_id: str, msg_id: int) -> tuple[Element, ...]:
    """Typed words; with `tapped_id` they came from a tap on an answer."""
    tapped = (Element("bizmsgmenuid", tapped_id),) if tapped_id else ()
    return message("text", Element("Content", words), *tapped, msg_id=msg_id)


def image(medium: Medium, url: str, msg_id: int) -> tuple[Element, ...]:
    parts = Element("PicUrl", url), Element("MediaId", medium.media_id)
    return message("image", *parts, msg_id=msg_id)


def voice(medium: Medium, copy: Medium, recognised: str, msg_id: int) -> tuple[Element, ...]:
    """A voice message with its words and a 16 kHz copy."""
    return message(
        "voice",
        Element("MediaId", medium.media_id),
        Element("Format", "amr"),
        Element("MediaId16K", copy.media_id),
        Element("Recognition", recognised),
        msg_id=msg_id,
    )


def video(kind: str, medium: Medium, thumb: Medium, msg_id: int) -> tuple[Element, ...]:
    """A film; `kind` is video or shortvideo."""
    parts = Element("MediaId", medium.media_id), Element("ThumbMediaId", thumb.media_id)
    return message(kind, *parts, msg_id=msg_id)


def location(place: Place, msg_id: int) -> tuple[Element, ...]:
    return message("location", *place.elements(), msg_id=msg_id)


def link(title: str, description: str, url: str, msg_id: int) -> tuple[Element, ...]:
    parts = Element("Title", title), Element("Description", description), Element("Url", url)
    return message("link", *parts, msg_id=msg_id)


@dataclass(frozen=True, slots=True)
class Place:
    """A point on the map; degrees."""

    latitude: float
    longitude: float
    label: str
    scale: int

    def elements(self) -> tuple[Element, ...]:
        return (
            Element("Location_X", f"{self.latitude:.6f}"),
            Element("Location_Y", f"{self.longitude:.6f}"),
            Element("Scale", str(self.scale)),
            Element("Label", self.label),
        )


def subscribe(scene: str | None, ticket: str) -> tuple[Element, ...]:
    """A new follower; with a scene the person came by a QR code."""
    if scene is None:
        return event("subscribe", Element("EventKey", ""))
    return event("subscribe", Element("EventKey", f"qrscene_{scene}"), Element("Ticket", ticket))


def scan(scene: str, ticket: str) -> tuple[Element, ...]:
    """A follower scans a QR code."""
    return event("SCAN", Element("EventKey", scene), Element("Ticket", ticket))


def pictures(name: str, key: str, fingerprints: tuple[str, ...]) -> tuple[Element, ...]:
    """A picture button was used; the pictures follow as messages of their own."""
    items = tuple(Element("item", (Element("PicMd5Sum", md5),)) for md5 in fingerprints)
    info = Element("Count", len(items)), Element("PicList", items)
    return event(name, Element("EventKey", key), Element("SendPicsInfo", info))


def scanned(name: str, key: str, result: str) -> tuple[Element, ...]:
    """A scan button was used."""
    info = Element("ScanType", "qrcode"), Element("ScanResult", result)
    return event(name, Element("EventKey", key), Element("ScanCodeInfo", info))


def chose_location(key: str, place: Place) -> tuple[Element, ...]:
    info = (*place.elements(), Element("Poiname", place.label))
    return event("location_select", Element("EventKey", key), Element("SendLocationInfo", info))


def reported_location(latitude: float, longitude: float, precision: float) -> tuple[Element, ...]:
    """Where the phone is, told on entering the chat."""
    return event(
        "LOCATION",
        Element("Latitude", f"{latitude:.6f}"),
        Element("Longitude", f"{longitude:.6f}"),
        Element("Precision", f"{precision:.6f}"),
    )


def notice_popup(template_id: str, answer: str) -> tuple[Element, ...]:
    """The person answered a subscription request; `answer` is accept or reject."""
    entry = (
        Element("TemplateId", template_id),
        Element("SubscribeStatusString", answer),
        Element("PopupScene", "1"),
    )
    inside = (Element("List", entry),)
    return event("subscribe_msg_popup_event", Element("SubscribeMsgPopupEvent", inside))


def notice_refused(template_id: str) -> tuple[Element, ...]:
    """The person switched a subscription off later."""
    entry = Element("TemplateId", template_id), Element("SubscribeStatusString", "reject")
    inside = (Element("List", entry),)
    return event("subscribe_msg_change_event", Element("SubscribeMsgChangeEvent", inside))


def notice_sent(template_id: str, msg_id: int, *, arrived: bool) -> tuple[Element, ...]:
    entry = (
        Element("TemplateId", template_id),
        Element("MsgID", str(msg_id)),
        Element("ErrorCode", "0" if arrived else "-1"),
        Element("ErrorStatus", "success" if arrived else "user refuse"),
    )
    inside = (Element("List", entry),)
    return event("subscribe_msg_sent_event", Element("SubscribeMsgSentEvent", inside))


def template_sent(msg_id: int, status: str) -> tuple[Element, ...]:
    return event("TEMPLATESENDJOBFINISH", Element("MsgID", msg_id), Element("Status", status))


def authorisation(name: str, openid: str, app_id: str) -> tuple[Element, ...]:
    """The person changed or took back what they allow."""
    parts = Element("OpenID", openid), Element("AppID", app_id), Element("RevokeInfo", "1")
    return event(name, *parts)
