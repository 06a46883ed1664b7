"""What a person does with the phone: the line in the chat, the window it opens, the push."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from bot.simulator import followers, grants, menu, pushes
from bot.simulator.grants import FOLLOW, MESSAGE, SCAN, TAP, Allowance
from bot.simulator.pushes import Element, Place, Push
from bot.simulator.transcript import Bubble

if TYPE_CHECKING:
    from bot.simulator.followers import Follower
    from bot.simulator.media import MediaType, Medium
    from bot.simulator.platform import Platform

AMR = b"#!AMR\n"
PICTURE_BUTTONS = frozenset({"pic_sysphoto", "pic_photo_or_album", "pic_weixin"})
SCAN_BUTTONS = frozenset({"scancode_push", "scancode_waitmsg"})
GRANTING = frozenset({"click", *SCAN_BUTTONS})


class CannotActError(Exception):
    """The phone offers no such thing just now; the words say why."""


def say(platform: Platform, openid: str, words: str, tapped_id: str) -> Push:
    """Words of one's own, or those of an answer that was tapped, which count as a tap."""
    allowance = TAP if tapped_id else MESSAGE
    follower = _act(platform, openid, allowance)
    platform.show(openid, "person", Bubble("text", text=words))
    return _push(platform, follower, pushes.text(words, tapped_id, platform.next_msg_id()))


def send_picture(
    platform: Platform, openid: str, content: bytes, base: str, key: str
) -> list[Push]:
    """A picture; with `key` it was taken by a button of the menu, which tells its own event."""
    follower = _act(platform, openid, MESSAGE)
    before = []
    if key:
        button = _button(platform, key)
        if button.type not in PICTURE_BUTTONS:
            raise CannotActError(f"按钮“{button.name}”不是拍照按钮")
        md5 = hashlib.md5(content, usedforsecurity=False).hexdigest()
        before.append(_push(platform, follower, pushes.pictures(button.type, key, (md5,))))
    medium = _keep(platform, "image", content)
    platform.show(openid, "person", Bubble("image", picture=medium.media_id))
    url = f"{base}pictures/{medium.media_id}"
    return [*before, _push(platform, follower, pushes.image(medium, url, platform.next_msg_id()))]


def speak(platform: Platform, openid: str, recognised: str) -> Push:
    """A voice message whose words the platform has understood."""
    follower = _act(platform, openid, MESSAGE)
    medium, copy = _keep(platform, "voice", AMR), _keep(platform, "voice", AMR)
    platform.show(openid, "person", Bubble("voice", text=recognised, picture=medium.media_id))
    elements = pushes.voice(medium, copy, recognised, platform.next_msg_id())
    return _push(platform, follower, elements)


def send_video(platform: Platform, openid: str, content: bytes, kind: str) -> Push:
    """A film; `kind` is video or shortvideo."""
    follower = _act(platform, openid, MESSAGE)
    medium, thumb = _keep(platform, "video", content), _keep(platform, "thumb", b"\xff\xd8\xff")
    platform.show(openid, "person", Bubble("video", picture=medium.media_id))
    elements = pushes.video(kind, medium, thumb, platform.next_msg_id())
    return _push(platform, follower, elements)


def send_location(platform: Platform, openid: str, place: Place, key: str) -> list[Push]:
    """A place; with `key` it was chosen by a button of the menu, which tells its own event."""
    follower = _act(platform, openid, MESSAGE)
    before = []
    if key:
        button = _button(platform, key)
        if button.type != "location_select":
            raise CannotActError(f"按钮“{button.name}”不是位置按钮")
        before.append(_push(platform, follower, pushes.chose_location(key, place)))
    words = f"{place.latitude:.4f}，{place.longitude:.4f}"
    platform.show(openid, "person", Bubble("location", title=place.label, text=words))
    elements = pushes.location(place, platform.next_msg_id())
    return [*before, _push(platform, follower, elements)]


def share_link(platform: Platform, openid: str, title: str, words: str, url: str) -> Push:
    """An article from elsewhere, sent on."""
    follower = _act(platform, openid, MESSAGE)
    platform.show(openid, "person", Bubble("link", title=title, text=words, url=url))
    elements = pushes.link(title, words, url, platform.next_msg_id())
    return _push(platform, follower, elements)


def tap_menu(platform: Platform, openid: str, key: str, scanned: str) -> Push:
    """A button of the menu, named by its key or address."""
    button = _button(platform, key)
    if button.type in PICTURE_BUTTONS or button.type == "location_select":
        raise CannotActError(f"按钮“{button.name}”要先选照片或位置")
    follower = _act(platform, openid, TAP if button.type in GRANTING else None)
    if button.type in SCAN_BUTTONS:
        elements = pushes.scanned(button.type, key, scanned)
    else:
        name = {"click": "CLICK", "view": "VIEW", "miniprogram": "view_miniprogram"}
        elements = pushes.event(name[button.type], Element("EventKey", button.target))
    return _push(platform, follower, elements)


def follow(platform: Platform, openid: str, scene: str | None) -> Push:
    """Follow the account, with a scene by a QR code."""
    follower = platform.followers[openid]
    if follower.following:
        raise CannotActError("已经关注了")
    now = platform.limits_now()
    followers.follow(follower, platform.clock(), scene)
    _allow(platform, follower, FOLLOW)
    platform.show(openid, "system", Bubble("event", text=f"你已关注“{platform.account.name}”"))
    _tell_person(platform, follower)
    ticket = "" if scene is None else platform.qrcodes.scanned(scene, now).ticket
    return _push(platform, follower, pushes.subscribe(scene, ticket))


def unfollow(platform: Platform, openid: str) -> Push:
    """Leave the account."""
    follower = _act(platform, openid, None)
    followers.unfollow(follower)
    platform.show(openid, "system", Bubble("event", text="你已取消关注，不再收到消息"))
    _tell_person(platform, follower)
    return _push(platform, follower, pushes.event("unsubscribe", Element("EventKey", "")))


def scan(platform: Platform, openid: str, scene: str) -> Push:
    """Scan a QR code of the account; a stranger follows by it."""
    if not platform.followers[openid].following:
        return follow(platform, openid, scene)
    follower = _act(platform, openid, SCAN)
    ticket = platform.qrcodes.scanned(scene, platform.limits_now()).ticket
    return _push(platform, follower, pushes.scan(scene, ticket))


def answer_notice(platform: Platform, openid: str, template_id: str, *, accept: bool) -> Push:
    """Answer a request to receive one notice of a template."""
    follower = _act(platform, openid, None)
    if accept:
        follower.notices[template_id] = follower.notices.get(template_id, 0) + 1
    platform.changed()
    words = "accept" if accept else "reject"
    return _push(platform, follower, pushes.notice_popup(template_id, words))


def refuse_notices(platform: Platform, openid: str, template_id: str) -> Push:
    """Switch off the notices of a template that were allowed before."""
    follower = _act(platform, openid, None)
    follower.notices.pop(template_id, None)
    platform.changed()
    return _push(platform, follower, pushes.notice_refused(template_id))


def report_location(platform: Platform, openid: str, latitude: float, longitude: float) -> Push:
    """The phone tells where it is on entering the chat."""
    follower = _act(platform, openid, None)
    return _push(platform, follower, pushes.reported_location(latitude, longitude, 65.0))


def change_authorisation(platform: Platform, openid: str, name: str) -> Push:
    """The person changed their data or took back what they had allowed."""
    follower = platform.followers[openid]
    elements = pushes.authorisation(name, openid, platform.account.app_id)
    return _push(platform, follower, elements)


def send_raw(platform: Platform, openid: str, elements: tuple[Element, ...]) -> Push:
    """Something this simulator has no name for."""
    return _push(platform, _act(platform, openid, MESSAGE), elements)


def repeat(platform: Platform, openid: str) -> Push:
    """The platform delivers the person's last push once more, as it does when it is unsure."""
    if openid not in platform.pushed:
        raise CannotActError("还没有推送过")
    return platform.pushed[openid]


def receive(platform: Platform, openid: str, *, on: bool) -> None:
    """The switch in the account's profile that lets messages through."""
    follower = platform.followers[openid]
    follower.receives = on
    platform.changed()
    _tell_person(platform, follower)


def _act(platform: Platform, openid: str, allowance: Allowance | None) -> Follower:
    follower = platform.followers[openid]
    if not follower.following:
        raise CannotActError("还没有关注，不能发送")
    if allowance is not None:
        _allow(platform, follower, allowance)
    return follower


def _allow(platform: Platform, follower: Follower, allowance: Allowance) -> None:
    now = platform.limits_now()
    follower.last_active = now
    follower.grants = grants.grant(follower.grants, allowance, now)


def _button(platform: Platform, key: str) -> menu.Button:
    for button in menu.leaves(platform.menu or ()):
        if key in {button.key, button.url} and key:
            return button
    raise CannotActError("菜单里没有这个按钮")


def _keep(platform: Platform, kind: MediaType, content: bytes) -> Medium:
    return platform.media_library.add(kind, content, platform.limits_now())


def _tell_person(platform: Platform, follower: Follower) -> None:
    state = {"following": follower.following, "receives": follower.receives}
    platform.feed.tell("person", {"openid": follower.openid, **state})


def _push(platform: Platform, follower: Follower, elements: tuple[Element, ...]) -> Push:
    push = Push(follower.openid, platform.clock(), elements)
    platform.pushed[follower.openid] = push
    return push
