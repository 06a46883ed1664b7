"""What the platform knows of each person in relation to the account, and the account's tags."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from bot.simulator.grants import Grant


@dataclass(slots=True)
class Follower:
    """One person; `receives` is the switch in the profile, `notices` counts subscriptions left."""

    openid: str
    following: bool = False
    since: datetime | None = None
    scene: str = ""
    qr_scene: str = ""
    receives: bool = True
    blacklisted: bool = False
    remark: str = ""
    tags: list[int] = field(default_factory=list)
    grants: list[Grant] = field(default_factory=list)
    notices: dict[str, int] = field(default_factory=dict)
    last_active: datetime | None = None
    typing_until: datetime | None = None


def follow(follower: Follower, now: datetime, qr_scene: str | None) -> None:
    follower.following = True
    follower.since = now
    follower.scene = "ADD_SCENE_SEARCH" if qr_scene is None else "ADD_SCENE_QR_CODE"
    follower.qr_scene = qr_scene or ""


def unfollow(follower: Follower) -> None:
    """The person leaves; everything the account had put on them goes."""
    follower.following = False
    follower.tags.clear()
    follower.grants.clear()
    follower.notices.clear()
    follower.remark = ""
    follower.typing_until = None
