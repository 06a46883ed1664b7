"""Customer messages and the sign that someone is typing."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from pydantic import ConfigDict, Field

from bot.simulator import grants
from bot.simulator.api.received import Body, Json, Received, valid
from bot.simulator.refusal import Refusal
from bot.simulator.transcript import Bubble, Item

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from bot.simulator.followers import Follower
    from bot.simulator.platform import Platform

PATH = "/cgi-bin/message/custom/send"
TEXT_LIMIT = 2048
RECENT = timedelta(seconds=30)


class KfAccount(Body):
    kf_account: str


class AiContext(Body):
    is_ai_msg: int = Field(default=0, ge=0, le=1)


class Send(Body):
    """The envelope; the object named like `msgtype` is read only after it was checked."""

    model_config = ConfigDict(extra="allow", frozen=True)

    touser: str = Field(default="")
    msgtype: str = Field(default="")
    customservice: KfAccount | None = Field(default=None)
    aimsgcontext: AiContext | None = Field(default=None)
    businessid: int | None = Field(default=None)


class Text(Body):
    content: str = Field(default="")


class Media(Body):
    media_id: str = Field(default="")


class Video(Body):
    media_id: str = Field(default="")
    thumb_media_id: str = Field(default="")
    title: str = Field(default="")
    description: str = Field(default="")


class Music(Body):
    title: str = Field(default="")
    description: str = Field(default="")
    musicurl: str = Field(default="")
    hqmusicurl: str = Field(default="")
    thumb_media_id: str = Field(default="")


class Article(Body):
    title: str = Field(default="")
    description: str = Field(default="")
    url: str = Field(default="")
    picurl: str = Field(default="")


class News(Body):
    articles: tuple[Article, ...] = Field(default=())


class PublishedArticle(Body):
    article_id: str = Field(min_length=1)


class MenuItem(Body):
    id: str
    content: str


class MsgMenu(Body):
    head_content: str = Field(default="")
    list: tuple[MenuItem, ...] = Field(default=())
    tail_content: str = Field(default="")


class Coupon(Body):
    card_id: str = Field(min_length=1)


class MiniProgramPage(Body):
    title: str = Field(default="")
    appid: str = Field(min_length=1)
    pagepath: str = Field(min_length=1)
    thumb_media_id: str = Field(default="")


class Typing(Body):
    touser: str = Field(default="")
    command: str = Field(default="")


def send(platform: Platform, call: Received) -> Json:
    """The order of the checks is the platform's own."""
    body = call.read(Send)
    follower = _reachable(platform, body.touser)
    if body.msgtype not in SHAPES:
        raise Refusal(40008)
    others = (body.model_extra or {}).keys() - {body.msgtype}
    if others:
        raise Refusal(40035, min(others))
    bubble = SHAPES[body.msgtype](platform, call, (body.model_extra or {}).get(body.msgtype, {}))
    if grants.remaining(follower.grants, call.now) <= 0:
        raise Refusal(45047)
    platform.quotas.spend(PATH, call.now)
    follower.grants = grants.spend(follower.grants, call.now)
    platform.show(follower.openid, "account", _marked(bubble, body))
    return {}


def typing(platform: Platform, call: Received) -> Json:
    body = call.read(Typing)
    follower = _reachable(platform, body.touser)
    if body.command not in {"Typing", "CancelTyping"}:
        raise Refusal(45072)
    grants.remaining(follower.grants, call.now)
    if body.command == "CancelTyping":
        platform.stop_typing(follower)
        return {}
    if follower.last_active is None or call.now - follower.last_active > RECENT:
        raise Refusal(45080)
    if follower.typing_until is not None and call.now < follower.typing_until:
        raise Refusal(45081)
    platform.start_typing(follower)
    return {}


def _reachable(platform: Platform, openid: str) -> Follower:
    follower = platform.follower(openid)
    if not follower.following:
        raise Refusal(45015)
    if follower.blacklisted:
        raise Refusal(43019)
    if not follower.receives:
        raise Refusal(48002)
    return follower


def _marked(bubble: Bubble, body: Send) -> Bubble:
    """With the grey line below it, when the words were made by a machine."""
    if body.aimsgcontext is None or not body.aimsgcontext.is_ai_msg:
        return bubble
    return replace(bubble, ai=True)


def _text(_platform: Platform, _call: Received, given: object) -> Bubble:
    words = valid(Text, given).content
    if not words:
        raise Refusal(44004)
    if len(words.encode()) > TEXT_LIMIT:
        raise Refusal(45002)
    return Bubble("text", text=words)


def _image(platform: Platform, call: Received, given: object) -> Bubble:
    medium = platform.media_library.find(valid(Media, given).media_id, call.now)
    return Bubble("image", picture=medium.media_id)


def _voice(platform: Platform, call: Received, given: object) -> Bubble:
    medium = platform.media_library.find(valid(Media, given).media_id, call.now)
    return Bubble("voice", picture=medium.media_id)


def _video(platform: Platform, call: Received, given: object) -> Bubble:
    video = valid(Video, given)
    medium = platform.media_library.find(video.media_id, call.now)
    platform.media_library.find(video.thumb_media_id, call.now)
    return Bubble("video", picture=medium.media_id, title=video.title, text=video.description)


def _music(platform: Platform, call: Received, given: object) -> Bubble:
    music = valid(Music, given)
    thumb = platform.media_library.find(music.thumb_media_id, call.now)
    return Bubble(
        "music",
        title=music.title,
        text=music.description,
        url=music.musicurl,
        picture=thumb.media_id,
    )


def _news(_platform: Platform, _call: Received, given: object) -> Bubble:
    articles = valid(News, given).articles
    if not articles:
        raise Refusal(44003)
    if len(articles) != 1:
        raise Refusal(45008)
    article = articles[0]
    return Bubble(
        "news",
        title=article.title,
        text=article.description,
        url=article.url,
        picture=article.picurl,
    )


def _mpnews(platform: Platform, call: Received, given: object) -> Bubble:
    medium = platform.media_library.find(valid(Media, given).media_id, call.now)
    return Bubble("article", picture=medium.media_id)


def _article(_platform: Platform, _call: Received, given: object) -> Bubble:
    return Bubble("article", title=valid(PublishedArticle, given).article_id)


def _menu(_platform: Platform, _call: Received, given: object) -> Bubble:
    menu = valid(MsgMenu, given)
    if not menu.list:
        raise Refusal(44004)
    items = tuple(Item(item.id, item.content) for item in menu.list)
    return Bubble("menu", text=menu.head_content, items=items, tail=menu.tail_content)


def _coupon(_platform: Platform, _call: Received, given: object) -> Bubble:
    return Bubble("coupon", title=valid(Coupon, given).card_id)


def _mini_program(platform: Platform, call: Received, given: object) -> Bubble:
    page = valid(MiniProgramPage, given)
    thumb = platform.media_library.find(page.thumb_media_id, call.now)
    return Bubble(
        "miniprogram",
        title=page.title,
        text=page.appid,
        url=page.pagepath,
        picture=thumb.media_id,
    )


SHAPES: Mapping[str, Callable[[Platform, Received, object], Bubble]] = {
    "text": _text,
    "image": _image,
    "voice": _voice,
    "video": _video,
    "music": _music,
    "news": _news,
    "mpnews": _mpnews,
    "mpnewsarticle": _article,
    "msgmenu": _menu,
    "wxcard": _coupon,
    "miniprogrampage": _mini_program,
}
