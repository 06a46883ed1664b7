"""Public holidays: the thirteen days of a year, and what a day is."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from handlers.reckon.outcome import Case, Lacking, Outcome, Result
from handlers.reckon.spans import said_day
from nlp import almanac

if TYPE_CHECKING:
    from collections.abc import Mapping

    from handlers.reckon.figures import InForce

SHIFTED = "周末会因为国务院每年的调休安排变成上班日，调休安排我没有收录，请看当年的放假通知"
WEEKDAYS = "一二三四五六日"
SATURDAY = 5


def holidays_of(year: int, law: InForce) -> Mapping[date, str]:
    """Every public holiday of a solar year with its name."""
    return {
        almanac.festival(year, each.day) + timedelta(days=after): each.name
        for each in law.holidays
        for after in range(each.days)
    }


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
        says = next(each.says for each in law.holidays if each.name == name)
        named = clauses["holidays"].model_copy(update={"says": says})
        return Result(head, steps, (), (named, clauses["holiday_work"]))
    if day.weekday() >= SATURDAY:
        rate = law.whole("overtime_rest_day")
        head = f"{on}不是法定节假日，是休息日：上班又不能补休的，付不低于工资的 {rate}%。"
        return Result(head, (), (SHIFTED,), (clauses["holidays"], clauses["rest_day_work"]))
    rate = law.whole("overtime_workday")
    head = f"{on}不是法定节假日，是工作日：正常上班发正常工资，下班后加班的部分不低于 {rate}%。"
    return Result(head, (), (SHIFTED,), (clauses["holidays"], clauses["overtime"]))


def holidays_of_year(case: Case) -> Outcome:
    """The days of a year, by name."""
    if "year" not in case.told:
        return Lacking("year")
    year = int(case.told["year"])
    days = holidays_of(year, case.law)
    steps = tuple(
        f"{each.name}："
        + "、".join(f"{day.month} 月 {day.day} 日" for day in days if days[day] == each.name)
        for each in case.law.holidays
    )
    caution = "这是法定的日子；连休几天、哪个周末上班，要看国务院当年的放假通知"
    head = f"{year} 年全体公民放假的法定节假日一共 {len(days)} 天。"
    return Result(head, steps, (caution,), (case.law.clauses["holidays"],))
