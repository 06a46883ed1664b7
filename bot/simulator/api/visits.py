"""What a page of the account asks about its visitor."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.simulator.refusal import Refusal

if TYPE_CHECKING:
    from bot.simulator.api.received import Json, Received
    from bot.simulator.platform import Platform


def access_token(platform: Platform, call: Received) -> Json:
    asked = call.query.get
    if asked("appid", "") != platform.account.app_id:
        raise Refusal(40013)
    if asked("secret", "") != platform.account.app_secret:
        raise Refusal(40125)
    if asked("grant_type", "") != "authorization_code":
        raise Refusal(40002)
    if not asked("code", ""):
        raise Refusal(41008)
    token, visit = platform.logins.redeem(asked("code", ""), call.now)
    return {
        "access_token": token,
        "expires_in": 7200,
        "refresh_token": platform.fresh(64),
        "openid": visit.openid,
        "scope": visit.scope,
    }


def user_info(platform: Platform, call: Received) -> Json:
    """Name and face, for visits with the scope snsapi_userinfo only."""
    asked = call.query.get
    visit = platform.logins.check(asked("access_token", ""), asked("openid", ""), call.now)
    if visit.scope != "snsapi_userinfo":
        raise Refusal(48001)
    person = platform.people[visit.openid]
    return {
        "openid": person.openid,
        "nickname": person.name,
        "sex": 0,
        "province": "",
        "city": "",
        "country": "",
        "headimgurl": f"{call.base}static/avatars/{person.avatar}.svg",
        "privilege": [],
    }
