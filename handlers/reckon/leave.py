"""Paid annual leave: days of a year, of a part of one, and the wage for days not taken."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from handlers.reckon.outcome import Case, Lacking, Outcome, Result, plain, yuan
from handlers.reckon.spans import months_after, said_day

if TYPE_CHECKING:
    from handlers.reckon.figures import InForce
    from handlers.reckon.spans import Length

UNDER_COMPANY_RULES = frozenset({"企业"})
NOT_ENTITLED = (
    "当年病假、带薪事假超过规定天数，或者寒暑假比年休假长的，当年可能不再享受（同一条例第四条）"
)
TOGETHER = "换过单位的，各单位的工作年限要加在一起算"
NO_SUM = (
    "您单位是{kind}，在编人员的日工资怎么折，人事部门另有规定，那份文件没有收进条文库，"
    "所以我不报金额，请向单位人事核实；签劳动合同的，按企业的算法"
)
OTHER_RULES = (
    "您单位是{kind}。在编人员的折算和日工资，人事部门另有规定，那份文件没有收进条文库；"
    "下面是企业的算法，供参考，请向单位人事核实"
)


def days_of(served: Length, law: InForce) -> int:
    """Days of leave a year for what somebody has worked altogether."""
    if served.years < law.whole("leave_after"):
        return 0
    if served.years < law.whole("leave_middle_after"):
        return law.whole("leave_short")
    if served.years < law.whole("leave_long_after"):
        return law.whole("leave_middle")
    return law.whole("leave_long")


def part_of(days_present: int, days_a_year: int, law: InForce) -> int:
    """Whole days of leave for so many calendar days of a year; what is no full day is dropped."""
    part = days_present * days_a_year // law.whole("leave_year")
    return min(part, days_a_year)


def annual_leave(case: Case) -> Outcome:
    """Days a year."""
    served = _served(case, case.today)
    if isinstance(served, Lacking):
        return served
    least, most = served
    days = days_of(most, case.law)
    steps = [
        f"您累计工作 {_worked(served)} → {_bracket(most, case.law)} → 每年 {days} 天",
        "休息日和法定节假日不占年休假",
    ]
    cautions = [TOGETHER, NOT_ENTITLED]
    if days_of(least, case.law) != days:
        cautions.insert(0, "您没说到哪一天，我按那个月的 1 日算的")
    step = _next_step(case)
    if step:
        cautions.insert(0, step)
    head = f"您一年有 {days} 天年休假。" if days else "您工作还没满 1 年，暂时没有年休假。"
    if not days:
        steps = [f"您累计工作 {_worked(served)}，没有满 {case.law.whole('leave_after')} 年"]
    clause = case.law.clauses["leave_days" if days else "leave_who"]
    return Result(head, tuple(steps), tuple(cautions), (clause,))


def new_starter(case: Case) -> Outcome:
    """Days of the year in which somebody came to a new unit."""
    began = case.day("joined")
    if case.lacks("kind") and not case.roster:
        return Lacking("kind")
    if began is None:
        return Lacking("joined")
    served = _served(case, began)
    if isinstance(served, Lacking):
        return served
    days = days_of(served[1], case.law)
    remaining = (date(began.year, 12, 31) - began).days + 1
    part = part_of(remaining, days, case.law)
    steps = (
        f"到新单位时累计工作 {_worked(served)}，全年应有 {days} 天",
        f"{said_day(began)}到 12 月 31 日，在新单位还有 {remaining} 天",
        _fraction(remaining, days, part, case),
    )
    cautions = [*_kind_caution(case), "换单位前后要连续工作满 12 个月，才享受这一年的年休假"]
    if not case.is_exact("joined"):
        cautions.append(f"您没说到哪一天，我按 {said_day(began)}算的")
    return Result(
        f"{began.year} 年您在新单位有 {part} 天年休假。",
        steps,
        tuple(cautions),
        (case.law.clauses["leave_new_starter"], case.law.clauses["leave_days"]),
    )


def leave_on_leaving(case: Case) -> Outcome:
    """Days of the year of leaving that are still owed."""
    ended = case.day("left")
    if ended is None and case.lacks("left"):
        return Lacking("left")
    ended = ended or case.today
    served = _served(case, ended)
    if isinstance(served, Lacking):
        return served
    if case.lacks("taken"):
        return Lacking("taken")
    joined = case.day("joined")
    began = max(date(ended.year, 1, 1), joined or date.min)
    passed, days = (ended - began).days + 1, days_of(served[1], case.law)
    part, taken = part_of(passed, days, case.law), Decimal(case.told.get("taken", "0"))
    owed = max(int(part - taken), 0)
    steps = (
        f"累计工作 {_worked(served)}，全年应有 {days} 天",
        f"{said_day(began)}到{said_day(ended)}，一共 {passed} 天",
        _fraction(passed, days, part, case),
        f"减去已经休的 {plain(taken)} 天，还剩 {owed} 天",
    )
    cautions = [*_kind_caution(case), "多休的，单位不能再扣回去"]
    if "left" not in case.told:
        cautions.append("您没说哪天离职，我按今天算的")
    head = (
        f"离职时还有 {owed} 天年休假没休，单位要折成工资付给您（包括正常工资在内按日工资的 "
        f"{case.law.whole('leave_unused_rate')}%）。"
        if owed
        else "按规定折算，离职时没有要补工资的年休假了。"
    )
    clauses = (case.law.clauses["leave_on_leaving"], case.law.clauses["leave_days"])
    return Result(head, steps, tuple(cautions), clauses)


def leave_pay(case: Case) -> Outcome:
    """The wage for days of leave not taken, beside the ordinary wage already paid."""
    if case.lacks("kind") and not case.roster:
        return Lacking("kind")
    rate = case.law.whole("leave_unused_rate")
    if case.kind and case.kind not in UNDER_COMPANY_RULES:
        return _pay_elsewhere(case, rate)
    missing = next((key for key in ("unused", "wage") if case.lacks(key)), None)
    if missing:
        return Lacking(missing)
    wage = case.fen("wage")
    unused = case.told.get("unused")
    if wage is None or unused is None:
        return _rate_alone(case, rate)
    per_month = case.law.value("leave_paid_days")
    daily = Decimal(wage) / per_month
    whole, further = (
        daily * Decimal(unused) * rate / 100,
        daily * Decimal(unused) * (rate - 100) / 100,
    )
    steps = (
        f"日工资：{yuan(wage)} ÷ {plain(per_month)} 天 = {yuan(daily)}",
        f"{plain(Decimal(unused))} 天 × {yuan(daily)} × {rate}% = {yuan(whole)}",
        f"其中 100% 是平时已经发的正常工资，还要另外补 {rate - 100}%，也就是 {yuan(further)}",
    )
    cautions = [
        "月工资要用前 12 个月去掉加班费以后的平均数，我直接用了您说的数",
        "如果单位安排了、您自己书面提出不休，单位可以只发正常工资",
    ]
    clauses = case.law.clauses
    head = f"这 {plain(Decimal(unused))} 天，除了正常工资，单位还应当另外补您 {yuan(further)}。"
    if not case.kind:
        cautions.append("以上是企业的算法；机关、事业单位在编人员请向人事核实")
    return Result(
        head,
        steps,
        tuple(cautions),
        (clauses["leave_unused"], clauses["leave_unused_company"], clauses["leave_daily_wage"]),
    )


def _pay_elsewhere(case: Case, rate: int) -> Result:
    unused = case.told.get("unused")
    told = f"您说的 {plain(Decimal(unused))} 天" if unused else "没休的天数"
    return Result(
        f"没安排休的年休假，单位要按日工资收入的 {rate}% 付给您。",
        (f"{told} × 日工资收入 × {rate}%（里面已经包括照常发的工资）",),
        (NO_SUM.format(kind=case.kind),),
        (case.law.clauses["leave_unused"],),
    )


def _rate_alone(case: Case, rate: int) -> Result:
    return Result(
        f"没安排休的年休假，单位要按日工资收入的 {rate}% 付给您。",
        (
            f"日工资 = 月工资 ÷ {plain(case.law.value('leave_paid_days'))} 天",
            f"没休的天数 × 日工资 × {rate}%，里面已经包括照常发的工资",
        ),
        ("天数或者工资不清楚，我就不报金额了",),
        (case.law.clauses["leave_unused"], case.law.clauses["leave_daily_wage"]),
    )


def _served(case: Case, until: date) -> tuple[Length, Length] | Lacking:
    """What was worked until a day; asks for the month where a year alone does not decide."""
    served = case.service("worked", until)
    if served is None:
        return Lacking("worked")
    least, most = served
    vague = "entered" not in case.told and len(case.told["worked"]) == 4
    if vague and days_of(least, case.law) != days_of(most, case.law) and case.lacks("entered"):
        return Lacking("entered")
    return served


def _worked(served: tuple[Length, Length]) -> str:
    """The time worked, no more exactly than it was told."""
    least, most = served
    if least == most:
        return most.words
    return (
        f"{most.years} 年多" if least.years == most.years else f"{least.years} 到 {most.years} 年"
    )


def _bracket(served: Length, law: InForce) -> str:
    first, middle, long = (
        law.whole(key) for key in ("leave_after", "leave_middle_after", "leave_long_after")
    )
    if served.years < middle:
        return f"满 {first} 年不满 {middle} 年"
    return f"满 {middle} 年不满 {long} 年" if served.years < long else f"满 {long} 年"


def _next_step(case: Case) -> str:
    """Somebody who comes into the next bracket within this year is told so."""
    said = case.said_service("worked")
    if len(said) != 10 or said.startswith("P"):
        return ""
    start = date.fromisoformat(said)
    for key in ("leave_middle_after", "leave_long_after"):
        full = months_after(start, case.law.whole(key) * 12)
        if full > case.today and full.year == case.today.year:
            years = case.law.whole(key)
            return f"到{said_day(full)}您就满 {years} 年，天数会增加，当年怎么衔接请问单位人事"
    return ""


def _fraction(present: int, days: int, part: int, case: Case) -> str:
    year = case.law.whole("leave_year")
    exact = plain((Decimal(present) * days / year).quantize(Decimal("0.01")))
    return f"{present} ÷ {year} × {days} = {exact}，不足 1 整天的不算，得 {part} 天"


def _kind_caution(case: Case) -> list[str]:
    kind = case.kind
    return [] if kind in {"", *UNDER_COMPANY_RULES} else [OTHER_RULES.format(kind=kind)]
