"""Calls for access tokens."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

from bot.simulator.api.received import Body, Json, Received
from bot.simulator.quotas import FORCED
from bot.simulator.refusal import Refusal

if TYPE_CHECKING:
    from bot.simulator.platform import Platform
    from bot.simulator.tokens import Token


class StableToken(Body):
    grant_type: str = Field(default="")
    appid: str = Field(default="")
    secret: str = Field(default="")
    force_refresh: bool = Field(default=False)


def token(platform: Platform, call: Received) -> Json:
    asked = call.query.get
    _check(platform, asked("grant_type", ""), asked("appid", ""), asked("secret", ""))
    return _answer(platform.tokens.issue(call.now), call)


def stable_token(platform: Platform, call: Received) -> Json:
    body = call.read(StableToken)
    _check(platform, body.grant_type, body.appid, body.secret)
    if body.force_refresh and platform.tokens.may_force(call.now):
        platform.quotas.spend(FORCED, call.now)
        return _answer(platform.tokens.force_stable(call.now), call)
    return _answer(platform.tokens.issue_stable(call.now), call)


def _check(platform: Platform, grant_type: str, app_id: str, secret: str) -> None:
    if not app_id:
        raise Refusal(41002)
    if not secret:
        raise Refusal(41004)
    if grant_type != "client_credential":
        raise Refusal(40002)
    if app_id != platform.account.app_id:
        raise Refusal(40013)
    if secret != platform.account.app_secret:
        raise Refusal(40125)


def _answer(given: Token, call: Received) -> Json:
    left = int((given.expires_at - call.now).total_seconds())
    return {"access_token": given.value, "expires_in": left}
