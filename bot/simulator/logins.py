"""Web logins: single-use codes, and the tokens they are changed for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.simulator.refusal import Refusal

CODE_LIFE = timedelta(minutes=5)
TOKEN_LIFE = timedelta(seconds=7200)
REMEMBERED = 1000


@dataclass(slots=True)
class Login:
    """One visit of one person to a page of the account."""

    openid: str
    scope: str
    expires_at: datetime
    used: bool = False


@dataclass(slots=True)
class Logins:
    """Codes and web tokens; web tokens are not the tokens of the API."""

    fresh: Callable[[int], str]
    codes: dict[str, Login] = field(default_factory=dict)
    tokens: dict[str, Login] = field(default_factory=dict)

    def code(self, openid: str, scope: str, now: datetime) -> str:
        """A code that is good once, for five minutes."""
        value = self.fresh(24)
        _remember(self.codes, value, Login(openid, scope, now + CODE_LIFE))
        return value

    def redeem(self, code: str, now: datetime) -> tuple[str, Login]:
        """A web token for a code; raises Refusal for one that is unknown, used or late."""
        login = self.codes.get(code)
        if login is None:
            raise Refusal(40029)
        if login.used:
            raise Refusal(40163)
        if login.expires_at <= now:
            raise Refusal(42003)
        login.used = True
        value = self.fresh(64)
        visit = Login(login.openid, login.scope, now + TOKEN_LIFE)
        _remember(self.tokens, value, visit)
        return value, visit

    def check(self, token: str, openid: str, now: datetime) -> Login:
        """The visit of a web token; raises Refusal unless it is good for this person."""
        visit = self.tokens.get(token)
        if visit is None:
            raise Refusal(40001)
        if visit.expires_at <= now:
            raise Refusal(42001)
        if visit.openid != openid:
            raise Refusal(40003)
        return visit


def _remember(shelf: dict[str, Login], value: str, login: Login) -> None:
    shelf[value] = login
    if len(shelf) > REMEMBERED:
        del shelf[next(iter(shelf))]
