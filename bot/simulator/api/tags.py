"""Tags of followers, and the list of those who may not write."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

from bot.simulator.api.received import Body, Json, Received
from bot.simulator.api.users import page
from bot.simulator.platform import FIRST_TAG
from bot.simulator.refusal import Refusal

if TYPE_CHECKING:
    from bot.simulator.followers import Follower
    from bot.simulator.platform import Platform

RESERVED = frozenset({0, 1, 2})
MOST_TAGS = 100
MOST_ON_ONE = 20


class NewName(Body):
    name: str


class Create(Body):
    tag: NewName


class Named(Body):
    id: int
    name: str


class Update(Body):
    tag: Named


class Chosen(Body):
    id: int
    name: str = Field(default="")


class Delete(Body):
    tag: Chosen


class Batch(Body):
    openid_list: tuple[str, ...]
    tagid: int


class OpenIds(Body):
    openid_list: tuple[str, ...]


class OfPerson(Body):
    openid: str


class OfTag(Body):
    tagid: int
    next_openid: str = Field(default="")


class From(Body):
    begin_openid: str = Field(default="")


def create(platform: Platform, call: Received) -> Json:
    name = call.read(Create).tag.name
    _check_name(platform, name)
    if len(platform.tags) >= MOST_TAGS:
        raise Refusal(45056)
    number = max(platform.tags, default=FIRST_TAG - 1) + 1
    platform.tags[number] = name
    platform.changed()
    return {"tag": {"id": number, "name": name}}


def get(platform: Platform, _call: Received) -> Json:
    everyone = platform.followers.values()
    found = [
        {"id": number, "name": name, "count": sum(number in f.tags for f in everyone)}
        for number, name in platform.tags.items()
    ]
    return {"tags": found}


def update(platform: Platform, call: Received) -> Json:
    tag = call.read(Update).tag
    _check_number(platform, tag.id)
    _check_name(platform, tag.name)
    platform.tags[tag.id] = tag.name
    platform.changed()
    return {}


def delete(platform: Platform, call: Received) -> Json:
    number = call.read(Delete).tag.id
    _check_number(platform, number)
    del platform.tags[number]
    for follower in platform.followers.values():
        if number in follower.tags:
            follower.tags.remove(number)
    platform.changed()
    return {}


def tag_people(platform: Platform, call: Received) -> Json:
    """All of them or none."""
    body = call.read(Batch)
    people = _people(platform, body.openid_list, most=50)
    if body.tagid not in platform.tags:
        raise Refusal(45159)
    missing = [follower for follower in people if body.tagid not in follower.tags]
    if any(len(follower.tags) >= MOST_ON_ONE for follower in missing):
        raise Refusal(45059)
    for follower in missing:
        follower.tags.append(body.tagid)
    platform.changed()
    return {}


def untag_people(platform: Platform, call: Received) -> Json:
    body = call.read(Batch)
    people = _people(platform, body.openid_list, most=50)
    if body.tagid not in platform.tags:
        raise Refusal(45159)
    for follower in people:
        if body.tagid in follower.tags:
            follower.tags.remove(body.tagid)
    platform.changed()
    return {}


def tags_of_person(platform: Platform, call: Received) -> Json:
    return {"tagid_list": list(platform.follower(call.read(OfPerson).openid).tags)}


def people_of_tag(platform: Platform, call: Received) -> Json:
    body = call.read(OfTag)
    if body.tagid not in platform.tags:
        raise Refusal(45159)
    everyone = [f.openid for f in platform.followers.values() if body.tagid in f.tags]
    return page(_behind(everyone, body.next_openid))


def blacklist(platform: Platform, call: Received) -> Json:
    begin = call.read(From).begin_openid
    everyone = [f.openid for f in platform.followers.values() if f.blacklisted]
    return page(_behind(everyone, begin), total=len(everyone))


def put_on_blacklist(platform: Platform, call: Received) -> Json:
    for follower in _people(platform, call.read(OpenIds).openid_list, most=20):
        follower.blacklisted = True
    platform.changed()
    return {}


def take_off_blacklist(platform: Platform, call: Received) -> Json:
    for follower in _people(platform, call.read(OpenIds).openid_list, most=20):
        follower.blacklisted = False
    platform.changed()
    return {}


def _behind(openids: list[str], last: str) -> list[str]:
    return openids[openids.index(last) + 1 :] if last in openids else openids


def _people(platform: Platform, openids: tuple[str, ...], *, most: int) -> list[Follower]:
    if not 1 <= len(openids) <= most:
        raise Refusal(40032)
    if any(openid not in platform.followers for openid in openids):
        raise Refusal(49003)
    return [platform.followers[openid] for openid in openids]


def _check_name(platform: Platform, name: str) -> None:
    if not name or name in platform.tags.values():
        raise Refusal(45157)
    if len(name.encode()) > 30:
        raise Refusal(45158)


def _check_number(platform: Platform, number: int) -> None:
    if number in RESERVED:
        raise Refusal(45058)
    if number not in platform.tags:
        raise Refusal(45159)
