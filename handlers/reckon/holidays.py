"""Public holidays: the thirteen days of a year, the days off around them, and what a day is."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from handlers.reckon.outcome import Case, Lacking, Outcome, Result
from handlers.reckon.spans import said_day
from nlp import almanac

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from handlers.reckon.figures import Clause, InForce

NOT_ANNOUNCED = "{year} 年的调休安排我没有收录，周末可能因此变成上班日，请看当年的放假通知"
NOTICE = "放假和调休照国务院办公厅 {year} 年的放假通知；单位另有安排的，以单位通知为准"
WEEKDAYS = "一二三四五六日"
SATURDAY = 5


def holidays_of(year: int, law: InForce) -> Mapping[date, str]:
    """Every public holiday of a solar year with its name."""
    return {
        almanac.festival(year, each.day) + timedelta(days=after): each.name
        for each in law.holidays
        for after in range(each.days)
    }


def is_rest_day(day: date) -> bool:
    """Whether nobody has to work, by the week and by what is arranged around holidays."""
    arranged = almanac.arrangement(day.year).get(day)
    return day.weekday() >= SATURDAY if arranged is None else not arranged.works


def holiday(case: Case) -> Outcome:
    """Whether a day is a public holiday, and the rate for work on it."""
    day = case.day("day")
    if day is None:
        return Lacking("day")
    law, clauses = case.law, case.law.clauses
    name = holidays_of(day.year, law).get(day)
    on = f"{said_day(day)}（星期{WEEKDAYS[day.weekday()]}）"
    if name is not None:
        rate = law.whole("overtime_holiday")
        head = f"{on}是法定节假日，上班要付不低于工资 {rate}% 的报酬，不能用补休来抵。"
        steps = (f"{on} → {name}的法定放假日",)
        return Result(head, steps, (), (_clause(name, law), clauses["holiday_work"]))
    cautions = (_notice(day.year),)
    if is_rest_day(day):
        rate = law.whole("overtime_rest_day")
        head = f"{on}不是法定节假日，是休息日：上班又不能补休的，付不低于工资的 {rate}%。"
        return Result(
            head, _why(day, on), cautions, (clauses["holidays"], clauses["rest_day_work"])
        )
    rate = law.whole("overtime_workday")
    head = f"{on}不是法定节假日，是工作日：正常上班发正常工资，下班后加班的部分不低于 {rate}%。"
    return Result(head, _why(day, on), cautions, (clauses["holidays"], clauses["overtime"]))


def holidays_of_year(case: Case) -> Outcome:
    """The days of a year, by name, with what is arranged around them."""
    if "year" not in case.told:
        return Lacking("year")
    year = int(case.told["year"])
    days = holidays_of(year, case.law)
    steps = tuple(
        "；".join(filter(None, (_legal(each.name, days), _arranged(each.name, year))))
        for each in case.law.holidays
    )
    head = f"{year} 年全体公民放假的法定节假日一共 {len(days)} 天。"
    return Result(head, steps, (_notice(year),), (case.law.clauses["holidays"],))


def days_off(case: Case) -> Outcome:
    """From when to when one festival is off, and which weekend days are worked instead.

    Of the year that is told, else of the next time it comes.
    """
    festival = case.told.get("festival")
    if festival is None:
        return Lacking("festival")
    year = int(case.told["year"]) if "year" in case.told else _next_year(festival, case)
    days = holidays_of(year, case.law)
    named, legal = (_clause(festival, case.law),), _legal(festival, days)
    arranged = _arranged(festival, year)
    if not arranged:
        count = sum(name == festival for name in days.values())
        head = f"{year} 年{festival}法定放假 {count} 天。"
        return Result(head, (legal,), (_notice(year),), named)
    head = f"{year} 年{festival}{arranged}。"
    return Result(head, (f"其中法定节假日 → {legal}",), (_notice(year),), named)


def _clause(festival: str, law: InForce) -> Clause:
    """The article on holidays with what it says of this one."""
    says = next(each.says for each in law.holidays if each.name == festival)
    return law.clauses["holidays"].model_copy(update={"says": says})


def _next_year(festival: str, case: Case) -> int:
    """This year while its last day is still to come, else the next."""
    year = case.today.year
    last = max(day for day, name in holidays_of(year, case.law).items() if name == festival)
    return year if last >= case.today else year + 1


def _why(day: date, on: str) -> tuple[str, ...]:
    """What is arranged for a day, where something is."""
    arranged = almanac.arrangement(day.year).get(day)
    if arranged is None:
        return ()
    return (f"{on} → {arranged.name}{'调休，这天要上班' if arranged.works else '放假安排里的假'}",)


def _notice(year: int) -> str:
    return (NOTICE if almanac.arrangement(year) else NOT_ANNOUNCED).format(year=year)


def _legal(name: str, days: Mapping[date, str]) -> str:
    return f"{name}：" + "、".join(_short(day) for day in days if days[day] == name)


def _arranged(festival: str, year: int) -> str:
    """Days off around a festival and those worked instead; "" for a year not announced."""
    days = {
        day: each.works
        for day, each in almanac.arrangement(year).items()
        if festival.removesuffix("节") in each.name
    }
    if not days:
        return ""
    off = [day for day, works in days.items() if not works]
    worked = [f"{_short(day)}（星期{WEEKDAYS[day.weekday()]}）" for day in days if days[day]]
    instead = f"{'、'.join(worked)}上班" if worked else "没有调休"
    return f"放假 {len(off)} 天，{'、'.join(_spans(off))}，{instead}"


def _spans(days: Sequence[date]) -> Iterator[str]:
    """Days in a row as “2 月 15 日到 2 月 23 日”."""
    first = last = days[0]
    for day in (*days[1:], None):
        if day is not None and day - last == timedelta(days=1):
            last = day
            continue
        yield _short(first) if first == last else f"{_short(first)}到 {_short(last)}"
        if day is not None:
            first = last = day


def _short(day: date) -> str:
    return f"{day.month} 月 {day.day} 日"
