"""Dates and times of day as people say them, made definite from a given moment."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from nlp import almanac
from nlp.almanac import Prefer
from nlp.numerals import spoken_digits, to_number

Span = tuple[int, int, str]
"""Start, end and ISO text, as precise as it was said: year, month, day, or day with a time.

What has no single day (这学期, 下周) is an interval "start/end" of months or days.
"""


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


def _third_of_month(found: re.Match[str], frame: _Frame) -> str | None:
    """中旬 alone: of the month whose lies on the preferred side."""
    for away in range(2):
        year, month = _month_away(frame.today, away * frame.step)
        said = _in_month(year, month, found["part"])
        if said is not None and frame.fits(date.fromisoformat(said)):
            return said
    return None


def _short_year(found: re.Match[str], _frame: _Frame) -> str | None:
    return f"19{found['y'][:2]}"


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


def _nearest(frame: _Frame, of_year: Callable[[int], date | None]) -> str | None:
    """The day of the year at hand that lies on the preferred side, or the one beside it."""
    for away in range(-1, 3):
        day = of_year(frame.today.year + away * frame.step)
        if day is not None and frame.fits(day):
            return day.isoformat()
    return None


def _lunar(found: re.Match[str], frame: _Frame) -> str | None:
    """农历八月十五, 腊月二十三; of the year said, else the nearest on the preferred side."""
    month = almanac.lunar_month(found["m"])
    day = almanac.lunar_day_of_month(found["d"])
    if month is None or day is None:
        return None
    leap = bool(found["leap"])
    if found["y"]:
        year = _year_of(found["y"], frame)
        exact = None if year is None else almanac.lunar_day(year, month, day, leap=leap)
        return None if exact is None else exact.isoformat()
    return _nearest(frame, lambda year: almanac.lunar_day(year, month, day, leap=leap))


def _new_year_day(found: re.Match[str], frame: _Frame) -> str | None:
    day = almanac.lunar_day_of_month(found["d"]) or 0
    return _nearest(frame, lambda year: almanac.lunar_day(year, 1, day))


def _festival(found: re.Match[str], frame: _Frame) -> str | None:
    name = _FESTIVAL_NAMES[found["name"]]
    year = _year_of(found["y"], frame) if found["y"] else None
    if year is not None:
        return almanac.festival(year, name).isoformat()
    return _nearest(frame, lambda at: almanac.festival(at, name))


def _school_term(found: re.Match[str], frame: _Frame) -> str | None:
    which = found["rel"][0]
    return almanac.term(frame.today, "上" if which == "上" else "下" if which == "下" else "这")


def _school_holiday(found: re.Match[str], frame: _Frame) -> str | None:
    return almanac.holiday(frame.today, "暑" if found["which"] == "暑" else "寒", frame.prefer)


def _week(found: re.Match[str], frame: _Frame) -> str | None:
    monday = frame.today - timedelta(days=frame.today.weekday())
    first = monday + timedelta(weeks=_SHIFT[found["rel"]])
    return f"{first.isoformat()}/{(first + timedelta(days=6)).isoformat()}"


def _within(year: int, rest: str) -> str | None:
    return f"{year:04d}{rest}" if 1900 <= year <= 2100 else None


_FESTIVAL_NAMES = {
    **{name: name for name in almanac.SOLAR_TERMS},
    **{name: name for name in almanac.FESTIVALS},
    **{f"{name}节": name for name in ("元旦", "国庆", "元宵", "端午", "七夕", "中秋", "重阳")},
    **dict.fromkeys(("除夕", "除夕夜", "年三十", "大年三十", "大年夜"), almanac.EVE),
    **dict.fromkeys(("清明节",), "清明"),
    **dict.fromkeys(("新年元旦",), "元旦"),
    **dict.fromkeys(("三八节", "三八妇女节", "三八"), "妇女节"),
    **dict.fromkeys(("五一", "五一节", "五一劳动节"), "劳动节"),
    **dict.fromkeys(("五四", "五四青年节"), "青年节"),
    **dict.fromkeys(("六一", "六一儿童节"), "儿童节"),
    **dict.fromkeys(("七一",), "建党节"),
    **dict.fromkeys(("八一", "八一建军节"), "建军节"),
    **dict.fromkeys(("十一国庆",), "国庆"),
}
_ALONE = rf"(?<![\d块毛角元点幺{_CN}十百千万])"
# What is also weather, a way to count or the head of a longer name says which day only beside
# such words.
_DAY_BESIDE = r"(?=节气|那天|当天|这天|[之以]?前|[之以]?后|过后|到了)"
_AMBIGUOUS = {"大雪": _DAY_BESIDE, "小雪": _DAY_BESIDE, "雨水": _DAY_BESIDE, "小年": r"(?![轻青])"}
_NOT_BEFORE = {
    "五一": r"(?!劳动奖|劳动模|路|村|[份张个包斤瓶])",
    "七一": r"(?!路|勋章|[一二三四五六七八九十百千万])",
    "八一": r"(?!路|大道|电影|[一二三四五六七八九十百千万])",
    "五四": r"(?!运动|奖章|路|[一二三四五六七八九十百千万])",
    "六一": r"(?![一二三四五六七八九十百千万])",
    "三八": r"(?!红旗|路|[一二三四五六七八九十百千万])",
    "清明": r"(?!上河图)",
}
_NUMERIC = frozenset("三五六七八十")
_FESTIVAL = "|".join(
    (_ALONE if name[0] in _NUMERIC else "")
    + name
    + _AMBIGUOUS.get(name, "")
    + _NOT_BEFORE.get(name, "")
    for name in sorted(_FESTIVAL_NAMES, key=len, reverse=True)
)

_PATTERNS: tuple[tuple[re.Pattern[str], _Reader], ...] = tuple(
    (re.compile(pattern), reader)
    for pattern, reader in (
        (
            (
                rf"(?P<y>(?:大前|前|去|今|本|明|后)年|(?<!\d)\d{{4}}年)?的?(?:农历|阴历|旧历)的?"
                rf"(?P<leap>闰)?(?P<m>正|冬|腊|1[0-2]|[1-9]|[{_CN}]{{1,2}})月"
                rf"(?P<d>初?[{_CN}]{{1,3}}|[廿卅][{_CN}]?|\d{{1,2}})(?:日|号)?"
            ),
            _lunar,
        ),
        (
            rf"(?P<y>(?:去|今|明)年)?(?P<leap>闰)?(?<![{_CN}])(?P<m>正|冬|腊|[{_CN}]{{1,2}})月(?P<d>初[一二三四五六七八九十]|廿[{_CN}]?)",
            _lunar,
        ),
        (
            rf"(?P<y>(?:去|今|明)年)?(?P<leap>闰)?(?P<m>正|冬|腊)月(?P<d>[{_CN}]{{1,3}})(?:日|号)?",
            _lunar,
        ),
        (
            r"(?P<y>(?:去|今|明)年)?(?P<leap>闰)?(?P<m>八)月(?P<d>十五)(?![日号\d个天万千百])",
            _lunar,
        ),
        (r"(?:大年|年)(?P<d>初[一二三四五六七八九十])", _new_year_day),
        (rf"(?P<y>(?:前|去|今|明|后)年|(?<!\d)20\d\d年)?的?(?P<name>{_FESTIVAL})", _festival),
        (r"(?P<rel>上|下|这|本|这个|下个|上个)学期", _school_term),
        (r"(?P<which>[暑寒])假", _school_holiday),
        (r"(?P<rel>上上|下下|上|下|这|本)个?(?:周|星期|礼拜)(?![一二三四五六日天末1-7\d])", _week),
        (
            r"(?<![\d.])(?P<y>(?:19|20)\d\d)(?P<s>[-/.])(?P<m>\d{1,2})(?P=s)(?P<d>\d{1,2})(?!\d)",
            _written,
        ),
        (r"(?<![\d./])(?P<m>1[0-2]|0?[1-9])/(?P<d>3[01]|[12]\d|0?[1-9])(?![\d/.%])", _month_day),
        (r"(?<![\d./])(?P<m>1[0-2]|0?[1-9])[.．](?P<d>3[01]|[12]\d|0?[1-9])(?:号|日)", _month_day),
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
        (r"(?P<of>[年月])(?P<end>[初底末]|(?<=月)中(?![奖国毒心旬间])旬?)", _end_of),
        (r"(?<![目以之])(?P<day>大前|前|昨|今|明|大后|后)(?:天|日)", _days_away),
        (r"(?P<day>[昨今明])(?=[早晚])", _days_away),
        (r"(?P<day>[昨今明后])儿个?(?![子女媳])", _days_away),
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
            rf"(?<![\d月第年.\-路街巷弄道{_CN}])(?P<d>{_DAY})号(?![楼线院房码门桌台机])",
            _day_of_month,
        ),
        (r"(?<![\d月第年.\-])(?P<d>3[01]|[12]\d|0?[1-9])日(?![元均])", _day_of_month),
        (r"(?<![上中下本个月年])(?P<part>[上中下])旬", _third_of_month),
        (r"(?<![\d.第近这过])(?P<y>[5-9]\d年)(?=[进出生参入当毕结分考转退开建成立])", _short_year),
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


_LATER = re.compile(
    rf"(?P<n>半|\d{{1,3}}|[{_CN}]{{1,3}})(?P<half>个半)?(?:个?(?P<u>小时|钟头)|(?P<min>分钟))[以之]?(?P<dir>前|后)"
)


def _moments_away(text: str, now: datetime) -> list[Span]:
    """两小时后, 半个小时前, 二十分钟后."""
    spans: list[Span] = []
    for found in _LATER.finditer(text):
        count = 0.5 if found["n"] == "半" else _whole(found["n"]) + (0.5 if found["half"] else 0)
        away = timedelta(minutes=count) if found["min"] else timedelta(hours=count)
        moment = now + away * (1 if found["dir"] == "后" else -1)
        said = moment.replace(tzinfo=None).isoformat(timespec="minutes")
        spans.append((found.start(), found.end(), said))
    return spans


_UNTIL = frozenset({"到", "至", "-", "—", "~", "～"})
_GOES_ON = re.compile(
    r"(?:就|开始|开门|开会|开打|集合|到|之?前|以前|之?后|以后|左右|多|出发|上班|下班|上课|结束|准时|签到|见)"
)


def _is_surely_a_time(text: str, found: re.Match[str]) -> bool:
    """False for 三点 alone, which may be three points of an opinion."""
    if any(found[name] for name in ("part", "clock", "half", "fen", "mm")):
        return True
    return found["h"].isdecimal() and _GOES_ON.match(text, found.end()) is not None


def find_dates(text: str, now: datetime, prefer: Prefer) -> list[Span]:
    """Dates, with their time of day where one follows, and clear times alone, in order.

    `text` has half-width digits; `now` is local time.
    """
    frame = _Frame(now.date(), prefer)
    times = [
        (found, since) for found in _TIME.finditer(text) if (since := _clock(found)) is not None
    ]
    spans = _moments_away(text, now)
    for start, end, said in _with_ends(text, _dates(text, frame)):
        time = _time_after(text, end, times)
        if time is not None and len(said) == 10:
            spans.append((start, time[0].end(), _moment(said, time[1])))
        else:
            part = _LOOSE_PART.match(text, end)
            spans.append((start, part.end() if part and len(said) == 10 else end, said))
    for found, since in times:
        apart = all(found.end() <= start or end <= found.start() for start, end, _ in spans)
        begun = next(
            (s for s in spans if "T" in s[2] and text[s[1] : found.start()] in _UNTIL), None
        )
        if apart and begun is not None:
            spans.append((found.start(), found.end(), _end_after(begun[2], since)))
        elif apart and _is_surely_a_time(text, found):
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


_TO = re.compile(rf"(?:到|至|[-—~～])(?P<d>{_DAY})(?:号|日)")


def _with_ends(text: str, spans: list[Span]) -> list[Span]:
    """十月一日到七日: the second day is of the month of the first."""
    ends: list[Span] = []
    for _, end, said in spans:
        to = _TO.match(text, end)
        if to is not None and len(said) == 10:
            last = _iso(int(said[:4]), int(said[5:7]), _whole(to["d"]))
            if last is not None and last > said:
                ends.append((to.start("d"), to.end(), last))
    others = [
        span for span in spans if all(span[1] <= start or end <= span[0] for start, end, _ in ends)
    ]
    return sorted([*others, *ends])


def _time_after(
    text: str, end: int, times: list[tuple[re.Match[str], timedelta]]
) -> tuple[re.Match[str], timedelta] | None:
    between = _BETWEEN.match(text, end)
    begin = between.end() if between else end
    return next((time for time in times if time[0].start() in {end, begin}), None)


def _end_after(begun: str, since: timedelta) -> str:
    """The end of 下午三点到五点: on the same day, in the same half of it."""
    if begun >= _moment(begun[:10], since) and since < timedelta(hours=12):
        since += timedelta(hours=12)
    return _moment(begun[:10], since)


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
