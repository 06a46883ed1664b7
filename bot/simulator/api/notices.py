"""Template messages and subscription notices."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from pydantic import Field

from bot.simulator import courier, notices, pushes
from bot.simulator.api.received import Body, Json, Received
from bot.simulator.pushes import Push
from bot.simulator.refusal import Refusal
from bot.simulator.transcript import Bubble, Item

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.simulator.followers import Follower
    from bot.simulator.notices import Template
    from bot.simulator.platform import Platform

SAME_FOR = timedelta(minutes=10)


class Value(Body):
    value: str = Field(default="")
    color: str = Field(default="")


class MiniProgram(Body):
    appid: str = Field(default="")
    pagepath: str = Field(default="")


class Send(Body):
    """What both kinds share; `page` belongs to subscription notices only, `url` to templates."""

    touser: str = Field(default="")
    template_id: str = Field(default="")
    miniprogram: MiniProgram | None = Field(default=None)
    data: dict[str, Value] = Field(default_factory=dict)


class SendTemplate(Send):
    url: str = Field(default="")
    client_msg_id: str = Field(default="", max_length=32)


class SendSubscribed(Send):
    page: str = Field(default="")


def send_template(platform: Platform, call: Received) -> Json:
    """The same client_msg_id to the same person within ten minutes is sent only once."""
    body = call.read(SendTemplate)
    follower = platform.follower(body.touser)
    template = notices.find(body.template_id)
    if not follower.following:
        raise Refusal(43004)
    values = _checked(template, body)
    before = platform.sent_templates.get((body.touser, body.client_msg_id))
    if body.client_msg_id and before is not None and call.now - before[1] < SAME_FOR:
        return {"msgid": before[0]}
    msg_id = platform.next_msg_id()
    if body.client_msg_id:
        platform.sent_templates[body.touser, body.client_msg_id] = (msg_id, call.now)
    arrives = follower.receives and not follower.blacklisted
    if arrives:
        _show(platform, follower, template, values, "" if body.miniprogram else body.url)
    status = "success" if arrives else "failed:user block"
    _report(platform, follower, pushes.template_sent(msg_id, status))
    return {"msgid": msg_id}


def send_subscribed(platform: Platform, call: Received) -> Json:
    """One accepted request is good for one send."""
    body = call.read(SendSubscribed)
    follower = platform.follower(body.touser)
    template = notices.find(body.template_id)
    left = follower.notices.get(body.template_id, 0)
    if left == 0:
        raise Refusal(43101)
    values = _checked(template, body)
    follower.notices[body.template_id] = left - 1
    if follower.receives:
        _show(platform, follower, template, values, body.page)
    sent = pushes.notice_sent(body.template_id, platform.next_msg_id(), arrived=follower.receives)
    _report(platform, follower, sent)
    return {}


def list_templates(_platform: Platform, _call: Received) -> Json:
    found = [
        {
            "template_id": template.template_id,
            "title": template.title,
            "primary_industry": "",
            "deputy_industry": "",
            "content": template.content,
            "example": "",
        }
        for template in notices.TEMPLATES
    ]
    return {"template_list": found}


def _checked(template: Template, body: Send) -> Mapping[str, str]:
    values = {key: given.value for key, given in body.data.items()}
    notices.check(template, values)
    return values


def _show(
    platform: Platform, follower: Follower, template: Template, values: Mapping[str, str], url: str
) -> None:
    items = tuple(Item(label, values[key]) for key, label in template.rows.items())
    bubble = Bubble("template", title=template.title, items=items, url=url)
    platform.show(follower.openid, "account", bubble)


def _report(platform: Platform, follower: Follower, elements: tuple[pushes.Element, ...]) -> None:
    courier.report_later(platform, Push(follower.openid, platform.clock(), elements))
