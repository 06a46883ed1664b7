"""Last days: to report a work injury, of paid recovery, to go to arbitration."""

from __future__ import annotations

from typing import TYPE_CHECKING

from handlers.reckon.outcome import Case, Lacking, Outcome, Result
from handlers.reckon.spans import last_day, said_day

if TYPE_CHECKING:
    from datetime import date

EARLY = "期限从第二天算起，请别拖到最后一天"
INTERRUPTED = "期间向单位讨要过、投诉过，或者单位答应过，期限从那天起重新算，记得留好证据"


def injury_report(case: Case) -> Outcome:
    """Until when the employer has to, and the worker or the union may, ask for recognition."""
    hurt = case.day("hurt")
    if hurt is None:
        return Lacking("hurt")
    law = case.law
    days, years = law.whole("injury_employer"), law.whole("injury_worker")
    employer, worker = last_day(hurt, days=days), last_day(hurt, months=years * 12)
    steps = (
        f"单位：从{said_day(hurt)}起 {days} 日内 → {_until(employer, case.today)}",
        f"单位没报的，本人、近亲属或者工会：{years} 年内 → {_until(worker, case.today)}",
    )
    over = case.today > worker
    head = (
        f"从{said_day(hurt)}算，一年的期限到{said_day(worker)}，已经过了。"
        if over
        else f"自己申请工伤认定，最晚到{said_day(worker)}。"
    )
    cautions = ["职业病从诊断、鉴定那天算起", EARLY, *_first_of_month(case, "hurt")]
    if over:
        cautions.insert(
            0, "期限里有特殊原因的，请尽快找工会或者社会保险行政部门问清楚，不要自己放弃"
        )
    return Result(head, steps, tuple(cautions), (law.clauses["injury_report"],))


def injury_leave(case: Case) -> Outcome:
    """How long the wage goes on while a work injury is treated."""
    hurt = case.day("hurt")
    if hurt is None:
        return Lacking("hurt")
    law = case.law
    months, more = law.whole("injury_leave"), law.whole("injury_leave_more")
    usual, longest = last_day(hurt, months=months), last_day(hurt, months=months + more)
    steps = (
        f"从{said_day(hurt)}起，一般不超过 {months} 个月 → {said_day(usual)}",
        (
            f"伤情严重的，经设区的市级劳动能力鉴定委员会确认，可以延长，不超过 {more} 个月 → "
            f"{said_day(longest)}"
        ),
    )
    cautions = (
        "具体多长，看伤情和医疗机构的证明；评定伤残等级以后就停发",
        *_first_of_month(case, "hurt"),
    )
    head = f"停工留薪期一般最长到{said_day(usual)}。"
    return Result(head, steps, cautions, (law.clauses["injury_leave"],))


def arbitration(case: Case) -> Outcome:
    """The last day to ask for arbitration; unpaid wages wait for the end of the employment."""
    matter = case.told.get("matter", "")
    if not matter and case.lacks("matter"):
        return Lacking("matter")
    if matter == "wages_employed":
        return _while_employed(case)
    key = "left" if matter == "wages_left" or "left" in case.told else "happened"
    start = case.day(key) or case.day("happened") or case.day("left")
    if start is None:
        return Lacking(key)
    law, of_wages = case.law, matter == "wages_left"
    years = law.whole("arbitration_wages" if of_wages else "arbitration")
    until = last_day(start, months=years * 12)
    since = "劳动关系结束" if of_wages else "知道权利受侵害"
    steps = (
        f"{since}：{said_day(start)}",
        f"加 {years} 年 → {_until(until, case.today)}",
    )
    over = case.today > until
    head = (
        f"按您说的日子，{years} 年期限到{said_day(until)}，已经过了。"
        if over
        else f"来得及，最晚到{said_day(until)}申请仲裁。"
    )
    cautions = [INTERRUPTED, EARLY, *_first_of_month(case, key), *_civil(case)]
    return Result(
        head,
        steps,
        tuple(cautions),
        (law.clauses["arbitration_wages" if of_wages else "arbitration"],),
    )


def _while_employed(case: Case) -> Result:
    years = case.law.whole("arbitration_wages")
    return Result(
        "人还在职，欠的工资什么时候申请仲裁都来得及，不受一年限制。",
        (f"离职以后，要在离职那天起 {years} 年内提出",),
        ("工资条、打卡记录、聊天记录请现在就留好", *_civil(case)),
        (case.law.clauses["arbitration_wages"],),
    )


def _until(last: date, today: date) -> str:
    """The last day, and how far away it is."""
    days = (last - today).days
    away = f"已经过了 {-days} 天" if days < 0 else f"还有 {days} 天"
    return f"{said_day(last)}，{away if days else '就是今天'}"


def _first_of_month(case: Case, key: str) -> tuple[str, ...]:
    if key in case.told and not case.is_exact(key):
        return ("您没说到哪一天，我按最早的那天算，实际可能晚一些",)
    return ()


def _civil(case: Case) -> tuple[str, ...]:
    if case.kind != "机关":
        return ()
    return ("公务员的人事争议走复核、申诉，不走劳动仲裁；签劳动合同的才按这个算",)
