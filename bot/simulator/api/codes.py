"""Making QR codes with parameters."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from pydantic import Field

from bot.simulator.api.received import Body, Json, Received
from bot.simulator.qrcodes import LONGEST, SHORTEST
from bot.simulator.refusal import Refusal

if TYPE_CHECKING:
    from bot.simulator.platform import Platform

BY_NUMBER = {"QR_SCENE": 2**32 - 1, "QR_LIMIT_SCENE": 100_000}
BY_WORDS = frozenset({"QR_STR_SCENE", "QR_LIMIT_STR_SCENE"})


class Scene(Body):
    scene_id: int = Field(default=0)
    scene_str: str = Field(default="")


class ActionInfo(Body):
    scene: Scene


class Create(Body):
    expire_seconds: int = Field(default=SHORTEST, ge=1)
    action_name: str
    action_info: ActionInfo


def create(platform: Platform, call: Received) -> Json:
    body = call.read(Create)
    scene = _scene(body.action_name, body.action_info.scene)
    forever = "LIMIT" in body.action_name
    life = min(body.expire_seconds, LONGEST)
    code = platform.qrcodes.make(scene, None if forever else timedelta(seconds=life), call.now)
    answer: Json = {"ticket": code.ticket}
    if not forever:
        answer["expire_seconds"] = life
    return {**answer, "url": f"http://weixin.qq.com/q/{code.ticket[:22]}"}


def _scene(action: str, scene: Scene) -> str:
    if action in BY_NUMBER and 1 <= scene.scene_id <= BY_NUMBER[action]:
        return str(scene.scene_id)
    if action in BY_WORDS and 1 <= len(scene.scene_str) <= 64:
        return scene.scene_str
    raise Refusal(40053)
