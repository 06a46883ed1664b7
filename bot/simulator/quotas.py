"""How often each call may be made, counted by the day and the minute of UTC+8."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from bot.simulator.refusal import Refusal

if TYPE_CHECKING:
    from datetime import datetime

SHANGHAI = ZoneInfo("Asia/Shanghai")
CLEARINGS_A_MONTH = 10
FORCED = "force_refresh"
DAILY = {
    "/cgi-bin/token": 2_000,
    "/cgi-bin/stable_token": 500_000,
    FORCED: 20,
    "/cgi-bin/menu/create": 1_000,
    "/cgi-bin/menu/get": 10_000,
    "/cgi-bin/menu/delete": 1_000,
    "/cgi-bin/tags/create": 1_000,
    "/cgi-bin/tags/get": 1_000,
    "/cgi-bin/tags/update": 1_000,
    "/cgi-bin/tags/members/batchtagging": 100_000,
    "/cgi-bin/media/upload": 100_000,
    "/cgi-bin/media/get": 200_000,
    "/cgi-bin/message/custom/send": 500_000,
    "/cgi-bin/message/template/send": 100_000,
    "/cgi-bin/qrcode/create": 100_000,
    "/cgi-bin/user/get": 500,
    "/cgi-bin/user/info": 5_000_000,
    "/cgi-bin/user/info/updateremark": 10_000,
}
A_MINUTE = {"/cgi-bin/stable_token": 10_000}


@dataclass(slots=True)
class Quotas:
    """What has been used today; calls without a published limit are not counted."""

    used: Counter[str] = field(default_factory=Counter)
    this_minute: Counter[str] = field(default_factory=Counter)
    clearings: int = 0
    minute: str = ""
    day: str = ""
    month: str = ""

    def spend(self, path: str, now: datetime) -> None:
        """Count one call of `path`; raise Refusal when none is left."""
        self._turn(now)
        if path in A_MINUTE and self.this_minute[path] >= A_MINUTE[path]:
            raise Refusal(45011)
        if path in DAILY and self.used[path] >= DAILY[path]:
            raise Refusal(45009)
        self.used[path] += 1
        self.this_minute[path] += 1

    def clear(self, now: datetime) -> None:
        """Set all counters to nought; ten times a month."""
        self._turn(now)
        if self.clearings >= CLEARINGS_A_MONTH:
            raise Refusal(48006)
        self.clearings += 1
        self.used.clear()

    def left(self, path: str, now: datetime) -> tuple[int, int]:
        """Used and remaining calls of `path` today."""
        self._turn(now)
        if path not in DAILY:
            raise Refusal(76021)
        return self.used[path], DAILY[path] - self.used[path]

    def use_up(self, path: str, now: datetime) -> None:
        """Leave no call of `path` for today."""
        self._turn(now)
        if path not in DAILY:
            raise Refusal(76021)
        self.used[path] = DAILY[path]

    def _turn(self, now: datetime) -> None:
        local = now.astimezone(SHANGHAI)
        if self.minute != f"{local:%Y%m%d%H%M}":
            self.minute = f"{local:%Y%m%d%H%M}"
            self.this_minute.clear()
        if self.day != f"{local:%Y%m%d}":
            self.day = f"{local:%Y%m%d}"
            self.used.clear()
        if self.month != f"{local:%Y%m}":
            self.month = f"{local:%Y%m}"
            self.clearings = 0
