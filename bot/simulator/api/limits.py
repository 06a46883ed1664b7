"""Quotas, the log of calls, and the platform's own addresses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.simulator.api.received import Body, Json, Received
from bot.simulator.refusal import Refusal

if TYPE_CHECKING:
    from bot.simulator.platform import Platform


class Clear(Body):
    appid: str


class ClearBySecret(Body):
    appid: str
    appsecret: str


class OfPath(Body):
    cgi_path: str


class OfRid(Body):
    rid: str


def clear_quota(platform: Platform, call: Received) -> Json:
    if call.read(Clear).appid != platform.account.app_id:
        raise Refusal(40013)
    platform.quotas.clear(call.now)
    return {}


def clear_quota_by_secret(platform: Platform, call: Received) -> Json:
    """Works without a token, for the day when the token's own quota is gone."""
    body = call.read(ClearBySecret)
    if body.appid != platform.account.app_id:
        raise Refusal(40013)
    if body.appsecret != platform.account.app_secret:
        raise Refusal(40125)
    platform.quotas.clear(call.now)
    return {}


def get_quota(platform: Platform, call: Received) -> Json:
    used, left = platform.quotas.left(call.read(OfPath).cgi_path, call.now)
    return {"quota": {"daily_limit": used + left, "used": used, "remain": left}}


def get_rid(platform: Platform, call: Received) -> Json:
    exchange = platform.exchanges.by_rid(call.read(OfRid).rid)
    if exchange is None:
        raise Refusal(76001)
    return {
        "request": {
            "invoke_time": int(exchange.at.timestamp()),
            "cost_in_ms": exchange.took,
            "request_url": exchange.url,
            "request_body": exchange.request,
            "response_body": exchange.response,
            "client_ip": "127.0.0.1",
        }
    }


def addresses(_platform: Platform, _call: Received) -> Json:
    return {"ip_list": ["127.0.0.1"]}
