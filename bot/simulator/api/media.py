"""Uploading and fetching temporary media."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from bot.simulator.api.received import File, Json, Received
from bot.simulator.media import RULES, MediaType, recognise
from bot.simulator.refusal import Refusal

if TYPE_CHECKING:
    from bot.simulator.platform import Platform


def upload(platform: Platform, call: Received) -> Json:
    """The type is judged by the file's name, the size by the type."""
    kind = call.query.get("type", "")
    if kind not in RULES:
        raise Refusal(40004)
    if call.upload is None or not call.upload.content:
        raise Refusal(41005)
    rule = RULES[kind]
    if call.upload.name.rpartition(".")[2].lower() not in rule.suffixes:
        raise Refusal(40005)
    if len(call.upload.content) > rule.limit:
        raise Refusal(rule.too_large)
    medium = platform.media_library.add(cast("MediaType", kind), call.upload.content, call.now)
    platform.changed()
    name = "thumb_media_id" if kind == "thumb" else "media_id"
    return {"type": kind, name: medium.media_id, "created_at": int(call.now.timestamp())}


def get(platform: Platform, call: Received) -> Json | File:
    medium = platform.media_library.find(call.query.get("media_id", ""), call.now)
    if medium.type == "video":
        return {"video_url": f"{call.base}pictures/{medium.media_id}"}
    content_type, suffix = recognise(medium.content)
    return File(medium.content, content_type, f"{medium.media_id}.{suffix}")
