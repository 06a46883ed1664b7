"""Days that the calendar of China names: lunar dates, solar terms, festivals, terms of school."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

from lunar_python import Lunar, LunarMonth, Solar
from lunar_python.util import HolidayUtil

from nlp.numerals import to_number

if TYPE_CHECKING:
    from collections.abc import Mapping

Prefer = Literal["future", "past"]

LUNAR_MONTHS = {"正": 1, "冬": 11, "腊": 12, "臘": 12}
SOLAR_TERMS = [
    "立春",
    "雨水",
    "惊蛰",
    "春分",
    "清明",
    "谷雨",
    "立夏",
    "小满",
    "芒种",
    "夏至",
    "小暑",
    "大暑",
    "立秋",
    "处暑",
    "白露",
    "秋分",
    "寒露",
    "霜降",
    "立冬",
    "小雪",
    "大雪",
    "冬至",
    "小寒",
    "大寒",
]
# Month and day, of the lunar year where the third is true. The eve of the new year is the day
# before the first of the first: some years have no 三十.
FESTIVALS: dict[str, tuple[int, int, bool]] = {
    "元旦": (1, 1, False),
    "妇女节": (3, 8, False),
    "植树节": (3, 12, False),
    "劳动节": (5, 1, False),
    "青年节": (5, 4, False),
    "儿童节": (6, 1, False),
    "建党节": (7, 1, False),
    "建军节": (8, 1, False),
    "教师节": (9, 10, False),
    "国庆": (10, 1, False),
    "春节": (1, 1, True),
    "元宵": (1, 15, True),
    "端午": (5, 5, True),
    "七夕": (7, 7, True),
    "中秋": (8, 15, True),
    "重阳": (9, 9, True),
    "腊八": (12, 8, True),
    "小年": (12, 23, True),
}
EVE = "除夕"


@lru_cache(maxsize=512)
def lunar_day(year: int, month: int, day: int, *, leap: bool = False) -> date | None:
    """The solar day of a lunar one; None when that year has no such month or day."""
    found = LunarMonth.fromYm(year, -month if leap else month)
    if found is None or not 1 <= day <= found.getDayCount():
        return None
    return _plain(Lunar.fromYmd(year, -month if leap else month, day).getSolar())


@lru_cache(maxsize=512)
def solar_term(year: int, name: str) -> date:
    """The day of a solar term in a solar year."""
    table = Lunar.fromYmd(year, 6, 1).getJieQiTable()
    day = _plain(table[name])
    if day.year == year:
        return day
    return _plain(Lunar.fromYmd(year + (1 if day.year < year else -1), 6, 1).getJieQiTable()[name])


def festival(year: int, name: str) -> date:
    """The day of a festival in a solar year; raises KeyError for one that is not known."""
    if name == EVE:
        return _lunar_in(year, 1, 1) - timedelta(days=1)
    if name in SOLAR_TERMS:
        return solar_term(year, name)
    month, day, lunar = FESTIVALS[name]
    return _lunar_in(year, month, day) if lunar else date(year, month, day)


@dataclass(frozen=True, slots=True)
class Arranged:
    """A day that the State Council arranged for a holiday: off, or worked instead of another."""

    name: str
    works: bool


@lru_cache(maxsize=32)
def arrangement(year: int) -> Mapping[date, Arranged]:
    """The days of a solar year that are arranged around its holidays, in their order.

    Empty for a year whose notice came out after lunar-python was published.
    """
    return {
        date.fromisoformat(each.getDay()): Arranged(each.getName(), works=each.isWork())
        for each in HolidayUtil.getHolidays(year)
        if each.getDay().startswith(str(year))
    }


def term(today: date, which: Literal["上", "这", "下"]) -> str:
    """A school term as months "start/end"; in August the coming one counts as 这学期 and 下学期.

    Autumn runs from September to January, spring from February to July.
    """
    autumn = today.month >= 9 or today.month == 1
    between = today.month == 8
    at = today.year * 2 + (1 if autumn or between else 0) - (2 if today.month == 1 else 0)
    shift = {"上": -1, "这": 0, "下": 0 if between else 1}[which]
    year, is_autumn = divmod(at + shift, 2)
    return f"{year}-09/{year + 1}-01" if is_autumn else f"{year}-02/{year}-07"


def holiday(today: date, which: Literal["暑", "寒"], prefer: Prefer) -> str:
    """The summer (July, August) or winter holidays (January, February) as months "start/end"."""
    first, last = (7, 8) if which == "暑" else (1, 2)
    year = today.year
    if prefer == "future" and today.month > last:
        year += 1
    if prefer == "past" and today.month < first:
        year -= 1
    return f"{year}-{first:02d}/{year}-{last:02d}"


def lunar_month(said: str) -> int | None:
    """The number of 正, 腊 or 八; None when it is no month."""
    number = LUNAR_MONTHS.get(said) or to_number(said)
    return int(number) if number is not None and 1 <= number <= 12 else None


def lunar_day_of_month(said: str) -> int | None:
    """The number of 初五, 廿三, 二十三 or 15; None when it is no day."""
    plain = re.sub(r"^初", "", said).replace("廿", "二十").replace("卅", "三十")
    number = to_number(plain)
    return int(number) if number is not None and 1 <= number <= 30 else None


def _lunar_in(year: int, month: int, day: int) -> date:
    """The lunar day that lies in a solar year; the late months belong to the lunar year before."""
    found = lunar_day(year, month, day)
    if found is None or found.year != year:
        found = lunar_day(year - 1, month, day)
    if found is None:
        raise KeyError(f"{year} has no lunar {month}/{day}")
    return found


def _plain(solar: Solar) -> date:
    return date(solar.getYear(), solar.getMonth(), solar.getDay())
