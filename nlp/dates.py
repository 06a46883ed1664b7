"""Dates and times of day as people say them, made definite from a given moment."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from nlp.numerals import spoken_digits, to_number

Prefer = Literal["future", "past"]
Span = tuple[int, int, str]
"""Start, end and ISO text, as precise as it was said: year, month, day, or day with a time."""


@dataclass(frozen=True, slots=True)
class _Frame:
    """The day that relative dates start from and the side that unclear ones lean to."""

    today: date
    prefer: Prefer

    def fits(self, day: date) -> bool:
        return day >= self.today if self.prefer == "future" else day <= self.today

    @property
    def step(self) -> int:
        return 1 if self.prefer == "future" else -1


_Reader = Callable[["re.Match[str]", _Frame], "str | None"]

_CN = "零〇一二两三四五六七八九十"
_MONTH = rf"(?:1[0-2]|0?[1-9]|[{_CN}]{{1,2}})"
_DAY = rf"(?:3[01]|[12]\d|0?[1-9]|[{_CN}]{{1,3}})"
# 9 月 5 个人, 9 月三千元: a number after a month that is not its day.
_NO_DAY = rf"(?![\d.%百千万亿个人口位名元块岁次张{_CN}])"
_PART = "初|中旬|上旬|下旬|底|末"
_OF_DAY = "凌晨|清晨|早晨|早上|上午|中午|下午|傍晚|晚上|夜里"
_DAYS = {"大前": -3, "前": -2, "昨": -1, "今": 0, "明": 1, "后": 2, "大后": 3}
_SHIFT = {"上上": -2, "上": -1, "这": 0, "本": 0, "下": 1, "下下": 2}
_YEARS = {"大前": -3, "前": -2, "去": -1, "今": 0, "本": 0, "明": 1, "后": 2}
_WEEKDAYS = {
    mark: at
    for at, marks in enumerate(("一1", "二2", "三3", "四4", "五5", "六6末", "日天7"))
    for mark in marks
}


def _whole(spelled: str) -> int:
    """A small numeral that a pattern let through; 0 for what spells no number."""
    return int(to_number(spelled) or 0)


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _iso(year: int, month: int, day: int) -> str | None:
    found = _day(year, month, day)
    return found.isoformat() if found else None


def _in_month(year: int, month: int, part: str) -> str | None:
    """月初 is the first, 中旬 the 15th, 月底 the last day of the month."""
    if not 1 <= month <= 12:
        return None
    last = monthrange(year, month)[1]
    return _iso(year, month, {"初": 1, "上": 1, "中": 15, "下": 21}.get(part[0], last))


def _month_away(start: date, months: int) -> tuple[int, int]:
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    return year, month + 1


def _written(found: re.Match[str], _frame: _Frame) -> str | None:
    return _iso(int(found["y"]), int(found["m"]), int(found["d"]))


def _written_month(found: re.Match[str], _frame: _Frame) -> str | None:
    return f"{found['y']}-{int(found['m']):02d}"


def _days_away(found: re.Match[str], frame: _Frame) -> str | None:
    return (frame.today + timedelta(days=_DAYS[found["day"]])).isoformat()


def _weekday(found: re.Match[str], frame: _Frame) -> str | None:
    """With 上 or 下 the day of that week, without the nearest one on the preferred side."""
    wanted = _WEEKDAYS[found["d"]]
    if found["rel"]:
        monday = frame.today - timedelta(days=frame.today.weekday())
        return (monday + timedelta(weeks=_SHIFT[found["rel"]], days=wanted)).isoformat()
    away = (wanted - frame.today.weekday()) * frame.step % 7
    return (frame.today + timedelta(days=away * frame.step)).isoformat()


def _relative_month(found: re.Match[str], frame: _Frame) -> str | None:
    year, month = _month_away(frame.today, _SHIFT[found["rel"]])
    if found["part"]:
        return _in_month(year, month, found["part"])
    if found["d"]:
        return _iso(year, month, _whole(found["d"]))
    return f"{year:04d}-{month:02d}"


def _year_of(said: str, frame: _Frame) -> int | None:
    """The year of 去年, 2026年, 二〇二六年 or 26年; None outside 1900 to 2100."""
    plain = said.removesuffix("年")
    if plain in _YEARS:
        return frame.today.year + _YEARS[plain]
    digits = spoken_digits(plain)
    if not digits.isdecimal():
        return None
    year = int(digits) + (2000 if len(digits) == 2 else 0)
    return year if 1900 <= year <= 2100 else None


def _year(found: re.Match[str], frame: _Frame) -> str | None:
    year = _year_of(found["y"], frame)
    if year is None:
        return None
    if found["end"]:
        return f"{year:04d}-{'01' if found['end'] == '初' else '12'}"
    if not found["m"]:
        return f"{year:04d}"
    month = _whole(found["m"])
    if found["part"]:
        return _in_month(year, month, found["part"])
    if found["d"]:
        return _iso(year, month, _whole(found["d"]))
    return f"{year:04d}-{month:02d}" if 1 <= month <= 12 else None


def _month_day(found: re.Match[str], frame: _Frame) -> str | None:
    """The nearest such day on the preferred side; nine years hold a 29 February."""
    for away in range(9):
        year = frame.today.year + away * frame.step
        day = _day(year, _whole(found["m"]), _whole(found["d"]))
        if day is not None and frame.fits(day):
            return day.isoformat()
    return None


def _month(found: re.Match[str], frame: _Frame) -> str | None:
    month = _whole(found["m"])
    passed = (frame.today.month - month) * frame.step > 0
    year = frame.today.year + (frame.step if passed else 0)
    if found["part"]:
        return _in_month(year, month, found["part"])
    return f"{year:04d}-{month:02d}" if 1 <= month <= 12 else None


def _day_of_month(found: re.Match[str], frame: _Frame) -> str | None:
    """The nearest month on the preferred side that has such a day."""
    for away in range(3):
        day = _day(*_month_away(frame.today, away * frame.step), _whole(found["d"]))
        if day is not None and frame.fits(day):
            return day.isoformat()
    return None


def _end_of(found: re.Match[str], frame: _Frame) -> str | None:
    if found["of"] == "年":
        return f"{frame.today.year:04d}-{'01' if found['end'] == '初' else '12'}"
    return _in_month(frame.today.year, frame.today.month, found["end"])


def _away(found: re.Match[str], frame: _Frame) -> str | None:
    """三天前, 两个月后, 半年前; None when that leaves 1900 to 2100."""
    unit, sign = found["u"].removeprefix("个"), 1 if found["dir"] == "后" else -1
    half = found["n"] == "半"
    count = sign * (1 if half else _whole(found["n"]))
    if unit == "年" and not half:
        return _within(frame.today.year + count, "")
    if unit in {"年", "月"} and not (half and unit == "月"):
        year, month = _month_away(frame.today, count * (6 if half else 1))
        return _within(year, f"-{month:02d}")
    if half and unit != "月":
        return None
    days = count * {"天": 1, "日": 1, "月": 15}.get(unit, 7)
    return (frame.today + timedelta(days=days)).isoformat() if abs(days) < 36500 else None


def _within(year: int, rest: str) -> str | None:
    return f"{year:04d}{rest}" if 1900 <= year <= 2100 else None


_PATTERNS: tuple[tuple[re.Pattern[str], _Reader], ...] = tuple(
    (re.compile(pattern), reader)
    for pattern, reader in (
        (
            r"(?<![\d.])(?P<y>(?:19|20)\d\d)(?P<s>[-/.])(?P<m>\d{1,2})(?P=s)(?P<d>\d{1,2})(?!\d)",
            _written,
        ),
        (
            r"(?<![\d.])(?P<y>(?:19|20)\d\d)(?P<m>0[1-9]|1[0-2])(?P<d>0[1-9]|[12]\d|3[01])(?![\d.])",
            _written,
        ),
        (r"(?<![\d.])(?P<y>(?:19|20)\d\d)[-/](?P<m>0?[1-9]|1[0-2])(?![-/]?\d)", _written_month),
        (
            (
                rf"(?P<y>(?:大前|前|去|今|本|明|后)年|(?<!\d)\d{{4}}年|(?<!\d)\d\d年(?=\s*{_MONTH}月)"
                rf"|(?<![{_CN}])[{_CN}]{{4}}年)"
                rf"(?:[的\s]*(?:(?P<m>{_MONTH})月份?\s*"
                rf"(?:(?P<d>{_DAY})(?:日|号|{_NO_DAY})|(?P<part>{_PART}))?|年?(?P<end>[初底])))?"
            ),
            _year,
        ),
        (rf"(?<![\d年个每历{_CN}])(?P<m>{_MONTH})月份?\s*(?P<d>{_DAY})(?:日|号)", _month_day),
        (
            rf"(?<![\d年个每历{_CN}])(?P<m>1[0-2]|0?[1-9])月(?P<d>3[01]|[12]\d|0?[1-9]){_NO_DAY}",
            _month_day,
        ),
        (
            rf"(?<![\d年个每历{_CN}])(?P<m>{_MONTH})月(?:份|(?P<part>{_PART})|(?![薪\d{_CN}]))",
            _month,
        ),
        (
            (
                rf"(?P<rel>上上|下下|上|下|这|本)个?月"
                rf"(?:[的\s]*(?:(?P<part>{_PART})|(?P<d>{_DAY})(?:号|日)))?"
            ),
            _relative_month,
        ),
        (r"(?P<of>[年月])(?P<end>[初底末])", _end_of),
        (r"(?<![目以之])(?P<day>大前|前|昨|今|明|大后|后)(?:天|日)", _days_away),
        (r"(?P<day>[昨今明])(?=[早晚])", _days_away),
        (
            (
                r"(?<![一二两三四五六七八九十\d每隔])(?:(?P<rel>上上|下下|上|下|这|本)个?)?"
                r"(?:周|星期|礼拜)(?P<d>[一二三四五六日天末1-7])(?![\d岁年])"
            ),
            _weekday,
        ),
        (
            (
                rf"(?<![\d第.{_CN}])(?P<n>半|\d{{1,4}}|[{_CN}百]{{1,5}})"
                rf"(?P<u>天|日|周|个?星期|个?礼拜|个?月|年)[以之]?(?P<dir>前|后)(?!天)"
            ),
            _away,
        ),
        (
            rf"(?<![\d月第年.\-{_CN}])(?P<d>{_DAY})号(?![楼线院房码门桌台机])",
            _day_of_month,
        ),
        (r"(?<![\d月第年.\-])(?P<d>3[01]|[12]\d|0?[1-9])日(?![元均])", _day_of_month),
    )
)

_TIME = re.compile(
    rf"(?P<part>{_OF_DAY}|早|晚)?\s*(?<![\d.:第])(?P<h>2[0-4]|1\d|0?\d|[{_CN}]{{1,3}})"
    rf"(?:(?:点(?P<clock>钟|整)?|时)(?:(?P<half>半|[一三]刻)"
    rf"|(?P<m>[0-5]?\d|[{_CN}]{{1,3}})(?P<fen>分)?(?![\d.万千百元块{_CN}]))?"
    rf"|[:：](?P<mm>[0-5]\d)(?!\d))"
)
_BETWEEN = re.compile(r"[\s的，,]*")
_LOOSE_PART = re.compile(rf"的?(?:{_OF_DAY}|[早晚](?!饭|餐|[点{_CN}\d]))")


# First and last hour said with the word, and what the clock adds to it.
_AFTERNOON = {
    "下午": (1, 11, 12),
    "傍晚": (1, 11, 12),
    "晚上": (5, 12, 12),
    "夜里": (5, 12, 12),
    "晚": (5, 12, 12),
    "中午": (1, 3, 12),
    "凌晨": (12, 12, -12),
}


def _clock(found: re.Match[str]) -> timedelta | None:
    """The time since midnight, at most a day; None for what no clock shows."""
    hour = _whole(found["h"])
    first, last, shift = _AFTERNOON.get(found["part"] or "", (0, 24, 0))
    if first <= hour <= last:
        hour += shift
    part_of_hour = {"半": 30, "一刻": 15, "三刻": 45}.get(found["half"] or "")
    minute = part_of_hour or _whole(found["m"] or found["mm"] or "0")
    since = timedelta(hours=hour, minutes=minute)
    return since if minute < 60 and since <= timedelta(days=1) else None


def _is_surely_a_time(found: re.Match[str]) -> bool:
    """False for 三点 alone, which may be three points of an opinion."""
    return any(found[name] for name in ("part", "clock", "half", "fen", "mm"))


def find_dates(text: str, now: datetime, prefer: Prefer) -> list[Span]:
    """Dates, with their time of day where one follows, and clear times alone, in order.

    `text` has half-width digits; `now` is local time. Lunar dates are left alone.
    """
    frame = _Frame(now.date(), prefer)
    times = [
        (found, since) for found in _TIME.finditer(text) if (since := _clock(found)) is not None
    ]
    spans: list[Span] = []
    for start, end, said in _dates(text, frame):
        time = _time_after(text, end, times)
        if time is not None and len(said) == 10:
            spans.append((start, time[0].end(), _moment(said, time[1])))
        else:
            part = _LOOSE_PART.match(text, end)
            spans.append((start, part.end() if part and len(said) == 10 else end, said))
    for found, since in times:
        apart = all(found.end() <= start or end <= found.start() for start, end, _ in spans)
        if apart and _is_surely_a_time(found):
            spans.append((found.start(), found.end(), _next_time(since, now, prefer)))
    return sorted(spans)


def _dates(text: str, frame: _Frame) -> list[Span]:
    """Dates without time of day; the longer reading wins where two overlap."""
    found = [
        (match.start(), match.end(), said)
        for pattern, reader in _PATTERNS
        for match in pattern.finditer(text)
        if (said := reader(match, frame)) is not None
    ]
    kept: list[Span] = []
    for span in sorted(found, key=lambda span: (span[0] - span[1], span[0])):
        if all(span[1] <= start or end <= span[0] for start, end, _ in kept):
            kept.append(span)
    return sorted(kept)


def _time_after(
    text: str, end: int, times: list[tuple[re.Match[str], timedelta]]
) -> tuple[re.Match[str], timedelta] | None:
    between = _BETWEEN.match(text, end)
    begin = between.end() if between else end
    return next((time for time in times if time[0].start() in {end, begin}), None)


def _moment(day: str, since: timedelta) -> str:
    moment = datetime.fromisoformat(day) + since
    return moment.isoformat(timespec="minutes")


def _next_time(since: timedelta, now: datetime, prefer: Prefer) -> str:
    """Today at that time, or the day beside it when today's lies on the other side of now."""
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
    moment = midnight + since
    if prefer == "future" and moment < now.replace(tzinfo=None):
        moment += timedelta(days=1)
    elif prefer == "past" and moment > now.replace(tzinfo=None):
        moment -= timedelta(days=1)
    return moment.isoformat(timespec="minutes")
