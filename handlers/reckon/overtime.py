"""Pay for work beyond hours, on days of rest and on public holidays."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from handlers.reckon.holidays import holidays_of, is_rest_day
from handlers.reckon.outcome import Case, Lacking, Outcome, Result, plain, yuan

if TYPE_CHECKING:
    from handlers.reckon.figures import InForce

WHEN = {
    "workday": ("overtime_workday", "overtime", "平时延长工作时间"),
    "rest_day": ("overtime_rest_day", "rest_day_work", "休息日加班"),
    "holiday": ("overtime_holiday", "holiday_work", "法定节假日加班"),
}
ESTIMATE = (
    "每月 {days} 天的折算办法出自人社部门的通知，原文没有收进条文库，"
    "2025 年增加节假日后有没有调整我也没有核对，所以金额只是估算"
)
REST = "休息日加班，单位可以先安排补休，补休了就不再付这笔钱"
BASE = "加班费的基数，合同或者单位制度有约定的要看约定"


def hourly(wage: int, law: InForce) -> Decimal:
    """Fen an hour, from fen a month."""
    return Decimal(wage) / law.value("overtime_paid_days") / law.value("working_hours")


def overtime_pay(wage: int, hours: Decimal, when: str, law: InForce) -> Decimal:
    """Fen for so many hours; `when` is workday, rest_day or holiday."""
    return hourly(wage, law) * hours * law.value(WHEN[when][0]) / 100


def overtime(case: Case) -> Outcome:
    """The sum, with hours and wage; civil servants have time off instead."""
    if case.kind == "机关":
        return _civil_servant(case)
    when = case.told.get("when") or _when(case)
    if not when and case.lacks("when"):
        return Lacking("when")
    for key in ("hours", "wage"):
        if case.lacks(key):
            return Lacking(key)
    hours, wage = case.told.get("hours"), case.told.get("wage")
    if not when or hours is None or wage is None:
        return _rates(case)
    return _sum(case, when, hours, int(wage))


def _when(case: Case) -> str:
    """What sort of day the one named is, by the calendar; "" when none is named."""
    day = case.day("day")
    if day is None:
        return ""
    if day in holidays_of(day.year, case.law):
        return "holiday"
    return "rest_day" if is_rest_day(day) else "workday"


def _sum(case: Case, when: str, hours: str, wage: int) -> Result:
    law = case.law
    figure, clause, name = WHEN[when]
    rate, a_day = law.whole(figure), law.value("working_hours")
    worked = Decimal(hours.removesuffix("d")) * (a_day if hours.endswith("d") else 1)
    days = law.value("overtime_paid_days")
    an_hour, total = yuan(hourly(wage, law)), overtime_pay(wage, worked, when, law)
    steps = (
        f"每小时工资：{yuan(wage)} ÷ {plain(days)} 天 ÷ {plain(a_day)} 小时 = {an_hour}",
        f"{name}，不低于 {rate}%",
        f"{an_hour} × {plain(worked)} 小时 × {rate}% = {yuan(total)}",
    )
    cautions = [ESTIMATE.format(days=plain(days)), BASE]
    if hours.endswith("d"):
        cautions.insert(0, f"一天按 {plain(a_day)} 小时算")
    if when == "rest_day":
        cautions.insert(0, REST)
    if when == "holiday":
        cautions.insert(0, "法定节假日加班不能用补休来抵")
    if case.kind in {"事业", "社团"}:
        cautions.insert(0, "在编人员加班怎么补，另有规定，请向单位人事核实；签劳动合同的按这个算")
    head = f"按您说的情况，加班费大约 {yuan(total)}（估算）。"
    return Result(head, steps, tuple(cautions), (law.clauses[clause],))


def _rates(case: Case) -> Result:
    law = case.law
    steps = tuple(f"{name}：不低于 {law.whole(figure)}%" for figure, _, name in WHEN.values())
    return Result(
        "加班费要看是哪种日子、加了多久、工资多少。",
        steps,
        ("有一样不清楚，我就不报金额了", REST),
        (law.clauses["overtime"],),
    )


def _civil_servant(case: Case) -> Result:
    return Result(
        "公务员加班是给补休，不按劳动法的倍数算加班费；不能补休的，按国家规定给补助。",
        (),
        ("在机关签劳动合同的人员按劳动法算，请向单位人事核实",),
        (case.law.clauses["civil_overtime"],),
    )
