"""Reading what a calculator has to be told from the words of a member."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from handlers.reckon.asked import Input
from handlers.reckon.spans import Length, first_and_last
from nlp.entities import SHANGHAI, Entity, EntityKind, find
from nlp.normalise import normalise
from nlp.numerals import ARABIC, NUMERAL, SPELLED, to_number

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

NUMBER = rf"(?:{ARABIC}|{SPELLED}+)"
_WHOLE = rf"(?:\d{{1,3}}|{SPELLED}{{1,4}})"
# 六年, 三年零四个月, 五个半月, 9年364天; 2021年 and 三年前 are dates.
_LENGTH = re.compile(
    rf"(?<![\d第{SPELLED[1:-1]}])(?:(?P<y>{_WHOLE}|半)(?P<yh>个?半)?年(?!\d{{1,2}}月)(?P<ym>半)?多?)?"
    rf"(?:零|又|加|外加|另|带)?(?:(?P<m>{_WHOLE}|半)个(?P<mh>半|多)?月)?"
    rf"(?:零|又)?(?:(?P<d>{_WHOLE})天)?"
)
_ALMOST = re.compile(r"(?:快|将近|不到|不满|差不多|接近)(?:满|有|要)?$")
_LESS = frozenset({"快", "将近", "不到", "不满", "接近"})
_SERVED_BEFORE = re.compile(
    r"(?:工作|工龄|干|做|上班|入职|待|呆|服务|参加工作|满|司龄|总共|一共|累计)(?:了|已经?|满|有|到|是|都|整|大概|大约|约|差不多|快|将近|不到|不满|也|在这里?|:|：)*$"
)
_SERVED_AFTER = re.compile(
    r"(?:多)?(?:整)?的?(?:工龄|司龄|工作经[验历])|(?:多)?了|(?:多)?(?:老员工|老职工)"
)
_TOGETHER = re.compile(r"(?:工龄|累计|总共|一共|加起来).{0,6}$")
_NO_LENGTH = re.compile(r"[以之]?(?:前|内|后)|度|假|级|代|底|初|终|薪|会|休|能|有|可")
_NEAR_YEARS = {"前年": -2, "去年": -1, "今年": 0, "明年": 1, "后年": 2}
_WRITTEN_YEAR = re.compile(rf"(?<!\d)(20\d\d)年|{'|'.join(_NEAR_YEARS)}")
_HALF_HOURS = re.compile(
    rf"(?P<n>{NUMBER})?(?P<half>个?半)?个?(?:小时|钟头|h(?![a-z]))|半个?(?:小时|钟头)",
    re.IGNORECASE,
)
_DAYS = re.compile(
    rf"(?P<n>{NUMBER})(?P<half>个?半)?(?:天(?P<more>半(?!夜))?|日(?!元))|(?P<whole>一整天|整天)"
)
_BARE = re.compile(
    rf"(?:大概|大约|约|差不多|就|是|一共|总共)*(?P<n>{NUMBER})(?:元|块钱?|天|年|小时|左右|多)*[吧了。.!！]*"
)
_MONEY = re.compile(
    rf"(?<![\d.])(?P<n>{NUMERAL})(?![\d.])[多来]?(?:元|块钱?|块|人民币)?(?![年月日天岁个号人倍%点小])"
)
# What stands between a word for wages and its sum: no other sum, no end of a clause.
_NEAR = 8
_CALENDAR = re.compile(r"[\d初号月]|今天|明天|昨天|前天|后天")
_NONE = re.compile(r"[没未无零]|0(?!\.)|还没|一天[都也]?没")
_NOT_ONE = re.compile(r"一天[都也]?没")
YEAR_IS_ENOUGH = frozenset({"worked", "served", "entered"})
MOST_YEARS = 60
"""Nobody works longer; a larger number is a year or a mistake."""


@dataclass(frozen=True, slots=True)
class _Said:
    """Squeezed words, what is to be read from them, when, and whether they answer that."""

    words: str
    wanted: Input
    now: datetime
    asked: bool


def squeezed(text: str) -> str:
    """The words as readers take them: one spelling, no blanks."""
    return re.sub(r"\s+", "", normalise(text))


def read(words: str, wanted: Input, now: datetime, *, asked: bool) -> str | None:
    """The value in squeezed words, or None.

    With `asked` the words answer the question for it and need no cue: a bare number is enough.
    Lengths are ISO 8601 ("P6Y0M0D"), dates ISO text as precise as said, money is fen, hours and
    days are decimal numbers, a choice is its value.
    """
    return _READERS[wanted.reads](_Said(words, wanted, now, asked))


def _choice(said: _Said) -> str | None:
    for option in said.wanted.choices:
        if said.words == squeezed(option.label):
            return option.value
    options = said.wanted.choices
    return next((each.value for each in options if each.words.search(said.words)), None)


def _service(said: _Said) -> str | None:
    """How long somebody worked, or since when."""
    found = _length(said.words, asked=said.asked)
    if found is not None:
        return found.iso
    since = _date(said)
    if since is None and said.asked:
        bare = _bare(said.words)
        if bare is not None and Decimal(bare) < MOST_YEARS:
            return Length(int(Decimal(bare) * 12)).iso
    return since


def _length(words: str, *, asked: bool) -> Length | None:
    """The length that is said to have been worked, that of all units together before others."""
    found = list(_lengths(words, asked=asked))
    return next((each for whole, each in found if whole), found[0][1] if found else None)


def _lengths(words: str, *, asked: bool) -> Iterator[tuple[bool, Length]]:
    for found in _LENGTH.finditer(words):
        if not found[0] or not (found["y"] or found["m"] or found["d"]):
            continue
        before, after = words[: found.start()], words[found.end() :]
        served = _SERVED_BEFORE.search(before) or _SERVED_AFTER.match(after)
        alone = asked and not _NO_LENGTH.match(after)
        length = _length_of(found)
        if length is None or not (served or alone):
            continue
        almost = _ALMOST.search(before)
        if almost and almost[0].rstrip("满有要") in _LESS and length.months:
            length = Length(length.months - 1, length.days or 30)
        yield _TOGETHER.search(before) is not None, length


def _length_of(found: re.Match[str]) -> Length | None:
    """The length that a stretch spells; None for a calendar year or a numeral that is none."""
    years, months, days = (
        Decimal("0.5") if said == "半" else to_number(said or "0")
        for said in (found["y"], found["m"], found["d"])
    )
    if years is None or months is None or days is None or years > MOST_YEARS:
        return None
    half_year = 6 if found["yh"] or found["ym"] else 0
    whole = int(years * 12) + half_year + int(months)
    half_month = found["m"] == "半" or found["mh"] is not None
    return Length(whole, int(days) + (15 if half_month else 0))


def _date(said: _Said) -> str | None:
    """The date that stands beside the cue; asked, the only one, or the first.

    A year alone is enough for nothing but the years of work.
    """
    dates = [
        each
        for each in _dates(said.words, said.wanted, said.now)
        if len(str(each.value)) > len("2026") or said.wanted.key in YEAR_IS_ENOUGH
    ]
    beside = _beside(said.words, dates, said.wanted)
    return str(dates[0].value) if beside is None and dates and said.asked else beside


def _dates(words: str, wanted: Input, now: datetime) -> list[Entity]:
    """The dates in the words, those without a year on the side that is meant."""
    past = find(words, now, {EntityKind.DATE}, prefer="past")
    if wanted.prefer == "past":
        return past
    today = now.astimezone(SHANGHAI).date()
    future = find(words, now, {EntityKind.DATE}, prefer="future")
    return [
        min(pair, key=lambda each: _away(each, today)) for pair in zip(past, future, strict=True)
    ]


def _away(entity: Entity, today: date) -> int:
    return abs((first_and_last(str(entity.value))[0] - today).days)


def _beside(words: str, dates: list[Entity], wanted: Input) -> str | None:
    cue = re.compile(wanted.cue) if wanted.cue else None
    other = re.compile(wanted.not_cue) if wanted.not_cue else None
    for place, entity in enumerate(dates):
        ends = dates[place + 1].start if place + 1 < len(dates) else len(words)
        begins = dates[place - 1].end if place else 0
        after = re.split(r"[，。；,;！!]", words[entity.end : ends])[0][:12]
        before = re.split(r"[，。；,;！!]", words[begins : entity.start])[-1][-8:]
        if after.startswith(("以前", "之前", "以后", "之后")):
            continue
        others = other is not None and (other.search(after) or other.search(before))
        mine = cue is None or cue.match(after.lstrip("的就才"))
        if others and not mine:
            continue
        if cue is None or cue.search(after) or cue.search(before):
            return str(entity.value)
    return None


def _plain_day(said: _Said) -> str | None:
    """One day that is named by the calendar; a festival alone is none."""
    for entity in find(said.words, said.now, {EntityKind.DATE}, prefer="future"):
        day = str(entity.value).partition("T")[0]
        if len(day) == 10 and (said.asked or _CALENDAR.search(entity.text)):
            return day
    return None


def _year(said: _Said) -> str | None:
    """A calendar year, also of a day in it: 2025年中秋, 明年春节."""
    written = _WRITTEN_YEAR.search(said.words)
    if written is not None:
        return written[1] or str(said.now.astimezone(SHANGHAI).year + _NEAR_YEARS[written[0]])
    dates = find(said.words, said.now, {EntityKind.DATE}, prefer="future")
    years = (str(each.value) for each in dates)
    return next((year for year in years if re.fullmatch(r"\d{4}", year)), None)


def _days(said: _Said) -> str | None:
    """Days beside the cue; asked, “没休过” is none."""
    cue = re.compile(said.wanted.cue.replace("{n}", rf"(?:{NUMBER})(?:个?半)?"))
    found = cue.search(said.words)
    if found is not None:
        number = re.search(rf"(?P<n>{NUMBER})(?P<half>个?半)?天", found[0])
        nothing = number is None or (number["n"] == "一" and _NOT_ONE.match(found[0]))
        return "0" if nothing or number is None else _decimal(number)
    if not said.asked:
        return None
    return "0" if _NONE.match(said.words) else _bare(said.words)


def _hours(said: _Said) -> str | None:
    """Hours as a number, days as “3d”."""
    found = _HALF_HOURS.search(said.words)
    if found is not None:
        return "0.5" if not found["n"] else _decimal(found)
    days = _days_said(said.words)
    if days is not None:
        return f"{days}d"
    return _bare(said.words) if said.asked else None


def _days_said(words: str) -> str | None:
    found = _DAYS.search(words)
    if found is None:
        return None
    if found["whole"]:
        return "1"
    number = to_number(found["n"])
    half = Decimal("0.5") if found["half"] or found["more"] else 0
    return None if number is None else f"{number + half:f}"


def _decimal(found: re.Match[str]) -> str | None:
    number = to_number(found["n"])
    if number is None:
        return None
    return f"{number + (Decimal('0.5') if found['half'] else 0):f}"


def _bare(words: str) -> str | None:
    found = _BARE.fullmatch(words)
    number = None if found is None else to_number(found["n"])
    return None if number is None else f"{number:f}"


def _money(said: _Said) -> str | None:
    """Fen a month; a sum a year is divided by twelve."""
    other = re.compile(said.wanted.not_cue) if said.wanted.not_cue else None
    # 工资 says more of a sum than 每月 does.
    cues = sorted(re.finditer(said.wanted.cue, said.words), key=lambda cue: cue[0].endswith("月"))
    for found in cues:
        before = said.words[: found.end()]
        if other is not None and other.search(before[-_NEAR:]):
            continue
        fen = _sum_after(said.words, found.end())
        if fen is not None:
            return str(fen // 12 if found[0] == "年薪" else fen)
    if not said.asked:
        return None
    sums = (_fen(found) for found in _MONEY.finditer(said.words))
    return next((str(each) for each in sums if each is not None), None)


def _sum_after(words: str, start: int) -> int | None:
    """The first sum close behind a word for money."""
    for found in _MONEY.finditer(words, start):
        between = words[start : found.start()]
        if len(between) > _NEAR or re.search(r"[，。；,;]", between):
            return None
        return _fen(found)
    return None


def _fen(found: re.Match[str]) -> int | None:
    number = to_number(found["n"])
    if number is None or not 1 <= number < 10**8:
        return None
    return int(number * 100)


_READERS: dict[str, Callable[[_Said], str | None]] = {
    "choice": _choice,
    "service": _service,
    "date": _date,
    "plain_day": _plain_day,
    "year": _year,
    "days": _days,
    "hours": _hours,
    "money": _money,
}
