"""Followers: one, many, all, and what the account notes about them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

from bot.simulator.api.received import Body, Json, Received
from bot.simulator.refusal import Refusal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.simulator.followers import Follower
    from bot.simulator.platform import Platform

PAGE = 10_000


class Asked(Body):
    openid: str
    lang: str = Field(default="zh_CN")


class BatchGet(Body):
    user_list: tuple[Asked, ...]


class Remark(Body):
    openid: str
    remark: str


def info(platform: Platform, call: Received) -> Json:
    return _describe(platform.follower(call.query.get("openid", "")))


def batch_get(platform: Platform, call: Received) -> Json:
    asked = call.read(BatchGet).user_list
    if not 1 <= len(asked) <= 100:
        raise Refusal(40032)
    found = [_describe(platform.follower(each.openid)) for each in asked]
    return {"user_info_list": found}


def get(platform: Platform, call: Received) -> Json:
    """All who follow, ten thousand at a time, from behind `next_openid` on."""
    everyone = [f.openid for f in platform.followers.values() if f.following]
    last = call.query.get("next_openid", "")
    if last and last not in everyone:
        raise Refusal(40003)
    rest = everyone[everyone.index(last) + 1 :] if last else everyone
    return page(rest, total=len(everyone))


def page(openids: Sequence[str], *, total: int | None = None) -> Json:
    """One page of people; `data` is missing when nobody is left."""
    some = list(openids[:PAGE])
    answer: Json = {} if total is None else {"total": total}
    answer["count"] = len(some)
    if some:
        answer["data"] = {"openid": some}
    answer["next_openid"] = some[-1] if some else ""
    return answer


def update_remark(platform: Platform, call: Received) -> Json:
    body = call.read(Remark)
    if len(body.remark) >= 30:
        raise Refusal(40035, "remark")
    platform.follower(body.openid).remark = body.remark
    platform.changed()
    return {}


def _describe(follower: Follower) -> Json:
    """Names and faces have not been told since the end of 2021."""
    if not follower.following or follower.since is None:
        return {"subscribe": 0, "openid": follower.openid}
    scene = follower.qr_scene
    return {
        "subscribe": 1,
        "openid": follower.openid,
        "nickname": "",
        "sex": 0,
        "language": "zh_CN",
        "city": "",
        "province": "",
        "country": "",
        "headimgurl": "",
        "subscribe_time": int(follower.since.timestamp()),
        "remark": follower.remark,
        "groupid": 0,
        "tagid_list": list(follower.tags),
        "subscribe_scene": follower.scene,
        "qr_scene": int(scene) if scene.isdecimal() else 0,
        "qr_scene_str": "" if scene.isdecimal() else scene,
    }
