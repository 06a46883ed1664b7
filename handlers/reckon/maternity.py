"""Maternity leave of the nation: birth, further children, miscarriage."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from handlers.reckon.outcome import Case, Lacking, Outcome, Result
from handlers.reckon.spans import said_day

if TYPE_CHECKING:
    from handlers.reckon.figures import InForce

PROVINCE = "这是全国的天数。省里另有奖励假，天数我没有核对过正式文件，请向单位人事或工会核实"
CAESAREAN = "剖宫产算不算难产，看医院证明和当地规定，我先按难产算；不算难产的，减掉这一项"
CHILDREN = {"twins": 2, "triplets": 3}


def days_of_birth(law: InForce, *, children: int, difficult: bool) -> int:
    """Days of leave for one birth."""
    further = (children - 1) * law.whole("maternity_further_child")
    return (
        law.whole("maternity") + further + (law.whole("maternity_difficult") if difficult else 0)
    )


def days_of_miscarriage(law: InForce, *, late: bool) -> int:
    """Days of leave after a miscarriage; `late` from four months on."""
    return law.whole("miscarriage_late" if late else "miscarriage_early")


def maternity(case: Case) -> Outcome:
    """Days, and the last one when it is known from when."""
    birth = case.told.get("birth")
    if birth == "miscarriage":
        return _miscarriage(case)
    if birth is None and "babies" not in case.told and case.lacks("birth"):
        return Lacking("birth")
    return _birth(case, birth or "plain")


def _birth(case: Case, birth: str) -> Result:
    law = case.law
    children = int(case.told.get("babies", CHILDREN.get(birth, 1)))
    difficult = birth in {"difficult", "caesarean"}
    days = days_of_birth(law, children=children, difficult=difficult)
    steps = [
        f"生育：{law.whole('maternity')} 天，其中产前可以休 {law.whole('maternity_before')} 天"
    ]
    if difficult:
        steps.append(f"难产：增加 {law.whole('maternity_difficult')} 天")
    if children > 1:
        each = law.whole("maternity_further_child")
        more = children - 1
        steps.append(f"{children} 个宝宝，多 {more} 个：{more} × {each} = {more * each} 天")
    steps.append(f"合计 {days} 天")
    cautions = [PROVINCE]
    if birth == "caesarean":
        cautions.insert(0, CAESAREAN)
    if birth == "plain" and not case.told.get("birth") and children == 1:
        cautions.insert(0, "我按单胎、顺产算的；难产或者多胎会更多")
    steps.extend(_until(case, days))
    return Result(
        f"您有 {days} 天产假。", tuple(steps), tuple(cautions), (law.clauses["maternity"],)
    )


def _miscarriage(case: Case) -> Outcome:
    law, limit = case.law, case.law.whole("miscarriage_limit")
    when = case.told.get("pregnant")
    early, late = days_of_miscarriage(law, late=False), days_of_miscarriage(law, late=True)
    caution = ("保重身体。休假要凭医院的证明",)
    if when is None:
        steps = (f"怀孕没满 {limit} 个月：{early} 天", f"怀孕满 {limit} 个月：{late} 天")
        head = f"流产有产假，{early} 天或者 {late} 天，看怀孕多久。"
        return Result(head, steps, caution, (law.clauses["miscarriage"],))
    days = days_of_miscarriage(law, late=when == "late")
    step = f"怀孕{'满' if when == 'late' else '没满'} {limit} 个月流产 → {days} 天"
    return Result(
        f"您有 {days} 天产假。",
        (step, *_until(case, days)),
        caution,
        (law.clauses["miscarriage"],),
    )


def _until(case: Case, days: int) -> tuple[str, ...]:
    start = case.day("born")
    if start is None or not case.is_exact("born"):
        return ()
    end = start + timedelta(days=days - 1)
    return (f"从{said_day(start)}开始休的话，休到{said_day(end)}（当天算第 1 天，周末也算在内）",)
