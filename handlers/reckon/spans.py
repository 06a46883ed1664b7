"""Lengths of service and last days of a term, by the calendar."""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta

_ISO = re.compile(r"P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)D)?")


@dataclass(frozen=True, slots=True, order=True)
class Length:
    """Full months and the days beyond them."""

    months: int
    days: int = 0

    @property
    def years(self) -> int:
        """Full years."""
        return self.months // 12

    @property
    def words(self) -> str:
        """9 年 11 个月 30 天, without what is zero."""
        years, months = divmod(self.months, 12)
        counted = ((years, "年"), (months, "个月"), (self.days, "天"))
        return " ".join(f"{count} {unit}" for count, unit in counted if count) or "0 天"

    @property
    def iso(self) -> str:
        """ISO 8601: P9Y11M30D."""
        years, months = divmod(self.months, 12)
        return f"P{years}Y{months}M{self.days}D"

    @classmethod
    def from_iso(cls, text: str) -> Length:
        """The length of `iso`; ValueError for another text."""
        found = _ISO.fullmatch(text)
        if found is None:
            raise ValueError(f"{text} is no length of time")
        years, months, days = (int(part or 0) for part in found.groups())
        return cls(years * 12 + months, days)


def months_after(day: date, months: int) -> date:
    """The same day so many months later, or the last of that month where it has no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def between(start: date, end: date) -> Length:
    """How long from one day to another; a year is full on the day of the same date.

    Nothing where the end lies before the start.
    """
    if end < start:
        return Length(0)
    months = (end.year - start.year) * 12 + end.month - start.month
    if months_after(start, months) > end:
        months -= 1
    return Length(months, (end - months_after(start, months)).days)


def last_day(start: date, *, months: int = 0, days: int = 0) -> date:
    """The last day of a term; the day it begins with does not count."""
    return months_after(start, months) + timedelta(days=days)


def first_and_last(said: str) -> tuple[date, date]:
    """The days that a year, a month, a day or an interval of them may be, as ISO text says it."""
    start, _, end = said.partition("/")
    return _edges(start)[0], _edges(end or start)[1]


def _edges(said: str) -> tuple[date, date]:
    parts = [int(part) for part in said.partition("T")[0].split("-")]
    year = parts[0]
    if len(parts) == 1:
        return date(year, 1, 1), date(year, 12, 31)
    month = parts[1]
    if len(parts) == 2:
        return date(year, month, 1), date(year, month, monthrange(year, month)[1])
    return date(year, month, parts[2]), date(year, month, parts[2])


def said_day(day: date) -> str:
    """2026 年 8 月 22 日."""
    return f"{day.year} 年 {day.month} 月 {day.day} 日"
